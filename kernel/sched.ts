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
import { actorOf, Agenda } from "./agenda.ts";
import type { AccessListener, ChoiceKind, Choices, Option } from "./choice.ts";
import type { Clock, Costs } from "./clock.ts";
import { KernelBug } from "./errors.ts";
import { Failures } from "./failures.ts";
import { freeName } from "./free_name.ts";
import { RunQueue } from "./run_queue.ts";
import { DeadlockError, type Task } from "./task.ts";
import { TaskTable } from "./task_table.ts";
import { type Timer, Timers } from "./timers.ts";

/** What the scheduler needs of the rest of the machine. */
export interface SchedulerHooks {
  /** Takes all interrupts that are pending; true when there was one. */
  takeInterrupts(): boolean;
  /** The interrupts that are pending, each ready to be taken. */
  interrupts(): readonly Option[];
  /** Lets the machine do what is due. */
  runDue(): undefined;
  /** The machine's next event in nanoseconds, or `Infinity`. */
  nextEventNs(): number;
  /** Settles when something came from outside; `undefined` when nothing can. Throws when the machine is broken. */
  waitExternal(): Promise<void> | undefined;
}

/** Runs the tasks of one kernel. */
export class Scheduler {
  /** The task that is running now. */
  current: Task | undefined;
  /** Depth of code that must not sleep: interrupt handlers. */
  atomicDepth = 0;
  /** Number of task switches so far. */
  switches = 0;
  /** Hears what the running task does to what others see; nobody by default. */
  access: AccessListener | undefined;

  readonly #clock: Clock;
  readonly #costs: Costs;
  readonly #choices: Choices;
  readonly #hooks: SchedulerHooks;
  readonly #tasks = new TaskTable();
  readonly #runnable = new RunQueue();
  readonly #timers = new Timers(({ name }) => {
    this.access?.("timer", name, "write");
    this.access?.("timers", "", "insert");
  });
  readonly #agenda: Agenda;
  readonly #failures = new Failures();
  #dispatching = false;
  #poked = false;
  #waitingOutside = false;
  #stopped = false;
  /** Runnable tasks that only wait for the machine to come to rest. */
  #settling = 0;

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
    this.#agenda = new Agenda(choices, {
      runnable: this.#runnable,
      timers: this.#timers,
      interrupts: () => hooks.interrupts(),
      switchTo: (task) => this.#switchTo(task),
      fire: (timer) => this.#fire(timer),
    });
  }

  /**
   * What would happen by itself if the running task waited, as a text. Empty where nothing would, or somebody decides
   * about all of it.
   *
   * @param later With what would happen when its time has come.
   */
  pending(later: boolean): string {
    const machine = later && this.timed.machine ? ["the machine"] : [];
    const untilNs = later ? Infinity : this.#clock.nowNs;
    return [...this.#agenda.undecided(untilNs), ...machine].join();
  }

  /** Whether timers are set, and the machine has begun something: what waits for its time to come. */
  get timed(): { readonly timers: boolean; readonly machine: boolean } {
    return {
      timers: this.#timers.nextNs < Infinity,
      machine: this.#hooks.nextEventNs() < Infinity,
    };
  }

  /** A task runs or could, or the machine works: something goes on also if nobody waits for anything. */
  get busy(): boolean {
    const goesOn = this.current !== undefined || this.#runnable.length > 0;
    return !this.#stopped && (goesOn || this.#hooks.nextEventNs() < Infinity);
  }

  /** Tasks that exist now, oldest first. */
  get tasks(): readonly Task[] {
    return this.#tasks.all;
  }

  /**
   * Starts a task for a script and gives its result. Time passes while it runs.
   *
   * @param body Called once the task is picked.
   * @param pid Its number; the next free one by default.
   */
  run<T>(name: string, body: () => Promise<T>, pid?: number): Promise<T> {
    const { task, result } = this.#tasks.create(name, body, true, pid);
    this.#start(task);
    return result;
  }

  /**
   * Starts a task that nobody waits for. An exception of it is a bug and ends the run loudly.
   *
   * Linux: kthread_run()
   *
   * @param kind What is varied when something else happens before it.
   * @param about What it is busy with, where its name does not tell it from others.
   */
  spawn(
    name: string,
    body: () => Promise<unknown>,
    kind: ChoiceKind = "task",
    about: string = "",
  ): Task {
    const { task, result } = this.#tasks.create(name, body, false);
    task.kind = kind;
    if (about !== "") task.about = freeName(about, this.tasks.map((other) => other.about));
    this.#start(task);
    result.catch((error) => {
      if (this.#failures.isUnheard(error)) throw error;
    });
    return task;
  }

  #start(task: Task): undefined {
    this.#runnable.add(task);
    this.poke();
  }

  /** An exception of nobody who waits for it. */
  #fail(error: Error): undefined {
    for (const task of this.#failures.add(error, this.#tasks.all)) this.#interrupt(task, error);
  }

  /** Runs a task that was never picked before. */
  #begin(task: Task, body: () => Promise<unknown>): undefined {
    task.body = undefined;
    body().then(
      (value) => {
        const failure = this.#failures.take(task);
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
    this.#tasks.release(task);
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
    const failure = this.#failures.take(task);
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
    task.preempts = true;
    this.access?.("woken tasks", "", "insert");
    this.#runnable.add(task);
    this.poke();
  }

  /** Lets every other runnable task go first. Linux: yield() */
  yield(): Promise<void> {
    return this.#giveWay("yield()", this.#runnable.length);
  }

  /** Lets the first `count` runnable tasks go before the running one. */
  #giveWay(what: string, count: number): Promise<void> {
    const picked = this.#park(this.#runningTask(what), count);
    this.current = undefined;
    this.#dispatch();
    return picked;
  }

  /**
   * Lets tasks that were woken meanwhile go first, if there are any; one that gave way itself is no such task.
   * Interrupts that are pending are taken before, as they would have been long ago on a real machine. Where
   * somebody decides who goes on, it is
   * a point of the run also without others: whether a step ends here must not depend on what others did.
   *
   * Linux: cond_resched()
   */
  condResched(): Promise<void> | undefined {
    this.access?.("what is left to do", "", "read");
    if (!this.#choices.active && this.atomicDepth === 0) this.#hooks.takeInterrupts();
    const decided = this.current !== undefined && this.#choices.varies(this.current.kind);
    if (!decided) this.access?.("woken tasks", "", "read");
    const first = this.#runnable.sortFirst((task) => task.preempts);
    return first > 0 || decided ? this.#giveWay("condResched()", first) : undefined;
  }

  /**
   * Lets workers go first, also those that gave way before: for a program that was in the kernel for long.
   *
   * Linux: exit_to_user_mode()
   */
  exitToUserMode(): Promise<void> | undefined {
    const first = this.#runnable.sortFirst((task) => task.kind === "work");
    return first > 0 ? this.#giveWay("exitToUserMode()", first) : undefined;
  }

  /** The task that calls what may let others go first. */
  #runningTask(what: string): Task {
    if (this.current === undefined) throw new KernelBug(`${what} without a running task`);
    if (this.atomicDepth > 0) throw new KernelBug(`scheduling while atomic: ${what}`);
    return this.current;
  }

  /** Puts a task that can go on into the queue, before the one at `place`. */
  #park(task: Task, place: number): Promise<void> {
    task.state = "runnable";
    task.preempts = false;
    this.#runnable.add(task, place);
    return new Promise((resolve) => {
      task.resume = resolve as () => undefined;
    });
  }

  /** Sleeps for `ns` nanoseconds of virtual time. Linux: usleep_range() */
  async sleep(ns: number): Promise<undefined> {
    const task = this.#runningTask("sleep()");
    const atNs = this.#clock.nowNs + ns;
    const timer = this.addTimer(atNs, `sleep of ${actorOf(task)}`, () => this.wake(task));
    try {
      await this.block(`a sleep of ${ns} ns`);
    } catch (error) {
      this.deleteTimer(timer);
      throw error;
    }
  }

  /** Calls `fire` at `atNs`, in atomic context. Linux: mod_timer() */
  addTimer(atNs: number, name: string, fire: () => undefined): Timer {
    this.access?.("time", "", "read");
    return this.#timers.set(atNs, name, fire);
  }

  /** Takes a timer back; false when it fired already. Linux: del_timer() */
  deleteTimer(timer: Timer): boolean {
    return this.#timers.delete(timer);
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
    if (this.atomicDepth === 0) this.#hooks.takeInterrupts();
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

  /** Nothing happens any more once the running task waits or ends: for kernels that nobody looks at again. */
  stop(): undefined {
    this.#stopped = true;
  }

  /** Picks what happens next. Called whenever no task runs. */
  #dispatch(): undefined {
    if (this.#dispatching || this.#stopped) return;
    this.access?.("what is left to do", "", "read");
    this.#dispatching = true;
    try {
      while (this.current === undefined && !this.#stopped) {
        this.#guard(() => void this.#hooks.runDue());
        const happened = this.#choices.active ? this.#advanceAsChosen() : this.#advance();
        if (!happened && !this.#idle()) return;
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /** What fails here belongs to no task, so those hear of it that wait. */
  #guard<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (this.#tasks.foreground === 0) throw error;
      this.#fail(error as Error);
      return undefined;
    }
  }

  /** Timers fire, interrupts are taken, a task goes on; false when there was neither of the last two. */
  #advance(): boolean {
    const dueNs = this.#clock.nowNs;
    const took = this.#guard(() => {
      while (this.#timers.nextNs <= dueNs) this.#fire(this.#timers.all[0]);
      return this.#hooks.takeInterrupts();
    }) === true;
    const task = this.#runnable.first;
    if (task !== undefined) this.#switchTo(task);
    return took || task !== undefined;
  }

  /** The same, one thing at a time, each as somebody else decides, until a task has gone on. */
  #advanceAsChosen(): boolean {
    const dueNs = this.#clock.nowNs;
    const { switches } = this;
    let options: Option[];
    let happened = false;
    while (this.switches === switches && (options = this.#options(dueNs)).length > 0) {
      const option = this.#choices.pick(options);
      if (option === undefined) this.#stopped = true;
      if (option === undefined) return true;
      happened = true;
      this.#guard(option.take);
    }
    return happened;
  }

  #options(dueNs: number, first?: Task): Option[] {
    return this.#agenda.options(dueNs, this.#clock.nowNs, first);
  }

  /**
   * The running task has gone all ways of a kind of fork: what it does now comes after them.
   *
   * @param name Of what comes now, for people.
   */
  barrier(kind: ChoiceKind, name: string): undefined {
    if (this.#choices.varies(kind)) {
      this.#choices.barrier(actorOf(this.#runningTask("barrier()")), name);
    }
  }

  /**
   * The running task stands where it can go on in several ways, or where others may go first.
   *
   * Costs a promise: ask `choices.active` before.
   *
   * @param waits What is varied when others go first. Default: the kind of the task.
   * @returns The way, from 0.
   */
  async decide(
    kind: ChoiceKind,
    ways: readonly string[],
    waits?: ChoiceKind,
  ): Promise<number> {
    const task = this.#runningTask("decide()");
    task.fork = { kind, ways, waits: waits ?? task.kind };
    const options = this.#options(this.#clock.nowNs, task);
    const option = this.#choices.pick(options);
    if (option !== undefined && options.indexOf(option) < ways.length) {
      task.fork = undefined;
      return options.indexOf(option);
    }
    const resumed = this.#park(task, 0);
    this.current = undefined;
    if (option === undefined) this.#stopped = true;
    else this.#guard(option.take);
    this.#dispatch();
    await resumed;
    return task.way;
  }

  /** Where others may go before the running task does, if that is varied. Linux: might_resched() */
  async preempt(waits: ChoiceKind): Promise<undefined> {
    if (!this.#choices.varies(waits)) return;
    const [{ kind, name }] = this.#agenda.waysOf(this.#runningTask("preempt()"));
    await this.decide(kind, [name], waits);
  }

  #switchTo(task: Task): undefined {
    this.#runnable.remove(task);
    this.switches++;
    if (task.preempts) this.access?.("woken tasks", "", "insert");
    // At a fork it would have gone on by itself: how long that takes must not depend on who went before.
    if (task.fork === undefined) this.#clock.advanceByNs(this.#costs.taskSwitch);
    task.fork = undefined;
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
    const timer = this.#tasks.foreground > 0 ? this.#timers.nextNs : Infinity;
    const next = Math.min(timer, this.#hooks.nextEventNs());
    if (next < Infinity) {
      this.#rest("time passes");
      this.#clock.advanceToNs(next);
      return true;
    }
    if (this.#tasks.foreground > 0) this.#waitOutside();
    return false;
  }

  /** Nothing could go on: what comes now comes after all that was. */
  #rest(name: string): undefined {
    if (!this.#choices.interleaved) return;
    this.#choices.barrier(name, name);
    this.access?.("what is left to do", "", "write");
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
    const { blocked } = this.#tasks;
    const error = new DeadlockError(
      blocked.map((task) => `${task.name} (pid ${task.pid}) waits for ${task.waitsFor}`),
    );
    const stuck = blocked.find((task) => task.foreground);
    this.#rest("nothing can go on");
    if (stuck !== undefined) this.#interrupt(stuck, error);
  }

  /** Makes a blocked task's wait fail; the task then is the running one. */
  #interrupt(task: Task, error: Error): undefined {
    const raise = task.interrupt;
    task.state = "runnable";
    const resume = () => raise(error);
    task.resume = resume;
    this.#runnable.add(task);
    this.poke();
    if (this.#dispatching) this.#repoke();
  }

  /** Looks again after the dispatch that is under way. */
  #repoke(): undefined {
    Promise.resolve().then(() => {
      if (this.current === undefined) this.#dispatch();
    });
  }

  #fire(timer: Timer): undefined {
    this.deleteTimer(timer);
    this.atomicDepth++;
    try {
      timer.fire();
    } finally {
      this.atomicDepth--;
    }
  }

  /**
   * Lets the machine finish what it has begun, without waiting for any timer of the kernel.
   *
   * Useful in scripts: after it, what the guest sent has arrived outside.
   */
  async settle(): Promise<undefined> {
    this.access?.("what is left to do", "", "read");
    for (;;) {
      const busy = this.#runnable.length > this.#settling || this.#hooks.interrupts().length > 0;
      const next = this.#hooks.nextEventNs();
      if (!busy && next === Infinity) return;
      if (!busy) this.#clock.advanceToNs(next);
      this.#settling++;
      await this.yield();
      this.#settling--;
    }
  }
}
