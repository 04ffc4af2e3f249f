/**
 * `deno task fuzz [--seconds N] [--seed N]`: random device tree source and blobs, compiled by dtc and by
 * us, until the time is over or a file differs. Ends with 1 then, after it printed the seed and a smaller such file.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import fc from "fast-check";
import { fuzz, minimise, render } from "./dts_fuzz.ts";
import { BLOBS } from "./blob_generator.ts";
import { MUTANTS, SOURCES } from "./dts_generator.ts";

/** Files between two looks at the clock. */
const BATCH = 200;

const args = parseArgs(Deno.args, { string: ["seconds", "seed"] });
const endMs = Date.now() + 1000 * Number(args.seconds ?? 60);
let seed = Number(args.seed ?? Date.now() % 1_000_000_000);
let files = 0;
for (; Date.now() < endMs; seed++) {
  const { mismatches } = await fuzz(fc.oneof(SOURCES, MUTANTS, BLOBS), { seed, count: BATCH });
  files += BATCH;
  if (mismatches.length === 0) continue;
  console.log(`seed ${seed}: ${render(await minimise(mismatches[0]))}`);
  Deno.exit(1);
}
console.log(`${files} files, the last seed was ${seed - 1}: no difference`);
