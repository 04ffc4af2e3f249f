/**
 * How many blocks a second go through the whole stack: block layer, driver, ring, register, device, and
 * back by interrupt. 4 KiB reads at scattered places with 32 in flight, beside a loop that copies the
 * same bytes and does nothing else.
 *
 *     deno run -A bench/block.ts [READS]
 *
 * @module
 */
import { boot, embedded, type Vm } from "../mod.ts";
import { Bio } from "../kernel/block/bio.ts";
import { findBlockDevice } from "../kernel/block/blkdev.ts";
import type { Memory } from "../kernel/mem.ts";
import { Completion } from "../kernel/wait.ts";
import { median, row } from "./report.ts";

const BLOCK_BYTES = 4096;
const BLOCK_SECTORS = BLOCK_BYTES / 512;
const DISK_BYTES = 64 << 20;
const BLOCKS = DISK_BYTES / BLOCK_BYTES;
/** An odd number, so that all blocks have their turn, far from the one before. */
const STRIDE = 6_151;
const DEPTH = 32;
const ROUNDS = 5;
const READS = 100_000;

const ARGS = [
  "-drive",
  "if=none,id=d0,file=disk.img,format=raw",
  "-device",
  "virtio-blk-device,drive=d0",
];

/** Each block starts with its number; the rest does not matter. */
export function makeImage(): Uint8Array {
  const image = new Uint8Array(DISK_BYTES);
  const view = new DataView(image.buffer);
  for (let block = 0; block < BLOCKS; block++) view.setUint32(block * BLOCK_BYTES, block, true);
  return image;
}

/** Reads `count` blocks as a task of the guest; returns the sum of their numbers. */
export async function readBlocks(vm: Vm, count: number): Promise<number> {
  return await vm.run(async ({ mem, sched }) => {
    const bdev = findBlockDevice(vm.kernel, "vda");
    if (bdev === undefined) throw new Error("vda is not there");
    const ended = new Completion(sched, "bench: a read");
    const memories: Memory[] = [];
    let submitted = 0;
    let left = count;
    let sum = 0;
    let status = 0;
    const submit = (bio: Bio): undefined => {
      bio.sector = ((submitted++ * STRIDE) % BLOCKS) * BLOCK_SECTORS;
      bdev.submit(bio);
    };
    const { queue } = bdev.disk;
    queue.plug();
    for (let i = 0; i < Math.min(DEPTH, count); i++) {
      const memory = mem.alloc(BLOCK_BYTES, "bench");
      memories.push(memory);
      const bio = new Bio(bdev, () => {
        sum += mem.view.getUint32(memory.offset, true);
        status += bio.status;
        if (submitted < count) submit(bio);
        if (--left === 0) ended.complete();
      });
      bio.sectors = BLOCK_SECTORS;
      bio.segments = [memory.address, BLOCK_BYTES];
      submit(bio);
    }
    queue.unplug();
    await ended.wait();
    for (const memory of memories) mem.free(memory);
    if (status !== 0) throw new Error("a read failed");
    return sum;
  });
}

/** The peer: the same bytes, copied one block at a time. */
function copyBlocks(image: Uint8Array, into: Uint8Array, count: number): number {
  const view = new DataView(into.buffer);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const from = ((i * STRIDE) % BLOCKS) * BLOCK_BYTES;
    const to = (i % DEPTH) * BLOCK_BYTES;
    into.set(image.subarray(from, from + BLOCK_BYTES), to);
    sum += view.getUint32(to, true);
  }
  return sum;
}

/** Prints a table; returns reads per second. */
export async function benchBlock(count = READS): Promise<number> {
  const image = makeImage();
  const into = new Uint8Array(DEPTH * BLOCK_BYTES);
  const machine = embedded(ARGS, { images: { "disk.img": image } });
  await using vm = await boot(machine, { log: false });
  const exits = () => machine.exits().values().reduce((sum, n) => sum + n, 0);
  const here: number[] = [];
  const there: number[] = [];
  await readBlocks(vm, Math.min(count, 20_000));
  const before = exits();
  let checksum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let from = performance.now();
    checksum = await readBlocks(vm, count);
    here.push((performance.now() - from) / count * 1000);
    from = performance.now();
    if (copyBlocks(image, into, count) !== checksum) {
      throw new Error("the reads brought other data");
    }
    there.push((performance.now() - from) / count * 1000);
  }
  const [us, copyUs] = [median(here), median(there)];
  console.log(`${count} reads of 4 KiB, ${DEPTH} in flight, median of ${ROUNDS}`);
  row("", "us/read", "reads/s", "MB/s", "exits/read", "checksum");
  const mega = (time: number) => (BLOCK_BYTES / time).toFixed(0);
  const perRead = ((exits() - before) / count / ROUNDS).toFixed(2);
  row("virtio_blk", us.toFixed(2), Math.round(1e6 / us), mega(us), perRead, checksum);
  row("copy alone", copyUs.toFixed(2), Math.round(1e6 / copyUs), mega(copyUs), "", checksum);
  return 1e6 / us;
}

if (import.meta.main) await benchBlock(Number(Deno.args[0] ?? READS));
