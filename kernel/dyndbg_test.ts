/**
 * Debug messages stand in the list of the reference kernel; what switches them is compared with its recordings
 * `debug-switches` and `debug-places`.
 */
import { assert, assertEquals } from "@std/assert";
import { debugSites } from "./dyndbg_sites.ts";

const CALL = /dyndbg\?\.(?:print|dev)\(\s*(\w+|"[^"]+"),\s*"(\w+)"/g;

/** `FILE FUNCTION` of each message that a source file prints. */
function messagesOf(source: string): string[] {
  return [...source.matchAll(CALL)].map(([, file, func]) => {
    const named = new RegExp(`^const ${file} = "([^"]+)"`, "m").exec(source)?.[1];
    return `${named ?? file.replaceAll('"', "")} ${func}`;
  });
}

Deno.test("lib/dynamic_debug.c: each message is one of Linux's", async () => {
  const known = new Set(debugSites().map(({ file, func }) => `${file} ${func}`));
  const printed: string[] = [];
  for (const folder of [new URL("./", import.meta.url), new URL("./base/", import.meta.url)]) {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
      printed.push(...messagesOf(await Deno.readTextFile(new URL(name, folder))));
    }
  }
  assert(printed.length > 20, `${printed.length} messages`);
  assertEquals(printed.filter((message) => !known.has(message)), []);
});
