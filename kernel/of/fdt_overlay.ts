/**
 * Overlays merged into a flattened tree before it is booted, as libfdt does it: with its order of
 * properties and nodes, its strings, and its ways to find nodes.
 *
 * @module
 */
import { cString, latin1, readBe32, writeBe32 } from "./bytes.ts";
import type { CompileNode } from "./compile_node.ts";
import type { CompileProperty } from "./compile_property.ts";
import type { CompileTree } from "./compile_tree.ts";
import type { StringTable } from "./string_table.ts";

/** An overlay that does not fit. The message names the label, property or node, and what to do. */
export class FdtOverlayError extends Error {
  /** Name of the class. */
  override name = "FdtOverlayError";
}

/** A tree that overlays are merged into. */
export interface FdtOverlayBase {
  /** The tree; useless after an error. */
  readonly tree: CompileTree;
  /** Its names, to which those of overlays are added in the order in which they come. */
  readonly strings: StringTable;
}

const NO_PHANDLE = 0xffffffff;

/**
 * Merges an overlay into `base`. The overlay's values are changed. libfdt: fdt_overlay_apply()
 *
 * @throws {FdtOverlayError} If the overlay is malformed or does not fit the base.
 */
export function applyFdtOverlay(base: FdtOverlayBase, overlay: CompileTree): void {
  const delta = maxPhandle(base.tree);
  for (const node of overlay.nodes) {
    addToPhandle(node, "phandle", delta);
    addToPhandle(node, "linux,phandle", delta);
  }
  forEachLocalFixup(overlay, (value, offset) => {
    writeBe32(value, offset, readBe32(value, offset) + delta);
  });
  fixupPhandles(base.tree, overlay);
  const { names, properties } = overlay.root.table;
  base.strings.expect(names, properties.usedNames);
  const merger = new Merger(base);
  const fragments = overlay.root.children.flatMap((node): Fragment[] => {
    const content = childLike(node, "__overlay__");
    return content === undefined ? [] : [{ node, content }];
  });
  keepPhandles(merger, fragments, overlay);
  for (const { node, content } of fragments) merger.merge(merger.target(node).target, content);
  mergeSymbols(merger, overlay, fragments);
  base.tree.changed();
}

/** A part of the overlay. */
interface Fragment {
  readonly node: CompileNode;
  readonly content: CompileNode;
}

/** Where a fragment goes. */
interface Target {
  readonly target: CompileNode;
  /** The target's path as the overlay gives it, `undefined` if it gives a phandle. */
  readonly path: string | undefined;
}

/** What becomes of the base while parts of an overlay are merged into it. */
class Merger {
  readonly #base: FdtOverlayBase;
  /** Nodes by phandle, those of the overlay included as far as they are merged. */
  readonly #phandles = new Map<number, CompileNode>();

  constructor(base: FdtOverlayBase) {
    this.#base = base;
    for (const node of base.tree.nodes) this.#noticePhandle(node);
  }

  #noticePhandle(node: CompileNode): void {
    const phandle = phandleOf(node);
    if (phandle !== 0 && !this.#phandles.has(phandle)) this.#phandles.set(phandle, node);
  }

  get tree(): CompileTree {
    return this.#base.tree;
  }

  /** libfdt: overlay_get_target() */
  target(fragment: CompileNode): Target {
    const found = this.findTarget(fragment);
    if (typeof found !== "string") return found;
    throw new FdtOverlayError(`${fragment.path}: the base tree has no target node ${found}`);
  }

  /** The target, or words for what there is not. */
  findTarget(fragment: CompileNode): Target | string {
    const byPhandle = fragment.property("target");
    const phandle = byPhandle?.length === 4 ? byPhandle.cell(0) : byPhandle && NO_PHANDLE;
    if (phandle === NO_PHANDLE) throw new FdtOverlayError(`${fragment.path}:target is no phandle`);
    const byPath = fragment.property("target-path");
    if (!phandle && byPath === undefined) {
      throw new FdtOverlayError(`${fragment.path} has neither target nor target-path`);
    }
    const path = phandle ? undefined : firstString(byPath!.value);
    const target = phandle ? this.#phandles.get(phandle) : nodeLike(this.tree, path!);
    return target === undefined
      ? path ?? `with phandle 0x${phandle!.toString(16)}`
      : { target, path };
  }

  /** Walks without recursion. libfdt: overlay_apply_node() */
  merge(target: CompileNode, content: CompileNode): void {
    const stack: [CompileNode, CompileNode][] = [[target, content]];
    for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
      const [node, from] = work;
      this.setProperties(node, from.properties);
      this.#noticePhandle(node);
      for (const pair of mergeChildren(node, from.children).reverse()) stack.push(pair);
    }
  }

  /** Sets properties; new ones come in front, each before the last. libfdt: fdt_setprop() */
  setProperties(node: CompileNode, properties: readonly NamedValue[]): void {
    const added = new Map<string, CompileProperty>();
    for (const { name, value } of properties) {
      const old = node.property(name) ?? added.get(name);
      if (old !== undefined) old.value = value;
      else {
        const property = node.newProperty(name);
        this.#base.strings.offsetOf(node.table.names, property.nameNumber);
        property.value = value;
        added.set(name, property);
      }
    }
    if (added.size === 0) return;
    node.replaceProperties([...[...added.values()].reverse(), ...node.properties]);
  }
}

/** What a property is set to. */
interface NamedValue {
  readonly name: string;
  readonly value: Uint8Array;
}

/** A node's phandle, 0 if it has none. libfdt: fdt_get_phandle() */
function phandleOf(node: CompileNode): number {
  for (const name of ["phandle", "linux,phandle"]) {
    const property = node.property(name);
    if (property?.length === 4) return property.cell(0);
  }
  return 0;
}

function maxPhandle(tree: CompileTree): number {
  let max = 0;
  for (const node of tree.nodes) {
    const phandle = phandleOf(node);
    if (phandle > max && phandle !== NO_PHANDLE) max = phandle;
  }
  return max;
}

function addToPhandle(node: CompileNode, name: string, delta: number): void {
  const property = node.property(name);
  if (property === undefined) return;
  const place = `${node.path}:${name}`;
  if (property.length !== 4) {
    throw new FdtOverlayError(`${place} has ${property.length} bytes, a phandle has 4`);
  }
  const phandle = property.cell(0) + delta;
  if (phandle >= NO_PHANDLE) {
    throw new FdtOverlayError(`${place}: no phandles are left above those of the base tree`);
  }
  setCell(property, phandle);
}

function setCell(property: CompileProperty, cell: number): void {
  const value = new Uint8Array(4);
  writeBe32(value, 0, cell);
  property.value = value;
}

/** Calls back for each cell that refers to a node of the overlay itself. */
function forEachLocalFixup(
  overlay: CompileTree,
  use: (value: Uint8Array, offset: number) => void,
): void {
  const fixups = childLike(overlay.root, "__local_fixups__");
  if (fixups === undefined) return;
  const stack: [CompileNode, CompileNode][] = [[overlay.root, fixups]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [node, offsets] = work;
    for (const property of offsets.properties) localFixups(node, property, use);
    for (const child of offsets.children) {
      const below = childLike(node, child.name);
      if (below === undefined) {
        throw new FdtOverlayError(`${child.path} stands for a node that the overlay does not have`);
      }
      stack.push([below, child]);
    }
  }
}

function localFixups(
  node: CompileNode,
  offsets: CompileProperty,
  use: (value: Uint8Array, offset: number) => void,
): void {
  const place = `${node.path}:${offsets.name}`;
  const property = node.property(offsets.name);
  if (property === undefined || offsets.length % 4 !== 0) {
    throw new FdtOverlayError(`/__local_fixups__ has a malformed entry for ${place}`);
  }
  const value = property.value.slice();
  for (let index = 0; 4 * index < offsets.length; index++) {
    const offset = offsets.cell(index);
    if (offset + 4 > value.length) throw beyond(place, value.length, offset);
    use(value, offset);
  }
  property.value = value;
}

function beyond(place: string, length: number, offset: number): FdtOverlayError {
  return new FdtOverlayError(`${place} has ${length} bytes, no phandle at offset ${offset}`);
}

/** Fills in the phandles of nodes of the base that the overlay refers to by label. */
function fixupPhandles(base: CompileTree, overlay: CompileTree): void {
  const fixups = childLike(overlay.root, "__fixups__");
  for (const { name, value } of fixups?.properties ?? []) {
    const entries = stringsOf(value);
    if (entries === undefined) {
      throw new FdtOverlayError(`/__fixups__:${name} is no list of strings`);
    }
    const phandle = symbolPhandle(base, name, entries[0]);
    for (const entry of entries) fixupEntry(overlay, name, entry, phandle);
  }
}

/** The strings of a value, `undefined` if there are none or the last one does not end. */
function stringsOf(value: Uint8Array): string[] | undefined {
  if (value.length === 0 || value[value.length - 1] !== 0) return undefined;
  return latin1(value, 0, value.length - 1).split("\0");
}

const COMPILE_WITH_SYMBOLS = "compile the base with -@";

/** The phandle of the base's node with a label. */
function symbolPhandle(base: CompileTree, label: string, user: string): number {
  const needed = `label ${label}, which ${user.replace(/:\d+$/, "")} of the overlay refers to,`;
  const symbols = childLike(base.root, "__symbols__");
  if (symbols === undefined) {
    const missing = `the base tree has no /__symbols__ to find ${label} in`;
    throw new FdtOverlayError(`${missing}; ${COMPILE_WITH_SYMBOLS}`);
  }
  const symbol = symbols.property(label);
  if (symbol === undefined) {
    throw new FdtOverlayError(
      `${needed} is no symbol of the base tree; give the node that label, ` +
        `and ${COMPILE_WITH_SYMBOLS}`,
    );
  }
  const path = firstString(symbol.value);
  const node = nodeLike(base, path);
  if (node === undefined) {
    throw new FdtOverlayError(`${needed} is ${path} in the base tree, which is not there`);
  }
  const phandle = phandleOf(node);
  if (phandle !== 0) return phandle;
  const missing = `${needed} is ${node.path}, which has no phandle`;
  throw new FdtOverlayError(`${missing}; ${COMPILE_WITH_SYMBOLS}`);
}

function firstString(value: Uint8Array): string {
  const end = value.indexOf(0);
  return latin1(value, 0, end < 0 ? value.length : end);
}

/** An entry is `/path:property:offset`. */
function fixupEntry(overlay: CompileTree, label: string, entry: string, phandle: number): void {
  const [, path, name, digits] = /^([^:]+):([^:]+):(\d+)$/.exec(entry) ?? [];
  if (path === undefined) {
    throw new FdtOverlayError(`/__fixups__:${label}: ${entry} is not /path:property:offset`);
  }
  const property = nodeLike(overlay, path)?.property(name);
  if (property === undefined) {
    throw new FdtOverlayError(`/__fixups__:${label}: the overlay has no ${path}:${name}`);
  }
  const value = property.value.slice();
  const offset = Number(digits);
  if (offset + 4 > value.length) throw beyond(`${path}:${name}`, value.length, offset);
  writeBe32(value, offset, phandle);
  property.value = value;
}

/**
 * Nodes of the base keep their phandles: references inside the overlay follow. libfdt before 1.7.1 did
 * not, and broke references inside the base.
 */
function keepPhandles(
  merger: Merger,
  fragments: readonly Fragment[],
  overlay: CompileTree,
): void {
  const kept = new Map<number, number>();
  const stack = fragments.flatMap(({ node, content }) => {
    const found = merger.findTarget(node);
    return typeof found === "string" ? [] : [[found.target, content]];
  });
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [target, node] = work;
    const phandle = phandleOf(target);
    const added = phandleOf(node);
    if (phandle !== 0 && added !== 0) {
      kept.set(added, phandle);
      for (const name of ["phandle", "linux,phandle"]) {
        const property = node.property(name);
        if (property !== undefined) setCell(property, phandle);
      }
    }
    for (const child of node.children) {
      const below = childLike(target, child.name);
      if (below !== undefined) stack.push([below, child]);
    }
  }
  if (kept.size === 0) return;
  forEachLocalFixup(overlay, (value, offset) => {
    const phandle = kept.get(readBe32(value, offset));
    if (phandle !== undefined) writeBe32(value, offset, phandle);
  });
}

/** Pairs children with those of the node, in front of which it puts what it does not have. */
function mergeChildren(
  node: CompileNode,
  children: readonly CompileNode[],
): [CompileNode, CompileNode][] {
  if (children.length === 0) return [];
  // A name without unit address stands for the first node that has it, with any unit address.
  const known = new Map<string, CompileNode>();
  for (const child of [...node.children].reverse()) {
    known.set(child.name, child).set(child.baseName, child);
  }
  const added: CompileNode[] = [];
  const pairs = children.map((child): [CompileNode, CompileNode] => {
    const { name, baseName } = child;
    const there = known.get(name);
    if (there !== undefined) return [there, child];
    const fresh = node.newChild(node.table.names.addText(name));
    known.set(name, fresh).set(baseName, fresh);
    added.push(fresh);
    return [fresh, child];
  });
  node.replaceChildren([...added.reverse(), ...node.children]);
  return pairs;
}

/** The labels of the overlay become labels of the base. libfdt: overlay_symbol_update() */
function mergeSymbols(
  merger: Merger,
  overlay: CompileTree,
  fragments: readonly Fragment[],
): void {
  const symbols = childLike(overlay.root, "__symbols__");
  if (symbols === undefined) return;
  const { root } = merger.tree;
  let into = childLike(root, "__symbols__");
  if (into === undefined) {
    const others = root.children;
    into = root.newChild(root.table.names.addText("__symbols__"));
    root.replaceChildren([into, ...others]);
  }
  const paths: NamedValue[] = [];
  for (const { name, value } of symbols.properties) {
    const [path, more] = stringsOf(value) ?? [];
    if (path === undefined || more !== undefined || !path.startsWith("/")) {
      throw new FdtOverlayError(`${symbols.path}:${name} is no path`);
    }
    const [, fragment, below] = /^\/([^/]+)\/__overlay__(?:$|\/(.*)$)/.exec(path) ?? [];
    if (fragment === undefined) continue; // It names something that does not become part of the base.
    const found = fragments.find(({ node }) => isLike(node.name, fragment));
    if (found === undefined) {
      throw new FdtOverlayError(`${symbols.path}:${name}: the overlay has no fragment ${path}`);
    }
    const { path: given, target } = merger.target(found.node);
    const above = given ?? target.path;
    const text = `${above === "/" ? "" : above}/${below ?? ""}`;
    paths.push({ name, value: cString(text) });
  }
  merger.setProperties(into, paths);
}

/** Whether a node's name is the one asked for, which may lack the unit address. libfdt: fdt_nodename_eq_() */
function isLike(name: string, wanted: string): boolean {
  if (name === wanted) return true;
  return !wanted.includes("@") && name.startsWith(wanted) && name[wanted.length] === "@";
}

function childLike(node: CompileNode, wanted: string): CompileNode | undefined {
  if (wanted.includes("@")) return node.child(wanted);
  return node.children.find(({ name }) => isLike(name, wanted));
}

/** The node at a path, which may start with an alias. libfdt: fdt_path_offset() */
function nodeLike(tree: CompileTree, path: string): CompileNode | undefined {
  const names = path.split("/").filter((name) => name !== "");
  let node: CompileNode | undefined = tree.root;
  if (!path.startsWith("/")) {
    const alias = childLike(tree.root, "aliases")?.property(names.shift() ?? "");
    const absolute = alias === undefined ? "" : firstString(alias.value);
    node = absolute.startsWith("/") ? nodeLike(tree, absolute) : undefined;
  }
  for (const name of names) node = node && childLike(node, name);
  return node;
}
