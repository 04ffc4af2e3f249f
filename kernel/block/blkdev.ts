/**
 * Majors of block devices, and how device numbers lead to disks.
 *
 * Linux: block/genhd.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { Ida } from "../ida.ts";
import type { Kernel } from "../kernel.ts";
import { BLKDEV_SHOW } from "../proc/devices.ts";
import { Slot } from "../slot.ts";
import type { BlockDevice } from "./bdev.ts";
import type { Gendisk } from "./gendisk.ts";

/** Dynamic majors go down from here to 1. */
const BLKDEV_MAJOR_DYN_START = 254;
/** Majors end here. */
const BLKDEV_MAJOR_MAX = 512;
/** The major of partitions that find no minor beside their disk. */
export const BLOCK_EXT_MAJOR = 259;
/** Minors of a major. */
const MINORS = 1 << 20;

/** What Debian's arm64 kernel has built in beside our drivers. */
const BUILT_IN: readonly (readonly [number, string])[] = [
  [179, "mmc"],
  [BLOCK_EXT_MAJOR, "blkext"],
];

/** The majors, disks and block device numbers of one kernel. */
export class BlockDevices {
  /** Names of majors. */
  readonly majors = new Map<number, string>(BUILT_IN);
  /** Disks in the order in which they were added. Linux: block_class */
  readonly disks = new Set<Gendisk>();
  /** Disks and partitions by `major:minor`. */
  readonly byNumber = new Map<string, BlockDevice>();
  /** Counts disks that ever were. */
  diskseq = 0;
  /** Minors of {@linkcode BLOCK_EXT_MAJOR}. Linux: ext_devt_ida */
  readonly extMinors: Ida;

  constructor(kernel: Kernel) {
    this.extMinors = new Ida(kernel, "ext_devt");
    kernel.get(BLKDEV_SHOW).source = this;
  }

  /** The lines below `Block devices:` in `/proc/devices`. Linux: blkdev_show() */
  showMajors(): string {
    return [...this.majors].sort(([a], [b]) => a - b)
      .map(([major, name]) => `${String(major).padStart(3)} ${name}\n`).join("");
  }
}

/** The block devices of a kernel. */
export const BLOCK_DEVICES: Slot<BlockDevices> = new Slot(
  "block devices",
  (kernel) => new BlockDevices(kernel),
);

/**
 * Takes a major.
 *
 * Linux: register_blkdev()
 *
 * @param major The major, or 0 for a dynamic one.
 * @returns The major.
 * @throws {KernelError} `EBUSY` when it is taken or none is left, `EINVAL` when it is too large.
 */
export function registerBlkdev(kernel: Kernel, major: number, name: string): number {
  const { majors } = kernel.get(BLOCK_DEVICES);
  kernel.access?.("blkdev", "majors", "take");
  kernel.failable(`a major for ${name}`);
  if (major === 0) {
    major = BLKDEV_MAJOR_DYN_START;
    while (major > 0 && majors.has(major)) major--;
    if (major === 0) {
      kernel.err(`register_blkdev: failed to get major for ${name}`);
      throw new KernelError("EBUSY", `${name}: no dynamic major is left`);
    }
  }
  if (major >= BLKDEV_MAJOR_MAX) {
    const why = `register_blkdev: major requested (${major}) is greater than the maximum (${
      BLKDEV_MAJOR_MAX - 1
    }) for ${name}`;
    kernel.err(why);
    throw new KernelError("EINVAL", why);
  }
  if (majors.has(major)) {
    kernel.warn(`register_blkdev: cannot get major ${major} for ${name}`);
    throw new KernelError("EBUSY", `${name}: the major ${major} is taken`);
  }
  majors.set(major, name);
  return major;
}

/** Gives a major back. Linux: unregister_blkdev() */
export function unregisterBlkdev(kernel: Kernel, major: number): undefined {
  kernel.access?.("blkdev", "majors", "write");
  kernel.get(BLOCK_DEVICES).majors.delete(major);
}

/** Takes a minor of {@linkcode BLOCK_EXT_MAJOR}. Linux: blk_alloc_ext_minor() */
export function blkAllocExtMinor(kernel: Kernel): number {
  return kernel.get(BLOCK_DEVICES).extMinors.alloc(0, MINORS - 1);
}

/** The disk or partition called `name`: `"vda"`, `"vda1"`. */
export function findBlockDevice(kernel: Kernel, name: string): BlockDevice | undefined {
  for (const bdev of kernel.get(BLOCK_DEVICES).byNumber.values()) {
    if (bdev.name === name) return bdev;
  }
  return undefined;
}
