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
  readonly name: string;
  readonly start: number;
  /** The last address that belongs to it. */
  readonly end: number;
  readonly type: "mem" | "irq" | "io";
}

/** A claimed range in the tree of claimed ranges. */
export class Region implements Resource {
  readonly type = "mem";
  readonly children: Region[] = [];

  constructor(
    readonly name: string,
    readonly start: number,
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

  constructor(io: Io, readonly start: number, readonly size: number) {
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
  readonly root = new Region("PCI mem", 0, Number.MAX_SAFE_INTEGER, false);
  /** Mappings that exist now, for leak checks. */
  readonly mappings = new Set<IoMem>();

  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #costs: Costs;

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
    return this.#place(new Region(name, start, end, false), () => false);
  }

  /**
   * Claims a range for a driver.
   *
   * Linux: request_mem_region()
   *
   * @throws {KernelError} `EBUSY` when a part of it is claimed already.
   */
  requestMemRegion(name: string, start: number, size: number): Region {
    return this.#place(new Region(name, start, start + size - 1, true), (other) => other.busy);
  }

  #place(region: Region, refuses: (other: Region) => boolean): Region {
    const parent = this.#parentFor(region);
    const inside = parent.children.filter((child) => region.contains(child));
    const conflict = parent.children.find((child) =>
      child.overlaps(region) && (refuses(child) || !inside.includes(child))
    );
    if (conflict !== undefined || refuses(parent)) {
      throw new KernelError(
        "EBUSY",
        `can't request region [mem 0x${hex8(region.start)}-0x${hex8(region.end)}]: taken by ${
          (conflict ?? parent).name
        }`,
      );
    }
    region.children.push(...inside);
    const kept = parent.children.filter((child) => !inside.includes(child));
    let at = kept.length;
    while (at > 0 && kept[at - 1].start > region.start) at--;
    kept.splice(at, 0, region);
    parent.children.splice(0, Infinity, ...kept);
    return region;
  }

  #parentFor(region: Region): Region {
    let parent = this.root;
    for (;;) {
      const next = parent.children.find((child) => child.contains(region) && !child.busy);
      if (
        next === undefined ||
        (next.start === region.start && next.end === region.end && !region.busy)
      ) {
        return parent;
      }
      parent = next;
    }
  }

  /** Takes a range out of the tree; what lies below it moves up. Linux: release_resource() */
  releaseRegion(region: Region): undefined {
    const parent = this.#findParent(this.root, region);
    if (parent === undefined) return;
    parent.children.splice(parent.children.indexOf(region), 1, ...region.children);
  }

  #findParent(from: Region, region: Region): Region | undefined {
    if (from.children.includes(region)) return from;
    const next = from.children.find((child) => child !== region && child.contains(region));
    return next === undefined ? undefined : this.#findParent(next, region);
  }
}

/** Eight hexadecimal digits at least, as Linux prints addresses. */
export function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
