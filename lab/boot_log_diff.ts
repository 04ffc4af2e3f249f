/**
 * What differs between two starts: the model's and a real machine's, or two kernels'.
 *
 * @module
 */
import type { BootLog, BootSpan } from "./boot_log.ts";
import { stayingPlaces } from "./staying.ts";

/** An initcall at two places. */
export interface MovedCall {
  /** The function, with its module in brackets. */
  readonly name: string;
  /** Its place among the calls that both logs have, from 0, in the first log. */
  readonly from: number;
  /** Its place in the second log. */
  readonly to: number;
  /** The call that it follows in the second log, `undefined` if it is the first. */
  readonly after: string | undefined;
}

/** Something with two results. */
export interface ChangedResult {
  /** The function or the device. */
  readonly name: string;
  /** The result in the first log. */
  readonly from: number | undefined;
  /** The result in the second log. */
  readonly to: number | undefined;
}

/** What differs between two starts. */
export interface BootLogDiff {
  /** Calls of the first log that the second lacks. */
  readonly missing: readonly string[];
  /** Calls of the second log that the first lacks. */
  readonly added: readonly string[];
  /** The fewest calls that have to be moved to make the order of the first into that of the second. */
  readonly moved: readonly MovedCall[];
  /** Calls with another result. */
  readonly results: readonly ChangedResult[];
  /** Devices whose last probe had another result. */
  readonly probes: readonly ChangedResult[];
}

/**
 * Compares two starts: calls that are missing, new, moved, and results that changed. Times are not
 * compared: they are another machine's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readBootLog } from "./boot_log.ts";
 * import { diffBootLogs } from "./boot_log_diff.ts";
 * const log = (...names: string[]) => readBootLog(names.map((name) =>
 *   `calling  ${name}+0x0/0x1 @ 1\ninitcall ${name}+0x0/0x1 returned 0 after 0 usecs\n`).join(""));
 * const { moved } = diffBootLogs(log("bus", "driver", "net"), log("driver", "bus", "net"));
 * assertEquals(moved, [{ name: "driver", from: 1, to: 0, after: undefined }]);
 * ```
 */
export function diffBootLogs(first: BootLog, second: BootLog): BootLogDiff {
  const before = callsByName(first);
  const after = callsByName(second);
  const common = [...before.keys()].filter((name) => after.has(name));
  return {
    missing: [...before.keys()].filter((name) => !after.has(name)),
    added: [...after.keys()].filter((name) => !before.has(name)),
    moved: movedCalls(common, [...after.keys()].filter((name) => before.has(name))),
    results: changedResults(before, after),
    probes: changedResults(lastProbes(first), lastProbes(second)),
  };
}

/** Calls in order; a second call of one function has `#2` behind its name. */
function callsByName({ spans }: BootLog): Map<string, BootSpan> {
  const calls = new Map<string, BootSpan>();
  for (const span of spans) {
    if (span.kind !== "initcall") continue;
    const name = span.module === "" ? span.name : `${span.name} [${span.module}]`;
    let unique = name;
    for (let count = 2; calls.has(unique); count++) unique = `${name} #${count}`;
    calls.set(unique, span);
  }
  return calls;
}

function lastProbes({ spans }: BootLog): Map<string, BootSpan> {
  return new Map(spans.filter(({ kind }) => kind === "probe").map((span) => [span.name, span]));
}

function changedResults(
  before: ReadonlyMap<string, BootSpan>,
  after: ReadonlyMap<string, BootSpan>,
): ChangedResult[] {
  const changed: ChangedResult[] = [];
  for (const [name, { result: from }] of before) {
    const other = after.get(name);
    if (other !== undefined && other.result !== from) {
      changed.push({ name, from, to: other.result });
    }
  }
  return changed;
}

/** What is not in the longest run of calls that both have in the same order has moved. */
function movedCalls(before: readonly string[], after: readonly string[]): MovedCall[] {
  const place = new Map(before.map((name, index) => [name, index]));
  const stays = new Set(stayingPlaces(after.map((name) => place.get(name)!)));
  return after.flatMap((name, to) =>
    stays.has(to) ? [] : [{ name, from: place.get(name)!, to, after: after[to - 1] }]
  );
}
