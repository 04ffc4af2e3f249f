/**
 * The properties of a device tree compiler. There are hundreds of thousands of them in large trees, and an
 * object for each would cost more than all else that is done with it: they are rows of a table of
 * numbers, and an object stands for a row only as long as somebody looks at it.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import { type CompileLabel, LabelTable } from "./compile_label.ts";
import type { Span } from "./dts/source.ts";
import {
  type CompileMarker,
  MarkerBuilder,
  type MarkerShape,
  MarkerTable,
  type NamedKind,
  type TypeKind,
} from "./markers.ts";
import { Names } from "./names.ts";
import { NO_ROW, Rows } from "./rows.ts";

/** A stretch of source text with a name in it. */
export interface NamedSpan extends Span {
  /** Where the name stands. */
  readonly nameSpan: Span;
}

/** For lists that most entries leave empty. */
export const NONE: readonly never[] = [];

const NO_VALUE = new Uint8Array(0);

// Columns.
const NAME = 0;
const DATA = 1;
const START = 2;
const END = 3;
/** The number of the markers' shape. */
const SHAPE = 4;
/** The first row of the markers, if they have any. */
const MARKERS = 5;
/** Twice one more than the list of labels, plus one if the property is deleted. */
const LABELS = 6;
const PLACE_START = 7;
const NAME_START = 8;
const PLACE_END = 9;
/** The row of the node's next property. */
const NEXT = 10;
/** The row of the node. */
const NODE = 11;
/** The row of the next property of this name in the tree, see {@linkcode CompileTree}. */
const NAMESAKE = 12;
const COLUMNS = 13;

/** What a later assignment replaces. */
const ASSIGNED = [DATA, START, END, SHAPE, MARKERS, PLACE_START, NAME_START, PLACE_END];

/** All properties of the nodes of one tree. Rows of numbers; names and what else is shared are numbered. */
export class PropertyTable extends Rows {
  /** Holds labels in front of properties. */
  readonly labels: LabelTable;
  /** Holds what the values were written like. */
  readonly markers: MarkerTable;
  /** For values that are being made. */
  readonly builder: MarkerBuilder;
  readonly #data: Uint8Array[] = [NO_VALUE];

  /** Has no properties. */
  constructor(readonly names: Names = new Names()) {
    super(COLUMNS);
    this.labels = new LabelTable(names);
    this.markers = new MarkerTable(names);
    this.builder = new MarkerBuilder(this.markers);
  }

  /** A new property without a value, of no node yet; `property` is made to stand for it if given. */
  create(name: number, property?: CompileProperty): CompileProperty {
    const row = this.addRow();
    const { numbers } = this;
    numbers[row + NAME] = name;
    numbers[row + PLACE_START] = -1;
    numbers[row + NEXT] = NO_ROW;
    if (property === undefined) return new CompileProperty(this, row);
    property.row = row;
    return property;
  }

  /** The names of all properties there ever were. */
  get usedNames(): readonly string[] {
    const used = new Uint8Array(this.names.count);
    for (let row = 0; row < this.end; row += COLUMNS) used[this.nameAt(row)] = 1;
    const names: string[] = [];
    used.forEach((is, number) => is === 1 && names.push(this.names.text(number)));
    return names;
  }

  /** Bytes of all values there ever were. */
  get valueBytes(): number {
    let bytes = 0;
    for (let row = 0; row < this.end; row += COLUMNS) {
      bytes += this.numbers[row + END] - this.numbers[row + START];
    }
    return bytes;
  }

  /** The number of the name of a row's property. */
  nameAt(row: number): number {
    return this.numbers[row + NAME];
  }

  /** Whether a row's property is deleted. */
  isDeleted(row: number): boolean {
    return (this.numbers[row + LABELS] & 1) !== 0;
  }

  /** The value of a row's property if it is one cell. */
  onlyCell(row: number): number | undefined {
    const start = this.numbers[row + START];
    if (this.numbers[row + END] - start !== 4) return undefined;
    return readBe32(this.#data[this.numbers[row + DATA]], start);
  }

  /** The row of the next property of the same node. */
  next(row: number): number {
    return this.numbers[row + NEXT];
  }

  /** Makes a row the next one of the same node. */
  link(row: number, next: number): void {
    this.numbers[row + NEXT] = next;
  }

  /** The row of the node that a row's property is of. */
  nodeOf(row: number): number {
    return this.numbers[row + NODE];
  }

  /** Makes a row's property one of a node. */
  setNode(row: number, node: number): void {
    this.numbers[row + NODE] = node;
  }

  /** The row behind this one in a chain of properties of one name. */
  namesake(row: number): number {
    return this.numbers[row + NAMESAKE];
  }

  /** Makes a row the next one in a chain of properties of one name. */
  setNamesake(row: number, next: number): void {
    this.numbers[row + NAMESAKE] = next;
  }

  /** The array of a number. */
  data(number: number): Uint8Array {
    return this.#data[number];
  }

  /** The number of an array. Values come one behind the other, most in the array of the one before. */
  dataNumber(data: Uint8Array): number {
    const last = this.#data.length - 1;
    return this.#data[last] === data ? last : this.#data.push(data) - 1;
  }

  /** Whether a row's property has labels, in front of it or in its value; deleted ones count. */
  isLabelled(row: number): boolean {
    return this.numbers[row + LABELS] > 1 || this.shapeOf(row).has.label;
  }

  /** Whether a row's property has references in its value. */
  refers(row: number): boolean {
    const { phandle, path } = this.shapeOf(row).has;
    return phandle || path;
  }

  /** What the value of a row's property was written like. */
  shapeOf(row: number): MarkerShape {
    return this.markers.shape(this.numbers[row + SHAPE]);
  }
}

/**
 * A property, as long as somebody looks at it: two of these may stand for one. Deleted ones stay, to keep
 * their place. The value is a stretch of an array.
 */
export class CompileProperty {
  readonly #table: PropertyTable;
  /** Tells it from all others of its tree. Who looks at many of them lets one object stand for each in turn. */
  row: number;

  /** Stands for a row of a table. */
  constructor(table: PropertyTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  /** The name; one character per byte. */
  get name(): string {
    return this.#table.names.text(this.#table.nameAt(this.row));
  }

  /** Another one that stands for the same property. */
  copy(): CompileProperty {
    return new CompileProperty(this.#table, this.row);
  }

  /** Comes to stand for the node's next property; false if there is none. */
  advance(): boolean {
    const row = this.#table.next(this.row);
    if (row !== NO_ROW) this.row = row;
    return row !== NO_ROW;
  }

  /** The array that holds the value. */
  get data(): Uint8Array {
    return this.#table.data(this.#table.numbers[this.row + DATA]);
  }

  /** First byte of the value. */
  get start(): number {
    return this.#table.numbers[this.row + START];
  }

  /** The byte behind the last one of the value. */
  get end(): number {
    return this.#table.numbers[this.row + END];
  }

  /** Bytes of the value. */
  get length(): number {
    return this.end - this.start;
  }

  /** The value, as a view. */
  get value(): Uint8Array {
    return this.data.subarray(this.start, this.end);
  }

  set value(bytes: Uint8Array) {
    this.setValue(bytes, 0, bytes.length);
  }

  /** Makes a stretch of an array the value. */
  setValue(data: Uint8Array, start: number, end: number): void {
    const { row } = this;
    const { numbers } = this.#table;
    numbers[row + DATA] = this.#table.dataNumber(data);
    numbers[row + START] = start;
    numbers[row + END] = end;
  }

  /** The 32-bit cell at `index`. The caller has checked that it lies inside. */
  cell(index: number): number {
    return readBe32(this.data, this.start + 4 * index);
  }

  /** The value if it is one cell. */
  get onlyCell(): number | undefined {
    return this.#table.onlyCell(this.row);
  }

  /** How the value was written, by offset: a list of its own. */
  get markers(): readonly CompileMarker[] {
    const table = this.#table;
    return table.markers.list(table.shapeOf(this.row), table.numbers[this.row + MARKERS]);
  }

  set markers(markers: readonly CompileMarker[]) {
    const { builder } = this.#table;
    builder.addAll(markers);
    builder.finish(this);
  }

  /** Makes a shape, with the rows from `first` on, what it was written like. */
  setMarkers(shape: MarkerShape, first: number): void {
    this.#table.numbers[this.row + SHAPE] = shape.number;
    this.#table.numbers[this.row + MARKERS] = first;
  }

  /** Whether the value has labels or references of a kind. */
  hasMarker(kind: NamedKind): boolean {
    return this.#table.shapeOf(this.row).has[kind];
  }

  /** Shows the labels or references of a kind: offsets in the value, and rows of the table of markers. */
  eachMarker(kind: NamedKind, look: (offset: number, row: number) => void): void {
    const table = this.#table;
    table.markers.each(table.shapeOf(this.row), table.numbers[this.row + MARKERS], kind, look);
  }

  /** Makes the value one that begins with a type and has no other. */
  setType(kind: TypeKind): void {
    const { builder } = this.#table;
    builder.type(kind, 0);
    builder.finish(this);
  }

  /** Labels, in the order in which dtc writes them. */
  get labels(): readonly CompileLabel[] {
    return this.#table.labels.labels(this.labelList);
  }

  /** The list of its labels. */
  get labelList(): number {
    return (this.#table.numbers[this.row + LABELS] >> 1) - 1;
  }

  set labelList(list: number) {
    this.#table.numbers[this.row + LABELS] = list + 1 << 1 | (this.deleted ? 1 : 0);
  }

  /** Adds a label in front, or brings the one of its name back. */
  addLabel(label: number): void {
    this.labelList = this.#table.labels.put(this.labelList, label);
  }

  /** Whether it was deleted, or is a `/delete-property/`. */
  get deleted(): boolean {
    return this.#table.isDeleted(this.row);
  }

  set deleted(deleted: boolean) {
    const kept = this.#table.numbers[this.row + LABELS] & ~1;
    this.#table.numbers[this.row + LABELS] = kept | (deleted ? 1 : 0);
  }

  /** Where it stands, from the first label, keyword or name on; `undefined` outside of source text. */
  get place(): NamedSpan | undefined {
    const { row } = this;
    const { numbers } = this.#table;
    const start = numbers[row + PLACE_START];
    if (start < 0) return undefined;
    const name = numbers[row + NAME_START];
    const nameSpan = { start: name, end: name + this.name.length };
    return { start, end: numbers[row + PLACE_END], nameSpan };
  }

  /** Says where it and its name begin in the source, and where it ends, semicolon included. */
  placeAt(start: number, nameStart: number, end: number): void {
    const { row } = this;
    const { numbers } = this.#table;
    numbers[row + PLACE_START] = start;
    numbers[row + NAME_START] = nameStart;
    numbers[row + PLACE_END] = end;
  }

  /** Says that it ends, semicolon included, in front of a position. */
  endAt(position: number): void {
    this.#table.numbers[this.row + PLACE_END] = position;
  }

  /** Takes over the value of a later assignment, of the same table, and its place. */
  assign(later: CompileProperty): void {
    this.deleted = false;
    for (const column of ASSIGNED) {
      this.#table.numbers[this.row + column] = later.#table.numbers[later.row + column];
    }
  }

  /** Deletes it; it keeps its place. dtc: delete_property() */
  delete(): void {
    this.deleted = true;
    const { labels } = this.#table;
    for (const { row } of this.labels) labels.setDeleted(row, true);
  }
}
