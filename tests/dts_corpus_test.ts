import { assert, assertEquals } from "@std/assert";
import { DtsError } from "../kernel/of/dts/diagnostic.ts";
import { parseDts } from "../kernel/of/dts/parse.ts";
import { flattenDeviceTree } from "../kernel/of/fdt_write.ts";
import { corpusRuns, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

/** The blob of a file, or what is wrong with it. */
function compile(folder: string, file: string): Uint8Array | DtsError {
  const read = (path: string) => Deno.readFileSync(`${folder}${path}`);
  try {
    return flattenDeviceTree(parseDts(read(file), { file, read }));
  } catch (error) {
    if (error instanceof DtsError) return error;
    throw error;
  }
}

/** What the compiler does not do yet: overlays, some checks, what follows from a deleted root. */
const PENDING = /^overlay\/|plugin|root|marker_nul|name_deleted|node_(hash|question|star)|long_reg/;

/** Runs without options, as long as there is no command that takes any. */
const RUNS = corpusRuns().filter(({ name, stages }) =>
  stages.length === 1 && stages[0].length === 1 && !PENDING.test(name)
);
let peer: ReturnType<typeof peerOutcomes> | undefined = undefined;

RUNS.forEach(({ name, folder, stages }, index) => {
  Deno.test({
    name: `parseDts() agrees with dtc on ${name}`,
    ignore: lacks("dtc"),
    async fn() {
      const [{ code, output }] = (await (peer ??= peerOutcomes(RUNS)))[index];
      const actual = compile(folder, stages[0][0]);
      if (code !== 0) assert(actual instanceof DtsError, "dtc refuses this");
      else if (actual instanceof DtsError) throw actual;
      else assertEquals(actual, output);
    },
  });
});
