/**
 * Every order that could make a difference: exploring a scenario, doing one of its runs again, and putting the
 * parts of an exploration together.
 *
 * @module
 */
import type { Vary } from "../kernel/choice.ts";
import { Objects } from "./explore/access.ts";
import { collectOutcomes } from "./explore/collect_outcomes.ts";
import { parseReplayId, ReplayIdError } from "./explore/replay_id.ts";
import { mergeParts, readPart } from "./explore/result_file.ts";
import { execute } from "./explore/run.ts";
import type { Outcome, Scenario, Varied } from "./explore/scenario.ts";
import { Replay } from "./explore/schedule.ts";
import type { Helper, Mode, WorkOptions } from "./explore/work.ts";
import { explained, type OrderResult } from "./result.ts";
import { VaryError, varyOf } from "./vary.ts";

/** What is to be told apart. */
export interface OrderQuestion {
  /**
   * What may go another way: words such as `"initcalls"` and `"slots"`, of `VARY_WORDS`, or the kernel's own way of
   * saying it. Default: as the scenario says.
   */
  readonly vary?: readonly string[] | Vary;
  /** The views by which outcomes are told apart: `"bindings"`, `"names"`, … Default: as the scenario says. */
  readonly views?: readonly string[];
}

/** How a scenario is explored. */
export interface ExploreOptions extends OrderQuestion, Omit<WorkOptions, "helpers"> {
  /** Who explores parts of the work at the same time, as `exploreWorkers()` makes them. Default: nobody else. */
  readonly workers?: Workers;
  /** Only orders in which at most so many pairs of steps are not as usual. Default: all orders. */
  readonly bound?: number;
  /** Only some orders. Default: all. */
  readonly sample?: Sample;
}

/** Workers that have the same scenario. */
export interface Workers {
  /**
   * Asks them a question.
   *
   * @param definition The definition of the scenario that they are to have then.
   */
  begin(what: Varied, definition: string): readonly Helper[];
}

/** Which orders are picked out of many. */
export interface Sample {
  /** How many runs are made. */
  readonly runs: number;
  /** The same seed gives the same runs. Default: 1. */
  readonly seed?: number;
  /**
   * Everything that can happen gets a priority at random: what needs so many steps in a certain order is found with
   * a known chance. Default: every option is as likely as the others.
   */
  readonly depth?: number;
}

/**
 * Runs a scenario in every order that could make a difference: orders that differ only in steps which touch nothing
 * in common end alike, and one of each such class is run, unless the end that it comes to is known from others.
 *
 * @throws {VaryError} When something is to vary that nobody knows, or that the scenario decides by itself.
 * @throws {ViewError} When it has no such view.
 *
 * @example Which orders of a disk's initcalls leave it without a driver?
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootScenario, embeddedModel, explore } from "../mod.ts";
 *
 * const disk = "-drive if=none,id=d0,file=disk.img -device virtio-blk-device,drive=d0";
 * const machine = embeddedModel(disk, { images: { "disk.img": new Uint8Array(1 << 20) } });
 * const result = await explore(bootScenario(machine), {
 *   vary: ["levels=virtio_init,virtio_mmio_init,virtio_blk_init"],
 *   views: ["errors"],
 * });
 * assertEquals(result.coverage.kind, "exhaustive");
 * const [usual, broken] = result.outcomes;
 * assertEquals(usual.change, []);
 * assertEquals(broken.change.length > 0, true);
 * console.log(String(result)); // what each outcome is, how many orders lead to it, and why
 * ```
 */
export async function explore(
  scenario: Scenario,
  options: ExploreOptions = {},
): Promise<OrderResult> {
  const { vary, views, bound, sample, workers, ...limits } = options;
  const asked = asAsked(scenario, { vary, views });
  const mode = modeOf(bound, sample);
  const helpers = workers?.begin(variedOf({ vary, views }), asked.definition);
  const exploration = await collectOutcomes(asked, {
    ...limits,
    mode,
    ...views === undefined ? {} : { views },
    ...helpers === undefined ? {} : { helpers },
  });
  return await explained(asked, exploration);
}

type Asked = { [Key in keyof OrderQuestion]: OrderQuestion[Key] | undefined };

/** The question in the kernel's words. */
function variedOf({ vary, views }: Asked): Varied {
  const isWords = (words: typeof vary): words is readonly string[] => Array.isArray(words);
  return {
    ...vary === undefined ? {} : { vary: isWords(vary) ? varyOf(vary) : vary },
    ...views === undefined ? {} : { views },
  };
}

/** The scenario with what varies and is looked at. */
function asAsked(scenario: Scenario, asked: Asked): Scenario {
  const what = variedOf(asked);
  if (scenario.varied !== undefined) return scenario.varied(what);
  if (what.vary === undefined) return scenario;
  throw new VaryError(`${scenario.name}: this scenario says by itself what varies`);
}

function modeOf(bound: number | undefined, sample: Sample | undefined): Mode {
  if (bound !== undefined && sample !== undefined) {
    throw new RangeError("bound and sample exclude each other");
  }
  if (bound !== undefined) return { kind: "near", limits: { inversions: bound } };
  if (sample === undefined) return { kind: "exhaustive" };
  const { runs, seed = 1, depth } = sample;
  if (depth === undefined) return { kind: "random", seed, runs };
  return { kind: "priorities", seed, runs, depth };
}

/** A run that was made again. */
export interface Replayed {
  /** The steps in their order. */
  readonly steps: readonly string[];
  /** What came of it. */
  readonly outcome: Outcome;
  /** The kernel log, as `dmesg` prints it; `undefined` where there is no kernel. */
  readonly log: string | undefined;
}

/**
 * Makes a run again that an exploration found, byte for byte.
 *
 * @param id The `replayId` of an outcome.
 * @param question What varied in that exploration.
 * @throws {ReplayIdError} When the id is mistyped, or not one of this scenario with what varies.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootScenario, embeddedModel, explore, replay } from "../mod.ts";
 * const card = bootScenario(embeddedModel("-netdev user,id=n0 -device virtio-net-device,netdev=n0"));
 * const question = { vary: ["levels=virtio_init,virtio_mmio_init"] };
 * const { outcomes } = await explore(card, question);
 * const { log, outcome } = await replay(card, outcomes[1].replayId, question);
 * assertEquals(outcome, outcomes[1].views);
 * assertEquals(log, (await replay(card, outcomes[1].replayId, question)).log);
 * ```
 */
export async function replay(
  scenario: Scenario,
  id: string,
  question: OrderQuestion = {},
): Promise<Replayed> {
  const asked = asAsked(scenario, { vary: question.vary, views: question.views });
  const strategy = new Replay(parseReplayId(asked, id));
  let log: string | undefined;
  const watched: Scenario = {
    ...asked,
    run: (steering) =>
      asked.run(steering, (kernel) => {
        log = kernel.log.dmesg();
      }),
  };
  const { steps, outcome } = await execute(watched, strategy, new Objects());
  strategy.end();
  if (strategy.misfit !== undefined) {
    throw new ReplayIdError(`replay id '${id}': ${strategy.misfit}`);
  }
  return { steps: steps.map(({ name }) => name), outcome: outcome ?? {}, log };
}

/** A result file and its name, for messages. */
export interface ResultFile {
  /** Names the file in messages. */
  readonly name: string;
  /** What `OrderResult.file()` gave. */
  readonly text: string;
}

/**
 * Puts the results of all shards of an exploration together.
 *
 * @param scenario What was explored.
 * @param question What varied, and what was looked at.
 * @throws {ResultFileError} When a file is no result, one is there twice, or they are of different scenarios.
 */
export async function mergeResults(
  scenario: Scenario,
  files: readonly ResultFile[],
  question: OrderQuestion = {},
): Promise<OrderResult> {
  const asked = asAsked(scenario, { vary: question.vary, views: question.views });
  const parts = files.map(({ name, text }) => readPart(text, name));
  return await explained(asked, mergeParts(asked, parts));
}
