/**
 * The labels of a device tree compiler: rows of a table, each list a chain of them.
 *
 * @module
 */
import type { Span } from "./dts/source.ts";
import type { Names } from "./names.ts";
import { NO_ROW, Rows } from "./rows.ts";

// Columns.
const NAME = 0;
const START = 1;
const END = 2;
/** The row of the next label of the list. */
const NEXT = 3;
const DELETED = 4;
const COLUMNS = 5;

/** All labels of one tree. A list is the row of its first label, {@linkcode NO_ROW} if it is empty. */
export class LabelTable extends Rows {
  /** Has no labels. */
  constructor(readonly names: Names) {
    super(COLUMNS);
  }

  /** A new label, a list of its own. It stands from `start` to `end`, or nowhere in source text. */
  add(name: number, start = -1, end = -1): number {
    const row = this.addRow();
    this.numbers[row + NAME] = name;
    this.numbers[row + START] = start;
    this.numbers[row + END] = end;
    this.numbers[row + NEXT] = NO_ROW;
    return row;
  }

  /** A new label that does not come from source text. */
  addText(name: string): number {
    return this.add(this.names.addText(name));
  }

  /** The number of a label's name. */
  nameAt(row: number): number {
    return this.numbers[row + NAME];
  }

  /** Where a label stands, -1 if it does not come from source text. */
  startOf(row: number): number {
    return this.numbers[row + START];
  }

  /** The position behind a label's colon. */
  endOf(row: number): number {
    return this.numbers[row + END];
  }

  /** Whether a label was deleted with what it labels. It keeps its place. */
  isDeleted(row: number): boolean {
    return this.numbers[row + DELETED] !== 0;
  }

  /** Says whether a label is deleted. */
  setDeleted(row: number, deleted: boolean): void {
    this.numbers[row + DELETED] = deleted ? 1 : 0;
  }

  /** The next label of a list. */
  next(row: number): number {
    return this.numbers[row + NEXT];
  }

  /** Puts a list behind a label, the last one of its own list. */
  link(row: number, next: number): void {
    this.numbers[row + NEXT] = next;
  }

  /** The last label of a list. */
  last(list: number): number {
    let row = list;
    while (row !== NO_ROW && this.next(row) !== NO_ROW) row = this.next(row);
    return row;
  }

  /** The label of a list that has a name, deleted or not. */
  find(list: number, name: number): number {
    let row = list;
    while (row !== NO_ROW && this.nameAt(row) !== name) row = this.next(row);
    return row;
  }

  /** Puts a label in front of a list; one of its name that was deleted comes back instead. Gives the list. */
  put(list: number, row: number): number {
    const old = this.find(list, this.nameAt(row));
    if (old === NO_ROW) {
      this.link(row, list);
      return row;
    }
    this.setDeleted(old, false);
    return list;
  }

  /** The labels of a list, in order. */
  labels(list: number): readonly CompileLabel[] {
    if (list === NO_ROW) return NO_LABELS;
    const labels: CompileLabel[] = [];
    for (let row = list; row !== NO_ROW; row = this.next(row)) {
      labels.push(new CompileLabel(this, row));
    }
    return labels;
  }
}

const NO_LABELS: readonly never[] = [];

/** A label, as long as somebody looks at it. Deleted ones stay, to keep their place. */
export class CompileLabel implements Span {
  readonly #table: LabelTable;

  /** Stands for a row of a table. */
  constructor(table: LabelTable, readonly row: number) {
    this.#table = table;
  }

  /** The name. */
  get name(): string {
    return this.#table.names.text(this.#table.nameAt(this.row));
  }

  /** Where it stands, -1 if it does not come from source text. */
  get start(): number {
    return this.#table.startOf(this.row);
  }

  /** The position behind its colon. */
  get end(): number {
    return this.#table.endOf(this.row);
  }

  /** Whether it was deleted with what it labels. */
  get deleted(): boolean {
    return this.#table.isDeleted(this.row);
  }

  /** Where it stands; `undefined` if it does not come from source text. */
  get span(): Span | undefined {
    return this.start < 0 ? undefined : this;
  }
}

/** The labels that are not deleted. */
export function liveLabels(labels: readonly CompileLabel[]): readonly CompileLabel[] {
  return labels.length === 0 ? labels : labels.filter(({ deleted }) => !deleted);
}
