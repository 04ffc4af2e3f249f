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

/** The lines below `Block devices:`; the block layer sets it. Linux: blkdev_show() */
export const BLKDEV_SHOW: Slot<{ show: () => string }> = new Slot(
  "block majors",
  () => ({ show: () => "" }),
);

/** Linux: devinfo_show() */
export function showDevices(kernel: Kernel): string {
  return `Character devices:\n${kernel.get(CHRDEVS).show()}\nBlock devices:\n${
    kernel.get(BLKDEV_SHOW).show()
  }`;
}
