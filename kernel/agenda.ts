/**
 * What can happen next, for who chooses among it.
 *
 * @module
 */
import type { Choices, Option } from "./choice.ts";
import type { RunQueue } from "./run_queue.ts";
import type { Task } from "./task.ts";
import type { Timer, Timers } from "./timers.ts";

/** Something that can happen next, in one of several ways: they wait for the same. */
export type Agendum = readonly Option[];

/** Names a task where steps are told apart. */
export function actorOf({ name, pid, about }: Task): string {
  return about === "" ? `${name}/${pid}` : about;
}

/** What an agenda is made of. */
export interface AgendaSources {
  /** Tasks that can go on. */
  readonly runnable: RunQueue;
  /** Timers that are set. */
  readonly timers: Timers;
  /** The interrupts that are pending, each ready to be taken. */
  readonly interrupts: () => readonly Option[];
  /** Lets a task go on. */
  readonly switchTo: (task: Task) => undefined;
  /** Lets a timer fire. */
  readonly fire: (timer: Timer) => undefined;
}

/** What one kernel could do next. */
export class Agenda {
  readonly #choices: Choices;
  readonly #sources: AgendaSources;

  /** Offers what there is to who chooses. */
  constructor(choices: Choices, sources: AgendaSources) {
    this.#choices = choices;
    this.#sources = sources;
  }

  /**
   * What can happen next, Linux's own order first, as far as each may let the others go before it.
   *
   * @param dueNs When the choosing began: what has become due since comes after the rest, as it does where
   *   nobody decides.
   * @param first A task that comes before all others.
   */
  options(dueNs: number, nowNs: number, first?: Task): Option[] {
    const { runnable, timers, interrupts } = this.#sources;
    const tasks = runnable.tasks.filter((task) => task !== first);
    const due = timers.due(nowNs).map((timer) => this.#fires(timer));
    const late = due.splice(timers.due(dueNs).length);
    const list: Agendum[] = [
      ...due,
      ...interrupts().map((option) => [option]),
      ...tasks.map((task) => this.waysOf(task)),
      ...late,
    ];
    if (first !== undefined) list.unshift(this.waysOf(first));
    return this.#choosable(list).flat();
  }

  /** What is listed, up to the first that nothing goes before. */
  #choosable(list: readonly Agendum[]): readonly Agendum[] {
    const end = list.findIndex(([{ waits }]) => !this.#choices.varies(waits));
    return list.slice(0, end < 0 ? undefined : end + 1);
  }

  /** The ways in which a task can go on. */
  waysOf(task: Task): Agendum {
    const actor = actorOf(task);
    const fork = task.fork ?? { kind: task.kind, ways: [actor], waits: task.kind };
    return fork.ways.map((way, i) => ({
      kind: fork.kind,
      waits: fork.waits,
      name: way,
      actor,
      take: (): undefined => {
        task.way = i;
        this.#sources.switchTo(task);
      },
    }));
  }

  #fires(timer: Timer): Agendum {
    const name = `timer ${timer.name}`;
    const take = () => this.#sources.fire(timer);
    return [{ kind: "timer", waits: "timer", name, actor: name, take }];
  }

  /** Names of what happens by itself up to a time; none if somebody decides about all of it. */
  undecided(untilNs: number): readonly string[] {
    const { runnable, timers, interrupts } = this.#sources;
    const waiting = [
      ...runnable.tasks.map((task) => ({
        name: actorOf(task),
        kind: task.fork?.waits ?? task.kind,
      })),
      ...timers.due(untilNs).map(({ name }) => ({ name, kind: "timer" as const })),
      ...interrupts(),
    ];
    const decided = waiting.every(({ kind }) => this.#choices.varies(kind));
    return decided ? [] : waiting.map(({ name }) => name);
  }
}
