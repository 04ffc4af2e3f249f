/**
 * The properties of a device tree compiler. There are hundreds of thousands of them in large trees, and an
 * object for each would cost more than all else that is done with it: they are rows of a table of
 * numbers, and an object stands for a row only as long as somebody looks at it.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import type { Span } from "./dts/source.ts";
import { type TypeKind, TypeList } from "./dts/type_markers.ts";
import type { Marker } from "./node.ts";
import { NO_ROW, Rows } from "./rows.ts";

/** A label. Deleted ones stay, to keep their place. */
export class CompileLabel implements Span {
  /** Whether it was deleted with what it labels. */
  deleted = false;

  /**
   * @param name The name.
   * @param start Where it stands, -1 if it does not come from source text.
   * @param end The position behind its colon.
   */
  constructor(readonly name: string, readonly start = -1, readonly end = -1) {}

  /** Where it stands; `undefined` if it does not come from source text. */
  get span(): Span | undefined {
    return this.start < 0 ? undefined : this;
  }
}

/** The label of a name, deleted or not. */
export function labelNamed(
  labels: readonly CompileLabel[],
  name: string,
): CompileLabel | undefined {
  return labels.length === 0 ? undefined : labels.find((label) => label.name === name);
}

/** The labels that are not deleted. */
export function liveLabels(labels: readonly CompileLabel[]): readonly CompileLabel[] {
  return labels.length === 0 ? labels : labels.filter(({ deleted }) => !deleted);
}

/**
 * How a part of a value was written, and where: what follows is of a type (as long as no other type is
 * named), a label, or a reference to be resolved. A type has no place of its own: `start` and `end` are -1.
 */
export interface CompileMarker extends Marker, Partial<Span> {}

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
const MARKERS = 4;
/** Twice the number of the list of labels, plus one if the property is deleted. */
const LABELS = 5;
const PLACE_START = 6;
const NAME_START = 7;
const PLACE_END = 8;
/** The row of the node's next property. */
const NEXT = 9;
/** The row of the node. */
const NODE = 10;
/** The row of the next property of this name in the tree, see {@linkcode CompileTree}. */
const NAMESAKE = 11;
const COLUMNS = 12;

/** What is in a list of markers. */
const HAS_LABEL = 1;
const HAS_REFERENCE = 2;

function bitOf(kind: CompileMarker["kind"]): number {
  if (kind === "label") return HAS_LABEL;
  return kind === "phandle" || kind === "path" ? HAS_REFERENCE : 0;
}

/** All properties of the nodes of one tree. Rows of numbers; names and lists are numbered, each once. */
export class PropertyTable extends Rows {
  readonly #names: string[] = [];
  readonly #nameNumbers = new Map<string, number>();
  readonly #data: Uint8Array[] = [NO_VALUE];
  readonly #markers: (readonly CompileMarker[])[] = [NONE];
  /** The list without types, from which those grow that properties share. */
  readonly types: TypeList = new TypeList([]);
  /** For each list of markers, which kinds other than types are in it. */
  readonly #markerBits: number[] = [0];
  readonly #labels: (readonly CompileLabel[])[] = [NONE];

  /** Has no properties. */
  constructor() {
    super(COLUMNS);
  }

  /** A new property without a value, of no node yet; `property` is made to stand for it if given. */
  create(name: string, property?: CompileProperty): CompileProperty {
    const row = this.addRow();
    this.set(row, NAME, this.#addName(name));
    this.set(row, PLACE_START, -1);
    this.set(row, NEXT, NO_ROW);
    if (property === undefined) return new CompileProperty(this, row);
    property.row = row;
    return property;
  }

  #addName(name: string): number {
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return known;
    this.#nameNumbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  /** The number of a name, -1 if no property has it. */
  nameNumber(name: string): number {
    return this.#nameNumbers.get(name) ?? -1;
  }

  /** All names, in the order of their numbers. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The number of the name of a row's property. */
  nameAt(row: number): number {
    return this.get(row, NAME);
  }

  /** Whether a row's property is deleted. */
  isDeleted(row: number): boolean {
    return (this.get(row, LABELS) & 1) !== 0;
  }

  /** The row of the next property of the same node. */
  next(row: number): number {
    return this.get(row, NEXT);
  }

  /** Makes a row the next one of the same node. */
  link(row: number, next: number): void {
    this.set(row, NEXT, next);
  }

  /** The row of the node that a row's property is of. */
  nodeOf(row: number): number {
    return this.get(row, NODE);
  }

  /** Makes a row's property one of a node. */
  setNode(row: number, node: number): void {
    this.set(row, NODE, node);
  }

  /** The row behind this one in a chain of properties of one name. */
  namesake(row: number): number {
    return this.get(row, NAMESAKE);
  }

  /** Makes a row the next one in a chain of properties of one name. */
  setNamesake(row: number, next: number): void {
    this.set(row, NAMESAKE, next);
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
    return this.get(row, LABELS) > 1 || (this.#bits(row) & HAS_LABEL) !== 0;
  }

  /** Whether a row's property has references in its value. */
  refers(row: number): boolean {
    return (this.#bits(row) & HAS_REFERENCE) !== 0;
  }

  #bits(row: number): number {
    return this.#markerBits[this.get(row, MARKERS)];
  }

  /** The list of markers of a number. */
  markers(number: number): readonly CompileMarker[] {
    return this.#markers[number];
  }

  /** The number of a list that grew from {@linkcode types}. */
  typesNumber(list: TypeList): number {
    if (list.number < 0) list.number = this.markersNumber(list.markers);
    return list.number;
  }

  /** A number for a list of markers. */
  markersNumber(markers: readonly CompileMarker[]): number {
    let bits = 0;
    for (let at = 0; at < markers.length; at++) bits |= bitOf(markers[at].kind);
    this.#markerBits.push(bits);
    return this.#markers.push(markers) - 1;
  }

  /** The list of labels of a number. */
  labels(number: number): readonly CompileLabel[] {
    return this.#labels[number];
  }

  /** The number of a list of labels. */
  labelsNumber(labels: readonly CompileLabel[]): number {
    return labels.length === 0 ? 0 : this.#labels.push(labels) - 1;
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
    return this.#table.names[this.#table.nameAt(this.row)];
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
    return this.#table.data(this.#table.get(this.row, DATA));
  }

  /** First byte of the value. */
  get start(): number {
    return this.#table.get(this.row, START);
  }

  /** The byte behind the last one of the value. */
  get end(): number {
    return this.#table.get(this.row, END);
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
    this.#table.set(this.row, DATA, this.#table.dataNumber(data));
    this.#table.set(this.row, START, start);
    this.#table.set(this.row, END, end);
  }

  /** The 32-bit cell at `index`. The caller has checked that it lies inside. */
  cell(index: number): number {
    return readBe32(this.data, this.start + 4 * index);
  }

  /** How the value was written, by offset. */
  get markers(): readonly CompileMarker[] {
    return this.#table.markers(this.#table.get(this.row, MARKERS));
  }

  set markers(markers: readonly CompileMarker[]) {
    this.#table.set(this.row, MARKERS, this.#table.markersNumber(markers));
  }

  /** The list without types, from which those grow that this property and others share. */
  get types(): TypeList {
    return this.#table.types;
  }

  /** Makes a list that grew from {@linkcode types} the list of markers. */
  setTypes(list: TypeList): void {
    this.#table.set(this.row, MARKERS, this.#table.typesNumber(list));
  }

  /** Makes the value one that begins with a type and has no other. */
  setType(kind: TypeKind): void {
    this.setTypes(this.types.longer(kind, 0)!);
  }

  /** Labels, in the order in which dtc writes them. */
  get labels(): readonly CompileLabel[] {
    return this.#table.labels(this.#table.get(this.row, LABELS) >> 1);
  }

  set labels(labels: readonly CompileLabel[]) {
    const number = this.#table.labelsNumber(labels);
    this.#table.set(this.row, LABELS, number << 1 | (this.deleted ? 1 : 0));
  }

  /** Whether it was deleted, or is a `/delete-property/`. */
  get deleted(): boolean {
    return this.#table.isDeleted(this.row);
  }

  set deleted(deleted: boolean) {
    const kept = this.#table.get(this.row, LABELS) & ~1;
    this.#table.set(this.row, LABELS, kept | (deleted ? 1 : 0));
  }

  /** Where it stands, from the first label, keyword or name on; `undefined` outside of source text. */
  get place(): NamedSpan | undefined {
    const start = this.#table.get(this.row, PLACE_START);
    if (start < 0) return undefined;
    const name = this.#table.get(this.row, NAME_START);
    const nameSpan = { start: name, end: name + this.name.length };
    return { start, end: this.#table.get(this.row, PLACE_END), nameSpan };
  }

  /** Says where it and its name begin in the source. */
  placeAt(start: number, nameStart: number): void {
    this.#table.set(this.row, PLACE_START, start);
    this.#table.set(this.row, NAME_START, nameStart);
    this.endAt(nameStart + this.name.length);
  }

  /** Says that it ends, semicolon included, in front of a position. */
  endAt(position: number): void {
    this.#table.set(this.row, PLACE_END, position);
  }

  /** Takes over the value of a later assignment, of the same table, and its place. */
  assign(later: CompileProperty): void {
    this.deleted = false;
    for (const column of [DATA, START, END, MARKERS, PLACE_START, NAME_START, PLACE_END]) {
      this.#table.set(this.row, column, later.#table.get(later.row, column));
    }
  }

  /** Deletes it; it keeps its place. dtc: delete_property() */
  delete(): void {
    this.deleted = true;
    for (const label of this.labels) label.deleted = true;
  }
}
