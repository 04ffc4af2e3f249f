/**
 * The runs of an exploration, or of a part of one.
 *
 * @module
 */
import { Objects } from "./access.ts";
import type { BranchRecord } from "./branches.ts";
import { ALL_VIEWS, Collector, type ViewGroups, viewTexts } from "./collect.ts";
import { Memory } from "./memory.ts";
import { type Limits, Naive } from "./naive.ts";
import { execute, type Run, type Strategy } from "./run.ts";
import { PriorityRuns, RandomRuns } from "./sample.ts";
import { type Outcome, type Scenario, ViewError } from "./scenario.ts";
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
  /** Who does the work, part by part, at the same time. Default: nobody else. */
  readonly helpers?: readonly Helper[];
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

/** How much of a part may be done, and who hears of it. */
export type PartOptions = Pick<WorkOptions, "runs" | "milliseconds" | "progress">;

/** Explores parts of the work, one at a time, in a worker of its own. */
export interface Helper {
  /**
   * Explores one part.
   *
   * @param views The views that count.
   */
  explore(part: BranchRecord, views: readonly string[], options: PartOptions): Promise<Done>;
}

/** Why an exploration came to its end. */
export type Ended = "complete" | "runs" | "milliseconds" | "stopped";

/** What was done. */
export interface Done {
  /** Runs that were made. */
  readonly runs: number;
  /** Classes that were seen. */
  readonly classes: number;
  /** What came of them. */
  readonly views: ReadonlyMap<string, ViewGroups>;
  /** Why it came to its end. */
  readonly ended: Ended;
  /** Something near was left out because it was too far. */
  readonly limited: boolean;
  /** Why outcomes may be missing though all was looked at. */
  readonly doubt: string | undefined;
}

/** What the default run says, and what all parts of an exploration share. */
export class Ground {
  /** What is known of steps, where runs can be foreseen. */
  readonly memory: Memory | undefined;

  private constructor(
    readonly scenario: Scenario,
    readonly objects: Objects,
    /** What the default run gives, by view. */
    readonly baseline: Outcome,
    /** Its steps. */
    readonly order: readonly string[],
    readonly views: readonly string[] | undefined,
  ) {
    const foreseeable = scenario.fixedSteps === true || scenario.visible === true;
    this.memory = foreseeable ? new Memory(objects, scenario) : undefined;
  }

  /** Makes the default run. */
  static async of(scenario: Scenario, views?: readonly string[]): Promise<Ground> {
    const objects = new Objects();
    const { steps, outcome } = await execute(scenario, new Follow([]), objects);
    const order = steps.map(({ name }) => name);
    const known = Object.keys(outcome ?? {});
    const unknown = views?.find((view) => view !== ALL_VIEWS && !known.includes(view));
    if (unknown !== undefined) {
      throw new ViewError(`${scenario.name}: no view '${unknown}'; there are ${known.join(", ")}`);
    }
    const baseline = viewTexts(outcome as Outcome, views);
    return new Ground(scenario, objects, baseline, order, views);
  }

  /** The same for one part: what other parts taught is not known, so that it takes as many runs whoever did those. */
  forPart(): Ground {
    return new Ground(this.scenario, this.objects, this.baseline, this.order, this.views);
  }

  /** Gathers outcomes. */
  collector(): Collector {
    return new Collector(this.objects, this.order, this.views);
  }
}

/** Runs between two reports: of those that are foreseen to their end or take no time, and of those that do. */
const RUNS_PER_REPORT = 256;
const SLOW_RUNS_PER_REPORT = 8;
/** Runs that are only foreseen take as long as some that are made. */
const TRIES_PER_REPORT = 256;

/** An exploration, or a part of one, that is under way. */
export class Work {
  #runs = 0;
  /** How much was done since the last report, as a part of what is done between two. */
  #unreported = 0;
  #limited = false;
  #doubt: string | undefined;
  #branch = 0;
  readonly #collector: Collector;
  readonly #startMs: number;

  constructor(
    readonly ground: Ground,
    readonly options: CollectOptions,
    readonly branches: readonly Branch[],
  ) {
    this.#collector = ground.collector();
    this.#startMs = options.clock?.() ?? 0;
  }

  /** Makes all runs. */
  async run(): Promise<Done> {
    const ended = await this.#runBranches();
    const { classes, views } = this.#collector;
    return {
      ...{ runs: this.#runs, classes, views, ended },
      ...{ limited: this.#limited, doubt: this.#doubt },
    };
  }

  async #runBranches(): Promise<Ended> {
    for (this.#branch = 0; this.#branch < this.branches.length; this.#branch++) {
      const strategy = this.#strategy(this.branches[this.#branch]);
      const ended = await this.#runAll(strategy);
      if (strategy instanceof Naive) this.#limited ||= strategy.limited;
      if (strategy instanceof Search) this.#doubt ??= strategy.doubt;
      if (ended !== "complete") return ended;
    }
    return "complete";
  }

  #strategy(branch: Branch): Strategy {
    const { objects, memory } = this.ground;
    const mode = this.options.mode ?? { kind: "exhaustive" };
    switch (mode.kind) {
      case "exhaustive":
        return new Search(
          objects,
          this.#doubt === undefined ? memory : undefined,
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
    for (let begun; (begun = strategy.begin(TRIES_PER_REPORT)) !== false;) {
      const limit = this.#limit();
      if (limit !== undefined) return limit;
      if (begun === undefined) this.#unreported = 1;
      else this.#collector.add(begun === true ? await this.#make(strategy) : begun);
      this.#unreported += 1 / RUNS_PER_REPORT;
      if (this.#unreported >= 1 && await this.#report() === false) return "stopped";
    }
    return "complete";
  }

  /** Makes the run that the strategy has prepared. */
  async #make(strategy: Strategy): Promise<Run> {
    const running = execute(this.ground.scenario, strategy, this.ground.objects);
    const isSlow = running instanceof Promise;
    const run = isSlow ? await running : running;
    strategy.end(run);
    this.#runs++;
    if (isSlow) this.#unreported += 1 / SLOW_RUNS_PER_REPORT;
    return run;
  }

  #limit(): Ended | undefined {
    const { runs = Infinity, milliseconds = Infinity, clock } = this.options;
    if (this.#runs >= runs) return "runs";
    const spentMs = (clock?.() ?? 0) - this.#startMs;
    return spentMs >= milliseconds ? "milliseconds" : undefined;
  }

  #report(): unknown {
    this.#unreported = 0;
    const collector = this.#collector;
    const outcomes = Math.max(0, ...[...collector.views.values()].map((groups) => groups.size));
    const done = this.#branch / this.branches.length;
    return this.options.progress?.({
      runs: this.#runs,
      classes: collector.classes,
      outcomes,
      done,
    });
  }
}
