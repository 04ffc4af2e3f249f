/**
 * Timers that wait for their time.
 *
 * Linux: kernel/time/timer.c
 *
 * @module
 */

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

  /** All of them. */
  get all(): readonly Timer[] {
    return this.#timers;
  }

  /** When the next one fires, or `Infinity`. */
  get nextNs(): number {
    return this.#timers.length === 0 ? Infinity : this.#timers[0].atNs;
  }

  /** Sets a timer. */
  add(timer: Timer): undefined {
    let at = this.#timers.length;
    while (at > 0 && this.#timers[at - 1].atNs > timer.atNs) at--;
    this.#timers.splice(at, 0, timer);
  }

  /** Takes a timer back; false when it is not set. */
  delete(timer: Timer): boolean {
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
