/**
 * Cuts an exploration into parts that have no run in common, so that several can work on it. The parts depend
 * on the scenario alone, never on how many work on them.
 *
 * @module
 */
import { STOP } from "../../kernel/choice.ts";
import { type AccessRecord, independent, type Objects } from "./access.ts";
import { execute, insideStep, type Point, type Run, type Step, type Strategy } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { ALL, type Branch, type SleepSet } from "./search.ts";

/** As many parts are made, if there are as many. */
const PARTS = 64;

/** A part in words, for another process. */
export interface BranchRecord {
  /** The options taken at the first points. */
  readonly taken: readonly string[];
  /** What need not be taken after them, with what it would touch. */
  readonly sleep: readonly (readonly [name: string, accesses: readonly AccessRecord[]])[];
}

/** Puts a part into words. */
export function recordBranch({ taken, sleep }: Branch, objects: Objects): BranchRecord {
  return { taken, sleep: [...sleep].map(([name, touched]) => [name, objects.records(touched)]) };
}

/** Reads a part that another process put into words. */
export function branchOf({ taken, sleep }: BranchRecord, objects: Objects): Branch {
  return {
    taken,
    sleep: new Map(sleep.map(([name, records]) => [name, objects.accesses(records)])),
  };
}

/** A part, and what can come next in it. */
interface Cuttable extends Branch {
  /** What is offered next and does not sleep; empty where it cannot be cut. */
  readonly ways: readonly string[];
}

/** Goes a way, and on from there as long as there is only one. */
class Descent implements Strategy {
  /** What sleeps where it stopped. */
  sleep: SleepSet;
  /** What it could go on with where it stopped; `undefined` when the run came to its end. */
  ways: readonly string[] | undefined;
  readonly #way: readonly string[];
  #names: readonly string[] = [];
  #begun = false;

  /** @param sleep What sleeps before the last step of the way, or, without a way, at the first point. */
  constructor(way: readonly string[], sleep: SleepSet) {
    this.#way = way;
    this.sleep = sleep;
  }

  begin(): boolean {
    if (this.#begun) return false;
    return this.#begun = true;
  }

  pick({ kind, names }: Point, _place: number, steps: readonly Step[]): number {
    if (insideStep(kind)) return 0;
    const last = steps[steps.length - 1];
    if (steps.length < this.#way.length) {
      this.#names = names;
      return names.indexOf(this.#way[steps.length]);
    }
    // Nothing stops at a barrier.
    const offered = kind === "barrier" ? this.#names : names;
    if (last !== undefined) this.sleep = awakened(this.sleep, last, offered);
    this.#names = offered;
    const ways = names.filter((name) => kind === "barrier" || !this.sleep.has(name));
    if (ways.length === 1) return names.indexOf(ways[0]);
    this.ways = ways;
    return STOP;
  }

  end(): undefined {}
}

/** Cuts all runs of a scenario into parts: again and again the one in which most can come next. */
export async function branchesOf(
  scenario: Scenario,
  objects: Objects,
  parts: number = PARTS,
): Promise<Branch[]> {
  const { part } = await descend(scenario, objects, ALL);
  let branches: Cuttable[] = [part ?? { ...ALL, ways: [] }];
  while (branches.length < parts) {
    const most = Math.max(...branches.map(({ ways }) => ways.length));
    if (most === 0) break;
    const at = branches.findIndex(({ ways }) => ways.length === most);
    const cut = await cutBranch(scenario, objects, branches[at]);
    branches = branches.toSpliced(at, 1, ...cut);
  }
  return branches;
}

/**
 * One part for each way; the branch as it is when something is decided inside a step: its accesses are not known after
 * one run.
 */
async function cutBranch(
  scenario: Scenario,
  objects: Objects,
  branch: Cuttable,
): Promise<readonly Cuttable[]> {
  const { taken, sleep, ways } = branch;
  const parts: Cuttable[] = [];
  const asleep = new Map(sleep);
  for (const name of ways) {
    const way = { taken: [...taken, name], sleep: asleep };
    const { run, part } = await descend(scenario, objects, way);
    if (run.points.some(({ kind }) => insideStep(kind))) return [{ ...branch, ways: [] }];
    if (part !== undefined) parts.push(part);
    asleep.set(name, run.steps[taken.length].accesses);
  }
  return parts;
}

/**
 * Goes a way and on.
 *
 * @param sleep What sleeps before its last step.
 * @returns The run, and the part that begins with it; `undefined` when everything sleeps there, or when something was
 *   decided inside a step.
 */
async function descend(
  scenario: Scenario,
  objects: Objects,
  { taken, sleep }: Branch,
): Promise<{ run: Run; part: Cuttable | undefined }> {
  const strategy = new Descent(taken, sleep);
  const run = await execute(scenario, strategy, objects);
  const gone = run.steps.map(({ name }) => name);
  const { ways } = strategy;
  if (ways?.length === 0 || run.points.some(({ kind }) => insideStep(kind))) {
    return { run, part: undefined };
  }
  if (ways === undefined) return { run, part: { taken: gone, sleep: new Map(), ways: [] } };
  return { run, part: { taken: gone, sleep: strategy.sleep, ways } };
}

/** What still sleeps after a step. */
function awakened(sleep: SleepSet, { accesses }: Step, names: readonly string[]): SleepSet {
  return new Map(
    [...sleep].filter(([name, touched]) => names.includes(name) && independent(touched, accesses)),
  );
}
