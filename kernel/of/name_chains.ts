import type { PropertyTable } from "./property_table.ts";
import { NO_ROW } from "./rows.ts";

/** Chains of the properties of each name in a tree, one of each node, in the order in which they are added. */
export class NameChains {
  /** Numbers of the names, in the order of their first appearance. */
  readonly numbers: number[] = [];
  readonly #table: PropertyTable;
  #first: Int32Array;
  #last: Int32Array;

  /** Has no chains; they are kept in the table, which can hold those of one tree at a time. */
  constructor(table: PropertyTable) {
    this.#table = table;
    this.#first = new Int32Array(table.names.count).fill(NO_ROW);
    this.#last = this.#first.slice();
  }

  /** The first row of the chain of a name's number, {@linkcode NO_ROW} if there is none. */
  first(number: number): number {
    return number >= 0 && number < this.#first.length ? this.#first[number] : NO_ROW;
  }

  /** Adds a row to the chain of its name; false if the one before is of the same node. */
  add(row: number): boolean {
    const table = this.#table;
    const number = table.nameAt(row);
    if (number >= this.#first.length) this.#grow();
    const last = this.#last[number];
    if (last === NO_ROW) {
      this.#first[number] = row;
      this.numbers.push(number);
    } else {
      if (table.nodeOf(last) === table.nodeOf(row)) return false;
      table.setNamesake(last, row);
    }
    table.setNamesake(row, NO_ROW);
    this.#last[number] = row;
    return true;
  }

  #grow(): void {
    const grow = (old: Int32Array) => {
      const grown = new Int32Array(2 * this.#table.names.count).fill(NO_ROW);
      grown.set(old);
      return grown;
    };
    this.#first = grow(this.#first);
    this.#last = grow(this.#last);
  }
}
