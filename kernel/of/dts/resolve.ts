/**
 * What dtc adds to a tree when the checks have passed: labels as properties, and the places that an
 * overlay leaves to be filled in.
 *
 * @module
 */
import { ByteBuffer } from "../byte_buffer.ts";
import { cString, latin1 } from "../bytes.ts";
import type { DtcVersion, PhandleFormat } from "../checks/check.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileTree } from "../compile_tree.ts";
import type { Marker } from "../node.ts";
import { assignPhandle } from "../phandles.ts";
import { NO_ROW } from "../rows.ts";

/** Something that the tree asks for and the flattened form cannot say. One line, with the place. */
export class ResolveError extends Error {
  /** Name of the class. */
  override name = "ResolveError";
}

/**
 * Makes each label of a node a property of `/aliases` or `/__symbols__` with the node's path. With a
 * format for phandles, each of these nodes gets one. Returns labels that are properties already.
 * dtc: generate_label_tree()
 */
export function addLabels(
  tree: CompileTree,
  name: string,
  phandles?: PhandleFormat,
): readonly string[] {
  const labelled = tree.labelledNodes;
  const clashes: string[] = [];
  if (labelled.length === 0) return clashes;
  const node = childOf(tree, tree.root, name);
  const { labels, names } = node.table;
  const paths = new Paths();
  for (const target of labelled) {
    for (let row = target.labelList; row !== NO_ROW; row = labels.next(row)) {
      if (labels.isDeleted(row)) continue;
      const name = labels.nameAt(row);
      if (node.has(name)) clashes.push(names.text(name));
      else paths.add(tree, node, name, target);
    }
    if (phandles !== undefined) assignPhandle(tree, target, phandles);
  }
  return clashes;
}

/** Adds properties that are paths, most of nodes with the same parent as the one before. */
class Paths {
  #parent: CompileNode | undefined = undefined;
  /** The parent's path, with a slash at its end. */
  #above: Uint8Array = new Uint8Array(0);

  /** Adds a property with the path of `target` to a node. */
  add(tree: CompileTree, node: CompileNode, name: number, target: CompileNode): void {
    const { values } = tree;
    const { names } = target.table;
    this.#moveTo(target);
    values.append(this.#above, 0, this.#above.length);
    values.append(names.bytes, names.startOf(target.nameNumber), names.endOf(target.nameNumber));
    values.byte(0);
    const property = node.newNumbered(name);
    values.finish(property);
    property.setType("string");
    tree.addProperty(node, property);
  }

  #moveTo(target: CompileNode): void {
    const { parent } = target;
    if (parent !== undefined && parent === this.#parent) return;
    this.#parent = parent;
    const { path, name } = target;
    this.#above = cString(path).subarray(0, path.length - name.length);
  }
}

/** The child of that name, added if there is none. */
function childOf(tree: CompileTree, node: CompileNode, name: string): CompileNode {
  const old = node.child(name);
  if (old !== undefined) return old;
  tree.changed();
  return node.addChild(name);
}

/** Appends to a property, which is added if there is none. dtc: append_to_property() */
function addEntries(
  tree: CompileTree,
  node: CompileNode,
  name: string,
  entries: readonly Uint8Array[],
  kind: Marker["kind"],
): void {
  const old = node.property(name);
  const property = old ?? node.newProperty(name);
  const out = new ByteBuffer();
  out.append(property.data, property.start, property.end);
  const markers = [...property.markers];
  for (const entry of entries) {
    markers.push({ kind, offset: out.length, text: "" });
    out.append(entry);
  }
  property.value = out.view();
  property.markers = markers;
  if (old === undefined) tree.addProperty(node, property);
}

/**
 * Notes every reference of an overlay: those to labels of the base tree in `/__fixups__`, those inside
 * the overlay in `/__local_fixups__`. Returns the nodes whose old contents cannot be added to.
 * dtc: generate_fixups_tree(), generate_local_fixups_tree()
 *
 * @throws {ResolveError} If a reference cannot be written down there.
 */
export function addFixups(tree: CompileTree, version: DtcVersion): readonly string[] {
  const malformed: string[] = [];
  const fixups = collectFixups(tree, version);
  if (fixups.size > 0) {
    const node = childOf(tree, tree.root, "__fixups__");
    for (const [label, entries] of fixups) {
      const bytes = entries.map(cString);
      if (!addUnique(tree, node, label, bytes, "string", version)) malformed.push("__fixups__");
    }
  }
  if (!addLocalFixups(tree, version)) malformed.push("__local_fixups__");
  return malformed;
}

/** Places to fill in, `/path:property:offset`, by label. */
function collectFixups(tree: CompileTree, version: DtcVersion): Map<string, string[]> {
  const fixups = new Map<string, string[]>();
  const { properties: { markers }, names } = tree.root.table;
  tree.eachReferrer((node, property) =>
    property.eachMarker("phandle", (offset, row) => {
      const name = markers.nameAt(row);
      if (tree.nodeByRefName(name) !== undefined) return;
      const text = names.text(name);
      const place = `${node.path}:${property.name}`;
      if (version === "1.8" && text.includes("/")) {
        throw new ResolveError(`${place}: an overlay cannot refer to &{${text}}, only to labels`);
      }
      if (place.indexOf(":") !== place.lastIndexOf(":")) {
        throw new ResolveError(`${place}: names with a colon cannot be referred to in an overlay`);
      }
      const entries = fixups.get(text);
      if (entries === undefined) fixups.set(text, [`${place}:${offset}`]);
      else entries.push(`${place}:${offset}`);
    })
  );
  return fixups;
}

/** A copy of the tree's paths, as far as they lead to references, with offsets for values. */
function addLocalFixups(tree: CompileTree, version: DtcVersion): boolean {
  const copies = new Map<CompileNode, CompileNode>();
  let wellFormed = true;
  const { markers } = tree.root.table.properties;
  tree.eachReferrer((node, property) => {
    const offsets: Uint8Array[] = [];
    property.eachMarker("phandle", (offset, row) => {
      if (tree.nodeByRefName(markers.nameAt(row)) !== undefined) offsets.push(cellBytes(offset));
    });
    if (offsets.length === 0) return;
    if (copies.size === 0) copies.set(tree.root, childOf(tree, tree.root, "__local_fixups__"));
    const copy = copyPath(tree, node, copies);
    if (!addUnique(tree, copy, property.name, offsets, "u32", version)) wellFormed = false;
  });
  return wellFormed;
}

function copyPath(
  tree: CompileTree,
  node: CompileNode,
  copies: Map<CompileNode, CompileNode>,
): CompileNode {
  const missing: CompileNode[] = [];
  let above: CompileNode = node;
  // The way up ends at the root, or where dtc knows no further.
  for (; above.parent !== undefined && !copies.has(above); above = above.parent) {
    missing.push(above);
  }
  let copy = copies.get(above) ?? copies.get(tree.root)!;
  for (const below of missing.reverse()) {
    copy = childOf(tree, copy, below.name);
    copies.set(below, copy);
  }
  return copy;
}

function cellBytes(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}

/** Appends entries; since dtc 1.7 only those that are not there. Says whether the old value is a list. */
function addUnique(
  tree: CompileTree,
  node: CompileNode,
  name: string,
  entries: readonly Uint8Array[],
  kind: "string" | "u32",
  version: DtcVersion,
): boolean {
  const old = node.property(name);
  if (version === "1.6" || old === undefined || old.length === 0) {
    addEntries(tree, node, name, entries, kind);
    return true;
  }
  const { value } = old;
  if (kind === "u32" ? value.length % 4 !== 0 : value[value.length - 1] !== 0) return false;
  const known = new Set(splitValue(value, kind).map(text));
  const fresh = entries.filter((entry) => !known.has(text(entry)));
  if (fresh.length > 0) addEntries(tree, node, name, fresh, kind);
  return true;
}

function text(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length);
}

function splitValue(value: Uint8Array, kind: "string" | "u32"): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < value.length;) {
    const end = kind === "u32" ? at + 4 : value.indexOf(0, at) + 1;
    parts.push(value.subarray(at, end));
    at = end;
  }
  return parts;
}

/** Orders nodes, properties and reservations. dtc: sort_tree() */
export function sortTree(tree: CompileTree): void {
  tree.memreserve.sort((a, b) => compare(a.address, b.address) || compare(a.size, b.size));
  const stack = [tree.root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    node.sort();
    for (const child of node.children) stack.push(child);
  }
  tree.changed();
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
