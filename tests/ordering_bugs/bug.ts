/**
 * What a seeded ordering bug is: the same few steps with the bug and without.
 *
 * @module
 */
import type { CoreBench } from "../../lab/core_bench.ts";
import {
  type BenchInitcall,
  coreScenario,
  type CoreScenarioOptions,
} from "../../lab/core_scenario.ts";
import type { Scenario } from "../../lab/explore/scenario.ts";

/** What runs: with the bug, or without it. */
export type Variant = Pick<CoreScenarioOptions, "initcalls" | "tasks" | "kernel">;

/** A bug, in data. */
export interface SeededBug {
  readonly name: string;
  /** The real one that it is modelled on. */
  readonly after: string;
  readonly vary: CoreScenarioOptions["vary"];
  /** What is wrong in the end; empty when nothing is. */
  readonly wrong: (bench: CoreBench, stuck: readonly string[]) => string;
  readonly broken: Variant;
  readonly fixed: Variant;
}

/** Initcalls within their level: as if files were linked in another order. */
export const LINK_ORDER: SeededBug["vary"] = { initcall: true };

/** An initcall that adds devices long before their drivers. */
export function devices(...names: readonly string[]): BenchInitcall {
  return ["populate_init", "arch", async (bench) => {
    for (const name of names) await bench.addDevice(name);
  }];
}

/** Wrong is a device without a driver. */
export function unbound(device: string): SeededBug["wrong"] {
  return (bench) => bench.driverOf(device) === undefined ? `${device} has no driver` : "";
}

/** Wrong is any other value of a fact. */
export function unless(fact: string, value: unknown): SeededBug["wrong"] {
  return ({ facts }) => facts.get(fact) === value ? "" : `${fact}: ${facts.get(fact)}`;
}

/** Drivers and a device that have nothing to do with anything. */
const BYSTANDERS: readonly BenchInitcall[] = [
  ["rtc_devices_init", "arch", (bench) => bench.addDevice("rtc")],
  ["rtc_driver_init", "device", (bench) => bench.addDriver({ name: "rtc-drv", fits: ["rtc"] })],
  ["leds_init", "device", (bench) => bench.addDriver({ name: "leds", fits: ["leds"] })],
  // It takes long, and others go on meanwhile.
  ["rtc_hctosys", "late", (bench) => bench.kernel.sched.yield()],
];

/** The same for what goes on when the kernel has started. */
const BYSTANDER: Variant["tasks"] = {
  logger: async (bench) => {
    bench.facts.set("line 1", "");
    await bench.pause();
    bench.facts.set("line 2", "");
  },
};

/** The bug, or its absence, as something to explore. */
export function scenarioOf(bug: SeededBug, variant: "broken" | "fixed"): Scenario {
  const { name, vary, wrong } = bug;
  const { initcalls, tasks, ...rest } = bug[variant];
  return coreScenario({
    ...rest,
    ...tasks === undefined ? {} : { tasks: { ...tasks, ...BYSTANDER } },
    name: `${name}, ${variant}`,
    vary,
    initcalls: [...initcalls, ...BYSTANDERS],
    look: (bench, stuck) => ({ wrong: wrong(bench, stuck) }),
  });
}
