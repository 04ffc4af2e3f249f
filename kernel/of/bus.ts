/**
 * How addresses of each kind of bus look, and how many cells they have.
 *
 * Linux: drivers/of/address.c, drivers/of/base.c
 *
 * @module
 */
import { ofNodeGetDeviceType, ofNodeNameEq } from "./base.ts";
import { readBe32 } from "./bytes.ts";
import type { DeviceNode } from "./node.ts";
import { cellOf } from "./property.ts";

/** Resource flag: I/O ports. */
export const IORESOURCE_IO = 0x100;
/** Resource flag: memory. */
export const IORESOURCE_MEM = 0x200;
/** Resource flag: may be fetched ahead. */
export const IORESOURCE_PREFETCH = 0x2000;
/** Resource flag: lies in 64-bit memory space. */
export const IORESOURCE_MEM_64 = 0x100000;

const OF_MAX_ADDR_CELLS = 4;

/** How addresses of one kind of bus look and map. Linux: struct of_bus */
export interface OfBus {
  /** Linux's name for it. */
  name: "pci" | "isa" | "default-flags" | "default";
  /** The property that lists the addresses of a child. */
  addresses: "reg" | "assigned-addresses";
  /** Leading cells of an address that are flags, not part of the number. */
  flagCells: 0 | 1;
  /** How many cells the addresses and sizes of `child` have. */
  cells(child: DeviceNode): Cells;
  /** Whether an address is of the kind that a row of `ranges` maps. Both start at the given byte. */
  sameKind(address: Uint8Array, ranges: Uint8Array, row: number): boolean;
  /** IORESOURCE_* bits of an address, by its first cell. */
  flags(firstCell: number): number;
}

/** Number of cells of an address (`na`) and of a size (`ns`). */
export interface Cells {
  /** Cells of an address. */
  na: number;
  /** Cells of a size. */
  ns: number;
}

function pciFlags(cell: number): number {
  const space = [0, IORESOURCE_IO, IORESOURCE_MEM, IORESOURCE_MEM | IORESOURCE_MEM_64];
  return space[cell >>> 24 & 3] | (cell & 0x40000000 ? IORESOURCE_PREFETCH : 0);
}

function sharedCells(child: DeviceNode): Cells {
  return { na: ofNAddrCells(child), ns: ofNSizeCells(child) };
}

const PCI: OfBus = {
  name: "pci",
  addresses: "assigned-addresses",
  flagCells: 1,
  cells: () => ({ na: 3, ns: 2 }),
  sameKind: (address, ranges, row) =>
    ((pciFlags(readBe32(address, 0)) ^ pciFlags(readBe32(ranges, row))) &
      (IORESOURCE_MEM | IORESOURCE_IO)) === 0,
  flags: pciFlags,
};

const ISA: OfBus = {
  name: "isa",
  addresses: "reg",
  flagCells: 1,
  cells: () => ({ na: 2, ns: 1 }),
  sameKind: (address, ranges, row) => ((readBe32(address, 0) ^ readBe32(ranges, row)) & 1) === 0,
  flags: (cell) => cell & 1 ? IORESOURCE_IO : IORESOURCE_MEM,
};

const DEFAULT_FLAGS: OfBus = {
  name: "default-flags",
  addresses: "reg",
  flagCells: 1,
  cells: sharedCells,
  sameKind: (address, ranges, row) => readBe32(address, 0) === readBe32(ranges, row),
  flags: (cell) => cell,
};

const DEFAULT: OfBus = {
  name: "default",
  addresses: "reg",
  flagCells: 0,
  cells: sharedCells,
  sameKind: () => true,
  flags: () => IORESOURCE_MEM,
};

const PCI_TYPES: readonly (string | undefined)[] = ["pci", "pciex", "vci", "ht"];

/** The kind of bus that a node is. Linux: of_match_bus() */
export function matchBus(parent: DeviceNode): OfBus {
  if (PCI_TYPES.includes(ofNodeGetDeviceType(parent)) || ofNodeNameEq(parent, "pcie")) return PCI;
  if (ofNodeNameEq(parent, "isa")) return ISA;
  return ofBusNAddrCells(parent) === 3 ? DEFAULT_FLAGS : DEFAULT;
}

/** The first `name` cell at `np` or above it, a signed number as in Linux; 1 if there is none. */
function inheritedCell(np: DeviceNode, name: string): number {
  for (let node: DeviceNode | undefined = np; node !== undefined; node = node.parent) {
    const cells = cellOf(node, name);
    if (cells !== undefined) return cells | 0;
  }
  return 1;
}

/** Cells of an address on the bus that `np` is. Linux: of_bus_n_addr_cells() */
export function ofBusNAddrCells(np: DeviceNode): number {
  return inheritedCell(np, "#address-cells");
}

/** Cells of a size on the bus that `np` is. Linux: of_bus_n_size_cells() */
export function ofBusNSizeCells(np: DeviceNode): number {
  return inheritedCell(np, "#size-cells");
}

/** Cells of an address of `np`, as its parent says or one above; 1 if none does. Linux: of_n_addr_cells() */
export function ofNAddrCells(np: DeviceNode): number {
  return ofBusNAddrCells(np.parent ?? np);
}

/** Cells of a size of `np`, as its parent says or one above; 1 if none does. Linux: of_n_size_cells() */
export function ofNSizeCells(np: DeviceNode): number {
  return ofBusNSizeCells(np.parent ?? np);
}

/** Whether addresses of so many cells can be handled. Linux: OF_CHECK_ADDR_COUNT() */
export function validAddressCells(na: number): boolean {
  return na > 0 && na <= OF_MAX_ADDR_CELLS;
}

/** Whether addresses of so many cells can be translated. Linux: OF_CHECK_COUNTS() */
export function validCells({ na, ns }: Cells): boolean {
  return validAddressCells(na) && ns > 0;
}
