/**
 * Nodes of disks and partitions in `/dev`.
 *
 * Linux: block/fops.c, block/ioctl.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import type { OpenFile, OpenFlags, SpecialFile } from "../vfs/node.ts";
import type { BlockDevice } from "./bdev.ts";
import { limitAlignmentOffset, SECTOR_SHIFT, SECTOR_SIZE } from "./limits.ts";

/** Reads the partition table of a disk again. */
type Rescan = (bdev: BlockDevice) => Promise<undefined>;

/** What opens when a node does. */
export class BlockNode implements SpecialFile {
  readonly kind = "block";
  readonly mode = 0o600;

  /** @param rescan What `BLKRRPART` does. */
  constructor(
    readonly bdev: BlockDevice,
    readonly major: number,
    readonly minor: number,
    readonly rescan: Rescan,
  ) {}

  /** Linux: blkdev_open() */
  async open(_flags: OpenFlags): Promise<OpenFile> {
    const { bdev } = this;
    const { disk } = bdev;
    if (!disk.live) throw new KernelError("ENXIO", `${bdev.name}: the disk is gone`);
    if (bdev.openers++ === 0 && bdev.isPartition) disk.openPartitions++;
    disk.hold();
    if (disk.ops.owner !== undefined) disk.ops.owner.refs++;
    return new BlockFile(bdev, this.rescan);
  }
}

type Ioctl = (bdev: BlockDevice, args: readonly number[]) => Promise<readonly number[]>;

const limitsOf = (bdev: BlockDevice) => bdev.disk.queue.limits;

/** A value that is asked for. */
function get(value: (bdev: BlockDevice) => number): Ioctl {
  return async (bdev) => [value(bdev)];
}

/** A range in bytes that becomes one in sectors. */
function range(
  act: (bdev: BlockDevice, sector: number, count: number) => Promise<undefined>,
): Ioctl {
  return async (bdev, [start, length]) => {
    if (start % SECTOR_SIZE !== 0 || length % SECTOR_SIZE !== 0 || start + length > bdev.size) {
      throw new KernelError("EINVAL", `${bdev.name}: no range of ${length} bytes at ${start}`);
    }
    await act(bdev, start / SECTOR_SIZE, length / SECTOR_SIZE);
    return [];
  };
}

/** Linux: blkdev_ioctl(), blkdev_common_ioctl() */
const IOCTLS: Readonly<Record<string, Ioctl>> = {
  BLKROGET: get((bdev) => bdev.readOnly ? 1 : 0),
  BLKGETSIZE: get((bdev) => bdev.nrSectors),
  BLKGETSIZE64: get((bdev) => bdev.size),
  BLKSSZGET: get((bdev) => limitsOf(bdev).logicalBlockSize),
  BLKPBSZGET: get((bdev) => limitsOf(bdev).physicalBlockSize),
  BLKBSZGET: get(blockSize),
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
  BLKFLSBUF: async () => [],
  BLKDISCARD: range((bdev, sector, count) => bdev.discard(sector, count)),
  BLKSECDISCARD: range((bdev, sector, count) => bdev.secureErase(sector, count)),
  BLKZEROOUT: range((bdev, sector, count) => bdev.writeZeroes(sector, count, true)),
  HDIO_GETGEO: async (bdev) => {
    const geometry = bdev.disk.ops.getgeo?.(bdev.disk);
    if (geometry === undefined) throw new KernelError("ENOTTY", `${bdev.name}: has no geometry`);
    const { heads, sectors, cylinders } = geometry;
    return [heads, sectors, cylinders, bdev.startSector];
  },
};

/** Size of the pieces that a file system would use: it divides the size. Linux: set_init_blocksize() */
function blockSize(bdev: BlockDevice): number {
  let size = limitsOf(bdev).logicalBlockSize;
  while (size < PAGE_SIZE && bdev.size % (2 * size) === 0) size *= 2;
  return size;
}

/** Linux: def_blk_fops */
class BlockFile implements OpenFile {
  constructor(readonly bdev: BlockDevice, readonly rescan: Rescan) {}

  size(): number {
    return this.bdev.size;
  }

  /** Linux: blkdev_read_iter() */
  async read(count: number, position: number): Promise<Uint8Array> {
    const { bdev } = this;
    const wanted = Math.min(count, bdev.size - position);
    if (wanted <= 0) return new Uint8Array();
    const { first, sectors, skip } = this.#whole(position, wanted);
    return (await bdev.read(first, sectors)).subarray(skip, skip + wanted);
  }

  /** Linux: blkdev_write_iter() */
  async write(data: Uint8Array, position: number): Promise<number> {
    const { bdev } = this;
    if (bdev.readOnly) throw new KernelError("EPERM", `${bdev.name}: is read-only`);
    if (data.length === 0) return 0;
    if (position >= bdev.size) throw new KernelError("ENOSPC", `${bdev.name}: ends before`);
    const taken = data.subarray(0, bdev.size - position);
    const { first, sectors, skip } = this.#whole(position, taken.length);
    const bytes = sectors * SECTOR_SIZE;
    if (bytes === taken.length) await bdev.write(first, taken);
    else {
      const merged = await bdev.read(first, sectors);
      merged.set(taken, skip);
      await bdev.write(first, merged);
    }
    return taken.length;
  }

  /** The whole blocks around a range of bytes. */
  #whole(position: number, length: number): { first: number; sectors: number; skip: number } {
    const block = limitsOf(this.bdev).logicalBlockSize;
    const start = position - position % block;
    const end = Math.ceil((position + length) / block) * block;
    return {
      first: start / SECTOR_SIZE,
      sectors: (end - start) / (1 << SECTOR_SHIFT),
      skip: position - start,
    };
  }

  /** Linux: blkdev_fsync() */
  async fsync(): Promise<undefined> {
    await this.bdev.flush();
  }

  async ioctl(command: string, args: readonly number[]): Promise<readonly number[]> {
    if (command === "BLKRRPART") {
      await this.rescan(this.bdev);
      return [];
    }
    const run = IOCTLS[command];
    if (run === undefined) {
      throw new KernelError("ENOTTY", `${this.bdev.name}: does not know ${command}`);
    }
    return await run(this.bdev, args);
  }

  /** Linux: blkdev_put() */
  async close(): Promise<undefined> {
    const { bdev } = this;
    const { disk } = bdev;
    if (--bdev.openers === 0 && bdev.isPartition) disk.openPartitions--;
    if (disk.ops.owner !== undefined) disk.ops.owner.refs--;
    disk.put();
  }
}
