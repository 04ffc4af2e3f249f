import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";

/** Hands out small numbers: always the lowest free one. Linux: struct ida */
export class Ida {
  readonly #used = new Set<number>();
  readonly #kernel: Kernel;
  /** All numbers below are taken. */
  #lowest = 0;

  constructor(kernel: Kernel, readonly name: string) {
    this.#kernel = kernel;
  }

  /**
   * Takes the lowest free number from `min` to `max`, both included.
   *
   * Linux: ida_alloc_range()
   *
   * @throws {KernelError} `ENOSPC` when none is free.
   */
  alloc(min = 0, max = Infinity): number {
    this.#kernel.access?.("ida", this.name, "take");
    this.#kernel.failable(`a number from ${this.name}`);
    let id = Math.max(min, this.#lowest);
    while (this.#used.has(id)) id++;
    if (id > max) {
      throw new KernelError("ENOSPC", `${this.name}: no free number from ${min} to ${max}`);
    }
    this.#used.add(id);
    if (id === this.#lowest) this.#lowest++;
    this.#kernel.found("number", this.name, id);
    return id;
  }

  /** Gives a number back. Linux: ida_free() */
  free(id: number): undefined {
    this.#kernel.access?.("ida", this.name, "write");
    this.#used.delete(id);
    if (id < this.#lowest) this.#lowest = id;
  }

  /** How many numbers are out. */
  get size(): number {
    return this.#used.size;
  }
}
