import type { Scheduler } from "./sched.ts";
import { Slot } from "./slot.ts";
import type { Timer } from "./timers.ts";
import { WaitQueue } from "./wait.ts";

/** A function that a worker will call once for each time that it was queued. Linux: struct work_struct */
export class Work {
  /** Waits in a queue now. */
  pending = false;
  /** Somebody takes it back right now: queueing it does nothing. Linux: work_is_canceling() */
  canceling = 0;
  /** Which queueing of its queue it waits for, or waited for last. */
  ticket = 0;

  /** Makes work that waits nowhere yet. Linux: INIT_WORK() */
  constructor(
    /** For people: the function's name. */
    readonly name: string,
    /** Runs in a task of its own, and may sleep. */
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
  #runningTicket = 0;
  #tickets = 0;
  #worker = false;

  /** Makes an empty queue. */
  constructor(
    sched: Scheduler,
    /** For people. */
    readonly name: string,
  ) {
    this.#sched = sched;
    this.#idle = new WaitQueue(sched, `the work queue ${name}`);
  }

  /** Queues `work`; false when it waits in the queue already. May be called in any context. */
  queue(work: Work): boolean {
    if (work.pending || work.canceling > 0) return false;
    work.pending = true;
    work.ticket = ++this.#tickets;
    this.#items.push(work);
    this.#sched.access?.("work queue", this.name, "append");
    this.#startWorker();
    return true;
  }

  #startWorker(): undefined {
    if (this.#worker || this.#items.length === 0) return;
    this.#worker = true;
    this.#sched.spawn(`kworker/0:${this.name}`, () => this.#work(), "work");
  }

  /** The next item; that there is none is a look at the queue too. */
  #take(): Work | undefined {
    this.#sched.access?.("work queue", this.name, "write");
    return this.#items.shift();
  }

  async #work(): Promise<undefined> {
    let work: Work | undefined;
    try {
      while ((work = this.#take()) !== undefined) {
        work.pending = false;
        this.#running = work;
        this.#runningTicket = work.ticket;
        await work.func();
        this.#running = undefined;
        this.#idle.wakeUp();
      }
    } finally {
      this.#running = undefined;
      this.#worker = false;
      this.#idle.wakeUp();
      this.#startWorker();
    }
  }

  /** True when the queueing with this ticket has run to its end, or was taken back. */
  #isDone(work: Work, ticket: number): boolean {
    if (this.#running === work && this.#runningTicket <= ticket) return false;
    return !work.pending || work.ticket > ticket;
  }

  /** Sleeps until `work`, as it was queued last, has run; what it queues anew itself is not waited for. Linux: flush_work() */
  async flush(work: Work): Promise<undefined> {
    const ticket = work.ticket;
    await this.#idle.waitEvent(() => this.#isDone(work, ticket));
  }

  /** Takes `work` out of the queue; false when it is not there. Linux: cancel_work() */
  take(work: Work): boolean {
    if (!work.pending) return false;
    work.pending = false;
    this.#items.splice(this.#items.indexOf(work), 1);
    this.#idle.wakeUp();
    return true;
  }

  /** Takes `work` out of the queue and waits until it does not run, even if it queues itself. Linux: cancel_work_sync() */
  async cancel(work: Work): Promise<undefined> {
    this.take(work);
    work.canceling++;
    try {
      await this.#idle.waitEvent(() => this.#running !== work);
    } finally {
      work.canceling--;
    }
  }

  /** Sleeps until all that is queued now has run. Linux: flush_workqueue() */
  async drain(): Promise<undefined> {
    const last = this.#tickets;
    await this.#idle.waitEvent(() =>
      (this.#running === undefined || this.#runningTicket > last) &&
      this.#items.every((work) => work.ticket > last)
    );
  }
}

/** The queue for everything without a queue of its own. Linux: system_wq, schedule_work() */
export const SYSTEM_WQ: Slot<WorkQueue> = new Slot(
  "events",
  (kernel) => new WorkQueue(kernel.sched, "events"),
);

/** Work that is queued when some time has passed. Linux: struct delayed_work */
export class DelayedWork {
  /** What is queued when the time has come. */
  readonly work: Work;
  #timer: Timer | undefined;

  /** Makes work that waits for nothing yet. Linux: INIT_DELAYED_WORK() */
  constructor(
    /** Whose timers it uses. */
    readonly sched: Scheduler,
    /** Where it is queued. */
    readonly queue: WorkQueue,
    /** For people: the function's name. */
    readonly name: string,
    func: () => Promise<undefined>,
  ) {
    this.work = new Work(name, func);
  }

  /** It waits for its time, or in the queue. */
  get pending(): boolean {
    return this.#timer !== undefined || this.work.pending;
  }

  /** Queues it at `atNs`, virtual time in nanoseconds; false when it is pending already. Linux: schedule_delayed_work() */
  scheduleAt(atNs: number, nowNs: number): boolean {
    if (this.pending || this.work.canceling > 0) return false;
    if (atNs <= nowNs) return this.queue.queue(this.work);
    this.#timer = this.sched.addTimer(atNs, this.name, () => {
      this.#timer = undefined;
      this.queue.queue(this.work);
    });
    return true;
  }

  /** Queues it now, even if it was to come later. Linux: mod_delayed_work() with delay 0 */
  runNow(): undefined {
    this.#stopTimer();
    this.queue.queue(this.work);
  }

  /** Takes it back unless it runs already; false when it did not wait. Linux: cancel_delayed_work() */
  stop(): boolean {
    const waited = this.#timer !== undefined;
    this.#stopTimer();
    return waited || this.queue.take(this.work);
  }

  /** Makes sure that it neither waits nor runs. Linux: cancel_delayed_work_sync() */
  async cancel(): Promise<undefined> {
    this.#stopTimer();
    await this.queue.cancel(this.work);
  }

  #stopTimer(): undefined {
    if (this.#timer !== undefined) this.sched.deleteTimer(this.#timer);
    this.#timer = undefined;
  }
}
