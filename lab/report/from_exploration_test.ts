import { assert, assertEquals } from "@std/assert";
import { virtioModel } from "../explore/driver_model.ts";
import { explore } from "../explore/explore.ts";
import { modelScenario } from "../explore/tasks.ts";
import { reportOf } from "./from_exploration.ts";

Deno.test("reportOf() has every outcome once, the default first, and all orders in them", async () => {
  const scenario = modelScenario(virtioModel(["blk", "net"]));
  const report = await reportOf(scenario, await explore(scenario));
  // 7 initcalls; the number of outcomes was counted before by a prototype that shares no code with this.
  assertEquals([report.orders, report.outcomes.length], [5040n, 13]);
  const [first, ...others] = report.outcomes;
  assertEquals(first.changes, []);
  assertEquals(first.steps[0], "virtio_init");
  assert(others.every(({ changes }) => changes.length > 0));
  const texts = report.outcomes.map(({ views }) => JSON.stringify(views));
  assertEquals(new Set(texts).size, 13);
});

Deno.test("reportOf() says what made the difference", async () => {
  const scenario = modelScenario(virtioModel(["blk"]));
  const { outcomes } = await reportOf(scenario, await explore(scenario));
  const unbound = outcomes.find(({ views }) => views.errors === "virtio_blk: no bus");
  assertEquals(unbound?.reason?.includes('bus "virtio"'), true, unbound?.reason);
});
