/**
 * Functions that run beside the task that asked for them.
 *
 * Linux: kernel/async.c
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";
import type { MightSleep } from "./might_sleep.ts";
import { Slot } from "./slot.ts";
import { WaitQueue } from "./wait.ts";

/** The asynchronous functions of one kernel. */
export class AsyncFunctions {
  readonly #kernel: Kernel;
  readonly #done: WaitQueue;
  #pending = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#done = new WaitQueue(kernel.sched, "asynchronous functions");
  }

  /**
   * Runs `func` in a task of its own. Whether it begins before the caller goes on is a choice.
   *
   * Linux: async_schedule()
   *
   * @param name For people: what it is about.
   */
  async schedule(name: string, func: () => MightSleep<unknown>): Promise<undefined> {
    const { sched, choices } = this.#kernel;
    this.#pending++;
    const run = async () => {
      try {
        await func();
      } finally {
        this.#pending--;
        this.#done.wakeUp();
      }
    };
    sched.spawn("kworker/u2:async", run, "async", `async ${name}`);
    if (choices.active) await sched.preempt("async");
  }

  /** Sleeps until all of them are done. Linux: async_synchronize_full() */
  async synchronizeFull(): Promise<undefined> {
    if (this.#pending > 0) await this.#done.waitEvent(() => this.#pending === 0);
  }
}

/** The asynchronous functions of a kernel. */
export const ASYNC: Slot<AsyncFunctions> = new Slot(
  "async",
  (kernel) => new AsyncFunctions(kernel),
);
