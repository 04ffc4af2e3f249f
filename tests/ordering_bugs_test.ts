/**
 * Bugs of driver order as people met them, each seeded into a few steps: the explorer has to find each one, what
 * is left after shrinking has to be small, and the fix has to leave no order that fails.
 */
import { assert, assertEquals } from "@std/assert";
import { Objects } from "../lab/explore/access.ts";
import { collectOutcomes } from "../lab/explore/collect_outcomes.ts";
import { Naive } from "../lab/explore/naive.ts";
import { execute, type Run } from "../lab/explore/run.ts";
import { RandomRuns } from "../lab/explore/sample.ts";
import type { Outcome, Scenario } from "../lab/explore/scenario.ts";
import { scheduleOf } from "../lab/explore/schedule.ts";
import { shrink } from "../lab/explore/shrink.ts";
import { scenarioOf, type SeededBug } from "./ordering_bugs/bug.ts";
import { BUS_BUGS } from "./ordering_bugs/buses.ts";
import { WAITING_BUGS } from "./ordering_bugs/deferral.ts";
import { NAME_BUGS } from "./ordering_bugs/names.ts";
import { RACES } from "./ordering_bugs/races.ts";

const BUGS: readonly SeededBug[] = [...BUS_BUGS, ...NAME_BUGS, ...WAITING_BUGS, ...RACES];
/** What is left of a failing run. */
const MAX_EVENTS = 5;

const isWrong = ({ wrong }: Outcome): boolean => wrong !== "";

/** A run that fails by chance, far from the default: shrinking has something to do. */
async function failingRun(scenario: Scenario): Promise<Run> {
  const strategy = new RandomRuns(5, 2000);
  const objects = new Objects();
  while (strategy.begin()) {
    const run = await execute(scenario, strategy, objects);
    if (run.outcome !== undefined && isWrong(run.outcome)) return run;
  }
  throw new Error(`${scenario.name}: no run of 2000 fails`);
}

/** What is wrong in the end, in any order, all of which are run. */
async function allOrders(scenario: Scenario): Promise<string[]> {
  const strategy = new Naive();
  const objects = new Objects();
  const texts = new Set<string>();
  while (strategy.begin()) {
    const { outcome } = await execute(scenario, strategy, objects);
    texts.add(outcome!.wrong);
  }
  return [...texts].sort();
}

async function explored(scenario: Scenario): Promise<string[]> {
  const { coverage, views } = await collectOutcomes(scenario);
  assertEquals(coverage.kind, "exhaustive");
  return [...views.get("wrong")!.keys()].sort();
}

for (const bug of BUGS) {
  Deno.test(`seeded bug: ${bug.name}`, async () => {
    const broken = scenarioOf(bug, "broken");
    const { baseline } = await collectOutcomes(broken, { runs: 1 });
    assertEquals(baseline.wrong, "", "the usual order fails");
    const found = await explored(broken);
    assert(found.length > 1, "no order fails");
    assertEquals(found, await allOrders(broken));
    const { events } = await shrink(broken, scheduleOf(await failingRun(broken)), isWrong);
    assert(events.length >= 2 && events.length <= MAX_EVENTS, events.join());
  });

  Deno.test(`fix of the seeded bug: ${bug.name}`, async () => {
    const fixed = scenarioOf(bug, "fixed");
    assertEquals(await explored(fixed), [""]);
    assertEquals(await allOrders(fixed), [""]);
  });
}

Deno.test("there are twenty bugs, each with a name of its own", () => {
  assertEquals(new Set(BUGS.map(({ name }) => name)).size, 20);
});
