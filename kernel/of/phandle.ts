import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import { readBe32, readCells } from "./bytes.ts";
import { ofDeviceIsAvailable } from "./base.ts";
import { type DeviceNode, ofPrErr } from "./node.ts";
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

/** How many cells follow each phandle: a property of the node referred to, a number for nodes without it. */
interface PhandleCells {
  readonly name?: string;
  readonly count?: number;
}

/** One entry of a list of phandles with arguments; phandle 0 is an empty entry. */
interface Entry {
  np: DeviceNode | undefined;
  phandle: number;
  args: number[];
  /** The cell behind the entry. */
  end: number;
}

/** A value, or the name of an error. For callers to whom a failure is nothing special. */
export type OrErrno<T> = T | Errno;

/** Whether a result is an error. */
export function isErrno<T extends object>(result: OrErrno<T>): result is Errno {
  return typeof result === "string" && result in ERRNO;
}

/** A property that lists phandles, as one walk sees it. Linux: struct of_phandle_iterator */
class PhandleList {
  /** Its cells; bytes behind the last whole cell count for nothing. */
  readonly length: number;

  constructor(
    readonly tree: DeviceTree,
    readonly np: DeviceNode,
    readonly value: Uint8Array,
    readonly cells: PhandleCells,
  ) {
    this.length = value.length >> 2;
  }

  /** The entry that starts at cell `at`. Linux: of_phandle_iterator_next() */
  entry(at: number): OrErrno<Entry> {
    if (at >= this.length) return "ENOENT";
    const phandle = readBe32(this.value, 4 * at);
    if (phandle === 0) return { np: undefined, phandle, args: [], end: at + 1 };
    const np = this.tree.nodeByPhandle(phandle);
    const count = this.#argumentCount(phandle, np);
    if (count === undefined) return "EINVAL";
    const end = at + 1 + count;
    if (end > this.length) {
      this.#complainOfEnd(np, count, this.length - at - 1);
      return "EINVAL";
    }
    const args = readCells(this.value, at + 1, Math.min(count, MAX_PHANDLE_ARGS));
    return { np, phandle, args, end };
  }

  /** Entry `index`. An error in an earlier one counts. Linux: __of_parse_phandle_with_args() */
  at(index: number): OrErrno<Entry> {
    let entry = this.entry(0);
    for (let left = index; left > 0 && !isErrno(entry); left--) entry = this.entry(entry.end);
    return entry;
  }

  #argumentCount(phandle: number, np: DeviceNode | undefined): number | undefined {
    const { name, count } = this.cells;
    if (name === undefined) return count;
    if (np === undefined) {
      ofPrErr(this.np, `${this.np.pOF}: could not find phandle ${phandle | 0}`);
      return undefined;
    }
    const found = cellOf(np, name) ?? count;
    if (found === undefined) {
      ofPrErr(this.np, `${this.np.pOF}: could not get ${name} for ${np.pOF}`);
    }
    return found;
  }

  #complainOfEnd(np: DeviceNode | undefined, count: number, left: number): undefined {
    const { name } = this.cells;
    const wanted = name === undefined
      ? `phandle ${np?.fullName ?? "<no-node>"} needs ${count},`
      : `${name} = ${count | 0}`;
    ofPrErr(this.np, `${this.np.pOF}: ${wanted} found ${left}`);
  }
}

function tryParse(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cells: PhandleCells,
  index: number,
): OrErrno<Entry> {
  if (index < 0) return "EINVAL";
  const value = np.get(listName);
  if (value === undefined) return "ENOENT";
  const entry = new PhandleList(tree, np, value, cells).at(index);
  return !isErrno(entry) && entry.phandle === 0 ? "ENOENT" : entry;
}

function orThrow<T extends object>(
  found: OrErrno<T>,
  np: DeviceNode,
  listName: string,
  index: number,
): T {
  if (!isErrno(found)) return found;
  throw new KernelError(found, `${np.path}: ${listName} has no usable entry ${index}`);
}

/** Like {@linkcode ofParsePhandleWithArgs}, but returns the error's name instead of throwing. */
export function tryParsePhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cellsName: string,
  index: number,
): OrErrno<PhandleArgs> {
  // With a cells property, an entry without a node is an error.
  return tryParse(tree, np, listName, { name: cellsName }, index) as OrErrno<PhandleArgs>;
}

/**
 * The node and arguments of entry `index` in a list such as `clocks`; the node's property `cellsName`
 * says how many arguments there are. Throws ENOENT for a missing list, an empty entry or an index past
 * the end, EINVAL for an unknown phandle, a node without the cells property, or arguments past the
 * end. Linux: of_parse_phandle_with_args()
 */
export function ofParsePhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cellsName: string,
  index: number,
): PhandleArgs {
  const found = tryParsePhandleWithArgs(tree, np, listName, cellsName, index);
  return orThrow(found, np, listName, index);
}

/**
 * Like {@linkcode ofParsePhandleWithArgs}, but a node without the cells property takes no arguments.
 * Linux: of_parse_phandle_with_optional_args()
 */
export function ofParsePhandleWithOptionalArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cellsName: string,
  index: number,
): PhandleArgs {
  const found = tryParse(tree, np, listName, { name: cellsName, count: 0 }, index);
  return orThrow(found as OrErrno<PhandleArgs>, np, listName, index);
}

/**
 * Like {@linkcode ofParsePhandleWithArgs}, but every entry has `count` arguments, and a phandle that no
 * node has is no error. Linux: of_parse_phandle_with_fixed_args()
 */
export function ofParsePhandleWithFixedArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  count: number,
  index: number,
): { np: DeviceNode | undefined; args: number[] } {
  return orThrow(tryParse(tree, np, listName, { count }, index), np, listName, index);
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
 * Number of entries, empty ones included; cells if `cellsName` is absent. Throws ENOENT for a missing
 * list, EINVAL for a malformed one. Linux: of_count_phandle_with_args()
 */
export function ofCountPhandleWithArgs(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  cellsName?: string,
): number {
  const value = np.get(listName);
  if (value === undefined) throw new KernelError("ENOENT", `${np.path}: no property ${listName}`);
  if (cellsName === undefined) return value.length >> 2;
  const list = new PhandleList(tree, np, value, { name: cellsName });
  let count = 0;
  for (let at = 0; at < list.length; count++) {
    at = orThrow(list.entry(at), np, listName, count).end;
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
 * matches, EINVAL for a malformed map, or for maps that lead in a circle, in which Linux would loop.
 * Linux: of_parse_phandle_with_args_map()
 */
export function ofParsePhandleWithArgsMap(
  tree: DeviceTree,
  np: DeviceNode,
  listName: string,
  stem: string,
  index: number,
): PhandleArgs {
  const names: MapNames = {
    cells: `#${stem}-cells`,
    map: `${stem}-map`,
    mask: `${stem}-map-mask`,
    passThru: `${stem}-map-pass-thru`,
  };
  let found = ofParsePhandleWithArgs(tree, np, listName, names.cells, index);
  const track = new Track();
  while (found.np.properties.has(names.map)) {
    const next = track.isNew(found.np, found.args) ? mapOnce(tree, found, names) : "EINVAL";
    if (isErrno(next)) {
      throw new KernelError(next, `${found.np.path}: ${names.map} has no usable row`);
    }
    found = next;
  }
  return found;
}

/** Where a walk through maps has been: one that comes back with the same cells has no end. */
export class Track {
  readonly #seen = new Set<string>();

  /** Notes the place; false if the walk was there before. */
  isNew(np: DeviceNode, cells: readonly number[]): boolean {
    const before = this.#seen.size;
    return this.#seen.add(`${np.pOF} ${cells}`).size > before;
  }
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
    if (count === undefined) return parent.get(names.cells) === undefined ? "EINVAL" : "EOVERFLOW";
    if (count > MAX_PHANDLE_ARGS || end - at < count) return "EINVAL";
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
