/**
 * Arrays of `awk`. Their order is that of busybox: by the hash of the key, newest first where hashes meet.
 *
 * @module
 */
import { type Cell, UNSET } from "./value.ts";

/** Sizes of the table: it grows when there are ten elements for each place. */
const SIZES = [61, 251, 1021, 4093, 16381, 65521];
const ELEMENTS_PER_PLACE = 10;

function hash(key: string): number {
  let value = 0;
  for (let at = 0; at < key.length; at++) {
    value = (key.charCodeAt(at) + (value << 6) + (value >>> 26)) >>> 0;
  }
  return value;
}

/** An array: values by key. */
export class AwkArray {
  readonly #cells = new Map<string, Cell>();
  #size = 0;
  /** Keys by place. */
  #table: string[][] = Array.from({ length: SIZES[0] }, () => []);

  get length(): number {
    return this.#cells.size;
  }

  has(key: string): boolean {
    return this.#cells.has(key);
  }

  /** A value, which comes to be when nobody has set it. */
  get(key: string): Cell {
    const found = this.#cells.get(key);
    if (found !== undefined) return found;
    this.set(key, UNSET);
    return UNSET;
  }

  set(key: string, cell: Cell): undefined {
    if (!this.#cells.has(key)) this.#insert(key);
    this.#cells.set(key, cell);
  }

  delete(key: string): undefined {
    if (!this.#cells.delete(key)) return;
    const place = this.#table[hash(key) % this.#table.length];
    place.splice(place.indexOf(key), 1);
  }

  clear(): undefined {
    for (const key of this.keys()) this.delete(key);
  }

  /** Keys in the order in which `for (key in array)` sees them. */
  keys(): string[] {
    return this.#table.flat();
  }

  #insert(key: string): undefined {
    const full = this.#cells.size + 1 > this.#table.length * ELEMENTS_PER_PLACE;
    if (full && this.#size + 1 < SIZES.length) this.#grow();
    this.#table[hash(key) % this.#table.length].unshift(key);
  }

  #grow(): undefined {
    const keys = this.keys();
    this.#table = Array.from({ length: SIZES[++this.#size] }, () => []);
    for (const key of keys) this.#table[hash(key) % this.#table.length].unshift(key);
  }
}
