/**
 * The report of an exploration.
 *
 * @module
 */
import { Objects } from "../explore/access.ts";
import { ALL_VIEWS, type OutcomeGroup, viewTexts } from "../explore/collect.ts";
import { conflictText, explainGroup, type Explanation } from "../explore/explain.ts";
import type { Exploration } from "../explore/explore.ts";
import { execute } from "../explore/run.ts";
import type { Outcome, Scenario } from "../explore/scenario.ts";
import { Follow } from "../explore/schedule.ts";
import type { Report, ReportOutcome } from "./data.ts";

/** Settings of {@linkcode reportOf}. */
export interface ReportOptions {
  /** The view whose outcomes are told apart. Default: all views together. */
  readonly view?: string;
}

/**
 * What came of an exploration, explained: for each outcome the nearest order that leads to it is run again,
 * and those beside it, which takes a few runs each.
 *
 * @param scenario The scenario that was explored.
 * @param exploration What came of it.
 */
export async function reportOf(
  scenario: Scenario,
  exploration: Exploration,
  options: ReportOptions = {},
): Promise<Report> {
  const { baseline, views, claim, runs } = exploration;
  const view = options.view ?? (views.has(ALL_VIEWS) ? ALL_VIEWS : [...views.keys()][0] ?? "");
  const groups = [...views.get(view)?.values() ?? []];
  const rank = ({ text, witness }: OutcomeGroup) => text === baseline[view] ? -1 : witness.distance;
  groups.sort((a, b) => rank(a) - rank(b));
  const outcomes: ReportOutcome[] = [];
  for (const group of groups) {
    outcomes.push(await outcomeOf(scenario, exploration, view, group));
  }
  const orders = groups.reduce<bigint | undefined>(
    (sum, group) =>
      sum === undefined || group.orders === undefined ? undefined : sum + group.orders,
    0n,
  );
  return { title: exploration.scenario, claim: claim.text, orders, runs, outcomes };
}

async function outcomeOf(
  scenario: Scenario,
  { baseline, order, views }: Exploration,
  view: string,
  group: OutcomeGroup,
): Promise<ReportOutcome> {
  const explored = [...views.keys()].filter((name) => name !== ALL_VIEWS);
  const expected = baseline[view];
  const question = { scenario, view, views: explored, group, expected, order };
  const explanation = await explainGroup(question);
  const { schedule } = group.witness;
  const { outcome } = await execute(scenario, new Follow(schedule), new Objects());
  return {
    views: withoutAll(viewTexts(outcome ?? {}, explored)),
    classes: group.classes,
    orders: group.orders,
    steps: schedule.map(({ name }) => name),
    changes: explanation.moves,
    reason: reasonOf(explanation),
    replay: explanation.id,
  };
}

function withoutAll(views: Outcome): Outcome {
  return Object.fromEntries(Object.entries(views).filter(([view]) => view !== ALL_VIEWS));
}

/** What made the difference: the two neighbours that may not change places, and what they share. */
function reasonOf({ neighbour }: Explanation): string | undefined {
  if (neighbour === undefined) return undefined;
  const { pair, conflicts, passes } = neighbour;
  const what = conflicts.map((conflict) => conflictText(conflict, pair)).join("; ");
  const swapped = passes ? "all is as in the default order" : "it ends in yet another way";
  const swap = `If ${pair[1]} runs before ${pair[0]}, ${swapped}.`;
  return what === "" ? swap : `${what}. ${swap}`;
}
