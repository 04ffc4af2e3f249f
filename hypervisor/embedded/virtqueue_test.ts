import { assertEquals } from "@std/assert";
import {
  VIRTIO_RING_F_EVENT_IDX,
  VIRTIO_RING_F_INDIRECT_DESC,
  vringLayout,
  vringNeedEvent,
} from "../../uapi/virtio_ring.ts";
import { Virtqueue, type VirtqueueOwner } from "./virtqueue.ts";

const RAM_BASE = 0x4000_0000;
const RAM_SIZE = 1 << 20;
const RING = 0x1000;
const DATA = 0x10000;
const EVENT_IDX = 1n << BigInt(VIRTIO_RING_F_EVENT_IDX);
const INDIRECT = 1n << BigInt(VIRTIO_RING_F_INDIRECT_DESC);
const NEXT = 1;
const WRITE = 2;

/** A ring in memory and the driver's side of it, as small as it can be. */
class Ring implements VirtqueueOwner {
  readonly ram = new Uint8Array(RAM_SIZE);
  readonly view = new DataView(this.ram.buffer);
  readonly ramBase = RAM_BASE;
  broken = false;
  readonly reports: string[] = [];
  readonly queue = new Virtqueue(0, this, 1024);
  readonly layout;
  availIdx: number;

  constructor(readonly size: number, start = 0, features = EVENT_IDX | INDIRECT) {
    this.layout = vringLayout(size, 4096);
    this.availIdx = start;
    this.queue.size = size;
    this.queue.descAddr = RAM_BASE + RING;
    this.queue.availAddr = RAM_BASE + RING + this.layout.avail;
    this.queue.usedAddr = RAM_BASE + RING + this.layout.used;
    this.view.setUint16(RING + this.layout.avail + 2, start, true);
    this.view.setUint16(RING + this.layout.used + 2, start, true);
    this.queue.presetIndexes(start);
    this.queue.enable(features);
  }

  violation(clause: string, message: string): undefined {
    this.reports.push(`${clause}: ${message}`);
  }

  fail(clause: string, message: string): undefined {
    this.reports.push(`fatal ${clause}: ${message}`);
    this.broken = true;
  }

  describe(index: number, offset: number, length: number, flags = 0, next = 0): undefined {
    const at = RING + 16 * index;
    this.view.setBigUint64(at, BigInt(RAM_BASE + offset), true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint16(at + 12, flags, true);
    this.view.setUint16(at + 14, next, true);
  }

  offer(head: number): undefined {
    const avail = RING + this.layout.avail;
    this.view.setUint16(avail + 4 + 2 * (this.availIdx % this.size), head, true);
    this.availIdx = (this.availIdx + 1) & 0xffff;
    this.view.setUint16(avail + 2, this.availIdx, true);
  }

  usedEntry(index: number): [id: number, length: number] {
    const at = RING + this.layout.used + 4 + 8 * (index % this.size);
    return [this.view.getUint32(at, true), this.view.getUint32(at + 4, true)];
  }

  get usedIdx(): number {
    return this.view.getUint16(RING + this.layout.used + 2, true);
  }

  set usedEvent(index: number) {
    this.view.setUint16(RING + this.layout.usedEvent, index, true);
  }

  get availEvent(): number {
    return this.view.getUint16(RING + this.layout.availEvent, true);
  }
}

// Elements

Deno.test("Virtqueue.pop() gives the pieces of a chain in place", () => {
  const ring = new Ring(8);
  ring.describe(3, DATA, 4, NEXT, 5);
  ring.describe(5, DATA + 100, 6, NEXT, 1);
  ring.describe(1, DATA + 200, 10, NEXT | WRITE, 0);
  ring.describe(0, DATA + 300, 1, WRITE);
  for (let i = 0; i < 16; i++) {
    ring.ram[DATA + i] = i;
    ring.ram[DATA + 100 + i] = 100 + i;
  }
  ring.offer(3);
  const element = ring.queue.pop()!;
  assertEquals([element.head, element.outLength, element.inLength], [3, 10, 11]);
  const into = new Uint8Array(20);
  assertEquals(element.readOut(2, into), 8);
  assertEquals([...into.subarray(0, 9)], [2, 3, 100, 101, 102, 103, 104, 105, 0]);
  assertEquals(element.outU32(2), 0x65640302);
  assertEquals(element.outU16(9), 105);
  assertEquals(element.outU64(0), 0x6766_6564_0302_0100 % 2 ** 64);
  assertEquals([...element.outView(1)], [100, 101, 102, 103, 104, 105]);
  assertEquals(element.writeIn(8, Uint8Array.of(1, 2, 3, 4)), 3);
  assertEquals([...ring.ram.subarray(DATA + 207, DATA + 212)], [0, 1, 2, 0, 0]);
  assertEquals(ring.ram[DATA + 300], 3);
  element.setInU8(10, 9);
  element.setInU8(11, 9);
  assertEquals([ring.ram[DATA + 300], ring.ram[DATA + 301]], [9, 0]);
  assertEquals(element.fillIn(5, 99, 0xff), 6);
  assertEquals([...ring.ram.subarray(DATA + 204, DATA + 210)], [0, 255, 255, 255, 255, 255]);
  element.inView(0)[0] = 77;
  assertEquals(ring.ram[DATA + 200], 77);
  ring.queue.push(element, 11);
  assertEquals([ring.usedEntry(0), ring.usedIdx], [[3, 11], 1]);
  assertEquals(ring.queue.pop(), undefined);
  assertEquals(ring.reports, []);
});

Deno.test("Virtqueue.unpop() makes the next pop take the same chain", () => {
  const ring = new Ring(8);
  ring.describe(0, DATA, 4);
  ring.describe(1, DATA, 5);
  ring.offer(0);
  ring.offer(1);
  const element = ring.queue.pop()!;
  ring.queue.unpop(element);
  assertEquals([ring.queue.inUse, ring.queue.isEmpty()], [0, false]);
  assertEquals([ring.queue.pop()!.head, ring.queue.pop()!.head], [0, 1]);
});

Deno.test("Virtqueue.push() of one element twice lies to the driver, not to the device", () => {
  const ring = new Ring(8);
  for (const head of [0, 1, 2]) {
    ring.describe(head, DATA + 100 * head, 4, WRITE);
    ring.offer(head);
  }
  const element = ring.queue.pop()!;
  ring.queue.push(element, 4);
  ring.queue.push(element, 4);
  assertEquals([ring.usedIdx, ring.usedEntry(0), ring.usedEntry(1)], [2, [0, 4], [0, 4]]);
  const [one, two] = [ring.queue.pop()!, ring.queue.pop()!];
  assertEquals([one.head, two.head], [1, 2]);
});

Deno.test("Virtqueue.flush() shows filled entries together", () => {
  const ring = new Ring(8);
  ring.describe(0, DATA, 4, WRITE);
  ring.describe(1, DATA, 5, WRITE);
  ring.offer(0);
  ring.offer(1);
  const [first, second] = [ring.queue.pop()!, ring.queue.pop()!];
  ring.queue.fill(first, 4, 0);
  ring.queue.fill(second, 5, 1);
  assertEquals([ring.usedIdx, ring.queue.inUse], [0, 2]);
  ring.queue.flush(2);
  assertEquals([ring.usedIdx, ring.queue.inUse], [2, 0]);
  assertEquals([ring.usedEntry(0), ring.usedEntry(1)], [[0, 4], [1, 5]]);
});

// Indexes around the wrap at 2^16

for (const start of [0, 65_530, 65_535]) {
  for (const features of [0n, EVENT_IDX]) {
    Deno.test(`Virtqueue goes round from ${start} with ${features ? "event indexes" : "flags"}`, () => {
      const ring = new Ring(4, start, features);
      for (let i = 0; i < 4; i++) ring.describe(i, DATA + 16 * i, 16, WRITE);
      for (let round = 0; round < 40; round++) {
        const count = 1 + round % 4;
        for (let i = 0; i < count; i++) ring.offer(i);
        for (let i = 0; i < count; i++) {
          const element = ring.queue.pop()!;
          assertEquals(element.head, i);
          if (features) assertEquals(ring.availEvent, ring.queue.lastAvailIdx);
          ring.queue.push(element, i + 1);
          assertEquals(ring.usedEntry((ring.usedIdx - 1) & 0xffff), [i, i + 1]);
        }
        assertEquals(ring.queue.pop(), undefined);
        assertEquals(ring.usedIdx, ring.availIdx);
      }
      assertEquals(ring.reports, []);
    });
  }
}

// Notification

Deno.test("Virtqueue.shouldNotify() tells the driver at the index it asked for", () => {
  for (const start of [0, 65_530]) {
    for (let batch = 1; batch <= 4; batch++) {
      for (let event = -5; event <= 5; event++) {
        const ring = new Ring(4, start);
        for (let i = 0; i < 4; i++) ring.describe(i, DATA, 16, WRITE);
        ring.queue.shouldNotify();
        ring.usedEvent = (start + event) & 0xffff;
        for (let i = 0; i < batch; i++) ring.offer(i);
        for (let i = 0; i < batch; i++) ring.queue.push(ring.queue.pop()!, 0);
        const expected = vringNeedEvent((start + event) & 0xffff, (start + batch) & 0xffff, start);
        // By counting: the batch passed the entry that the driver waits for.
        assertEquals(expected, event >= 0 && event < batch);
        assertEquals(ring.queue.shouldNotify(), expected, `${start} ${batch} ${event}`);
      }
    }
  }
});

Deno.test("Virtqueue.shouldNotify() is true the first time, when nothing is known of the driver", () => {
  const ring = new Ring(4);
  ring.usedEvent = 100;
  assertEquals([ring.queue.shouldNotify(), ring.queue.shouldNotify()], [true, false]);
});

Deno.test("Virtqueue.shouldNotify() is true again when the index came round unseen", () => {
  const ring = new Ring(1024);
  ring.describe(0, DATA, 1, WRITE);
  ring.queue.shouldNotify();
  ring.usedEvent = 5;
  for (let i = 0; i < 65_536; i++) {
    ring.offer(0);
    ring.queue.push(ring.queue.pop()!, 0);
  }
  assertEquals(ring.queue.shouldNotify(), true);
});

Deno.test("Virtqueue without event indexes follows the flags of both rings", () => {
  const ring = new Ring(4, 0, 0n);
  assertEquals(ring.queue.shouldNotify(), true);
  ring.view.setUint16(RING + ring.layout.avail, 1, true);
  assertEquals(ring.queue.shouldNotify(), false);
  ring.queue.setNotification(false);
  assertEquals(ring.view.getUint16(RING + ring.layout.used, true), 1);
  ring.queue.setNotification(true);
  assertEquals(ring.view.getUint16(RING + ring.layout.used, true), 0);
});

Deno.test("Virtqueue.setNotification() leaves avail_event alone while it is off", () => {
  const ring = new Ring(4);
  ring.describe(0, DATA, 1, WRITE);
  ring.queue.setNotification(false);
  ring.offer(0);
  ring.queue.push(ring.queue.pop()!, 0);
  assertEquals(ring.availEvent, 0);
  ring.queue.setNotification(true);
  assertEquals(ring.availEvent, 1);
});

Deno.test("Virtqueue with NOTIFY_ON_EMPTY tells the driver when it has nothing left", () => {
  const ring = new Ring(4, 0, 1n << 24n);
  ring.view.setUint16(RING + ring.layout.avail, 1, true);
  ring.describe(0, DATA, 1, WRITE);
  ring.offer(0);
  const element = ring.queue.pop()!;
  assertEquals(ring.queue.shouldNotify(), false);
  ring.queue.push(element, 0);
  assertEquals(ring.queue.shouldNotify(), true);
});

// What no driver may do, beyond what is compared with QEMU in tests/mmio_cases.ts

Deno.test("Virtqueue.pop() refuses buffers that do not lie in RAM", () => {
  const huge: [bigint, number][] = [
    [BigInt(RAM_BASE + RAM_SIZE - 1), 2],
    [BigInt(RAM_BASE - 1), 1],
    [BigInt(RAM_BASE + RAM_SIZE), 1],
    [0n, 1],
    [0xffff_ffff_ffff_ffffn, 2],
    [0xffff_ffff_ffff_f000n, 0xffff_ffff],
    [BigInt(RAM_BASE), 0xffff_ffff],
    [(1n << 32n) + BigInt(RAM_BASE), 1],
  ];
  for (const [address, length] of huge) {
    const ring = new Ring(4);
    ring.view.setBigUint64(RING, address, true);
    ring.view.setUint32(RING + 8, length, true);
    ring.offer(0);
    assertEquals(ring.queue.pop(), undefined);
    assertEquals([ring.broken, ring.reports.length], [true, 1], `${address} ${length}`);
    assertEquals(ring.reports[0].includes("bogus descriptor"), true);
  }
  const last = new Ring(4);
  last.describe(0, RAM_SIZE - 1, 1);
  last.offer(0);
  assertEquals(last.queue.pop()!.outLength, 1);
});

Deno.test("Virtqueue.pop() refuses an indirect table outside RAM", () => {
  const ring = new Ring(4);
  ring.describe(0, RAM_SIZE - 16, 32, 4);
  ring.offer(0);
  assertEquals(ring.queue.pop(), undefined);
  assertEquals(ring.reports, ["fatal VIRTIO 1.4, 2.7.5.3: queue 0: Cannot map indirect buffer"]);
});

Deno.test("Virtqueue.pop() takes a chain of exactly the queue's size, and a table behind buffers", () => {
  const ring = new Ring(4);
  for (let i = 0; i < 4; i++) ring.describe(i, DATA + i, 1, i < 3 ? NEXT : 0, i + 1);
  ring.offer(0);
  assertEquals(ring.queue.pop()!.out.count, 4);
  const mixed = new Ring(4);
  mixed.describe(0, DATA, 5, NEXT, 1);
  mixed.describe(1, DATA + 64, 16, 4);
  mixed.view.setBigUint64(DATA + 64, BigInt(RAM_BASE + DATA), true);
  mixed.view.setUint32(DATA + 72, 7, true);
  mixed.view.setUint16(DATA + 76, WRITE, true);
  mixed.offer(0);
  const element = mixed.queue.pop()!;
  assertEquals([element.outLength, element.inLength, mixed.reports.length], [5, 7, 0]);
});

Deno.test("Virtqueue.pop() reports an indirect chain longer than the queue, and takes it", () => {
  const ring = new Ring(4);
  ring.describe(0, DATA, 16 * 5, 4);
  for (let i = 0; i < 5; i++) {
    ring.view.setBigUint64(DATA + 16 * i, BigInt(RAM_BASE + DATA + 0x1000), true);
    ring.view.setUint32(DATA + 16 * i + 8, 1, true);
    ring.view.setUint16(DATA + 16 * i + 12, i < 4 ? NEXT : 0, true);
    ring.view.setUint16(DATA + 16 * i + 14, i + 1, true);
  }
  ring.offer(0);
  assertEquals(ring.queue.pop()!.outLength, 5);
  assertEquals(ring.reports, [
    "VIRTIO 1.4, 2.7.5.3.1: queue 0: Indirect chain of 5 descriptors, queue of 4",
  ]);
});

Deno.test("Virtqueue.pop() stops when all heads are taken and more come", () => {
  const ring = new Ring(2);
  ring.describe(0, DATA, 1);
  ring.describe(1, DATA, 1);
  for (const head of [0, 1]) ring.offer(head);
  ring.queue.pop();
  ring.queue.pop();
  ring.offer(0);
  assertEquals(ring.queue.pop(), undefined);
  assertEquals(ring.reports, ["fatal VIRTIO 1.4, 2.7.13: queue 0: Virtqueue size exceeded"]);
});

Deno.test("Virtqueue.enable() checks where the parts of the ring lie", () => {
  const ring = new Ring(8);
  ring.queue.descAddr += 8;
  assertEquals(ring.queue.enable(0n), true);
  ring.queue.size = 3;
  ring.queue.descAddr -= 8;
  ring.queue.enable(0n);
  ring.queue.size = 8;
  ring.queue.usedAddr = RAM_BASE + RAM_SIZE - 64;
  assertEquals([ring.queue.enable(0n), ring.queue.ready], [false, false]);
  assertEquals(ring.reports, [
    "VIRTIO 1.4, 2.7.1: queue 0: descriptor table at 0x40001008 is not aligned to 16 bytes",
    "VIRTIO 1.4, 2.7: queue 0: Queue size is 3",
    "fatal VIRTIO 1.4, 2.7: queue 0: Cannot map used",
  ]);
});

Deno.test("Virtqueue.enable() stops the device when the driver wants a packed ring", () => {
  const ring = new Ring(8);
  assertEquals(ring.queue.enable(1n << 34n), false);
  assertEquals(ring.reports, [
    "fatal VIRTIO 1.4, 2.8: queue 0: packed virtqueues are not modelled",
  ]);
});

Deno.test("Virtqueue.pop() refuses a chain of more buffers than a device takes", () => {
  const ring = new Ring(4);
  ring.describe(0, 0x40000, 16 * 1025, 4);
  for (let i = 0; i < 1025; i++) {
    ring.view.setBigUint64(0x40000 + 16 * i, BigInt(RAM_BASE + DATA), true);
    ring.view.setUint32(0x40000 + 16 * i + 8, 1, true);
    ring.view.setUint16(0x40000 + 16 * i + 12, i < 1024 ? NEXT : 0, true);
    ring.view.setUint16(0x40000 + 16 * i + 14, i + 1, true);
  }
  ring.offer(0);
  assertEquals(ring.queue.pop(), undefined);
  assertEquals(ring.reports, [
    "fatal VIRTIO 1.4, 2.7.5.3.1: queue 0: virtio: too many write descriptors in indirect table",
  ]);
});

Deno.test("Virtqueue never reads or writes outside RAM, whatever is in the ring", () => {
  let state = 1;
  const random = (count: number) => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * count);
  };
  let taken = 0;
  for (let round = 0; round < 4000; round++) {
    const ring = new Ring(
      [1, 2, 4, 8][random(4)],
      random(65_536),
      [0n, EVENT_IDX, INDIRECT][random(3)],
    );
    for (let i = 0; i < ring.size; i++) {
      ring.describe(
        i,
        random(3) ? DATA + random(64) * 16 : random(2 ** 31),
        random(40),
        random(8),
        random(9),
      );
    }
    for (let i = 0; i < 64; i++) {
      const at = DATA + 16 * i;
      ring.view.setBigUint64(at, BigInt(RAM_BASE + random(RAM_SIZE + 100)), true);
      ring.view.setUint32(at + 8, random(5000), true);
      ring.view.setUint16(at + 12, random(8), true);
      ring.view.setUint16(at + 14, random(5), true);
    }
    for (let i = random(ring.size + 2); i >= 0; i--) ring.offer(random(ring.size + 1));
    for (let element = ring.queue.pop(); element; element = ring.queue.pop()) {
      for (const { count, offsets, lengths } of [element.out, element.in]) {
        for (let i = 0; i < count; i++) {
          assertEquals(
            offsets[i] >= 0 && lengths[i] > 0 && offsets[i] + lengths[i] <= RAM_SIZE,
            true,
          );
        }
      }
      ring.queue.push(element, element.inLength);
      taken++;
    }
  }
  // The harness itself: it must reach well-formed chains as well as broken ones.
  assertEquals(taken > 300, true, `${taken} chains were taken`);
});
