/**
 * Finding the partitions of a disk.
 *
 * Linux: block/partitions/core.c
 *
 * @module
 */
import { KernelError } from "../../errors.ts";
import { PAGE_SIZE } from "../../mem.ts";
import { readMappingFolio } from "../filemap.ts";
import type { Gendisk } from "../gendisk.ts";
import { SECTOR_SIZE } from "../limits.ts";
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

/** Reads a sector through the disk's pages; `undefined` when that fails. Linux: read_part_sector() */
async function readPartSector(
  { kernel, part0 }: Gendisk,
  n: number,
): Promise<Uint8Array | undefined> {
  const { mapping } = part0;
  const index = Math.floor(n / PAGE_SECTORS);
  try {
    const page = await readMappingFolio(mapping, index);
    const at = page.memory.offset + (n - index * PAGE_SECTORS) * SECTOR_SIZE;
    const sector = kernel.mem.bytes.slice(at, at + SECTOR_SIZE);
    mapping.put(page);
    return sector;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
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
  const state: PartitionState = {
    capacity: disk.capacity,
    blockSize: disk.queue.limits.logicalBlockSize,
    prefix: partitionPrefix(name),
    parts: new Map(),
    text: ` ${name}:`,
    beyondEnd: false,
    async readSector(sector) {
      if (sector < state.capacity) return await readPartSector(disk, sector);
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
