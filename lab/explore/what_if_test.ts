import { assert, assertEquals } from "@std/assert";
import { Objects } from "./access.ts";
import { virtioModel } from "./driver_model.ts";
import { randomModel } from "./_random_model.ts";
import { execute } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { Follow, stepKeys } from "./schedule.ts";
import { modelScenario } from "./tasks.ts";
import { placesOf } from "./what_if.ts";

/** What is seen in one view when steps come so; `undefined` when they cannot. */
async function endOf(scenario: Scenario, view: string, names: readonly string[]) {
  const follow = new Follow(names.map((name) => ({ name })));
  const { outcome } = await execute(scenario, follow, new Objects());
  return follow.missed === undefined ? outcome?.[view] : undefined;
}

/** The same by running every place of every step. */
async function oneByOne(scenario: Scenario, view: string) {
  const { steps } = await execute(scenario, new Follow([]), new Objects());
  const names = steps.map(({ name }) => name);
  const found = [];
  for (const [home, name] of names.entries()) {
    const others = names.toSpliced(home, 1);
    const ends = await Promise.all(
      names.map((_, place) => endOf(scenario, view, others.toSpliced(place, 0, name))),
    );
    const first = ends.findLastIndex((end, place) => place < home && end === undefined) + 1;
    const behind = ends.findIndex((end, place) => place > home && end === undefined);
    const allowed = ends.slice(first, behind < 0 ? ends.length : behind) as string[];
    if (allowed.length > 1) found.push({ home, first, ends: allowed });
  }
  return found;
}

Deno.test("placesOf() says what running every place of every step says", async () => {
  const models = [
    virtioModel(["blk", "net"]),
    ...Array.from({ length: 40 }, (_, i) => randomModel(i)),
  ];
  let moves = 0;
  for (const scenario of models.map((model) => modelScenario(model))) {
    const { steps, outcome } = await execute(scenario, new Follow([]), new Objects());
    const names = steps.map(({ name }) => name);
    if (scenario.fixedSteps !== true || stepKeys(names).join() !== names.join()) continue;
    const view = Object.keys(outcome ?? {})[0];
    const places = await placesOf({ scenario, view, views: [view] });
    assertEquals(places, await oneByOne(scenario, view), scenario.name);
    moves += places.length;
  }
  assert(moves > 20, `${moves}`);
});
