/**
 * The tree that a device tree compiler works on: source text, blobs and folders become it, it is merged,
 * checked and resolved, and every output is written from it. Other than {@linkcode DeviceTree} it keeps
 * duplicates, what was deleted, labels, places in the source and how values were written.
 *
 * @module
 */
import { CompileNode } from "./compile_node.ts";
import { NodeTable } from "./node_table.ts";
import type { CompileLabel } from "./compile_label.ts";
import { CompileProperty } from "./compile_property.ts";
import type { PropertyTable } from "./property_table.ts";
import { NameChains } from "./name_chains.ts";
import { NodeIndex } from "./node_index.ts";
import { NO_ROW, Rows } from "./rows.ts";
import { Arena } from "./dts/arena.ts";
import type { MemReserve } from "./tree.ts";

/** A memory reservation with its labels. */
export interface CompileReserve extends MemReserve {
  /** In the order in which dtc writes them. */
  readonly labels: readonly CompileLabel[];
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
  byName: NameChains;
  /** Rows of properties, as those of the next two. */
  duplicates: number[];
  labelled: number[];
  labelledNodes: CompileNode[];
  referrers: number[];
}

/** A whole tree. dtc: struct dt_info */
export class CompileTree {
  /** The root node. */
  root: CompileNode;
  /** Memory reservations, in order. */
  memreserve: CompileReserve[] = [];
  /** The physical id of the booting CPU, a header field of the flattened form. */
  bootCpuid = 0;
  /** Whether it is an overlay. */
  plugin = false;
  /** Nodes by their phandles, as far as these are known. */
  readonly byPhandle: NodeIndex;
  /** Holds values that do not come from the source. */
  readonly values: Arena = new Arena();
  /** No phandle below it is free. */
  nextPhandle = 1;
  /** Whether several nodes have, or had, one label. */
  sharesLabels = false;
  /** Nodes by the numbers of their labels; the first where a label is on several. */
  readonly #labelled: NodeIndex;
  /** All nodes of labels that are, or were, on several. */
  readonly #sharing = new Map<number, Set<CompileNode>>();
  /** Numbers of the labels that nodes have, or had, again where they came back. */
  readonly #noted = new Rows(1);
  #index: Index | undefined = undefined;

  /** Has an empty root, in a table of its own unless one is given. */
  constructor(table: NodeTable = new NodeTable()) {
    this.byPhandle = new NodeIndex(table);
    this.#labelled = new NodeIndex(table);
    this.root = new CompileNode(table.names.addText(""), undefined, table);
  }

  /** Nodes that are not deleted, nor below one that is, parents before children. */
  get nodes(): readonly CompileNode[] {
    return this.#indexed().nodes;
  }

  /**
   * Shows the properties with references in their values, in the order of {@linkcode nodes}, by one object
   * that stands for each in turn.
   */
  eachReferrer(look: (node: CompileNode, property: CompileProperty) => void): void {
    const { table, table: { properties } } = this.root;
    const property = new CompileProperty(properties, NO_ROW);
    for (const row of this.#indexed().referrers) {
      property.row = row;
      look(table.node(properties.nodeOf(row)), property);
    }
  }

  /** Nodes with labels, live or deleted ones, in the order of {@linkcode nodes}. */
  get labelledNodes(): readonly CompileNode[] {
    return this.#indexed().labelledNodes;
  }

  /** Properties with labels, in front of them or in their values, in the order of {@linkcode nodes}. */
  get labelledProperties(): Generator<PropertyOf> {
    return this.#properties(this.#indexed().labelled);
  }

  /** Properties that have the name of an earlier one of their node, in the order of {@linkcode nodes}. */
  get duplicateProperties(): Generator<PropertyOf> {
    return this.#properties(this.#indexed().duplicates);
  }

  *#properties(rows: readonly number[]): Generator<PropertyOf> {
    const { table, table: { properties } } = this.root;
    for (const row of rows) {
      const node = table.node(properties.nodeOf(row));
      yield { node, property: new CompileProperty(properties, row) };
    }
  }

  /** Names of properties that are not deleted, in the order of their first appearance. */
  get propertyNames(): readonly string[] {
    const { names } = this.root.table;
    return this.#indexed().byName.numbers.map((number) => names.text(number));
  }

  /** Nodes with a property `name`, in the order of {@linkcode nodes}. */
  nodesWith(name: string): readonly CompileNode[] {
    const nodes: CompileNode[] = [];
    this.eachNamed(name, (node) => nodes.push(node));
    return nodes;
  }

  /**
   * Shows the properties `name`, one of each node that has it, in the order of {@linkcode nodes}, by one
   * object that stands for each in turn.
   */
  eachNamed(name: string, look: (node: CompileNode, property: CompileProperty) => void): void {
    const { table, table: { properties } } = this.root;
    let row = this.#indexed().byName.first(table.names.find(name));
    if (row === NO_ROW) return;
    const property = new CompileProperty(properties, row);
    for (; row !== NO_ROW; row = properties.namesake(row)) {
      property.row = row;
      look(table.node(properties.nodeOf(row)), property);
    }
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
    node.addProperty(property);
    if (this.#index !== undefined) indexProperty(this.#index, node.table.properties, property.row);
  }

  /** Takes a property away for good, its place included. */
  dropProperty(node: CompileNode, property: CompileProperty): void {
    node.replaceProperties(node.properties.filter(({ row }) => row !== property.row));
    this.changed();
  }

  /** Adds a label that does not come from source text to a node. */
  addLabel(node: CompileNode, name: string): void {
    const { labels } = node.table;
    const row = labels.addText(name);
    // What refers to `a/b` means the node b below that of the label a.
    if (name.includes("/")) node.labelList = labels.put(node.labelList, row);
    else this.takeLabel(node, row);
  }

  /** Adds a row's label to a node: in its old place if it was deleted there, else in front. dtc: add_label() */
  takeLabel(node: CompileNode, row: number): void {
    const { labels } = node.table;
    const name = labels.nameAt(row);
    const old = labels.find(node.labelList, name);
    if (old !== NO_ROW && !labels.isDeleted(old)) return;
    node.labelList = labels.put(node.labelList, row);
    this.#noteLabel(node, name);
  }

  /** Takes note of the labels that a new node has, as the parser leaves them: in the order of the source. */
  addLabels(node: CompileNode): void {
    const { labels } = node.table;
    const first = node.labelList;
    if (labels.next(first) === NO_ROW) return this.#noteLabel(node, labels.nameAt(first));
    const all = node.labels;
    node.labelList = NO_ROW;
    for (const { row } of all.toReversed()) this.takeLabel(node, row);
  }

  #noteLabel(node: CompileNode, name: number): void {
    this.#index = undefined;
    const first = this.#labelled.get(name);
    if (first === undefined) {
      this.#labelled.set(name, node);
      const row = this.#noted.addRow();
      this.#noted.numbers[row] = name;
    } else {
      this.sharesLabels = true;
      const nodes = this.#sharing.get(name);
      if (nodes === undefined) this.#sharing.set(name, new Set([first, node]));
      else nodes.add(node);
    }
  }

  /** Labels that some node has, in the order in which they came. */
  get nodeLabels(): readonly string[] {
    const { names } = this.root.table;
    const latest = new Set<number>();
    for (const number of this.#noted.numbers.subarray(0, this.#noted.end).toReversed()) {
      if (this.#labelled.has(number)) latest.add(number);
    }
    return [...latest].reverse().map((number) => names.text(number));
  }

  /** Deletes a node and all below it, with properties and labels. dtc: delete_node() */
  deleteNode(top: CompileNode): void {
    const stack = [top];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      node.deleted = true;
      if (this.byPhandle.get(node.phandle) === node) this.byPhandle.delete(node.phandle);
      for (const property of node.properties) property.delete();
      this.#deleteLabels(node);
      for (const child of node.children) if (!child.deleted) stack.push(child);
    }
    this.changed();
  }

  #deleteLabels(node: CompileNode): void {
    const { labels } = node.table;
    for (const { row, deleted } of node.labels) {
      if (deleted) continue;
      labels.setDeleted(row, true);
      const name = labels.nameAt(row);
      const others = this.#sharing.get(name);
      others?.delete(node);
      const other = others?.values().next().value;
      if (other !== undefined) this.#labelled.set(name, other);
      else if (this.#labelled.get(name) === node) {
        this.#sharing.delete(name);
        this.#labelled.delete(name);
      }
    }
  }

  /** `reg` of the first child of `/cpus`, if it is one cell. dtc: guess_boot_cpuid() */
  guessBootCpuid(): number {
    return this.root.child("cpus")?.children[0]?.cell("reg") ?? 0;
  }

  /** The node with this label. dtc: get_node_by_label() */
  nodeByLabel(name: string): CompileNode | undefined {
    const number = this.root.table.names.find(name);
    return number < 0 ? undefined : this.#labelled.get(number);
  }

  /** The node at a path below `from`; slashes may be doubled. dtc: get_node_by_path() */
  nodeByPath(path: string, from: CompileNode = this.root): CompileNode | undefined {
    let node: CompileNode | undefined = from.deleted ? undefined : from;
    for (const name of path.split("/")) if (name !== "") node = node?.child(name);
    return node;
  }

  /** The node that a reference names by the number of its text, see {@linkcode nodeByRef}. */
  nodeByRefName(name: number): CompileNode | undefined {
    return this.#labelled.get(name) ?? this.nodeByRef(this.root.table.names.text(name));
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
  const { properties } = root.table;
  const index: Index = {
    nodes: liveNodes(root),
    byName: new NameChains(properties),
    duplicates: [],
    labelled: [],
    labelledNodes: [],
    referrers: [],
  };
  for (let at = 0; at < index.nodes.length; at++) {
    const node = index.nodes[at];
    if (node.labelList !== NO_ROW) index.labelledNodes.push(node);
    for (let row = root.table.firstProperty(node.row); row !== NO_ROW; row = properties.next(row)) {
      if (!properties.isDeleted(row)) indexProperty(index, properties, row);
    }
  }
  return index;
}

/** Nodes that are not deleted, nor below one that is, parents before children. */
function liveNodes(root: CompileNode): CompileNode[] {
  const nodes: CompileNode[] = new Array(root.table.count);
  let count = 0;
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    nodes[count++] = node;
    for (let at = node.children.length - 1; at >= 0; at--) {
      if (!node.children[at].deleted) stack.push(node.children[at]);
    }
  }
  nodes.length = count;
  return nodes;
}

function indexProperty(
  { byName, duplicates, labelled, referrers }: Index,
  properties: PropertyTable,
  row: number,
): void {
  if (!byName.add(row)) duplicates.push(row);
  if (properties.isLabelled(row)) labelled.push(row);
  if (properties.refers(row)) referrers.push(row);
}
