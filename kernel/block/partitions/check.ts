/**
 * Finding the partitions of a disk.
 *
 * Linux: block/partitions/core.c
 *
 * @module
 */
import { KernelError } from "../../errors.ts";
import { PAGE_SIZE } from "../../mem.ts";
import { Bio } from "../bio.ts";
import type { Gendisk } from "../gendisk.ts";
import { SECTOR_SHIFT, SECTOR_SIZE } from "../limits.ts";
import { BLK_STS_OK } from "../status.ts";
import { efiPartition } from "./efi.ts";
import { karmaPartition } from "./karma.ts";
import { msdosPartition } from "./msdos.ts";
import type { ParsedPartition, PartitionReader, PartitionState } from "./state.ts";

/** What Debian's arm64 kernel looks for, in its order: a GPT hides behind an MBR. Linux: check_part[] */
const READERS: readonly PartitionReader[] = [efiPartition, msdosPartition, karmaPartition];

const PAGE_SECTORS = PAGE_SIZE / SECTOR_SIZE;

/** What a table said. */
export interface FoundPartitions {
  readonly parts: ReadonlyMap<number, ParsedPartition>;
  /** A table pointed behind the end of the disk. */
  readonly beyondEnd: boolean;
}

/** Reads sectors by whole pages, and keeps those for as long as a table is read. */
class PageReader {
  readonly #disk: Gendisk;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(disk: Gendisk) {
    this.#disk = disk;
  }

  async sector(sector: number): Promise<Uint8Array | undefined> {
    const index = Math.floor(sector / PAGE_SECTORS);
    const page = this.#pages.get(index) ?? await this.#load(index);
    const at = (sector - index * PAGE_SECTORS) * SECTOR_SIZE;
    return page?.subarray(at, at + SECTOR_SIZE);
  }

  async #load(index: number): Promise<Uint8Array | undefined> {
    const { kernel, part0, capacity } = this.#disk;
    const first = index * PAGE_SECTORS;
    const memory = kernel.mem.alloc(PAGE_SIZE, this.#disk.name);
    try {
      const bio = new Bio(part0, () => undefined);
      bio.sector = first;
      bio.sectors = Math.min(PAGE_SECTORS, capacity - first);
      bio.segments = [memory.address, bio.sectors << SECTOR_SHIFT];
      if (await part0.submitWait(bio, `reading sector ${first}`) !== BLK_STS_OK) {
        kernel.err(
          `Buffer I/O error on dev ${this.#disk.name}, logical block ${index}, async page read`,
        );
        return undefined;
      }
      const page = kernel.mem.bytes.slice(memory.offset, memory.offset + PAGE_SIZE);
      this.#pages.set(index, page);
      return page;
    } finally {
      kernel.mem.free(memory);
    }
  }
}

/**
 * Reads the partition table of a disk and prints what it found.
 *
 * Linux: check_partition()
 *
 * @returns `undefined` when there is no table that this kernel knows.
 * @throws {KernelError} `EIO` when the disk could not be read, `ENOSPC` when a table lies behind its end.
 */
export async function checkPartition(disk: Gendisk): Promise<FoundPartitions | undefined> {
  const { kernel, name } = disk;
  const pages = new PageReader(disk);
  const state: PartitionState = {
    capacity: disk.capacity,
    blockSize: disk.queue.limits.logicalBlockSize,
    prefix: partitionPrefix(name),
    parts: new Map(),
    text: ` ${name}:`,
    beyondEnd: false,
    async readSector(sector) {
      if (sector < state.capacity) return await pages.sector(sector);
      state.beyondEnd = true;
      return undefined;
    },
    warn: (text) => kernel.warn(text),
  };
  let unreadable = false;
  for (const read of READERS) {
    state.parts.clear();
    const found = await read(state);
    if (found === undefined) unreadable = true;
    if (found !== true) continue;
    kernel.info(state.text.replace(/\n$/, ""));
    return state;
  }
  if (!state.beyondEnd && !unreadable) return undefined;
  kernel.info(`${state.text} unable to read partition table`);
  throw new KernelError(
    state.beyondEnd ? "ENOSPC" : "EIO",
    `${name}: cannot read the partition table`,
  );
}

/** What partitions are called before their number: `vda`, but `md0p`. */
export function partitionPrefix(name: string): string {
  return /[0-9]$/.test(name) ? `${name}p` : name;
}
