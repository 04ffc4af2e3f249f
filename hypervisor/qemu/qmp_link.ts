/**
 * The connection to QEMU's monitor: one command at a time, answered before the call returns.
 *
 * QEMU: docs/interop/qmp-spec.txt
 *
 * @module
 */
import { QemuUnavailableError } from "./errors.ts";
import type { LineSocket, Peer } from "./line_socket.ts";

/** A version of QEMU. */
export interface QemuVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

/** Something that QEMU tells without being asked: `SHUTDOWN`, `VSERPORT_CHANGE`. */
export interface QmpEvent {
  readonly event: string;
  readonly data?: unknown;
}

interface Message {
  readonly QMP?: { readonly version: { readonly qemu: QemuVersion } };
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: unknown;
}

/** Most events that are kept. */
const EVENTS_MAX = 1000;

/** A synchronous client of the monitor. */
export class QmpLink {
  /** What QEMU told so far, oldest first. */
  readonly events: QmpEvent[] = [];
  readonly #socket: LineSocket;
  readonly #peer: Peer;
  readonly #messages: Message[] = [];

  constructor(socket: LineSocket, peer: Peer) {
    this.#socket = socket;
    this.#peer = peer;
  }

  /**
   * Waits for the greeting and leaves the negotiation mode.
   *
   * @returns The version of QEMU.
   * @throws {Error} When QEMU ended instead, with what it said.
   */
  greet(): QemuVersion {
    const greeting = this.#next("greeting");
    if (greeting.QMP === undefined) throw new Error("QEMU's monitor does not greet");
    this.run("qmp_capabilities");
    return greeting.QMP.version.qemu;
  }

  /**
   * Runs a command.
   *
   * @throws {Error} In QEMU's words, when it refuses.
   */
  run(command: string, args?: Readonly<Record<string, unknown>>): unknown {
    const request = JSON.stringify({ execute: command, arguments: args });
    if (!this.#socket.send(`${request}\n`)) throw this.#peer.exitError();
    const answer = this.#next(command);
    if (answer.error !== undefined) throw new Error(answer.error.desc);
    return answer.return;
  }

  /** Sends a command and waits for nothing. */
  post(command: string): undefined {
    this.#socket.send(`${JSON.stringify({ execute: command })}\n`);
  }

  /** Closes our end. */
  close(): undefined {
    this.#socket.close();
  }

  #next(command: string): Message {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) this.#receive(command);
      else if (message.event === undefined) return message;
      else if (this.events.length < EVENTS_MAX) {
        this.events.push({ event: message.event, data: message.data });
      }
    }
  }

  #receive(command: string): undefined {
    const heard = this.#socket.receive((line): undefined => {
      if (line !== "") this.#messages.push(JSON.parse(line));
    }, true);
    if (heard === "closed") throw this.#peer.exitError();
    if (heard === "nothing") {
      throw new QemuUnavailableError(`QEMU's monitor does not answer (${command})`);
    }
  }
}
