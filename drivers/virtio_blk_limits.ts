/**
 * What a virtio disk says about itself: limits, cache, size. The fields are read in Linux's order.
 *
 * Linux: drivers/block/virtio_blk.c, virtblk_probe()
 *
 * @module
 */
import {
  VIRTIO_BLK_CONFIG_ALIGNMENT_OFFSET,
  VIRTIO_BLK_CONFIG_BLK_SIZE,
  VIRTIO_BLK_CONFIG_CAPACITY,
  VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG,
  VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG,
  VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS,
  VIRTIO_BLK_CONFIG_MIN_IO_SIZE,
  VIRTIO_BLK_CONFIG_OPT_IO_SIZE,
  VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP,
  VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT,
  VIRTIO_BLK_CONFIG_SIZE_MAX,
  VIRTIO_BLK_CONFIG_WCE,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_SECURE_ERASE,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_F_WRITE_ZEROES,
} from "../uapi/virtio_blk.ts";
import { devErr, devPrintk } from "../kernel/base/device.ts";
import type { Gendisk } from "../kernel/block/gendisk.ts";
import { setCapacityAndNotify } from "../kernel/block/genhd.ts";
import {
  blkQueueAlignmentOffset,
  blkQueueIoMin,
  blkQueueIoOpt,
  blkQueueLogicalBlockSize,
  blkQueueMaxDiscardSectors,
  blkQueueMaxHwSectors,
  blkQueueMaxSegments,
  blkQueueMaxSegmentSize,
  blkQueuePhysicalBlockSize,
  blkValidateBlockSize,
  type QueueLimits,
  SECTOR_SIZE,
  UINT_MAX,
} from "../kernel/block/limits.ts";
import { KernelError } from "../kernel/errors.ts";
import { KERN_NOTICE } from "../kernel/printk.ts";
import { stringGetSize } from "../kernel/string_helpers.ts";
import type { VirtioDevice } from "./virtio/virtio.ts";
import {
  virtioCread32,
  virtioCread64,
  virtioCreadFeature,
  virtioHasFeature,
} from "./virtio/virtio_config.ts";

/** Most ranges of a discard that the driver would send. */
const MAX_DISCARD_SEGMENTS = 256;

/** 1 when the device keeps writes in a cache, 0 when not. Linux: virtblk_get_cache_mode() */
export function virtblkGetCacheMode(vdev: VirtioDevice): number {
  return virtioCreadFeature(vdev, VIRTIO_BLK_F_CONFIG_WCE, 1, VIRTIO_BLK_CONFIG_WCE) ??
    (virtioHasFeature(vdev, VIRTIO_BLK_F_FLUSH) ? 1 : 0);
}

/** Linux: virtblk_update_cache_mode() */
export function virtblkUpdateCacheMode(vdev: VirtioDevice, disk: Gendisk): undefined {
  disk.queue.writeCache = virtblkGetCacheMode(vdev) !== 0;
}

/** The smaller of two that is not zero. Linux: min_not_zero() */
function minNotZero(a: number, b: number): number {
  if (a === 0 || b === 0) return a + b;
  return Math.min(a, b);
}

/**
 * Reads all limits into a queue.
 *
 * @param segments Most pieces of data in a request.
 * @throws {KernelError} `EINVAL` when the device says what cannot be.
 */
export function virtblkReadLimits(
  vdev: VirtioDevice,
  limits: QueueLimits,
  segments: number,
): undefined {
  blkQueueMaxSegments(limits, segments);
  blkQueueMaxHwSectors(limits, UINT_MAX);
  const sizeMax = virtioCreadFeature(vdev, VIRTIO_BLK_F_SIZE_MAX, 4, VIRTIO_BLK_CONFIG_SIZE_MAX);
  blkQueueMaxSegmentSize(limits, sizeMax ?? UINT_MAX);
  const blockSize = readBlockSize(vdev, limits);
  readTopology(vdev, limits, blockSize);
  readDiscard(vdev, limits, segments, blockSize);
}

function readBlockSize(vdev: VirtioDevice, limits: QueueLimits): number {
  const size = virtioCreadFeature(vdev, VIRTIO_BLK_F_BLK_SIZE, 4, VIRTIO_BLK_CONFIG_BLK_SIZE);
  if (size === undefined) return limits.logicalBlockSize;
  try {
    blkValidateBlockSize(size);
  } catch (error) {
    devErr(vdev, `virtio_blk: invalid block size: 0x${size.toString(16)}`);
    throw error;
  }
  blkQueueLogicalBlockSize(limits, size);
  return size;
}

/** All that is zero says nothing. */
function readTopology(vdev: VirtioDevice, limits: QueueLimits, blockSize: number): undefined {
  const read = (width: 1 | 2 | 4, offset: number) =>
    virtioCreadFeature(vdev, VIRTIO_BLK_F_TOPOLOGY, width, offset) ?? 0;
  const exponent = read(1, VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP);
  if (exponent > 0) blkQueuePhysicalBlockSize(limits, blockSize << exponent >>> 0);
  const alignment = read(1, VIRTIO_BLK_CONFIG_ALIGNMENT_OFFSET);
  if (alignment > 0) blkQueueAlignmentOffset(limits, blockSize * alignment);
  const least = read(2, VIRTIO_BLK_CONFIG_MIN_IO_SIZE);
  if (least > 0) blkQueueIoMin(limits, blockSize * least);
  const best = read(4, VIRTIO_BLK_CONFIG_OPT_IO_SIZE);
  if (best > 0) blkQueueIoOpt(limits, Math.imul(blockSize, best) >>> 0);
}

function readDiscard(
  vdev: VirtioDevice,
  limits: QueueLimits,
  sgElems: number,
  blockSize: number,
): undefined {
  const discard = virtioHasFeature(vdev, VIRTIO_BLK_F_DISCARD);
  let granularity = 0;
  let segments = 0;
  if (discard) {
    granularity = virtioCread32(vdev, VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT);
    const sectors = virtioCread32(vdev, VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS);
    blkQueueMaxDiscardSectors(limits, sectors || UINT_MAX);
    segments = virtioCread32(vdev, VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG);
  }
  if (virtioHasFeature(vdev, VIRTIO_BLK_F_WRITE_ZEROES)) {
    const sectors = virtioCread32(vdev, VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS);
    limits.maxWriteZeroesSectors = sectors || UINT_MAX;
  }
  // Discard and secure erase share what they are aligned to and cut into.
  const erase = virtioHasFeature(vdev, VIRTIO_BLK_F_SECURE_ERASE);
  if (erase) {
    const alignment = readErase(vdev, "secure_erase_sector_alignment");
    granularity = minNotZero(granularity, alignment);
    limits.maxSecureEraseSectors = readErase(vdev, "max_secure_erase_sectors");
    segments = minNotZero(segments, readErase(vdev, "max_secure_erase_seg"));
  }
  if (!discard && !erase) return;
  limits.maxDiscardSegments = Math.min(segments || sgElems, MAX_DISCARD_SEGMENTS);
  limits.discardGranularity = granularity > 0 ? granularity * SECTOR_SIZE : blockSize;
}

const ERASE_FIELDS = {
  secure_erase_sector_alignment: VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT,
  max_secure_erase_sectors: VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS,
  max_secure_erase_seg: VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG,
} as const;

/** A field that must not be zero. */
function readErase(vdev: VirtioDevice, name: keyof typeof ERASE_FIELDS): number {
  const value = virtioCread32(vdev, ERASE_FIELDS[name]);
  if (value > 0) return value;
  devErr(vdev, `virtio_blk: ${name} can't be 0`);
  throw new KernelError("EINVAL", `${vdev.name}: ${name} is 0`);
}

/** Reads the size of the disk, says it, and sets it. Linux: virtblk_update_capacity() */
export function virtblkUpdateCapacity(
  vdev: VirtioDevice,
  disk: Gendisk,
  resized: boolean,
): undefined {
  const capacity = virtioCread64(vdev, VIRTIO_BLK_CONFIG_CAPACITY);
  const size = disk.queue.limits.logicalBlockSize;
  const sectorsOfBlock = BigInt(size / SECTOR_SIZE);
  const blocks = (capacity + sectorsOfBlock - 1n) / sectorsOfBlock;
  if (vdev.kernel.log.enabled) {
    const decimal = stringGetSize(blocks, size, 10);
    const binary = stringGetSize(blocks, size, 2);
    devPrintk(
      KERN_NOTICE,
      vdev,
      `[${disk.name}] ${
        resized ? "new size: " : ""
      }${blocks} ${size}-byte logical blocks (${decimal}/${binary})`,
    );
  }
  setCapacityAndNotify(disk, Number(capacity));
}
