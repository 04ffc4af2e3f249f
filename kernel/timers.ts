/**
 * Timers that wait for their time.
 *
 * Linux: kernel/time/timer.c
 *
 * @module
 */

import { freeName } from "./free_name.ts";

/** Something that happens at a time. Linux: struct timer_list */
export interface Timer {
  /** Virtual time at which it fires, in nanoseconds since power-on. */
  readonly atNs: number;
  /** For people. */
  readonly name: string;
  /** What is called then, in atomic context: it must not sleep. */
  readonly fire: () => undefined;
}

/** Timers, the next one first; those of the same time in the order in which they were set. */
export class Timers {
  readonly #timers: Timer[] = [];
  readonly #touched: (timer: Timer) => void;

  /** Says of every timer that is set or taken back that it is touched. */
  constructor(touched: (timer: Timer) => void) {
    this.#touched = touched;
  }

  /** All of them. */
  get all(): readonly Timer[] {
    return this.#timers;
  }

  /** When the next one fires, or `Infinity`. */
  get nextNs(): number {
    return this.#timers.length === 0 ? Infinity : this.#timers[0].atNs;
  }

  /** Sets a timer, with a number behind its name where that is taken. */
  set(atNs: number, name: string, fire: () => undefined): Timer {
    const timer = { atNs, name: freeName(name, this.#timers.map((other) => other.name)), fire };
    this.#touched(timer);
    let at = this.#timers.length;
    while (at > 0 && this.#timers[at - 1].atNs > atNs) at--;
    this.#timers.splice(at, 0, timer);
    return timer;
  }

  /** Takes a timer back; false when it is not set. */
  delete(timer: Timer): boolean {
    this.#touched(timer);
    const at = this.#timers.indexOf(timer);
    if (at >= 0) this.#timers.splice(at, 1);
    return at >= 0;
  }

  /** Those whose time has come. */
  due(nowNs: number): Timer[] {
    const end = this.#timers.findIndex(({ atNs }) => atNs > nowNs);
    return this.#timers.slice(0, end < 0 ? undefined : end);
  }
}
