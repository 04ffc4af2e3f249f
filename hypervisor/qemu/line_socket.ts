/**
 * A socket that speaks in lines, used synchronously. Both of QEMU's protocols are of this kind.
 *
 * @module
 */
import type { Libc, Received } from "./libc.ts";

const CHUNK_SIZE = 1 << 16;

/** What a wait for lines ended with. */
export type Heard = "lines" | "nothing" | "closed";

/** Somebody whom QEMU may be waiting for while this program waits for QEMU. */
export interface Attendant {
  /** File descriptors that have something to read when it is needed. */
  readonly fds: readonly number[];
  /** Does what is needed, without waiting. */
  attend(): undefined;
}

/** How long QEMU may take for one answer. */
const ANSWER_MS = 20_000;
/** After this time of silence somebody looks whether QEMU is alive. */
export const LOOK_MS = 250;

/** What a connection needs to know of the process at its other end. */
export interface Peer {
  /**
   * Whether it still runs. Its end of the connection may outlive it: another process that was started at
   * the same moment may have inherited it too.
   */
  isAlive(): boolean;
  /** Says why it has gone. */
  exitError(): Error;
}

/** The program's end of a connection with QEMU. */
export class LineSocket {
  /** File descriptor of our end. */
  readonly fd: number;
  readonly #libc: Libc;
  readonly #chunk = new Uint8Array(CHUNK_SIZE);
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  #sendBuffer = new Uint8Array(4096);
  #partial = "";
  #closed = false;
  readonly #peer: Peer;
  readonly #attendant: Attendant | undefined;

  /**
   * @param fd Our end; a receive call that waits gives up after {@linkcode LOOK_MS}.
   * @param attendant Whom QEMU may wait for while it owes an answer.
   */
  constructor(libc: Libc, fd: number, peer: Peer, attendant?: Attendant) {
    this.#libc = libc;
    this.fd = fd;
    this.#peer = peer;
    this.#attendant = attendant;
  }

  /** Sends text; false when the other side has gone. */
  send(text: string): boolean {
    if (this.#closed) return false;
    // Nothing of QEMU's protocols needs more than three bytes for a UTF-16 unit.
    if (this.#sendBuffer.length < 3 * text.length) {
      this.#sendBuffer = new Uint8Array(3 * text.length);
    }
    const { written } = this.#encoder.encodeInto(text, this.#sendBuffer);
    for (let at = 0; at < written;) {
      const count = this.#libc.send(this.fd, this.#sendBuffer.subarray(at, written), true);
      if (count < 0) return false;
      at += count;
    }
    return true;
  }

  /**
   * Takes the lines that have arrived and gives each to `hear`.
   *
   * @param wait Stay until something arrives or patience ends.
   * @returns `"lines"` when anything arrived, be it a part of a line.
   */
  receive(hear: (line: string) => undefined, wait: boolean): Heard {
    if (this.#closed) return "closed";
    const count = wait ? this.#waitForBytes() : this.#take(false);
    if (count === "closed" || count === "nothing") return count;
    const text = this.#partial +
      this.#decoder.decode(this.#chunk.subarray(0, count), { stream: true });
    const lines = text.split("\n");
    this.#partial = lines.pop() as string;
    for (const line of lines) hear(line.endsWith("\r") ? line.slice(0, -1) : line);
    return "lines";
  }

  #take(wait: boolean): Received {
    return this.#libc.receive(this.fd, this.#chunk, wait);
  }

  #waitForBytes(): Received {
    const until = performance.now() + ANSWER_MS;
    for (;;) {
      const attended = this.#attendant !== undefined;
      if (attended) this.#attend(this.#attendant);
      let count = this.#take(!attended);
      if (count !== "nothing") return count;
      const alive = this.#peer.isAlive();
      // A connection that broke says so once, in the words of one where nothing has arrived.
      count = this.#take(false);
      if (count !== "nothing") return count;
      if (!alive) return "closed";
      if (performance.now() > until) return "nothing";
    }
  }

  /** Waits a while, and does meanwhile what QEMU may wait for. */
  #attend(attendant: Attendant): undefined {
    const fds = [this.fd, ...attendant.fds];
    while (this.#libc.waitReadable(fds, 1000 * LOOK_MS)) {
      attendant.attend();
      if (this.#libc.waitReadable([this.fd], 0)) return;
    }
  }

  /** Closes our end; QEMU's end hears of it. */
  close(): undefined {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.fd);
  }
}
