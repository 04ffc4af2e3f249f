/**
 * Runs all benches at their small sizes: `deno task bench`.
 *
 * @module
 */
import { benchBlock } from "./block.ts";
import { benchBoot } from "./boot.ts";
import { benchRing } from "./ring.ts";

await benchRing();
console.log();
await benchBoot();
console.log();
await benchBlock();
