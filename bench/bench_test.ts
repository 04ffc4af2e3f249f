import { assert, assertEquals } from "@std/assert";
import { lacks } from "../tests/peers.ts";
import { benchBlock } from "./block.ts";
import { benchBoot } from "./boot.ts";
import { benchDtc } from "./dtc.ts";
import { benchLab } from "./lab.ts";
import { benchQemu } from "./qemu.ts";
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

Deno.test("benchLab() explores eleven initcalls to the end, alone and with workers", async () => {
  // As many as a prototype counted that shares no code with this.
  assertEquals(await benchLab(1), { orders: 39916800n, classes: 1282, outcomes: 97 });
});

Deno.test({
  name: "benchQemu() reads the same with shared memory as over the line",
  ignore: lacks("qemu-system-aarch64"),
  fn: async () => assert(await benchQemu(50) > 0),
});

Deno.test({
  name: "benchDtc() compiles the same blobs as dtc",
  ignore: lacks("dtc"),
  fn: async () => {
    for (const ratio of await benchDtc([20])) assert(ratio > 0);
  },
});
