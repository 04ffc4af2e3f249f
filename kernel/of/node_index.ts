import type { CompileNode } from "./compile_node.ts";

const FIRST_NUMBERS = 1024;
/** The array has at most so many places for each node, and as many for those that are to come. */
const PLACES_FOR_EACH = 8;

/** Finds nodes by numbers, most of which are small, as phandles and numbers of names are. */
export class NodeIndex {
  /** By number, as far as there are places. */
  #nodes: (CompileNode | undefined)[] = new Array(FIRST_NUMBERS);
  /** Nodes of greater numbers. */
  readonly #others = new Map<number, CompileNode>();
  /** How often a node was put in. */
  #count = 0;

  /** The node of a number. */
  get(number: number): CompileNode | undefined {
    return number < this.#nodes.length ? this.#nodes[number] : this.#others.get(number);
  }

  /** Whether a number has a node. */
  has(number: number): boolean {
    return this.get(number) !== undefined;
  }

  /** Makes a node that of a number. */
  set(number: number, node: CompileNode): void {
    this.#count++;
    if (number >= this.#nodes.length) this.#makeRoom(number);
    if (number < this.#nodes.length) this.#nodes[number] = node;
    else this.#others.set(number, node);
  }

  /** Leaves a number without a node. */
  delete(number: number): void {
    if (number < this.#nodes.length) this.#nodes[number] = undefined;
    else this.#others.delete(number);
  }

  /** Makes places up to a number, unless it is too great for so few nodes. */
  #makeRoom(number: number): void {
    const places = PLACES_FOR_EACH * (FIRST_NUMBERS + this.#count);
    if (number >= places) return;
    const nodes: (CompileNode | undefined)[] = new Array(places);
    this.#nodes.forEach((node, at) => nodes[at] = node);
    for (const [other, node] of this.#others) {
      if (other >= places) continue;
      nodes[other] = node;
      this.#others.delete(other);
    }
    this.#nodes = nodes;
  }
}
