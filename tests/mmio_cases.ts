/**
 * Register accesses and rings, well-formed and not, put to one device on both machines. What QEMU
 * 7.2 answers is kept in `mmio_cases.json`; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/mmio_cases.ts > tests/mmio_cases.json
 * ```
 *
 * @module
 */
import { MachineBench } from "./machine_bench.ts";
import { MiniDriver, type Registers } from "./mini_driver.ts";
import { QtestMachine, RAM_BASE, slotAddress } from "./qtest_client.ts";

/** One script of accesses; it returns a line for everything it saw. */
export interface MmioCase {
  /** Name for the table. */
  readonly name: string;
  /** Whether the slot is a legacy one. */
  readonly legacy?: boolean;
  /** QEMU's options; `IMAGE` stands for the path of an image of 1 MiB. */
  readonly args: readonly string[];
  /** Puts the accesses. */
  readonly run: (machine: Registers) => string[];
}

const BASE = slotAddress(0);
const DISK = [
  "-drive",
  "if=none,id=d0,driver=null-co,size=1M,read-zeroes=on",
  "-device",
  "virtio-blk-device,drive=d0",
];
const IMAGE_SIZE = 1 << 20;
const DISK_FILE = [
  "-drive",
  "if=none,id=d0,file=IMAGE,format=raw",
  "-device",
  "virtio-blk-device,drive=d0",
];
const SERIAL = ["-device", "virtio-serial-device"];

const hex = (value: number) => `0x${value.toString(16)}`;

// Registers

function readAll(machine: Registers): string[] {
  const lines: string[] = [];
  for (const width of [4, 2, 1] as const) {
    for (let offset = 0; offset < 0x100; offset += 4) {
      const value = machine.read(BASE + offset, width);
      if (value !== 0) lines.push(`${width} ${hex(offset)} = ${hex(value)}`);
    }
  }
  return lines;
}

function readEmptySlot(machine: Registers): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < 0x200; offset += 4) {
    machine.write(slotAddress(5) + offset, 4, 0x5a);
    const value = machine.read(slotAddress(5) + offset, 4);
    if (value !== 0) lines.push(`${hex(offset)} = ${hex(value)}`);
  }
  return lines;
}

/** A pseudo-random sequence of accesses; the same on both machines. */
function randomAccesses(machine: Registers, seed: number, modern: boolean): string[] {
  let state = seed;
  const next = (count: number) => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * count);
  };
  const pick = <T>(values: readonly T[]): T => values[next(values.length)];
  const registers = [0x0, 0x8, 0x10, 0x14, 0x20, 0x24, 0x28, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44];
  registers.push(0x50, 0x60, 0x64, 0x70, 0x70, 0x70, 0xac, 0xb0, 0xb8, 0xc0, 0xfc);
  if (modern) registers.push(0x80, 0x84, 0x90, 0x94, 0xa0, 0xa4);
  // QEMU has flash memory at address 0, so every queue gets an address in RAM first.
  for (let queue = 0; modern && queue < 64; queue++) {
    machine.write(BASE + 0x30, 4, queue);
    for (const offset of [0x80, 0x90, 0xa0]) machine.write(BASE + offset, 4, RAM_BASE);
  }
  const lines: string[] = [];
  for (let i = 0; i < 1500; i++) {
    const offset = pick(registers);
    const width = next(20) === 0 ? pick([1, 2] as const) : 4;
    if (next(2) === 0) {
      lines.push(`read${width} ${hex(offset)} = ${hex(machine.read(BASE + offset, width))}`);
      continue;
    }
    const value = randomValue(offset, next);
    machine.write(BASE + offset, width, value);
    lines.push(`write${width} ${hex(offset)} ${hex(value)}`);
  }
  return lines;
}

function randomValue(offset: number, next: (count: number) => number): number {
  switch (offset) {
    case 0x70:
      return [0, 1, 3, 11, 15, 0x80, 0xff, 0x1ff, next(256)][next(9)];
    case 0x84:
    case 0x94:
    case 0xa4:
      return 0;
    case 0x80:
    case 0x90:
    case 0xa0:
      return RAM_BASE + 16 * next(0x1000);
    case 0x40:
      return next(3) === 0 ? 0 : next(2 ** 20);
    case 0x50:
      return 1 + next(2 ** 31);
    case 0x20:
      return next(2 ** 32);
    case 0x38:
      return [0, 1, 2, 3, 8, 16, 1000, 1024, 1025, 65536][next(10)];
    default:
      return [0, 1, 2, 3, 5, 63, 64, 65, 1023, 1024, 4096, 0x80000000, 0xffffffff][next(13)];
  }
}

// The serial port

const UART = 0x0900_0000;

/** Accesses to all registers of the PL011, and to some places where it has none. */
function randomSerial(machine: Registers, seed: number): string[] {
  let state = seed;
  const next = (count: number) => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * count);
  };
  const lines: string[] = [];
  for (let offset = 0; offset < 0x1000; offset += 4) {
    const value = machine.read(UART + offset, 4);
    if (value !== 0) lines.push(`${hex(offset)} = ${hex(value)}`);
  }
  for (let i = 0; i < 1000; i++) {
    const offset = 4 * next(20);
    const width = ([1, 2, 4] as const)[next(3)];
    if (next(2) === 0) {
      lines.push(`read${width} ${hex(offset)} = ${hex(machine.read(UART + offset, width))}`);
    } else {
      const value = next(256 ** width);
      machine.write(UART + offset, width, value);
      lines.push(`write${width} ${hex(offset)} ${hex(value)}`);
    }
  }
  return lines;
}

// Rings

const DESC = RAM_BASE;
const AVAIL = RAM_BASE + 0x800;
const USED = RAM_BASE + 0x1000;
const HEADER = RAM_BASE + 0x50000;
const DATA = RAM_BASE + 0x60000;
const TABLE = RAM_BASE + 0x70000;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

type Descriptor = readonly [address: number | bigint, length: number, flags: number, next: number];

const le16 = (value: number) => Uint8Array.of(value & 0xff, value >>> 8 & 0xff);

function descriptors(entries: readonly Descriptor[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 * entries.length));
  entries.forEach(([address, length, flags, next], i) => {
    view.setBigUint64(16 * i, BigInt(address), true);
    view.setUint32(16 * i + 8, length, true);
    view.setUint16(16 * i + 12, flags, true);
    view.setUint16(16 * i + 14, next, true);
  });
  return new Uint8Array(view.buffer);
}

/** How a ring differs from a well-formed read of sector 0 in three descriptors. */
interface Ring {
  readonly table?: readonly Descriptor[];
  readonly indirect?: readonly Descriptor[];
  readonly avail?: readonly number[];
  readonly availIdx?: number;
  /** Features left out of the negotiation. */
  readonly without?: bigint;
  /** Flags of the available ring. */
  readonly flags?: number;
}

const READ: readonly Descriptor[] = [
  [HEADER, 16, NEXT, 1],
  [DATA, 512, NEXT | WRITE, 2],
  [DATA + 512, 1, WRITE, 0],
];

/** Sets up queue 0 of the disk, writes the ring, notifies, and tells what came of it. */
function tryRing(machine: Registers, ring: Ring): string[] {
  const driver = new MiniDriver(machine);
  driver.init(1, ~(ring.without ?? 0n));
  machine.writeMemory(HEADER, new Uint8Array(16));
  machine.writeMemory(DATA, new Uint8Array(520).fill(0xee));
  machine.writeMemory(DESC, descriptors(ring.table ?? READ));
  machine.writeMemory(TABLE, descriptors(ring.indirect ?? READ));
  const avail = ring.avail ?? [0];
  machine.writeMemory(AVAIL, le16(ring.flags ?? 0));
  avail.forEach((head, i) => machine.writeMemory(AVAIL + 4 + 2 * i, le16(head)));
  machine.writeMemory(AVAIL + 2, le16(ring.availIdx ?? avail.length));
  driver.kick(0, 10);
  const used = machine.readMemory(USED, 20);
  const view = new DataView(used.buffer);
  const lines = [
    `status ${hex(driver.read(0x70))}`,
    `isr ${driver.read(0x60)}`,
    `generation ${driver.read(0xfc)}`,
    `used ${view.getUint16(2, true)}: ${view.getUint32(4, true)} ${view.getUint32(8, true)}`,
  ];
  // After a reset the device works as if nothing had been.
  driver.init(1);
  const { len, data } = driver.request(0, [new Uint8Array(16)], [512, 1]);
  lines.push(`next request ${len} status ${data[512]}`);
  driver.write(0x70, 0);
  return lines;
}

const INDIRECT_ONE: readonly Descriptor[] = [[TABLE, 48, INDIRECT, 0]];

/** Rings by name. */
export const RINGS: Readonly<Record<string, Ring>> = {
  "a read": {},
  "a read through an indirect table": { table: INDIRECT_ONE },
  "no interrupt wanted": { flags: 1 },
  "an indirect table that was not negotiated": { table: INDIRECT_ONE, without: 1n << 28n },
  "an indirect descriptor with NEXT": { table: [[TABLE, 48, INDIRECT | NEXT, 1], ...READ] },
  "an indirect table inside an indirect table": {
    table: INDIRECT_ONE,
    indirect: [[TABLE + 16, 32, INDIRECT, 0]],
  },
  "an indirect table of no bytes": { table: [[TABLE, 0, INDIRECT, 0]] },
  "an indirect table of one and a half descriptors": { table: [[TABLE, 24, INDIRECT, 0]] },
  "an indirect table with a link past its end": {
    table: INDIRECT_ONE,
    indirect: [[HEADER, 16, NEXT, 3], ...READ.slice(1)],
  },
  "a head past the table": { avail: [16] },
  "a link past the table": { table: [[HEADER, 16, NEXT, 16]] },
  "a descriptor linked to itself": { table: [[HEADER, 16, NEXT, 0]] },
  "a circle of three": {
    table: [[HEADER, 16, NEXT, 1], [HEADER, 16, NEXT, 2], [HEADER, 16, NEXT, 0]],
  },
  "a circle in an indirect table": {
    table: INDIRECT_ONE,
    indirect: [[HEADER, 16, NEXT, 1], [HEADER, 16, NEXT, 2], [HEADER, 16, NEXT, 0]],
  },
  "an empty buffer": { table: [READ[0], [DATA, 0, NEXT | WRITE, 2], READ[2]] },
  "a readable buffer behind a writable one": {
    table: [[DATA, 512, NEXT | WRITE, 1], [HEADER, 16, NEXT, 2], READ[2]],
  },
  "an available index that jumps": { avail: new Array(16).fill(0), availIdx: 100 },
  "an available index that goes back": { avail: new Array(16).fill(0), availIdx: 0xffff },
  "no header": { table: [[DATA, 512, WRITE, 0]] },
  "no room for the status": { table: [[HEADER, 16, 0, 0]] },
};

function ringCases(): MmioCase[] {
  return Object.entries(RINGS).map(([name, ring]) => ({
    name: `ring: ${name}`,
    args: DISK,
    run: (machine) => tryRing(machine, ring),
  }));
}

/** A queue goes on working after QueueReady is cleared, keeps its features, and so on. */
function stopQueue(machine: Registers): string[] {
  const driver = new MiniDriver(machine);
  driver.init(1);
  driver.write(0x30, 0);
  driver.write(0x44, 0);
  const lines = [`ready ${driver.read(0x44)}`];
  driver.add(0, [new Uint8Array(16)], [512, 1]);
  driver.kick(0, 10);
  lines.push(`used ${driver.used(0).length}`);
  driver.write(0xc0, 1);
  lines.push(`reset ${driver.read(0xc0)} ready ${driver.read(0x44)}`);
  return lines;
}

function resizeDisk(machine: Registers): string[] {
  const driver = new MiniDriver(machine);
  const lines: string[] = [];
  const look = (what: string) =>
    lines.push(`${what}: generation ${driver.read(0xfc)} isr ${driver.read(0x60)}`);
  const resize = (size: number) => {
    const args = { device: "d0", size };
    if (machine instanceof QtestMachine) machine.qmp("block_resize", args);
    else if (machine instanceof MachineBench) machine.machine.qmp("block_resize", args);
    machine.settle(5);
  };
  look("at first");
  resize(2 ** 21);
  look("resized before the driver is ready");
  driver.init(1);
  resize(2 ** 22);
  look("resized");
  driver.write(0x64, 2);
  look("configuration bit acknowledged");
  driver.write(0x64, 1);
  look("both acknowledged");
  driver.write(0x70, 0);
  look("after a reset");
  return lines;
}

/** All cases. */
export const CASES: readonly MmioCase[] = [
  { name: "every register at power-on", args: DISK, run: readAll },
  { name: "every legacy register at power-on", args: DISK, legacy: true, run: readAll },
  { name: "an empty slot", args: DISK, run: readEmptySlot },
  { name: "an empty legacy slot", args: DISK, legacy: true, run: readEmptySlot },
  ...[1, 2, 3].map((seed): MmioCase => ({
    name: `random accesses, seed ${seed}`,
    args: SERIAL,
    run: (machine) => randomAccesses(machine, seed, true),
  })),
  ...[4, 5].map((seed): MmioCase => ({
    name: `random legacy accesses, seed ${seed}`,
    args: SERIAL,
    legacy: true,
    run: (machine) => randomAccesses(machine, seed, false),
  })),
  {
    name: "the serial port",
    args: ["-serial", "null"],
    run: (machine) => randomSerial(machine, 6),
  },
  ...ringCases(),
  { name: "a stopped queue", args: DISK, run: stopQueue },
  { name: "a disk that grows", args: DISK_FILE, run: resizeDisk },
];

/** The lines of a long script are kept as one digest. */
function digest(lines: string[]): string[] {
  if (lines.length < 300) return lines;
  let hash = 0x811c9dc5;
  for (const line of lines) {
    for (const char of line + "\n") hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return [`${lines.length} lines, FNV-1a ${hash.toString(16)}`];
}

/** Asks the embedded machine; all lines, also of long scripts, when `whole`. */
export function askEmbedded({ args, legacy = false, run }: MmioCase, whole = false): string[] {
  const bench = new MachineBench(["-global", `virtio-mmio.force-legacy=${legacy}`, ...args], {
    images: { IMAGE: new Uint8Array(IMAGE_SIZE) },
  });
  const lines = run(bench);
  return whole ? lines : digest(lines);
}

/** Asks the installed QEMU. */
export function askQemu({ args, legacy = false, run }: MmioCase, whole = false): string[] {
  const image = Deno.makeTempFileSync();
  Deno.truncateSync(image, IMAGE_SIZE);
  try {
    using machine = new QtestMachine(args.map((word) => word.replace("IMAGE", image)), legacy);
    const lines = run(machine);
    return whole ? lines : digest(lines);
  } finally {
    Deno.removeSync(image);
  }
}

/** Asks the installed QEMU everything. */
export function askQemuAll(): Record<string, string[]> {
  return Object.fromEntries(CASES.map((row) => [row.name, askQemu(row)]));
}

if (import.meta.main) console.log(JSON.stringify(askQemuAll(), null, 1));
