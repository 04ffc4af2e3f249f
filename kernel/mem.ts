/**
 * Guest memory: pages and small objects in RAM that a device can reach, with an account of who holds
 * what, and a check that nobody writes to what was given back.
 *
 * Linux: mm/page_alloc.c, mm/slub.c with poisoning, kernel/dma/
 *
 * @module
 */
import type { Platform } from "../hypervisor/platform.ts";
import { KernelBug, KernelError } from "./errors.ts";

/** Bytes in a page. */
export const PAGE_SIZE = 4096;
/** Byte that fills memory given back. Linux: POISON_FREE */
const POISON_FREE = 0x6b;
/** The kernel's own image lies below; allocations start here, relative to the start of RAM. */
const FIRST_FREE = 0x20_0000;
/** Single pages are taken so many at a time. Linux: pageset_batch */
const PAGE_BATCH = 63;
/** Small objects are at least this large, and sizes are powers of two. */
const SMALLEST_OBJECT = 8;

/** A piece of guest memory. */
export interface Memory {
  /** Guest physical address; devices use the same (no IOMMU). */
  readonly address: number;
  /** Offset in the RAM buffer. */
  readonly offset: number;
  /** Size in bytes. */
  readonly size: number;
}

/** Memory somebody holds, for leak reports. */
export interface Allocation {
  /** What is held. */
  readonly memory: Memory;
  /** Who asked for it, for example `virtio0`. */
  readonly owner: string;
}

/** A write to memory that had been given back. */
export interface UseAfterFree {
  /** Guest physical address of the first byte that changed. */
  readonly address: number;
  /** Who held it last. */
  readonly owner: string;
}

/** RAM of one kernel. */
export class Mem {
  /** RAM as bytes, from its first byte. */
  readonly bytes: Uint8Array;
  /** RAM for wider accesses; write `true` for little-endian at each. */
  readonly view: DataView;
  /** Guest physical address of the first byte. */
  readonly base: number;
  /** What is held now, by address. */
  readonly live: Map<number, Allocation> = new Map();
  /** Writes to freed memory found so far. */
  readonly usesAfterFree: UseAfterFree[] = [];

  readonly #failable: (what: string) => undefined;
  /** Free blocks by their size: addresses, newest last. */
  readonly #free = new Map<number, number[]>();
  readonly #lastOwner = new Map<number, string>();
  #next: number;
  /** Pages that wait for whoever wants a single one: where they start, and how many. Linux: struct per_cpu_pages */
  #batch = 0;
  #batchPages = 0;

  /**
   * Each kernel makes its own.
   *
   * @internal
   */
  constructor(platform: Pick<Platform, "ram" | "ramBase">, failable: (what: string) => undefined) {
    this.bytes = new Uint8Array(platform.ram);
    this.view = new DataView(platform.ram);
    this.base = platform.ramBase;
    this.#failable = failable;
    this.#next = Math.min(FIRST_FREE, platform.ram.byteLength);
  }

  /**
   * Zeroed memory of `size` bytes: whole pages from a page up, aligned to its size below.
   *
   * Linux: kzalloc(), alloc_pages_exact(), dma_alloc_coherent()
   *
   * @throws {KernelError} `ENOMEM` when RAM is full.
   */
  alloc(size: number, owner: string): Memory {
    this.#failable(`${size} bytes of memory for ${owner}`);
    const rounded = roundSize(size);
    const offset = this.#takeFree(rounded) ?? this.#takeNew(rounded, owner);
    const memory = { address: this.base + offset, offset, size: rounded };
    this.live.set(memory.address, { memory, owner });
    return memory;
  }

  /** Gives memory back. Giving back what is not held is a bug. Linux: kfree(), dma_free_coherent() */
  free(memory: Memory): undefined {
    const held = this.live.get(memory.address);
    if (held === undefined || held.memory !== memory) {
      throw new KernelBug(
        `memory at 0x${memory.address.toString(16)} is given back but nobody holds it`,
      );
    }
    this.live.delete(memory.address);
    this.bytes.fill(POISON_FREE, memory.offset, memory.offset + memory.size);
    this.#lastOwner.set(memory.offset, held.owner);
    let list = this.#free.get(memory.size);
    if (list === undefined) this.#free.set(memory.size, list = []);
    list.push(memory.offset);
  }

  #takeFree(size: number): number | undefined {
    const offset = this.#free.get(size)?.pop();
    if (offset === undefined) return undefined;
    this.#checkPoison(offset, size);
    this.bytes.fill(0, offset, offset + size);
    return offset;
  }

  #checkPoison(offset: number, size: number): undefined {
    for (let at = offset; at < offset + size; at++) {
      if (this.bytes[at] === POISON_FREE) continue;
      const owner = this.#lastOwner.get(offset) ?? "nobody";
      this.usesAfterFree.push({ address: this.base + at, owner });
      return;
    }
  }

  /** Looks at all memory that was given back for writes that came later. */
  checkFreed(): undefined {
    for (const [size, offsets] of this.#free) {
      for (const offset of offsets) this.#checkPoison(offset, size);
    }
  }

  /** RAM that was never used is zero already. Small objects fill a page of their size. */
  #takeNew(size: number, owner: string): number {
    const offset = size <= PAGE_SIZE ? this.#takePage() : this.#takeRun(size);
    if (offset === undefined) {
      throw new KernelError("ENOMEM", `${owner}: no ${size} bytes of memory left`);
    }
    if (size < PAGE_SIZE) this.#carve(offset + size, offset + PAGE_SIZE, size);
    return offset;
  }

  #takeRun(size: number): number | undefined {
    const offset = this.#next;
    if (offset + size > this.bytes.length) return undefined;
    this.#next += size;
    return offset;
  }

  /**
   * Pages taken one by one do not lie one behind the other, as in memory that has been in use for a while; but
   * for the last two of a batch.
   */
  #takePage(): number | undefined {
    if (this.#batchPages === 0) {
      const left = Math.floor((this.bytes.length - this.#next) / PAGE_SIZE);
      const pages = Math.min(PAGE_BATCH, left);
      const offset = pages === 0 ? undefined : this.#takeRun(pages * PAGE_SIZE);
      if (offset === undefined) return undefined;
      this.#batch = offset;
      this.#batchPages = pages;
    }
    const left = this.#batchPages--;
    return this.#batch + (left > 2 ? left - 1 : 2 - left) * PAGE_SIZE;
  }

  #carve(from: number, to: number, size: number): undefined {
    let list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, list = []);
    this.bytes.fill(POISON_FREE, from, to);
    for (let offset = to - size; offset >= from; offset -= size) list.push(offset);
  }

  /** Bytes from the start of RAM that were ever given out; all behind are as the machine left them. */
  get touchedBytes(): number {
    return this.#next;
  }

  /** Bytes held now. */
  get liveBytes(): number {
    let sum = 0;
    for (const { memory } of this.live.values()) sum += memory.size;
    return sum;
  }
}

/** A power of two below a page, whole pages from there on. */
function roundSize(size: number): number {
  if (size > PAGE_SIZE / 2) return Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
  let rounded = SMALLEST_OBJECT;
  while (rounded < size) rounded *= 2;
  return rounded;
}
