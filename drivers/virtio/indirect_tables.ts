/**
 * Tables of descriptors for buffers of several pieces, which take one place in the ring.
 *
 * Linux: alloc_indirect_split() in drivers/virtio/virtio_ring.c. VIRTIO 1.4, 2.7.5.3
 *
 * @module
 */
import { VRING_DESC_SIZE } from "../../uapi/virtio_ring.ts";
import { KernelError } from "../../kernel/errors.ts";
import type { Mem, Memory } from "../../kernel/mem.ts";

/** Tables hold a power of two of descriptors, so that they can serve again: 2 to this many, at least 2. */
function tableOrder(count: number): number {
  return count <= 2 ? 1 : 32 - Math.clz32(count - 1);
}

/** The tables of one queue, those in use by the descriptor that points to them. */
export class IndirectTables {
  readonly #mem: Mem;
  readonly #owner: string;
  readonly #used: (Memory | undefined)[] = [];
  /** Those that are not in use, by their {@linkcode tableOrder}. */
  readonly #spare: Memory[][] = [];

  /** Takes its memory for an owner. */
  constructor(mem: Mem, owner: string) {
    this.#mem = mem;
    this.#owner = owner;
  }

  /** A table for so many descriptors; `undefined` when memory is short. */
  take(count: number): Memory | undefined {
    const order = tableOrder(count);
    const spare = this.#spare[order]?.pop();
    if (spare !== undefined) return spare;
    try {
      return this.#mem.alloc(VRING_DESC_SIZE << order, this.#owner);
    } catch (error) {
      if (error instanceof KernelError && error.code === "ENOMEM") return undefined;
      throw error;
    }
  }

  /** A descriptor points to a table. */
  use(head: number, table: Memory): undefined {
    this.#used[head] = table;
  }

  /** A descriptor does not point to its table any more, if it has one. */
  put(head: number): undefined {
    const table = this.#used[head];
    if (table === undefined) return;
    this.#used[head] = undefined;
    (this.#spare[tableOrder(table.size / VRING_DESC_SIZE)] ??= []).push(table);
  }

  /** Gives all memory back. */
  free(): undefined {
    for (const table of this.#spare.flat()) this.#mem.free(table);
    for (const table of this.#used) if (table !== undefined) this.#mem.free(table);
  }
}
