/**
 * Small models without a kernel: tasks that work on shared objects. They run at once and very fast, and
 * say by themselves what they touch.
 *
 * @module
 */
import { type ChoicePoint, type Chooser, STOP } from "../../kernel/choice.ts";
import type { Outcome, Scenario, Steering } from "./scenario.ts";

function hearNothing(): undefined {}

/** The objects that tasks share. Each call is an access that the lab hears of. */
export class Shared {
  readonly #values = new Map<string, Map<string, unknown>>();
  readonly #choose: Chooser;
  #access: Steering["access"];

  /** Makes objects that tell the steering of a run what is done with them. */
  constructor({ choose, access }: Steering) {
    this.#choose = choose;
    this.#access = access;
  }

  /** True when an operation that can fail does. */
  fails(what: string): boolean {
    const describe = (i: number) => `${what} ${i === 0 ? "works" : "fails"}`;
    return this.#choose({
      kind: "fault",
      count: 2,
      describe,
      kindOf: () => "fault",
      actorOf: describe,
    }) === 1;
  }

  #keys(object: string): Map<string, unknown> {
    let keys = this.#values.get(object);
    if (keys === undefined) this.#values.set(object, keys = new Map());
    return keys;
  }

  /** Reads a value; `undefined` before the first {@linkcode set}. */
  get<T>(object: string, key = ""): T | undefined {
    this.#access(object, key, "read");
    return this.#keys(object).get(key) as T | undefined;
  }

  /** Writes a value. */
  set(object: string, key: string, value: unknown): undefined {
    this.#access(object, key, "write", value);
    this.#keys(object).set(key, value);
  }

  /** Adds to the end of a list. */
  push(object: string, key: string, value: unknown): undefined {
    const keys = this.#keys(object);
    const list = [...keys.get(key) as unknown[] ?? [], value];
    this.#access(object, key, "append", list);
    keys.set(key, list);
  }

  /** Reads a list. */
  list<T>(object: string, key = ""): readonly T[] {
    return this.get<readonly T[]>(object, key) ?? [];
  }

  /** Adds to a set. */
  insert(object: string, key: string, value: string): undefined {
    this.#access(object, key, "insert", value);
    const keys = this.#keys(object);
    keys.set(key, [...keys.get(key) as string[] ?? [], value].sort());
  }

  /** Takes the next number, from 0. */
  take(object: string, key = ""): number {
    const keys = this.#keys(object);
    const number = keys.get(key) as number ?? 0;
    this.#access(object, key, "take", number + 1);
    keys.set(key, number + 1);
    return number;
  }

  /** Looks at all objects without being heard: for outcomes. */
  get all(): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
    return this.#values;
  }

  /** Calls `look` without being heard. */
  unheard<T>(look: () => T): T {
    const listener = this.#access;
    this.#access = hearNothing;
    try {
      return look();
    } finally {
      this.#access = listener;
    }
  }
}

/** One task of a model. Its steps keep nothing to themselves: what one leaves for a later one is in shared objects. */
export interface ModelTask {
  /** Its name, different from all others. */
  readonly name: string;
  /** What it does, one step after the other; others may come between two steps. One step where it has a level. */
  readonly steps: readonly ((shared: Shared) => undefined)[];
  /** Whether its next step can happen. Default: always. */
  readonly ready?: (shared: Shared, step: number) => boolean;
  /** Tasks of a level wait until all of the lower ones are done. Default: 0. */
  readonly level?: number;
}

/** A model: tasks, and what is seen of them in the end. */
export interface TaskModel {
  /** For people. */
  readonly name: string;
  /** What runs, in the default order. */
  readonly tasks: readonly ModelTask[];
  /** What is there before the first task. */
  readonly prepare?: (shared: Shared) => undefined;
  /** What is seen in the end. */
  readonly outcome: (shared: Shared) => Outcome;
  /** Everything that decides how it runs. Default: its name. */
  readonly definition?: string;
}

/** How far a task is. */
class Progress {
  next = 0;

  constructor(readonly task: ModelTask) {}

  get done(): boolean {
    return this.next === this.task.steps.length;
  }

  get level(): number {
    return this.task.level ?? 0;
  }

  isReady(shared: Shared): boolean {
    return this.task.ready?.(shared, this.next) ?? true;
  }
}

/** Whose steps the tasks with levels are. */
const INIT = "init";

/** Makes a scenario of a model. */
export function modelScenario(model: TaskModel): Scenario {
  return {
    name: model.name,
    definition: model.definition ?? model.name,
    visible: true,
    exact: true,
    fixedSteps: model.tasks.every(({ ready, steps }) => ready === undefined && steps.length === 1),
    run: (steering) => runModel(model, steering),
  };
}

function runModel(model: TaskModel, steering: Steering): Outcome | undefined {
  const shared = new Shared(steering);
  model.prepare?.(shared);
  let waiting = model.tasks.map((task) => new Progress(task));
  const lowest = () => Math.min(...waiting.map(({ level }) => level));
  for (let level = lowest(); waiting.length > 0;) {
    const ready = waiting.filter((one) =>
      one.level === level && shared.unheard(() => one.isReady(shared))
    );
    if (ready.length === 0) break;
    const taken = steering.choose(pointOf(ready));
    if (taken === STOP) return undefined;
    // What it looked at to see that it may go on is part of its step.
    ready[taken].isReady(shared);
    ready[taken].task.steps[ready[taken].next++](shared);
    waiting = waiting.filter(({ done }) => !done);
    if (waiting.length > 0 && level !== (level = lowest())) steering.choose(barrier(level));
  }
  return model.outcome(shared);
}

function pointOf(ready: readonly Progress[]): ChoicePoint {
  const describe = (i: number) => ready[i].task.name;
  // A task of a level is a way at the fork of the one that runs the levels.
  const leveled = ready[0].task.level !== undefined;
  const kind = leveled ? "initcall" : "task";
  const actorOf = leveled ? () => INIT : describe;
  return { kind, count: ready.length, describe, kindOf: () => kind, actorOf };
}

function barrier(level: number): ChoicePoint {
  const describe = () => `level ${level}`;
  return { kind: "barrier", count: 1, describe, kindOf: () => "barrier", actorOf: () => INIT };
}
