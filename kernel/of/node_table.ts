/**
 * The nodes of a device tree compiler, as they are kept: rows of numbers, an object of two words for each,
 * and lists of children.
 *
 * @module
 */
import type { ChildIndex } from "./child_index.ts";
import type { LabelTable } from "./compile_label.ts";
import type { CompileNode } from "./compile_node.ts";
import type { NamedSpan } from "./dts/source.ts";
import { nameBit } from "./known_names.ts";
import { Names } from "./names.ts";
import { NodeName } from "./node_name.ts";
import { PropertyTable } from "./property_table.ts";
import { RowIndex } from "./row_index.ts";
import { NO_ROW, Rows } from "./rows.ts";

/** Lists up to this length are searched, longer ones have an index. */
export const SEARCHED_MAX = 8;

/** For lists that most entries leave empty. */
export const NONE: readonly never[] = [];

/** Bytes of source text that there is room for at once. */
const TEXT_MAX = 1 << 26;

/** What few nodes have. */
export interface NodeExtras {
  /** Where it stands beside its first place. */
  morePlaces?: NamedSpan[];
  /** Finds properties. */
  rowIndex?: RowIndex;
  /** Finds children. */
  childIndex?: ChildIndex;
}

// Columns.
const FLAGS = 0;
const PHANDLE = 1;
const START = 2;
const END = 3;
const NAME_START = 4;
const NAME_END = 5;
const FIRST_PROPERTY = 6;
const LAST_PROPERTY = 7;
const PROPERTIES = 8;
/** A bit for each property, by its name's number: most names that a node does not have are told by it. */
const NAME_BITS = 9;
/** The list of labels. */
const LABELS = 10;
/** The number of the name. */
const NAME = 11;
/** The row of the node above. */
const ABOVE = 12;
const COLUMNS = 13;

/** What is true or not of a node: a bit each. */
export const FLAG = {
  DELETED: 1,
  OMIT_IF_NO_REF: 2,
  ORPHAN: 4,
  REFERENCED: 8,
} as const;

/** All nodes of one tree, and what is known of each in numbers. */
export class NodeTable extends Rows {
  /** All names in the tree. */
  readonly names: Names = new Names();
  /** The nodes' properties. */
  readonly properties: PropertyTable = new PropertyTable(this.names);
  /** By row. */
  readonly #extras = new Map<number, NodeExtras>();
  readonly #nodes: CompileNode[] = [];
  /** The children of each node, as {@linkcode #nodes}. */
  readonly #children: (readonly CompileNode[])[] = [];
  /** Names of nodes that somebody asked for. */
  readonly #nodeNames: NodeName[] = [];
  /** By number, one more than the name's index among these. */
  #nodeNameIndex = new Int32Array(0);

  /** Has no nodes. */
  constructor() {
    super(COLUMNS);
  }

  /** Makes room for what so many bytes of source text may well hold; larger ones get more as they come. */
  expectText(bytes: number): void {
    const text = Math.min(bytes, TEXT_MAX);
    this.reserve(text >> 5);
    this.properties.expectText(text);
  }

  /** Takes a node in that is called `name` and is below `above`, and gives its row. */
  add(node: CompileNode, name: number, above: number): number {
    this.#nodes.push(node);
    this.#children.push(NONE);
    const row = this.addRow();
    const { numbers } = this;
    numbers[row + NAME] = name;
    numbers[row + ABOVE] = above;
    numbers[row + START] = -1;
    numbers[row + FIRST_PROPERTY] = NO_ROW;
    numbers[row + LAST_PROPERTY] = NO_ROW;
    numbers[row + LABELS] = NO_ROW;
    return row;
  }

  /** The labels in front of nodes, and of properties. */
  get labels(): LabelTable {
    return this.properties.labels;
  }

  /** The name of a number. */
  name(number: number): NodeName {
    const known = number < this.#nodeNameIndex.length ? this.#nodeNameIndex[number] : 0;
    return known > 0 ? this.#nodeNames[known - 1] : this.#addName(number);
  }

  #addName(number: number): NodeName {
    if (number >= this.#nodeNameIndex.length) {
      const index = new Int32Array(2 * this.names.count);
      index.set(this.#nodeNameIndex);
      this.#nodeNameIndex = index;
    }
    const name = new NodeName(this.names.text(number));
    this.#nodeNameIndex[number] = this.#nodeNames.push(name);
    return name;
  }

  /** The names of all nodes, each once. */
  get nodeNames(): readonly NodeName[] {
    const used = new Uint8Array(this.names.count);
    for (let row = 0; row < this.end; row += COLUMNS) used[this.nameOf(row)] = 1;
    const names: NodeName[] = [];
    used.forEach((is, number) => is === 1 && names.push(this.name(number)));
    return names;
  }

  /** Bytes of the names of all nodes there ever were. */
  get nameBytes(): number {
    let bytes = 0;
    for (let row = 0; row < this.end; row += COLUMNS) {
      const name = this.nameOf(row);
      bytes += this.names.endOf(name) - this.names.startOf(name);
    }
    return bytes;
  }

  /** The node of a row. */
  node(row: number): CompileNode {
    return this.#nodes[row / COLUMNS];
  }

  /** The number of the name. */
  nameOf(row: number): number {
    return this.numbers[row + NAME];
  }

  /** The row of the node above, {@linkcode NO_ROW} for the root. */
  aboveOf(row: number): number {
    return this.numbers[row + ABOVE];
  }

  /** Moves a node below another one. */
  setAbove(row: number, above: number): void {
    this.numbers[row + ABOVE] = above;
  }

  /** The children in order, deleted ones and duplicates included. */
  children(row: number): readonly CompileNode[] {
    return this.#children[row / COLUMNS];
  }

  /** Puts another list of children in the place of the old one. */
  setChildren(row: number, children: readonly CompileNode[]): void {
    this.#children[row / COLUMNS] = children;
  }

  /** What few nodes have, if this one has something of it. */
  extrasOf(row: number): NodeExtras | undefined {
    return this.#extras.get(row);
  }

  /** What few nodes have, to be added to. */
  addExtras(row: number): NodeExtras {
    const extras = this.#extras.get(row) ?? {};
    this.#extras.set(row, extras);
    return extras;
  }

  /** Whether one of {@linkcode FLAG} is set. */
  has(row: number, flag: number): boolean {
    return (this.numbers[row + FLAGS] & flag) !== 0;
  }

  /** Sets or clears one of {@linkcode FLAG}. */
  put(row: number, flag: number, value: boolean): void {
    const others = this.numbers[row + FLAGS] & ~flag;
    this.numbers[row + FLAGS] = value ? others | flag : others;
  }

  /** The number by which others refer to a node, 0 as long as it has none. */
  phandleOf(row: number): number {
    return this.numbers[row + PHANDLE] >>> 0;
  }

  /** Gives a node the number by which others refer to it. */
  setPhandle(row: number, phandle: number): void {
    this.numbers[row + PHANDLE] = phandle;
  }

  /** The list of labels. */
  labelsOf(row: number): number {
    return this.numbers[row + LABELS];
  }

  /** Makes a list that of the labels. */
  setLabels(row: number, list: number): void {
    this.numbers[row + LABELS] = list;
  }

  /** Position of the first label, keyword or name, -1 outside of source text. */
  startOf(row: number): number {
    return this.numbers[row + START];
  }

  /** Position behind the semicolon. */
  endOf(row: number): number {
    return this.numbers[row + END];
  }

  /** Says where a node ends, semicolon included. */
  setEnd(row: number, end: number): void {
    this.numbers[row + END] = end;
  }

  /** Position of the name, or of what stands for it. */
  nameStartOf(row: number): number {
    return this.numbers[row + NAME_START];
  }

  /** Position behind the name, or what stands for it. */
  nameEndOf(row: number): number {
    return this.numbers[row + NAME_END];
  }

  /** Says where a node and its name are in the source. */
  setPlace(row: number, start: number, nameStart: number, nameEnd: number): void {
    const { numbers } = this;
    numbers[row + START] = start;
    numbers[row + END] = nameEnd;
    numbers[row + NAME_START] = nameStart;
    numbers[row + NAME_END] = nameEnd;
  }

  /** The first property, deleted or not, {@linkcode NO_ROW} if there is none. */
  firstProperty(row: number): number {
    return this.numbers[row + FIRST_PROPERTY];
  }

  /** Whether a node may have a property of a name that has one of these bits. */
  mayHave(row: number, bits: number): boolean {
    return (this.numbers[row + NAME_BITS] & bits) !== 0;
  }

  /** The first property of the name of a number, deleted or not. */
  slot(row: number, name: number): number {
    if (name < 0 || !this.mayHave(row, nameBit(name))) return NO_ROW;
    const first = this.firstProperty(row);
    if (this.numbers[row + PROPERTIES] <= SEARCHED_MAX) return this.#find(first, name);
    const extras = this.addExtras(row);
    return (extras.rowIndex ??= new RowIndex()).find(this.properties, first, name);
  }

  /** The first property of the name of a number that is not deleted. */
  live(row: number, name: number): number {
    const { properties } = this;
    let found = this.slot(row, name);
    while (found !== NO_ROW && properties.isDeleted(found)) {
      found = this.#find(properties.next(found), name);
    }
    return found;
  }

  #find(first: number, name: number): number {
    const { properties } = this;
    let row = first;
    while (row !== NO_ROW && properties.nameAt(row) !== name) row = properties.next(row);
    return row;
  }

  /** Adds a property, of no node so far or of one that is not used any more, as the last one. */
  addProperty(row: number, property: number): void {
    const { numbers, properties } = this;
    const last = numbers[row + LAST_PROPERTY];
    if (last === NO_ROW) numbers[row + FIRST_PROPERTY] = property;
    else properties.link(last, property);
    properties.link(property, NO_ROW);
    properties.setNode(property, row);
    numbers[row + LAST_PROPERTY] = property;
    numbers[row + PROPERTIES]++;
    numbers[row + NAME_BITS] |= nameBit(properties.nameAt(property));
  }

  /** Leaves a node without properties. */
  clearProperties(row: number): void {
    const { numbers } = this;
    numbers[row + FIRST_PROPERTY] = NO_ROW;
    numbers[row + LAST_PROPERTY] = NO_ROW;
    numbers[row + PROPERTIES] = 0;
    numbers[row + NAME_BITS] = 0;
    delete this.#extras.get(row)?.rowIndex;
  }
}
