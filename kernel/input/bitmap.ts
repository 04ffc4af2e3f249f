/** A set of small numbers as Linux keeps and prints it. Linux: DECLARE_BITMAP(), __set_bit() */
export class Bitmap {
  readonly #words: Uint32Array;

  constructor(
    /** Number of bits. */
    readonly size: number,
  ) {
    this.#words = new Uint32Array(Math.ceil(size / 64) * 2);
  }

  /** Linux: test_bit() */
  has(bit: number): boolean {
    return bit >= 0 && bit < this.size && (this.#words[bit >> 5] >>> (bit & 31) & 1) === 1;
  }

  /** Linux: __set_bit(); bits past the end are left out. */
  add(bit: number): undefined {
    if (bit >= 0 && bit < this.size) this.#words[bit >> 5] |= 1 << (bit & 31);
  }

  /** Linux: __clear_bit() */
  delete(bit: number): undefined {
    if (bit >= 0 && bit < this.size) this.#words[bit >> 5] &= ~(1 << (bit & 31));
  }

  /** The numbers in it, ascending, from `from` on. */
  *values(from = 0): Iterable<number> {
    for (let bit = from; bit < this.size; bit++) if (this.has(bit)) yield bit;
  }

  /** Words of 64 bits in hexadecimal, the highest first, without leading zero words. Linux: input_print_bitmap() */
  toString(): string {
    const words: string[] = [];
    for (let at = this.#words.length - 2; at >= 0; at -= 2) {
      const high = this.#words[at + 1];
      const low = this.#words[at];
      if (words.length === 0 && high === 0 && low === 0 && at > 0) continue;
      words.push(
        high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0"),
      );
    }
    return words.join(" ");
  }
}
