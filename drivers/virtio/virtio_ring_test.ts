import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BareMachine, RAM_BASE, seededChooser } from "../../tests/bare_machine.ts";
import { KernelBug, KernelError } from "../../kernel/errors.ts";
import { Kernel } from "../../kernel/kernel.ts";
import { VirtioDevice } from "./virtio.ts";
import type { VirtioConfigOps } from "./virtio_config.ts";
import type { Sg, Virtqueue, VringOptions } from "./virtio_ring.ts";
import { vringCreateVirtqueue } from "./vring_create.ts";

/** Where the indices of most tests start: they wrap after six buffers. */
const NEAR_THE_WRAP = 65_530;
const U16 = 0xffff;

interface Part {
  readonly address: number;
  readonly length: number;
  readonly write: boolean;
}

interface Chain {
  readonly head: number;
  readonly parts: readonly Part[];
}

/**
 * A device as the specification's text reads (VIRTIO 1.4, 2.7), with no regard to speed. It believes
 * nothing and shares no code with the driver.
 */
class NaiveDevice {
  lastAvail: number;
  usedIdx: number;
  readonly taken: Chain[] = [];
  /** How often the driver has told it. */
  notified = 0;
  /** It has said that it wants to be told of new buffers. */
  asleep = false;
  readonly view: DataView;

  constructor(readonly vq: Virtqueue, readonly eventIdx: boolean, ram: ArrayBuffer, start = 0) {
    this.view = new DataView(ram);
    this.lastAvail = this.usedIdx = start;
  }

  at(address: number): number {
    return address - RAM_BASE;
  }
  get avail(): number {
    return this.at(this.vq.availAddr);
  }
  get used(): number {
    return this.at(this.vq.usedAddr);
  }
  get availIdx(): number {
    return this.view.getUint16(this.avail + 2, true);
  }
  get usedEvent(): number {
    return this.view.getUint16(this.avail + 4 + 2 * this.vq.vringSize, true);
  }
  setAvailEvent(value: number): undefined {
    this.view.setUint16(this.used + 4 + 8 * this.vq.vringSize, value & U16, true);
  }

  #desc(table: number, index: number): Part & { readonly flags: number; readonly next: number } {
    const at = table + 16 * index;
    const address = Number(this.view.getBigUint64(at, true));
    const flags = this.view.getUint16(at + 12, true);
    return {
      address,
      length: this.view.getUint32(at + 8, true),
      write: (flags & 2) !== 0,
      flags,
      next: this.view.getUint16(at + 14, true),
    };
  }

  #chain(table: number, size: number, head: number, indirectAllowed: boolean): Part[] {
    const parts: Part[] = [];
    for (let index = head;;) {
      assert(index < size, "next points out of its table");
      const desc = this.#desc(table, index);
      if ((desc.flags & 4) !== 0) {
        assert(indirectAllowed && parts.length === 0 && (desc.flags & 1) === 0);
        assertEquals(desc.length % 16, 0);
        return this.#chain(this.at(desc.address), desc.length / 16, 0, false);
      }
      parts.push({ address: desc.address, length: desc.length, write: desc.write });
      assert(parts.length <= size, "a loop");
      if ((desc.flags & 1) === 0) return parts;
      index = desc.next;
    }
  }

  /** Takes the next available buffer. */
  take(): Chain | undefined {
    if (this.lastAvail === this.availIdx) return undefined;
    const { vringSize } = this.vq;
    const head = this.view.getUint16(this.avail + 4 + 2 * (this.lastAvail % vringSize), true);
    const chain = { head, parts: this.#chain(this.at(this.vq.descAddr), vringSize, head, true) };
    this.lastAvail = (this.lastAvail + 1) & U16;
    this.taken.push(chain);
    return chain;
  }

  /** Writes a used element as it is told; true when the driver wants an interrupt. */
  putUsed(id: number, length: number): boolean {
    const elem = this.used + 4 + 8 * (this.usedIdx % this.vq.vringSize);
    this.view.setUint32(elem, id, true);
    this.view.setUint32(elem + 4, length, true);
    const event = this.usedEvent;
    const wants = this.eventIdx
      ? event === this.usedIdx
      : (this.view.getUint16(this.avail, true) & 1) === 0;
    this.usedIdx = (this.usedIdx + 1) & U16;
    this.view.setUint16(this.used + 2, this.usedIdx, true);
    return wants;
  }

  /** Goes to sleep unless there is work; from then on it must be told. */
  sleep(): undefined {
    if (this.eventIdx) this.setAvailEvent(this.lastAvail);
    else this.view.setUint16(this.used, 0, true);
    this.asleep = this.lastAvail === this.availIdx;
    if (!this.asleep) this.wakeUp();
  }

  wakeUp(): undefined {
    this.asleep = false;
    if (!this.eventIdx) this.view.setUint16(this.used, 1, true);
  }
}

interface Setup {
  readonly kernel: Kernel;
  readonly vq: Virtqueue<string>;
  readonly device: NaiveDevice;
  readonly callbacks: () => number;
}

const NO_CONFIG = {} as VirtioConfigOps;

function setup(options: Partial<VringOptions> & { start?: number } = {}): Setup {
  const machine = new BareMachine(4 << 20);
  const kernel = new Kernel(machine);
  const vdev = new VirtioDevice(kernel, NO_CONFIG);
  vdev.name = "virtio7";
  let callbacks = 0;
  const start = options.start ?? NEAR_THE_WRAP;
  const vq: Virtqueue<string> = vringCreateVirtqueue(vdev, {
    index: 0,
    name: "req.0",
    num: 8,
    align: 4096,
    indirect: false,
    eventIdx: false,
    notify: () => {
      device.notified++;
      device.wakeUp();
      return true;
    },
    callback: () => void callbacks++ as undefined,
    ...options,
  });
  vq.startAt(start);
  const device = new NaiveDevice(vq, options.eventIdx ?? false, machine.ram, start);
  return { kernel, vq, device, callbacks: () => callbacks };
}

function sg(n: number, length = 16): Sg {
  return { address: RAM_BASE + 0x10_0000 + 64 * n, length };
}

// Layout

Deno.test("a chain has the bytes of VIRTIO 1.4, 2.7.5 and the head those of 2.7.6", () => {
  const { vq, kernel } = setup({ num: 4, start: 0 });
  vq.addSgs(
    [{ address: 0x1_2345_6789, length: 0x10 }],
    [{ address: 0x4000_1000, length: 0x200 }],
    "a",
  );
  // The next field of the last descriptor means nothing.
  const at = vq.descAddr - RAM_BASE;
  const hex = [...kernel.mem.bytes.subarray(at, at + 30)].map((b) =>
    b.toString(16).padStart(2, "0")
  );
  assertEquals(
    hex.join(" "),
    "89 67 45 23 01 00 00 00 10 00 00 00 01 00 01 00 " +
      "00 10 00 40 00 00 00 00 00 02 00 00 02 00",
  );
  const avail = vq.availAddr - RAM_BASE;
  assertEquals([...kernel.mem.bytes.subarray(avail, avail + 6)], [0, 0, 1, 0, 0, 0]);
});

Deno.test("the parts of a ring lie as VIRTIO 1.4, 2.7.2 asks, for every size", () => {
  for (let num = 1; num <= 64; num *= 2) {
    const { vq, kernel } = setup({ num });
    assertEquals(vq.descAddr % 4096, 0);
    assertEquals(vq.availAddr, vq.descAddr + 16 * num);
    assertEquals(vq.usedAddr % 4096, 0);
    assert(vq.usedAddr >= vq.availAddr + 6 + 2 * num);
    const end = vq.usedAddr + 6 + 8 * num;
    assert([...kernel.mem.live.values()].some(({ memory }) => memory.address + memory.size >= end));
  }
});

Deno.test("vringCreateVirtqueue() refuses what is no power of two", () => {
  const powers = new Set([1, 2, 4, 8, 16, 32, 64]);
  for (let num = 1; num <= 64; num++) {
    if (powers.has(num)) continue;
    const error = assertThrows(() => setup({ num }), KernelError, "cannot have");
    assertEquals(error.code, "ENOMEM");
  }
});

Deno.test("vringCreateVirtqueue() halves the size while memory is short, down to one page", () => {
  const machine = new BareMachine((2 << 20) + 4 * 4096);
  const kernel = new Kernel(machine);
  const vdev = new VirtioDevice(kernel, NO_CONFIG);
  const options = { index: 0, name: "q", align: 4096, indirect: false, eventIdx: false };
  const vq = vringCreateVirtqueue(vdev, { ...options, num: 1024, notify: () => true });
  // 512 descriptors take three pages for table and available ring and two for the used ring; 256 take 2 + 1.
  assertEquals(vq.vringSize, 256);
  const held = kernel.mem.live.size;
  const error = assertThrows(
    () => {
      for (let i = 0; i < 9; i++) {
        vringCreateVirtqueue(vdev, {
          ...options,
          num: 64,
          notify: () => true,
        });
      }
    },
    KernelError,
  );
  assertEquals(error.code, "ENOMEM");
  assert(kernel.mem.live.size <= held + 1);
});

// The model

interface Outstanding {
  readonly data: string;
  readonly parts: readonly Part[];
}

/** A driver's view in the simplest words, driven by random bytes; throws when driver and device disagree. */
class Model {
  readonly #outstanding: Outstanding[] = [];
  readonly #usedInOrder: { readonly data: string; readonly length: number }[] = [];
  #serial = 0;
  #callbacksOn = true;
  #unseen = 0;
  #sawWish = false;

  constructor(
    readonly s: Setup,
    readonly num: number,
    readonly indirect: boolean,
    readonly hostile: boolean,
  ) {}

  #descriptorsOut(): number {
    return this.#outstanding.concat(this.#pendingUsed).reduce(
      (sum, { parts }) => sum + (this.indirect && parts.length > 1 ? 1 : parts.length),
      0,
    );
  }
  #pendingUsed: Outstanding[] = [];

  add(outs: number, ins: number): undefined {
    const { vq, device } = this.s;
    const total = outs + ins;
    const parts: Part[] = Array.from({ length: total }, (_, i) => ({
      ...sg(this.#serial * 7 + i, 1 + (this.#serial + i) % 60),
      write: i >= outs,
    }));
    const data = `d${this.#serial++}`;
    const free = this.num - this.#descriptorsOut();
    const needed = this.indirect && total > 1 && free > 0 ? 1 : total;
    assertEquals(vq.numFree, free);
    const add = () => vq.addSgs(parts.slice(0, outs), parts.slice(outs), data);
    if (needed > free) {
      const told = device.notified;
      assertEquals(assertThrows(add, KernelError).code, "ENOSPC");
      assertEquals(device.notified - told, outs > 0 ? 1 : 0);
      return;
    }
    add();
    this.#outstanding.push({ data, parts });
  }

  kick(): undefined {
    const { vq, device } = this.s;
    const told = device.notified;
    const wasAsleep = device.asleep;
    assertEquals(vq.kick(), true);
    const news = device.lastAvail !== device.availIdx;
    if (wasAsleep && news) assertEquals(device.notified, told + 1, "a lost kick");
  }

  take(): undefined {
    const { device } = this.s;
    const chain = device.take();
    if (chain === undefined) return;
    const expected = this.#outstanding.find(({ parts }) =>
      parts.length === chain.parts.length && parts[0].address === chain.parts[0].address
    );
    assertEquals(chain.parts, expected?.parts);
  }

  use(which: number): undefined {
    const { device, vq } = this.s;
    if (device.taken.length === 0) return;
    const [chain] = device.taken.splice(which % device.taken.length, 1);
    const at = this.#outstanding.findIndex(({ parts }) =>
      parts[0].address === chain.parts[0].address
    );
    const [buffer] = this.#outstanding.splice(at, 1);
    this.#pendingUsed.push(buffer);
    const length = (which * 31) % 5000;
    if (device.putUsed(chain.head, length)) {
      this.#sawWish = true;
      assertEquals(vq.interrupt(), "handled");
    }
    this.#usedInOrder.push({ data: buffer.data, length });
    this.#unseen++;
    if (this.#callbacksOn) assert(this.#sawWish, "a lost interrupt");
    if (this.hostile) this.#vandalise(which);
  }

  /** Overwrites every descriptor, also those in flight: nothing of it may matter to the driver. */
  #vandalise(seed: number): undefined {
    const { vq, kernel } = this.s;
    const from = vq.descAddr - RAM_BASE;
    for (let i = 0; i < 16 * this.num; i++) kernel.mem.bytes[from + i] = (seed + i) * 37 & 0xff;
  }

  get(): undefined {
    const { vq } = this.s;
    const expected = this.#usedInOrder.shift();
    const data = vq.getBuf();
    assertEquals(data, expected?.data);
    if (expected === undefined) return;
    assertEquals(vq.usedLen, expected.length);
    this.#pendingUsed.shift();
    this.#unseen--;
    if (this.#unseen === 0) this.#sawWish = false;
  }

  disable(): undefined {
    this.s.vq.disableCb();
    this.#callbacksOn = false;
  }

  enable(): undefined {
    const clear = this.s.vq.enableCb();
    assertEquals(clear, this.#unseen === 0);
    this.#callbacksOn = clear;
    if (clear) this.#sawWish = false;
    else this.disable();
  }

  finish(): undefined {
    const { device, vq } = this.s;
    this.kick();
    if (!this.hostile) { while (device.lastAvail !== device.availIdx) this.take(); }
    while (device.taken.length > 0) this.use(0);
    while (this.#usedInOrder.length > 0) this.get();
    assertEquals(vq.getBuf(), undefined);
    assertEquals(vq.isBroken, false);
    if (!this.hostile) assertEquals(vq.numFree, this.num);
  }
}

type Step = readonly [kind: string, a: number, b: number];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("add"), fc.nat(3), fc.nat(3)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("kick"), fc.constant(0), fc.constant(0)) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("take"), fc.constant(0), fc.constant(0)) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("use"), fc.nat(1000), fc.constant(0)) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("get"), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("sleep"), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("disable"), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("enable"), fc.constant(0), fc.constant(0)) },
);

function play(model: Model, steps: readonly Step[]): undefined {
  for (const [kind, a, b] of steps) {
    if (kind === "add" && a + b > 0) model.add(a, b);
    else if (kind === "kick") model.kick();
    else if (kind === "take") model.take();
    else if (kind === "use") model.use(a);
    else if (kind === "get") model.get();
    else if (kind === "sleep") model.s.device.sleep();
    else if (kind === "disable") model.disable();
    else if (kind === "enable") model.enable();
  }
  model.finish();
}

Deno.test("driver and naive device agree over every mix of operations, sizes and features", () => {
  fc.assert(
    fc.property(
      fc.nat(6),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(0, NEAR_THE_WRAP, U16),
      fc.array(step, { maxLength: 120 }),
      (power, indirect, eventIdx, start, steps) => {
        const num = 1 << power;
        const s = setup({ num, indirect, eventIdx, start });
        play(new Model(s, num, indirect, false), steps);
        s.vq.delete();
        assertEquals(s.kernel.mem.live.size, 0);
      },
    ),
    { numRuns: 400, seed: 3 },
  );
});

Deno.test("a device that overwrites the descriptors in flight cannot confuse the driver", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2)), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
      (power, indirect, buffers, order) => {
        const num = 1 << power;
        const model = new Model(setup({ num, indirect }), num, indirect, true);
        for (const [outs, ins] of buffers) model.add(outs, ins);
        for (let i = 0; i < buffers.length; i++) model.take();
        for (const which of order) model.use(which);
        model.finish();
        assertEquals(model.s.vq.numFree, num);
      },
    ),
    { numRuns: 200, seed: 4 },
  );
});

// Rules that the device breaks

function errors(kernel: Kernel): string[] {
  return kernel.log.records.filter(({ level }) => level === 3).map(({ text }) => text);
}

Deno.test("an id out of range breaks the queue, also when its low 16 bits fit", () => {
  for (const id of [8, 0xffff, 0x1_0003, 0xffff_ffff]) {
    const { vq, device, kernel } = setup();
    for (let i = 0; i < 4; i++) vq.addInbuf([sg(i)], `d${i}`);
    device.take();
    device.putUsed(id, 1);
    assertEquals(vq.getBuf(), undefined);
    assertEquals(vq.isBroken, true);
    assert(errors(kernel)[0].endsWith(`req.0:id ${id} out of range`), errors(kernel)[0]);
  }
});

Deno.test("an id that is no head breaks the queue: free, in mid-chain, or used twice", () => {
  const cases: readonly (readonly [number, number])[] = [[0, 5], [0, 1], [0, 0]];
  for (const [first, second] of cases) {
    const { vq, device, kernel } = setup();
    vq.addSgs([sg(0), sg(1)], [sg(2)], "three");
    vq.addInbuf([sg(3)], "one");
    device.take();
    if (second === first) {
      device.putUsed(first, 0);
      assertEquals(vq.getBuf(), "three");
    }
    device.putUsed(second, 0);
    assertEquals(vq.getBuf(), undefined);
    assert(errors(kernel)[0].endsWith(`req.0:id ${second} is not a head!`), errors(kernel)[0]);
  }
});

Deno.test("a used index that jumps past what is outstanding breaks the queue", () => {
  const { vq, device } = setup();
  vq.addInbuf([sg(0)], "a");
  device.take();
  device.putUsed(0, 4);
  device.view.setUint16(device.used + 2, NEAR_THE_WRAP + 5, true);
  assertEquals(vq.getBuf(), "a");
  assertEquals(vq.getBuf(), undefined);
  assertEquals(vq.isBroken, true);
});

Deno.test("a broken queue takes and gives nothing, and does not notify", () => {
  const { vq, device } = setup();
  vq.addInbuf([sg(0)], "a");
  device.take();
  device.putUsed(0, 1);
  vq.break();
  assertEquals(vq.getBuf(), undefined);
  assertEquals(assertThrows(() => vq.addInbuf([sg(1)], "b"), KernelError).code, "EIO");
  assertEquals(vq.notify(), false);
  assertEquals(vq.kick(), false);
  assertEquals(vq.poll(0), false);
  assertEquals(vq.interrupt(), "handled");
  assertEquals(device.notified, 0);
  assertEquals(vq.detachUnusedBuf(), "a");
});

Deno.test("notify() that fails breaks the queue", () => {
  const { vq } = setup({ notify: () => false });
  vq.addOutbuf([sg(0)], "a");
  assertEquals(vq.kick(), false);
  assertEquals(vq.isBroken, true);
});

Deno.test("an interrupt without used buffers is nobody's", () => {
  const { vq, callbacks } = setup();
  vq.addInbuf([sg(0)], "a");
  assertEquals(vq.interrupt(), "none");
  assertEquals(callbacks(), 0);
});

Deno.test("a buffer without parts or without data is a bug of the driver", () => {
  const { vq } = setup();
  assertThrows(() => vq.addSgs([], [], "a"), KernelBug);
  assertThrows(() => vq.addInbuf([sg(0)], undefined as unknown as string), KernelBug);
});

// Interrupts

Deno.test("a queue without callback asks for no interrupt, in the ring only without event index", () => {
  for (const eventIdx of [false, true]) {
    const { vq, device } = setup({ eventIdx, callback: undefined });
    assertEquals(device.view.getUint16(device.avail, true), eventIdx ? 0 : 1);
    vq.addInbuf([sg(0)], "a");
    device.take();
    device.putUsed(0, 0);
    assertEquals(vq.getBuf(), "a");
    assertEquals(device.usedEvent, NEAR_THE_WRAP);
  }
});

Deno.test("disableCb() writes used_event 0 with event index, the flag without", () => {
  const event = setup({ eventIdx: true });
  event.vq.disableCb();
  assertEquals(event.device.usedEvent, 0);
  assertEquals(event.device.view.getUint16(event.device.avail, true), 0);
  const plain = setup();
  plain.vq.disableCb();
  assertEquals(plain.device.view.getUint16(plain.device.avail, true), 1);
  assertEquals(plain.device.usedEvent, NEAR_THE_WRAP);
});

Deno.test("enableCbDelayed() asks for an interrupt after three quarters of what is outstanding", () => {
  for (let outstanding = 0; outstanding <= 8; outstanding++) {
    const { vq, device } = setup({ eventIdx: true, num: 8 });
    for (let i = 0; i < outstanding; i++) vq.addInbuf([sg(i)], `d${i}`);
    assertEquals(vq.enableCbDelayed(), true);
    const enough = [0, 0, 1, 2, 3, 3, 4, 5, 6][outstanding];
    assertEquals(device.usedEvent, (NEAR_THE_WRAP + enough) & U16);
    for (let i = 0; i < outstanding; i++) {
      const { head } = device.take()!;
      assertEquals(device.putUsed(head, 0), i === enough);
    }
    assertEquals(vq.enableCbDelayed(), outstanding <= enough);
  }
});

Deno.test("poll() tells whether a buffer was used since enableCbPrepare()", () => {
  const { vq, device } = setup();
  vq.addInbuf([sg(0)], "a");
  const point = vq.enableCbPrepare();
  assertEquals(vq.poll(point), false);
  device.take();
  device.putUsed(0, 0);
  assertEquals(vq.poll(point), true);
  assertEquals(vq.enableCb(), false);
  vq.getBuf();
  assertEquals(vq.enableCb(), true);
});

// Memory

Deno.test("detachUnusedBuf() gives back what the device did not use, by index, and takes it off the ring", () => {
  const { vq, device } = setup({ indirect: true });
  vq.addSgs([sg(0)], [sg(1)], "a");
  vq.addInbuf([sg(2)], "b");
  vq.addSgs([sg(3)], [sg(4), sg(5)], "c");
  device.take();
  device.putUsed(0, 9);
  assertEquals(vq.getBuf(), "a");
  assertEquals([vq.detachUnusedBuf(), vq.detachUnusedBuf(), vq.detachUnusedBuf()], [
    "b",
    "c",
    undefined,
  ]);
  assertEquals(vq.numFree, 8);
  assertEquals(device.availIdx, NEAR_THE_WRAP + 1);
});

Deno.test("without memory for an indirect table the buffer lies in the ring itself", () => {
  const { vq, device, kernel } = setup({ indirect: true, num: 4 });
  kernel.choices.chooser = ({ kind }) => kind === "fault" ? 1 : 0;
  vq.addSgs([sg(0)], [sg(1), sg(2)], "direct");
  assertEquals(vq.numFree, 1);
  assertEquals(device.take()?.parts.length, 3);
  assertEquals(assertThrows(() => vq.addSgs([sg(3)], [sg(4)], "x"), KernelError).code, "ENOSPC");
  device.putUsed(0, 1);
  assertEquals(vq.getBuf(), "direct");
  assertEquals(vq.numFree, 4);
});

Deno.test("delete() gives all memory back, whatever is still in the ring", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { vq, device, kernel } = setup({ indirect: true, num: 16 });
    const random = seededChooser(seed);
    for (let i = 0; i < 12; i++) vq.addSgs([sg(i)], [sg(i + 1), sg(i + 2)], `d${i}`);
    for (let i = random({ count: 12 }); i > 0; i--) device.putUsed(device.take()!.head, 0);
    for (let i = random({ count: 12 }); i > 0; i--) vq.getBuf();
    vq.delete();
    assertEquals(kernel.mem.live.size, 0);
  }
});

Deno.test("kick() tells of each batch once with event index, and as the flag says without", () => {
  const { vq, device } = setup({ eventIdx: true });
  device.setAvailEvent(NEAR_THE_WRAP);
  for (let i = 0; i < 3; i++) vq.addInbuf([sg(i)], `d${i}`);
  assertEquals([vq.kickPrepare(), vq.kickPrepare()], [true, false]);
  vq.addInbuf([sg(4)], "e");
  assertEquals(vq.kickPrepare(), false);
  device.setAvailEvent(NEAR_THE_WRAP + 4);
  vq.addInbuf([sg(5)], "f");
  assertEquals(vq.kickPrepare(), true);
  const plain = setup();
  plain.vq.addInbuf([sg(0)], "a");
  assertEquals([plain.vq.kickPrepare(), plain.vq.kickPrepare()], [true, true]);
  plain.device.wakeUp();
  assertEquals(plain.vq.kickPrepare(), false);
});
