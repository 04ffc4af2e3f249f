/** YAML of files of the corpus, beside dtc's. */
import { assertEquals } from "@std/assert";
import { runDtc } from "../cli/dtc.ts";
import { type CorpusRun, corpusRuns, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

/** Lines that are broken, names that need quotes, empty nodes, characters that need escapes. */
const SOURCE = `/dts-v1/;
/ {
  #address-cells = <1>; p = &l; q = "a\\tb\\x7f\\"", "", "s p a c e";
  m = <&l 1 2>, "x", [01 02];
  w = <1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32>;
  s = "aaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccccccccccccccccccccccc ddddddddddddd  eee f";
  t = "short", "another one that is short", "and so on until the line is full", "end", "end", "end";
  lbl = l0: <l1: 1>; ,p = <1>; ?q;
  e { };
  l: n@1 { e = /bits/ 64 <1>, /bits/ 16 <2 3>; k { }; };
  ,x { }; .z { a; }; ---d { }; true { };
};
`;

const FOLDERS = /^(values|references|labels|merge|numbers|source)\/\S+$/;

function ours({ folder, stages: [words] }: CorpusRun): { code: number; text: string } {
  const output: Uint8Array[] = [];
  const code = runDtc(words, {
    folder,
    stdin: () => new Uint8Array(0),
    stdout: (bytes) => void output.push(bytes),
    stderr: () => undefined,
    isTerminal: false,
  });
  const text = output.map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, text };
}

Deno.test("dtc -O yaml writes what dtc writes", { ignore: lacks("dtc") }, async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/layout.dts`, SOURCE);
    const options = ["-qqq", "-@", "-O", "yaml"];
    const layout = { name: "layout", folder: `${folder}/`, stages: [[...options, "layout.dts"]] };
    const corpus = corpusRuns().filter(({ name }) => FOLDERS.test(name))
      .map((run) => ({ ...run, stages: [[...options, ...run.stages[0]]] }));
    const runs = [layout, ...corpus];
    const outcomes = await peerOutcomes(runs);
    for (const [index, run] of runs.entries()) {
      const [{ code, output }] = outcomes[index];
      // dtc ends by an assertion where a value has an empty part.
      if (code >= 128) continue;
      const expected = { code, text: new TextDecoder().decode(output) };
      if (code !== 0) expected.text = "";
      await t.step(run.name, () => assertEquals(ours(run), expected));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
