/**
 * The connection that drives QEMU: commands in order, answers in order, and between them the interrupt
 * lines that changed.
 *
 * A command whose answer nobody needs is posted: it is sent together with the next one, and its answer
 * is taken when it comes. The order is always kept.
 *
 * @module
 */
import type { AccessWidth } from "../platform.ts";
import { QtestError } from "./errors.ts";
import type { LineSocket, Peer } from "./line_socket.ts";
import {
  parseQtestLine,
  QTEST_MEMORY_MAX,
  QTEST_PING,
  qtestBytes,
  qtestInterceptInputs,
  qtestNumber,
  qtestRead,
  qtestReadMemory,
  qtestWrite,
  qtestWriteMemory,
} from "./qtest_codec.ts";

/** Most answers that may be open: their text must fit into the socket, or both sides would wait. */
const OPEN_MAX = 256;

/** Hears that an input of the interrupt controller changed. */
export type IrqListener = (line: number, level: boolean) => undefined;

/** A synchronous client of the qtest protocol. */
export class QtestLink {
  /** True when QEMU's end is closed. */
  closed = false;
  readonly #socket: LineSocket;
  readonly #peer: Peer;
  readonly #onIrq: IrqListener;
  readonly #hear = (line: string): undefined => this.#line(line);
  /** Commands without an answer, oldest first. */
  readonly #open: string[] = [];
  #unsent = "";
  #answer = "";

  constructor(socket: LineSocket, peer: Peer, onIrq: IrqListener) {
    this.#socket = socket;
    this.#peer = peer;
    this.#onIrq = onIrq;
  }

  /** File descriptor to wait on. */
  get fd(): number {
    return this.#socket.fd;
  }

  /** Commands that QEMU has not answered yet, sent or not. */
  get openCount(): number {
    return this.#open.length;
  }

  /** Reads a register. @throws {Error} When QEMU has gone. */
  read(address: number, width: AccessWidth): number {
    const command = qtestRead(address, width);
    return qtestNumber(command, this.#ask(command));
  }

  /** Writes a register and waits until it is written. @throws {Error} When QEMU has gone. */
  write(address: number, width: AccessWidth, value: number): undefined {
    this.#ask(qtestWrite(address, width, value));
  }

  /** Writes a register, at the latest with the next command that has an answer. */
  post(address: number, width: AccessWidth, value: number): undefined {
    this.#queue(qtestWrite(address, width, value));
    if (this.#open.length >= OPEN_MAX) this.finish();
  }

  /** Sends what was posted without waiting for answers. */
  push(): undefined {
    if (this.#unsent === "") return;
    const text = this.#unsent;
    this.#unsent = "";
    if (!this.#socket.send(text)) this.#gone();
  }

  /** Waits for the answers to everything so far. */
  finish(): undefined {
    this.push();
    while (this.#open.length > 0) {
      const heard = this.#socket.receive(this.#hear, true);
      if (heard === "closed") this.#gone();
      if (heard === "nothing") throw new QtestError(this.#open[0], "QEMU does not answer");
    }
  }

  /** Waits until QEMU has done everything so far, and has looked at its sockets and timers once. */
  flush(): undefined {
    this.#ask(QTEST_PING);
  }

  /** Takes what QEMU has said meanwhile, without waiting. True when there was something. */
  poll(): boolean {
    if (this.closed) return false;
    const heard = this.#socket.receive(this.#hear, false);
    if (heard === "closed") this.closed = true;
    return heard === "lines";
  }

  /** Reads guest memory over the connection. */
  readMemory(address: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += QTEST_MEMORY_MAX) {
      const command = qtestReadMemory(address + at, Math.min(size - at, QTEST_MEMORY_MAX));
      bytes.set(qtestBytes(command, this.#ask(command)), at);
    }
    return bytes;
  }

  /** Writes guest memory over the connection. */
  writeMemory(address: number, data: Uint8Array): undefined {
    for (let at = 0; at < data.length; at += QTEST_MEMORY_MAX) {
      this.#ask(qtestWriteMemory(address + at, data.subarray(at, at + QTEST_MEMORY_MAX)));
    }
  }

  /** Asks for the levels of all inputs of the device at `path`. */
  interceptInputs(path: string): undefined {
    this.#ask(qtestInterceptInputs(path));
  }

  /** Closes our end. */
  close(): undefined {
    this.closed = true;
    this.#socket.close();
  }

  #queue(command: string): undefined {
    this.#unsent += `${command}\n`;
    this.#open.push(command);
  }

  /** Sends a command and waits for all answers up to its own. */
  #ask(command: string): string {
    this.#queue(command);
    this.finish();
    return this.#answer;
  }

  #gone(): never {
    this.closed = true;
    throw this.#peer.exitError();
  }

  #line(text: string): undefined {
    const line = parseQtestLine(text);
    if (line.kind === "irq") return this.#onIrq(line.line, line.level);
    const command = this.#open.shift();
    if (command === undefined) throw new QtestError("(none)", `QEMU answers '${text}' to nothing`);
    if (line.kind === "refused") throw new QtestError(command, line.reason);
    this.#answer = line.value;
  }
}
