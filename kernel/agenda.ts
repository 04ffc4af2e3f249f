/**
 * What can happen next, for who chooses among it.
 *
 * @module
 */
import type { Choices, Option } from "./choice.ts";
import type { Task } from "./task.ts";
import type { Timer } from "./timers.ts";

/** Something that can happen next, in one of several ways: they wait for the same. */
export type Agendum = readonly Option[];

/** Names a task where steps are told apart. */
export function actorOf({ name, pid, about }: Task): string {
  return about === "" ? `${name}/${pid}` : about;
}

/** A name that nobody has: with a number where it is taken. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let count = 2; taken.includes(free); count++) free = `${name}#${count}`;
  return free;
}

/** The ways in which a task can go on. */
export function waysOf(task: Task, switchTo: (task: Task) => undefined): Agendum {
  const actor = actorOf(task);
  const fork = task.fork ?? { kind: task.kind, ways: [actor], waits: task.kind };
  return fork.ways.map((way, i) => ({
    kind: fork.kind,
    waits: fork.waits,
    name: way,
    actor,
    take: (): undefined => {
      task.way = i;
      switchTo(task);
    },
  }));
}

/** A timer that is due. */
export function timerFires(timer: Timer, fire: (timer: Timer) => undefined): Agendum {
  const name = `timer ${timer.name}`;
  return [{ kind: "timer", waits: "timer", name, actor: name, take: () => fire(timer) }];
}

/** The options of what is listed, up to the first that nothing goes before. */
export function optionsOf(list: readonly Agendum[], choices: Choices): Option[] {
  const end = list.findIndex(([{ waits }]) => !choices.varies(waits));
  return list.slice(0, end < 0 ? undefined : end + 1).flat();
}
