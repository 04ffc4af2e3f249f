/**
 * Which steps of a run had to come in their order, whatever the other choices.
 *
 * @module
 */
import type { ChoiceKind } from "../../kernel/choice.ts";
import { type Accesses, modifies } from "./access.ts";
import { Relation } from "./relation.ts";
import type { Point, Run } from "./run.ts";

/** Who touched an object since it was last modified. */
interface Touched {
  modifier: number;
  readonly readers: number[];
}

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
    if (modifies(bits)) { for (const reader of last.readers) found.add(reader); }
    if (last.modifier >= 0) found.add(last.modifier);
  }
  return found;
}

function touch(accesses: Accesses, touched: Map<number, Touched>, by: number): undefined {
  for (const [object, bits] of accesses) {
    const last = touched.get(object);
    if (modifies(bits)) touched.set(object, { modifier: by, readers: [] });
    else if (last === undefined) touched.set(object, { modifier: -1, readers: [by] });
    else last.readers.push(by);
  }
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

/** What a barrier divides: all of these so far come before it, all others after it. */
const DIVIDED: readonly ChoiceKind[] = ["initcall", "module"];

/** Looks back over the points of a run: which step made which possible. */
class Past {
  readonly #actors = new Map<string, ActorPast>();
  #barrier = -1;

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
    if (kind === "barrier") return this.#passBarrier(index);
    const past = this.#of(actor);
    if (name !== actor) past.fork(kind, index);
    const found = new Set([name === actor ? past.last : past.own, this.#firstOffer(index)]);
    if (name !== actor) { for (const step of past.closed) found.add(step); }
    if (DIVIDED.includes(kind)) found.add(this.#barrier);
    found.delete(-1);
    past.last = index;
    if (name === actor) past.own = index;
    return found;
  }

  #of(actor: string): ActorPast {
    let past = this.#actors.get(actor);
    if (past === undefined) this.#actors.set(actor, past = new ActorPast());
    return past;
  }

  #passBarrier(index: number): Set<number> {
    const found = new Set(this.#barrier < 0 ? [] : [this.#barrier]);
    for (const past of this.#actors.values()) {
      const depth = past.forks.findIndex(({ kind }) => DIVIDED.includes(kind));
      if (depth < 0) continue;
      past.close(depth);
      for (const step of past.closed) found.add(step);
      past.closed = [];
    }
    this.#barrier = index;
    return found;
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
