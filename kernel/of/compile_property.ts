/**
 * The properties of a device tree compiler, as somebody looks at them: rows of {@linkcode PropertyTable}.
 *
 * @module
 */
import { readBe32 } from "./bytes.ts";
import type { CompileLabel } from "./compile_label.ts";
import type { NamedSpan } from "./dts/source.ts";
import type { CompileMarker, MarkerShape, NamedKind, TypeKind } from "./markers.ts";
import type { PropertyTable } from "./property_table.ts";

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

  /** The number of the name. */
  get nameNumber(): number {
    return this.#table.nameAt(this.row);
  }

  /** Another one that stands for the same property. */
  copy(): CompileProperty {
    return new CompileProperty(this.#table, this.row);
  }

  /** The array that holds the value. */
  get data(): Uint8Array {
    return this.#table.dataOf(this.row);
  }

  /** First byte of the value. */
  get start(): number {
    return this.#table.startOf(this.row);
  }

  /** The byte behind the last one of the value. */
  get end(): number {
    return this.#table.endOf(this.row);
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
    this.#table.setValue(this.row, data, start, end);
  }

  /** The 32-bit cell at `index`. The caller has checked that it lies inside. */
  cell(index: number): number {
    return readBe32(this.data, this.start + 4 * index);
  }

  /** The value if it is one cell. */
  get onlyCell(): number | undefined {
    return this.#table.onlyCell(this.row);
  }

  /** Whether it is known how the value was written. */
  get isMarked(): boolean {
    return this.#table.shapeOf(this.row).marks.length > 0;
  }

  /** How the value was written, by offset. Looking costs a list: use {@linkcode eachMarker} in loops. */
  get markers(): readonly CompileMarker[] {
    const table = this.#table;
    return table.markers.list(table.shapeOf(this.row), table.markersOf(this.row));
  }

  set markers(markers: readonly CompileMarker[]) {
    const { builder } = this.#table;
    builder.addAll(markers);
    builder.finish(this);
  }

  /** Makes a shape, with the rows from `first` on, what it was written like. */
  setMarkers(shape: MarkerShape, first: number): void {
    this.#table.setMarkers(this.row, shape.number, first);
  }

  /** Whether the value has labels or references of a kind. */
  hasMarker(kind: NamedKind): boolean {
    return this.#table.shapeOf(this.row).has[kind];
  }

  /** Shows the labels or references of a kind: offsets in the value, and rows of the table of markers. */
  eachMarker(kind: NamedKind, look: (offset: number, row: number) => void): void {
    const table = this.#table;
    table.markers.each(table.shapeOf(this.row), table.markersOf(this.row), kind, look);
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
    return this.#table.labelsOf(this.row);
  }

  set labelList(list: number) {
    this.#table.setLabels(this.row, list);
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
    this.#table.setDeleted(this.row, deleted);
  }

  /** Where it stands, from the first label, keyword or name on; `undefined` outside of source text. */
  get place(): NamedSpan | undefined {
    const { row } = this;
    const table = this.#table;
    const name = table.nameStartOf(row);
    if (name < 0) return undefined;
    const nameSpan = { start: name, end: name + this.name.length };
    return { start: table.placeStartOf(row), end: table.placeEndOf(row), nameSpan };
  }

  /** Says where it and its name begin in the source, and where it ends, semicolon included. */
  placeAt(start: number, nameStart: number, end: number): void {
    this.#table.setPlace(this.row, start, nameStart, end);
  }

  /** Says that it ends, semicolon included, in front of a position. */
  endAt(position: number): void {
    this.#table.setPlaceEnd(this.row, position);
  }

  /** Takes over the value of a later assignment, of the same table, and its place. */
  assign(later: CompileProperty): void {
    const table = this.#table;
    this.deleted = false;
    this.setValue(later.data, later.start, later.end);
    this.setMarkers(table.shapeOf(later.row), table.markersOf(later.row));
    const start = table.placeStartOf(later.row);
    this.placeAt(start, table.nameStartOf(later.row), table.placeEndOf(later.row));
  }

  /** Deletes it; it keeps its place. dtc: delete_property() */
  delete(): void {
    this.deleted = true;
    const { labels } = this.#table;
    for (const { row } of this.labels) labels.setDeleted(row, true);
  }
}
