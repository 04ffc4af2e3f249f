/** Random device tree source, compiled by dtc and by us. `deno task fuzz` does the same for longer. */
import { assert, assertEquals } from "@std/assert";
import { fuzz, minimise, render } from "./dts_fuzz.ts";
import fc from "fast-check";
import { MUTANTS, SOURCES } from "./dts_generator.ts";
import { lacks } from "./peers.ts";

/** Files of one run of the tests; the seed is always the same, so that a failure comes again. */
const COUNT = 300;
const SEED = 20260214;
/** As many sound files as spoilt ones. */
const CASES = fc.oneof(SOURCES, MUTANTS);

Deno.test("paraguest dtc does what dtc does with random source", {
  ignore: lacks("dtc"),
}, async () => {
  const { accepted, mismatches } = await fuzz(CASES, { seed: SEED, count: COUNT });
  const first = mismatches.length > 0 ? render(await minimise(mismatches[0])) : "";
  assertEquals(first, "", `seed ${SEED}: ${mismatches.length} of ${COUNT} differ`);
  assert(accepted > COUNT / 4, `dtc accepts only ${accepted} of ${COUNT}`);
});
