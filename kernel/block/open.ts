/**
 * Openers of disks and partitions, and what they leave in memory.
 *
 * Linux: block/bdev.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { PAGE_SIZE } from "../mem.ts";
import type { BlockDevice } from "./bdev.ts";
import { writePages } from "./buffer.ts";
import { PAGE_CACHES } from "./page_cache.ts";

/** The largest block up to a page in which the size can be counted. Linux: set_init_blocksize() */
function initBlockSize(bdev: BlockDevice): number {
  let size = bdev.disk.queue.limits.logicalBlockSize;
  while (size < PAGE_SIZE && bdev.size % (2 * size) === 0) size *= 2;
  return size;
}

/** One more opener. A partition keeps its disk open. Linux: blkdev_get_whole(), blkdev_get_part() */
export function blkdevGet(bdev: BlockDevice): undefined {
  const { disk } = bdev;
  if (bdev.openers === 0) {
    if (bdev.isPartition) {
      blkdevGet(disk.part0);
      disk.openPartitions++;
    }
    bdev.mapping.blockSize = initBlockSize(bdev);
  }
  bdev.openers++;
}

/** One opener less; the last one takes the pages along. Linux: blkdev_put() */
export async function blkdevPut(bdev: BlockDevice): Promise<undefined> {
  if (bdev.openers === 1) await syncBlockdev(bdev);
  if (--bdev.openers > 0) return;
  await syncBlockdev(bdev);
  await bdev.mapping.truncate();
  if (!bdev.isPartition) return;
  bdev.disk.openPartitions--;
  await blkdevPut(bdev.disk.part0);
}

/** Gives the disk all that was written. Errors are left for `fsync()` to tell. Linux: sync_blockdev() */
export async function syncBlockdev(bdev: BlockDevice): Promise<undefined> {
  await writePages(bdev.mapping);
}

/** The same, and forgets what can be read again. Linux: fsync_bdev(), invalidate_bdev() */
export async function flushBlockdev(bdev: BlockDevice): Promise<undefined> {
  await syncBlockdev(bdev);
  bdev.mapping.invalidate();
}

/**
 * Gives all disks what was written to their files. Caches of the disks themselves stay as they are.
 *
 * Linux: wakeup_flusher_threads(), sync_bdevs()
 */
export async function syncBdevs(kernel: Kernel): Promise<undefined> {
  // The threads that write in the background are first, and wait for nobody: no flag says so.
  for (const mapping of [...kernel.get(PAGE_CACHES).mappings]) {
    await writePages(mapping, { flags: 0 });
  }
}
