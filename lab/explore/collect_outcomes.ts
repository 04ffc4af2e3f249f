/**
 * Exploring a scenario: which outcomes there are, how often, and how little has to change for each.
 *
 * @module
 */
import { branchesOf } from "./branches.ts";
import type { ViewGroups } from "./collect.ts";
import { shareWork } from "./helpers.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { ALL } from "./search.ts";
import { type CollectOptions, type Done, Ground, type Shard, Work } from "./work.ts";

/** What is said of the runs that were not made. */
export interface Coverage {
  /** Nothing else can happen; no more was looked for; or some runs were picked out. */
  readonly kind: "exhaustive" | "bounded" | "sampled";
  /** For people: `"all 1282 classes"`, `"bounded by 500 runs"`, `"sampled with seed 7"`. */
  readonly text: string;
}

/** What came of an exploration. */
export interface Exploration {
  /** The name of the scenario. */
  readonly scenario: string;
  /** What the result is worth. */
  readonly coverage: Coverage;
  /** Which part of the work it is. Default: all of it. */
  readonly shard?: Shard;
  /** Runs that were made, those included that were given up half way. */
  readonly runs: number;
  /** Classes of equivalent runs: one of each was run to its end, or foreseen. */
  readonly classes: number;
  /** What the default run gives, by view. */
  readonly baseline: Outcome;
  /** The steps of the default run. */
  readonly order: readonly string[];
  /** Outcomes by view, in the order in which they were found; the view `all` has all others together. */
  readonly views: ReadonlyMap<string, ViewGroups>;
}

/** Explores a scenario. */
export async function collectOutcomes(
  scenario: Scenario,
  options: CollectOptions = {},
): Promise<Exploration> {
  const { shard, helpers = [], mode, views: wanted } = options;
  const ground = await Ground.of(scenario, wanted);
  const isWhole = mode !== undefined && mode.kind !== "exhaustive" ||
    shard === undefined && helpers.length === 0;
  const all = isWhole ? [ALL] : await branchesOf(scenario, ground.objects);
  const own = all.filter((_, i) => shard === undefined || i % shard.of === shard.index - 1);
  const done = isWhole || helpers.length === 0
    ? await new Work(ground, options, own).run()
    : await shareWork(ground, options, own, helpers);
  const { runs, classes, views } = done;
  const { baseline, order } = ground;
  return {
    scenario: scenario.name,
    coverage: coverageOf(options, done),
    ...shard === undefined ? {} : { shard },
    ...{ runs, classes, baseline, order, views },
  };
}

function coverageOf(
  { mode, shard, runs, milliseconds }: CollectOptions,
  { ended, runs: made, classes, limited, doubt }: Done,
): Coverage {
  if (ended === "runs") return { kind: "bounded", text: `bounded by ${runs} runs` };
  if (ended === "milliseconds") {
    return { kind: "bounded", text: `bounded by ${milliseconds} ms` };
  }
  if (ended === "stopped") {
    return { kind: "bounded", text: `stopped after ${made} runs` };
  }
  if (mode?.kind === "random" || mode?.kind === "priorities") {
    const depth = mode.kind === "priorities" ? `, priorities of depth ${mode.depth}` : "";
    return { kind: "sampled", text: `sampled with seed ${mode.seed}, ${made} runs${depth}` };
  }
  if (mode?.kind === "near" && limited) {
    const { inversions, deviations } = mode.limits;
    const limits = [
      ...inversions === undefined ? [] : [counted(inversions, "inversion")],
      ...deviations === undefined ? [] : [counted(deviations, "deviation")],
    ];
    return { kind: "bounded", text: `bounded by ${limits.join(" and ")}: ${classes} classes` };
  }
  if (doubt !== undefined) {
    const text = `${classes} classes, others may be missing: ${doubt}`;
    return { kind: "bounded", text };
  }
  if (shard === undefined) {
    const all = classes === 1 ? "the only class" : `all ${classes} classes`;
    return { kind: "exhaustive", text: `exhaustive: ${all}` };
  }
  const part = `part ${shard.index} of ${shard.of}`;
  return { kind: "bounded", text: `${part}: all ${classes} classes of it` };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
