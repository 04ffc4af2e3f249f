/**
 * `-chardev script` on QEMU: a socket whose other end QEMU has as an ordinary character device.
 *
 * @module
 */
import type { CharEnd } from "../platform.ts";
import type { Libc } from "./libc.ts";

/** The host's end of a character device of QEMU. */
export class ScriptEnd implements CharEnd {
  /** File descriptor of our end. */
  readonly fd: number;
  readonly #libc: Libc;
  readonly #wrote: () => undefined;
  readonly #encoder = new TextEncoder();
  readonly #chunk = new Uint8Array(1 << 16);
  /** What QEMU could not take yet. */
  readonly #unsent: Uint8Array[] = [];
  #received: Uint8Array[] = [];
  #open = true;

  /** @param wrote Called after each write: QEMU has something to do. */
  constructor(libc: Libc, fd: number, wrote: () => undefined) {
    this.#libc = libc;
    this.fd = fd;
    this.#wrote = wrote;
  }

  write(data: Uint8Array | string): undefined {
    const bytes = typeof data === "string" ? this.#encoder.encode(data) : data.slice();
    if (bytes.length > 0) this.#unsent.push(bytes);
    this.exchange();
    this.#wrote();
  }

  read(): Uint8Array {
    this.exchange();
    const all = new Uint8Array(this.#received.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#received) {
      all.set(part, at);
      at += part.length;
    }
    this.#received = [];
    return all;
  }

  /** Moves what can be moved both ways, so that QEMU never waits for a script that does not read. */
  exchange(): undefined {
    while (this.#open && this.#unsent.length > 0) {
      const first = this.#unsent[0];
      const count = this.#libc.send(this.fd, first, false);
      if (count <= 0) break;
      if (count === first.length) this.#unsent.shift();
      else this.#unsent[0] = first.subarray(count);
    }
    while (this.#open) {
      const count = this.#libc.receive(this.fd, this.#chunk, false);
      if (typeof count === "string") return;
      this.#received.push(this.#chunk.slice(0, count));
    }
  }

  /** Takes what is left and closes the socket; it can still be read. */
  close(): undefined {
    if (!this.#open) return;
    this.exchange();
    this.#open = false;
    this.#libc.close(this.fd);
  }
}
