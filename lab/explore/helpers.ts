/**
 * Work that several do at the same time. It is cut the same way however many they are, and put together in the
 * order of the parts, so that what comes of it does not depend on who was faster.
 *
 * @module
 */
import { branchOf, type BranchRecord, recordBranch } from "./branches.ts";
import type { Scenario } from "./scenario.ts";
import type { Branch } from "./search.ts";
import {
  type CollectOptions,
  type Done,
  Ground,
  type Helper,
  type PartOptions,
  type Progress,
  Work,
} from "./work.ts";

/** The side of the helper: explores parts of one scenario. */
export class PartExplorer {
  readonly #scenario: Scenario;
  readonly #clock: () => number;
  #ground: Promise<Ground> | undefined;

  /**
   * Makes the side of one helper.
   *
   * @param clock The time in milliseconds.
   */
  constructor(scenario: Scenario, clock: () => number) {
    this.#scenario = scenario;
    this.#clock = clock;
  }

  /** Explores one part. */
  async explore(
    part: BranchRecord,
    views: readonly string[],
    options: PartOptions,
  ): Promise<Done> {
    const ground = await (this.#ground ??= Ground.of(this.#scenario, views));
    const branch = branchOf(part, ground.objects);
    return await new Work(ground.forPart(), { ...options, clock: this.#clock }, [branch]).run();
  }
}

/** Lets helpers explore all parts: whoever is done takes the next one. */
export async function shareWork(
  ground: Ground,
  options: CollectOptions,
  parts: readonly Branch[],
  helpers: readonly Helper[],
): Promise<Done> {
  const sharing = new Sharing(ground, options, parts);
  await Promise.all(helpers.map((helper) => sharing.employ(helper)));
  return sharing.done();
}

const NOTHING_YET: Progress = { runs: 0, classes: 0, outcomes: 0, done: 0 };

class Sharing {
  readonly #ground: Ground;
  readonly #options: CollectOptions;
  readonly #parts: readonly Branch[];
  readonly #startMs: number;
  readonly #done: Done[] = [];
  /** How far the parts are. */
  readonly #progress: Progress[] = [];
  #next = 0;
  #stopped = false;

  constructor(ground: Ground, options: CollectOptions, parts: readonly Branch[]) {
    this.#ground = ground;
    this.#options = options;
    this.#parts = parts;
    this.#startMs = options.clock?.() ?? 0;
  }

  async employ(helper: Helper): Promise<undefined> {
    const { objects, baseline } = this.#ground;
    while (this.#next < this.#parts.length && !this.#stopped) {
      const index = this.#next++;
      const part = recordBranch(this.#parts[index], objects);
      const progress = (far: Progress) => this.#hear(index, far);
      const options = { ...this.#left(), progress };
      this.#done[index] = await helper.explore(part, Object.keys(baseline), options);
      const { runs, classes, views } = this.#done[index];
      const outcomes = Math.max(0, ...[...views.values()].map(({ size }) => size));
      await this.#hear(index, { runs, classes, outcomes, done: 1 });
    }
  }

  /** What the limits of the whole leave for a part that begins now. */
  #left(): PartOptions {
    const { runs, milliseconds, clock } = this.#options;
    const spentMs = (clock?.() ?? 0) - this.#startMs;
    return {
      ...runs === undefined ? {} : { runs: Math.max(0, runs - this.#sum("runs")) },
      ...milliseconds === undefined ? {} : { milliseconds: Math.max(0, milliseconds - spentMs) },
    };
  }

  #sum(what: keyof Progress): number {
    return this.#progress.reduce((sum, far) => sum + far[what], 0);
  }

  async #hear(index: number, far: Progress): Promise<boolean> {
    this.#progress[index] = far;
    for (let i = 0; i < index; i++) this.#progress[i] ??= NOTHING_YET;
    const told = await this.#options.progress?.({
      runs: this.#sum("runs"),
      classes: this.#sum("classes"),
      outcomes: Math.max(...this.#progress.map(({ outcomes }) => outcomes)),
      done: this.#sum("done") / this.#parts.length,
    });
    this.#stopped ||= told === false;
    return !this.#stopped;
  }

  done(): Done {
    const collector = this.#ground.collector();
    const done = this.#done.filter((part) => part !== undefined);
    for (const { views, classes } of done) collector.merge(views, classes);
    const unfinished = done.find(({ ended }) => ended !== "complete")?.ended ?? "complete";
    return {
      runs: done.reduce((sum, { runs }) => sum + runs, 0),
      classes: collector.classes,
      views: collector.views,
      ended: this.#stopped ? "stopped" : unfinished,
      limited: false,
      doubt: done.find(({ doubt }) => doubt !== undefined)?.doubt,
    };
  }
}
