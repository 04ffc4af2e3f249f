import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import { readBe32, readCells } from "./bytes.ts";
import { ofDeviceIsAvailable } from "./base.ts";
import type { DeviceNode } from "./node.ts";
import { cellOf } from "./property.ts";
import type { DeviceTree } from "./tree.ts";

/** Most arguments that may follow a phandle. Linux: MAX_PHANDLE_ARGS */
export const MAX_PHANDLE_ARGS = 16;

/** A node and the cells that followed its phandle. Linux: struct of_phandle_args */
export interface PhandleArgs {
  /** The node referred to. */
  np: DeviceNode;
  /** The cells. */
  args: number[];
}

/**
 * How many cells follow each phandle: the value of that property of the node referred to, or a number,
 * or the property with a number for nodes that lack it.
 */
export type PhandleCells = string | number | { name: string; otherwise: number };

/** One entry of a list of phandles with arguments; phandle 0 is an empty entry. */
interface Entry {
  np: DeviceNode | undefined;
  phandle: number;
  args: number[];
}

/** A value, or the name of an error. For callers to whom a failure is nothing special. */
export type OrErrno<T> = T | Errno;

/** Whether a result is an error. */
export function isErrno<T extends object>(result: OrErrno<T>): result is Errno {
  return typeof result === "string" && result in ERRNO;
}

/**
 * Walks a list of phandles up to entry `index`. An error in an earlier entry counts.
 * Linux: of_phandle_iterator_next()
 */
function entryAt(
  tree: DeviceTree,
  value: Uint8Array,
  cells: PhandleCells,
  index: number,
): OrErrno<Entry> {
  const end = value.length >> 2;
  let at = 0;
  for (let entry = 0; at < end; entry++) {
    const phandle = readBe32(value, 4 * at++);
    const np = tree.nodeByPhandle(phandle);
    let count = 0;
    if (phandle !== 0) {
      const found = argumentCount(np, cells);
      if (found === undefined || at + found > end) return "EINVAL";
      count = found;
    }
    if (entry === index) {
      const taken = Math.min(count, MAX_PHANDLE_ARGS);
      return { np, phandle, args: readCells(value, at, taken) };
    }
    at += count;
  }
  return "ENOENT";
}

function argumentCount(np: DeviceNode | undefined, cells: PhandleCells): number | undefined {
  if (typeof cells === "number") return cells;
  if (np === undefined) return undefined;
  if (typeof cells === "string") return cellOf(np, cells);
  return cellOf(np, cells.name) ?? cells.otherwise;
}

/** Like {@linkcode ofParsePhandleWithArgs}, but returns the error's name instead of throwing. */
export function tryParsePhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cells: PhandleCells,
  index: number,
): OrErrno<PhandleArgs> {
  if (index < 0) return "EINVAL";
  const list = np.get(listName);
  if (list === undefined) return "ENOENT";
  const entry = entryAt(tree, list, cells, index);
  if (isErrno(entry)) return entry;
  return entry.np === undefined ? "ENOENT" : { np: entry.np, args: entry.args };
}

/**
 * The node and arguments of entry `index` in a list such as `clocks`. Throws ENOENT for a missing
 * list, an empty entry or an index past the end, EINVAL for an unknown phandle, a node without
 * the cells property, or arguments past the end. Linux: of_parse_phandle_with_args(),
 * of_parse_phandle_with_fixed_args(), of_parse_phandle_with_optional_args()
 */
export function ofParsePhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cells: PhandleCells,
  index: number,
): PhandleArgs {
  const found = tryParsePhandleWithArgs(tree, np, listName, cells, index);
  if (!isErrno(found)) return found;
  throw new KernelError(found, `${np.path}: ${listName} has no usable entry ${index}`);
}

/** The node that cell `index` of a list refers to, or `undefined`. Linux: of_parse_phandle() */
export function ofParsePhandle(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  index: number,
): DeviceNode | undefined {
  const phandle = index < 0 ? undefined : cellOf(np, listName, index);
  return phandle === undefined ? undefined : tree.nodeByPhandle(phandle);
}

/**
 * Number of entries, empty ones included; cells if `cells` is absent. Throws ENOENT for a missing
 * list, EINVAL for a malformed one. Linux: of_count_phandle_with_args()
 */
export function ofCountPhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cells?: PhandleCells,
): number {
  const list = np.get(listName);
  if (list === undefined) throw new KernelError("ENOENT", `${np.path}: no property ${listName}`);
  if (cells === undefined) return list.length >> 2;
  let count = 0;
  for (let at = 0; at < list.length >> 2; count++) {
    const entry = entryAt(tree, list.subarray(4 * at), cells, 0);
    if (isErrno(entry)) {
      throw new KernelError(entry, `${np.path}: entry ${count} of ${listName} is malformed`);
    }
    at += 1 + (entry.phandle === 0 ? 0 : argumentCount(entry.np, cells) ?? 0);
  }
  return count;
}

/** Names of the properties that a nexus node uses to map `<stem>-cells` specifiers. */
interface MapNames {
  cells: string;
  map: string;
  mask: string;
  passThru: string;
}

/**
 * Like {@linkcode ofParsePhandleWithArgs} with `#<stem>-cells`, but follows `<stem>-map` of nexus
 * nodes with its mask and pass-through until a node without a map. Throws ENOENT if no row
 * matches, EINVAL for a malformed map. Linux: of_parse_phandle_with_args_map()
 */
export function ofParsePhandleWithArgsMap(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  stem: string,
  index: number,
): PhandleArgs {
  if (index < 0) throw new KernelError("EINVAL", `${np.path}: negative index in ${listName}`);
  const names: MapNames = {
    cells: `#${stem}-cells`,
    map: `${stem}-map`,
    mask: `${stem}-map-mask`,
    passThru: `${stem}-map-pass-thru`,
  };
  let found = ofParsePhandleWithArgs(tree, np, listName, names.cells, index);
  const visited = new Set<DeviceNode>();
  while (found.np.properties.has(names.map)) {
    if (visited.has(found.np)) {
      throw new KernelError("EINVAL", `${found.np.path}: ${names.map} leads back to itself`);
    }
    visited.add(found.np);
    const next = mapOnce(tree, found, names);
    if (isErrno(next)) {
      throw new KernelError(next, `${found.np.path}: ${names.map} has no usable row`);
    }
    found = next;
  }
  return found;
}

function mapOnce(tree: DeviceTree, from: PhandleArgs, names: MapNames): OrErrno<PhandleArgs> {
  const { np, args } = from;
  const map = np.get(names.map) ?? new Uint8Array();
  const mask = args.map((_, at) => cellOf(np, names.mask, at) ?? 0xffffffff);
  const end = map.length >> 2;
  let at = 0;
  while (end - at > args.length + 1) {
    const row = at;
    at += args.length;
    const parent = tree.nodeByPhandle(readBe32(map, 4 * at++));
    if (parent === undefined) return "EINVAL";
    const count = cellOf(parent, names.cells);
    if (count === undefined || count > MAX_PHANDLE_ARGS || end - at < count) return "EINVAL";
    const matches = args.every((arg, cell) =>
      ((arg ^ readBe32(map, 4 * (row + cell))) & mask[cell]) === 0
    );
    if (matches && ofDeviceIsAvailable(parent)) {
      const out = readCells(map, at, count);
      return { np: parent, args: passThrough(np, names.passThru, args, out) };
    }
    at += count;
  }
  return "ENOENT";
}

/** Bits set in the pass-through mask come from the incoming specifier. */
function passThrough(np: DeviceNode, name: string, args: number[], out: number[]): number[] {
  return out.map((cell, at) => {
    const pass = at < args.length ? cellOf(np, name, at) ?? 0 : 0;
    return ((cell & ~pass) | ((args[at] ?? 0) & pass)) >>> 0;
  });
}
