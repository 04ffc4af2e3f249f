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
import { type CompileMarker, isNamed } from "../markers.ts";

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
  const found: Found = new Map();
  for (const property of fixups?.properties ?? []) retainFixups(tree, property, found, warn);
  if (local !== undefined) retainLocal(tree, local, found, warn);
  for (const { property, references } of found.values()) addReferences(property, references);
  if (fixups !== undefined || local !== undefined) tree.changed();
}

/** What is referred to at which offset of properties, by their rows. */
type Found = Map<number, { property: CompileProperty; references: Map<number, string> }>;

/** Notes what is referred to at a place, unless something is. */
function note(found: Found, property: CompileProperty, offset: number, text: string): void {
  const known = found.get(property.row);
  if (known === undefined) {
    found.set(property.row, { property, references: new Map([[offset, text]]) });
  } else if (!known.references.has(offset)) known.references.set(offset, text);
}

/** dtc 1.8: fixup_phandles() */
function retainFixups(tree: CompileTree, list: CompileProperty, found: Found, warn: Warn): void {
  if (list.deleted) return;
  const entries = latin1(list.data, list.start, list.end).split("\0");
  if (entries.pop() !== "") warn(`/__fixups__:${list.name}: the last entry has no end`);
  for (const entry of entries) {
    const match = /^([^:]*):([^:]*):(.*)$/s.exec(entry);
    const property = match === null ? undefined : tree.nodeByPath(match[1])?.property(match[2]);
    const offset = Number.parseInt(match?.[3] ?? "");
    if (property !== undefined && offset >= 0 && offset + 4 <= property.length) {
      note(found, property, offset, list.name);
    } else warn(`/__fixups__:${list.name}: ${entry} is no place of a reference`);
  }
}

/** dtc 1.8: local_fixup_phandles() */
function retainLocal(tree: CompileTree, lists: CompileNode, found: Found, warn: Warn): void {
  const stack: [CompileNode, CompileNode][] = [[lists, tree.root]];
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const [list, node] = work;
    for (const offsets of list.properties) {
      if (offsets.deleted) continue;
      const property = node.property(offsets.name);
      if (property !== undefined && offsets.length % 4 === 0) {
        retainOffsets(tree, offsets, property, found, warn);
      } else warn(`/__local_fixups__: ${offsets.name} is no list of places of references`);
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
  property: CompileProperty,
  found: Found,
  warn: Warn,
): void {
  const { name, length } = offsets;
  for (let index = 0; 4 * index < length; index++) {
    const offset = offsets.cell(index);
    const phandle = offset + 4 <= property.length
      ? readBe32(property.data, property.start + offset)
      : 0;
    const target = tree.byPhandle.get(phandle);
    if (target !== undefined) note(found, property, offset, target.firstLabel ?? target.path);
    else warn(`/__local_fixups__: ${name} has no phandle of a node at offset ${offset}`);
  }
}

/** Adds references where they belong among the markers, unless there are some. dtc: add_marker() */
function addReferences(property: CompileProperty, references: ReadonlyMap<number, string>): void {
  const { markers } = property;
  const merged: CompileMarker[] = [];
  let at = 0;
  for (const [offset, text] of [...references].sort(([a], [b]) => a - b)) {
    while (at < markers.length && markers[at].offset < offset) merged.push(markers[at++]);
    if (markers[at]?.offset === offset && !isNamed(markers[at].kind)) merged.push(markers[at++]);
    const known = markers[at]?.offset === offset && markers[at].kind === "phandle";
    if (!known) merged.push({ kind: "phandle", offset, text });
  }
  property.markers = [...merged, ...markers.slice(at)];
}
