import type { Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import {
  ofDeviceCompatibleMatch,
  type OfDeviceId,
  ofDeviceIsAvailable,
  ofMatchNode,
} from "./base.ts";
import { readBe32, readCells } from "./bytes.ts";
import { type DeviceNode, OF_POPULATED, ofPrErr } from "./node.ts";
import { isErrno, MAX_PHANDLE_ARGS, type OrErrno, type PhandleArgs } from "./phandle.ts";
import { ofParsePhandle, Track, tryParsePhandleWithArgs } from "./phandle.ts";
import { cellOf } from "./property.ts";
import type { DeviceTree } from "./tree.ts";

const NO_BYTES = new Uint8Array(0);

/** Controllers that carry an `interrupt-map` which must not be followed. Linux: of_irq_imap_abusers */
const IMAP_ABUSERS = [
  "CBEA,platform-spider-pic",
  "sti,platform-spider-pic",
  "realtek,rtl-intc",
  "fsl,ls1021a-extirq",
  "fsl,ls1043a-extirq",
  "fsl,ls1088a-extirq",
  "renesas,rza1-irqc",
  "pasemi,rootbus",
];

/** Something that was looked at on the way from a device to its interrupt controller. */
export type IrqTraceEvent =
  /** An entry of `interrupts-extended` names the controller. */
  | { readonly kind: "extended"; readonly np: DeviceNode; readonly args: readonly number[] }
  /** Who comes next above `child`: what its `interrupt-parent` refers to, or its tree parent. */
  | {
    readonly kind: "parent";
    readonly child: DeviceNode;
    readonly np: DeviceNode | undefined;
    readonly by: "interrupt-parent" | "tree";
  }
  /** The cells of `interrupts`, as many as `np` says. */
  | { readonly kind: "interrupts"; readonly np: DeviceNode; readonly args: readonly number[] }
  /** A row of `interrupt-map`. */
  | {
    readonly kind: "row";
    readonly np: DeviceNode;
    /** Its number, from 0. */
    readonly row: number;
    /** Unit address and specifier that are looked for, what the row has there, and which bits count. */
    readonly wanted: readonly number[];
    readonly cells: readonly number[];
    readonly mask: readonly number[];
    /** Where it leads; `undefined` if it is malformed. */
    readonly parent: DeviceNode | undefined;
    readonly args: readonly number[];
    readonly matches: boolean;
  }
  /** The walk was here before with the same cells. */
  | { readonly kind: "circle"; readonly np: DeviceNode }
  /** The walk has ended. */
  | { readonly kind: "controller"; readonly np: DeviceNode; readonly args: readonly number[] };

/** Hears what is looked at; costs nothing where nobody listens. */
export type IrqTrace = (event: IrqTraceEvent) => undefined;

/**
 * The node that receives the interrupts of `np`: the nearest one with `#interrupt-cells` along
 * `interrupt-parent` references and, where there is none, tree parents. A circle without such a
 * node, in which Linux would loop, has no parent. Linux: of_irq_find_parent()
 */
export function ofIrqFindParent(
  tree: DeviceTree,
  np: DeviceNode,
  trace?: IrqTrace,
): DeviceNode | undefined {
  const visited = new Set<DeviceNode>();
  let node: DeviceNode | undefined = np;
  while (node !== undefined && !visited.has(node)) {
    visited.add(node);
    const phandle: number | undefined = cellOf(node, "interrupt-parent");
    const child: DeviceNode = node;
    node = phandle === undefined ? node.parent : tree.nodeByPhandle(phandle);
    const by = phandle === undefined ? "tree" : "interrupt-parent";
    trace?.({ kind: "parent", child, np: node, by });
    if (node?.properties.has("#interrupt-cells")) return node;
  }
  return undefined;
}

/**
 * Interrupt `index` of a node: its controller and the specifier there. Throws EOVERFLOW past the
 * last one, EINVAL if there is none or it cannot be resolved, ENOENT without a controller.
 * Linux: of_irq_parse_one()
 */
export function ofIrqParseOne(tree: DeviceTree, np: DeviceNode, index: number): PhandleArgs {
  const found = tryIrqParseOne(tree, np, index);
  if (!isErrno(found)) return found;
  throw new KernelError(found, `${np.path}: interrupt ${index} cannot be resolved`);
}

/** Like {@linkcode ofIrqParseOne}, but returns the error's name instead of throwing. */
export function tryIrqParseOne(
  tree: DeviceTree,
  np: DeviceNode,
  index: number,
  trace?: IrqTrace,
): OrErrno<PhandleArgs> {
  const reg = np.get("reg") ?? NO_BYTES;
  const extended = tryParsePhandleWithArgs(
    tree,
    np,
    "interrupts-extended",
    "#interrupt-cells",
    index,
  );
  if (!isErrno(extended)) {
    trace?.({ kind: "extended", ...extended });
    return tryIrqParseRaw(tree, reg, extended, trace);
  }
  const parent = ofIrqFindParent(tree, np, trace);
  const cells = parent === undefined ? undefined : cellOf(parent, "#interrupt-cells");
  if (parent === undefined || cells === undefined) return "EINVAL";
  const interrupts = np.get("interrupts") ?? NO_BYTES;
  const short = interrupts.length < 4 * cells * (index + 1);
  // Linux looks for cells only where some are needed, and would write past its array here.
  if (short) return np.properties.has("interrupts") ? "EOVERFLOW" : "EINVAL";
  if (cells > MAX_PHANDLE_ARGS) return "EINVAL";
  const args = readCells(interrupts, cells * index, cells);
  trace?.({ kind: "interrupts", np: parent, args });
  return tryIrqParseRaw(tree, reg, { np: parent, args }, trace);
}

/**
 * Follows `interrupt-map`s from `from.np` to an interrupt controller. `reg` starts with the address
 * of the device, of which three cells count; cells that it lacks are 0. Throws EINVAL if no row
 * matches or one is malformed, EFAULT if a specifier has more than 16 cells, ENOENT without a
 * controller. Linux: of_irq_parse_raw()
 */
export function ofIrqParseRaw(tree: DeviceTree, reg: Uint8Array, from: PhandleArgs): PhandleArgs {
  const found = tryIrqParseRaw(tree, reg, from);
  if (!isErrno(found)) return found;
  throw new KernelError(found, `${from.np.path}: interrupt map leads to no controller`);
}

/** An interrupt on its way: what a map is searched for. */
interface Specifier {
  np: DeviceNode;
  address: number[];
  args: number[];
}

function tryIrqParseRaw(
  tree: DeviceTree,
  reg: Uint8Array,
  from: PhandleArgs,
  trace?: IrqTrace,
): OrErrno<PhandleArgs> {
  let start: DeviceNode | undefined = from.np;
  if (cellOf(start, "#interrupt-cells") === undefined) start = ofIrqFindParent(tree, start, trace);
  if (start === undefined) return "EINVAL";
  if (cellOf(start, "#interrupt-cells") !== from.args.length) return "EINVAL";
  const count = matchAddressCells(start);
  if (count + from.args.length > MAX_PHANDLE_ARGS) return "EFAULT";
  const padded = new Uint8Array(4 * Math.max(3, count));
  padded.set(reg.subarray(0, 12));
  const address = readCells(padded, 0, count);
  const found = walkMaps(tree, { np: start, address, args: from.args }, from.np, trace);
  if (!isErrno(found)) trace?.({ kind: "controller", ...found });
  return found;
}

/** Linux looks upward for `#address-cells` and takes 2 if there is none. */
function matchAddressCells(np: DeviceNode): number {
  for (let node: DeviceNode | undefined = np; node !== undefined; node = node.parent) {
    if (node.properties.has("#address-cells")) return cellOf(node, "#address-cells") ?? 0;
  }
  return 2;
}

/**
 * Goes on until a controller. The node that counts is the one that a map or the device named: one that is
 * merely above a node without a map does not take its place, so that its domain is not found. Maps
 * that lead in a circle, in which Linux would loop, lead nowhere.
 */
function walkMaps(
  tree: DeviceTree,
  from: Specifier,
  named: DeviceNode,
  trace: IrqTrace | undefined,
): OrErrno<PhandleArgs> {
  const track = new Track();
  let at = from;
  let np = named;
  for (;;) {
    const controller = at.np.properties.has("interrupt-controller");
    const map = at.np.get("interrupt-map");
    if (controller && (map === undefined || ofDeviceCompatibleMatch(at.np, IMAP_ABUSERS) > 0)) {
      return { np, args: at.args };
    }
    if (!track.isNew(at.np, [...at.address, ...at.args])) {
      trace?.({ kind: "circle", np: at.np });
      return "EINVAL";
    }
    if (map === undefined) {
      const parent = ofIrqFindParent(tree, at.np, trace);
      if (parent === undefined) return "ENOENT";
      at = { ...at, np: parent };
      continue;
    }
    const next = searchMap(tree, map, at, trace);
    if (isErrno(next)) return next;
    np = next.np;
    if (np === at.np) return { np, args: next.args };
    at = next;
  }
}

/** The first row that matches and whose parent is available. */
function searchMap(
  tree: DeviceTree,
  map: Uint8Array,
  from: Specifier,
  trace: IrqTrace | undefined,
): OrErrno<Specifier> {
  const wanted = [...from.address, ...from.args];
  const mask = wanted.map((_, cell) => cellOf(from.np, "interrupt-map-mask", cell) ?? 0xffffffff);
  const end = map.length >> 2;
  let at = 0;
  for (let row = 0; end - at > wanted.length + 1; row++) {
    const cells = readCells(map, at, wanted.length);
    const parent = parseMapParent(tree, map, at + wanted.length);
    const matches = wanted.every((cell, index) => ((cell ^ cells[index]) & mask[index]) === 0);
    const { np, args } = isErrno(parent) ? { args: [] } : parent;
    trace?.({ kind: "row", np: from.np, row, wanted, cells, mask, parent: np, args, matches });
    if (isErrno(parent)) return parent;
    if (matches && ofDeviceIsAvailable(parent.np)) return parent;
    at = parent.end;
  }
  return "EINVAL";
}

/** The parent part of a row, which starts at cell `at`. Linux: of_irq_parse_imap_parent() */
function parseMapParent(
  tree: DeviceTree,
  map: Uint8Array,
  at: number,
): OrErrno<Specifier & { end: number }> {
  const np = tree.nodeByPhandle(readBe32(map, 4 * at++));
  if (np === undefined) return "EINVAL";
  const intCells = cellOf(np, "#interrupt-cells");
  if (intCells === undefined) return "EINVAL";
  const addressCells = cellOf(np, "#address-cells") ?? 0;
  const end = at + addressCells + intCells;
  if (addressCells + intCells > MAX_PHANDLE_ARGS || end > map.length >> 2) return "EINVAL";
  const args = readCells(map, end - intCells, intCells);
  return { np, address: readCells(map, at, addressCells), args, end };
}

/** Number of interrupts before the first that cannot be resolved. Linux: of_irq_count() */
export function ofIrqCount(tree: DeviceTree, np: DeviceNode): number {
  let count = 0;
  while (count < COUNT_MAX && !isErrno(tryIrqParseOne(tree, np, count))) count++;
  return count;
}

/** A controller with `#interrupt-cells = <0>` has no end of interrupts; Linux would count for ever. */
const COUNT_MAX = 65536;

/** An interrupt controller that {@linkcode ofIrqInit} found. */
export interface IntcDesc<T> {
  /** The controller. */
  np: DeviceNode;
  /** The controller that it feeds, `undefined` for a root. */
  interruptParent: DeviceNode | undefined;
  /** The table row that matched. */
  match: OfDeviceId<T>;
}

/**
 * The available interrupt controllers that `matches` names, parents before children. `init` is called for
 * each; the node counts as populated unless it returns an error's name, and then its children get no
 * turn. Linux: of_irq_init()
 */
export function ofIrqInit<T>(
  tree: DeviceTree,
  matches: readonly OfDeviceId<T>[],
  init: (desc: IntcDesc<T>) => Errno | undefined,
): void {
  let waiting: IntcDesc<T>[] = [];
  for (const np of tree.nodes()) {
    const match = np.properties.has("interrupt-controller") && ofDeviceIsAvailable(np)
      ? ofMatchNode(matches, np)
      : undefined;
    if (match === undefined) continue;
    const parent = ofParsePhandle(tree, np, "interrupts-extended", 0) ?? ofIrqFindParent(tree, np);
    waiting.push({ np, interruptParent: parent === np ? undefined : parent, match });
  }
  const ready: DeviceNode[] = [];
  let parent: DeviceNode | undefined;
  while (waiting.length > 0) {
    const turn = waiting.filter((desc) => desc.interruptParent === parent);
    waiting = waiting.filter((desc) => desc.interruptParent !== parent);
    for (const desc of turn) {
      desc.np.testAndSetFlag(OF_POPULATED);
      if (init(desc) === undefined) ready.push(desc.np);
      else desc.np.clearFlag(OF_POPULATED);
    }
    parent = ready.shift();
    if (parent === undefined) {
      ofPrErr(tree.root, "of_irq_init: children remain, but no parents");
      return;
    }
  }
}
