/**
 * Work that interrupt handlers leave for right after their return.
 *
 * Linux: kernel/softirq.c
 *
 * @module
 */
import type { Scheduler } from "./sched.ts";

/** The raised soft interrupts of one kernel. */
export class Softirqs {
  readonly #sched: Scheduler;
  readonly #raised: (() => undefined)[] = [];
  #putOff = false;

  constructor(sched: Scheduler) {
    this.#sched = sched;
  }

  /**
   * Calls `action` in atomic context: at once, or when the interrupt handlers that run now are done.
   * Raising it again before it ran does nothing.
   *
   * Linux: raise_softirq(), and local_bh_enable() where nothing keeps it back
   */
  raise(action: () => undefined): undefined {
    if (!this.#raised.includes(action)) this.#raised.push(action);
    if (!this.#putOff) this.#run();
  }

  /** Runs interrupt handlers, then what they raised. Linux: irq_enter() … irq_exit() */
  afterHandlers<T>(handlers: () => T): T {
    if (this.#putOff) return handlers();
    this.#putOff = true;
    try {
      return handlers();
    } finally {
      this.#putOff = false;
      if (this.#raised.length > 0) this.#run();
    }
  }

  /** Linux: __do_softirq() */
  #run(): undefined {
    this.#putOff = true;
    this.#sched.atomicDepth++;
    try {
      let action: (() => undefined) | undefined;
      while ((action = this.#raised.shift()) !== undefined) action();
    } finally {
      this.#sched.atomicDepth--;
      this.#putOff = false;
    }
  }
}
