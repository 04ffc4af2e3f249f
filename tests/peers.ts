/**
 * Other people's programs that tests compare with: QEMU, dtc, tshark.
 *
 * @module
 */

/**
 * Whether a test that needs the program `name` is to be left out: `ignore: lacks("dtc")`. With
 * `REQUIRE_PEERS` in the environment no test is left out; those that miss their program fail.
 */
export function lacks(name: string): boolean {
  if (Deno.env.get("REQUIRE_PEERS") !== undefined) return false;
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return !folders.some((folder) => isFile(`${folder || "."}/${name}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
