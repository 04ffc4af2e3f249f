/**
 * Guest RAM that QEMU and this program map both: what one writes the other reads, at once.
 *
 * @module
 */
import type { Libc } from "./libc.ts";

/** A mapped file in memory. */
export class SharedRam implements Disposable {
  /** The guest's RAM. Detached by {@linkcode SharedRam[Symbol.dispose]}. */
  readonly buffer: ArrayBuffer;
  /** The file, for QEMU to inherit; closed by {@linkcode closeFile}. */
  readonly fd: number;
  readonly #libc: Libc;
  readonly #address: Deno.PointerObject;
  #fileOpen = true;

  constructor(libc: Libc, size: number) {
    this.#libc = libc;
    this.fd = libc.memoryFile("paraguest-ram", size);
    try {
      this.#address = libc.map(this.fd, size);
    } catch (error) {
      this.closeFile();
      throw error;
    }
    this.buffer = Deno.UnsafePointerView.getArrayBuffer(this.#address, size);
  }

  /** Closes the file; the mapping stays. */
  closeFile(): undefined {
    if (this.#fileOpen) this.#libc.close(this.fd);
    this.#fileOpen = false;
  }

  /** Takes the memory away. Who reads it later gets an exception, not somebody else's memory. */
  [Symbol.dispose](): undefined {
    this.closeFile();
    const size = this.buffer.byteLength;
    if (size === 0) return;
    this.buffer.transfer();
    this.#libc.unmap(this.#address, size);
  }
}
