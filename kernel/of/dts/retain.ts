/**
 * What dtc since 1.8 reads out of the lists that it once wrote for overlays: labels and references are in
 * source text again that is made of a blob.
 *
 * @module
 */
import { latin1, readBe32 } from "../bytes.ts";
import type { CompileNode } from "../compile_node.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileTree } from "../compile_tree.ts";

/** Hears what is wrong with a list. */
type Warn = (message: string) => void;

/** The properties of `/__symbols__` become labels. dtc 1.8: generate_labels_from_tree() */
export function retainLabels(tree: CompileTree, warn: Warn): void {
  const symbols = tree.root.child("__symbols__");
  for (const { name, data, start, end, deleted } of symbols?.properties ?? []) {
    if (deleted) continue;
    const nul = data.indexOf(0, start);
    const path = latin1(data, start, nul < 0 || nul > end ? end : nul);
    const node = path.startsWith("/") ? tree.nodeByPath(path) : undefined;
    if (node !== undefined) tree.addLabel(node, name);
    else warn(`/__symbols__:${name}: there is no node ${path}`);
  }
}

/** The entries of `/__fixups__` and `/__local_fixups__` become references. */
export function retainReferences(tree: CompileTree, warn: Warn): void {
  const fixups = tree.root.child("__fixups__");
  const local = tree.root.child("__local_fixups__");
  for (const property of fixups?.properties ?? []) retainFixups(tree, property, warn);
  if (local !== undefined) retainLocal(tree, local, warn);
  if (fixups !== undefined || local !== undefined) tree.changed();
}

/** dtc 1.8: fixup_phandles() */
function retainFixups(tree: CompileTree, list: CompileProperty, warn: Warn): void {
  if (list.deleted) return;
  const entries = latin1(list.data, list.start, list.end).split("\0");
  if (entries.pop() !== "") warn(`/__fixups__:${list.name}: the last entry has no end`);
  for (const entry of entries) {
    const match = /^([^:]*):([^:]*):(.*)$/s.exec(entry);
    const property = match === null ? undefined : tree.nodeByPath(match[1])?.property(match[2]);
    const offset = Number.parseInt(match?.[3] ?? "");
    if (property !== undefined && offset >= 0 && offset + 4 <= property.length) {
      addReference(property, offset, list.name);
    } else warn(`/__fixups__:${list.name}: ${entry} is no place of a reference`);
  }
}

/** dtc 1.8: local_fixup_phandles() */
function retainLocal(tree: CompileTree, lists: CompileNode, warn: Warn): void {
  const stack: [CompileNode, CompileNode][] = [[lists, tree.root]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [list, node] = work;
    for (const offsets of list.properties) {
      if (!offsets.deleted) retainOffsets(tree, offsets, node.property(offsets.name), warn);
    }
    for (const child of list.children) {
      const target = node.child(child.name);
      if (target !== undefined && !child.deleted) stack.push([child, target]);
      else if (!child.deleted) warn(`${child.path}: there is no such node in the tree`);
    }
  }
}

function retainOffsets(
  tree: CompileTree,
  offsets: CompileProperty,
  property: CompileProperty | undefined,
  warn: Warn,
): void {
  const { name, length } = offsets;
  if (property === undefined || length % 4 !== 0) {
    return warn(`/__local_fixups__: ${name} is no list of places of references`);
  }
  for (let index = 0; 4 * index < length; index++) {
    const offset = offsets.cell(index);
    const phandle = offset + 4 <= property.length
      ? readBe32(property.data, property.start + offset)
      : 0;
    const target = tree.byPhandle.get(phandle);
    if (target !== undefined) {
      addReference(property, offset, target.labels[0]?.name ?? target.path);
    } else warn(`/__local_fixups__: ${name} has no phandle of a node at offset ${offset}`);
  }
}

/** Notes a reference where it belongs among the markers, unless it is there. dtc: add_marker() */
function addReference(property: CompileProperty, offset: number, text: string): void {
  const markers = [...property.markers];
  let at = markers.findIndex((marker) => marker.offset >= offset);
  if (at < 0) at = markers.length;
  const isType = (kind: string) => kind !== "label" && kind !== "phandle" && kind !== "path";
  if (markers[at]?.offset === offset && isType(markers[at].kind)) at++;
  if (markers[at]?.offset === offset && markers[at].kind === "phandle") return;
  markers.splice(at, 0, { kind: "phandle", offset, text });
  property.markers = markers;
}
