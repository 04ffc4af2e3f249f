import type { MemoryFile } from "./node.ts";

const INITIAL_CAPACITY = 256;

/** A file that somebody made: its bytes are kept in memory. Linux: mm/shmem.c */
export class TmpFile implements MemoryFile {
  readonly kind = "file";
  mode: number;
  #bytes: Uint8Array;
  #size: number;

  constructor(content: Uint8Array = new Uint8Array(0), mode = 0o644) {
    this.#bytes = content;
    this.#size = content.length;
    this.mode = mode;
  }

  get size(): number {
    return this.#size;
  }

  pread(count: number, position: number): Uint8Array {
    return this.#bytes.slice(position, Math.min(this.#size, position + count));
  }

  pwrite(data: Uint8Array, position: number): undefined {
    const end = position + data.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length, INITIAL_CAPACITY));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
    }
    this.#bytes.set(data, position);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): undefined {
    this.#bytes = this.#bytes.slice(0, Math.min(size, this.#size));
    this.#size = size;
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(size);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
  }
}
