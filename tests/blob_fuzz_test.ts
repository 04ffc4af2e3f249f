/** Random and oversized blobs, read by dtc and by us. `deno task fuzz` does the same for longer. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readBe32 } from "../kernel/of/bytes.ts";
import { FDT_END, FdtError, readFdt, unflattenDeviceTree } from "../kernel/of/fdt.ts";
import { flattenDeviceTree, writeFdt } from "../kernel/of/fdt_write.ts";
import { parseDts } from "../kernel/of/dts/parse.ts";
import { writeDts } from "../kernel/of/dts/write.ts";
import { ofPlatformPopulateOrder } from "../kernel/of/platform.ts";
import type { DeviceTree } from "../kernel/of/tree.ts";
import { BLOBS, REORDERED } from "./blob_generator.ts";
import { compile } from "./dtc_in_process.ts";
import { fuzz, render } from "./dts_fuzz.ts";
import { type CorpusRun, peerOutcomes } from "./dts_corpus.ts";
import { lacks } from "./peers.ts";

/** Files of one run of the tests; the seed is always the same, so that a failure comes again. */
const COUNT = 300;
const SEED = 20260301;

Deno.test("paraguest dtc does what dtc does with random blobs", {
  ignore: lacks("dtc"),
}, async () => {
  const { accepted, mismatches } = await fuzz(BLOBS, { seed: SEED, count: COUNT });
  const first = mismatches.length > 0 ? render(mismatches[0]) : "";
  assertEquals(first, "", `seed ${SEED}: ${mismatches.length} of ${COUNT} differ`);
  assert(accepted > COUNT / 4 && accepted < COUNT, `dtc accepts ${accepted} of ${COUNT}`);
});

/** Whether the structure does not just end: source may delete the root. */
function hasRoot(blob: Uint8Array): boolean {
  return readBe32(blob, readBe32(blob, 8)) !== FDT_END;
}

Deno.test("readFdt() finds the blocks of a blob in any order, with gaps", () => {
  const bytes = (blob: Uint8Array) =>
    writeFdt(readFdt(blob, { maxDepth: Infinity, irregular: () => {} }));
  fc.assert(
    fc.property(REORDERED, ({ blob, reordered }) => {
      fc.pre(hasRoot(blob));
      assertEquals(bytes(reordered), bytes(blob));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

/** The tree in a blob; `undefined` if it is refused. Anything but a refusal is an error. */
function treeIn(blob: Uint8Array): DeviceTree | undefined {
  try {
    return unflattenDeviceTree(blob);
  } catch (error) {
    if (error instanceof FdtError) return undefined;
    throw error;
  }
}

Deno.test("whatever blob unflattenDeviceTree() reads, devices and both forms come out of it", () => {
  let read = 0;
  for (const { source } of fc.sample(BLOBS, { seed: SEED, numRuns: 1000 })) {
    const tree = treeIn(source as Uint8Array);
    if (tree === undefined) continue;
    read++;
    ofPlatformPopulateOrder(tree);
    writeDts(tree);
    const blob = flattenDeviceTree(tree);
    assertEquals(flattenDeviceTree(unflattenDeviceTree(blob)), blob);
  }
  assert(read > 200, `${read} read`);
});

/** Trees that are large in one way. */
const LARGE: Readonly<Record<string, string>> = {
  "20,000 siblings": Array.from({ length: 20_000 }, (_, at) => `n${at} { };`).join(""),
  "5,000 properties": Array.from({ length: 5000 }, (_, at) => `p${at};`).join(""),
  "5,000 levels": `${"n { p = <1>; ".repeat(5000)}${"};".repeat(5000)}`,
  "a string of 1 MB": `p = "${"x".repeat(1 << 20)}";`,
  "names of 1 MB": `${"p".repeat(1 << 20)}; ${"n".repeat(1 << 20)} { };`,
  "a million cells": `p = <${"1 ".repeat(1_000_000)}>;`,
};

Deno.test("paraguest dtc writes from large blobs what dtc writes", {
  ignore: lacks("dtc"),
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const blobs = Object.values(LARGE).map((body) =>
      flattenDeviceTree(parseDts(`/dts-v1/; / { ${body} };`))
    );
    blobs.forEach((blob, at) => Deno.writeFileSync(`${folder}/${at}`, blob));
    const words = ["-q", "-I", "dtb", "-O", "dtb"];
    const runs = blobs.map((_, at): CorpusRun => ({
      name: "",
      folder,
      stages: [[...words, `${at}`]],
    }));
    const outcomes = await peerOutcomes(runs);
    Object.keys(LARGE).forEach((name, at) => {
      const ours = compile([...words, "-"], "/", blobs[at]);
      const [theirs] = outcomes[at];
      assertEquals(ours.code, theirs.code, name);
      assert(ours.output.every((byte, at) => byte === theirs.output[at]), name);
      assertEquals(ours.output.length, theirs.output.length, name);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
