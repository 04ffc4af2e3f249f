/**
 * Models out of thin air, for checking the explorers against each other.
 *
 * @module
 */
import type { ModelTask, Shared, TaskModel } from "./tasks.ts";

/** Numbers that look random, below `count`. */
export type Random = (count: number) => number;

/** A source of numbers that is the same for the same seed. */
export function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return (count) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state ^ (state >>> 13) >>> 0) / 0x1_0000_0000 * count + count) % count;
  };
}

type Operation = (shared: Shared) => undefined;

/** What a task notes about what it saw, so that every difference shows. */
function note(shared: Shared, task: string, what: unknown): undefined {
  shared.set("seen", task, `${shared.unheard(() => shared.get("seen", task)) ?? ""}${what};`);
}

function randomOperation(random: Random, task: string, objects: number): Operation {
  const key = `o${random(objects)}`;
  const value = random(3);
  switch (random(15)) {
    case 6:
      return (shared) => shared.set("value", key, shared.fails(task) ? "failed" : "worked");
    case 0:
    case 7:
      return (shared) => note(shared, task, shared.get("value", key));
    case 1:
    case 8:
      return (shared) => shared.set("value", key, value);
    case 2:
    case 9:
      return (shared) => shared.push("list", key, task);
    case 3:
    case 10:
      return (shared) => note(shared, task, shared.list("list", key).join());
    case 13: {
      const other = `o${random(objects)}`;
      return (shared) => shared.insert("set", key, `${shared.get("value", other) ?? task}`);
    }
    case 14:
      return (shared) => note(shared, task, shared.list("set", key).join());
    case 4:
    case 11:
      return (shared) => note(shared, task, shared.take("number", key));
    default:
      // A deferral: only what comes after somebody else's write does something.
      return (shared) =>
        shared.get("value", key) === undefined
          ? shared.push("deferred", "", task)
          : shared.set("value", key, task);
  }
}

/** A model of a few tasks: with guards that others open and close, with levels, or with several steps. */
export function randomModel(seed: number): TaskModel {
  const random = randomFrom(seed);
  const shape = {
    guards: random(3) === 0,
    levels: random(3) === 0,
    steps: random(3) === 0,
    objects: 1 + random(4),
  };
  if (shape.levels) shape.steps = false;
  const large = seed % 60 === 0 && !shape.steps;
  const size = large ? 8 : 3 + random(shape.steps ? 1 : 4);
  const tasks = Array.from({ length: size }, (_, n): ModelTask => {
    const name = `t${n}`;
    const steps = Array.from(
      { length: shape.steps ? 1 + random(3) : 1 },
      () => randomStep(random, name, shape.objects),
    );
    const guard = shape.guards && random(2) === 0 ? randomGuard(random, shape.objects) : {};
    return { name, steps, ...guard, ...shape.levels ? { level: random(2) } : {} };
  });
  return { name: `random ${seed}`, tasks, outcome: outcomeOf };
}

function randomStep(random: Random, task: string, objects: number): Operation {
  const length = random(4);
  const operations = Array.from({ length }, () => randomOperation(random, task, objects));
  return (shared) => {
    for (const operation of operations) operation(shared);
  };
}

/** It waits for a value that others write. */
function randomGuard(random: Random, objects: number): Pick<ModelTask, "ready"> {
  const [a, b] = [`o${random(objects)}`, `o${random(objects)}`];
  const [x, y] = [random(3), random(3)];
  if (random(2) === 0) return { ready: (shared) => shared.get("value", a) === x };
  return { ready: (shared) => shared.get("value", a) === x || shared.get("value", b) !== y };
}

function outcomeOf(shared: Shared): Record<string, string> {
  const lines = [...shared.all].flatMap(([object, keys]) =>
    [...keys].map(([key, value]) => `${object} ${key}: ${value}`)
  );
  return { all: lines.sort().join("\n") };
}
