/**
 * `/proc/partitions`, `/proc/diskstats`, and the start of the block layer.
 *
 * Linux: block/genhd.c
 *
 * @module
 */
import { classRegister } from "../base/device.ts";
import type { Initcall } from "../initcall.ts";
import type { Kernel } from "../kernel.ts";
import { procCreate } from "../procfs.ts";
import { BDI_CLASS } from "./backing_dev.ts";
import type { BlockDevice } from "./bdev.ts";
import { BLOCK_DEVICES } from "./blkdev.ts";
import { BLOCK_CLASS } from "./block_class.ts";

/** Disks in the order in which they came, each with its partitions. */
export function* allBlockDevices(kernel: Kernel): Iterable<BlockDevice> {
  kernel.access?.("disks", "block", "read");
  for (const disk of kernel.get(BLOCK_DEVICES).disks) {
    yield disk.part0;
    yield* [...disk.parts.values()].sort((a, b) => a.partno - b.partno);
  }
}

function number(
  bdev: BlockDevice,
  majorWidth: number,
  minorWidth: number,
  between: string,
): string {
  const { major, minor } = bdev.devt as NonNullable<BlockDevice["devt"]>;
  return `${String(major).padStart(majorWidth)}${between}${String(minor).padStart(minorWidth)}`;
}

/** Linux: show_partition() */
export function showPartitions(kernel: Kernel): string {
  if (kernel.get(BLOCK_DEVICES).disks.size === 0) return "";
  let text = "major minor  #blocks  name\n\n";
  for (const bdev of allBlockDevices(kernel)) {
    if (bdev.nrSectors === 0) continue;
    const blocks = String(Math.floor(bdev.nrSectors / 2)).padStart(10);
    text += `${number(bdev, 4, 7, "  ")} ${blocks} ${bdev.name}\n`;
  }
  return text;
}

/** Linux: diskstats_show() */
export function showDiskstats(kernel: Kernel): string {
  let text = "";
  for (const bdev of allBlockDevices(kernel)) {
    if (bdev.isPartition && bdev.nrSectors === 0) continue;
    const columns = bdev.stats.columns(kernel.nowNs).join(" ");
    text += `${number(bdev, 4, 7, " ")} ${bdev.name} ${columns}\n`;
  }
  return text;
}

/** Linux: genhd_device_init() */
async function genhdDeviceInit(kernel: Kernel): Promise<number> {
  kernel.get(BLOCK_DEVICES);
  classRegister(kernel, BLOCK_CLASS);
  return 0;
}

/** Linux: bdi_class_init() */
async function bdiClassInit(kernel: Kernel): Promise<number> {
  classRegister(kernel, BDI_CLASS);
  return 0;
}

/** Linux: proc_genhd_init() */
async function procGenhdInit(kernel: Kernel): Promise<number> {
  procCreate(kernel, "diskstats", () => showDiskstats(kernel));
  procCreate(kernel, "partitions", () => showPartitions(kernel));
  return 0;
}

/** The block layer's initcalls in link order. */
export const BLOCK_INITCALLS: readonly Initcall[] = [
  { name: "bdi_class_init", level: "postcore", fn: bdiClassInit },
  { name: "genhd_device_init", level: "subsys", fn: genhdDeviceInit },
  { name: "proc_genhd_init", level: "device", fn: procGenhdInit },
];
