/**
 * The properties of a device tree compiler. There are hundreds of thousands of them in large trees, and an
 * object for each would cost more than all else that is done with it: they are rows of a table.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import { LabelTable } from "./compile_label.ts";
import { MarkerBuilder, type MarkerShape, MarkerTable } from "./markers.ts";
import { Names } from "./names.ts";
import { NO_ROW, Rows } from "./rows.ts";

const NO_VALUE = new Uint8Array(0);

// Columns.
const NAME = 0;
const DATA = 1;
const START = 2;
const END = 3;
/** The number of the markers' shape, or -1 less the row of extras. */
const FORM = 4;
const NAME_START = 5;
const PLACE_END = 6;
/** The row of the node's next property. */
const NEXT = 7;
/** The row of the node. */
const NODE = 8;
/** The row of the next property of this name in the tree, see {@linkcode NameChains}. */
const NAMESAKE = 9;
const COLUMNS = 10;

// Columns of extras, which few properties have.
const SHAPE = 0;
/** The first row of the markers that have names. */
const MARKERS = 1;
/** The list of labels. */
const LABELS = 2;
const DELETED = 3;
/** Bytes from the first label, or a backslash, to the name. */
const BEFORE_NAME = 4;
const EXTRA_COLUMNS = 5;

/** All properties of the nodes of one tree. Rows of numbers; names and what else is shared are numbered. */
export class PropertyTable extends Rows {
  /** Holds labels in front of properties. */
  readonly labels: LabelTable;
  /** Holds what the values were written like. */
  readonly markers: MarkerTable;
  /** For values that are being made. */
  readonly builder: MarkerBuilder;
  readonly #data: Uint8Array[] = [NO_VALUE];
  readonly #extras = new Rows(EXTRA_COLUMNS);

  /** Has no properties. */
  constructor(readonly names: Names = new Names()) {
    super(COLUMNS);
    this.labels = new LabelTable(names);
    this.markers = new MarkerTable(names);
    this.builder = new MarkerBuilder(this.markers);
  }

  /** Makes room for what so many bytes of source text may well hold. */
  expectText(bytes: number): void {
    this.reserve(bytes >> 4);
    for (const table of [this.labels, this.markers, this.#extras]) table.reserve(bytes >> 7);
  }

  /** Adds a property without a value, of no node yet. */
  add(name: number): number {
    const row = this.addRow();
    const { numbers } = this;
    numbers[row + NAME] = name;
    numbers[row + NAME_START] = -1;
    numbers[row + NEXT] = NO_ROW;
    return row;
  }

  /** The numbers of the names of all properties there ever were. */
  get usedNames(): Int32Array {
    const used = new Uint8Array(this.names.count);
    for (let row = 0; row < this.end; row += COLUMNS) used[this.nameAt(row)] = 1;
    const numbers = new Int32Array(used.length);
    let count = 0;
    for (let number = 0; number < used.length; number++) {
      if (used[number] === 1) numbers[count++] = number;
    }
    return numbers.subarray(0, count);
  }

  /** Bytes of all values there ever were. */
  get valueBytes(): number {
    let bytes = 0;
    for (let row = 0; row < this.end; row += COLUMNS) bytes += this.endOf(row) - this.startOf(row);
    return bytes;
  }

  /** The number of the name. */
  nameAt(row: number): number {
    return this.numbers[row + NAME];
  }

  /** The array that holds the value. */
  dataOf(row: number): Uint8Array {
    return this.#data[this.numbers[row + DATA]];
  }

  /** First byte of the value. */
  startOf(row: number): number {
    return this.numbers[row + START];
  }

  /** The byte behind the last one of the value. */
  endOf(row: number): number {
    return this.numbers[row + END];
  }

  /** Makes a stretch of an array the value. */
  setValue(row: number, data: Uint8Array, start: number, end: number): void {
    const { numbers } = this;
    numbers[row + DATA] = this.#dataNumber(data);
    numbers[row + START] = start;
    numbers[row + END] = end;
  }

  /** Values come one behind the other, most in the array of the one before. */
  #dataNumber(data: Uint8Array): number {
    const last = this.#data.length - 1;
    return this.#data[last] === data ? last : this.#data.push(data) - 1;
  }

  /** The value if it is one cell. */
  onlyCell(row: number): number | undefined {
    const start = this.startOf(row);
    return this.endOf(row) - start === 4 ? readBe32(this.dataOf(row), start) : undefined;
  }

  /** The row of the next property of the same node. */
  next(row: number): number {
    return this.numbers[row + NEXT];
  }

  /** Makes a row the next one of the same node. */
  link(row: number, next: number): void {
    this.numbers[row + NEXT] = next;
  }

  /** The row of the node that a property is of. */
  nodeOf(row: number): number {
    return this.numbers[row + NODE];
  }

  /** Makes a property one of a node. */
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

  /** Position of the name in the source, -1 outside of it. */
  nameStartOf(row: number): number {
    return this.numbers[row + NAME_START];
  }

  /** Position of the first label, or of the name. */
  placeStartOf(row: number): number {
    return this.nameStartOf(row) - this.#extra(row, BEFORE_NAME, 0);
  }

  /** Position behind the semicolon. */
  placeEndOf(row: number): number {
    return this.numbers[row + PLACE_END];
  }

  /** Says where a property and its name begin in the source, and where it ends. */
  setPlace(row: number, start: number, nameStart: number, end: number): void {
    this.numbers[row + NAME_START] = nameStart;
    this.numbers[row + PLACE_END] = end;
    this.#setExtra(row, BEFORE_NAME, nameStart - start, 0);
  }

  /** Says where a property ends, semicolon included. */
  setPlaceEnd(row: number, end: number): void {
    this.numbers[row + PLACE_END] = end;
  }

  /** Whether a property is deleted. */
  isDeleted(row: number): boolean {
    return this.#extra(row, DELETED, 0) !== 0;
  }

  /** Says whether a property is deleted. */
  setDeleted(row: number, deleted: boolean): void {
    this.#setExtra(row, DELETED, deleted ? 1 : 0, 0);
  }

  /** The list of labels. */
  labelsOf(row: number): number {
    return this.#extra(row, LABELS, NO_ROW);
  }

  /** Makes a list that of the labels. */
  setLabels(row: number, list: number): void {
    this.#setExtra(row, LABELS, list, NO_ROW);
  }

  /** What the value was written like. */
  shapeOf(row: number): MarkerShape {
    const form = this.numbers[row + FORM];
    return this.markers.shape(form >= 0 ? form : this.#extras.numbers[~form + SHAPE]);
  }

  /** The first row of the markers that have names. */
  markersOf(row: number): number {
    return this.#extra(row, MARKERS, NO_ROW);
  }

  /** Makes a shape, with the rows from `first` on, what the value was written like. */
  setMarkers(row: number, shape: number, first: number): void {
    this.#setExtra(row, MARKERS, first, NO_ROW);
    const form = this.numbers[row + FORM];
    if (form >= 0) this.numbers[row + FORM] = shape;
    else this.#extras.numbers[~form + SHAPE] = shape;
  }

  /** Whether there are labels, in front of a property or in its value; deleted ones count. */
  isLabelled(row: number): boolean {
    if (this.numbers[row + FORM] >= 0) return false;
    return this.labelsOf(row) !== NO_ROW || this.shapeOf(row).has.label;
  }

  /** Whether there are references in the value. */
  refers(row: number): boolean {
    if (this.numbers[row + FORM] >= 0) return false;
    const { phandle, path } = this.shapeOf(row).has;
    return phandle || path;
  }

  #extra(row: number, column: number, without: number): number {
    const form = this.numbers[row + FORM];
    return form >= 0 ? without : this.#extras.numbers[~form + column];
  }

  #setExtra(row: number, column: number, value: number, without: number): void {
    const form = this.numbers[row + FORM];
    if (form >= 0 && value === without) return;
    const extras = form >= 0 ? this.#addExtras(row, form) : ~form;
    this.#extras.numbers[extras + column] = value;
  }

  #addExtras(row: number, shape: number): number {
    const extras = this.#extras.addRow();
    const { numbers } = this.#extras;
    numbers[extras + SHAPE] = shape;
    numbers[extras + MARKERS] = NO_ROW;
    numbers[extras + LABELS] = NO_ROW;
    this.numbers[row + FORM] = ~extras;
    return extras;
  }
}
