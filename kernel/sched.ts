/**
 * The scheduler: tasks, waiting, time, interrupts from outside.
 *
 * A task is an async function. One task runs at a time and keeps running until it waits for something
 * through this module; then the scheduler picks the next. Nothing below the scripting layer awaits
 * anything else, so the order of events is the scheduler's alone: it can be chosen, recorded and
 * replayed. When nothing can run, virtual time jumps to the next event; when there is none, the run
 * fails with the list of waiters.
 *
 * @module
 */
import type { Choices } from "./choice.ts";
import type { Clock, Costs } from "./clock.ts";
import { KernelBug } from "./errors.ts";

/** Raised in every waiting foreground task when nothing can happen any more. */
export class DeadlockError extends Error {
  /** The name of the class. */
  override name = "DeadlockError";
  /** Each waiting task with what it waits for. */
  readonly waiters: readonly string[];

  /**
   * Made by the scheduler.
   *
   * @internal
   */
  constructor(waiters: readonly string[]) {
    super(`Nothing can run and no event can come: ${waiters.join("; ")}`);
    this.waiters = waiters;
  }
}

function ignore(): undefined {}

/** A thread of control. Linux: struct task_struct */
export class Task {
  /** What it waits for, while it waits. */
  waitsFor = "";
  /** Whether it runs, could run, waits, or has ended. */
  state: "runnable" | "running" | "blocked" | "done" = "runnable";
  /** What it does, until it is picked for the first time. */
  body: (() => Promise<unknown>) | undefined;
  /** Where its result goes. */
  resolve: (value: unknown) => void = ignore;
  /** Where its exception goes. */
  reject: (error: Error) => void = ignore;
  /** Resumes it; set whenever it is not running. */
  resume: () => undefined = ignore;
  /** Makes what it waits for fail. */
  interrupt: (error: Error) => undefined = ignore;
  /** A signal may end its present wait. Linux: TASK_INTERRUPTIBLE */
  interruptible = false;
  /** What ends every interruptible wait of it from now on. Linux: signal_pending() */
  signal: Error | undefined;

  /**
   * Made by {@linkcode Scheduler.run} and {@linkcode Scheduler.spawn}.
   *
   * @internal
   */
  constructor(
    /** Its number. */
    readonly pid: number,
    /** For people: `modprobe`, `kworker/0:1`. */
    readonly name: string,
    /** A script waits for it: the kernel's timers fire only while such a task exists. */
    readonly foreground: boolean,
  ) {}
}

/** A function that will be called at an instant. Linux: struct timer_list */
export interface Timer {
  /** Virtual time at which it fires, in nanoseconds since power-on. */
  readonly atNs: number;
  /** For people. */
  readonly name: string;
  /** What is called then, in atomic context: it must not sleep. */
  readonly fire: () => undefined;
}

/** What the scheduler needs of the rest of the machine. */
export interface SchedulerHooks {
  /** Takes the interrupts that are pending, or postpones them where something else can run; true when one was taken. */
  takeInterrupts(mayPostpone: boolean): boolean;
  /** Lets the machine do what is due. */
  runDue(): undefined;
  /** The machine's next event in nanoseconds, or `Infinity`. */
  nextEventNs(): number;
  /** Settles when something came from outside; `undefined` when nothing can. Throws when the machine is broken. */
  waitExternal(): Promise<void> | undefined;
}

/** First number given to a task that is not init: the reference kernel has threads of its own below. */
const FIRST_PID = 83;

/** Runs the tasks of one kernel. */
export class Scheduler {
  /** The task that is running now. */
  current: Task | undefined;
  /** Depth of code that must not sleep: interrupt handlers. */
  atomicDepth = 0;
  /** Number of task switches so far. */
  switches = 0;

  readonly #clock: Clock;
  readonly #costs: Costs;
  readonly #choices: Choices;
  readonly #hooks: SchedulerHooks;
  readonly #tasks = new Set<Task>();
  readonly #runnable: Task[] = [];
  readonly #timers: Timer[] = [];
  #nextPid = FIRST_PID;
  #foreground = 0;
  #dispatching = false;
  #poked = false;
  #waitingOutside = false;
  /** Runnable tasks that only wait for the machine to come to rest. */
  #settling = 0;
  /** An exception of a background task that no foreground task has heard of yet. */
  #failure: Error | undefined;
  /** One that no foreground task can hear of, because there is none. */
  #unheard: Error | undefined;

  /**
   * Each kernel makes its own.
   *
   * @internal
   */
  constructor(clock: Clock, costs: Costs, choices: Choices, hooks: SchedulerHooks) {
    this.#clock = clock;
    this.#costs = costs;
    this.#choices = choices;
    this.#hooks = hooks;
  }

  /** Tasks that exist now, oldest first. */
  get tasks(): readonly Task[] {
    return [...this.#tasks];
  }

  /**
   * Starts a task for a script and gives its result. Time passes while it runs.
   *
   * @param body Called once the task is picked.
   * @param pid Its number; the next free one by default.
   */
  run<T>(name: string, body: () => Promise<T>, pid?: number): Promise<T> {
    return this.#spawn(name, body, true, pid);
  }

  /**
   * Starts a task that nobody waits for. An exception of it is a bug and ends the run loudly.
   *
   * Linux: kthread_run()
   */
  spawn(name: string, body: () => Promise<unknown>): Task {
    let task: Task | undefined;
    const done = this.#spawn(name, body, false, undefined, (t) => (task = t));
    done.catch((error) => {
      if (this.#unheard === error) throw error;
    });
    return task as unknown as Task;
  }

  /**
   * Where an exception of a background task goes: the foreground tasks, which have somebody to tell. Those
   * that wait hear it now; when none waits, the next one that waits or ends does.
   */
  #fail(error: Error): undefined {
    if (this.#foreground === 0) this.#unheard = error;
    const waiting = [...this.#tasks].filter((task) => task.foreground && task.state === "blocked");
    if (waiting.length === 0 && this.#foreground > 0) this.#failure = error;
    for (const task of waiting) this.#interrupt(task, error);
  }

  /** Takes the exception that a foreground task has not heard of yet. */
  #takeFailure(task: Task): Error | undefined {
    if (!task.foreground) return undefined;
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  #spawn<T>(
    name: string,
    body: () => Promise<T>,
    foreground: boolean,
    pid = this.#nextPid++,
    made?: (task: Task) => void,
  ): Promise<T> {
    const task = new Task(pid, name, foreground);
    made?.(task);
    if (foreground) this.#foreground++;
    this.#tasks.add(task);
    const result = new Promise<unknown>((resolve, reject) => {
      task.body = body;
      task.resolve = resolve;
      task.reject = reject;
    });
    this.#runnable.push(task);
    this.poke();
    return result as Promise<T>;
  }

  /** Runs a task that was never picked before. */
  #begin(task: Task, body: () => Promise<unknown>): undefined {
    task.body = undefined;
    body().then(
      (value) => {
        const failure = this.#takeFailure(task);
        this.#exit(task);
        if (failure === undefined) task.resolve(value);
        else task.reject(failure);
      },
      (error) => {
        // Before anybody else runs: the others may wait for what this task will never do.
        if (!task.foreground) this.#fail(error);
        this.#exit(task);
        task.reject(error);
      },
    );
  }

  #exit(task: Task): undefined {
    task.state = "done";
    this.#tasks.delete(task);
    if (task.foreground) this.#foreground--;
    this.current = undefined;
    this.#dispatch();
  }

  /**
   * Puts the running task to sleep until {@linkcode wake} names it.
   *
   * @param waitsFor For people: shown when everything is stuck.
   * @throws {KernelBug} When called where Linux must not sleep.
   * @throws {DeadlockError} When nothing can happen any more.
   */
  block(waitsFor: string): Promise<void> {
    return this.#block(waitsFor, false);
  }

  /** Like {@linkcode block}, but a signal ends it: throws what {@linkcode signal} was given. */
  async blockInterruptible(waitsFor: string): Promise<undefined> {
    const signal = this.current?.signal;
    if (signal !== undefined) throw signal;
    await this.#block(waitsFor, true);
  }

  #block(waitsFor: string, interruptible: boolean): Promise<void> {
    const task = this.current;
    if (this.atomicDepth > 0) throw new KernelBug(`scheduling while atomic: wait for ${waitsFor}`);
    if (task === undefined) {
      throw new KernelBug(`no task is running that could wait for ${waitsFor}`);
    }
    const failure = this.#takeFailure(task);
    if (failure !== undefined) return Promise.reject(failure);
    task.state = "blocked";
    task.waitsFor = waitsFor;
    task.interruptible = interruptible;
    const woken = new Promise<void>((resolve, reject) => {
      task.resume = resolve as () => undefined;
      task.interrupt = reject as (error: Error) => undefined;
    });
    this.current = undefined;
    this.#dispatch();
    return woken;
  }

  /** Ends the task's interruptible waits, now and later, with `error`. Linux: send_sig() */
  signal(task: Task, error: Error): undefined {
    task.signal = error;
    if (task.state === "blocked" && task.interruptible) this.#interrupt(task, error);
  }

  /** Makes a sleeping task runnable. Linux: wake_up_process() */
  wake(task: Task): undefined {
    if (task.state !== "blocked") return;
    task.state = "runnable";
    this.#runnable.push(task);
    this.poke();
  }

  /** Lets every other runnable task go first. Linux: yield() */
  yield(): Promise<void> {
    const task = this.current;
    if (task === undefined) throw new KernelBug("yield() without a running task");
    if (this.atomicDepth > 0) throw new KernelBug("scheduling while atomic: yield()");
    const woken = this.#park(task);
    this.current = undefined;
    this.#dispatch();
    return woken;
  }

  /** Lets tasks that were woken meanwhile go first, if there are any. Linux: cond_resched() */
  condResched(): Promise<void> | undefined {
    return this.#runnable.length > 0 ? this.yield() : undefined;
  }

  #park(task: Task): Promise<void> {
    task.state = "runnable";
    this.#runnable.push(task);
    return new Promise((resolve) => {
      task.resume = resolve as () => undefined;
    });
  }

  /** Sleeps for `ns` nanoseconds of virtual time. Linux: usleep_range() */
  async sleep(ns: number): Promise<undefined> {
    const task = this.current;
    if (task === undefined) throw new KernelBug("sleep() without a running task");
    if (this.atomicDepth > 0) throw new KernelBug("scheduling while atomic: sleep()");
    const atNs = this.#clock.nowNs + ns;
    const timer = this.addTimer(atNs, `sleep of ${task.name}`, () => this.wake(task));
    try {
      await this.block(`a sleep of ${ns} ns`);
    } catch (error) {
      this.deleteTimer(timer);
      throw error;
    }
  }

  /** Calls `fire` at `atNs`, in atomic context. Linux: mod_timer() */
  addTimer(atNs: number, name: string, fire: () => undefined): Timer {
    const timer = { atNs, name, fire };
    let at = this.#timers.length;
    while (at > 0 && this.#timers[at - 1].atNs > atNs) at--;
    this.#timers.splice(at, 0, timer);
    return timer;
  }

  /** Takes a timer back; false when it fired already. Linux: del_timer() */
  deleteTimer(timer: Timer): boolean {
    const at = this.#timers.indexOf(timer);
    if (at >= 0) this.#timers.splice(at, 1);
    return at >= 0;
  }

  /**
   * Lets a busy-waiting loop see the world move: time goes on to the machine's next event, due work is
   * done and pending interrupts are taken.
   *
   * Linux: cpu_relax()
   *
   * @returns False when nothing can ever change for the loop.
   */
  relax(): boolean {
    const next = this.#hooks.nextEventNs();
    if (next === Infinity) return false;
    this.#clock.advanceToNs(next);
    this.#hooks.runDue();
    if (this.atomicDepth === 0) this.#hooks.takeInterrupts(false);
    return true;
  }

  /** Something may have become runnable from outside: look again soon. */
  poke(): undefined {
    if (this.current !== undefined || this.#dispatching || this.#poked) return;
    this.#poked = true;
    Promise.resolve().then(() => {
      this.#poked = false;
      if (this.current === undefined) this.#dispatch();
    });
  }

  /** Picks the next task. Called whenever none runs. */
  #dispatch(): undefined {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.current === undefined) {
        const took = this.#lookAround();
        if (this.#runnable.length > 0) this.#switchTo(this.#pick());
        else if (!took && !this.#idle()) return;
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /**
   * Lets the machine do what is due, fires timers, takes interrupts; true when one was taken. What fails
   * there belongs to no task, so those hear of it that wait.
   */
  #lookAround(): boolean {
    try {
      this.#hooks.runDue();
      this.#fireTimers();
      return this.#hooks.takeInterrupts(this.#runnable.length > 0);
    } catch (error) {
      if (this.#foreground === 0) throw error;
      this.#fail(error as Error);
      return false;
    }
  }

  #pick(): Task {
    const runnable = this.#runnable;
    if (runnable.length === 1) return runnable.pop() as Task;
    const taken = this.#choices.choose("task", runnable.length, (i) => runnable[i].name);
    return runnable.splice(taken, 1)[0];
  }

  #switchTo(task: Task): undefined {
    this.switches++;
    this.#clock.advanceByNs(this.#costs.taskSwitch);
    this.current = task;
    task.state = "running";
    if (task.body === undefined) task.resume();
    else this.#begin(task, task.body);
  }

  /**
   * Nothing is runnable: lets time jump to the next event. What the machine has begun it finishes also
   * when no script waits; the kernel's own timers rest until one does. False when there is nothing to do.
   */
  #idle(): boolean {
    const timer = this.#foreground > 0 ? this.#timers[0]?.atNs ?? Infinity : Infinity;
    const next = Math.min(timer, this.#hooks.nextEventNs());
    if (next < Infinity) {
      this.#clock.advanceToNs(next);
      return true;
    }
    if (this.#foreground > 0) this.#waitOutside();
    return false;
  }

  #waitOutside(): undefined {
    if (this.#waitingOutside) return;
    let event: Promise<void> | undefined;
    try {
      event = this.#hooks.waitExternal();
    } catch (error) {
      // The machine has broken down.
      return this.#fail(error as Error);
    }
    if (event === undefined) return this.#deadlock();
    this.#waitingOutside = true;
    event.then(() => {
      this.#waitingOutside = false;
      if (this.current === undefined) this.#dispatch();
    });
  }

  #deadlock(): undefined {
    const blocked = [...this.#tasks].filter((task) => task.state === "blocked");
    const error = new DeadlockError(
      blocked.map((task) => `${task.name} (pid ${task.pid}) waits for ${task.waitsFor}`),
    );
    const stuck = blocked.find((task) => task.foreground);
    if (stuck !== undefined) this.#interrupt(stuck, error);
  }

  /** Makes a blocked task's wait fail; the task then is the running one. */
  #interrupt(task: Task, error: Error): undefined {
    const raise = task.interrupt;
    task.state = "runnable";
    task.resume = () => raise(error);
    this.#runnable.push(task);
    this.poke();
    if (this.#dispatching) this.#repoke();
  }

  /** Looks again after the dispatch that is under way. */
  #repoke(): undefined {
    Promise.resolve().then(() => {
      if (this.current === undefined) this.#dispatch();
    });
  }

  #fireTimers(): undefined {
    const timers = this.#timers;
    while (timers.length > 0 && timers[0].atNs <= this.#clock.nowNs) {
      let ties = 1;
      while (ties < timers.length && timers[ties].atNs === timers[0].atNs) ties++;
      const taken = this.#choices.choose("timer", ties, (i) => timers[i].name);
      const [timer] = timers.splice(taken, 1);
      this.atomicDepth++;
      try {
        timer.fire();
      } finally {
        this.atomicDepth--;
      }
    }
  }

  /**
   * Lets the machine finish what it has begun, without waiting for any timer of the kernel.
   *
   * Useful in scripts: after it, what the guest sent has arrived outside.
   */
  async settle(): Promise<undefined> {
    for (;;) {
      const busy = this.#runnable.length > this.#settling;
      const next = this.#hooks.nextEventNs();
      if (!busy && next === Infinity) return;
      if (!busy) this.#clock.advanceToNs(next);
      this.#settling++;
      await this.yield();
      this.#settling--;
    }
  }
}
