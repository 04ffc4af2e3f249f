/**
 * The nodes of a device tree compiler. Source text and blobs become them at once: what the parser makes of
 * the text is what is merged, checked, resolved and written.
 *
 * @module
 */
import type { CompileLabel, LabelTable } from "./compile_label.ts";
import { CompileProperty, type NamedSpan, NONE } from "./compile_property.ts";
import type { Span } from "./dts/source.ts";
import { NodeName } from "./node_name.ts";
import { nameBit } from "./known_names.ts";
import { Names } from "./names.ts";
import { PropertyTable } from "./property_table.ts";
import { RowIndex } from "./row_index.ts";
import { NO_ROW, Rows } from "./rows.ts";

/** Lists up to this length are searched, longer ones have an index. */
const SEARCHED_MAX = 8;

/** Finds the first child of a name in a list that only grows. */
class ChildIndex {
  readonly #index = new Map<number, CompileNode>();
  #indexed = 0;

  /** By the number of the name. */
  find(list: readonly CompileNode[], name: number): CompileNode | undefined {
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.nameNumber)) this.#index.set(entry.nameNumber, entry);
    }
    return this.#index.get(name);
  }
}

/** What few nodes have. */
interface Extras {
  morePlaces?: NamedSpan[];
  rowIndex?: RowIndex;
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

// Bits of FLAGS.
const DELETED = 1;
const OMIT_IF_NO_REF = 2;
const ORPHAN = 4;
const REFERENCED = 8;

/** All nodes of one tree, and what is known of each in numbers. */
export class NodeTable extends Rows {
  /** All names in the tree. */
  readonly names: Names = new Names();
  /** The nodes' properties. */
  readonly properties: PropertyTable = new PropertyTable(this.names);
  readonly #nodes: CompileNode[] = [];
  /** The children of each node, as {@linkcode #nodes}. */
  readonly #children: (readonly CompileNode[])[] = [];
  /** Names of nodes that somebody asked for. */
  readonly #nodeNames: NodeName[] = [];
  /** By number, one more than the name's index among these. */
  #nodeNameIndex = new Int32Array(0);
  /** By row, what only few nodes have. */
  readonly extras: Map<number, Extras> = new Map();

  /** Has no nodes. */
  constructor() {
    super(COLUMNS);
  }

  /** Makes room for what so many bytes of source text may well hold. */
  expectText(bytes: number): void {
    this.reserve(bytes >> 5);
    this.properties.expectText(bytes);
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
    const name = new NodeName(this.names.text(number), number);
    this.#nodeNameIndex[number] = this.#nodeNames.push(name);
    return name;
  }

  /** The names of all nodes, each once. */
  get nodeNames(): readonly NodeName[] {
    const used = new Uint8Array(this.names.count);
    for (let row = 0; row < this.end; row += COLUMNS) used[this.numbers[row + NAME]] = 1;
    const names: NodeName[] = [];
    used.forEach((is, number) => is === 1 && names.push(this.name(number)));
    return names;
  }

  /** Bytes of the names of all nodes there ever were. */
  get nameBytes(): number {
    let bytes = 0;
    for (let row = 0; row < this.end; row += COLUMNS) {
      const name = this.numbers[row + NAME];
      bytes += this.names.endOf(name) - this.names.startOf(name);
    }
    return bytes;
  }

  /** The node of a row. */
  node(row: number): CompileNode {
    return this.#nodes[row / COLUMNS];
  }

  /** The children of a row's node in order, deleted ones and duplicates included. */
  children(row: number): readonly CompileNode[] {
    return this.#children[row / COLUMNS];
  }

  /** Puts another list of children in the place of the old one. */
  setChildren(row: number, children: readonly CompileNode[]): void {
    this.#children[row / COLUMNS] = children;
  }

  /** Whether a bit is set. */
  has(row: number, bit: number): boolean {
    return (this.numbers[row + FLAGS] & bit) !== 0;
  }

  /** Sets or clears a bit. */
  put(row: number, bit: number, value: boolean): void {
    const others = this.numbers[row + FLAGS] & ~bit;
    this.numbers[row + FLAGS] = value ? others | bit : others;
  }
}

/** A node. Deleted ones stay, to keep their place. There are very many: most of one is in a row of numbers. */
export class CompileNode implements NamedSpan {
  /** Tells it from all others of its table. */
  readonly row: number;

  /**
   * @param name The number of the name with its unit address; empty for the root and for what extends a node.
   * @param above The node above; `undefined` for the root.
   * @param table Holds the whole tree.
   */
  constructor(
    name: number,
    above: CompileNode | undefined,
    readonly table: NodeTable,
  ) {
    this.row = table.add(this, name, above === undefined ? NO_ROW : above.row);
  }

  /** The name with its unit address; empty for the root and for what extends a node. */
  get name(): string {
    return this.table.names.text(this.nameNumber);
  }

  /** The number of the name. */
  get nameNumber(): number {
    return this.table.numbers[this.row + NAME];
  }

  /** The name, which others of the same share. */
  get nodeName(): NodeName {
    return this.table.name(this.nameNumber);
  }

  /** Children in order, deleted ones and duplicates included. */
  get children(): readonly CompileNode[] {
    return this.table.children(this.row);
  }

  set children(children: readonly CompileNode[]) {
    this.table.setChildren(this.row, children);
  }

  get #above(): CompileNode | undefined {
    const row = this.table.numbers[this.row + ABOVE];
    return row === NO_ROW ? undefined : this.table.node(row);
  }

  /** Labels, in the order in which dtc writes them; as the parser leaves them, in that of the source. */
  get labels(): readonly CompileLabel[] {
    return this.table.labels.labels(this.labelList);
  }

  /** The list of its labels. */
  get labelList(): number {
    return this.table.numbers[this.row + LABELS];
  }

  set labelList(list: number) {
    this.table.numbers[this.row + LABELS] = list;
  }

  /** Whether it was deleted, or is a `/delete-node/`. */
  get deleted(): boolean {
    return this.table.has(this.row, DELETED);
  }

  set deleted(deleted: boolean) {
    this.table.put(this.row, DELETED, deleted);
  }

  /** Whether it is to be left out if nothing refers to it. */
  get omitIfNoRef(): boolean {
    return this.table.has(this.row, OMIT_IF_NO_REF);
  }

  set omitIfNoRef(omit: boolean) {
    this.table.put(this.row, OMIT_IF_NO_REF, omit);
  }

  /** Whether it came into the tree as a deletion. Should it come back, dtc knows no node above it. */
  get orphan(): boolean {
    return this.table.has(this.row, ORPHAN);
  }

  set orphan(orphan: boolean) {
    this.table.put(this.row, ORPHAN, orphan);
  }

  /** Whether something refers to it. Known once references are resolved. */
  get referenced(): boolean {
    return this.table.has(this.row, REFERENCED);
  }

  set referenced(referenced: boolean) {
    this.table.put(this.row, REFERENCED, referenced);
  }

  /** The number by which others refer to it, 0 as long as it has none. */
  get phandle(): number {
    return this.table.numbers[this.row + PHANDLE] >>> 0;
  }

  set phandle(phandle: number) {
    this.table.numbers[this.row + PHANDLE] = phandle;
  }

  /** Position of the first label, keyword or name, -1 if it does not come from source text. */
  get start(): number {
    return this.table.numbers[this.row + START];
  }

  /** Position behind the semicolon. */
  get end(): number {
    return this.table.numbers[this.row + END];
  }

  set end(end: number) {
    this.table.numbers[this.row + END] = end;
  }

  /** The node above; `undefined` for the root and for orphans. */
  get parent(): CompileNode | undefined {
    return this.orphan ? undefined : this.#above;
  }

  /** Where its name stands, or what stands for it: the root's slash, a reference. */
  get nameSpan(): Span {
    const { numbers } = this.table;
    return { start: numbers[this.row + NAME_START], end: numbers[this.row + NAME_END] };
  }

  /** Says where it and its name are in the source. */
  placeAt(start: number, nameStart: number, nameEnd: number): void {
    const row = this.row;
    const { numbers } = this.table;
    numbers[row + START] = start;
    numbers[row + END] = nameEnd;
    numbers[row + NAME_START] = nameStart;
    numbers[row + NAME_END] = nameEnd;
  }

  /** Where it stands; later places add to the first. */
  get places(): readonly NamedSpan[] {
    if (this.start < 0) return NONE;
    const more = this.#extras?.morePlaces;
    return more === undefined ? [this] : [this, ...more];
  }

  /** Notes that it also stands there. */
  addPlace(place: NamedSpan): void {
    if (this.start < 0) {
      this.placeAt(place.start, place.nameSpan.start, place.nameSpan.end);
      this.end = place.end;
    } else (this.#addExtras().morePlaces ??= []).push(place);
  }

  get #extras(): Extras | undefined {
    return this.table.extras.get(this.row);
  }

  #addExtras(): Extras {
    const extras = this.#extras ?? {};
    this.table.extras.set(this.row, extras);
    return extras;
  }

  /** The path from the root, `/` for the root itself. */
  get path(): string {
    if (this.#above === undefined) return "/";
    const names = [this.name];
    for (let node = this.#above; node.#above !== undefined; node = node.#above) {
      names.push(node.name);
    }
    return `/${names.reverse().join("/")}`;
  }

  /** The name without the unit address. */
  get baseName(): string {
    return this.nodeName.base;
  }

  /** The unit address, empty if there is none. */
  get unitAddress(): string {
    return this.nodeName.unitAddress;
  }

  /** All properties, deleted ones and duplicates included: a list of its own. */
  get properties(): CompileProperty[] {
    const properties: CompileProperty[] = [];
    this.eachProperty((property) => properties.push(property.copy()));
    return properties;
  }

  /** Shows all properties, deleted ones and duplicates included, by one object that stands for each in turn. */
  eachProperty(look: (property: CompileProperty) => void): void {
    const property = this.#property(this.firstRow);
    if (property === undefined) return;
    do look(property); while (property.advance());
  }

  /** The row of its first property, deleted or not, {@linkcode NO_ROW} if there is none. */
  get firstRow(): number {
    return this.table.numbers[this.row + FIRST_PROPERTY];
  }

  #property(row: number, property?: CompileProperty): CompileProperty | undefined {
    if (row === NO_ROW) return undefined;
    if (property === undefined) return new CompileProperty(this.table.properties, row);
    property.row = row;
    return property;
  }

  /** The first property of this name, deleted or not. */
  slot(name: string | number): CompileProperty | undefined {
    return this.#property(this.#slot(this.#number(name)));
  }

  #number(name: string | number): number {
    return typeof name === "number" ? name : this.table.names.find(name);
  }

  #slot(number: number): number {
    const { numbers, properties } = this.table;
    const row = this.row;
    if (number < 0 || (numbers[row + NAME_BITS] & nameBit(number)) === 0) return NO_ROW;
    const first = numbers[row + FIRST_PROPERTY];
    if (numbers[row + PROPERTIES] <= SEARCHED_MAX) return this.#find(first, number);
    const extras = this.#addExtras();
    return (extras.rowIndex ??= new RowIndex()).find(properties, first, number);
  }

  #find(first: number, name: number): number {
    const table = this.table.properties;
    let row = first;
    while (row !== NO_ROW && table.nameAt(row) !== name) row = table.next(row);
    return row;
  }

  /** The first child of this name, deleted or not. */
  childSlot(name: string | number): CompileNode | undefined {
    const { children } = this;
    if (children.length === 0) return undefined;
    const number = this.#number(name);
    if (number < 0) return undefined;
    if (children.length <= SEARCHED_MAX) {
      return children.find((child) => child.nameNumber === number);
    }
    const extras = this.#addExtras();
    return (extras.childIndex ??= new ChildIndex()).find(children, number);
  }

  /**
   * The first property of this name, or of the name of this number, that is not deleted; `property` is made
   * to stand for it if given.
   */
  property(name: string | number, property?: CompileProperty): CompileProperty | undefined {
    return this.#property(this.#live(this.#number(name)), property);
  }

  /** The only cell of a property of this name, `undefined` without one, or if it has another size. */
  cell(name: string | number): number | undefined {
    const row = this.#live(this.#number(name));
    return row === NO_ROW ? undefined : this.table.properties.onlyCell(row);
  }

  /** Whether it may have a property of a name that has one of these bits. */
  mayHave(bits: number): boolean {
    return (this.table.numbers[this.row + NAME_BITS] & bits) !== 0;
  }

  /** Whether it has a property of this name, or of the name of this number, that is not deleted. */
  has(name: string | number): boolean {
    return this.#live(this.#number(name)) !== NO_ROW;
  }

  #live(name: number): number {
    const table = this.table.properties;
    let row = this.#slot(name);
    while (row !== NO_ROW && table.isDeleted(row)) {
      row = this.#find(table.next(row), table.nameAt(row));
    }
    return row;
  }

  /** The first child of this name that is not deleted. */
  child(name: string): CompileNode | undefined {
    const slot = this.childSlot(name);
    if (slot?.deleted !== true) return slot;
    return this.children.find((child) => child.name === name && !child.deleted);
  }

  /**
   * A new property without a value, with the name of a number, which {@linkcode addProperty} adds;
   * `property` is made to stand for it if given.
   */
  newNumbered(name: number, property?: CompileProperty): CompileProperty {
    return this.#property(this.table.properties.add(name), property)!;
  }

  /** A new property without a value, which {@linkcode addProperty} adds. */
  newProperty(name: string): CompileProperty {
    return this.newNumbered(this.table.names.addText(name));
  }

  /** Adds a property, of no node so far or of one that is not used any more, as the last one. */
  addProperty(property: CompileProperty): void {
    const row = this.row;
    const { numbers, properties } = this.table;
    const last = numbers[row + LAST_PROPERTY];
    if (last === NO_ROW) numbers[row + FIRST_PROPERTY] = property.row;
    else properties.link(last, property.row);
    properties.link(property.row, NO_ROW);
    properties.setNode(property.row, row);
    numbers[row + LAST_PROPERTY] = property.row;
    numbers[row + PROPERTIES]++;
    numbers[row + NAME_BITS] |= nameBit(properties.nameAt(property.row));
  }

  /** Adds a new child as the last one. */
  addChild(name: string): CompileNode {
    const child = this.newChild(this.table.names.addText(name));
    this.adoptChild(child);
    return child;
  }

  /** A new node below this one, with the name of a number, which is not yet among the children. */
  newChild(name: number): CompileNode {
    return new CompileNode(name, this, this.table);
  }

  /** Adds a node with all below it as the last child. */
  adoptChild(child: CompileNode): void {
    child.table.numbers[child.row + ABOVE] = this.row;
    if (this.children === NONE) this.children = [child];
    else (this.children as CompileNode[]).push(child);
  }

  /** Puts another list of children in the place of the old one. */
  replaceChildren(children: readonly CompileNode[]): void {
    this.children = [...children];
    if (this.#extras !== undefined) this.#extras.childIndex = undefined;
  }

  /** Puts another list of properties in the place of the old one. */
  replaceProperties(properties: readonly CompileProperty[]): void {
    const row = this.row;
    const { numbers } = this.table;
    numbers[row + FIRST_PROPERTY] = NO_ROW;
    numbers[row + LAST_PROPERTY] = NO_ROW;
    numbers[row + PROPERTIES] = 0;
    numbers[row + NAME_BITS] = 0;
    if (this.#extras !== undefined) this.#extras.rowIndex = undefined;
    for (const property of properties) this.addProperty(property);
  }

  /** Orders properties and children by name, deleted ones included. */
  sort(): void {
    this.replaceProperties(this.properties.sort(byName));
    this.replaceChildren([...this.children].sort(byName));
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
