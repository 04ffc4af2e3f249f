/** Rows that there is room for at first. */
const FIRST_ROWS = 64;

/** No row. */
export const NO_ROW = -1;

/**
 * Rows of whole numbers of 32 bits, for what there are hundreds of thousands of in large trees: no object
 * for each, and no garbage.
 */
export class Rows {
  #count = 0;
  readonly #columns: number;
  #numbers: Int32Array;

  /** Has so many numbers in each row. */
  constructor(columns: number) {
    this.#columns = columns;
    this.#numbers = new Int32Array(FIRST_ROWS * columns);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Makes room for so many rows. Room that is not used costs nothing: its memory is never touched. */
  reserve(rows: number): void {
    if (rows * this.#columns <= this.#numbers.length) return;
    const grown = new Int32Array(rows * this.#columns);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }

  /** Adds a row of zeros, and gives its number: one more than that of the row before. */
  addRow(): number {
    if (this.#count * this.#columns === this.#numbers.length) this.reserve(2 * this.#count);
    return this.#count++;
  }

  /** The number in a column of a row. */
  get(row: number, column: number): number {
    return this.#numbers[row * this.#columns + column];
  }

  /** Stores a number, as a signed one. */
  set(row: number, column: number, value: number): void {
    this.#numbers[row * this.#columns + column] = value;
  }
}
