/**
 * Exploring a scenario: which outcomes there are, how often, and how little has to change for each.
 *
 * @module
 */
import { Objects } from "./access.ts";
import { branchesOf } from "./branches.ts";
import { Collector, type ViewGroups, viewTexts } from "./collect.ts";
import { Memory } from "./memory.ts";
import { type Limits, Naive } from "./naive.ts";
import { execute, type Run, type Strategy } from "./run.ts";
import { PriorityRuns, RandomRuns } from "./sample.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { type Branch, Search } from "./search.ts";
import { Follow } from "./schedule.ts";

/** Which runs are made. */
export type Mode =
  /** One of every class of equivalent runs. */
  | { readonly kind: "exhaustive" }
  /** All that are near the default. */
  | { readonly kind: "near"; readonly limits: Limits }
  /** Some at random. */
  | { readonly kind: "random"; readonly seed: number; readonly runs: number }
  /** Some with random priorities: finds what needs `depth` steps in a certain order. */
  | {
    readonly kind: "priorities";
    readonly seed: number;
    readonly runs: number;
    readonly depth: number;
  };

/** How far an exploration is. */
export interface Progress {
  /** Runs so far. */
  readonly runs: number;
  /** Classes so far. */
  readonly classes: number;
  /** Outcomes so far, in the view with the most. */
  readonly outcomes: number;
  /** The part of the work that is done, from 0 to 1; a guess. */
  readonly done: number;
}

/** A part of an exploration. */
export interface Shard {
  /** Which part, from 1. */
  readonly index: number;
  /** Of how many. */
  readonly of: number;
}

/** How much is done, and who hears of it. */
export interface WorkOptions {
  /** No more runs than this are made. Default: no limit. */
  readonly runs?: number;
  /** No run begins later than this after the first one. Default: no limit. */
  readonly milliseconds?: number;
  /** The time in milliseconds, for {@linkcode milliseconds}: `() => performance.now()`. */
  readonly clock?: () => number;
  /** Only this part of the work is done. Default: all of it. */
  readonly shard?: Shard;
  /** Hears how far it is, every now and then; what it answers with `false` ends there, with what it has. */
  readonly progress?: (progress: Progress) => unknown;
}

/** How outcomes are collected. */
export interface CollectOptions extends WorkOptions {
  /** The views that count. Default: all that the scenario has. */
  readonly views?: readonly string[];
  /** Which runs are made. Default: exhaustive. */
  readonly mode?: Mode;
}

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
  /** Classes of equivalent runs, one of each was run to its end. */
  readonly classes: number;
  /** What the default run gives, by view. */
  readonly baseline: Outcome;
  /** The steps of the default run. */
  readonly order: readonly string[];
  /** Outcomes by view, in the order in which they were found; the view `all` has all others together. */
  readonly views: ReadonlyMap<string, ViewGroups>;
}

/** Runs between two reports: of those that take no time, and of those that do. */
const RUNS_PER_REPORT = 256;
const SLOW_RUNS_PER_REPORT = 8;

/** Explores a scenario. */
export async function collectOutcomes(
  scenario: Scenario,
  options: CollectOptions = {},
): Promise<Exploration> {
  const work = await Work.begin(scenario, options);
  const ended = await work.run();
  const { runs, collector: { classes, views } } = work;
  const coverage = coverageOf(options, work, ended);
  const { baseline, order } = work;
  const shard = options.shard === undefined ? {} : { shard: options.shard };
  return { scenario: scenario.name, coverage, ...shard, runs, classes, baseline, order, views };
}

/** Why an exploration came to its end. */
type Ended = "complete" | "runs" | "milliseconds" | "stopped";

/** An exploration that is under way. */
class Work {
  runs = 0;
  /** Something near was left out because it was too far. */
  limited = false;
  /** Why outcomes may be missing though all was looked at. */
  doubt: string | undefined;
  #branch = 0;
  readonly #startMs: number;

  constructor(
    readonly scenario: Scenario,
    readonly options: CollectOptions,
    readonly objects: Objects,
    readonly baseline: Outcome,
    readonly order: readonly string[],
    readonly collector: Collector,
    readonly memory: Memory | undefined,
    readonly branches: readonly Branch[],
  ) {
    this.#startMs = options.clock?.() ?? 0;
  }

  static async begin(scenario: Scenario, options: CollectOptions): Promise<Work> {
    const { shard, mode = { kind: "exhaustive" } } = options;
    const objects = new Objects();
    const first = await execute(scenario, new Follow([]), objects);
    const order = first.steps.map(({ name }) => name);
    const collector = new Collector(objects, order, options.views);
    const memory = scenario.fixedSteps === true ? new Memory(objects) : undefined;
    const all = shard === undefined || mode.kind !== "exhaustive"
      ? [{ taken: [], sleep: new Map() }]
      : await branchesOf(scenario, objects);
    const own = all.filter((_, i) => shard === undefined || i % shard.of === shard.index - 1);
    const baseline = viewTexts(first.outcome as Outcome, options.views);
    return new Work(scenario, options, objects, baseline, order, collector, memory, own);
  }

  /** Makes all runs. */
  async run(): Promise<Ended> {
    for (this.#branch = 0; this.#branch < this.branches.length; this.#branch++) {
      const strategy = this.#strategy(this.branches[this.#branch]);
      const ended = await this.#runAll(strategy);
      if (strategy instanceof Naive) this.limited ||= strategy.limited;
      if (strategy instanceof Search) this.doubt ??= strategy.doubt;
      if (ended !== "complete") return ended;
    }
    return "complete";
  }

  #strategy(branch: Branch): Strategy {
    const mode = this.options.mode ?? { kind: "exhaustive" };
    switch (mode.kind) {
      case "exhaustive":
        return new Search(
          this.objects,
          this.doubt === undefined ? this.memory : undefined,
          branch,
        );
      case "near":
        return new Naive(mode.limits);
      case "random":
        return new RandomRuns(mode.seed, mode.runs);
      case "priorities":
        return new PriorityRuns(mode.seed, mode.runs, mode.depth);
    }
  }

  async #runAll(strategy: Strategy): Promise<Ended> {
    while (strategy.begin()) {
      const limit = this.#limit();
      if (limit !== undefined) return limit;
      const running = execute(this.scenario, strategy, this.objects);
      const run: Run = running instanceof Promise ? await running : running;
      strategy.end(run);
      this.collector.add(run);
      const pause = running instanceof Promise ? SLOW_RUNS_PER_REPORT : RUNS_PER_REPORT;
      if (++this.runs % pause === 0 && await this.#report() === false) return "stopped";
    }
    return "complete";
  }

  #limit(): Ended | undefined {
    const { runs = Infinity, milliseconds = Infinity, clock } = this.options;
    if (this.runs >= runs) return "runs";
    const spentMs = (clock?.() ?? 0) - this.#startMs;
    return spentMs >= milliseconds ? "milliseconds" : undefined;
  }

  #report(): unknown {
    const { collector, runs } = this;
    const outcomes = Math.max(0, ...[...collector.views.values()].map((groups) => groups.size));
    const done = this.#branch / this.branches.length;
    return this.options.progress?.({ runs, classes: collector.classes, outcomes, done });
  }
}

function coverageOf(
  { mode, shard, runs, milliseconds }: CollectOptions,
  work: Work,
  ended: Ended,
): Coverage {
  if (ended === "runs") return { kind: "bounded", text: `bounded by ${runs} runs` };
  if (ended === "milliseconds") {
    return { kind: "bounded", text: `bounded by ${milliseconds} ms` };
  }
  if (ended === "stopped") {
    return { kind: "bounded", text: `stopped after ${work.runs} runs` };
  }
  if (mode?.kind === "random" || mode?.kind === "priorities") {
    const depth = mode.kind === "priorities" ? `, priorities of depth ${mode.depth}` : "";
    return { kind: "sampled", text: `sampled with seed ${mode.seed}, ${work.runs} runs${depth}` };
  }
  const { classes } = work.collector;
  if (mode?.kind === "near" && work.limited) {
    const { inversions, deviations } = mode.limits;
    const limits = [
      ...inversions === undefined ? [] : [`${inversions} inversions`],
      ...deviations === undefined ? [] : [`${deviations} deviations`],
    ];
    return { kind: "bounded", text: `bounded by ${limits.join(" and ")}: ${classes} classes` };
  }
  if (work.doubt !== undefined) {
    const text = `${classes} classes, others may be missing: ${work.doubt}`;
    return { kind: "bounded", text };
  }
  if (shard === undefined) {
    return { kind: "exhaustive", text: `exhaustive: all ${classes} classes` };
  }
  const part = `part ${shard.index} of ${shard.of}`;
  return { kind: "bounded", text: `${part}: all ${classes} classes of it` };
}
