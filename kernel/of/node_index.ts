import type { CompileNode } from "./compile_node.ts";
import type { NodeTable } from "./node_table.ts";
import { NO_ROW } from "./rows.ts";

/** There are at most so many places for each node. */
const PLACES_FOR_EACH = 8;
/** There may be places for so many more. */
const NODES_TO_COME = 16;

/** Finds nodes of one table by numbers, most of which are small, as phandles and numbers of names are. */
export class NodeIndex {
  readonly #table: NodeTable;
  /** Rows by number, as far as there are places. */
  #rows = new Int32Array(0);
  /** Rows of greater numbers. */
  readonly #others = new Map<number, number>();
  /** How often a node was put in. */
  #count = 0;

  /** Has no nodes. */
  constructor(table: NodeTable) {
    this.#table = table;
  }

  /** The node of a number. */
  get(number: number): CompileNode | undefined {
    const row = this.#rowOf(number);
    return row === NO_ROW ? undefined : this.#table.node(row);
  }

  /** Whether a number has a node. */
  has(number: number): boolean {
    return this.#rowOf(number) !== NO_ROW;
  }

  #rowOf(number: number): number {
    if (number < this.#rows.length) return this.#rows[number];
    return this.#others.get(number) ?? NO_ROW;
  }

  /** Makes a node that of a number. */
  set(number: number, { row }: CompileNode): void {
    this.#count++;
    if (number >= this.#rows.length) this.#makeRoom(number);
    if (number < this.#rows.length) this.#rows[number] = row;
    else this.#others.set(number, row);
  }

  /** Leaves a number without a node. */
  delete(number: number): void {
    if (number < this.#rows.length) this.#rows[number] = NO_ROW;
    else this.#others.delete(number);
  }

  /** Makes places up to a number, unless it is too great for so few nodes, or they are hardly more than before. */
  #makeRoom(number: number): void {
    const places = PLACES_FOR_EACH * (NODES_TO_COME + this.#count);
    if (number >= places || places < 2 * this.#rows.length) return;
    const rows = new Int32Array(places).fill(NO_ROW);
    rows.set(this.#rows);
    for (const [other, row] of this.#others) {
      if (other >= places) continue;
      rows[other] = row;
      this.#others.delete(other);
    }
    this.#rows = rows;
  }
}
