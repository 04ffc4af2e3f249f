/**
 * The tasks of a kernel.
 *
 * Linux: kernel/fork.c
 *
 * @module
 */
import { Task } from "./task.ts";

/** First number given to a task that is not init: the reference kernel has threads of its own below. */
const FIRST_PID = 83;

/** All tasks that exist. */
export class TaskTable {
  /** How many of them somebody waits for. */
  foreground = 0;
  readonly #tasks = new Set<Task>();
  #nextPid = FIRST_PID;

  /** All of them, oldest first. */
  get all(): readonly Task[] {
    return [...this.#tasks];
  }

  /** Those that wait for something. */
  get blocked(): readonly Task[] {
    return this.all.filter(({ state }) => state === "blocked");
  }

  /**
   * Makes a task, and the promise of its result. Linux: copy_process()
   *
   * @param pid Its number; the next free one by default.
   */
  create<T>(
    name: string,
    body: () => Promise<T>,
    foreground: boolean,
    pid: number = this.#nextPid++,
  ): { task: Task; result: Promise<T> } {
    const task = new Task(pid, name, foreground);
    if (foreground) this.foreground++;
    this.#tasks.add(task);
    const result = new Promise<unknown>((resolve, reject) => {
      task.body = body;
      task.resolve = resolve;
      task.reject = reject;
    });
    return { task, result: result as Promise<T> };
  }

  /** Takes a task away that has ended. Linux: release_task() */
  release(task: Task): undefined {
    task.state = "done";
    this.#tasks.delete(task);
    if (task.foreground) this.foreground--;
  }
}
