import type { Kernel } from "./kernel.ts";

/** Things that are known by their names. Who looks one up, or changes it, is reported to the lab. */
export class Registry<T> extends Map<string, T> {
  readonly #kernel: Kernel;

  /** @param object What the lab calls one of them: `"bus"`. */
  constructor(kernel: Kernel, readonly object: string) {
    super();
    this.#kernel = kernel;
  }

  override get(name: string): T | undefined {
    this.#kernel.access?.(this.object, name, "read");
    return super.get(name);
  }

  override has(name: string): boolean {
    this.#kernel.access?.(this.object, name, "read");
    return super.has(name);
  }

  override set(name: string, value: T): this {
    this.#kernel.access?.(this.object, name, "write");
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    this.#kernel.access?.(this.object, name, "write");
    return super.delete(name);
  }
}
