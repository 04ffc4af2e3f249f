import type { Kernel } from "../kernel.ts";
import type { Module } from "../module.ts";
import type { BackingDev } from "./backing_dev.ts";
import { BlockDevice } from "./bdev.ts";
import { type Memory, PAGE_SIZE } from "../mem.ts";
import { BLOCK_DEVICES } from "./blkdev.ts";
import { RequestQueue, type TagSet } from "./request_queue.ts";

/** Cylinders and so on, for old partitioning tools. Linux: struct hd_geometry */
export interface HdGeometry {
  readonly heads: number;
  readonly sectors: number;
  readonly cylinders: number;
}

/** What a driver does beside requests. Linux: struct block_device_operations */
export interface BlockDeviceOperations {
  /** The module that must stay while the disk is open. */
  readonly owner?: Module;
  getgeo?(disk: Gendisk): HdGeometry;
  /** Nobody holds the disk any more. */
  freeDisk?(disk: Gendisk): undefined;
}

/** How a driver names and numbers its disk. */
export interface GendiskOptions {
  readonly name: string;
  readonly major: number;
  readonly firstMinor: number;
  /** Minors for the disk and its partitions. */
  readonly minors: number;
  readonly ops: BlockDeviceOperations;
  /** The driver's own data. */
  readonly privateData?: unknown;
}

/**
 * A disk.
 *
 * Linux: struct gendisk
 */
export class Gendisk {
  readonly name: string;
  readonly major: number;
  readonly firstMinor: number;
  readonly minors: number;
  readonly ops: BlockDeviceOperations;
  readonly privateData: unknown;
  readonly queue: RequestQueue;
  /** The whole disk. */
  readonly part0: BlockDevice;
  /** Partitions by number. */
  readonly parts: Map<number, BlockDevice> = new Map();
  /** Number of this disk among all that ever were. */
  readonly diskseq: number;
  /** The hardware cannot be written. Linux: GD_READ_ONLY */
  readOnly = false;
  /** It is in the system. Linux: disk_live() */
  live = false;
  /** Partitions that are open. */
  openPartitions = 0;
  bdi: BackingDev | undefined;
  /** Who holds it: the driver, and each open file. */
  #refs = 1;
  /** Pages for the data of small requests, kept for the next one. */
  readonly #pages: Memory[] = [];

  /**
   * Makes a disk that nobody sees yet.
   *
   * Linux: blk_mq_alloc_disk()
   *
   * @throws {KernelError} `ENOMEM`.
   */
  constructor(readonly kernel: Kernel, set: TagSet, options: GendiskOptions) {
    kernel.failable(`memory for the disk ${options.name}`);
    this.name = options.name;
    this.major = options.major;
    this.firstMinor = options.firstMinor;
    this.minors = options.minors;
    this.ops = options.ops;
    this.privateData = options.privateData;
    this.queue = new RequestQueue(kernel, set, options.name);
    this.part0 = new BlockDevice(this, 0, options.name);
    this.diskseq = ++kernel.get(BLOCK_DEVICES).diskseq;
  }

  /** Size in sectors. Linux: get_capacity() */
  get capacity(): number {
    return this.part0.nrSectors;
  }

  /** Memory for the data of a request. Throws `ENOMEM`. */
  takeMemory(bytes: number): Memory {
    if (bytes <= PAGE_SIZE) return this.#pages.pop() ?? this.kernel.mem.alloc(PAGE_SIZE, this.name);
    return this.kernel.mem.alloc(bytes, this.name);
  }

  /** Gives it back. */
  putMemory(memory: Memory): undefined {
    if (this.live && memory.size === PAGE_SIZE) this.#pages.push(memory);
    else this.kernel.mem.free(memory);
  }

  /** Gives back what is kept for the next request. */
  freePages(): undefined {
    for (const page of this.#pages.splice(0)) this.kernel.mem.free(page);
  }

  /** Somebody more holds the disk. Linux: get_device() */
  hold(): undefined {
    this.#refs++;
  }

  /** Linux: put_disk() */
  put(): undefined {
    if (--this.#refs === 0) this.ops.freeDisk?.(this);
  }
}
