import type { Kernel } from "../kernel.ts";
import { Mutex, WaitQueue } from "../wait.ts";
import { NTty } from "./n_tty.ts";
import { copyTermios, type Termios, type Winsize } from "./termios.ts";
import type { TtyDriver } from "./tty_driver.ts";
import type { TtyPort } from "./tty_port.ts";

/** Signals that a terminal sends to those who work on it. */
export type TtySignal = "SIGINT" | "SIGQUIT" | "SIGTSTP" | "SIGWINCH" | "SIGHUP";

/** An open terminal: one for all who have it open. Linux: struct tty_struct */
export class TtyStruct {
  /** What is behind it; set by the driver's `install`. */
  port: TtyPort | undefined;
  /** The driver's own data. */
  driverData: unknown;
  /** Number of open files. */
  count = 0;
  termios: Termios;
  winsize: Winsize = { rows: 0, cols: 0 };
  /** The reader is behind; the driver should take no more input. */
  throttled = false;
  /** Output was stopped with `^S`. */
  flowStopped = false;
  /** The line is gone: reads end, writes fail. */
  hungUp = false;
  /** Hears the signals that Linux sends to the terminal's foreground processes. */
  readonly signalListeners: Set<(signal: TtySignal) => undefined> = new Set();

  readonly writeWait: WaitQueue;
  readonly readWait: WaitQueue;
  /** One open or close at a time. Linux: tty_lock() */
  readonly lock: Mutex;
  /** One write at a time. Linux: tty->atomic_write_lock */
  readonly writeLock: Mutex;
  readonly ldisc: NTty;

  constructor(readonly driver: TtyDriver, readonly index: number) {
    const { sched } = this.kernel;
    this.termios = copyTermios(driver.termios[index] ?? driver.options.initTermios);
    this.writeWait = new WaitQueue(sched, `${this.name} to take output`);
    this.readWait = new WaitQueue(sched, `input from ${this.name}`);
    this.lock = new Mutex(sched, `of ${this.name}`);
    this.writeLock = new Mutex(sched, `of writers to ${this.name}`);
    this.ldisc = new NTty(this);
  }

  get kernel(): Kernel {
    return this.driver.kernel;
  }

  get name(): string {
    return this.driver.lineName(this.index);
  }

  /** The driver has room again. Linux: tty_wakeup() */
  wakeup(): undefined {
    this.writeWait.wakeUp();
  }

  /** Linux: tty_signal_session_leader(), kill_pgrp() */
  signal(signal: TtySignal): undefined {
    for (const listener of this.signalListeners) listener(signal);
  }

  /** Stops output. Linux: stop_tty() */
  stop(): undefined {
    if (this.flowStopped) return;
    this.flowStopped = true;
    this.driver.ops.stop?.(this);
  }

  /** Lets output go on. Linux: start_tty() */
  start(): undefined {
    if (!this.flowStopped) return;
    this.flowStopped = false;
    this.driver.ops.start?.(this);
    this.wakeup();
  }

  /** Notes a new size and tells those who work on the terminal. Linux: tty_do_resize() */
  doResize(size: Winsize): undefined {
    if (size.rows === this.winsize.rows && size.cols === this.winsize.cols) return;
    this.winsize = { ...size };
    this.signal("SIGWINCH");
  }

  /** Linux: tty_set_termios() */
  setTermios(termios: Termios): undefined {
    const old = this.termios;
    this.termios = copyTermios(termios);
    this.driver.ops.setTermios?.(this, old);
    this.ldisc.setTermios(old);
  }

  /** Cuts the line: all who have it open read the end from now on. Linux: tty_vhangup() */
  vhangup(): undefined {
    if (this.hungUp) return;
    this.hungUp = true;
    this.signal("SIGHUP");
    this.ldisc.flushBuffer();
    this.driver.ops.hangup?.(this);
    this.readWait.wakeUp();
    this.writeWait.wakeUp();
    if (this.driver.ttys[this.index] === this) this.driver.ttys[this.index] = undefined;
  }
}
