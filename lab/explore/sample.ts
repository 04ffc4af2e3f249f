/**
 * Some runs out of many: at random, or with priorities.
 *
 * @module
 */
import { Fingerprint } from "./hash.ts";
import { insideStep, type Point, type Run, type Strategy } from "./run.ts";

/** Numbers that look random and are the same for the same seed. */
class Random {
  #count = 0;

  constructor(readonly seed: number) {}

  /** A number from 0 to `count - 1`. */
  below(count: number): number {
    return new Fingerprint().number(this.seed).number(this.#count++).value % count;
  }
}

/** Every option at every point is as likely as the others. */
export class RandomRuns implements Strategy {
  #left: number;
  readonly #random: Random;

  /** @param runs How many. */
  constructor(seed: number, runs: number) {
    this.#random = new Random(seed);
    this.#left = runs;
  }

  begin(): boolean {
    return this.#left-- > 0;
  }

  pick({ names }: Point): number {
    return this.#random.below(names.length);
  }

  end(): undefined {}
}

/**
 * Everything that can happen has a priority, drawn once per run; the highest comes first. At `depth - 1` points,
 * drawn too, what would come next gets the lowest. A bug that shows when `depth` steps come in a certain order is
 * found by a run with a chance of at least one in (things that happen) * (points) ** (depth - 1).
 *
 * After Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees (2010).
 */
export class PriorityRuns implements Strategy {
  #left: number;
  readonly #random: Random;
  readonly #depth: number;
  #priorities = new Map<string, number>();
  /** Points of the longest run so far. */
  #points = 1;
  #changes = new Set<number>();
  #lowest = 0;

  /** @param depth How many steps have to come in a certain order. */
  constructor(seed: number, runs: number, depth: number) {
    this.#random = new Random(seed);
    this.#left = runs;
    this.#depth = depth;
  }

  begin(): boolean {
    this.#priorities = new Map();
    this.#lowest = 0;
    this.#changes = new Set();
    for (let i = 1; i < this.#depth; i++) this.#changes.add(this.#random.below(this.#points));
    return this.#left-- > 0;
  }

  pick({ kind, names }: Point, place: number): number {
    if (insideStep(kind)) return this.#random.below(names.length);
    for (const name of names) {
      if (!this.#priorities.has(name)) this.#priorities.set(name, 1 + this.#random.below(2 ** 40));
    }
    if (this.#changes.has(place)) this.#priorities.set(this.#highest(names), --this.#lowest);
    return names.indexOf(this.#highest(names));
  }

  #highest(names: readonly string[]): string {
    const of = (name: string) => this.#priorities.get(name) as number;
    return names.reduce((best, name) => of(name) > of(best) ? name : best);
  }

  end({ points }: Run): undefined {
    this.#points = Math.max(this.#points, points.length);
  }
}
