/**
 * Which steps of a run had to come in their order, whatever the other choices.
 *
 * @module
 */
import type { ChoiceKind } from "../../kernel/choice.ts";
import { type Accesses, looksAt, modifies } from "./access.ts";
import { Relation } from "./relation.ts";
import type { Point, Run } from "./run.ts";

/** Who touched an object since it was last modified. */
interface Touched {
  /** Who modified it last: one step, or all that added to a set since anybody looked at it. */
  readonly writers: number[];
  /** The writers only added to a set, or took from it. */
  readonly inserting: boolean;
  readonly readers: number[];
  /** Whom the writers come after. */
  readonly before: readonly number[];
}

const UNTOUCHED: Touched = { writers: [], inserting: false, readers: [], before: [] };

/**
 * Finds the order that a run shares with all runs of its class: two steps that touched the same keep their
 * order, and so do those of which one makes the other possible.
 */
export function happensBefore(run: Run): Relation {
  const order = new Relation(run.steps.length);
  const touched = new Map<number, Touched>();
  const past = new Past(run);
  run.steps.forEach(({ accesses }, second) => {
    for (const first of conflictsOf(accesses, touched)) order.add(first, second);
    for (const first of past.enablers(second)) order.add(first, second);
    touch(accesses, touched, second);
  });
  return order;
}

/** The last steps that touched what this step touches, so that their order matters. */
function conflictsOf(accesses: Accesses, touched: Map<number, Touched>): Set<number> {
  const found = new Set<number>();
  for (const [object, bits] of accesses) {
    const last = touched.get(object);
    if (last === undefined) continue;
    for (const step of earlierThan(bits, last)) found.add(step);
  }
  return found;
}

function touch(accesses: Accesses, touched: Map<number, Touched>, by: number): undefined {
  for (const [object, bits] of accesses) {
    const last = touched.get(object) ?? UNTOUCHED;
    if (joins(bits, last)) last.writers.push(by);
    else if (modifies(bits)) {
      const before = [...last.writers, ...last.readers];
      touched.set(object, { writers: [by], inserting: !looksAt(bits), readers: [], before });
    } else touched.set(object, { ...last, readers: [...last.readers, by] });
  }
}

/** It adds to a set like the last ones, and nobody has looked at the set since. */
function joins(bits: number, { inserting, readers }: Touched): boolean {
  return inserting && !looksAt(bits) && readers.length === 0;
}

function earlierThan(bits: number, last: Touched): readonly number[] {
  if (!modifies(bits)) return last.writers;
  return joins(bits, last) ? last.before : [...last.writers, ...last.readers];
}

/** What an actor did so far. */
class ActorPast {
  /** Its last step. */
  last = -1;
  /** Its last step that was no way of a fork. */
  own = -1;
  /** Its ways at forks, by kind of the fork, inner forks last. */
  readonly forks: { readonly kind: ChoiceKind; readonly steps: number[] }[] = [];
  /** Steps of inner forks that are over. */
  closed: number[] = [];

  /** Notes a way at a fork; those inside it are over. */
  fork(kind: ChoiceKind, step: number): undefined {
    const depth = this.forks.findIndex((fork) => fork.kind === kind);
    if (depth < 0) this.forks.push({ kind, steps: [step] });
    else this.close(depth + 1);
    if (depth >= 0) this.forks[depth].steps.push(step);
  }

  /** The forks from `depth` on are over: whatever comes, comes after their steps. */
  close(depth: number): undefined {
    const over = this.forks.splice(depth).flatMap(({ steps }) => steps);
    if (over.length > 0) this.closed = over;
  }
}

/** Looks back over the points of a run: which step made which possible. */
class Past {
  readonly #actors = new Map<string, ActorPast>();

  constructor(readonly run: Run) {}

  /**
   * Steps before which this one could not come.
   *
   * A task goes on where it stopped. Its ways at a fork follow what it did itself, but not each other:
   * which one comes first is the question. To be called for one step after the other.
   */
  enablers(index: number): Set<number> {
    const { steps, points } = this.run;
    const { name, actor, point } = steps[index];
    const { kind } = points[point];
    const past = this.#of(actor);
    const own = name === actor || kind === "barrier";
    if (kind === "barrier") past.close(0);
    else if (!own) past.fork(kind, index);
    const found = new Set([own ? past.last : past.own, this.#firstOffer(index)]);
    if (name !== actor) { for (const step of past.closed) found.add(step); }
    found.delete(-1);
    past.last = index;
    if (own) past.own = index;
    return found;
  }

  #of(actor: string): ActorPast {
    let past = this.#actors.get(actor);
    if (past === undefined) this.#actors.set(actor, past = new ActorPast());
    return past;
  }

  /** The step after which this one was offered for the first time since it was not. */
  #firstOffer(index: number): number {
    const { steps, points } = this.run;
    const { name } = steps[index];
    let first = index;
    while (first > 0 && offers(points[steps[first - 1].point], name)) first--;
    return first - 1;
  }
}

/** True when the option could have been taken there; a barrier is passed without looking aside. */
function offers({ kind, names }: Point, name: string): boolean {
  return kind === "barrier" || names.includes(name);
}
