/**
 * What came of an exploration, or of a part of one, as text; and parts put together.
 *
 * @module
 */
import { Objects } from "./access.ts";
import { Collector, type ViewGroups } from "./collect.ts";
import type { Coverage, Exploration } from "./collect_outcomes.ts";
import { fingerprint } from "./hash.ts";
import { MODEL_VERSION } from "./replay_id.ts";
import type { Scenario } from "./scenario.ts";
import type { Shard } from "./work.ts";

const FORMAT = "paraguest order";

/** A result file cannot be used; the message says which and why, in one line. */
export class ResultFileError extends Error {
  /** The name of the class. */
  override name = "ResultFileError";
}

/** What was read from a result file. */
export interface Part {
  /** The name of the file, for messages. */
  readonly name: string;
  /** Fingerprint of what decides how the runs of the scenario go. */
  readonly scenario: string;
  /** What the scenario was made from, if who wrote it said so. */
  readonly note: readonly string[] | undefined;
  readonly exploration: Exploration;
}

/** Counts are texts: they can be larger than numbers in JSON are exact. */
function replaceBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function reviveBigints(key: string, value: unknown): unknown {
  return key === "orders" && typeof value === "string" ? BigInt(value.slice(0, -1)) : value;
}

function scenarioPart({ definition }: Scenario): string {
  return fingerprint(definition);
}

/**
 * Writes an exploration down.
 *
 * @param note What the scenario was made from, for who reads it.
 */
export function writePart(
  scenario: Scenario,
  exploration: Exploration,
  note?: readonly string[],
): string {
  const views = [...exploration.views].map(([view, groups]) => [view, [...groups.values()]]);
  const body = {
    format: FORMAT,
    version: MODEL_VERSION,
    scenario: scenarioPart(scenario),
    note,
    exploration: { ...exploration, views },
  };
  return `${JSON.stringify(body, replaceBigints)}\n`;
}

/**
 * Reads what {@linkcode writePart} wrote.
 *
 * @param name Names the file in messages.
 * @throws {ResultFileError} When it is no such file, or of another version.
 */
export function readPart(text: string, name: string): Part {
  let body;
  try {
    body = JSON.parse(text, reviveBigints);
  } catch {
    throw new ResultFileError(`${name}: not a result of paraguest order`);
  }
  if (body?.format !== FORMAT) {
    throw new ResultFileError(`${name}: not a result of paraguest order`);
  }
  if (body.version !== MODEL_VERSION) {
    throw new ResultFileError(
      `${name}: made with version ${body.version} of the model, this is ${MODEL_VERSION}: explore again`,
    );
  }
  const views = new Map<string, ViewGroups>();
  for (const [view, groups] of body.exploration.views) {
    views.set(view, new Map(groups.map((group: { text: string }) => [group.text, group])));
  }
  const { scenario, note } = body;
  return { name, scenario, note, exploration: { ...body.exploration, views } };
}

/** Which part it is; a whole is the only part. */
function shardOf({ exploration: { shard = { index: 1, of: 1 } } }: Part): Shard {
  return shard;
}

/**
 * Puts parts of one exploration together; which order they come in makes no difference.
 *
 * @param scenario What was explored.
 * @throws {ResultFileError} When they are of different scenarios, or one is there twice.
 */
export function mergeParts(scenario: Scenario, parts: readonly Part[]): Exploration {
  const sorted = parts.toSorted((a, b) => shardOf(a).index - shardOf(b).index);
  const [first] = sorted;
  if (first === undefined) throw new ResultFileError("nothing to merge");
  if (first.scenario !== scenarioPart(scenario)) {
    throw new ResultFileError(
      `${first.name}: made from another scenario: use the options it was made with`,
    );
  }
  sorted.forEach((part, i) => checkFits(part, first, sorted[i - 1]));
  const { order, baseline, scenario: name } = first.exploration;
  const collector = new Collector(new Objects(), order);
  let runs = 0;
  for (const { exploration } of sorted) {
    collector.merge(exploration.views, exploration.classes);
    runs += exploration.runs;
  }
  const { classes, views } = collector;
  const coverage = coverageOf(sorted, classes);
  return { scenario: name, coverage, runs, classes, baseline, order, views };
}

function checkFits(part: Part, first: Part, before: Part | undefined): undefined {
  const viewsOf = ({ exploration: { baseline } }: Part) => Object.keys(baseline).join();
  if (
    part.scenario !== first.scenario || shardOf(part).of !== shardOf(first).of ||
    viewsOf(part) !== viewsOf(first)
  ) {
    throw new ResultFileError(
      `${part.name} and ${first.name} are not parts of the same exploration`,
    );
  }
  const { index } = shardOf(part);
  if (before !== undefined && shardOf(before).index === index) {
    throw new ResultFileError(`${before.name} and ${part.name} are both part ${index}`);
  }
}

/** All parts make a whole, if each is whole. */
function coverageOf(parts: readonly Part[], classes: number): Coverage {
  const { of } = shardOf(parts[0]);
  const missing = Array.from({ length: of }, (_, i) => i + 1)
    .filter((index) => parts.every((part) => shardOf(part).index !== index));
  if (missing.length > 0) {
    return { kind: "bounded", text: `parts ${missing.join(", ")} of ${of} are missing` };
  }
  if (of === 1) return parts[0].exploration.coverage;
  const cut = parts.find(({ exploration: { coverage } }) => !coverage.text.startsWith("part "));
  if (cut !== undefined) {
    const { text } = cut.exploration.coverage;
    return { kind: "bounded", text: `part ${shardOf(cut).index} was ${text}` };
  }
  return { kind: "exhaustive", text: `exhaustive: all ${classes} classes, in ${of} parts` };
}
