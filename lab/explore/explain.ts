/**
 * Why an order ends differently: the smallest change that makes it so, the swap that undoes it, and what the two
 * steps that were swapped have in common.
 *
 * @module
 */
import { stayingPlaces } from "../staying.ts";
import { type AccessRecord, Objects } from "./access.ts";
import { type OutcomeGroup, viewTexts } from "./collect.ts";
import { replayId } from "./replay_id.ts";
import { execute, insideStep, type Run, type Step, vectorOf } from "./run.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { Follow, type Scheduled, stepKeys } from "./schedule.ts";

/** What two steps both touched so that their order matters. */
export interface Conflict {
  /** What kind of object: `"bus"`. */
  readonly object: string;
  /** Which one: `"virtio"`. */
  readonly key: string;
  /** What the step that comes first does with it. */
  readonly first: AccessRecord["kinds"];
  /** What the other one does with it. */
  readonly second: AccessRecord["kinds"];
}

/** The same order but for two neighbours, and another outcome. */
export interface Neighbour {
  /** Names its run. */
  readonly replayId: string;
  /** What is seen then. */
  readonly text: string;
  /** True when that is what the default gives. */
  readonly passes: boolean;
  /** The two steps, in the order that leads to the outcome which is explained; the same twice where `answers` are. */
  readonly pair: readonly [first: string, second: string];
  /** What they have in common. */
  readonly conflicts: readonly Conflict[];
  /** What was decided inside the step, where that makes the difference: `"no memory for a folder"`. */
  readonly answers?: readonly string[];
}

/** Why a group of runs ends as it does. */
export interface Explanation {
  /** Names the run that is nearest to the default. */
  readonly replayId: string;
  /** What is seen of it, in all views. */
  readonly outcome: Outcome;
  /** Its steps. */
  readonly schedule: readonly Scheduled[];
  /** What is moved from its place in the default order, a line each. */
  readonly moves: readonly string[];
  /** The nearest run that ends otherwise, if there is one: with the default's outcome where possible. */
  readonly neighbour: Neighbour | undefined;
}

/** The accesses of a run do not tell all that steps have to do with each other. */
export class WitnessError extends Error {
  /** The name of the class. */
  override name = "WitnessError";
}

/** A run of a schedule, and what is seen of it. */
interface Followed {
  readonly run: Run;
  readonly text: string;
  readonly missed: string | undefined;
}

async function follow(
  { scenario, view, views }: Question,
  schedule: readonly Scheduled[],
  objects: Objects,
): Promise<Followed> {
  const strategy = new Follow(schedule);
  const run = await execute(scenario, strategy, objects);
  const text = viewTexts(run.outcome ?? {}, views)[view] ?? "";
  return { run, text, missed: strategy.missed };
}

/** What is to be explained. */
export interface Question {
  readonly scenario: Scenario;
  /** The view in which the runs of the group look the same. */
  readonly view: string;
  /** The views that were explored. Default: all that the scenario has. */
  readonly views?: readonly string[] | undefined;
  readonly group: OutcomeGroup;
  /** What the default gives in the view. */
  readonly expected: string;
  /** The names of the default's steps, in their order. */
  readonly order: readonly string[];
}

/**
 * Explains why the runs of a group end as they do. It takes a few runs.
 *
 * @throws {WitnessError} When the run nearest to the default does not end so: steps influence each other by
 *   something that they do not report.
 */
export async function explainGroup(question: Question): Promise<Explanation> {
  const { scenario, group, order } = question;
  const { schedule } = group.witness;
  const objects = new Objects();
  const { run, text, missed } = await follow(question, schedule, objects);
  if (text !== group.text || missed !== undefined) {
    throw new WitnessError(
      `${scenario.name}: the order nearest to the default ends differently than orders that should be ` +
        "equivalent: some step looks at something that it does not report, as a variable of the script",
    );
  }
  return {
    replayId: replayId(scenario, vectorOf(run)),
    outcome: run.outcome ?? {},
    schedule,
    moves: [
      ...movesOf(schedule.map(({ name }) => name), order),
      ...run.steps.flatMap((step) => answersOf(run, step)),
    ],
    neighbour: await neighbourOf(question, run, objects),
  };
}

async function neighbourOf(
  question: Question,
  run: Run,
  objects: Objects,
): Promise<Neighbour | undefined> {
  const { scenario, group, expected, order } = question;
  const { schedule } = group.witness;
  let other: Neighbour | undefined;
  for (const { at, changed } of nearSchedules(schedule, order)) {
    const near = await follow(question, changed, objects);
    if (near.missed !== undefined || near.text === group.text) continue;
    const neighbour: Neighbour = {
      replayId: replayId(scenario, vectorOf(near.run)),
      text: near.text,
      passes: near.text === expected,
      ...changed[at].name === schedule[at].name
        ? answersPair(run, run.steps[at])
        : swappedPair(objects, run.steps, at, near.run.steps[at]),
    };
    if (neighbour.passes) return neighbour;
    other ??= neighbour;
  }
  return other;
}

function answersPair(
  run: Run,
  step: Step,
): Pick<Neighbour, "pair" | "conflicts" | "answers"> {
  return { pair: [step.name, step.name], conflicts: [], answers: answersOf(run, step) };
}

/** @param early The step that comes first when the pair changes places. */
function swappedPair(
  objects: Objects,
  steps: readonly Step[],
  at: number,
  early: Step | undefined,
): Pick<Neighbour, "pair" | "conflicts"> {
  const [first, second] = [steps[at], steps[at + 1]];
  const other = early?.name === second.name ? early : second;
  return { pair: [first.name, second.name], conflicts: conflictsOf(objects, first, other) };
}

/** What was decided inside a step other than usual, in words. */
function answersOf({ points }: Run, { point }: Step): string[] {
  const answers: string[] = [];
  for (let i = point + 1; i < points.length && insideStep(points[i].kind); i++) {
    if (points[i].taken > 0) answers.push(points[i].names[points[i].taken]);
  }
  return answers;
}

/**
 * What two steps have in common. What comes too late is what matters, where there is such a thing.
 *
 * @param second As it is where it comes first: behind the other one it may have nothing left to do.
 */
function conflictsOf(objects: Objects, first: Step, second: Step): Conflict[] {
  const all = objects.conflicts(first.accesses, second.accesses).map(([a, b]) => ({
    object: a.object,
    key: a.key,
    first: a.kinds,
    second: b.kinds,
  }));
  const late = all.filter(({ second }) => second.some((kind) => kind !== "read"));
  return late.length > 0 ? late : all;
}

/** Schedules with two neighbours swapped back, or with an answer inside a step taken back. */
function* nearSchedules(
  schedule: readonly Scheduled[],
  order: readonly string[],
): Iterable<{ at: number; changed: Scheduled[] }> {
  const usual = stepKeys(order);
  const ranks = stepKeys(schedule.map(({ name }) => name)).map((key) => usual.indexOf(key));
  for (let at = 0; at < schedule.length; at++) {
    const [step, next] = [schedule[at], schedule[at + 1]];
    if (step.inside !== undefined) yield { at, changed: schedule.with(at, { name: step.name }) };
    if (next === undefined || ranks[at] < ranks[at + 1]) continue;
    yield { at, changed: schedule.with(at, next).with(at + 1, step) };
  }
}

/** What to move where to get an order from the default: a line each, as few as possible. */
export function movesOf(names: readonly string[], order: readonly string[]): string[] {
  const usual = stepKeys(order);
  const known = stepKeys(names).filter((name) => usual.includes(name));
  const ranks = known.map((name) => usual.indexOf(name));
  const staying = stayingPlaces(ranks);
  return known.flatMap((name, i) => {
    if (staying.includes(i)) return [];
    const after = staying.find((place) => place > i);
    if (after !== undefined && ranks[after] < ranks[i]) return [`${name} before ${known[after]}`];
    return [`${name} after ${known[staying.findLast((place) => place < i) ?? 0]}`];
  });
}

const VERBS = {
  read: "looks at",
  write: "changes",
  append: "adds to",
  take: "takes a number from",
  insert: "adds to",
};

/** The first are the ones that the steps came to first. */
const CONFLICTS_TOLD = 3;

/**
 * What made the difference, in a sentence: what the first step of the pair looked at too early, or changed too
 * early; `undefined` when an answer inside a step did.
 */
export function conflictsText({ conflicts, pair }: Neighbour): string | undefined {
  if (conflicts.length === 0) return undefined;
  const told = conflicts.slice(0, CONFLICTS_TOLD).map((conflict) => conflictText(conflict, pair));
  const more = conflicts.length - told.length;
  return [...told, ...more > 0 ? [`${more} more of the kind`] : []].join("; ");
}

/** What made the difference, and what happens if the two steps of the pair change places. */
export function whyText(neighbour: Neighbour): string {
  const { pair, passes, answers } = neighbour;
  const swapped = passes ? "all is as in the default order" : "it ends in yet another way";
  if (answers !== undefined) return `Unless ${answers.join(" and ")}, ${swapped}.`;
  const swap = `If ${pair[1]} runs before ${pair[0]}, ${swapped}.`;
  const what = conflictsText(neighbour);
  return what === undefined ? swap : `${what}. ${swap}`;
}

function conflictText({ object, key, first, second }: Conflict, pair: Neighbour["pair"]): string {
  const what = key === "" ? object : `${object} "${key}"`;
  const does = (kinds: AccessRecord["kinds"]) => kinds.map((kind) => VERBS[kind]).join(" and ");
  return `${pair[0]} ${does(first)} ${what} before ${pair[1]} ${does(second)} it`;
}
