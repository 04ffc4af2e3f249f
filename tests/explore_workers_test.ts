/**
 * Exploring in workers: the same result whatever their number, and the same as without any.
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  explore,
  type ExploreOptions,
  ExploreWorkerError,
  exploreWorkers,
  type OrderResult,
} from "../mod.ts";
import { scenario } from "./worker_scenarios.ts";

const MODULE = import.meta.resolve("./worker_scenarios.ts");

/** All that is found. */
function essence({ coverage, classes, orders, outcomes }: OrderResult): unknown {
  return { coverage, classes, orders, outcomes };
}

async function withWorkers(name: string, count: number, options: ExploreOptions) {
  using workers = exploreWorkers(MODULE, { count, argument: name });
  return await explore(scenario(name), { ...options, workers });
}

const CASES: Readonly<Record<string, ExploreOptions>> = {
  model: {},
  boot: { vary: ["levels=virtio_init,virtio_rng_driver_init"], views: ["bindings", "errors"] },
};

for (const [name, options] of Object.entries(CASES)) {
  Deno.test(`a ${name} explored by no, 1, 2 and 3 workers gives the same result`, async () => {
    const alone = essence(await explore(scenario(name), options));
    const runs: number[] = [];
    for (const count of [1, 2, 3]) {
      const result = await withWorkers(name, count, options);
      assertEquals(essence(result), alone, `${count} workers`);
      runs.push(result.runs);
    }
    // In parts it takes some more runs than in one, but as many whoever makes them.
    assertEquals(runs, [runs[0], runs[0], runs[0]]);
  });
}

Deno.test("workers do a shard too, and shards add up", async () => {
  const whole = await explore(scenario("model"));
  const parts = [];
  for (const index of [1, 2]) {
    parts.push(await withWorkers("model", 2, { shard: { index, of: 2 } }));
  }
  assertEquals(parts[0].classes + parts[1].classes, whole.classes);
});

Deno.test("workers stop when somebody has seen enough, and what they have is kept", async () => {
  const { coverage, classes } = await withWorkers("model", 2, { progress: () => false });
  assertEquals(coverage.kind, "bounded");
  assertMatch(coverage.text, /^stopped after \d+ runs$/);
  assertEquals(classes > 0, true);
});

Deno.test("workers say when their module has another scenario, or none", async () => {
  using other = exploreWorkers(MODULE, { count: 2, argument: "boot" });
  const explored = () => explore(scenario("model"), { workers: other });
  await assertRejects(explored, ExploreWorkerError, "not the one that is explored");
  using none = exploreWorkers(import.meta.resolve("./peers.ts"), { count: 1 });
  await assertRejects(
    () => explore(scenario("model"), { workers: none }),
    ExploreWorkerError,
    "exports no 'scenario'",
  );
});
