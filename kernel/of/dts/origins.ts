import type { Span } from "./source.ts";

/** A use of a macro that text came out of. */
export interface Expansion {
  /** Name of the macro. */
  readonly macro: string;
  /** Where its definition names it; `undefined` if it is built in. */
  readonly definedAt: Span | undefined;
  /** Where it is used: its name, with all arguments. */
  readonly use: Span;
  /** Index of the expansion that the use itself came out of, -1 if it stands in the text. */
  readonly parent: number;
}

/** Where pieces of a text that a preprocessor wrote come from. */
export class OriginMap {
  /** All uses of macros. */
  readonly expansions: Expansion[] = [];
  readonly #starts: number[] = [];
  readonly #origins: number[] = [];
  readonly #expansionOf: number[] = [];

  /**
   * Notes a piece, behind all earlier ones.
   *
   * @param start Byte offset in the text.
   * @param origin Position that it was copied from.
   * @param expansion Index of the expansion that wrote it, -1 if it was only copied.
   */
  add(start: number, origin: number, expansion: number): void {
    this.#starts.push(start);
    this.#origins.push(origin);
    this.#expansionOf.push(expansion);
  }

  /** Where a byte of the text comes from, and the innermost use of a macro that wrote it. */
  at(offset: number): { origin: number; expansion: Expansion | undefined } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    const origin = this.#origins[low] + Math.max(0, offset - this.#starts[low]);
    return { origin, expansion: this.expansions[this.#expansionOf[low]] };
  }

  /** The uses of macros from the innermost out to the one that stands in the text. */
  chain(expansion: Expansion | undefined): Expansion[] {
    const chain: Expansion[] = [];
    for (let at = expansion; at !== undefined; at = this.expansions[at.parent]) chain.push(at);
    return chain;
  }
}
