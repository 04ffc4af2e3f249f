/**
 * The tree that a device tree compiler works on: source text, blobs and folders become it, it is merged,
 * checked and resolved, and every output is written from it. Other than {@linkcode DeviceTree} it keeps
 * duplicates, what was deleted, labels, places in the source and how values were written.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import { Arena } from "./dts/arena.ts";
import type { Span } from "./dts/source.ts";
import type { Marker } from "./node.ts";
import type { MemReserve } from "./tree.ts";

/** A label. Deleted ones stay, to keep their place. */
export interface CompileLabel {
  /** The name. */
  readonly name: string;
  /** Where it stands; `undefined` if it does not come from source text. */
  readonly span: Span | undefined;
  /** Whether it was deleted with what it labels. */
  deleted: boolean;
}

/** How a part of a value was written, and where. */
export interface CompileMarker extends Marker, Partial<Span> {}

/** A stretch of source text with a name in it. */
export interface NamedSpan extends Span {
  /** Where the name stands. */
  readonly nameSpan: Span;
}

/** A memory reservation with its labels. */
export interface CompileReserve extends MemReserve {
  /** In the order in which dtc writes them. */
  readonly labels: readonly CompileLabel[];
}

/** For lists that most entries leave empty. */
const NONE: readonly never[] = [];

/** A property. Deleted ones stay, to keep their place. Its value is a stretch of an array. */
export class CompileProperty {
  /** Labels, in the order in which dtc writes them. */
  labels: readonly CompileLabel[] = NONE;
  /** How the value was written, by offset. */
  markers: readonly CompileMarker[] = NONE;
  /** Whether it was deleted. */
  deleted = false;
  /** Where it stands. */
  place: NamedSpan | undefined = undefined;

  /**
   * @param name The name; one character per byte.
   * @param data Holds the value.
   * @param start First byte of the value.
   * @param end The byte behind its last one.
   */
  constructor(
    readonly name: string,
    public data: Uint8Array,
    public start = 0,
    public end: number = data.length,
  ) {}

  /** Bytes of the value. */
  get length(): number {
    return this.end - this.start;
  }

  /** The value, as a view. */
  get value(): Uint8Array {
    return this.data.subarray(this.start, this.end);
  }

  set value(bytes: Uint8Array) {
    this.setValue({ data: bytes, start: 0, end: bytes.length });
  }

  /** Makes a stretch of an array the value. */
  setValue({ data, start, end }: { data: Uint8Array; start: number; end: number }): void {
    this.data = data;
    this.start = start;
    this.end = end;
  }

  /** The 32-bit cell at `index`. The caller has checked that it lies inside. */
  cell(index: number): number {
    return readBe32(this.data, this.start + 4 * index);
  }
}

/** Lists up to this length are searched, longer ones have an index. */
const SEARCHED_MAX = 8;

/** Finds the first entry of a name in a list that only grows. */
class FirstByName<T extends { readonly name: string }> {
  readonly #index = new Map<string, T>();
  #indexed = 0;

  find(list: readonly T[], name: string): T | undefined {
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.name)) this.#index.set(entry.name, entry);
    }
    return this.#index.get(name);
  }
}

function firstByName<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): T | undefined {
  for (let at = 0; at < list.length; at++) if (list[at].name === name) return list[at];
  return undefined;
}

function liveByName<T extends { readonly name: string; readonly deleted: boolean }>(
  list: readonly T[],
  name: string,
): T | undefined {
  return list.find((entry) => entry.name === name && !entry.deleted);
}

/** A node. Deleted ones stay, to keep their place. */
export class CompileNode {
  /** Properties in order, deleted ones and duplicates included. */
  properties: CompileProperty[] = [];
  /** Children in order, deleted ones and duplicates included. */
  children: readonly CompileNode[] = NONE;
  /** Labels, in the order in which dtc writes them. */
  labels: readonly CompileLabel[] = NONE;
  /** Whether it was deleted. */
  deleted = false;
  /** Whether it is to be left out if nothing refers to it. */
  omitIfNoRef = false;
  /** Whether something refers to it. Known once references are resolved. */
  referenced = false;
  /** The number by which others refer to it, 0 as long as it has none. */
  phandle = 0;
  #place: NamedSpan | undefined = undefined;
  #morePlaces: NamedSpan[] | undefined = undefined;
  #properties: FirstByName<CompileProperty> | undefined = undefined;
  #children: FirstByName<CompileNode> | undefined = undefined;

  /**
   * @param name The name with its unit address; the root's is empty.
   * @param parent The node above; `undefined` for the root.
   */
  constructor(readonly name: string, readonly parent: CompileNode | undefined) {}

  /** Where it stands; later places add to the first. */
  get places(): readonly NamedSpan[] {
    return this.#place === undefined ? NONE : [this.#place, ...this.#morePlaces ?? NONE];
  }

  /** Notes that it also stands there. */
  addPlace(place: NamedSpan): void {
    if (this.#place === undefined) this.#place = place;
    else if (this.#morePlaces === undefined) this.#morePlaces = [place];
    else this.#morePlaces.push(place);
  }

  /** The path from the root, `/` for the root itself. */
  get path(): string {
    if (this.parent === undefined) return "/";
    const names = [this.name];
    for (let node = this.parent; node.parent !== undefined; node = node.parent) {
      names.push(node.name);
    }
    return `/${names.reverse().join("/")}`;
  }

  /** The name without the unit address. */
  get baseName(): string {
    const at = this.name.indexOf("@");
    return at < 0 ? this.name : this.name.slice(0, at);
  }

  /** The unit address, empty if there is none. */
  get unitAddress(): string {
    const at = this.name.indexOf("@");
    return at < 0 ? "" : this.name.slice(at + 1);
  }

  /** The first property of this name, deleted or not. */
  slot(name: string): CompileProperty | undefined {
    const { properties } = this;
    if (properties.length <= SEARCHED_MAX) return firstByName(properties, name);
    return (this.#properties ??= new FirstByName()).find(properties, name);
  }

  /** The first child of this name, deleted or not. */
  childSlot(name: string): CompileNode | undefined {
    const { children } = this;
    if (children.length <= SEARCHED_MAX) return firstByName(children, name);
    return (this.#children ??= new FirstByName()).find(children, name);
  }

  /** The first property of this name that is not deleted. */
  property(name: string): CompileProperty | undefined {
    const slot = this.slot(name);
    return slot?.deleted === true ? liveByName(this.properties, name) : slot;
  }

  /** The first child of this name that is not deleted. */
  child(name: string): CompileNode | undefined {
    const slot = this.childSlot(name);
    return slot?.deleted === true ? liveByName(this.children, name) : slot;
  }

  /** Adds a child as the last one. */
  addChild(name: string): CompileNode {
    const child = new CompileNode(name, this);
    if (this.children === NONE) this.children = [child];
    else (this.children as CompileNode[]).push(child);
    return child;
  }

  /** Puts another list of children in the place of the old one. */
  replaceChildren(children: readonly CompileNode[]): void {
    this.children = [...children];
    this.#children = undefined;
  }

  /** Puts another list of properties in the place of the old one. */
  replaceProperties(properties: CompileProperty[]): void {
    this.properties = properties;
    this.#properties = undefined;
  }

  /** Orders properties and children by name, deleted ones included. */
  sort(): void {
    this.properties.sort(byName);
    this.children = [...this.children].sort(byName);
    this.#properties = undefined;
    this.#children = undefined;
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** A property and its node. */
export interface PropertyOf {
  /** The node. */
  readonly node: CompileNode;
  /** Its property. */
  readonly property: CompileProperty;
}

/** What is derived from a tree as it stands. */
interface Index {
  nodes: CompileNode[];
  byProperty: Map<string, CompileNode[]>;
  duplicates: PropertyOf[];
  labelled: PropertyOf[];
  referrers: PropertyOf[];
}

/** A whole tree. dtc: struct dt_info */
export class CompileTree {
  /** The root node. */
  root: CompileNode = new CompileNode("", undefined);
  /** Memory reservations, in order. */
  memreserve: CompileReserve[] = [];
  /** The physical id of the booting CPU, a header field of the flattened form. */
  bootCpuid = 0;
  /** Whether it is an overlay. */
  plugin = false;
  /** Nodes by their phandles, as far as these are known. */
  readonly byPhandle: Map<number, CompileNode> = new Map();
  /** Holds values that do not come from the source. */
  readonly values: Arena = new Arena();
  /** No phandle below it is free. */
  nextPhandle = 1;
  readonly #labelled = new Map<string, CompileNode[]>();
  #index: Index | undefined = undefined;

  /** Nodes that are not deleted, nor below one that is, parents before children. */
  get nodes(): readonly CompileNode[] {
    return this.#indexed().nodes;
  }

  /** Properties with references in their values, in the order of {@linkcode nodes}. */
  get referrers(): readonly PropertyOf[] {
    return this.#indexed().referrers;
  }

  /** Properties with labels, in front of them or in their values, in the order of {@linkcode nodes}. */
  get labelledProperties(): readonly PropertyOf[] {
    return this.#indexed().labelled;
  }

  /** Properties that have the name of an earlier one of their node, in the order of {@linkcode nodes}. */
  get duplicateProperties(): readonly PropertyOf[] {
    return this.#indexed().duplicates;
  }

  /** Names of properties that are not deleted, in the order of their first appearance. */
  get propertyNames(): Iterable<string> {
    return this.#indexed().byProperty.keys();
  }

  /** Nodes with a property `name`, in the order of {@linkcode nodes}. */
  nodesWith(name: string): readonly CompileNode[] {
    return this.#indexed().byProperty.get(name) ?? NONE;
  }

  /** Forgets what was derived from the nodes. To be called after nodes or properties have changed. */
  changed(): void {
    this.#index = undefined;
  }

  #indexed(): Index {
    return this.#index ??= makeIndex(this.root);
  }

  /** Adds a property as a node's last one. */
  addProperty(node: CompileNode, property: CompileProperty): void {
    node.properties.push(property);
    if (this.#index !== undefined) indexProperty(this.#index, node, property);
  }

  /** Takes a property away for good, its place included. */
  dropProperty(node: CompileNode, property: CompileProperty): void {
    node.replaceProperties(node.properties.filter((other) => other !== property));
    this.changed();
  }

  /** Adds a label to a node: in its old place if it was deleted there, else in front. dtc: add_label() */
  addLabel(node: CompileNode, name: string, span: Span | undefined): void {
    const old = node.labels.find((label) => label.name === name);
    if (old !== undefined && !old.deleted) return;
    if (old !== undefined) old.deleted = false;
    else node.labels = [{ name, span, deleted: false }, ...node.labels];
    const nodes = this.#labelled.get(name);
    if (nodes === undefined) this.#labelled.set(name, [node]);
    else nodes.push(node);
  }

  /** Labels that some node has. */
  get nodeLabels(): Iterable<string> {
    return this.#labelled.keys();
  }

  /** Deletes a node and all below it, with properties and labels. dtc: delete_node() */
  deleteNode(top: CompileNode): void {
    const stack = [top];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      node.deleted = true;
      if (this.byPhandle.get(node.phandle) === node) this.byPhandle.delete(node.phandle);
      for (const property of node.properties) deleteProperty(property);
      this.#deleteLabels(node);
      for (const child of node.children) if (!child.deleted) stack.push(child);
    }
    this.changed();
  }

  #deleteLabels(node: CompileNode): void {
    for (const label of node.labels) {
      if (label.deleted) continue;
      label.deleted = true;
      const nodes = this.#labelled.get(label.name)?.filter((other) => other !== node) ?? [];
      if (nodes.length > 0) this.#labelled.set(label.name, nodes);
      else this.#labelled.delete(label.name);
    }
  }

  /** `reg` of the first child of `/cpus`, if it is one cell. dtc: guess_boot_cpuid() */
  guessBootCpuid(): number {
    const reg = this.root.child("cpus")?.children[0]?.property("reg");
    return reg?.length === 4 ? reg.cell(0) : 0;
  }

  /** The labels that nodes have, for suggestions. */
  get labels(): Iterable<string> {
    return this.#labelled.keys();
  }

  /** The node with this label. dtc: get_node_by_label() */
  nodeByLabel(name: string): CompileNode | undefined {
    return this.#labelled.get(name)?.[0];
  }

  /** The node at a path below `from`; slashes may be doubled. dtc: get_node_by_path() */
  nodeByPath(path: string, from: CompileNode = this.root): CompileNode | undefined {
    let node: CompileNode | undefined = from.deleted ? undefined : from;
    for (const name of path.split("/")) if (name !== "") node = node?.child(name);
    return node;
  }

  /** The node that a reference names: label, path, or label and path. dtc: get_node_by_ref() */
  nodeByRef(ref: string): CompileNode | undefined {
    const slash = ref.indexOf("/");
    if (slash < 0) return this.nodeByLabel(ref);
    if (slash === 0) return ref === "/" ? this.root : this.nodeByPath(ref);
    const labelled = this.nodeByLabel(ref.slice(0, slash));
    return labelled && this.nodeByPath(ref.slice(slash), labelled);
  }
}

function makeIndex(root: CompileNode): Index {
  const index: Index = {
    nodes: [],
    byProperty: new Map(),
    duplicates: [],
    labelled: [],
    referrers: [],
  };
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    index.nodes.push(node);
    for (const property of node.properties) {
      if (!property.deleted) indexProperty(index, node, property);
    }
    for (let at = node.children.length - 1; at >= 0; at--) {
      if (!node.children[at].deleted) stack.push(node.children[at]);
    }
  }
  return index;
}

function indexProperty(index: Index, node: CompileNode, property: CompileProperty): void {
  const nodes = index.byProperty.get(property.name);
  if (nodes === undefined) index.byProperty.set(property.name, [node]);
  else if (nodes[nodes.length - 1] !== node) nodes.push(node);
  else index.duplicates.push({ node, property });
  const { labels, markers } = property;
  let labelled = labels.length > 0;
  let refers = false;
  for (let at = 0; at < markers.length; at++) {
    const { kind } = markers[at];
    if (kind === "label") labelled = true;
    else if (kind === "phandle" || kind === "path") refers = true;
  }
  if (labelled) index.labelled.push({ node, property });
  if (refers) index.referrers.push({ node, property });
}

/** Deletes a property, which keeps its place. dtc: delete_property() */
export function deleteProperty(property: CompileProperty): void {
  property.deleted = true;
  for (const label of property.labels) label.deleted = true;
}

/** The labels that are not deleted. */
export function liveLabels(labels: readonly CompileLabel[]): readonly CompileLabel[] {
  return labels.length === 0 ? labels : labels.filter(({ deleted }) => !deleted);
}
