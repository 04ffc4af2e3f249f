/**
 * What is behind a terminal for as long as the hardware is there, open or not.
 *
 * Linux: drivers/tty/tty_port.c, drivers/tty/tty_buffer.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { SYSTEM_WQ, Work } from "../workqueue.ts";
import type { TtyStruct } from "./tty_struct.ts";

/** Most bytes that wait for the line discipline. Linux: TTYB_DEFAULT_MEM_LIMIT */
const FLIP_LIMIT = 640 * 1024;

/** A terminal's hardware side. Linux: struct tty_port */
export class TtyPort {
  /** The terminal, while it is open. */
  tty: TtyStruct | undefined;
  /** How often it is open. */
  count = 0;
  /** The hardware was set up for use. */
  initialized = false;
  /** It is a kernel console, so its hardware stays on after the last close. */
  console = false;

  readonly #kernel: Kernel;
  #flip: number[] = [];
  #pushed = 0;
  readonly #work: Work;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#work = new Work("flush_to_ldisc", async () => this.#flushToLdisc());
  }

  /** How many of `size` more bytes there is room for. Linux: tty_buffer_request_room() */
  bufferRequestRoom(size: number): number {
    return Math.max(0, Math.min(size, FLIP_LIMIT - this.#flip.length));
  }

  /** Takes bytes that arrived; they go no further before a push. Linux: tty_insert_flip_string() */
  insertFlip(data: Uint8Array): undefined {
    for (const byte of data) this.#flip.push(byte);
  }

  /** Hands what arrived to the line discipline, soon. Linux: tty_flip_buffer_push() */
  flipBufferPush(): undefined {
    this.#pushed = this.#flip.length;
    this.#kernel.get(SYSTEM_WQ).queue(this.#work);
  }

  /** The line discipline has room again. Linux: tty_buffer_restart_work() */
  restartWork(): undefined {
    if (this.#pushed > 0) this.#kernel.get(SYSTEM_WQ).queue(this.#work);
  }

  /** Forgets what arrived. Linux: tty_buffer_flush() */
  bufferFlush(): undefined {
    this.#flip = [];
    this.#pushed = 0;
  }

  /** Stops handing over; what arrived is lost. Linux: tty_port_destroy() */
  async destroy(): Promise<undefined> {
    await this.#kernel.get(SYSTEM_WQ).cancel(this.#work);
    this.bufferFlush();
  }

  #flushToLdisc(): undefined {
    const { tty } = this;
    if (tty === undefined) return;
    const taken = tty.ldisc.receiveBuf(this.#flip, this.#pushed);
    this.#flip.splice(0, taken);
    this.#pushed -= taken;
  }
}
