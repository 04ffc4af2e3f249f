/**
 * What a disk or partition does beside reading and writing.
 *
 * Linux: block/ioctl.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import type { OpenFlags } from "../vfs/node.ts";
import type { BlockDevice } from "./bdev.ts";
import { limitAlignmentOffset, type QueueLimits, SECTOR_SIZE } from "./limits.ts";
import { flushBlockdev, syncBlockdev } from "./open.ts";

type Ioctl = (
  bdev: BlockDevice,
  args: readonly number[],
  flags: OpenFlags,
) => Promise<readonly number[]>;

const limitsOf = (bdev: BlockDevice) => bdev.disk.queue.limits;

/** A value that is asked for. */
function get(value: (bdev: BlockDevice) => number): Ioctl {
  return async (bdev) => [value(bdev)];
}

/** A range in bytes that becomes one in sectors; pages of it are forgotten first. Linux: truncate_bdev_range() */
function range(
  act: (bdev: BlockDevice, sector: number, count: number) => Promise<undefined>,
  supported: (limits: QueueLimits) => boolean = () => true,
): Ioctl {
  return async (bdev, [start, length], { write }) => {
    if (!write) throw new KernelError("EBADF", `${bdev.name}: is not open for writing`);
    if (!supported(limitsOf(bdev))) {
      throw new KernelError("EOPNOTSUPP", `${bdev.name}: the device cannot do this`);
    }
    if (start % SECTOR_SIZE !== 0 || length % SECTOR_SIZE !== 0 || start + length > bdev.size) {
      throw new KernelError("EINVAL", `${bdev.name}: no range of ${length} bytes at ${start}`);
    }
    await bdev.mapping.truncate(start, start + length);
    await act(bdev, start / SECTOR_SIZE, length / SECTOR_SIZE);
    return [];
  };
}

/** Linux: blkdev_bszset(), set_blocksize() */
const setBlockSize: Ioctl = async (bdev, [size]) => {
  const { mapping } = bdev;
  const powerOfTwo = size > 0 && (size & (size - 1)) === 0;
  if (!powerOfTwo || size > PAGE_SIZE || size < limitsOf(bdev).logicalBlockSize) {
    throw new KernelError("EINVAL", `${bdev.name}: no block of ${size} bytes`);
  }
  if (size === mapping.blockSize) return [];
  await syncBlockdev(bdev);
  await mapping.truncate();
  mapping.blockSize = size;
  return [];
};

const IOCTLS: Readonly<Record<string, Ioctl>> = {
  BLKROGET: get((bdev) => bdev.readOnly ? 1 : 0),
  BLKGETSIZE: get((bdev) => bdev.nrSectors),
  BLKGETSIZE64: get((bdev) => bdev.size),
  BLKSSZGET: get((bdev) => limitsOf(bdev).logicalBlockSize),
  BLKPBSZGET: get((bdev) => limitsOf(bdev).physicalBlockSize),
  BLKBSZGET: get((bdev) => bdev.mapping.blockSize),
  BLKBSZSET: setBlockSize,
  BLKIOMIN: get((bdev) => limitsOf(bdev).ioMin),
  BLKIOOPT: get((bdev) => limitsOf(bdev).ioOpt),
  BLKALIGNOFF: get((bdev) => limitAlignmentOffset(limitsOf(bdev), bdev.startSector)),
  BLKSECTGET: get((bdev) => limitsOf(bdev).maxSectors),
  BLKDISCARDZEROES: get(() => 0),
  BLKROTATIONAL: get(() => 1),
  BLKGETDISKSEQ: get((bdev) => bdev.disk.diskseq),
  BLKRAGET: get((bdev) => limitsOf(bdev).readAheadPages * (PAGE_SIZE / SECTOR_SIZE)),
  BLKRASET: async (bdev, [sectors]) => {
    limitsOf(bdev).readAheadPages = Math.floor(sectors / (PAGE_SIZE / SECTOR_SIZE));
    return [];
  },
  BLKROSET: async (bdev, [value]) => {
    bdev.readOnlySet = value !== 0;
    return [];
  },
  BLKFLSBUF: async (bdev) => {
    await flushBlockdev(bdev);
    return [];
  },
  BLKDISCARD: range(
    (bdev, sector, count) => bdev.discard(sector, count),
    (limits) => limits.maxDiscardSectors > 0,
  ),
  BLKSECDISCARD: range(
    (bdev, sector, count) => bdev.secureErase(sector, count),
    (limits) => limits.maxSecureEraseSectors > 0,
  ),
  BLKZEROOUT: range((bdev, sector, count) => bdev.writeZeroes(sector, count, true)),
  HDIO_GETGEO: async (bdev) => {
    const geometry = bdev.disk.ops.getgeo?.(bdev.disk);
    if (geometry === undefined) throw new KernelError("ENOTTY", `${bdev.name}: has no geometry`);
    const { heads, sectors, cylinders } = geometry;
    return [heads, sectors, cylinders, bdev.startSector];
  },
};

/**
 * Linux: blkdev_ioctl(), blkdev_common_ioctl()
 *
 * @throws {KernelError} `ENOTTY` for an unknown command, and what each gives.
 */
export async function blkdevIoctl(
  bdev: BlockDevice,
  flags: OpenFlags,
  command: string,
  args: readonly number[],
): Promise<readonly number[]> {
  const run = IOCTLS[command];
  if (run === undefined) throw new KernelError("ENOTTY", `${bdev.name}: does not know ${command}`);
  return await run(bdev, args, flags);
}
