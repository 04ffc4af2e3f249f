/** Rows that there is room for at first. */
const FIRST_ROWS = 16;

/** No row. */
export const NO_ROW = -1;

/**
 * Rows of whole numbers of 32 bits, for what there are hundreds of thousands of in large trees: no object
 * for each, and no garbage. A row is known by the place of its first number.
 */
export class Rows {
  /** The rows one behind the other, for those who know the columns; another array once there are more. */
  numbers: Int32Array;
  /** The place behind the last row. */
  end = 0;
  readonly #columns: number;

  /** Has so many numbers in each row. */
  constructor(columns: number) {
    this.#columns = columns;
    this.numbers = new Int32Array(FIRST_ROWS * columns);
  }

  /** How many rows there are. */
  get count(): number {
    return this.end / this.#columns;
  }

  /** Makes room for so many rows. Room that is not used costs nothing: its memory is never touched. */
  reserve(rows: number): void {
    if (rows * this.#columns <= this.numbers.length) return;
    const grown = new Int32Array(rows * this.#columns);
    grown.set(this.numbers);
    this.numbers = grown;
  }

  /** Adds a row of zeros. */
  addRow(): number {
    if (this.end === this.numbers.length) this.reserve(2 * this.count);
    const row = this.end;
    this.end += this.#columns;
    return row;
  }
}
