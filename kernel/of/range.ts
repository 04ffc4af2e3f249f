import { KernelError } from "../errors.ts";
import {
  OF_BAD_ADDR,
  ofGetDmaParent,
  ofTranslateAddress,
  ofTranslateDmaAddress,
} from "./address.ts";
import { matchBus, ofBusNAddrCells, ofBusNSizeCells, ofNAddrCells } from "./bus.ts";
import { ofReadNumber, readBe32 } from "./bytes.ts";
import { type DeviceNode, ofPrErr } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/** A window through which a bus is seen from above. Linux: struct of_range */
export interface OfRange {
  /** IORESOURCE_* bits. */
  flags: number;
  /** First address on the bus. */
  busAddress: bigint;
  /** The CPU's first address, {@linkcode OF_BAD_ADDR} if it cannot be translated. */
  cpuAddress: bigint;
  /** Length in bytes. */
  size: bigint;
}

/**
 * The windows of a bus node; neighbours that continue one another with the same flags are one.
 * Linux: of_range_parser_one()
 */
export function ofRanges(
  tree: DeviceTree,
  np: DeviceNode,
  name: "ranges" | "dma-ranges",
): OfRange[] {
  const value = np.get(name) ?? new Uint8Array(0);
  const na = ofBusNAddrCells(np);
  const ns = ofBusNSizeCells(np);
  const row = 4 * (na + ofNAddrCells(np) + ns);
  const found: OfRange[] = [];
  for (let at = 0; row > 0 && at + row <= value.length; at += row) {
    const next = rangeAt(tree, np, name, value.subarray(at, at + row), na, ns);
    const last = found.at(-1);
    if (last !== undefined && continues(last, next)) last.size += next.size;
    else found.push(next);
  }
  return found;
}

function rangeAt(
  tree: DeviceTree,
  np: DeviceNode,
  name: "ranges" | "dma-ranges",
  row: Uint8Array,
  na: number,
  ns: number,
): OfRange {
  const bus = matchBus(np);
  const above = row.subarray(4 * na);
  return {
    flags: row.length >= 4 ? bus.flags(readBe32(row, 0)) : 0,
    busAddress: ofReadNumber(row, 4 * bus.flagCells, na - bus.flagCells),
    cpuAddress: name === "ranges"
      ? ofTranslateAddress(np, above)
      : ofTranslateDmaAddress(tree, np, above),
    size: ofReadNumber(row, row.length - 4 * ns, ns),
  };
}

function continues(last: OfRange, next: OfRange): boolean {
  const follows = (a: bigint, b: bigint) => b === BigInt.asUintN(64, a + last.size);
  return next.flags === last.flags && follows(last.busAddress, next.busAddress) &&
    follows(last.cpuAddress, next.cpuAddress);
}

/**
 * The windows through which devices on bus `np` reach memory: the nearest `dma-ranges` upward that is
 * not empty. Throws ENODEV if there is none, EINVAL if none can be translated. Linux: of_dma_get_range()
 */
export function ofDmaGetRange(tree: DeviceTree, np: DeviceNode): OfRange[] {
  const visited = new Set<DeviceNode>();
  let node: DeviceNode | undefined = np;
  while (node !== undefined && !visited.has(node)) {
    const value = node.get("dma-ranges");
    if (value === undefined ? visited.size > 0 : value.length > 0) break;
    visited.add(node);
    node = ofGetDmaParent(tree, node);
  }
  if (!node?.get("dma-ranges")?.length) {
    throw new KernelError("ENODEV", `${np.path}: no dma-ranges found`);
  }
  const usable: OfRange[] = [];
  for (const range of ofRanges(tree, node, "dma-ranges")) {
    if (range.cpuAddress !== OF_BAD_ADDR) usable.push(range);
    else ofPrErr(node, untranslated(range, node));
  }
  if (usable.length > 0) return usable;
  throw new KernelError("EINVAL", `${node.path}: dma-ranges cannot be translated`);
}

function untranslated({ busAddress }: OfRange, { pOF }: DeviceNode): string {
  const address = busAddress.toString(16);
  return `translation of DMA address(${address}) to CPU address failed node(${pOF})`;
}
