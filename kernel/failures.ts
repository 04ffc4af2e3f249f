/**
 * Where an exception goes that belongs to nobody who waits for it.
 *
 * @module
 */
import type { Task } from "./task.ts";

/**
 * Exceptions of background tasks. They go to the foreground tasks, which have somebody to tell: those that
 * wait hear it now; when none waits, the next one that waits or ends does.
 */
export class Failures {
  /** One that no foreground task has heard of yet. */
  #failure: Error | undefined;
  /** One that no foreground task can hear of, because there is none. */
  #unheard: Error | undefined;

  /** Takes an exception in, and gives the tasks that hear it now. */
  add(error: Error, tasks: readonly Task[]): readonly Task[] {
    const foreground = tasks.filter((task) => task.foreground);
    const waiting = foreground.filter(({ state }) => state === "blocked");
    if (foreground.length === 0) this.#unheard = error;
    else if (waiting.length === 0) this.#failure = error;
    return waiting;
  }

  /** What a task has to hear before it waits or ends. It is told once. */
  take(task: Task): Error | undefined {
    if (!task.foreground) return undefined;
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Whether there is nobody who could hear of an exception. */
  isUnheard(error: unknown): boolean {
    return this.#unheard === error;
  }
}
