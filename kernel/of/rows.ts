/** Rows of a page, and bits of a row's number that tell it in its page. */
const PAGE_BITS = 12;
const PAGE_ROWS = 1 << PAGE_BITS;
/** Rows that there is room for at first. */
const FIRST_ROWS = 64;

/** No row. */
export const NO_ROW = -1;

/**
 * Rows of whole numbers of 32 bits, for what there are hundreds of thousands of in large trees: no object
 * for each, no garbage, and nothing is moved when there are more.
 */
export class Rows {
  #count = 0;
  readonly #columns: number;
  readonly #pages: Int32Array[];

  /** Has so many numbers in each row. */
  constructor(columns: number) {
    this.#columns = columns;
    this.#pages = [new Int32Array(FIRST_ROWS * columns)];
  }

  /** Adds a row of zeros, and gives its number: one more than that of the row before. */
  addRow(): number {
    const row = this.#count++;
    if (row >> PAGE_BITS === this.#pages.length) {
      this.#pages.push(new Int32Array(PAGE_ROWS * this.#columns));
    } else if (row < PAGE_ROWS && row * this.#columns === this.#pages[0].length) this.#growFirst();
    return row;
  }

  #growFirst(): void {
    const grown = new Int32Array(2 * this.#pages[0].length);
    grown.set(this.#pages[0]);
    this.#pages[0] = grown;
  }

  /** The number in a column of a row. */
  get(row: number, column: number): number {
    return this.#pages[row >> PAGE_BITS][(row & PAGE_ROWS - 1) * this.#columns + column];
  }

  /** Stores a number, as a signed one. */
  set(row: number, column: number, value: number): void {
    this.#pages[row >> PAGE_BITS][(row & PAGE_ROWS - 1) * this.#columns + column] = value;
  }
}
