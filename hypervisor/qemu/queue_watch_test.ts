import { assertEquals } from "@std/assert";
import { QueueWatch } from "./queue_watch.ts";

const BASE = 0x4000_0000;
const [DESC, AVAIL, USED, TABLE] = [0x1000, 0x1800, 0x2000, 0x3000];
const [F_NEXT, F_WRITE, F_INDIRECT] = [1, 2, 4];

/** A queue of 8 in slot 0, seen by a watch. */
class Ring {
  readonly view = new DataView(new ArrayBuffer(0x10000));
  readonly watch = new QueueWatch(this.view.buffer as ArrayBuffer, BASE, 2);

  constructor(deviceId: number, readonly queue = 0) {
    this.watch.read(0, 8, deviceId);
    const writes = [
      [0x30, queue],
      [0x38, 8],
      [0x80, BASE + DESC],
      [0x84, 0],
      [0x90, BASE + AVAIL],
      [0x94, 0],
      [0xa0, BASE + USED],
      [0xa4, 0],
    ];
    for (const [offset, value] of writes) this.watch.wrote(0, offset, value);
  }

  /** The driver offers the buffer of descriptor `head`. */
  offer(head: number, flags: number): undefined {
    this.view.setUint16(DESC + 16 * head + 12, flags, true);
    const idx = this.view.getUint16(AVAIL + 2, true);
    this.view.setUint16(AVAIL + 4 + 2 * (idx % 8), head, true);
    this.view.setUint16(AVAIL + 2, idx + 1, true);
    this.watch.wrote(0, 0x50, this.queue);
  }

  /** The device gives everything back. */
  finish(): undefined {
    this.view.setUint16(USED + 2, this.view.getUint16(AVAIL + 2, true), true);
  }
}

Deno.test("requestsOpen() is true from the notification until the device has finished", () => {
  const ring = new Ring(2);
  assertEquals(ring.watch.requestsOpen(), false);
  ring.offer(3, F_NEXT);
  assertEquals([ring.watch.requestsOpen(), ring.watch.progress], [true, 0]);
  ring.finish();
  assertEquals([ring.watch.requestsOpen(), ring.watch.progress], [false, 1]);
  assertEquals([ring.watch.requestsOpen(), ring.watch.progress], [false, 1]);
});

Deno.test("requestsOpen() does not count buffers that wait for the world outside", () => {
  const ring = new Ring(1);
  ring.offer(0, F_WRITE);
  assertEquals(ring.watch.requestsOpen(), false);
});

Deno.test("requestsOpen() looks into indirect tables", () => {
  const ring = new Ring(18);
  ring.view.setUint32(DESC, BASE + TABLE, true);
  ring.view.setUint16(TABLE + 12, F_WRITE, true);
  ring.offer(0, F_INDIRECT);
  assertEquals(ring.watch.requestsOpen(), false);
  ring.view.setUint16(TABLE + 12, F_NEXT, true);
  ring.offer(0, F_INDIRECT);
  assertEquals(ring.watch.requestsOpen(), true);
});

Deno.test("requestsOpen() knows that random numbers come by themselves, and statistics stay", () => {
  const rng = new Ring(4);
  rng.offer(0, F_WRITE);
  assertEquals(rng.watch.requestsOpen(), true);
  const balloon = new Ring(5, 2);
  balloon.offer(0, 0);
  assertEquals(balloon.watch.requestsOpen(), false);
});

Deno.test("a reset ends all requests; nonsense addresses are no requests", () => {
  const ring = new Ring(2);
  ring.offer(0, 0);
  ring.watch.wrote(0, 0x70, 0);
  assertEquals(ring.watch.requestsOpen(), false);
  ring.watch.wrote(0, 0x30, 0);
  ring.watch.wrote(0, 0x90, 0xffff_fff0);
  ring.watch.wrote(0, 0x94, 0xffff_ffff);
  ring.watch.wrote(0, 0x50, 0);
  assertEquals(ring.watch.requestsOpen(), false);
});

Deno.test("legacy queues are one piece of memory, by page number and alignment", () => {
  const ring = new Ring(2);
  ring.watch.wrote(0, 0x70, 0);
  for (const [offset, value] of [[0x28, 4096], [0x30, 0], [0x38, 8], [0x3c, 4096]]) {
    ring.watch.wrote(0, offset, value);
  }
  ring.watch.wrote(0, 0x40, (BASE + 0x4000) / 4096);
  // Eight descriptors, then the available ring; the used ring on the next page.
  ring.view.setUint16(0x4000 + 128 + 2, 1, true);
  ring.watch.wrote(0, 0x50, 0);
  assertEquals(ring.watch.requestsOpen(), true);
  ring.view.setUint16(0x5000 + 2, 1, true);
  assertEquals(ring.watch.requestsOpen(), false);
});
