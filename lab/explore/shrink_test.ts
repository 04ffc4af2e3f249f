import { assert, assertEquals, assertRejects } from "@std/assert";
import { virtioModel } from "./driver_model.ts";
import { collectOutcomes } from "./collect_outcomes.ts";
import { RandomRuns } from "./sample.ts";
import { Objects } from "./access.ts";
import { execute, type Run } from "./run.ts";
import { scheduleOf } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { modelScenario } from "./tasks.ts";

const VIRTIO = modelScenario(virtioModel(["blk", "net", "console", "input"]));

/** Random runs that end in this way. */
function failing(fails: (run: Run) => boolean, count: number): Run[] {
  const strategy = new RandomRuns(11, 10_000);
  const objects = new Objects();
  const found: Run[] = [];
  while (found.length < count && strategy.begin()) {
    const run = execute(VIRTIO, strategy, objects) as Run;
    if (fails(run)) found.push(run);
  }
  return found;
}

Deno.test("shrink() leaves at most five steps of eleven that matter", async () => {
  const fails = (errors: string) =>
    errors.includes("slot0: no class") || errors.includes("virtio0: no class");
  for (const run of failing(({ outcome }) => fails(outcome!.errors), 10)) {
    const shrunk = await shrink(VIRTIO, scheduleOf(run), ({ errors }) => fails(errors));
    assert(shrunk.events.length <= 5, shrunk.events.join());
    assert(shrunk.runs < 200, `${shrunk.runs} runs`);
  }
});

Deno.test("what shrink() leaves cannot lose any pair, and is hardly farther than the nearest failing order", async () => {
  const fails = (errors: string) => errors.includes("virtio_net: no bus");
  const { views } = await collectOutcomes(VIRTIO, { views: ["errors"] });
  const nearest = Math.min(
    ...[...views.get("errors")!.values()].filter(({ text }) => fails(text)).map(({ witness }) =>
      witness.distance
    ),
  );
  for (const run of failing(({ outcome }) => fails(outcome!.errors), 20)) {
    const { distance, schedule } = await shrink(
      VIRTIO,
      scheduleOf(run),
      ({ errors }) => fails(errors),
    );
    assert(distance >= nearest);
    assert(
      distance <= nearest + 4,
      `${distance}, ${nearest}: ${schedule.map(({ name }) => name).join()}`,
    );
  }
});

Deno.test("shrink() refuses a run that passes", async () => {
  await assertRejects(() => shrink(VIRTIO, [], () => false), RangeError, "passes");
  assertEquals((await shrink(VIRTIO, [], () => true)).events, []);
});
