/**
 * What a disk can take in one request, and how drivers say so.
 *
 * Linux: block/blk-settings.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";

/** Unit of every sector number, as a power of two. */
export const SECTOR_SHIFT = 9;
/** Unit of every sector number in bytes. */
export const SECTOR_SIZE = 512;
/** Most sectors of a request unless user space asks for more: 1280 KiB. */
const BLK_DEF_MAX_SECTORS = 2560;
/** Largest unsigned 32-bit number: no limit. */
export const UINT_MAX = 0xffffffff;
/** Pages that are read ahead at least. */
const VM_READAHEAD_PAGES = 32;

/** The limits of one queue, in bytes unless the name says sectors. Linux: struct queue_limits */
export class QueueLimits {
  maxHwSectors = 255;
  maxSectors = 255;
  maxSegments = 128;
  maxSegmentSize = 65536;
  maxDiscardSectors = 0;
  maxHwDiscardSectors = 0;
  maxWriteZeroesSectors = 0;
  maxSecureEraseSectors = 0;
  maxDiscardSegments = 1;
  discardGranularity = 0;
  logicalBlockSize = 512;
  physicalBlockSize = 512;
  ioMin = 512;
  ioOpt = 0;
  alignmentOffset = 0;
  /** Pages that a sequential reader is ahead of what was asked. Linux: bdi->ra_pages */
  readAheadPages = VM_READAHEAD_PAGES;
}

function roundDown(value: number, step: number): number {
  return value - value % step;
}

/**
 * A block size is a power of two from a sector to a page.
 *
 * Linux: blk_validate_block_size()
 *
 * @throws {KernelError} `EINVAL`.
 */
export function blkValidateBlockSize(size: number): undefined {
  const power = size > 0 && (size & (size - 1)) === 0;
  if (size < SECTOR_SIZE || size > PAGE_SIZE || !power) {
    throw new KernelError("EINVAL", `a block of ${size} bytes is not possible`);
  }
}

/** Most sectors that the hardware takes at once. Linux: blk_queue_max_hw_sectors() */
export function blkQueueMaxHwSectors(limits: QueueLimits, sectors: number): undefined {
  const blockSectors = limits.logicalBlockSize >> SECTOR_SHIFT;
  limits.maxHwSectors = sectors;
  limits.maxSectors = roundDown(Math.min(sectors, BLK_DEF_MAX_SECTORS), blockSectors);
}

/** The unit that the device addresses. Linux: blk_queue_logical_block_size() */
export function blkQueueLogicalBlockSize(limits: QueueLimits, size: number): undefined {
  limits.logicalBlockSize = size;
  limits.physicalBlockSize = Math.max(limits.physicalBlockSize, size);
  limits.ioMin = Math.max(limits.ioMin, limits.physicalBlockSize);
  limits.maxHwSectors = roundDown(limits.maxHwSectors, size >> SECTOR_SHIFT);
  limits.maxSectors = roundDown(limits.maxSectors, size >> SECTOR_SHIFT);
}

/** The unit that the device can write without reading. Linux: blk_queue_physical_block_size() */
export function blkQueuePhysicalBlockSize(limits: QueueLimits, size: number): undefined {
  limits.physicalBlockSize = Math.max(size, limits.logicalBlockSize);
  limits.ioMin = Math.max(limits.ioMin, limits.physicalBlockSize);
}

/** Where the first physical block begins. Linux: blk_queue_alignment_offset() */
export function blkQueueAlignmentOffset(limits: QueueLimits, offset: number): undefined {
  limits.alignmentOffset = offset & (limits.physicalBlockSize - 1);
}

/** Least I/O that costs no extra. Linux: blk_queue_io_min() */
export function blkQueueIoMin(limits: QueueLimits, size: number): undefined {
  limits.ioMin = Math.max(size, limits.physicalBlockSize);
}

/** Best I/O size; reading ahead covers it twice. Linux: blk_queue_io_opt() */
export function blkQueueIoOpt(limits: QueueLimits, size: number): undefined {
  limits.ioOpt = size;
  limits.readAheadPages = Math.max(Math.floor(size * 2 / PAGE_SIZE), VM_READAHEAD_PAGES);
}

/** Most sectors of a discard. Linux: blk_queue_max_discard_sectors() */
export function blkQueueMaxDiscardSectors(limits: QueueLimits, sectors: number): undefined {
  limits.maxHwDiscardSectors = sectors;
  limits.maxDiscardSectors = sectors;
}

/** Most scattered pieces of a request. Linux: blk_queue_max_segments() */
export function blkQueueMaxSegments(limits: QueueLimits, segments: number): undefined {
  limits.maxSegments = Math.max(segments, 1);
}

/** Most bytes of a piece. Linux: blk_queue_max_segment_size() */
export function blkQueueMaxSegmentSize(limits: QueueLimits, size: number): undefined {
  limits.maxSegmentSize = Math.max(size, PAGE_SIZE);
}

/** How far the start of the device, or of a partition at `sector`, is from a physical block. Linux: queue_limit_alignment_offset() */
export function limitAlignmentOffset(limits: QueueLimits, sector: number): number {
  const granularity = Math.max(limits.physicalBlockSize, limits.ioMin);
  const alignment = (sector % (granularity >> SECTOR_SHIFT)) << SECTOR_SHIFT;
  return (granularity + limits.alignmentOffset - alignment) % granularity;
}

/** The same for discards. Linux: queue_limit_discard_alignment() */
export function limitDiscardAlignment(limits: QueueLimits, sector: number): number {
  const granularity = limits.discardGranularity >> SECTOR_SHIFT;
  if (limits.maxDiscardSectors === 0 || granularity === 0) return 0;
  return ((granularity - sector % granularity) % granularity) << SECTOR_SHIFT;
}
