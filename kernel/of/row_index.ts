import type { PropertyTable } from "./property_table.ts";
import { NO_ROW } from "./rows.ts";

const FIRST_SLOTS = 32;
/** Spreads numbers that follow one another. */
const FACTOR = 0x9e3779b1;

/** Finds the first row with the number of a name in a chain of properties that only grows. */
export class RowIndex {
  /** Hash table of rows plus one, at most half full. */
  #slots = new Int32Array(FIRST_SLOTS);
  #count = 0;
  #last = NO_ROW;

  /** The row of a name in the chain that starts with `first`, {@linkcode NO_ROW} if there is none. */
  find(table: PropertyTable, first: number, name: number): number {
    let row = this.#last === NO_ROW ? first : table.next(this.#last);
    for (; row !== NO_ROW; row = table.next(row)) {
      this.#add(table, row);
      this.#last = row;
    }
    return this.#slots[this.#slotOf(table, name)] - 1;
  }

  #add(table: PropertyTable, row: number): void {
    if (2 * this.#count >= this.#slots.length) this.#grow(table);
    const slot = this.#slotOf(table, table.nameAt(row));
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = row + 1;
    this.#count++;
  }

  /** The slot that holds the row of a name, or that it would be put into. */
  #slotOf(table: PropertyTable, name: number): number {
    const slots = this.#slots;
    let slot = Math.imul(name, FACTOR) >>> Math.clz32(slots.length - 1);
    while (slots[slot] !== 0 && table.nameAt(slots[slot] - 1) !== name) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  #grow(table: PropertyTable): void {
    const old = this.#slots;
    this.#slots = new Int32Array(4 * old.length);
    for (const entry of old) {
      if (entry !== 0) this.#slots[this.#slotOf(table, table.nameAt(entry - 1))] = entry;
    }
  }
}
