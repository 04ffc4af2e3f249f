import { assertEquals, assertMatch } from "@std/assert";
import { DEFAULT_COSTS } from "../kernel/clock.ts";
import { KernelError } from "../kernel/errors.ts";
import type { CoreBench } from "./core_bench.ts";
import { type BenchStep, coreScenario } from "./core_scenario.ts";
import { Objects } from "./explore/access.ts";
import { collectOutcomes } from "./explore/collect_outcomes.ts";
import { Naive } from "./explore/naive.ts";
import { execute } from "./explore/run.ts";
import type { Scenario } from "./explore/scenario.ts";

/** Numbers from a seed. */
function below(seed: number): (count: number) => number {
  let state = seed * 2654435761 >>> 0;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 0x1_0000_0000 * count);
  };
}

const NAMES = ["a", "b"];
/** All devices that a random scenario may have. */
const DEVICES = ["a.1", "a.2", "a.3", "a.9", "b.1", "b.2", "b.3"];

/** One thing that a task of a random scenario does. */
function randomStep(pick: (count: number) => number, task: string): BenchStep {
  const name = NAMES[pick(NAMES.length)];
  const other = NAMES[pick(NAMES.length)];
  const async = pick(2) === 0;
  switch (pick(5)) {
    case 0:
      return (bench) => bench.addDevice(`${name}.${task.length}`);
    case 1:
      return (bench) =>
        bench.addDriver({ name: `${name}-${task}`, fits: [name], async, numbers: "n" });
    case 2:
      return (bench) =>
        bench.addDriver({ name: `${name}-${task}`, fits: [name], needs: other, provides: name });
    case 3:
      return (bench) => bench.tell(other);
    default:
      return (bench) => bench.tell(`${task} saw ${name}`, bench.facts.has(name));
  }
}

/** One of the things that wait, or make others wait. */
function randomWait(pick: (count: number) => number, task: string): BenchStep {
  const name = NAMES[pick(NAMES.length)];
  const ns = pick(3) * 2000;
  switch (pick(7)) {
    case 0:
      return (bench) => bench.kernel.sched.sleep(ns);
    case 1:
      return (bench) => bench.interrupt();
    case 2:
      return (bench) => bench.until(name);
    case 3:
      return (bench) => bench.waitForProbes();
    case 4:
      return (bench) => bench.unbind("a.9");
    case 5:
      return (bench) =>
        bench.addDriver({ name: `${name}-${task}`, fits: [name], pauses: true, provides: name });
    default:
      return (bench) => bench.tell(`number of ${task}`, bench.takeNumber("k"));
  }
}

function randomTask(pick: (count: number) => number, task: string): BenchStep {
  const steps = Array.from(
    { length: 1 + pick(2) },
    () => pick(2) === 0 ? randomStep(pick, task) : randomWait(pick, task),
  );
  return async (bench) => {
    for (const [i, step] of steps.entries()) {
      if (i > 0) await bench.pause();
      // A name may be taken.
      await Promise.resolve(step(bench)).catch((error) => {
        if (!(error instanceof KernelError)) throw error;
      });
    }
  };
}

/** How many are compared. */
const SCENARIOS = 200;
const KINDS = ["task", "work", "async", "irq", "timer"] as const;

function randomScenario(seed: number): Scenario {
  const pick = below(seed);
  const tasks = ["x", "yy", "zzz"].slice(0, 2 + pick(2));
  // What does not vary stays where it is, between what does.
  const kinds = KINDS.filter((kind) => kind === KINDS[seed % KINDS.length] || pick(3) > 0);
  return coreScenario({
    name: `random ${seed}`,
    vary: Object.fromEntries(kinds.map((kind) => [kind, true])),
    initcalls: [["populate", "arch", populate]],
    tasks: Object.fromEntries(tasks.map((task) => [task, randomTask(pick, task)])),
    kernel: {
      profile: pick(3) === 0 ? "3.2" : "6.1",
      // Whether steps take time or not.
      ...pick(2) === 0 ? { costs: DEFAULT_COSTS } : {},
    },
    look: (bench, stuck) => ({ facts: [factsOf(bench), ...stuck].join("\n") }),
  });
}

async function populate(bench: CoreBench): Promise<undefined> {
  bench.onInterrupt(() => bench.tell("interrupts", Number(bench.facts.get("interrupts") ?? 0) + 1));
  await bench.addDevice("a.9");
}

function factsOf(bench: CoreBench): string {
  const { facts } = bench;
  const bound = DEVICES.map((name) => `${name}: ${bench.driverOf(name)}`);
  return [...bound, ...[...facts].map(([fact, value]) => `${fact}: ${value}`).sort()].join("\n");
}

/** In how many orders each outcome comes, one by one; `undefined` when there are too many. */
async function naive(scenario: Scenario, limit: number): Promise<Map<string, bigint> | undefined> {
  const strategy = new Naive();
  const objects = new Objects();
  const outcomes = new Map<string, bigint>();
  for (let runs = 0; strategy.begin(); runs++) {
    if (runs === limit) return undefined;
    const { facts } = (await execute(scenario, strategy, objects)).outcome!;
    outcomes.set(facts, (outcomes.get(facts) ?? 0n) + 1n);
  }
  return outcomes;
}

Deno.test("interleavings of random tasks on the driver core: every outcome is found, every order counted", async () => {
  for (let seed = 0, compared = 0; compared < SCENARIOS; seed++) {
    const scenario = randomScenario(seed);
    const expected = await naive(scenario, 300);
    if (expected === undefined) continue;
    const { views } = await collectOutcomes(scenario);
    const found = [...views.get("facts")!.values()];
    assertEquals(found.map(({ text }) => text).sort(), [...expected.keys()].sort(), `seed ${seed}`);
    const orders = new Map(found.map(({ text, orders }) => [text, orders!]));
    assertEquals(orders, expected, `seed ${seed}`);
    compared++;
  }
});

Deno.test("who waits for what never comes is told, in an initcall as in a task", async () => {
  const waits: BenchStep = (bench) => bench.until("rain");
  const tellers = { initcalls: [["wait_init", "device", waits]] } as const;
  for (const steps of [tellers, { initcalls: [], tasks: { waiter: waits } }]) {
    const { baseline } = await collectOutcomes(coreScenario({
      ...steps,
      name: "rain",
      vary: { task: true },
      look: (_bench, stuck) => ({ stuck: stuck.join() }),
    }));
    assertMatch(baseline.stuck, /^(init|waiter) \(pid \d+\) waits for a fact$/);
  }
});
