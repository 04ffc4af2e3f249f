/**
 * Things to wait for, all on top of {@linkcode Scheduler.block}: completions, wait queues, mutexes.
 *
 * @module
 */
import type { Scheduler } from "./sched.ts";
import type { Task } from "./task.ts";

/**
 * Tasks that wait for a condition.
 *
 * Linux: wait_queue_head_t, wait_event()
 */
export class WaitQueue {
  readonly #sched: Scheduler;
  readonly #tasks: Task[] = [];

  /** Makes a queue in which nobody waits. Linux: init_waitqueue_head() */
  constructor(
    sched: Scheduler,
    /** What is waited for, as a message about a wait without end says it. */
    readonly name: string,
  ) {
    this.#sched = sched;
  }

  /** Sleeps until `condition()` holds; it is looked at again after each {@linkcode wakeUp}. */
  async waitEvent(condition: () => boolean): Promise<undefined> {
    this.#sched.access?.("wait queue", this.name, "read");
    while (!condition()) await this.#wait(() => this.#sched.block(this.name));
  }

  /**
   * Like {@linkcode waitEvent}, but a signal to the task ends it.
   *
   * Linux: wait_event_interruptible()
   *
   * @throws {KernelError} `EINTR`
   */
  async waitEventInterruptible(condition: () => boolean): Promise<undefined> {
    this.#sched.access?.("wait queue", this.name, "read");
    while (!condition()) await this.#wait(() => this.#sched.blockInterruptible(this.name));
  }

  /** A wait that fails leaves the list, so that nobody wakes the task from a later one. */
  async #wait(block: () => Promise<unknown>): Promise<undefined> {
    const task = this.#sched.current as Task;
    this.#tasks.push(task);
    try {
      await block();
    } catch (error) {
      const at = this.#tasks.indexOf(task);
      if (at >= 0) this.#tasks.splice(at, 1);
      throw error;
    }
    // Each look at the condition, since another step may come between two of them.
    this.#sched.access?.("wait queue", this.name, "read");
  }

  /** What is waited for changed so that nobody has to look again. */
  changed(): undefined {
    this.#sched.access?.("wait queue", this.name, "write");
  }

  /** Wakes all waiters. Linux: wake_up() */
  wakeUp(): undefined {
    this.changed();
    if (this.#tasks.length === 0) return;
    for (const task of this.#tasks.splice(0)) this.#sched.wake(task);
  }
}

/**
 * Something that finishes once, or once per waiter.
 *
 * Linux: struct completion
 */
export class Completion {
  #done = 0;
  readonly #queue: WaitQueue;

  /**
   * Makes one that is not complete. Linux: init_completion()
   *
   * @param name What is waited for, as a message about a wait without end says it.
   */
  constructor(sched: Scheduler, name: string) {
    this.#queue = new WaitQueue(sched, name);
  }

  /** True when a waiter would not have to wait. */
  get done(): boolean {
    return this.#done > 0;
  }

  /** Lets one waiter go on. Linux: complete() */
  complete(): undefined {
    this.#done++;
    this.#queue.wakeUp();
  }

  /** Lets all waiters go on, now and later. Linux: complete_all() */
  completeAll(): undefined {
    this.#done = Infinity;
    this.#queue.wakeUp();
  }

  /** Sleeps until completed. Linux: wait_for_completion() */
  async wait(): Promise<undefined> {
    await this.#queue.waitEvent(() => this.#done > 0);
    this.#done--;
    this.#queue.changed();
  }

  /**
   * Like {@linkcode wait}, but a signal ends it.
   *
   * Linux: wait_for_completion_interruptible()
   *
   * @throws {KernelError} `EINTR`
   */
  async waitInterruptible(): Promise<undefined> {
    await this.#queue.waitEventInterruptible(() => this.#done > 0);
    this.#done--;
    this.#queue.changed();
  }
}

/**
 * A lock whose holder may sleep.
 *
 * Linux: struct mutex
 */
export class Mutex {
  #held = false;
  readonly #queue: WaitQueue;

  /** Makes a lock that nobody holds. Linux: mutex_init() */
  constructor(sched: Scheduler, name: string) {
    this.#queue = new WaitQueue(sched, `the lock ${name}`);
  }

  /** Runs `body` alone. Linux: mutex_lock() … mutex_unlock() */
  async with<T>(body: () => Promise<T>): Promise<T> {
    await this.#queue.waitEvent(() => !this.#held);
    this.#held = true;
    this.#queue.changed();
    try {
      return await body();
    } finally {
      this.#held = false;
      this.#queue.wakeUp();
    }
  }
}
