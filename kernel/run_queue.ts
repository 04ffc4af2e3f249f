/**
 * Who can go on.
 *
 * Linux: struct rq
 *
 * @module
 */
import type { Task } from "./task.ts";

/** Tasks that can go on, the next one first. */
export class RunQueue {
  readonly #tasks: Task[] = [];

  /** How many there are. */
  get length(): number {
    return this.#tasks.length;
  }

  /** The next one. */
  get first(): Task | undefined {
    return this.#tasks[0];
  }

  /** All of them, the next one first. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** Adds a task as the last one, or before the one at `place`. Linux: enqueue_task() */
  add(task: Task, place: number = this.#tasks.length): undefined {
    this.#tasks.splice(place, 0, task);
  }

  /** Takes a task out. Linux: dequeue_task() */
  remove(task: Task): undefined {
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
  }

  /** Puts some before the others. Gives their number. */
  sortFirst(isFirst: (task: Task) => boolean): number {
    const first = this.#tasks.filter(isFirst);
    if (first.length === 0) return 0;
    this.#tasks.splice(0, Infinity, ...new Set([...first, ...this.#tasks]));
    return first.length;
  }
}
