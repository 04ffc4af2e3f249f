import { assertEquals } from "@std/assert";
import { vringLayout, vringNeedEvent, vringSize } from "./virtio_ring.ts";

Deno.test("vringLayout() puts the parts where Linux 6.1 told QEMU that they are", () => {
  // 1024 entries, aligned to a page: QueueDesc 0x43148000, QueueDriver 0x4314c000, QueueDevice 0x4314d000.
  const { desc, avail, used } = vringLayout(0x400, 4096);
  assertEquals([0x43148000 + desc, 0x43148000 + avail, 0x43148000 + used], [
    0x43148000,
    0x4314c000,
    0x4314d000,
  ]);
});

Deno.test("vringLayout() places event indexes behind the last entries", () => {
  // VIRTIO 1.4, 2.7: 16 * num, 6 + 2 * num and 6 + 8 * num bytes, the last two with event indexes.
  for (const num of [1, 2, 8, 256, 32768]) {
    const { avail, used, usedEvent, availEvent, size } = vringLayout(num, 4);
    assertEquals(avail, 16 * num);
    assertEquals(usedEvent + 2 - avail, 6 + 2 * num);
    assertEquals(availEvent + 2 - used, 6 + 8 * num);
    assertEquals(size, availEvent + 2);
  }
});

Deno.test("vringSize() agrees with the C header's function", () => {
  // vring_size() of Linux 6.1's header, compiled, for 1, 2, 4, ... 1024 entries.
  const nums = Array.from({ length: 11 }, (_, power) => 1 << power);
  assertEquals(
    nums.map((num) => vringSize(num, 4096)),
    [4110, 4118, 4134, 4166, 4230, 4358, 4614, 5126, 10246, 16390, 28678],
  );
  assertEquals(
    nums.map((num) => vringSize(num, 64)),
    [78, 86, 166, 262, 454, 902, 1734, 3398, 6726, 13382, 26694],
  );
});

Deno.test("vringNeedEvent() is true exactly when the index steps off the event index", () => {
  const passed = new Uint8Array(0x10000);
  for (const oldIdx of [0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff]) {
    for (const steps of [0, 1, 2, 3, 0x7fff, 0x8000, 0xffff]) {
      passed.fill(0);
      for (let step = 0; step < steps; step++) passed[(oldIdx + step) % 0x10000] = 1;
      const newIdx = (oldIdx + steps) % 0x10000;
      let wrong = 0;
      for (let eventIdx = 0; eventIdx <= 0xffff; eventIdx++) {
        if (vringNeedEvent(eventIdx, newIdx, oldIdx) !== (passed[eventIdx] === 1)) wrong++;
      }
      assertEquals(wrong, 0, `from ${oldIdx} by ${steps}`);
    }
  }
});
