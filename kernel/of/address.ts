import { KernelError } from "../errors.ts";
import { ofNodeGetDeviceType, ofNodeNameEq } from "./base.ts";
import { latin1, ofReadNumber, readBe32, writeBe32, writeBe64 } from "./bytes.ts";
import { type DeviceNode, ofPrErr } from "./node.ts";
import { isErrno, tryParsePhandleWithArgs } from "./phandle.ts";
import { cellOf } from "./property.ts";
import type { DeviceTree } from "./tree.ts";

/** An address that could not be translated. Linux: OF_BAD_ADDR */
export const OF_BAD_ADDR = 0xffffffffffffffffn;

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
  addresses: string;
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

/** Linux: OF_CHECK_ADDR_COUNT() */
function validAddressCells(na: number): boolean {
  return na > 0 && na <= OF_MAX_ADDR_CELLS;
}

/** Linux: OF_CHECK_COUNTS() */
function validCells({ na, ns }: Cells): boolean {
  return validAddressCells(na) && ns > 0;
}

/** An address of a node as its parent's bus writes it. */
export interface OfAddress {
  /** The cells; a view of the property from the address to its end. */
  address: Uint8Array;
  /** Length in bytes. */
  size: bigint;
  /** IORESOURCE_* bits. */
  flags: number;
}

/** Address `index` of a node, or `undefined`. Linux: of_get_address() */
export function ofGetAddress(np: DeviceNode, index: number): OfAddress | undefined {
  if (np.parent === undefined) return undefined;
  const bus = matchBus(np.parent);
  const { na, ns } = bus.cells(np);
  const value = np.get(bus.addresses);
  if (!validAddressCells(na) || value === undefined) return undefined;
  const entry = 4 * (na + ns);
  const start = entry * index;
  if (index < 0 || entry <= 0 || start + entry > value.length) return undefined;
  return {
    address: value.subarray(start),
    size: ofReadNumber(value, start + 4 * na, ns),
    flags: bus.flags(readBe32(value, start)),
  };
}

/** Which property maps a bus to its parent, and what the parent is. */
interface Direction {
  ranges: "ranges" | "dma-ranges";
  parentOf(np: DeviceNode): DeviceNode | undefined;
}

/**
 * The CPU's address for an address of `np`, whose cells start `address`: mapped by the `ranges` of
 * each bus up to the root. {@linkcode OF_BAD_ADDR} if a bus does not map it.
 * Linux: of_translate_address()
 */
export function ofTranslateAddress(np: DeviceNode, address: Uint8Array): bigint {
  return translate(np, address, { ranges: "ranges", parentOf: (node) => node.parent });
}

/**
 * The CPU's address for a DMA address of `np`, by `dma-ranges`; a bus without that property changes
 * nothing. The parent may be the `dma-mem` interconnect. Linux: of_translate_dma_address()
 */
export function ofTranslateDmaAddress(
  tree: DeviceTree,
  np: DeviceNode,
  address: Uint8Array,
): bigint {
  return translate(np, address, {
    ranges: "dma-ranges",
    parentOf: (node) => ofGetDmaParent(tree, node),
  });
}

/** Linux: __of_translate_address() */
function translate(np: DeviceNode, from: Uint8Array, direction: Direction): bigint {
  let parent = direction.parentOf(np);
  if (parent === undefined) return OF_BAD_ADDR;
  let bus = matchBus(parent);
  let cells = bus.cells(np);
  if (!validCells(cells) || from.length < 4 * cells.na) return OF_BAD_ADDR;
  // Interconnects may lead in a circle, in which Linux would loop.
  const visited = new Set<DeviceNode>();
  let address = from;
  while (!visited.has(parent)) {
    visited.add(parent);
    const node: DeviceNode = parent;
    parent = direction.parentOf(node);
    if (parent === undefined) return ofReadNumber(address, 0, cells.na);
    const parentBus = matchBus(parent);
    const parentCells = parentBus.cells(node);
    if (!validCells(parentCells)) {
      ofPrErr(node, `Bad cell count for ${node.pOF}`);
      return OF_BAD_ADDR;
    }
    const ranges = node.get(direction.ranges);
    if (ranges === undefined && direction.ranges === "ranges") return OF_BAD_ADDR;
    const mapped = mapOnce(address, ranges, { bus, cells, parentBus, parentCells });
    if (mapped === undefined) return OF_BAD_ADDR;
    address = mapped;
    bus = parentBus;
    cells = parentCells;
  }
  return OF_BAD_ADDR;
}

/** The two buses that an address passes between. */
interface Hop {
  bus: OfBus;
  cells: Cells;
  parentBus: OfBus;
  parentCells: Cells;
}

/** An address of a bus as an address of the bus above. Linux: of_translate_one() */
function mapOnce(
  address: Uint8Array,
  ranges: Uint8Array | undefined,
  hop: Hop,
): Uint8Array | undefined {
  const { na, ns } = hop.cells;
  const pna = hop.parentCells.na;
  if (ranges === undefined || ranges.length === 0) {
    return addOffset(
      new Uint8Array(4 * pna),
      ofReadNumber(address, 0, na),
      hop.parentBus.flagCells,
    );
  }
  const row = 4 * (na + pna + ns);
  const flag = hop.bus.flagCells;
  const wanted = ofReadNumber(address, 4 * flag, na - flag);
  for (let at = 0; at + row <= ranges.length; at += row) {
    if (!hop.bus.sameKind(address, ranges, at)) continue;
    const start = ofReadNumber(ranges, at + 4 * flag, na - flag);
    const size = ofReadNumber(ranges, at + 4 * (na + pna), ns);
    if (wanted < start || wanted >= BigInt.asUintN(64, start + size)) continue;
    const mapped = ranges.slice(at + 4 * na, at + 4 * (na + pna));
    return addOffset(mapped, wanted - start, hop.parentBus.flagCells);
  }
  return undefined;
}

/** Adds to an address in place, its flag cells aside. Linux: of_bus_default_translate() */
function addOffset(address: Uint8Array, offset: bigint, flagCells: number): Uint8Array {
  const count = (address.length >> 2) - flagCells;
  const sum = ofReadNumber(address, 4 * flagCells, count) + offset;
  address.fill(0, 4 * flagCells);
  if (count > 1) writeBe64(address, address.length - 8, sum);
  else if (count === 1) writeBe32(address, address.length - 4, Number(sum & 0xffffffffn));
  return address;
}

/** The `dma-mem` interconnect of a node, or else its parent. Linux: __of_get_dma_parent() */
export function ofGetDmaParent(tree: DeviceTree, np: DeviceNode): DeviceNode | undefined {
  const names = np.get("interconnect-names");
  if (names === undefined) return np.parent;
  const index = latin1(names, 0, names.length).split("\0").indexOf("dma-mem");
  if (index < 0) return np.parent;
  const found = tryParsePhandleWithArgs(tree, np, "interconnects", "#interconnect-cells", index);
  return isErrno(found) ? np.parent : found.np;
}

/** A range of addresses with a name. Linux: struct resource */
export interface OfResource {
  /** First address. */
  start: number;
  /** Last address. */
  end: number;
  /** From `reg-names`, or the node's full name. */
  name: string;
  /** IORESOURCE_* bits. */
  flags: number;
}

/**
 * Memory resource `index` of a node. Throws EINVAL if there is none or it cannot be translated (I/O
 * ports cannot, as no bus has registered any), EOVERFLOW if it ends above 2^53 - 1.
 * Linux: of_address_to_resource()
 */
export function ofAddressToResource(np: DeviceNode, index: number): OfResource {
  const resource = tryAddressToResource(np, index);
  if (resource !== undefined) return resource;
  throw new KernelError("EINVAL", `${np.path}: address ${index} is absent or cannot be translated`);
}

/** Like {@linkcode ofAddressToResource}, but `undefined` for EINVAL. */
export function tryAddressToResource(np: DeviceNode, index: number): OfResource | undefined {
  const found = ofGetAddress(np, index);
  if (found === undefined || (found.flags & IORESOURCE_MEM) === 0) return undefined;
  const start = ofTranslateAddress(np, found.address);
  if (start === OF_BAD_ADDR) return undefined;
  const end = start + found.size - 1n;
  if (end > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new KernelError("EOVERFLOW", `${np.path}: address ${index} ends above 2^53`);
  }
  return {
    start: Number(start),
    end: Number(end),
    name: nameAt(np.get("reg-names"), index) ?? np.fullName,
    flags: found.flags,
  };
}

/** String `index` of a list if all up to it are terminated. */
function nameAt(list: Uint8Array | undefined, index: number): string | undefined {
  if (list === undefined) return undefined;
  const names = latin1(list, 0, list.length).split("\0");
  return index < names.length - 1 ? names[index] : undefined;
}

/** Number of resources before the first that cannot be had. Linux: of_address_count() */
export function ofAddressCount(np: DeviceNode): number {
  let count = 0;
  while (tryAddressToResource(np, count) !== undefined) count++;
  return count;
}

/** Whether DMA sees what the CPU's caches hold: the nearest property upward says. Linux: of_dma_is_coherent() */
export function ofDmaIsCoherent(tree: DeviceTree, np: DeviceNode): boolean {
  const visited = new Set<DeviceNode>();
  let node: DeviceNode | undefined = np;
  while (node !== undefined && !visited.has(node)) {
    if (node.properties.has("dma-coherent")) return true;
    if (node.properties.has("dma-noncoherent")) return false;
    visited.add(node);
    node = ofGetDmaParent(tree, node);
  }
  return false;
}
