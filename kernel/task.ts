/**
 * Tasks and timers: what the scheduler runs.
 *
 * @module
 */
import type { ChoiceKind } from "./choice.ts";
import type { Finding } from "./finding.ts";

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

/** A point at which a task can go on in several ways. */
export interface Fork {
  /** What is varied by another way than the first. */
  readonly kind: ChoiceKind;
  /** The ways, Linux's own first. */
  readonly ways: readonly string[];
  /** What is varied when something else happens before the task goes on. */
  readonly waits: ChoiceKind;
}

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
  /** It was woken and has not run since: it may go before a task that offers it. Linux: check_preempt_wakeup() */
  preempts = true;
  /** A signal may end its present wait. Linux: TASK_INTERRUPTIBLE */
  interruptible = false;
  /** What ends every interruptible wait of it from now on. Linux: signal_pending() */
  signal: Error | undefined;
  /** What is varied when something else happens before it goes on. */
  kind: ChoiceKind = "task";
  /** What it is busy with, where its name does not tell it from others. */
  about = "";
  /** Where it stands, if it can go on in several ways. */
  fork: Fork | undefined;
  /** The way in which it went on from there. */
  way = 0;
  /** What made it do what it does now, where that says more than its name: an initcall, an event. */
  cause: string | undefined;
  /**
   * What the probe that it runs has found so far.
   *
   * @internal
   */
  findings: Finding[] | undefined;

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
