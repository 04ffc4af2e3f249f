/**
 * Address space: the resource tree behind `/proc/iomem`, and mapped registers.
 *
 * Linux: kernel/resource.c, ioremap(), readl(), writel()
 *
 * @module
 */
import type { AccessWidth, Platform } from "../hypervisor/platform.ts";
import type { Clock, Costs } from "./clock.ts";
import { KernelError } from "./errors.ts";

/** A range of addresses, both ends included. Linux: struct resource */
export interface Resource {
  /** Whose it is, for people. */
  readonly name: string;
  /** The first address that belongs to it. */
  readonly start: number;
  /** The last address that belongs to it. */
  readonly end: number;
  /** What kind of address it is. Linux: IORESOURCE_MEM, IORESOURCE_IRQ, IORESOURCE_IO */
  readonly type: "mem" | "irq" | "io";
}

/** A claimed range in the tree of claimed ranges. */
export class Region implements Resource {
  /** The kind of address: guest physical memory or registers. */
  readonly type = "mem";
  /** Ranges claimed inside, by their address. */
  readonly children: Region[] = [];

  /**
   * A range that is not in the tree yet.
   *
   * @internal
   */
  constructor(
    /** What `/proc/iomem` calls it. */
    readonly name: string,
    /** The first address that belongs to it. */
    readonly start: number,
    /** The last address that belongs to it. */
    readonly end: number,
    /** True when a driver uses it and nobody else may claim a part of it (IORESOURCE_BUSY). */
    readonly busy: boolean,
  ) {}

  /** True when all of `other` lies inside. */
  contains(other: Region): boolean {
    return this.start <= other.start && other.end <= this.end;
  }

  /** True when some address belongs to both. */
  overlaps(other: Region): boolean {
    return this.start <= other.end && other.start <= this.end;
  }
}

/** One register access, as the register trace keeps it. */
export type AccessHook = (
  write: boolean,
  address: number,
  width: AccessWidth,
  value: number,
) => undefined;

/** Mapped registers. Linux: void __iomem * */
export class IoMem {
  readonly #io: Io;

  /**
   * Made by {@linkcode Io.ioremap}.
   *
   * @internal
   */
  constructor(
    io: Io,
    /** Guest physical address of the first register. */
    readonly start: number,
    /** Bytes that are mapped. */
    readonly size: number,
  ) {
    this.#io = io;
  }

  /** Reads 8 bits. */
  readb(offset: number): number {
    return this.#io.read(this.start + offset, 1);
  }
  /** Reads 16 bits. */
  readw(offset: number): number {
    return this.#io.read(this.start + offset, 2);
  }
  /** Reads 32 bits. */
  readl(offset: number): number {
    return this.#io.read(this.start + offset, 4);
  }
  /** Writes 8 bits. */
  writeb(value: number, offset: number): undefined {
    this.#io.write(this.start + offset, 1, value);
  }
  /** Writes 16 bits. */
  writew(value: number, offset: number): undefined {
    this.#io.write(this.start + offset, 2, value);
  }
  /** Writes 32 bits. */
  writel(value: number, offset: number): undefined {
    this.#io.write(this.start + offset, 4, value);
  }
}

/** The address space of one kernel. */
export class Io {
  /** Hears every register access after it happened. */
  onAccess: AccessHook | undefined;
  /** The root of `/proc/iomem`. */
  readonly root: Region = new Region("PCI mem", 0, Number.MAX_SAFE_INTEGER, false);
  /** Mappings that exist now, for leak checks. */
  readonly mappings: Set<IoMem> = new Set();

  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #costs: Costs;

  /**
   * Each kernel makes its own.
   *
   * @internal
   */
  constructor(platform: Platform, clock: Clock, costs: Costs) {
    this.#platform = platform;
    this.#clock = clock;
    this.#costs = costs;
  }

  /** Reads a register: on a real machine a VM exit. */
  read(address: number, width: AccessWidth): number {
    this.#clock.nowNs += this.#costs.registerAccess;
    const value = this.#platform.read(address, width);
    if (this.onAccess !== undefined) this.onAccess(false, address, width, value);
    return value;
  }

  /** Writes a register: on a real machine a VM exit. */
  write(address: number, width: AccessWidth, value: number): undefined {
    this.#clock.nowNs += this.#costs.registerAccess;
    if (this.onAccess !== undefined) this.onAccess(true, address, width, value);
    this.#platform.write(address, width, value);
  }

  /** Makes registers accessible. Linux: ioremap() */
  ioremap(start: number, size: number): IoMem {
    const mapping = new IoMem(this, start, size);
    this.mappings.add(mapping);
    return mapping;
  }

  /** Takes a mapping back. Linux: iounmap() */
  iounmap(mapping: IoMem): undefined {
    this.mappings.delete(mapping);
  }

  /**
   * Puts a range into the tree without claiming it. A range goes below the smallest one that holds all
   * of it, and takes over those that lie inside it.
   *
   * Linux: insert_resource()
   *
   * @throws {KernelError} `EBUSY` when it cuts across another range.
   */
  insertResource(name: string, start: number, end: number): Region {
    const region = new Region(name, start, end, false);
    let parent = this.root;
    for (;;) {
      const child = parent.children[firstBehind(parent.children, start)];
      if (child === undefined || !child.contains(region) || region.contains(child)) break;
      parent = child;
    }
    const { children } = parent;
    const from = firstBehind(children, start);
    let to = from;
    while (to < children.length && children[to].start <= end) to++;
    const inside = children.slice(from, to);
    const cut = inside.find((child) => !region.contains(child));
    if (cut !== undefined) throw taken(region, cut);
    region.children.push(...inside);
    children.splice(from, inside.length, region);
    return region;
  }

  /**
   * Claims a range that nobody has anything in.
   *
   * Linux: request_resource(&iomem_resource, …)
   *
   * @throws {KernelError} `EBUSY` when a part of it is another's.
   */
  requestResource(name: string, start: number, end: number): Region {
    const region = new Region(name, start, end, false);
    const { children } = this.root;
    const at = firstBehind(children, start);
    if (children[at]?.overlaps(region)) throw taken(region, children[at]);
    children.splice(at, 0, region);
    return region;
  }

  /**
   * Claims a range for a driver.
   *
   * Linux: request_mem_region()
   *
   * @throws {KernelError} `EBUSY` when a part of it is claimed already, or it cuts across another range.
   */
  requestMemRegion(name: string, start: number, size: number): Region {
    const region = new Region(name, start, start + size - 1, true);
    let parent = this.root;
    for (;;) {
      const at = firstBehind(parent.children, start);
      const child = parent.children[at];
      if (child === undefined || !child.overlaps(region)) {
        parent.children.splice(at, 0, region);
        return region;
      }
      if (child.busy || !child.contains(region)) throw taken(region, child);
      parent = child;
    }
  }

  /** Takes a range out of the tree; what lies below it moves up. Linux: release_resource() */
  releaseRegion(region: Region): undefined {
    let { children } = this.root;
    for (;;) {
      const at = firstBehind(children, region.start);
      if (children[at] === region) {
        children.splice(at, 1, ...region.children.splice(0));
        return;
      }
      if (children[at] === undefined) return;
      children = children[at].children;
    }
  }
}

/** Index of the first of some ranges, which are in order and do not overlap, that does not end before `start`. */
function firstBehind(ranges: readonly Region[], start: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle].end < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function taken(region: Region, by: Region): KernelError {
  const range = `[mem 0x${hex8(region.start)}-0x${hex8(region.end)}]`;
  return new KernelError("EBUSY", `can't request region ${range}: taken by ${by.name}`);
}

/** Eight hexadecimal digits at least, as Linux prints addresses. */
export function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
