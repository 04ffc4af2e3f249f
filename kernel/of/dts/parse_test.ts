import { assert, assertEquals } from "@std/assert";
import { lacks } from "../../../tests/peers.ts";
import { flattenDeviceTree } from "../fdt_write.ts";
import { DtsError } from "./diagnostic.ts";
import { parseDts } from "./parse.ts";

const CORPUS = new URL("../testdata/dts/", import.meta.url);

/** What dtc makes of a file of the corpus: the blob, or `undefined` for an error. */
function dtc(name: string): Uint8Array | undefined {
  const args = ["-qq", "-I", "dts", "-O", "dtb", name];
  const { success, stdout } = new Deno.Command("dtc", { args, cwd: CORPUS }).outputSync();
  return success ? stdout : undefined;
}

/** The same from the parser and the writer. */
function ours(name: string): Uint8Array | DtsError {
  const read = (path: string) => {
    return Deno.readFileSync(new URL(path, CORPUS));
  };
  try {
    return flattenDeviceTree(parseDts(read(name), { file: name, read }));
  } catch (error) {
    if (error instanceof DtsError) return error;
    throw error;
  }
}

for (const { name } of [...Deno.readDirSync(CORPUS)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (!name.endsWith(".dts")) continue;
  Deno.test({
    name: `parseDts() agrees with dtc on ${name}`,
    ignore: lacks("dtc"),
    fn() {
      const expected = dtc(name);
      const actual = ours(name);
      if (expected === undefined) {
        assert(actual instanceof DtsError, "dtc refuses this");
      } else {
        if (actual instanceof DtsError) throw actual;
        assertEquals(actual, expected);
      }
    },
  });
}
