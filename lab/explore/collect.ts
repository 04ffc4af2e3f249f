/**
 * What comes of many runs: outcomes by view, how many orders lead to each, and the order nearest to the default
 * that does.
 *
 * @module
 */
import type { Objects } from "./access.ts";
import { happensBefore } from "./happens_before.ts";
import { inversionsOf, linearisations } from "./linearise.ts";
import { classOf, contextsOf } from "./memory.ts";
import type { Run } from "./run.ts";
import type { Outcome } from "./scenario.ts";
import { type Scheduled, scheduleOf, stepKeys } from "./schedule.ts";

/** The view in which all others are put together. */
export const ALL_VIEWS = "all";

/** An order of steps, and how far it is from the default. */
export interface Witness {
  /** The steps in their order. */
  readonly schedule: readonly Scheduled[];
  /** Pairs of steps that are not in the order of the default, and answers inside steps that are not 0. */
  readonly distance: number;
}

/** Runs that look the same in a view. */
export interface OutcomeGroup {
  /** What is seen. */
  readonly text: string;
  /** How many classes of equivalent runs lead to it. */
  classes: number;
  /** How many orders; `undefined` when they were too many to count. */
  orders: bigint | undefined;
  /** The run nearest to the default among all of these; the first in the order of ranks where there are several. */
  witness: Witness;
}

/** The outcomes of one view, by their text. */
export type ViewGroups = Map<string, OutcomeGroup>;

/** Gathers the outcomes of runs. */
export class Collector {
  /** The groups of each view. */
  readonly views: Map<string, ViewGroups> = new Map();
  /** Classes of equivalent runs. */
  classes = 0;
  readonly #objects: Objects;
  readonly #only: readonly string[] | undefined;
  readonly #classes = new Set<number>();
  /** The place of each step in the default run. */
  readonly #ranks: ReadonlyMap<string, number>;

  /**
   * @param order The steps of the default run: what distances are counted from.
   * @param views The views that count. Default: all that the scenario has.
   */
  constructor(objects: Objects, order: readonly string[], views?: readonly string[]) {
    this.#objects = objects;
    this.#only = views;
    this.#ranks = new Map(stepKeys(order).map((key, place) => [key, place]));
  }

  /** Takes a run in, unless one of its class was there before. */
  add(run: Run): undefined {
    if (run.outcome === undefined) return;
    const id = classOf(contextsOf(run, this.#objects));
    if (this.#classes.has(id)) return;
    this.#classes.add(id);
    this.classes++;
    const { orders, witness } = this.#look(run);
    for (const [view, text] of Object.entries(viewTexts(run.outcome, this.#only))) {
      const group = { text, classes: 1, orders, witness };
      addGroup(this.views, view, group, this.#compare);
    }
  }

  #look(run: Run): { orders: bigint | undefined; witness: Witness } {
    const schedule = scheduleOf(run);
    const ranks = this.ranksOf(schedule);
    const answers = schedule.reduce(
      (sum, { inside = [] }) => sum + inside.filter(Boolean).length,
      0,
    );
    const found = linearisations(happensBefore(run), ranks);
    if (found === undefined) {
      return { orders: undefined, witness: { schedule, distance: inversionsOf(ranks) + answers } };
    }
    const nearest = found.nearest.map((step) => schedule[step]);
    const witness = { schedule: nearest, distance: found.inversions + answers };
    return { orders: found.count, witness };
  }

  /** The place of each step in the default run; `Infinity` for those that are not there. */
  ranksOf(schedule: readonly Scheduled[]): number[] {
    return stepKeys(schedule.map(({ name }) => name)).map((key) =>
      this.#ranks.get(key) ?? Infinity
    );
  }

  /** Below 0 when the first witness is the better one. */
  readonly #compare = (a: Witness, b: Witness): number =>
    a.distance - b.distance || compareRanks(this.ranksOf(a.schedule), this.ranksOf(b.schedule));

  /** Takes in what another collector of the same scenario found, in other classes. */
  merge(views: ReadonlyMap<string, ViewGroups>, classes: number): undefined {
    this.classes += classes;
    for (const [view, groups] of views) {
      for (const group of groups.values()) addGroup(this.views, view, group, this.#compare);
    }
  }
}

function addGroup(
  views: Map<string, ViewGroups>,
  view: string,
  group: OutcomeGroup,
  compare: (a: Witness, b: Witness) => number,
): undefined {
  let groups = views.get(view);
  if (groups === undefined) views.set(view, groups = new Map());
  const known = groups.get(group.text);
  if (known === undefined) {
    groups.set(group.text, { ...group });
    return;
  }
  known.classes += group.classes;
  known.orders = known.orders === undefined || group.orders === undefined
    ? undefined
    : known.orders + group.orders;
  if (compare(group.witness, known.witness) < 0) known.witness = group.witness;
}

/** The texts of the views that count, and of all of them together where there are several. */
export function viewTexts(outcome: Outcome, only?: readonly string[]): Outcome {
  const views = Object.entries(outcome).filter(([view]) => only?.includes(view) ?? true);
  const texts = Object.fromEntries(views);
  if (views.length > 1) {
    texts[ALL_VIEWS] = views.map(([view, text]) => `${view}:\n${text.replace(/^/gm, "  ")}`).join(
      "\n",
    );
  }
  return texts;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, i) => rank !== b[i]);
  return at < 0 ? 0 : a[at] - (b[at] ?? -1);
}
