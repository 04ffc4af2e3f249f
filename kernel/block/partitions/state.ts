/**
 * What the readers of partition tables share.
 *
 * Linux: block/partitions/check.h
 *
 * @module
 */

/** Partitions of a disk end below this number. */
export const DISK_MAX_PARTS = 256;

/** A partition that a table describes, in sectors. */
export interface ParsedPartition {
  readonly from: number;
  readonly size: number;
  readonly volumeName?: string;
}

/** A disk while its table is read. Linux: struct parsed_partitions */
export interface PartitionState {
  /** Size of the disk in sectors. */
  readonly capacity: number;
  /** Bytes of a logical block. */
  readonly blockSize: number;
  /** What the disk's partitions are called before their number: `vda`, `md0p`. */
  readonly prefix: string;
  /** Partitions by number. */
  readonly parts: Map<number, ParsedPartition>;
  /** The line for the log. */
  text: string;
  /** A table pointed behind the end. */
  beyondEnd: boolean;
  /**
   * Reads one sector; `undefined` when it lies behind the end or cannot be read.
   *
   * Linux: read_part_sector()
   */
  readSector(sector: number): Promise<Uint8Array | undefined>;
  /** Prints a warning. */
  warn(text: string): undefined;
}

/**
 * Looks for one kind of table.
 *
 * @returns True when it was one, false when not; `undefined` when the disk could not be read.
 */
export type PartitionReader = (state: PartitionState) => Promise<boolean | undefined>;

/** Notes a partition and its name in the log line. Linux: put_partition() */
export function putPartition(
  state: PartitionState,
  number: number,
  part: ParsedPartition,
): undefined {
  if (number >= DISK_MAX_PARTS) return;
  state.parts.set(number, part);
  state.text += ` ${state.prefix}${number}`;
}
