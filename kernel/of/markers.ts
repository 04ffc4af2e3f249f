/**
 * How the values of properties were written: where types begin, where labels and references stand. Of
 * many properties this is the same but for names and places: they share a shape, and names and places are
 * rows of a table.
 *
 * @module
 */
import type { Span } from "./dts/source.ts";
import type { Names } from "./names.ts";
import type { Marker } from "./node.ts";
import { NO_ROW, Rows } from "./rows.ts";

/** The types that a part of a value can have. */
export type TypeKind = "string" | "u8" | "u16" | "u32" | "u64";
/** What has a name and a place. */
export type NamedKind = "label" | "phandle" | "path";

/**
 * How a part of a value was written, and where: what follows is of a type (as long as no other type is
 * named), a label, or a reference to be resolved. A type has no place of its own: `start` and `end` are -1.
 */
export interface CompileMarker extends Marker, Partial<Span> {}

const KINDS: readonly Marker["kind"][] = [
  ...["string", "u8", "u16", "u32", "u64"] as const,
  ...["label", "phandle", "path"] as const,
];

/** Markers in front of this offset are told apart by a number. */
const OFFSET_MAX = 64;
/** Shapes with more markers are not shared. */
const LENGTH_MAX = 4;
/** So many shapes are shared; then each value has its own. */
const SHARED_MAX = 1000;

/** Whether a kind is a name and a place, not a type. */
export function isNamed(kind: Marker["kind"]): kind is NamedKind {
  return kind === "label" || kind === "phandle" || kind === "path";
}

/** The markers of a value without their names and places. */
export class MarkerShape {
  /** Which kinds there are that have a name. */
  readonly has: Readonly<Record<NamedKind, boolean>>;
  readonly #longer: (MarkerShape | undefined)[] = [];

  /**
   * @param marks The markers; those that have names and places without them.
   * @param number The number by which its table knows it.
   */
  constructor(readonly marks: readonly CompileMarker[], readonly number: number) {
    const has = (kind: NamedKind) => marks.some((mark) => mark.kind === kind);
    this.has = { label: has("label"), phandle: has("phandle"), path: has("path") };
  }

  /** The shape that has one marker more, if it is there already. */
  longer(kind: Marker["kind"], offset: number): MarkerShape | undefined {
    return offset < OFFSET_MAX ? this.#longer[longerAt(kind, offset)] : undefined;
  }

  /** Takes note of the shape that has one marker more. */
  setLonger(kind: Marker["kind"], offset: number, shape: MarkerShape): void {
    this.#longer[longerAt(kind, offset)] = shape;
  }
}

function longerAt(kind: Marker["kind"], offset: number): number {
  return KINDS.indexOf(kind) * OFFSET_MAX + offset;
}

function mark(kind: Marker["kind"], offset: number): CompileMarker {
  return { kind, offset, text: "", start: -1, end: -1 };
}

// Columns.
const NAME = 0;
const START = 1;
const END = 2;
const COLUMNS = 3;

/**
 * All markers of the properties of one tree: shapes by number, and a row for each label and reference. The
 * markers of a property are a shape and the first of its rows, which come one behind the other.
 */
export class MarkerTable extends Rows {
  readonly #shapes: MarkerShape[] = [new MarkerShape([], 0)];
  #shared = 0;

  /** Has the empty shape, number 0. */
  constructor(readonly names: Names) {
    super(COLUMNS);
  }

  /** The shape of a number. */
  shape(number: number): MarkerShape {
    return this.#shapes[number];
  }

  /** A new shape. */
  addShape(marks: readonly CompileMarker[]): MarkerShape {
    const shape = new MarkerShape(marks, this.#shapes.length);
    this.#shapes.push(shape);
    return shape;
  }

  /** The shape that has one marker more; `undefined` if such shapes are not shared. */
  longer(shape: MarkerShape, kind: Marker["kind"], offset: number): MarkerShape | undefined {
    const known = shape.longer(kind, offset);
    if (known !== undefined) return known;
    if (offset >= OFFSET_MAX || shape.marks.length === LENGTH_MAX) return undefined;
    if (this.#shared++ >= SHARED_MAX) return undefined;
    const longer = this.addShape([...shape.marks, mark(kind, offset)]);
    shape.setLonger(kind, offset, longer);
    return longer;
  }

  /** Adds the row of a label or reference that stands from `start` to `end`. */
  addNamed(name: number, start: number, end: number): number {
    const row = this.addRow();
    this.numbers[row + NAME] = name;
    this.numbers[row + START] = start;
    this.numbers[row + END] = end;
    return row;
  }

  /** The number of the name of a row's label or reference. */
  nameAt(row: number): number {
    return this.numbers[row + NAME];
  }

  /** Where a row's label or reference stands; `undefined` outside of source text. */
  spanAt(row: number): Span | undefined {
    const start = this.numbers[row + START];
    return start < 0 ? undefined : { start, end: this.numbers[row + END] };
  }

  /** The markers of a shape, with rows from `first` on. */
  list(shape: MarkerShape, first: number): readonly CompileMarker[] {
    const { label, phandle, path } = shape.has;
    if (!label && !phandle && !path) return shape.marks;
    let row = first - COLUMNS;
    return shape.marks.map((mark) => isNamed(mark.kind) ? this.#named(mark, row += COLUMNS) : mark);
  }

  #named({ kind, offset }: CompileMarker, row: number): CompileMarker {
    const text = this.names.text(this.nameAt(row));
    return { kind, offset, text, start: this.numbers[row + START], end: this.numbers[row + END] };
  }

  /** Shows offsets and rows of the markers of one kind of a shape, with rows from `first` on. */
  each(
    shape: MarkerShape,
    first: number,
    kind: NamedKind,
    look: (offset: number, row: number) => void,
  ): void {
    let row = first;
    for (let at = 0; at < shape.marks.length; at++) {
      const mark = shape.marks[at];
      if (mark.kind === kind) look(mark.offset, row);
      if (isNamed(mark.kind)) row += COLUMNS;
    }
  }
}

/** Puts together the markers of one value after the other. */
export class MarkerBuilder {
  readonly #table: MarkerTable;
  /** The shape so far, as long as it is shared. */
  #shape: MarkerShape;
  /** The shape so far when it is not shared any more. */
  #own: CompileMarker[] | undefined = undefined;
  /** The first row. */
  #first = NO_ROW;

  /** Puts markers into a table. */
  constructor(table: MarkerTable) {
    this.#table = table;
    this.#shape = table.shape(0);
  }

  /** A type begins at an offset. */
  type(kind: TypeKind, offset: number): void {
    this.#add(kind, offset);
  }

  /** A label or reference is at an offset. */
  named(kind: NamedKind, offset: number, name: number, start: number, end: number): void {
    this.#add(kind, offset);
    const row = this.#table.addNamed(name, start, end);
    if (this.#first === NO_ROW) this.#first = row;
  }

  #add(kind: Marker["kind"], offset: number): void {
    if (this.#own !== undefined) this.#own.push(mark(kind, offset));
    else {
      const longer = this.#table.longer(this.#shape, kind, offset);
      if (longer !== undefined) this.#shape = longer;
      else this.#own = [...this.#shape.marks, mark(kind, offset)];
    }
  }

  /** Adds markers that are there already. */
  addAll(markers: readonly CompileMarker[]): void {
    for (const { kind, offset, text, start = -1, end = -1 } of markers) {
      if (!isNamed(kind)) this.type(kind, offset);
      else this.named(kind, offset, this.#table.names.addText(text), start, end);
    }
  }

  /** Ends a value's markers, which become those of `owner`; those of a new value begin. */
  finish(owner: { setMarkers(shape: MarkerShape, first: number): void }): void {
    const shape = this.#own === undefined ? this.#shape : this.#table.addShape(this.#own);
    owner.setMarkers(shape, this.#first);
    this.#shape = this.#table.shape(0);
    this.#own = undefined;
    this.#first = NO_ROW;
  }
}
