/**
 * Disks and partitions as open files: through pages, or straight with `O_DIRECT`.
 *
 * Linux: block/fops.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import type { BlockDevice } from "./bdev.ts";
import { writePages, type WriteRange } from "./buffer.ts";
import { filemapRead, genericPerformWrite, WbErrorCursor } from "./filemap.ts";
import { blkdevIoctl } from "./ioctl.ts";
import { SECTOR_SIZE } from "./limits.ts";
import { blkdevPut } from "./open.ts";
import { FileRaState } from "./readahead.ts";
import { REQ_IDLE, REQ_SYNC } from "./status.ts";

/** Reads the partition table of a disk again. */
export type Rescan = (bdev: BlockDevice) => Promise<undefined>;

/** Linux: def_blk_fops */
export class BlockFile implements OpenFile {
  /** Past the page cache. Linux: O_DIRECT */
  #direct: boolean;
  readonly #ra: FileRaState;
  readonly #errors: WbErrorCursor;

  constructor(
    readonly bdev: BlockDevice,
    readonly flags: OpenFlags,
    readonly rescan: Rescan,
  ) {
    this.#direct = flags.direct ?? false;
    this.#ra = new FileRaState(bdev.disk.queue.limits.readAheadPages);
    this.#errors = new WbErrorCursor(bdev.mapping);
  }

  size(): number {
    return this.bdev.size;
  }

  setDirect(on: boolean): undefined {
    this.#direct = on;
  }

  /** Linux: blkdev_read_iter() */
  async read(count: number, position: number): Promise<Uint8Array> {
    const { bdev } = this;
    const wanted = Math.min(count, bdev.size - position);
    if (wanted <= 0) return new Uint8Array();
    if (!this.#direct) return await filemapRead(bdev.mapping, this.#ra, position, wanted);
    await this.#writeAndWait(pagesOf(position, wanted));
    this.#checkDirect(position, wanted, count);
    return await bdev.read(position / SECTOR_SIZE, wanted / SECTOR_SIZE, REQ_SYNC);
  }

  /** Linux: blkdev_write_iter() */
  async write(data: Uint8Array, position: number): Promise<number> {
    const { bdev } = this;
    if (bdev.readOnly) throw new KernelError("EPERM", `${bdev.name}: is read-only`);
    if (data.length === 0) return 0;
    if (position >= bdev.size) throw new KernelError("ENOSPC", `${bdev.name}: ends before`);
    const taken = data.subarray(0, bdev.size - position);
    if (this.#direct) return await this.#writeDirect(taken, position, data.length);
    const count = await genericPerformWrite(bdev.mapping, position, taken);
    if (this.flags.sync) await this.fsync();
    return count;
  }

  /** What is in memory goes first, and is read again later. Linux: generic_file_direct_write() */
  async #writeDirect(data: Uint8Array, position: number, asked: number): Promise<number> {
    const { mapping } = this.bdev;
    const range = pagesOf(position, data.length);
    await this.#writeAndWait(range);
    await mapping.invalidateRange(range.first, range.last);
    this.#checkDirect(position, data.length, asked);
    await this.bdev.write(position / SECTOR_SIZE, data, REQ_SYNC | REQ_IDLE);
    await mapping.invalidateRange(range.first, range.last);
    return data.length;
  }

  /** Linux: filemap_write_and_wait_range() */
  async #writeAndWait(range: WriteRange): Promise<undefined> {
    const { mapping } = this.bdev;
    const before = mapping.failedWrites;
    await writePages(mapping, range);
    if (mapping.failedWrites !== before) {
      throw new KernelError("EIO", `${this.bdev.name}: writing failed`);
    }
  }

  /**
   * A device reaches whole blocks only, and memory that lies well: what is smaller than a page comes
   * from a program's heap and does not.
   *
   * Linux: blkdev_dio_unaligned()
   */
  #checkDirect(position: number, length: number, asked: number): undefined {
    const block = this.bdev.disk.queue.limits.logicalBlockSize;
    if (asked >= PAGE_SIZE && position % block === 0 && length % block === 0) return;
    throw new KernelError("EINVAL", `${this.bdev.name}: not whole blocks, or memory lies badly`);
  }

  /** Linux: blkdev_fsync() */
  async fsync(): Promise<undefined> {
    await writePages(this.bdev.mapping);
    this.#errors.check();
    await this.bdev.flush();
  }

  async ioctl(command: string, args: readonly number[]): Promise<readonly number[]> {
    if (command !== "BLKRRPART") return await blkdevIoctl(this.bdev, this.flags, command, args);
    await this.rescan(this.bdev);
    return [];
  }

  /** Linux: blkdev_close() */
  async close(): Promise<undefined> {
    const { disk } = this.bdev;
    await blkdevPut(this.bdev);
    if (disk.ops.owner !== undefined) disk.ops.owner.refs--;
    disk.put();
  }
}

/** The pages around a range of bytes. */
function pagesOf(position: number, length: number): { first: number; last: number } {
  const last = Math.floor((position + length - 1) / PAGE_SIZE);
  return { first: Math.floor(position / PAGE_SIZE), last };
}
