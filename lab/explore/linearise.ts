/**
 * The orders of one class: how many there are, and which is nearest to the default.
 *
 * @module
 */
import type { Relation } from "./relation.ts";

/** The orders in which the steps of a class can come. */
export interface Linearisations {
  /** How many. */
  readonly count: bigint;
  /**
   * The order in which the fewest pairs of steps are not as in the default. Of several such orders, the one
   * whose first difference is nearer to the default.
   */
  readonly nearest: readonly number[];
  /** How many pairs that are. */
  readonly inversions: number;
}

/** Orders that are counted in ordinary numbers: 18! is below 2 ** 53. */
const EXACT_STEPS = 18;
/** Sets of steps that may be looked at, by default. */
const SETS_MAX = 20_000;

/**
 * Looks at all orders that `order` allows.
 *
 * @param rank The place of each step in the default order; `Infinity` for a step that is not there. No two
 *   steps have the same place.
 * @param limit How many sets of steps may be looked at: those that can have happened at some time.
 * @returns `undefined` when there are more of them.
 */
export function linearisations(
  order: Relation,
  rank: readonly number[],
  limit: number = SETS_MAX,
): Linearisations | undefined {
  const byRank = rank.map((_, step) => step).sort((a, b) => rank[a] - rank[b] || a - b);
  const sets = new Sets(byRank, order, limit);
  if (!sets.collect()) return undefined;
  const count = rank.length <= EXACT_STEPS ? BigInt(sets.count(1, 0)) : sets.count(1n, 0n);
  const { places, inversions } = sets.nearest(byRank.map((step) => rank[step] < Infinity));
  return { count, inversions, nearest: places.map((place) => byRank[place]) };
}

/** Bits of one part of a set. */
const PART = 30;

/**
 * All sets of steps that can have happened at some time, from the empty one to the full one. Steps are named
 * by their place in the order of ranks; a set is one number for each {@linkcode PART} places.
 */
class Sets {
  /** The parts of each set, smaller sets first. */
  readonly #sets: (readonly number[])[] = [];
  /** For each set, which step leads to which set: places and numbers of sets by turns. */
  readonly #next: number[][] = [];
  /** For each place, the set of those that come before it. */
  readonly #before: readonly (readonly number[])[];
  readonly #size: number;
  readonly #limit: number;

  constructor(byRank: readonly number[], order: Relation, limit: number) {
    const place = new Map(byRank.map((step, i) => [step, i]));
    this.#size = byRank.length;
    this.#before = byRank.map((step) => {
      const before = this.#empty();
      for (const other of order.before(step)) add(before, place.get(other) as number);
      return before;
    });
    this.#limit = limit;
  }

  #empty(): number[] {
    return new Array<number>(Math.ceil(this.#size / PART)).fill(0);
  }

  /** Finds them; false when there are too many. */
  collect(): boolean {
    const numbers = new Map<number | string, number>();
    this.#sets.push(this.#empty());
    for (let number = 0; number < this.#sets.length; number++) {
      const set = this.#sets[number];
      const next: number[] = [];
      for (let place = 0; place < this.#size; place++) {
        if (!has(set, place) && includes(set, this.#before[place])) {
          next.push(place, this.#numberOf(set, place, numbers));
        }
      }
      this.#next.push(next);
      if (this.#sets.length > this.#limit) return false;
    }
    return true;
  }

  /** The number of the set with one more place. */
  #numberOf(set: readonly number[], place: number, numbers: Map<number | string, number>): number {
    const larger = set.slice();
    add(larger, place);
    const key = larger.length === 1 ? larger[0] : larger.join();
    let number = numbers.get(key);
    if (number === undefined) {
      number = this.#sets.push(larger) - 1;
      numbers.set(key, number);
    }
    return number;
  }

  /** How many ways lead from the empty set to the full one. */
  count<N extends number | bigint>(one: N, none: N): N {
    const ways = this.#sets.map(() => none);
    ways[ways.length - 1] = one;
    for (let set = ways.length - 2; set >= 0; set--) {
      const next = this.#next[set];
      for (let i = 1; i < next.length; i += 2) {
        ways[set] = (ways[set] as number) + (ways[next[i]] as number) as N;
      }
    }
    return ways[0];
  }

  /**
   * The way with the fewest inversions.
   *
   * @param ranked Whether a place is one of the default order: those that are not are never out of order.
   */
  nearest(ranked: readonly boolean[]): { places: number[]; inversions: number } {
    const fewest = new Int32Array(this.#sets.length);
    const best = new Int32Array(this.#sets.length);
    for (let set = fewest.length - 2; set >= 0; set--) {
      const next = this.#next[set];
      fewest[set] = 0x7fffffff;
      for (let i = 0; i < next.length; i += 2) {
        const here = ranked[next[i]] ? missingBefore(this.#sets[set], next[i]) : 0;
        const inversions = fewest[next[i + 1]] + here;
        if (inversions >= fewest[set]) continue;
        fewest[set] = inversions;
        best[set] = i;
      }
    }
    const places: number[] = [];
    for (let set = 0; places.length < this.#size;) {
      const next = this.#next[set];
      places.push(next[best[set]]);
      set = next[best[set] + 1];
    }
    return { places, inversions: fewest[0] };
  }
}

function add(set: number[], place: number): undefined {
  set[Math.floor(place / PART)] |= 1 << (place % PART);
}

function has(set: readonly number[], place: number): boolean {
  return (set[Math.floor(place / PART)] & (1 << (place % PART))) !== 0;
}

function includes(set: readonly number[], subset: readonly number[]): boolean {
  for (let part = 0; part < set.length; part++) {
    if ((set[part] & subset[part]) !== subset[part]) return false;
  }
  return true;
}

/** How many places before this one are not in the set. */
function missingBefore(set: readonly number[], place: number): number {
  let count = 0;
  for (let i = 0; i < place; i++) if (!has(set, i)) count++;
  return count;
}
