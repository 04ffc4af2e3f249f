/**
 * Cuts an exploration into parts that have no run in common, so that several can work on it. The parts depend
 * on the scenario alone, never on how many work on them.
 *
 * @module
 */
import { STOP } from "../../kernel/choice.ts";
import { type Accesses, type AccessRecord, independent, type Objects } from "./access.ts";
import { execute, insideStep, type Point, type Run, type Step, type Strategy } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { ALL, type Branch } from "./search.ts";

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

/** Goes a way and stops at the point behind it. */
class Peek implements Strategy {
  /** What is offered behind the way; `undefined` when the run ends there. */
  names: readonly string[] | undefined;
  #begun = false;

  constructor(readonly way: readonly string[]) {}

  begin(): boolean {
    if (this.#begun) return false;
    return this.#begun = true;
  }

  pick({ kind, names }: Point, _place: number, steps: readonly Step[]): number {
    if (insideStep(kind)) return 0;
    if (steps.length < this.way.length) return names.indexOf(this.way[steps.length]);
    // There is no other way, and nothing stops at a barrier.
    if (kind === "barrier") return 0;
    this.names = names;
    return STOP;
  }

  end(): undefined {}
}

/** Cuts all runs of a scenario into parts. */
export async function branchesOf(
  scenario: Scenario,
  objects: Objects,
  parts: number = PARTS,
): Promise<Branch[]> {
  let branches: Branch[] = [ALL];
  for (let grown = true; grown && branches.length < parts;) {
    const next: Branch[] = [];
    grown = false;
    for (const branch of branches) {
      const cut = await cutBranch(scenario, objects, branch);
      next.push(...cut ?? [branch]);
      grown ||= cut !== undefined;
    }
    branches = next;
  }
  return branches;
}

/**
 * One part for each option that does not sleep; `undefined` when the run ends here, or when what comes next
 * is decided inside a step: its accesses are not known after one run.
 */
async function cutBranch(
  scenario: Scenario,
  objects: Objects,
  { taken, sleep }: Branch,
): Promise<Branch[] | undefined> {
  const { run, names } = await peek(scenario, objects, taken);
  if (names === undefined) return undefined;
  // Barriers may stand between what was taken and the next choice.
  const before = run.steps.map((step) => step.name);
  const parts: Branch[] = [];
  const asleep = new Map(sleep);
  for (const name of names) {
    if (sleep.has(name)) continue;
    const way = [...before, name];
    const behind = await peek(scenario, objects, way);
    const last = behind.run.steps[way.length - 1];
    if (behind.run.points.some(({ kind }) => insideStep(kind))) return undefined;
    const gone = behind.run.steps.map((step) => step.name);
    parts.push({ taken: gone, sleep: awakened(asleep, last, behind.names ?? []) });
    asleep.set(name, last.accesses);
  }
  return parts;
}

async function peek(
  scenario: Scenario,
  objects: Objects,
  way: readonly string[],
): Promise<{ run: Run; names: readonly string[] | undefined }> {
  const strategy = new Peek(way);
  const run = await execute(scenario, strategy, objects);
  return { run, names: strategy.names };
}

/** What still sleeps after a step. */
function awakened(
  sleep: ReadonlyMap<string, Accesses>,
  { accesses }: Step,
  names: readonly string[],
): Map<string, Accesses> {
  return new Map(
    [...sleep].filter(([name, touched]) => names.includes(name) && independent(touched, accesses)),
  );
}
