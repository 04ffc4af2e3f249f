import { assert } from "@std/assert";
import { benchBlock } from "./block.ts";
import { benchBoot } from "./boot.ts";
import { benchRing } from "./ring.ts";

// The benches run at tiny sizes so that they do not rot; how fast they are is not judged here. Each
// compares what it did with its peer and throws when that differs.

Deno.test("benchRing() does the same work as the C ring", async () => {
  for (const ratio of await benchRing(64)) assert(ratio > 0);
});

Deno.test("benchBoot() boots every machine", async () => {
  assert(await benchBoot(1, 50) > 0);
});

Deno.test("benchBlock() reads what lies on the disk", async () => {
  assert(await benchBlock(100) > 0);
});
