/**
 * The scenario scripts with one word changed: `qemu` for `embedded`. They print the same.
 */
import { assertEquals } from "@std/assert";
import { lacks } from "./peers.ts";

const FOLDER = new URL("../scenarios/", import.meta.url);

/** What cannot run on QEMU, and why. */
const EMBEDDED_ONLY: Readonly<Record<string, string>> = {
  own_device: "its device is an object of the program",
  two_machines: "its hub is an object that two machines of one program share",
};

/** The scenario for QEMU, readable from anywhere. */
async function translated(name: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(`${name}.ts`, FOLDER));
  return source.replaceAll(/\bembedded\b/g, "qemu")
    .replaceAll("import.meta.url", JSON.stringify(new URL(`${name}.ts`, FOLDER).href))
    .replaceAll(/from "\.\.\//g, `from "${new URL("../", FOLDER).href}`);
}

async function run(source: string): Promise<string> {
  const config = new URL("../deno.json", FOLDER).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--config", config, "--ext=ts", "-"],
    cwd: new URL("../", FOLDER),
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, new TextDecoder().decode(stderr) + text);
  return text;
}

/** Time stamps differ: on QEMU no virtual time passes while a device works. */
function masked(text: string): string {
  return text.replaceAll(/\[ *\d+\.\d{6}\]/g, "[TIME]");
}

const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -".ts".length)).sort();

for (const name of names.filter((name) => !Object.hasOwn(EMBEDDED_ONLY, name))) {
  Deno.test({
    name: `scenario ${name} prints the same on qemu`,
    ignore: lacks("qemu-system-aarch64"),
    async fn() {
      const expected = await Deno.readTextFile(new URL(`expected/${name}.txt`, FOLDER));
      assertEquals(masked(await run(await translated(name))).split("\n"), expected.split("\n"));
    },
  });
}
