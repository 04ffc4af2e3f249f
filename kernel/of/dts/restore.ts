/**
 * Labels and references of a tree that comes from a blob, as far as it tells: from `/__symbols__`, from
 * the lists of an overlay, and from properties that are known to hold phandles.
 *
 * @module
 */
import { latin1 } from "../bytes.ts";
import { cellsOfList } from "../checks/providers.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileMarker } from "../markers.ts";
import type { CompileTree } from "../compile_tree.ts";
import { addFixups } from "./resolve.ts";

/** What is referred to at which offset. */
type References = Map<number, string>;

/** References of properties, by their rows. */
type Found = Map<number, { property: CompileProperty; references: References }>;

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Properties that are one phandle. */
const SINGLE_PHANDLES = ["interrupt-parent", "remote-endpoint"];

/**
 * Gives a tree its labels and references back. An overlay loses its lists of references if they come back
 * when its source is compiled; if not, they stay, and its references stay numbers.
 */
export function restoreReferences(tree: CompileTree): void {
  restoreLabels(tree);
  const lists = ["__fixups__", "__local_fixups__"].flatMap((name) => tree.root.child(name) ?? []);
  if (lists.length > 0) restoreOverlay(tree, lists);
  else restoreKnown(tree);
  tree.changed();
}

/** dtc 1.8: generate_labels_from_tree() */
function restoreLabels(tree: CompileTree): void {
  for (const { name, data, start, end } of tree.root.child("__symbols__")?.properties ?? []) {
    const nul = data.indexOf(0, start);
    const node = nul < 0 || nul >= end ? undefined : tree.nodeByPath(latin1(data, start, nul));
    if (node === undefined || !LABEL.test(name)) continue;
    if (tree.nodeByLabel(name) === undefined) tree.addLabel(node, name);
  }
}

function restoreKnown(tree: CompileTree): void {
  for (const node of tree.nodes) {
    for (const property of node.properties) {
      if (property.length === 0 || property.length % 4 !== 0) continue;
      const references = SINGLE_PHANDLES.includes(property.name)
        ? singleReference(tree, property)
        : listReferences(tree, property);
      if (references !== undefined) mark(property, references);
    }
  }
}

function singleReference(tree: CompileTree, property: CompileProperty): References | undefined {
  const target = tree.byPhandle.get(property.cell(0));
  return target && property.length === 4 ? new Map([[0, nameOf(target)]]) : undefined;
}

/** References of a list of phandles with cells, `undefined` if the value is not such a list. */
function listReferences(tree: CompileTree, property: CompileProperty): References | undefined {
  const cells = cellsOfList(property.name);
  if (cells === undefined) return undefined;
  const references: References = new Map();
  const count = property.length / 4;
  let at = 0;
  while (at < count) {
    const phandle = property.cell(at);
    const target = tree.byPhandle.get(phandle);
    const hole = phandle === 0 || phandle === 0xffffffff;
    if (target === undefined && !hole) return undefined;
    const number = target?.property(cells);
    if (target !== undefined) references.set(4 * at, nameOf(target));
    at += 1 + (number?.length === 4 ? number.cell(0) : 0);
  }
  return at === count ? references : undefined;
}

/** How source refers to a node. */
function nameOf(node: CompileNode): string {
  return node.firstLabel ?? node.path;
}

/** Notes references in a value of cells. */
function mark(property: CompileProperty, references: References): void {
  const markers: CompileMarker[] = [{ kind: "u32", offset: 0, text: "" }];
  for (const [offset, text] of [...references].sort(([a], [b]) => a - b)) {
    markers.push({ kind: "phandle", offset, text });
  }
  property.markers = markers;
}

function restoreOverlay(tree: CompileTree, lists: readonly CompileNode[]): void {
  const found: Found = new Map();
  const [labels, offsets] = ["__fixups__", "__local_fixups__"].map((name) => tree.root.child(name));
  if (labels !== undefined) collectLabels(tree, labels, found);
  if (offsets !== undefined) collectOffsets(tree, offsets, found);
  const aligned = [...found.values()].every(({ property: { length }, references }) =>
    length % 4 === 0 && [...references.keys()].every((at) => at % 4 === 0 && at + 4 <= length)
  );
  if (!aligned) return;
  for (const { property, references } of found.values()) mark(property, references);
  for (const list of lists) list.deleted = true;
  tree.changed();
  if (comesBack(tree, lists)) tree.plugin = true;
  else {
    for (const list of lists) list.deleted = false;
    for (const { property } of found.values()) property.markers = [];
  }
}

/** References to labels of the base. dtc 1.8: fixup_phandles() */
function collectLabels(
  tree: CompileTree,
  labels: CompileNode,
  found: Found,
): void {
  for (const { name, value } of labels.properties) {
    for (const entry of latin1(value, 0, value.length).split("\0")) {
      const [, path, propertyName, offset] = /^([^:]+):([^:]+):(\d+)$/.exec(entry) ?? [];
      const property = tree.nodeByPath(path ?? "")?.property(propertyName ?? "");
      if (property !== undefined) note(found, property, Number(offset), name);
    }
  }
}

/** References inside the overlay. dtc 1.8: local_fixup_phandles() */
function collectOffsets(
  tree: CompileTree,
  offsets: CompileNode,
  found: Found,
): void {
  const stack: [CompileNode | undefined, CompileNode][] = [[tree.root, offsets]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [node, list] = work;
    for (const entries of list.properties) {
      const property = node?.property(entries.name);
      for (let index = 0; property !== undefined && 4 * index + 4 <= entries.length; index++) {
        const offset = entries.cell(index);
        if (offset + 4 > property.length || offset % 4 !== 0) continue;
        const target = tree.byPhandle.get(property.cell(offset / 4));
        if (target !== undefined) note(found, property, offset, nameOf(target));
      }
    }
    for (const child of list.children) stack.push([node?.child(child.name), child]);
  }
}

function note(
  found: Found,
  property: CompileProperty,
  offset: number,
  text: string,
): void {
  const known = found.get(property.row);
  if (known !== undefined) known.references.set(offset, text);
  else found.set(property.row, { property, references: new Map([[offset, text]]) });
}

/** Whether a compiler makes the same lists of what the source will say, at the end of the root. */
function comesBack(tree: CompileTree, lists: readonly CompileNode[]): boolean {
  const { root } = tree;
  if (root.children.slice(-lists.length).some((child) => !lists.includes(child))) return false;
  const before = [...root.children];
  const { markers } = root.table.properties;
  let fits = true;
  tree.eachReferrer((_, property) =>
    property.eachMarker("phandle", (offset, row) => {
      const known = tree.nodeByRefName(markers.nameAt(row)) !== undefined;
      if (!known && property.cell(offset / 4) !== 0xffffffff) fits = false;
    })
  );
  if (!fits) return false;
  addFixups(tree, "1.6");
  const made = root.children.filter((child) => !before.includes(child));
  root.replaceChildren(before);
  tree.changed();
  return made.length === lists.length && made.every((node, at) => isSameTree(node, lists[at]));
}

function isSameTree(a: CompileNode, b: CompileNode): boolean {
  const stack: [CompileNode, CompileNode][] = [[a, b]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [one, other] = work;
    if (one.name !== other.name || one.children.length !== other.children.length) return false;
    const [properties, others] = [one.properties, other.properties];
    if (properties.length !== others.length) return false;
    const same = properties.every((property, at) => isSameProperty(property, others[at]));
    if (!same) return false;
    one.children.forEach((child, at) => stack.push([child, other.children[at]]));
  }
  return true;
}

function isSameProperty(a: CompileProperty, b: CompileProperty): boolean {
  return a.name === b.name && a.length === b.length &&
    a.value.every((byte, at) => byte === b.data[b.start + at]);
}
