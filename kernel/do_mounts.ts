/**
 * What happens at the end of a boot when no initial ramdisk brings an init: the root file system is looked for.
 * This kernel has no file systems for it, as Debian's has none built in; what is told apart is whether the device
 * was found.
 *
 * Linux: init/do_mounts.c
 *
 * @module
 */
import { DEFERRED } from "./base/dd.ts";
import type { BlockDevice } from "./block/bdev.ts";
import { findBlockDevice } from "./block/blkdev.ts";
import { allBlockDevices } from "./block/proc.ts";
import { KernelBug } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { KERN_EMERG } from "./printk.ts";

/**
 * Looks for the device of `root=` when every probe that is under way has ended, and mounts it.
 *
 * Linux: prepare_namespace(), mount_block_root()
 *
 * @throws {KernelBug} The kernel's panic: it names the device's number, or 0 for one that was not found.
 */
export async function prepareNamespace(kernel: Kernel): Promise<never> {
  await kernel.get(DEFERRED).wait();
  const name = kernel.params.get("root")?.replace(/^\/dev\//, "");
  const root = name === undefined ? undefined : findBlockDevice(kernel, name);
  kernel.notice("List of all partitions:");
  for (const bdev of allBlockDevices(kernel)) listPartition(kernel, bdev);
  kernel.notice("No filesystem could mount root, tried: ");
  kernel.notice("");
  const { major, minor } = root?.devt ?? { major: 0, minor: 0 };
  const why = `VFS: Unable to mount root fs on unknown-block(${major},${minor})`;
  kernel.printk(KERN_EMERG, `Kernel panic - not syncing: ${why}`);
  throw new KernelBug(`Kernel panic - not syncing: ${why}`);
}

/** Linux: printk_all_partitions() */
function listPartition(kernel: Kernel, bdev: BlockDevice): undefined {
  if (bdev.nrSectors === 0 || bdev.devt === undefined) return;
  const { major, minor } = bdev.devt;
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  const number = `${bdev.isPartition ? "  " : ""}${(hex(major) + hex(minor)).padEnd(9)}`;
  const blocks = String(Math.floor(bdev.nrSectors / 2)).padStart(10);
  kernel.notice(`${number} ${blocks} ${bdev.name} `);
  if (!bdev.isPartition) kernel.notice(` driver: ${bdev.parentDevice?.driver?.name}`);
}
