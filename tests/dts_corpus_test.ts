import { assertEquals } from "@std/assert";
import { compile } from "./dtc_in_process.ts";
import { checkDifferences, corpusRuns, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

const RUNS = corpusRuns();
let peer: ReturnType<typeof peerOutcomes> | undefined = undefined;

RUNS.forEach(({ name, folder, stages }, index) => {
  Deno.test({
    name: `paraguest dtc does what dtc does: ${name}`,
    ignore: lacks("dtc"),
    async fn() {
      const outcomes = (await (peer ??= peerOutcomes(RUNS)))[index];
      let input: Uint8Array = new Uint8Array();
      outcomes.forEach((expected, stage) => {
        const actual = compile(stages[stage], folder, input);
        // What ends dtc by a signal must not end us.
        if (expected.code > 2) return;
        assertEquals(actual.code, expected.code);
        assertEquals(actual.output, expected.output);
        assertEquals(checkDifferences(expected, actual), []);
        input = expected.output;
      });
    },
  });
});

Deno.test({
  name: "paraguest dtc -d names the files that dtc -d names",
  ignore: lacks("dtc"),
  fn() {
    const folder = new URL("dts/include/", import.meta.url).pathname;
    const result = Deno.makeTempFileSync();
    const written = (run: (words: string[]) => unknown) => {
      run(["-d", result, "-i", "sub", "-O", "null", "-o", "/dev/null", "dependencies.dts"]);
      return Deno.readTextFileSync(result);
    };
    try {
      assertEquals(
        written((words) => compile(words, folder, new Uint8Array())),
        written((args) => new Deno.Command("dtc", { args, cwd: folder }).outputSync()),
      );
    } finally {
      Deno.removeSync(result);
    }
  },
});
