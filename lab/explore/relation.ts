/**
 * A relation between the steps of a run, as a matrix of bits.
 *
 * @module
 */

const WORD = 32;

/** Which of `size` things come before which. */
export class Relation {
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(
    /** Number of things, counted from 0. */
    readonly size: number,
  ) {
    this.#words = Math.ceil(size / WORD);
    this.#bits = new Uint32Array(size * this.#words);
  }

  /** True when `a` comes before `b`. */
  has(a: number, b: number): boolean {
    return (this.#bits[b * this.#words + (a >>> 5)] & (1 << (a & 31))) !== 0;
  }

  /** From now on `a`, and all that comes before `a`, comes before `b`. */
  add(a: number, b: number): undefined {
    const words = this.#words;
    for (let i = 0; i < words; i++) this.#bits[b * words + i] |= this.#bits[a * words + i];
    this.#bits[b * words + (a >>> 5)] |= 1 << (a & 31);
  }

  /** What comes before `b`, in ascending order. */
  before(b: number): number[] {
    const all: number[] = [];
    for (let a = 0; a < this.size; a++) if (this.has(a, b)) all.push(a);
    return all;
  }
}
