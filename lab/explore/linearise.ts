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
 * Steps between which all others come, before or after, are looked at by themselves; so are steps that have nothing
 * to do with each other. The order that is told is the nearest unless too many of the latter are not in their usual
 * order; then it is one near it.
 *
 * @param order The steps, counted in an order that is allowed.
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
  const found = new Lineariser(order, rank, limit).inSeries(rank.map((_, step) => step));
  if (found === undefined) return undefined;
  const inversions = inversionsOf(found.steps.map((step) => rank[step]));
  return { count: found.count, nearest: found.steps, inversions };
}

/** Pairs that are out of order; places without a rank are never out of order. */
export function inversionsOf(ranks: readonly number[]): number {
  let count = 0;
  ranks.forEach((rank, i) => {
    if (rank < Infinity) {
      for (let j = i + 1; j < ranks.length; j++) if (ranks[j] < rank) count++;
    }
  });
  return count;
}

/** Orders of some of the steps: how many, and the nearest. */
interface Found {
  readonly count: bigint;
  readonly steps: readonly number[];
}

/** Takes steps apart: in series, side by side, and what is neither in {@linkcode Sets}. */
class Lineariser {
  constructor(
    readonly order: Relation,
    readonly rank: readonly number[],
    readonly limit: number,
  ) {}

  /** Steps of which some come before all others are looked at in two parts, and so on. */
  inSeries(steps: readonly number[]): Found | undefined {
    let count = 1n;
    const all: number[] = [];
    for (const part of this.#cut(steps)) {
      const found = this.#sideBySide(part);
      if (found === undefined) return undefined;
      count *= found.count;
      all.push(...found.steps);
    }
    return { count, steps: all };
  }

  /** Cuts where everything on the left comes before everything on the right. */
  #cut(steps: readonly number[]): number[][] {
    /** How many of the first steps come before all those from a place on. */
    const prefix = steps.map((step, i) => {
      const first = steps.findIndex((other) => !this.order.has(other, step));
      return first < 0 ? i : Math.min(first, i);
    });
    for (let i = prefix.length - 2; i >= 0; i--) prefix[i] = Math.min(prefix[i], prefix[i + 1]);
    const parts: number[][] = [];
    steps.forEach((step, i) => {
      if (i === 0 || prefix[i] >= i) parts.push([]);
      parts[parts.length - 1].push(step);
    });
    return parts;
  }

  #sideBySide(steps: readonly number[]): Found | undefined {
    if (steps.length === 1) return { count: 1n, steps };
    const parts = this.#components(steps);
    if (parts.length === 1) return this.#together(steps);
    let [count, size] = [1n, 0];
    const nearest: (readonly number[])[] = [];
    for (const part of parts) {
      const found = this.inSeries(part);
      if (found === undefined) return undefined;
      for (let i = 1; i <= part.length; i++) count = count * BigInt(++size) / BigInt(i);
      count *= found.count;
      nearest.push(found.steps);
    }
    const usual = nearest.every((part) => inversionsOf(part.map((step) => this.rank[step])) === 0);
    // Steps that are connected make at least one set more than they are.
    const sets = parts.reduce((product, part) => product * (part.length + 1), 1);
    const exact = usual || sets > this.limit ? undefined : this.#together(steps)?.steps;
    return { count, steps: exact ?? this.#merge(nearest) };
  }

  /** Steps that are connected by what comes before what, one list for each such group. */
  #components(steps: readonly number[]): number[][] {
    const left = new Set(steps);
    const parts: number[][] = [];
    for (const first of steps) {
      if (!left.delete(first)) continue;
      const part = [first];
      for (const step of part) {
        for (const other of left) {
          if (!this.order.has(step, other) && !this.order.has(other, step)) continue;
          left.delete(other);
          part.push(other);
        }
      }
      parts.push(part.sort((a, b) => a - b));
    }
    return parts;
  }

  #together(steps: readonly number[]): Found | undefined {
    const { rank } = this;
    const byRank = steps.toSorted((a, b) => rank[a] - rank[b] || a - b);
    const sets = new Sets(byRank, this.order, this.limit);
    if (!sets.collect()) return undefined;
    const count = steps.length <= EXACT_STEPS ? BigInt(sets.count(1, 0)) : sets.count(1n, 0n);
    const places = sets.nearest(byRank.map((step) => rank[step] < Infinity));
    return { count, steps: places.map((place) => byRank[place]) };
  }

  /** Puts orders of different steps together, with few inversions: those without inversions of their own first. */
  #merge(parts: readonly (readonly number[])[]): number[] {
    const own = (part: readonly number[]) => inversionsOf(part.map((step) => this.rank[step]));
    return parts.toSorted((a, b) => own(a) - own(b))
      .reduce<number[]>((all, part) => this.#mergeTwo(all, part), []);
  }

  /** The two orders in one, with as few inversions as possible. */
  #mergeTwo(a: readonly number[], b: readonly number[]): number[] {
    const { rank } = this;
    /** Of the steps of `rest` from a place on, those that usually come before `step`. */
    const overtaken = (step: number, rest: readonly number[], from: number) =>
      rank[step] === Infinity ? 0 : rest.slice(from).filter((r) => rank[r] < rank[step]).length;
    const width = b.length + 1;
    const cost = new Int32Array((a.length + 1) * width);
    const takesA = (i: number, j: number): boolean => {
      if (i === a.length || j === b.length) return i < a.length;
      const fromA = cost[(i + 1) * width + j] + overtaken(a[i], b, j);
      const fromB = cost[i * width + j + 1] + overtaken(b[j], a, i);
      return fromA < fromB || (fromA === fromB && rank[a[i]] < rank[b[j]]);
    };
    for (let i = a.length; i >= 0; i--) {
      for (let j = b.length; j >= 0; j--) {
        if (i === a.length && j === b.length) continue;
        cost[i * width + j] = takesA(i, j)
          ? cost[(i + 1) * width + j] + overtaken(a[i], b, j)
          : cost[i * width + j + 1] + overtaken(b[j], a, i);
      }
    }
    const merged: number[] = [];
    for (let i = 0, j = 0; merged.length < a.length + b.length;) {
      merged.push(takesA(i, j) ? a[i++] : b[j++]);
    }
    return merged;
  }
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
      for (const other of order.before(step)) if (place.has(other)) add(before, place.get(other)!);
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
  nearest(ranked: readonly boolean[]): number[] {
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
    return places;
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
