/**
 * Pieces of disk I/O before they become requests.
 *
 * Linux: include/linux/bio.h, block/bio.c
 *
 * @module
 */
import type { BlockDevice } from "./bdev.ts";
import { SECTOR_SHIFT } from "./limits.ts";
import { BLK_STS_OK, type BlkStatus, REQ_OP_READ } from "./status.ts";

/**
 * One I/O: where on the disk, where in memory, and whom to tell. The owner may use it again and again;
 * nothing is allocated while it travels.
 *
 * Linux: struct bio
 */
export class Bio {
  /** A `REQ_OP_*` number. */
  op = REQ_OP_READ;
  /** `REQ_*` flags. */
  flags = 0;
  /** First sector, counted from the start of {@linkcode bdev}. */
  sector = 0;
  /** Number of sectors. */
  sectors = 0;
  /** Guest memory: address and length of each piece, one after the other. */
  segments: number[] = [];
  /** How it ended. */
  status: BlkStatus = BLK_STS_OK;
  /** The submitter's own data. Linux: bi_private */
  priv: unknown;
  /** The driver's own command, for `REQ_OP_DRV_IN`. */
  command = 0;

  /**
   * @param bdev The disk or partition.
   * @param endIo Called once when it has ended, in any context; it may submit again.
   */
  constructor(readonly bdev: BlockDevice, public endIo: (bio: Bio) => undefined) {}
}

/** The part of `segments` from byte `from` on, `bytes` long. Linux: bio_advance() */
export function sliceSegments(segments: readonly number[], from: number, bytes: number): number[] {
  const slice: number[] = [];
  for (let at = 0; at < segments.length && bytes > 0; at += 2) {
    const length = segments[at + 1];
    if (from >= length) {
      from -= length;
      continue;
    }
    const taken = Math.min(length - from, bytes);
    slice.push(segments[at] + from, taken);
    bytes -= taken;
    from = 0;
  }
  return slice;
}

/** Cuts off what lies behind the end of the disk. Linux: guard_bio_eod() */
export function guardBioEod(bio: Bio): undefined {
  const left = bio.bdev.nrSectors - bio.sector;
  if (left <= 0 || bio.sectors <= left) return;
  bio.sectors = left;
  bio.segments = sliceSegments(bio.segments, 0, left << SECTOR_SHIFT);
}
