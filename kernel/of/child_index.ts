import type { CompileNode } from "./compile_node.ts";

/** Finds the first child with the number of a name in a list that only grows. */
export class ChildIndex {
  readonly #index = new Map<number, CompileNode>();
  #indexed = 0;

  /** The child of a name in the list. */
  find(list: readonly CompileNode[], name: number): CompileNode | undefined {
    for (; this.#indexed < list.length; this.#indexed++) {
      const entry = list[this.#indexed];
      if (!this.#index.has(entry.nameNumber)) this.#index.set(entry.nameNumber, entry);
    }
    return this.#index.get(name);
  }
}
