/**
 * The standard line discipline: lines that can be edited, echo, signals, or plain bytes.
 *
 * Linux: drivers/tty/n_tty.c
 *
 * @module
 */
import {
  ECHO,
  ECHONL,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IXANY,
  IXON,
  NOFLSH,
  OPOST,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VTIME,
  VWERASE,
} from "../../uapi/termbits.ts";
import { KernelError } from "../errors.ts";
import { erase, type Erased, InputBuffer } from "./n_tty_input.ts";
import { NTtyOutput } from "./n_tty_output.ts";
import type { Termios } from "./termios.ts";
import type { TtySignal, TtyStruct } from "./tty_struct.ts";

/** Size of the input buffer; a line keeps one byte for its end. Linux: N_TTY_BUF_SIZE */
const N_TTY_BUF_SIZE = 4096;
/** The driver is stopped when less room than this is left, and started again at this fill. */
const TTY_THRESHOLD_THROTTLE = 128;
const TTY_THRESHOLD_UNTHROTTLE = 128;
/** Unit of VTIME. */
const NS_PER_TENTH = 100_000_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSPACE = 0x08;

/** The line discipline of one terminal. Linux: struct n_tty_data */
export class NTty {
  readonly output: NTtyOutput;
  readonly #tty: TtyStruct;
  /** Input that nobody has read. */
  readonly #input = new InputBuffer();
  /** The next character is taken as it is. */
  #literal = false;

  constructor(tty: TtyStruct) {
    this.#tty = tty;
    this.output = new NTtyOutput(tty);
  }

  get #canonical(): boolean {
    return (this.#tty.termios.lflag & ICANON) !== 0;
  }

  /** Bytes that could be read now. Linux: chars_in_buffer() */
  get available(): number {
    return this.#canonical ? this.#input.complete : this.#input.length;
  }

  #lflag(flag: number): boolean {
    return (this.#tty.termios.lflag & flag) !== 0;
  }

  /** True when `c` is the control character `index` and that one is not switched off. */
  #is(index: number, c: number): boolean {
    return c !== 0 && this.#tty.termios.cc[index] === c;
  }

  /**
   * Takes the first `count` bytes of `data`, as far as there is room.
   *
   * Linux: n_tty_receive_buf2()
   *
   * @returns How many were taken.
   */
  receiveBuf(data: ArrayLike<number>, count: number): number {
    let taken = 0;
    while (taken < count && this.#hasRoom()) this.#receiveChar(data[taken++]);
    this.output.processEchoes();
    if (this.available > 0) this.#tty.readWait.wakeUp();
    this.#checkThrottle();
    return taken;
  }

  /** A line without an end may always be ended, so that a reader gets on. */
  #hasRoom(): boolean {
    return this.#input.length < N_TTY_BUF_SIZE - 1 ||
      (this.#canonical && this.#input.complete === 0);
  }

  #checkThrottle(): undefined {
    const tty = this.#tty;
    if (tty.throttled || this.#hasRoom() === false) return;
    if (this.#canonical && this.#input.complete === 0) return;
    if (N_TTY_BUF_SIZE - this.#input.length >= TTY_THRESHOLD_THROTTLE) return;
    tty.throttled = true;
    tty.driver.ops.throttle?.(tty);
  }

  #checkUnthrottle(): undefined {
    const tty = this.#tty;
    if (this.#input.length > TTY_THRESHOLD_UNTHROTTLE) return;
    if (tty.throttled) {
      tty.throttled = false;
      tty.driver.ops.unthrottle?.(tty);
    }
    tty.port?.restartWork();
  }

  /** Linux: n_tty_receive_char_special() and those around it */
  #receiveChar(c: number): undefined {
    const { iflag } = this.#tty.termios;
    if ((iflag & ISTRIP) !== 0) c &= 0x7f;
    if (this.#literal) {
      this.#literal = false;
      return this.#receivePlain(c);
    }
    if ((iflag & IXON) !== 0 && this.#flowControl(c)) return;
    if (this.#lflag(ISIG) && this.#sendSignal(c)) return;
    if (this.#tty.flowStopped && (iflag & IXON) !== 0 && (iflag & IXANY) !== 0) this.#tty.start();
    if (c === RETURN) {
      if ((iflag & IGNCR) !== 0) return;
      if ((iflag & ICRNL) !== 0) c = NEWLINE;
    } else if (c === NEWLINE && (iflag & INLCR) !== 0) c = RETURN;
    if (this.#canonical && this.#editLine(c)) return;
    this.#receivePlain(c);
  }

  #flowControl(c: number): boolean {
    if (this.#is(VSTART, c)) {
      this.#tty.start();
      this.output.processEchoes();
      return true;
    }
    if (!this.#is(VSTOP, c)) return false;
    this.#tty.stop();
    return true;
  }

  /** Linux: n_tty_receive_signal_char() */
  #sendSignal(c: number): boolean {
    const signals: readonly (readonly [number, TtySignal])[] = [
      [VINTR, "SIGINT"],
      [VQUIT, "SIGQUIT"],
      [VSUSP, "SIGTSTP"],
    ];
    const hit = signals.find(([index]) => this.#is(index, c));
    if (hit === undefined) return false;
    if (!this.#lflag(NOFLSH)) {
      this.flushBuffer();
      this.#tty.driver.ops.flushBuffer?.(this.#tty);
    }
    if ((this.#tty.termios.iflag & IXON) !== 0) this.#tty.start();
    if (this.#lflag(ECHO)) this.output.echo(c);
    this.#tty.signal(hit[1]);
    return true;
  }

  /** True when the character edits or ends the line. */
  #editLine(c: number): boolean {
    if (this.#is(VERASE, c)) this.#erase("character", c);
    else if (this.#is(VKILL, c)) this.#erase("line", c);
    else if (this.#lflag(IEXTEN) && this.#is(VWERASE, c)) this.#erase("word", c);
    else if (this.#lflag(IEXTEN) && this.#is(VLNEXT, c)) this.#literalNext();
    else if (this.#lflag(IEXTEN) && this.#lflag(ECHO) && this.#is(VREPRINT, c)) this.#reprint(c);
    else if (c === NEWLINE) {
      if (this.#lflag(ECHO) || this.#lflag(ECHONL)) this.output.echoRaw(NEWLINE);
      this.#input.endLine(NEWLINE);
    } else if (this.#is(VEOF, c)) this.#input.endLine(undefined);
    else if (this.#is(VEOL, c) || (this.#is(VEOL2, c) && this.#lflag(IEXTEN))) {
      this.#echoInput(c);
      this.#input.endLine(c);
    } else return false;
    return true;
  }

  #erase(what: Erased, c: number): undefined {
    erase(what, c, this.#input, this.output, this.#tty.termios.lflag);
  }

  #literalNext(): undefined {
    this.#literal = true;
    if (!this.#lflag(ECHO)) return;
    this.output.echoRaw(0x5e);
    this.output.echoRaw(BACKSPACE);
  }

  #reprint(c: number): undefined {
    this.output.echo(c);
    this.output.echoRaw(NEWLINE);
    for (const c of this.#input.unfinished) this.output.echo(c);
  }

  #echoInput(c: number): undefined {
    if (!this.#lflag(ECHO)) return;
    if (this.#input.atLineStart) this.#input.startColumn = this.output.column;
    this.output.echo(c);
  }

  #receivePlain(c: number): undefined {
    if (this.#input.length >= N_TTY_BUF_SIZE - 1) return;
    this.#echoInput(c);
    this.#input.push(c);
  }

  /** Forgets all input. Linux: n_tty_flush_buffer() */
  flushBuffer(): undefined {
    this.#input.clear();
    this.#checkUnthrottle();
  }

  /** Lines or bytes: what was typed so far becomes readable either way. Linux: n_tty_set_termios() */
  setTermios(old: Termios): undefined {
    if (((old.lflag ^ this.#tty.termios.lflag) & ICANON) === 0) return;
    this.#input.finish(this.#canonical);
    if (this.#input.length > 0) this.#tty.readWait.wakeUp();
  }

  /**
   * Reads up to `count` bytes: one line, or at least as many bytes as VMIN and VTIME say.
   *
   * Linux: n_tty_read(). POSIX.1-2017, 11.1.7
   *
   * @returns Nothing at the end of the file, after a hangup, and when time is up.
   * @throws {KernelError} `EAGAIN` when it would wait and may not.
   */
  async read(count: number, nonblock: boolean): Promise<Uint8Array> {
    const tty = this.#tty;
    const { cc } = tty.termios;
    const lines = this.#canonical;
    const minimum = lines ? 0 : Math.min(count, Math.max(1, cc[VMIN]));
    const limitNs = cc[VTIME] * NS_PER_TENTH;
    // Without VMIN the first byte has that long to come, otherwise each after the first.
    let waitNs = lines || cc[VMIN] > 0 ? Infinity : limitNs;
    const taken: number[] = [];
    while (count > 0) {
      if (this.available === 0) {
        if (tty.hungUp || waitNs === 0) break;
        if (nonblock) {
          if (taken.length > 0) break;
          throw new KernelError("EAGAIN", `${tty.name}: nothing to read`);
        }
        if (!await this.#waitForInput(waitNs)) break;
        continue;
      }
      taken.push(
        ...this.#canonical
          ? this.#input.takeLine(count)
          : this.#input.take(Math.max(0, count - taken.length)),
      );
      this.#checkUnthrottle();
      if (taken.length >= minimum) break;
      if (cc[VMIN] > 0 && limitNs > 0) waitNs = limitNs;
    }
    return Uint8Array.from(taken);
  }

  /** Waits for input or a hangup; false when time is up. */
  async #waitForInput(limitNs: number): Promise<boolean> {
    const tty = this.#tty;
    const { sched, nowNs } = tty.kernel;
    let timedOut = false;
    const timer = limitNs === Infinity
      ? undefined
      : sched.addTimer(nowNs + limitNs, `read of ${tty.name}`, () => {
        timedOut = true;
        tty.readWait.wakeUp();
      });
    try {
      await tty.readWait.waitEventInterruptible(() => this.available > 0 || tty.hungUp || timedOut);
    } finally {
      if (timer !== undefined) sched.deleteTimer(timer);
    }
    return !timedOut || this.available > 0;
  }

  /**
   * Sends bytes, waiting for room.
   *
   * Linux: n_tty_write()
   *
   * @returns How many were taken: all, unless it may not wait.
   * @throws {KernelError} `EIO` after a hangup, `EAGAIN` when nothing could be taken at once, and what
   *   the driver says.
   */
  async write(data: Uint8Array, nonblock: boolean): Promise<number> {
    const tty = this.#tty;
    let rest = data;
    this.output.processEchoes();
    for (;;) {
      if (tty.hungUp) throw new KernelError("EIO", `${tty.name}: hung up`);
      rest = this.#send(rest);
      if (rest.length === 0) break;
      if (nonblock) {
        if (rest.length === data.length) throw new KernelError("EAGAIN", `${tty.name}: no room`);
        break;
      }
      await tty.writeWait.waitEventInterruptible(() =>
        tty.hungUp || tty.driver.ops.writeRoom(tty) > 0
      );
    }
    return data.length - rest.length;
  }

  /** Sends what there is room for; returns what is left. */
  #send(data: Uint8Array): Uint8Array {
    const tty = this.#tty;
    const { ops } = tty.driver;
    const raw = (tty.termios.oflag & OPOST) === 0;
    while (data.length > 0) {
      const sent = raw ? ops.write(tty, data) : this.output.outputBlock(data);
      if (sent < 0) throw new KernelError("EIO", `${tty.name}: the driver refused (${sent})`);
      data = data.subarray(sent);
      if (raw ? sent === 0 : data.length === 0 || !this.output.outputChar(data[0])) break;
      if (!raw) data = data.subarray(1);
    }
    ops.flushChars?.(tty);
    return data;
  }
}
