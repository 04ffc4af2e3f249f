/**
 * Numbers of character devices: who has which major and which range of minors.
 *
 * Linux: fs/char_dev.c
 *
 * @module
 */
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { Slot } from "./slot.ts";

/** Majors end here. */
const CHRDEV_MAJOR_MAX = 512;
/** Dynamic majors go down from 254 to this one … */
const CHRDEV_MAJOR_DYN_END = 234;
/** … and then down from here … */
const CHRDEV_MAJOR_DYN_EXT_START = 511;
/** … to here. */
const CHRDEV_MAJOR_DYN_EXT_END = 384;
/** Size of Linux's table; the first dynamic major is its last index. */
const CHRDEV_MAJOR_HASH_SIZE = 255;

/** A range of device numbers with the name that `/proc/devices` shows. */
export interface ChrdevRegion {
  readonly major: number;
  readonly firstMinor: number;
  /** Number of minors. */
  readonly count: number;
  readonly name: string;
}

/** What to register. */
export interface ChrdevOptions {
  /** The major, or 0 for a dynamic one. Default: 0. */
  readonly major?: number;
  /** Default: 0. */
  readonly firstMinor?: number;
  /** Default: 256. */
  readonly count?: number;
}

/**
 * What Debian's arm64 kernel has built in beside the subjects of this program, in the order in which
 * it registers them. Dynamic majors of ours follow after theirs, so these decide our numbers.
 */
const BUILT_IN: readonly ChrdevRegion[] = [
  [1, 0, 256, "mem"],
  [4, 0, 1, "/dev/vc/0"],
  [4, 1, 63, "tty"],
  [4, 64, 4, "ttyS"],
  [5, 0, 1, "/dev/tty"],
  [5, 1, 1, "/dev/console"],
  [5, 2, 1, "/dev/ptmx"],
  [7, 0, 256, "vcs"],
  [10, 0, 256, "misc"],
  [29, 0, 256, "fb"],
  [128, 0, 1048576, "ptm"],
  [136, 0, 1048576, "pts"],
  [153, 0, 256, "spi"],
  [207, 16, 8, "ttymxc"],
  [254, 0, 512, "gpiochip"],
  [253, 0, 2, "ttyMV"],
  [252, 0, 65536, "tpm"],
  [251, 0, 16, "rtc"],
  [250, 0, 16, "pps"],
  [249, 0, 1048576, "ptp"],
  [248, 0, 32, "watchdog"],
  [247, 0, 32768, "bsg"],
  [246, 0, 12, "ttyAML"],
  [245, 0, 3, "ttyMSM"],
  [244, 0, 1, "ttyMSM"],
  [243, 0, 3, "ttyHS"],
  [242, 0, 8, "ttyTHS"],
  [241, 0, 6, "ttyLP"],
  [240, 0, 65536, "cxl"],
  [239, 0, 64, "rpmb"],
].map(([major, firstMinor, count, name]) => ({ major, firstMinor, count, name } as ChrdevRegion));

/** The character device numbers of one kernel. */
export class Chrdevs {
  readonly #kernel: Kernel;
  readonly #regions: ChrdevRegion[] = [...BUILT_IN];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Takes a range of numbers.
   *
   * @throws {KernelError} `EBUSY` when it overlaps another one or no dynamic major is left, `EINVAL`
   *   when the major is too large.
   */
  register(name: string, options: ChrdevOptions = {}): ChrdevRegion {
    this.#kernel.access?.("chrdev", "majors", "take");
    this.#kernel.failable(`device numbers for ${name}`);
    const { firstMinor = 0, count = 256 } = options;
    const major = options.major || this.#dynamicMajor(name);
    if (major >= CHRDEV_MAJOR_MAX) {
      const why = `CHRDEV "${name}" major requested (${major}) is greater than the maximum (${
        CHRDEV_MAJOR_MAX - 1
      })`;
      this.#kernel.err(why);
      throw new KernelError("EINVAL", why);
    }
    const region = { major, firstMinor, count, name };
    if (this.#regions.some((other) => overlap(other, region))) {
      throw new KernelError("EBUSY", `${name}: device numbers ${major}:${firstMinor} are taken`);
    }
    this.#regions.push(region);
    return region;
  }

  /** Gives a range back. */
  unregister(region: ChrdevRegion): undefined {
    this.#kernel.access?.("chrdev", "majors", "write");
    const at = this.#regions.indexOf(region);
    if (at >= 0) this.#regions.splice(at, 1);
  }

  /** Linux: find_dynamic_major() */
  #dynamicMajor(name: string): number {
    const used = new Set(this.#regions.map((region) => region.major));
    const free = (from: number, to: number) => {
      for (let major = from; major >= to; major--) if (!used.has(major)) return major;
      return undefined;
    };
    const major = free(CHRDEV_MAJOR_HASH_SIZE - 1, CHRDEV_MAJOR_DYN_END) ??
      free(CHRDEV_MAJOR_DYN_EXT_START, CHRDEV_MAJOR_DYN_EXT_END);
    if (major === undefined) {
      const why = `CHRDEV "${name}" dynamic allocation region is full`;
      this.#kernel.err(why);
      throw new KernelError("EBUSY", why);
    }
    return major;
  }

  /** The lines below `Character devices:` in `/proc/devices`. Linux: chrdev_show() */
  show(): string {
    return [...this.#regions]
      .sort((a, b) => a.major - b.major || a.firstMinor - b.firstMinor)
      .map((region) => `${String(region.major).padStart(3)} ${region.name}\n`).join("");
  }
}

function overlap(a: ChrdevRegion, b: ChrdevRegion): boolean {
  return a.major === b.major && a.firstMinor < b.firstMinor + b.count &&
    b.firstMinor < a.firstMinor + a.count;
}

/** The character device numbers of a kernel. */
export const CHRDEVS: Slot<Chrdevs> = new Slot("chrdevs", (kernel) => new Chrdevs(kernel));

/**
 * Takes a range of character device numbers; a dynamic major unless `options` names one.
 *
 * Linux: register_chrdev(), alloc_chrdev_region(), register_chrdev_region()
 *
 * @throws {KernelError} `EBUSY` when it overlaps another one or no dynamic major is left, `EINVAL`
 *   when the major is too large, `ENOMEM`.
 */
export function registerChrdev(
  kernel: Kernel,
  name: string,
  options: ChrdevOptions = {},
): ChrdevRegion {
  return kernel.get(CHRDEVS).register(name, options);
}

/** Gives a range of character device numbers back. Linux: unregister_chrdev_region() */
export function unregisterChrdev(kernel: Kernel, region: ChrdevRegion): undefined {
  kernel.get(CHRDEVS).unregister(region);
}
