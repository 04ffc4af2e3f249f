/**
 * A kernel without any hardware as a scenario: initcalls, drivers and devices of an experiment on the real
 * driver core, and what goes on after them. It takes well below a millisecond to run.
 *
 * @module
 */
import { ASYNC } from "../kernel/async.ts";
import { DEFERRED } from "../kernel/base/dd.ts";
import { platformBusInit } from "../kernel/base/platform.ts";
import { isInterleaved, type Vary } from "../kernel/choice.ts";
import { DEFAULT_COSTS } from "../kernel/clock.ts";
import {
  doInitcalls,
  type Initcall,
  INITCALL_LEVELS,
  type InitcallLevel,
} from "../kernel/initcall.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { DeadlockError } from "../kernel/task.ts";
import type { Platform } from "../hypervisor/platform.ts";
import { CoreBench } from "./core_bench.ts";
import type { Outcome, Scenario, Steering } from "./explore/scenario.ts";
import { isExact, QUEUES, Steered } from "./steered.ts";

/** Something that an experiment does. */
export type BenchStep = (bench: CoreBench) => unknown;

/** An initcall of an experiment. */
export type BenchInitcall = readonly [name: string, level: InitcallLevel, step: BenchStep];

/** What runs, and what about it may go another way. */
export interface CoreScenarioOptions {
  /** For people; it also stands for the code of the steps, so that replay ids know it. */
  readonly name: string;
  /** Initcalls in link order; those of the driver core come before them. */
  readonly initcalls: readonly BenchInitcall[];
  /** What goes on, by name, when the kernel has started: user space, hot-plug. Default: nothing. */
  readonly tasks?: Readonly<Record<string, BenchStep>>;
  /** What may go another way. */
  readonly vary: Vary;
  /**
   * Which year's kernel, its configuration and command line, whether it has a log, and what takes how long. Default:
   * as elsewhere, but suppliers are waited for without end, there is no log, and only who sleeps takes time.
   */
  readonly kernel?: Pick<
    KernelOptions,
    "profile" | "kconfig" | "append" | "ordering" | "log" | "costs"
  >;
  /**
   * What is seen in the end.
   *
   * @param stuck Who waits for what will never come.
   */
  readonly look: (bench: CoreBench, stuck: readonly string[]) => Outcome;
}

/**
 * Makes a scenario of initcalls, drivers and devices that are made up.
 *
 * @example A bus and its driver at one level
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { coreScenario, explore } from "../mod.ts";
 * const { outcomes } = await explore(coreScenario({
 *   name: "a bus and its driver",
 *   vary: { initcall: true },
 *   initcalls: [
 *     ["dfl_init", "device", (bench) => bench.addBus("dfl")],
 *     ["m10_init", "device", (bench) => bench.addDriver({ name: "m10", bus: "dfl", fits: ["m10"] })],
 *     ["found", "late", (bench) => bench.addDevice("m10", "dfl")],
 *   ],
 *   look: (bench) => ({ driver: bench.driverOf("m10") ?? "none" }),
 * }));
 * assertEquals(outcomes.map(({ views }) => views.driver), ["m10", "none"]);
 * assertEquals(outcomes[1].staleRead, 'm10_init looks at bus "dfl" before dfl_init changes it');
 * ```
 */
export function coreScenario(options: CoreScenarioOptions): Scenario {
  const { name, vary, kernel, initcalls, tasks = {} } = options;
  const steps = [...initcalls.map(([call, level]) => `${call} ${level}`), ...Object.keys(tasks)];
  return {
    name,
    definition: JSON.stringify({ name, vary, kernel, steps }),
    fixedSteps: !isInterleaved(vary),
    exact: isExact(vary),
    run: (steering) => runCore(options, steering),
  };
}

/** Only who sleeps takes time: then no order makes anything later than another one does. */
const FREE = Object.fromEntries(Object.keys(DEFAULT_COSTS).map((cost) => [cost, 0]));

/** A machine with nothing in it. */
const NOTHING: Omit<Platform, "ram"> = {
  name: "nothing",
  ramBase: 0,
  dtb: new Uint8Array(),
  attach: () => undefined,
  read: () => 0,
  write: () => undefined,
  nextEventNs: () => Infinity,
  runDue: () => undefined,
  waitExternal: () => undefined,
};

async function runCore(
  options: CoreScenarioOptions,
  steering: Steering,
): Promise<Outcome | undefined> {
  const steered = new Steered(steering, new Set(isInterleaved(options.vary) ? [] : QUEUES));
  const kernel = new Kernel({ ...NOTHING, ram: new ArrayBuffer(0) }, {
    log: false,
    append: "deferred_probe_timeout=-1",
    costs: FREE,
    vary: options.vary,
    chooser: (point) => steered.choose(point),
    ...options.kernel,
  });
  steered.attach(kernel);
  const bench = new CoreBench(kernel);
  const stuck = await Promise.race([runAll(bench, options), steered.stopped]);
  if (stuck === undefined) return undefined;
  steered.end();
  // Looking is no step.
  kernel.access = undefined;
  return options.look(bench, stuck);
}

/** The boot and what goes on after it, to the end. Tells who is stuck. */
async function runAll(
  bench: CoreBench,
  { initcalls, tasks = {} }: CoreScenarioOptions,
): Promise<readonly string[]> {
  const { sched } = bench.kernel;
  const ends: PromiseSettledResult<unknown>[] = await Promise.allSettled([
    sched.run("init", () => boot(bench, initcalls), 1),
  ]);
  if (ends[0].status === "fulfilled") {
    const begun = Object.entries(tasks).map(([name, step]) =>
      sched.run(name, async () => await step(bench))
    );
    ends.push(...await Promise.allSettled(begun));
  }
  // What nobody waits for goes on, turn by turn, until nothing can.
  while (sched.busy) await undefined;
  sched.stop();
  return ends.flatMap((end) => end.status === "rejected" ? waitersOf(end.reason) : []);
}

/** @throws {unknown} What is no deadlock. */
function waitersOf(reason: unknown): readonly string[] {
  if (reason instanceof DeadlockError) return reason.waiters;
  throw reason;
}

async function boot(bench: CoreBench, initcalls: readonly BenchInitcall[]): Promise<undefined> {
  const { kernel } = bench;
  await platformBusInit(kernel);
  const own: Initcall = {
    name: "deferred_probe_initcall",
    level: "late",
    fn: () => kernel.get(DEFERRED).initcall(),
  };
  const table = initcalls.map(([name, level, step]): Initcall => ({
    name,
    level,
    fn: async () => void await step(bench) as undefined,
  }));
  await doInitcalls(kernel, [own, ...table], INITCALL_LEVELS, async () => undefined);
  await kernel.get(ASYNC).synchronizeFull();
}
