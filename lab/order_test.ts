import { assert, assertEquals, assertRejects } from "@std/assert";
import { virtioModel } from "./explore/driver_model.ts";
import { ReplayIdError } from "./explore/replay_id.ts";
import { ResultFileError } from "./explore/result_file.ts";
import { modelScenario } from "./explore/tasks.ts";
import { explore, mergeResults, replay } from "./order.ts";
import { VaryError } from "./vary.ts";

const BLK_NET = modelScenario(virtioModel(["blk", "net"]));

Deno.test("explore() has every outcome once, the default first, and all orders in them", async () => {
  const { orders, outcomes } = await explore(BLK_NET);
  // 7 initcalls; the number of outcomes was counted before by a prototype that shares no code with this.
  assertEquals([orders, outcomes.length], [5040n, 13]);
  const [first, ...others] = outcomes;
  assertEquals([first.change, first.distance, first.neighbour], [[], 0, undefined]);
  assertEquals(first.witness[0], "virtio_init");
  assert(others.every(({ change, distance }) => change.length > 0 && distance > 0));
  assertEquals(new Set(outcomes.map(({ views }) => JSON.stringify(views))).size, 13);
});

Deno.test("explore() says what was looked at too early", async () => {
  const { outcomes } = await explore(modelScenario(virtioModel(["blk"])), { views: ["errors"] });
  const unbound = outcomes.find(({ views }) => views.errors === "virtio_blk: no bus");
  assertEquals(
    unbound?.staleRead,
    'virtio_blk_init looks at bus "virtio" before virtio_init changes it',
  );
});

Deno.test("outcomesBy() tells outcomes apart by one view, and they hold all orders too", async () => {
  const result = await explore(BLK_NET);
  const bindings = await result.outcomesBy("bindings");
  assert(bindings.length > 1 && bindings.length < 13);
  assertEquals(bindings.reduce((sum, { orders }) => sum + orders!, 0n), 5040n);
});

Deno.test("replay() gives what the explored run gave, and refuses ids that are not its own", async () => {
  const { outcomes } = await explore(BLK_NET);
  for (const { replayId, views, witness } of outcomes) {
    assertEquals(await replay(BLK_NET, replayId), {
      steps: witness,
      outcome: views,
      log: undefined,
    });
  }
  const other = modelScenario(virtioModel(["blk"]));
  await assertRejects(() => replay(other, outcomes[1].replayId), ReplayIdError, "another scenario");
});

Deno.test("mergeResults() of all shards is the whole, and refuses parts of something else", async () => {
  const files = await Promise.all([2, 1].map(async (index) => {
    const part = await explore(BLK_NET, { shard: { index, of: 2 } });
    return { name: `part${index}`, text: part.file() };
  }));
  const merged = await mergeResults(BLK_NET, files);
  const whole = await explore(BLK_NET);
  assertEquals(merged.outcomes, whole.outcomes);
  assertEquals(merged.coverage.kind, "exhaustive");
  const other = modelScenario(virtioModel(["blk"]));
  await assertRejects(() => mergeResults(other, files), ResultFileError, "another scenario");
});

Deno.test("explore() does not let vary what a scenario decides by itself", async () => {
  await assertRejects(() => explore(BLK_NET, { vary: ["slots"] }), VaryError, "by itself");
  await assertRejects(() => explore(BLK_NET, { bound: 2, sample: { runs: 3 } }), RangeError);
});
