/**
 * How fast a QEMU can be driven: register accesses one at a time and posted, and disk reads through the
 * whole stack with guest memory shared. The peer of the reads moves all memory over qtest commands, as
 * qtest clients do; it has no kernel above it, and sends as few commands as it can.
 * It reads one block at a time, as such clients do, and 32 at a time, as well as it can be done.
 *
 *     deno run -A bench/qemu.ts [READS]
 *
 * @module
 */
import { boot, qemu, qemuInstalled } from "../mod.ts";
import { qemu as startQemu, type QemuMachine } from "../hypervisor/qemu/machine.ts";
import { vringLayout } from "../uapi/virtio_ring.ts";
import { makeImage, readBlocks } from "./block.ts";
import { median, row } from "./report.ts";

const DISK = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
const SLOT = 0x0a00_3e00;
const BLOCK_BYTES = 4096;
const BLOCKS = (64 << 20) / BLOCK_BYTES;
/** As in `block.ts`. */
const STRIDE = 6_151;
const DEPTH = 32;
const ROUNDS = 5;
const READS = 2000;

/** Guest memory of the peer: a ring, then a header, a status and a block for each request. */
const RING = 0x4040_0000;
const RING_SIZE = 128;
const HEADERS = RING + 0x10000;
const STATUSES = HEADERS + 0x10000;
const DATA = STATUSES + 0x10000;

/** A disk driver whose every byte of memory goes over the line. */
class QtestReader {
  readonly #link: QemuMachine["connection"]["qtest"];
  readonly #layout = vringLayout(RING_SIZE, 4096);
  #availIdx = 0;

  constructor(machine: QemuMachine) {
    this.#link = machine.connection.qtest;
    this.#start();
  }

  #register(offset: number, value: number): undefined {
    this.#link.post(SLOT + offset, 4, value);
  }

  #start(): undefined {
    const { avail, used } = this.#layout;
    for (const status of [0, 1, 3]) this.#register(0x70, status);
    this.#register(0x24, 1);
    this.#register(0x20, 1);
    this.#register(0x70, 11);
    this.#register(0x30, 0);
    this.#register(0x38, RING_SIZE);
    this.#register(0x80, RING);
    this.#register(0x90, RING + avail);
    this.#register(0xa0, RING + used);
    this.#register(0x44, 1);
    this.#register(0x70, 15);
    // The chains are always the same: header, block, status.
    const table = new DataView(new ArrayBuffer(16 * RING_SIZE));
    for (let i = 0; i < DEPTH; i++) {
      const parts = [[HEADERS + 16 * i, 16, 1], [DATA + BLOCK_BYTES * i, BLOCK_BYTES, 3], [
        STATUSES + i,
        1,
        2,
      ]];
      for (const [part, [address, length, flags]] of parts.entries()) {
        const at = 16 * (3 * i + part);
        table.setUint32(at, address, true);
        table.setUint32(at + 8, length, true);
        table.setUint16(at + 12, flags, true);
        table.setUint16(at + 14, 3 * i + part + 1, true);
      }
    }
    this.#link.writeMemory(RING, new Uint8Array(table.buffer));
  }

  /** Reads `count` blocks, at most `depth` at a time; returns the sum of their numbers. */
  read(count: number, depth: number): number {
    let sum = 0;
    for (let first = 0; first < count; first += depth) {
      const size = Math.min(depth, count - first);
      this.#submit(first, size);
      const answer = this.#link.readMemory(DATA, BLOCK_BYTES * size);
      const blocks = new DataView(answer.buffer);
      for (let i = 0; i < size; i++) sum += blocks.getUint32(BLOCK_BYTES * i, true);
      const statuses = this.#link.readMemory(STATUSES, size);
      if (statuses.some((status) => status !== 0)) throw new Error("a read failed");
    }
    return sum;
  }

  #submit(first: number, size: number): undefined {
    const headers = new DataView(new ArrayBuffer(16 * size));
    const ring = new Uint8Array(2 * RING_SIZE);
    for (let i = 0; i < size; i++) {
      headers.setUint32(16 * i + 8, (((first + i) * STRIDE) % BLOCKS) * 8, true);
      ring[2 * ((this.#availIdx + i) % RING_SIZE)] = 3 * i;
    }
    this.#availIdx = (this.#availIdx + size) & 0xffff;
    const { avail, used } = this.#layout;
    this.#link.writeMemory(HEADERS, new Uint8Array(headers.buffer));
    this.#link.writeMemory(RING + avail + 4, ring);
    this.#link.writeMemory(RING + avail + 2, Uint8Array.of(this.#availIdx, this.#availIdx >> 8));
    this.#register(0x50, 0);
    for (;;) {
      const [low, high] = this.#link.readMemory(RING + used + 2, 2);
      if ((low | high << 8) === this.#availIdx) return;
    }
  }
}

function seconds(body: () => unknown): number {
  const from = performance.now();
  body();
  return (performance.now() - from) / 1000;
}

async function benchRegisters(count: number): Promise<undefined> {
  await using machine = startQemu();
  const { qtest } = machine.connection;
  const rate = (body: () => unknown) =>
    Math.round(count / median(Array.from({ length: ROUNDS }, () => seconds(body))));
  const read = rate(() => {
    for (let i = 0; i < count; i++) qtest.read(SLOT, 4);
  });
  const posted = rate(() => {
    for (let i = 0; i < count; i++) qtest.post(SLOT + 0x30, 4, 0);
    qtest.finish();
  });
  console.log(`${count} register accesses of a QEMU, median of ${ROUNDS}`);
  row("", "us each", "per second");
  row("one at a time", (1e6 / read).toFixed(1), read);
  row("posted writes", (1e6 / posted).toFixed(1), posted);
}

/** Prints tables; returns how many times as long reads take when memory goes over the line. */
export async function benchQemu(count = READS): Promise<number> {
  await benchRegisters(count);
  const images = { "disk.img": makeImage() };
  await using vm = await boot(qemu(DISK, { images }), { log: false });
  await using bare = startQemu(DISK.split(" "), { images: { "disk.img": makeImage() } });
  const reader = new QtestReader(bare);
  let accesses = 0;
  const here: number[] = [];
  const together: number[] = [];
  const alone: number[] = [];
  await readBlocks(vm, DEPTH);
  reader.read(DEPTH, DEPTH);
  vm.kernel.io.onAccess = (): undefined => void accesses++;
  let checksum = 0;
  const peer = (depth: number): number => {
    let sum = 0;
    const time = seconds(() => sum = reader.read(count, depth));
    if (sum !== checksum) throw new Error("the reads brought other data");
    return time / count * 1e6;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    checksum = await readBlocks(vm, count);
    here.push((performance.now() - from) / count * 1000);
    together.push(peer(DEPTH));
    alone.push(peer(1));
  }
  const us = median(here);
  console.log(`\n${count} reads of 4 KiB on QEMU, median of ${ROUNDS}`);
  row("", "in flight", "us/read", "reads/s", "accesses", "ratio", "checksum");
  const perRead = (accesses / count / ROUNDS).toFixed(2);
  const print = (name: string, depth: number, time: number, detail: string): undefined =>
    row(
      name,
      depth,
      time.toFixed(1),
      Math.round(1e6 / time),
      detail,
      (time / us).toFixed(2),
      checksum,
    );
  print("shared memory", DEPTH, us, perRead);
  print("over the line", DEPTH, median(together), "");
  print("over the line", 1, median(alone), "");
  return median(together) / us;
}

if (import.meta.main) {
  if (qemuInstalled()) await benchQemu(Number(Deno.args[0] ?? READS));
  else console.log("qemu: left out, qemu-system-aarch64 is not installed");
}
