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

const ASYNC_C = "kernel/async.c";
/** Beyond so many that wait, functions run at once instead. Linux: MAX_WORK */
const MAX_WORK = 32768;

/** The asynchronous functions of one kernel. */
export class AsyncFunctions {
  readonly #kernel: Kernel;
  readonly #done: WaitQueue;
  /** Numbers of the functions that have not ended, lowest first. Linux: async_global_pending */
  readonly #pending = new Set<number>();
  #nextCookie = 1;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#done = new WaitQueue(kernel.sched, "asynchronous functions");
  }

  /**
   * Runs `func` in a task of its own, which begins before the caller goes on unless somebody chooses otherwise.
   *
   * Linux: async_schedule()
   *
   * @param name The function's name, for debug messages.
   * @param about For people: what it is about.
   * @returns Its number: all that were asked for before have lower ones.
   */
  async schedule(name: string, about: string, func: () => MightSleep<unknown>): Promise<number> {
    const { sched, choices, access } = this.#kernel;
    const cookie = this.#nextCookie++;
    if (this.#pending.size > MAX_WORK) {
      await func();
      return cookie;
    }
    access?.("async", "", "append");
    this.#pending.add(cookie);
    sched.spawn("kworker/u2:async", () => this.#run(cookie, name, func), "async", `async ${about}`);
    if (choices.active) await sched.preempt("async");
    else await sched.condResched();
    return cookie;
  }

  /** Linux: async_run_entry_fn() */
  async #run(cookie: number, name: string, func: () => MightSleep<unknown>): Promise<undefined> {
    const { clock, sched, access } = this.#kernel;
    const symbol = `${cookie}_${this.#kernel.symbols.describe({ name })}`;
    this.#debug("async_run_entry_fn", `calling  ${symbol} @ ${sched.current?.pid}`);
    const startNs = clock.nowNs;
    try {
      await func();
    } finally {
      const us = microseconds(clock.nowNs - startNs);
      this.#debug("async_run_entry_fn", `initcall ${symbol} returned after ${us} usecs`);
      access?.("async", "", "write");
      this.#pending.delete(cookie);
      this.#done.wakeUp();
    }
  }

  #debug(func: string, text: string): undefined {
    this.#kernel.dyndbg?.print(ASYNC_C, func, text);
  }

  /** Sleeps until all of them are done. Linux: async_synchronize_full() */
  async synchronizeFull(): Promise<undefined> {
    await this.synchronizeCookie(Infinity);
  }

  /** Sleeps until all that have a lower number than `cookie` are done. Linux: async_synchronize_cookie() */
  async synchronizeCookie(cookie: number): Promise<undefined> {
    const { clock, sched, access } = this.#kernel;
    const pid = sched.current?.pid;
    this.#debug("async_synchronize_cookie_domain", `async_waiting @ ${pid}`);
    const startNs = clock.nowNs;
    access?.("async", "", "read");
    const [lowest = Infinity] = this.#pending;
    if (lowest < cookie) {
      await this.#done.waitEvent(() => {
        const [left = Infinity] = this.#pending;
        return left >= cookie;
      });
    }
    const us = microseconds(clock.nowNs - startNs);
    this.#debug("async_synchronize_cookie_domain", `async_continuing @ ${pid} after ${us} usec`);
  }
}

/** Nanoseconds in units of 1024. Linux: microseconds_since() */
function microseconds(ns: number): number {
  return Math.floor(ns / 1024);
}

/** The asynchronous functions of a kernel. */
export const ASYNC: Slot<AsyncFunctions> = new Slot(
  "async",
  (kernel) => new AsyncFunctions(kernel),
);
