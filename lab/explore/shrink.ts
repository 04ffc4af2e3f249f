/**
 * Makes a failing run small: as few steps as possible take part, and they are as near to their usual order as
 * possible.
 *
 * @module
 */
import { independent, Objects } from "./access.ts";
import { inversionsOf } from "./linearise.ts";
import { replayId } from "./replay_id.ts";
import { execute, type Run, vectorOf } from "./run.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { Follow, type Scheduled, scheduleOf, stepKeys } from "./schedule.ts";

/** What is left of a failing run. */
export interface Shrunk {
  /** Names the run. */
  readonly id: string;
  /** All its steps, in their order. */
  readonly schedule: readonly Scheduled[];
  /** The steps that matter: those that touch the same, and are not in their usual order. */
  readonly events: readonly string[];
  /** Pairs of steps that are not in their usual order, and answers inside steps that are not 0. */
  readonly distance: number;
  /** Runs that were made to find it. */
  readonly runs: number;
}

/** A schedule and how far it is from the default. */
interface Candidate {
  readonly schedule: readonly Scheduled[];
  readonly run: Run;
  readonly distance: number;
}

/**
 * Shrinks a schedule whose run fails.
 *
 * First it puts steps back to their usual place, halves of them, quarters, and so on down to single ones; then
 * it swaps neighbours back one pair at a time, until any further change lets the run pass.
 *
 * @param fails True for the outcome of a run that fails in the way that matters.
 * @throws {RangeError} When the run of the schedule does not fail.
 */
export async function shrink(
  scenario: Scenario,
  schedule: readonly Scheduled[],
  fails: (outcome: Outcome) => boolean,
): Promise<Shrunk> {
  const shrinker = await Shrinker.begin(scenario, fails);
  const first = await shrinker.try(schedule);
  if (first === undefined) {
    throw new RangeError(`${scenario.name}: the run that was to shrink passes`);
  }
  let best = await shrinker.putBack(first);
  best = await shrinker.swapBack(best);
  const { order } = shrinker;
  return {
    id: replayId(scenario, vectorOf(best.run)),
    schedule: best.schedule,
    events: eventsOf(best, order),
    distance: best.distance,
    runs: shrinker.runs,
  };
}

class Shrinker {
  runs = 0;
  readonly #objects = new Objects();
  readonly #seen = new Set<string>();

  constructor(
    readonly scenario: Scenario,
    readonly fails: (outcome: Outcome) => boolean,
    readonly order: readonly string[],
  ) {}

  static async begin(scenario: Scenario, fails: (outcome: Outcome) => boolean): Promise<Shrinker> {
    const run = await execute(scenario, new Follow([]), new Objects());
    return new Shrinker(scenario, fails, stepKeys(run.steps.map(({ name }) => name)));
  }

  /** Runs a schedule; `undefined` when it passes, or was tried before. */
  async try(schedule: readonly Scheduled[]): Promise<Candidate | undefined> {
    const key = JSON.stringify(schedule);
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    this.runs++;
    const run = await execute(this.scenario, new Follow(schedule), this.#objects);
    if (run.outcome === undefined || !this.fails(run.outcome)) return undefined;
    const real = scheduleOf(run);
    return { schedule: real, run, distance: distanceOf(real, this.order) };
  }

  /** Delta debugging over the steps that are not where they usually are. */
  async putBack(from: Candidate): Promise<Candidate> {
    let best = from;
    for (let size = Math.ceil(this.order.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < this.order.length; at += size) {
        const chosen = new Set(Array.from({ length: size }, (_, i) => at + i));
        const next = await this.try(withUsualOrder(best.schedule, this.order, chosen));
        if (next !== undefined && next.distance < best.distance) best = next;
      }
    }
    return best;
  }

  /** One pair of neighbours, or one answer, at a time. */
  async swapBack(from: Candidate): Promise<Candidate> {
    let best = from;
    for (let better = true; better;) {
      better = false;
      for (const schedule of nearer(best.schedule, this.order)) {
        const next = await this.try(schedule);
        if (next === undefined || next.distance >= best.distance) continue;
        best = next;
        better = true;
        break;
      }
    }
    return best;
  }
}

/** The place of each step in the default order; `Infinity` for one that does not come there. */
function ranksOf(schedule: readonly Scheduled[], order: readonly string[]): number[] {
  const keys = stepKeys(schedule.map(({ name }) => name));
  return keys.map((key) => {
    const rank = order.indexOf(key);
    return rank < 0 ? Infinity : rank;
  });
}

function distanceOf(schedule: readonly Scheduled[], order: readonly string[]): number {
  const answers = schedule.reduce((sum, { inside = [] }) => sum + inside.filter(Boolean).length, 0);
  return inversionsOf(ranksOf(schedule, order)) + answers;
}

/** Takes the steps of some ranks out and puts each where it usually is: behind all that usually come before it. */
function withUsualOrder(
  schedule: readonly Scheduled[],
  order: readonly string[],
  chosen: ReadonlySet<number>,
): Scheduled[] {
  const ranks = ranksOf(schedule, order);
  const ranked = schedule.map((step, i) => ({ step, rank: ranks[i] }));
  const rest = ranked.filter(({ rank }) => !chosen.has(rank));
  const taken = ranked.filter(({ rank }) => chosen.has(rank));
  for (const { step, rank } of taken.toSorted((a, b) => a.rank - b.rank)) {
    const at = rest.findIndex((other) => other.rank > rank);
    rest.splice(at < 0 ? rest.length : at, 0, { step: { name: step.name }, rank });
  }
  return rest.map(({ step }) => step);
}

/** Schedules with one pair of neighbours less out of order, or with one answer taken back. */
function* nearer(schedule: readonly Scheduled[], order: readonly string[]): Iterable<Scheduled[]> {
  const ranks = ranksOf(schedule, order);
  for (const [at, step] of schedule.entries()) {
    if (step.inside !== undefined) yield schedule.with(at, { name: step.name });
    if (ranks[at + 1] < ranks[at]) {
      yield schedule.with(at, schedule[at + 1]).with(at + 1, step);
    }
  }
}

/**
 * Steps that touch the same as one that they overtake or are overtaken by, or are decided otherwise inside. What goes
 * on several times in a row is told once.
 */
function eventsOf({ schedule, run }: Candidate, order: readonly string[]): string[] {
  const ranks = ranksOf(schedule, order);
  const swapped = (i: number, j: number) =>
    (i < j ? ranks[i] > ranks[j] : ranks[i] < ranks[j]) &&
    !independent(run.steps[i].accesses, run.steps[j].accesses);
  const matters = ranks.map((_, i) => ranks.some((_, j) => swapped(i, j)));
  const goesOn = (i: number) => matters[i - 1] && schedule[i - 1].name === schedule[i].name;
  return schedule.filter(({ inside }, i) => inside !== undefined || matters[i] && !goesOn(i))
    .map(({ name }) => name);
}
