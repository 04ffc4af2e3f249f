/**
 * What came of an exploration, explained: for each outcome the order nearest to the default, the smallest change
 * that leads there, and the read that made the difference.
 *
 * @module
 */
import { ALL_VIEWS, type OutcomeGroup, viewTexts } from "./explore/collect.ts";
import type { Coverage, Exploration } from "./explore/collect_outcomes.ts";
import { conflictsText, explainGroup, type Neighbour } from "./explore/explain.ts";
import { writePart } from "./explore/result_file.ts";
import { placesOf } from "./explore/what_if.ts";
import type { Outcome, Scenario } from "./explore/scenario.ts";
import { orderText } from "./order_text.ts";
import { reportPage } from "./report/page.ts";

/** One way in which it ends. */
export interface OrderOutcome {
  /** What somebody sees, by the name of the view: `bindings`, `names`, `errors`. */
  readonly views: Outcome;
  /** Classes of equivalent orders that end so. */
  readonly classes: number;
  /** Orders that end so; `undefined` where they were too many to count. */
  readonly orders: bigint | undefined;
  /** Names of the steps of the order that is nearest to the default. */
  readonly witness: readonly string[];
  /** Pairs of these that are not in the order of the default, and answers inside steps that are not the usual. */
  readonly distance: number;
  /** The smallest change that leads here, one line for each step that moves: `"b before a"`. Empty for the default. */
  readonly change: readonly string[];
  /** The order that is different only by two neighbours, and ends otherwise; as the default does where possible. */
  readonly neighbour: Neighbour | undefined;
  /** What the first of these two looked at, or changed, too early; `undefined` for the default. */
  readonly staleRead: string | undefined;
  /** Names the run of the witness: `replay()` and `paraguest replay` do it again. */
  readonly replayId: string;
}

/** Where one step of the default order may come, and how it ends then. */
export interface StepMoves {
  /** Its place in the default order, from 0. */
  readonly home: number;
  /** The first place where it may come. */
  readonly first: number;
  /**
   * The outcome when it comes there, and at each place behind: its index, or -1 for an end that is none of the
   * outcomes. The other steps keep their order.
   */
  readonly ends: readonly number[];
}

/** What is told of a result. */
export interface Findings
  extends Pick<OrderResult, "title" | "coverage" | "orders" | "exact" | "runs" | "outcomes"> {
  /** What varied, in words, if somebody knows. */
  readonly varied?: string;
  /** What becomes of the default order when one step comes elsewhere, if somebody looked. */
  readonly moves?: readonly StepMoves[];
  /** The command that makes a run again. Default: the bare id. */
  readonly replayCommand?: (id: string) => string;
}

/** What came of an exploration. As a text it is what `paraguest order` prints. */
export class OrderResult {
  /**
   * Made by `explore()`.
   *
   * @internal
   */
  constructor(
    /** What was explored; what varied and was looked at included. */
    readonly scenario: Scenario,
    /** The bare result: groups of orders by view. */
    readonly exploration: Exploration,
    /** The ways it ends, as all views together show them: that of the default first, then the nearest. */
    readonly outcomes: readonly OrderOutcome[],
  ) {}

  /** The scenario's name. */
  get title(): string {
    return this.scenario.name;
  }

  /** What the result is worth: all classes of orders, bounded by something, or sampled with a seed. */
  get coverage(): Coverage {
    return this.exploration.coverage;
  }

  /** Runs that were made, those included that were given up half way. */
  get runs(): number {
    return this.exploration.runs;
  }

  /** Classes of equivalent orders that were seen: one of each was run to its end, or foreseen. */
  get classes(): number {
    return this.exploration.classes;
  }

  /** Orders in these classes; `undefined` where they were too many to count. */
  get orders(): bigint | undefined {
    return sumOfOrders(this.outcomes);
  }

  /**
   * True when orders are counted exactly. Where interrupts, work or tasks may come between the steps of an initcall, and
   * timers do not vary, or initcalls, slots, modules or faults do, a count can be off.
   */
  get exact(): boolean {
    return this.scenario.exact ?? this.scenario.fixedSteps === true;
  }

  /** The ways it ends for who looks at one view only: that of the default first, then the nearest. */
  outcomesBy(view: string): Promise<OrderOutcome[]> {
    return explainedOutcomes(this.scenario, this.exploration, view);
  }

  /**
   * What becomes of the default order when one step comes elsewhere: each step that may, and all its places. Empty
   * where steps are interleaved, so that no step has a place of its own.
   */
  async whatIf(): Promise<StepMoves[]> {
    const { scenario, exploration, outcomes } = this;
    if (scenario.fixedSteps !== true) return [];
    const { view, views } = viewOf(exploration);
    const indices = new Map(outcomes.map(({ views }, i) => [viewTexts(views)[view], i]));
    const places = await placesOf({ scenario, view, views });
    return places.map(({ home, first, ends }) => ({
      ...{ home, first },
      ends: ends.map((text) => indices.get(text) ?? -1),
    }));
  }

  /** The result as one HTML file that needs nothing else. */
  async html(): Promise<string> {
    const { title, coverage, orders, exact, runs, outcomes } = this;
    return reportPage({
      ...{ title, coverage, orders, exact, runs, outcomes },
      moves: await this.whatIf(),
    });
  }

  /**
   * The result as JSON, for `mergeResults()` and `paraguest order merge`.
   *
   * @param note What the scenario was made from, for who reads the file.
   */
  file(note?: readonly string[]): string {
    return writePart(this.scenario, this.exploration, note);
  }

  /** What was found, in words. */
  toString(): string {
    return orderText(this);
  }
}

/** The view that tells all ends apart, and the views that were explored. */
function viewOf({ views }: Exploration): { view: string; views: string[] } {
  return {
    view: views.has(ALL_VIEWS) ? ALL_VIEWS : [...views.keys()][0],
    views: [...views.keys()].filter((name) => name !== ALL_VIEWS),
  };
}

/** Orders of several outcomes; `undefined` when one of them was not counted. */
function sumOfOrders(outcomes: readonly OrderOutcome[]): bigint | undefined {
  return outcomes.reduce<bigint | undefined>(
    (sum, { orders }) => sum === undefined || orders === undefined ? undefined : sum + orders,
    0n,
  );
}

/**
 * Explains an exploration: for each outcome the nearest order that leads to it is run again, and those beside it,
 * which takes a few runs each.
 *
 * @param scenario The scenario that was explored.
 */
export async function explained(
  scenario: Scenario,
  exploration: Exploration,
): Promise<OrderResult> {
  const { view } = viewOf(exploration);
  return new OrderResult(
    scenario,
    exploration,
    await explainedOutcomes(scenario, exploration, view),
  );
}

async function explainedOutcomes(
  scenario: Scenario,
  exploration: Exploration,
  view: string,
): Promise<OrderOutcome[]> {
  const { baseline, views } = exploration;
  const groups = [...views.get(view)?.values() ?? []];
  const rank = ({ text, witness }: OutcomeGroup) => text === baseline[view] ? -1 : witness.distance;
  groups.sort((a, b) => rank(a) - rank(b) || (a.text < b.text ? -1 : 1));
  const outcomes: OrderOutcome[] = [];
  for (const group of groups) {
    outcomes.push(await explainedOutcome(scenario, exploration, view, group));
  }
  return outcomes;
}

async function explainedOutcome(
  scenario: Scenario,
  { baseline, order, views }: Exploration,
  view: string,
  group: OutcomeGroup,
): Promise<OrderOutcome> {
  const explored = [...views.keys()].filter((name) => name !== ALL_VIEWS);
  const expected = baseline[view];
  const question = { scenario, view, views: explored, group, expected, order };
  const { outcome, moves, neighbour, replayId } = await explainGroup(question);
  const { classes, orders, witness: { schedule, distance } } = group;
  return {
    views: Object.fromEntries(explored.map((name) => [name, outcome[name] ?? ""])),
    classes,
    orders,
    witness: schedule.map(({ name }) => name),
    distance,
    change: moves,
    neighbour,
    staleRead: neighbour === undefined ? undefined : conflictsText(neighbour),
    replayId,
  };
}
