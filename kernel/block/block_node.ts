/**
 * Nodes of disks and partitions in `/dev`.
 *
 * Linux: block/fops.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { OpenFile, OpenFlags, SpecialFile } from "../vfs/node.ts";
import type { BlockDevice } from "./bdev.ts";
import { BlockFile, type Rescan } from "./block_file.ts";
import { blkdevGet } from "./open.ts";

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
  async open(flags: OpenFlags): Promise<OpenFile> {
    const { bdev } = this;
    const { disk } = bdev;
    if (!disk.live) throw new KernelError("ENXIO", `${bdev.name}: the disk is gone`);
    blkdevGet(bdev);
    disk.hold();
    if (disk.ops.owner !== undefined) disk.ops.owner.refs++;
    return new BlockFile(bdev, flags, this.rescan);
  }
}
