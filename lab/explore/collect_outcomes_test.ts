import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { virtioModel } from "./driver_model.ts";
import { collectOutcomes, type Exploration } from "./collect_outcomes.ts";
import { conflictsText, explainGroup, movesOf } from "./explain.ts";
import { randomModel } from "./_random_model.ts";
import type { Scenario } from "./scenario.ts";
import { modelScenario } from "./tasks.ts";
import type { CollectOptions } from "./work.ts";

const VIRTIO = modelScenario(virtioModel(["blk", "net"]));

/** What must not depend on how the work was done. */
function essence({ classes, baseline, views }: Exploration): unknown {
  const groups = [...views].map(([view, groups]) =>
    [view, [...groups.values()].sort((a, b) => a.text < b.text ? -1 : 1)] as const
  );
  return { classes, baseline, groups: groups.sort(([a], [b]) => a < b ? -1 : 1) };
}

function question(scenario: Scenario, found: Exploration, view: string, text: string) {
  const group = found.views.get(view)!.get(text)!;
  return { scenario, view, group, expected: found.baseline[view], order: found.order };
}

Deno.test("collectOutcomes() says what it did: exhaustive, bounded or sampled", async () => {
  const coverage = async (options: CollectOptions) =>
    (await collectOutcomes(VIRTIO, options)).coverage.text;
  assertEquals(await coverage({}), "exhaustive: all 58 classes");
  assertEquals(await coverage({ runs: 10 }), "bounded by 10 runs");
  assertEquals(await coverage({ runs: 59 }), "exhaustive: all 58 classes");
  const random = { kind: "random", seed: 7, runs: 20 } as const;
  assertEquals(await coverage({ mode: random }), "sampled with seed 7, 20 runs");
  const near = { kind: "near", limits: { inversions: 2 } } as const;
  assertEquals((await coverage({ mode: near })).split(":")[0], "bounded by 2 inversions");
  let ms = 0;
  const clock = () => ms++;
  assertEquals(await coverage({ clock, milliseconds: 5 }), "bounded by 5 ms");
  const options = { progress: () => false };
  const large = modelScenario(virtioModel(["blk", "net", "console"]));
  const stopped = await collectOutcomes(large, options);
  assertEquals(stopped.coverage.text, `stopped after ${stopped.runs} runs`);
  // Some of these classes were run, the others foreseen.
  assert(stopped.runs < stopped.classes && stopped.classes < 266);
  const slow = await collectOutcomes({ ...large, visible: false }, options);
  assertEquals(slow.coverage.text, "stopped after 256 runs");
});

Deno.test("runs that are foreseen to their ends say what they would say if they were made", async () => {
  const models = [
    virtioModel(["blk", "net", "console"]),
    ...Array.from({ length: 60 }, (_, seed) => randomModel(seed)),
  ];
  for (const model of models) {
    const scenario = modelScenario(model);
    const foreseen = await collectOutcomes(scenario);
    const made = await collectOutcomes({ ...scenario, visible: false });
    assertEquals(essence(foreseen), essence(made), model.name);
    assert(foreseen.runs <= made.runs);
  }
});

Deno.test("orders near the default are all orders within the limit, and enough of them is everything", async () => {
  const all = await collectOutcomes(VIRTIO);
  const near = await collectOutcomes(VIRTIO, {
    mode: { kind: "near", limits: { inversions: 21 } },
  });
  assertEquals(near.coverage.kind, "exhaustive");
  assertEquals(essence(near), essence(all));
  for (const limit of [0, 1, 3, 6]) {
    const limits = { inversions: limit };
    const { views } = await collectOutcomes(VIRTIO, { mode: { kind: "near", limits } });
    const expected = [...all.views.get("all")!.values()].filter(({ witness }) =>
      witness.distance <= limit
    );
    assertEquals([...views.get("all")!.keys()].sort(), expected.map(({ text }) => text).sort());
  }
});

Deno.test("random runs and runs with priorities find only what there is, the same for the same seed", async () => {
  const all = (await collectOutcomes(VIRTIO)).views.get("all")!;
  for (
    const mode of [
      { kind: "random", seed: 1, runs: 300 },
      { kind: "priorities", seed: 1, runs: 300, depth: 3 },
    ] as const
  ) {
    const some = await collectOutcomes(VIRTIO, { mode });
    assertEquals(essence(await collectOutcomes(VIRTIO, { mode })), essence(some));
    const texts = [...some.views.get("all")!.keys()];
    assert(texts.every((text) => all.has(text)));
    assert(texts.length > 8, `${texts.length} outcomes`);
  }
});

Deno.test("all shards together find what one exploration finds", async () => {
  const random = Array.from({ length: 30 }, (_, seed) => modelScenario(randomModel(seed)));
  for (const scenario of [VIRTIO, ...random]) {
    const whole = await collectOutcomes(scenario);
    const counts = new Map<string, bigint>();
    let classes = 0;
    for (const index of [1, 2, 3]) {
      const part = await collectOutcomes(scenario, { shard: { index, of: 3 } });
      classes += part.classes;
      for (const { text, orders } of part.views.get("all")?.values() ?? []) {
        counts.set(text, (counts.get(text) ?? 0n) + orders!);
      }
    }
    const expected = [...whole.views.get("all")!.values()].map((
      { text, orders },
    ) => [text, orders]);
    assertEquals(classes, whole.classes, scenario.name);
    assertEquals([...counts].sort(), expected.sort(), scenario.name);
  }
});

Deno.test("explainGroup() finds the smallest change, and the swap that undoes it", async () => {
  const found = await collectOutcomes(VIRTIO, { views: ["errors"] });
  const text = "virtio_blk: no bus";
  const { moves, neighbour } = await explainGroup(question(VIRTIO, found, "errors", text));
  assertEquals(moves, [
    "virtio_blk_init before virtio_mmio_init",
    "virtio_init after net_dev_init",
  ]);
  assertEquals(neighbour!.pair, ["virtio_blk_init", "virtio_init"]);
  assert(neighbour!.passes);
  assertEquals(
    conflictsText(neighbour!),
    'virtio_blk_init looks at bus "virtio" before virtio_init changes it',
  );
});

Deno.test("of every outcome the explained run is as near as the nearest of all orders", async () => {
  const all = await collectOutcomes(VIRTIO);
  for (const [view, groups] of all.views) {
    for (const group of groups.values()) {
      const { distance } = group.witness;
      const limits = { inversions: distance - 1 };
      const nearer = await collectOutcomes(VIRTIO, { mode: { kind: "near", limits } });
      if (distance > 0) assertEquals(nearer.views.get(view)!.has(group.text), false);
      const { neighbour } = await explainGroup(question(VIRTIO, all, view, group.text));
      // Any swap that brings a nearest order nearer to the default leaves the outcome behind.
      assertEquals(neighbour === undefined, distance === 0);
    }
  }
});

Deno.test("movesOf() names the fewest steps that have to move", () => {
  const order = ["a", "b", "c", "d"];
  const of = (names: string) => movesOf([...names], order).join(", ");
  assertEquals(of("abcd"), "");
  assertEquals(of("dabc"), "d before a");
  assertEquals(of("bcda"), "a after d");
  assertEquals(of("badc"), "b before a, d before c");
});

Deno.test("what an outcome's text holds is what the run showed", async () => {
  const { baseline } = await collectOutcomes(VIRTIO);
  assertStringIncludes(baseline.all, "bindings:\n  slot0: virtio-mmio");
});
