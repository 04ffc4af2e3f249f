import { KernelError } from "../errors.ts";
import {
  type Cells,
  IORESOURCE_MEM,
  matchBus,
  type OfBus,
  validAddressCells,
  validCells,
} from "./bus.ts";
import { latin1, ofReadNumber, readBe32, writeBe32, writeBe64 } from "./bytes.ts";
import { type DeviceNode, ofPrErr } from "./node.ts";
import { isErrno, tryParsePhandleWithArgs } from "./phandle.ts";
import { stringIndexOf } from "./property.ts";
import type { DeviceTree } from "./tree.ts";

/** An address that could not be translated. Linux: OF_BAD_ADDR */
export const OF_BAD_ADDR = 0xffffffffffffffffn;

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

/** What became of an address at one bus on its way up. */
export interface AddressHop {
  /** The bus whose `ranges` were asked. */
  readonly np: DeviceNode;
  /** How its children write addresses. */
  readonly bus: OfBus;
  /** How many cells they have there. */
  readonly cells: Cells;
  /** The address as its children write it. */
  readonly address: Uint8Array;
  /** How the bus above writes it, with how many cells. `undefined` at the root. */
  readonly above: { readonly bus: OfBus; readonly cells: Cells } | undefined;
  /** What was found: at the root, no translation is needed. */
  readonly found:
    | "root"
    | "identity"
    | "row"
    | "bad-cells"
    | "bad-cells-above"
    | "no-ranges"
    | "no-row"
    | "circle";
  /** The row of `ranges` that maps it, from 0. */
  readonly row: number | undefined;
  /** The address above. */
  readonly mapped: Uint8Array | undefined;
}

/** Hears of each hop; costs nothing where nobody listens. */
export type AddressTrace = (hop: AddressHop) => undefined;

/**
 * The CPU's address for an address of `np`, whose cells start `address`: mapped by the `ranges` of
 * each bus up to the root. {@linkcode OF_BAD_ADDR} if a bus does not map it.
 * Linux: of_translate_address()
 */
export function ofTranslateAddress(
  np: DeviceNode,
  address: Uint8Array,
  trace?: AddressTrace,
): bigint {
  return translate(np, address, { ranges: "ranges", parentOf: (node) => node.parent }, trace);
}

/**
 * The CPU's address for a DMA address of `np`, by `dma-ranges`; a bus without that property changes
 * nothing. The parent may be the `dma-mem` interconnect. Linux: of_translate_dma_address()
 */
export function ofTranslateDmaAddress(
  tree: DeviceTree,
  np: DeviceNode,
  address: Uint8Array,
  trace?: AddressTrace,
): bigint {
  const parentOf = (node: DeviceNode) => ofGetDmaParent(tree, node);
  return translate(np, address, { ranges: "dma-ranges", parentOf }, trace);
}

/** Linux: __of_translate_address() */
function translate(
  np: DeviceNode,
  from: Uint8Array,
  direction: Direction,
  trace: AddressTrace | undefined,
): bigint {
  let parent = direction.parentOf(np);
  if (parent === undefined) return OF_BAD_ADDR;
  const bus = matchBus(parent);
  let at: Place = { np: parent, bus, cells: bus.cells(np), address: from };
  // Interconnects may lead in a circle, in which Linux would loop.
  const visited = direction.ranges === "ranges" ? undefined : new Set<DeviceNode>();
  for (;;) {
    const hop = hopFrom(at, direction, visited);
    trace?.(hop);
    const { above, mapped } = hop;
    if (hop.found === "root") return ofReadNumber(at.address, 0, at.cells.na);
    if (above === undefined || mapped === undefined) return OF_BAD_ADDR;
    visited?.add(at.np);
    parent = direction.parentOf(at.np) as DeviceNode;
    at = { np: parent, ...above, address: mapped };
  }
}

/** Where an address is: below which bus, and how it is written there. */
type Place = Pick<AddressHop, "np" | "bus" | "cells" | "address">;

function hopFrom(
  at: Place,
  direction: Direction,
  visited: Set<DeviceNode> | undefined,
): AddressHop {
  const { np, cells, address } = at;
  const end = (found: AddressHop["found"], above?: AddressHop["above"]): AddressHop => {
    return { ...at, above, found, row: undefined, mapped: undefined };
  };
  if (!validCells(cells) || address.length < 4 * cells.na) return end("bad-cells");
  if (visited?.has(np)) return end("circle");
  const parent = direction.parentOf(np);
  if (parent === undefined) return end("root");
  const bus = matchBus(parent);
  const above = { bus, cells: bus.cells(np) };
  if (!validCells(above.cells)) {
    ofPrErr(np, `Bad cell count for ${np.pOF}`);
    return end("bad-cells-above", above);
  }
  const ranges = np.get(direction.ranges);
  if (ranges === undefined && direction.ranges === "ranges") return end("no-ranges", above);
  if (ranges === undefined || ranges.length === 0) {
    return { ...at, above, found: "identity", row: undefined, mapped: identity(at, above) };
  }
  const row = findRow(at, above.cells, ranges);
  if (row === undefined) return end("no-row", above);
  return {
    ...at,
    above,
    found: "row",
    row: row.index,
    mapped: addOffset(row.start, row.offset, bus),
  };
}

/** The same number as the bus above writes it; its flags stay. */
function identity({ cells, address }: Place, above: { bus: OfBus; cells: Cells }): Uint8Array {
  const mapped = new Uint8Array(4 * above.cells.na);
  mapped.set(address.subarray(0, 4 * above.bus.flagCells));
  return addOffset(mapped, ofReadNumber(address, 0, cells.na), above.bus);
}

/** The row that holds an address: its place, where it starts above, and how far into it the address is. */
function findRow(
  { bus, cells: { na, ns }, address }: Place,
  above: Cells,
  ranges: Uint8Array,
): { index: number; start: Uint8Array; offset: bigint } | undefined {
  const length = 4 * (na + above.na + ns);
  const flag = bus.flagCells;
  const wanted = ofReadNumber(address, 4 * flag, na - flag);
  for (let at = 0, index = 0; at + length <= ranges.length; at += length, index++) {
    if (!bus.sameKind(address, ranges, at)) continue;
    const start = ofReadNumber(ranges, at + 4 * flag, na - flag);
    const size = ofReadNumber(ranges, at + 4 * (na + above.na), ns);
    if (wanted < start || wanted >= BigInt.asUintN(64, start + size)) continue;
    const first = at + 4 * na;
    return { index, start: ranges.slice(first, first + 4 * above.na), offset: wanted - start };
  }
  return undefined;
}

/** Adds to an address in place, its flag cells aside. Linux: of_bus_default_translate() */
function addOffset(address: Uint8Array, offset: bigint, { flagCells }: OfBus): Uint8Array {
  const count = (address.length >> 2) - flagCells;
  const sum = ofReadNumber(address, 4 * flagCells, count) + offset;
  address.fill(0, 4 * flagCells);
  if (count > 1) writeBe64(address, address.length - 8, sum);
  else if (count === 1) writeBe32(address, address.length - 4, Number(sum & 0xffffffffn));
  return address;
}

/** The `dma-mem` interconnect of a node, or else its parent. Linux: __of_get_dma_parent() */
export function ofGetDmaParent(tree: DeviceTree, np: DeviceNode): DeviceNode | undefined {
  const index = stringIndexOf(np, "interconnect-names", "dma-mem");
  if (index < 0) return np.parent;
  const found = tryParsePhandleWithArgs(tree, np, "interconnects", "#interconnect-cells", index);
  return isErrno(found) ? np.parent : found.np;
}

/** A range of addresses with a name. Linux: struct resource */
export interface OfResource {
  /** First address. */
  start: bigint;
  /** Last address; the one before the first if there is none. */
  end: bigint;
  /** From `reg-names`, or the node's full name. */
  name: string;
  /** IORESOURCE_* bits. */
  flags: number;
}

/**
 * Memory resource `index` of a node. Throws EINVAL if there is none or it cannot be translated (I/O
 * ports cannot, as no bus has registered any). Linux: of_address_to_resource()
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
  return {
    start,
    end: BigInt.asUintN(64, start + found.size - 1n),
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
