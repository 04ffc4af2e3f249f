import { ERRNO } from "../../kernel/errno.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Winsize } from "../../kernel/tty/termios.ts";
import { TtyPort } from "../../kernel/tty/tty_port.ts";
import { SYSTEM_WQ, Work } from "../../kernel/workqueue.ts";

/** Most bytes read from the back end in one call. */
const N_INBUF = 16;
/** Most bytes read in atomic context; the rest is left to the thread. */
const HVC_ATOMIC_READ_MAX = 128;

/** {@linkcode HvcStruct.poll}: input may come that no interrupt tells of. */
const HVC_POLL_READ = 1;
/** {@linkcode HvcStruct.poll}: output waits. */
export const HVC_POLL_WRITE = 2;

/** How a back end moves characters. All run in atomic context. Linux: struct hv_ops */
export interface HvOps {
  /** Takes up to `count` bytes that came; none, or a negative errno: `-EPIPE` when the other end is gone. */
  getChars(vtermno: number, count: number): Uint8Array | number;
  /** Sends bytes; how many were taken, or a negative errno. */
  putChars(vtermno: number, data: Uint8Array): number;
  /** Somebody opened it: from now on the back end calls `poll` when input comes. Throws a `KernelError`. */
  notifierAdd?(hp: HvcStruct): undefined;
  notifierDel?(hp: HvcStruct): undefined;
  notifierHangup?(hp: HvcStruct): undefined;
}

/** One terminal with its back end. Linux: struct hvc_struct */
export class HvcStruct {
  readonly port: TtyPort;
  /** The back end tells of input, so that nobody need poll. */
  irqRequested = false;
  /** Output that was not sent yet. */
  readonly outbuf: number[] = [];
  /** Somebody may wait for room. */
  doWakeup = false;
  #ws: Winsize = { rows: 0, cols: 0 };
  readonly #resize: Work;

  constructor(
    readonly kernel: Kernel,
    readonly index: number,
    readonly vtermno: number,
    readonly ops: HvOps,
    readonly outbufSize: number,
  ) {
    this.port = new TtyPort(kernel);
    this.#resize = new Work("hvc_set_winsz", async () => this.port.tty?.doResize(this.#ws));
  }

  /** The window has a new size. Linux: hvc_resize() */
  resize(size: Winsize): undefined {
    this.#ws = { ...size };
    this.kernel.get(SYSTEM_WQ).queue(this.#resize);
  }

  /** Linux: cancel_work_sync(&hp->tty_resize) */
  cancelResize(): Promise<undefined> {
    return this.kernel.get(SYSTEM_WQ).cancel(this.#resize);
  }

  /** The back end is gone for good. Linux: hvc_port_destruct() */
  async destroy(): Promise<undefined> {
    await this.cancelResize();
    await this.port.destroy();
  }

  /** Sends what waits. Linux: hvc_push() */
  push(): number {
    const sent = this.ops.putChars(this.vtermno, Uint8Array.from(this.outbuf));
    if (sent === 0 || sent === -ERRNO.EAGAIN) {
      this.doWakeup = true;
      return 0;
    }
    this.outbuf.splice(0, sent < 0 ? Infinity : sent);
    if (this.outbuf.length === 0) this.doWakeup = true;
    return sent;
  }

  /**
   * Sends what waits and takes what came.
   *
   * Linux: __hvc_poll()
   *
   * @param atomic It must not take long.
   * @returns Why somebody should look again soon: `HVC_POLL_READ`, `HVC_POLL_WRITE`, or 0.
   */
  poll(atomic: boolean): { mask: number; wrote: number; read: number } {
    let mask = 0;
    let read = 0;
    const wrote = this.outbuf.length > 0 ? this.push() : 0;
    if (this.outbuf.length > 0) mask |= HVC_POLL_WRITE;
    const { tty } = this.port;
    if (tty === undefined) return { mask, wrote, read };
    if (!tty.throttled) {
      if (!this.irqRequested) mask |= HVC_POLL_READ;
      const limit = atomic ? HVC_ATOMIC_READ_MAX : Infinity;
      while (read < limit) {
        const count = this.port.bufferRequestRoom(N_INBUF);
        const data = count === 0 ? -ERRNO.EAGAIN : this.ops.getChars(this.vtermno, count);
        if (data === -ERRNO.EAGAIN) mask |= HVC_POLL_READ;
        if (data === -ERRNO.EPIPE) tty.vhangup();
        if (typeof data === "number" || data.length === 0) break;
        this.port.insertFlip(data);
        read += data.length;
      }
      if (read >= limit) mask |= HVC_POLL_READ;
    }
    if (this.doWakeup) {
      this.doWakeup = false;
      tty.wakeup();
    }
    if (read > 0) this.port.flipBufferPush();
    return { mask, wrote, read };
  }
}
