/**
 * `/proc/devices`: who has which major.
 *
 * Linux: fs/proc/devices.c
 *
 * @module
 */
import { CHRDEVS } from "../chrdev.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";

/** Who knows the lines below `Block devices:`; the block layer enters itself. Linux: blkdev_show() */
export const BLKDEV_SHOW: Slot<{ source: { showMajors(): string } | undefined }> = new Slot(
  "block majors",
  () => ({ source: undefined }),
);

/** Linux: devinfo_show() */
export function showDevices(kernel: Kernel): string {
  return `Character devices:\n${kernel.get(CHRDEVS).show()}\nBlock devices:\n${
    kernel.get(BLKDEV_SHOW).source?.showMajors() ?? ""
  }`;
}
