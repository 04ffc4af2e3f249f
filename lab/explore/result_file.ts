/**
 * What came of an exploration, or of a part of one, as text; and parts put together.
 *
 * @module
 */
import { Objects } from "./access.ts";
import { Collector, type ViewGroups } from "./collect.ts";
import type { Exploration } from "./explore.ts";
import { fingerprint } from "./hash.ts";
import { MODEL_VERSION } from "./replay_id.ts";
import type { Scenario } from "./scenario.ts";

const FORMAT = "paraguest order";

/** A result file cannot be used; the message says which and why, in one line. */
export class ResultFileError extends Error {
  /** The name of the class. */
  override name = "ResultFileError";
}

/** A part of an exploration. */
export interface Part {
  /** Which part, from 1, and of how many. */
  readonly shard: { readonly index: number; readonly of: number };
  readonly exploration: Exploration;
}

/** Counts are texts: they can be larger than numbers in JSON are exact. */
function replaceBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function reviveBigints(key: string, value: unknown): unknown {
  return key === "orders" && typeof value === "string" ? BigInt(value.slice(0, -1)) : value;
}

/** Writes a part down. */
export function writePart(scenario: Scenario, { shard, exploration }: Part): string {
  const views = [...exploration.views].map(([view, groups]) => [view, [...groups.values()]]);
  const head = {
    format: FORMAT,
    version: MODEL_VERSION,
    scenario: fingerprint(scenario.definition),
  };
  const body = { ...head, shard, exploration: { ...exploration, views } };
  return `${JSON.stringify(body, replaceBigints)}\n`;
}

/**
 * Reads what {@linkcode writePart} wrote.
 *
 * @param name Names the file in messages.
 * @throws {ResultFileError} When it is no such file, or of another version.
 */
export function readPart(text: string, name: string): Part & { readonly scenario: string } {
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
  return {
    shard: body.shard,
    exploration: { ...body.exploration, views },
    scenario: body.scenario,
  };
}

/**
 * Puts parts of one exploration together; which order they come in makes no difference.
 *
 * @throws {ResultFileError} When they are of different scenarios, or one is there twice.
 */
export function mergeParts(
  parts: readonly (Part & { readonly scenario: string; readonly name: string })[],
): Exploration {
  const sorted = parts.toSorted((a, b) => a.shard.index - b.shard.index);
  const [first] = sorted;
  if (first === undefined) throw new ResultFileError("nothing to merge");
  sorted.forEach((part, i) => checkFits(part, first, sorted[i - 1]));
  const { order, baseline, scenario } = first.exploration;
  const collector = new Collector(new Objects(), order);
  let runs = 0;
  for (const { exploration } of sorted) {
    collector.merge(exploration.views, exploration.classes);
    runs += exploration.runs;
  }
  const { classes, views } = collector;
  return { scenario, claim: claimOf(sorted, classes), runs, classes, baseline, order, views };
}

function checkFits(
  part: Part & { readonly scenario: string; readonly name: string },
  first: Part & { readonly scenario: string; readonly name: string },
  before: Part & { readonly name: string } | undefined,
): undefined {
  if (part.scenario !== first.scenario || part.shard.of !== first.shard.of) {
    throw new ResultFileError(
      `${part.name} and ${first.name} are not parts of the same exploration`,
    );
  }
  if (before?.shard.index === part.shard.index) {
    throw new ResultFileError(`${before.name} and ${part.name} are both part ${part.shard.index}`);
  }
}

/** All parts make a whole, if each is whole. */
function claimOf(parts: readonly Part[], classes: number): Exploration["claim"] {
  const { of } = parts[0].shard;
  const missing = Array.from({ length: of }, (_, i) => i + 1)
    .filter((index) => parts.every(({ shard }) => shard.index !== index));
  if (missing.length > 0) {
    return { kind: "bounded", text: `parts ${missing.join(", ")} of ${of} are missing` };
  }
  const cut = parts.find(({ exploration: { claim } }) => !claim.text.startsWith("part "));
  if (cut !== undefined && of > 1) {
    return { kind: "bounded", text: `part ${cut.shard.index} was ${cut.exploration.claim.text}` };
  }
  if (of === 1) return parts[0].exploration.claim;
  return { kind: "exhaustive", text: `exhaustive: all ${classes} classes, in ${of} parts` };
}
