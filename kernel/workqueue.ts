import type { Scheduler } from "./sched.ts";
import { WaitQueue } from "./wait.ts";

/** A function that a worker will call once for each time that it was queued. Linux: struct work_struct */
export class Work {
  /** Waits in a queue now. */
  pending = false;

  constructor(
    /** For people: the function's name. */
    readonly name: string,
    readonly func: () => Promise<undefined>,
  ) {}
}

/**
 * Runs work items one after the other in a task of its own. The worker exists only while there is work.
 *
 * Linux: alloc_workqueue(), queue_work()
 */
export class WorkQueue {
  readonly #sched: Scheduler;
  readonly #items: Work[] = [];
  readonly #idle: WaitQueue;
  #running: Work | undefined;
  #worker = false;

  constructor(sched: Scheduler, readonly name: string) {
    this.#sched = sched;
    this.#idle = new WaitQueue(sched, `the work queue ${name}`);
  }

  /** Queues `work`; false when it waits in the queue already. May be called in any context. */
  queue(work: Work): boolean {
    if (work.pending) return false;
    work.pending = true;
    this.#items.push(work);
    if (!this.#worker) {
      this.#worker = true;
      this.#sched.spawn(`kworker/0:${this.name}`, () => this.#work());
    }
    return true;
  }

  async #work(): Promise<undefined> {
    let work: Work | undefined;
    while ((work = this.#items.shift()) !== undefined) {
      work.pending = false;
      this.#running = work;
      await work.func();
      this.#running = undefined;
      this.#idle.wakeUp();
    }
    this.#worker = false;
    this.#idle.wakeUp();
  }

  /** Sleeps until `work` is neither waiting nor running. Linux: flush_work() */
  async flush(work: Work): Promise<undefined> {
    await this.#idle.waitEvent(() => !work.pending && this.#running !== work);
  }

  /** Takes `work` out of the queue and waits until it does not run. Linux: cancel_work_sync() */
  async cancel(work: Work): Promise<undefined> {
    if (work.pending) {
      work.pending = false;
      this.#items.splice(this.#items.indexOf(work), 1);
    }
    await this.flush(work);
  }

  /** Sleeps until all that is queued now has run. Linux: flush_workqueue() */
  async drain(): Promise<undefined> {
    await this.#idle.waitEvent(() => this.#items.length === 0 && this.#running === undefined);
  }
}
