/**
 * A start, and what differs between two, as text.
 *
 * @module
 */
import type { BootLog, BootSpan } from "./boot_log.ts";
import type { BootLogDiff, ChangedResult } from "./boot_log_diff.ts";

/**
 * The spans that took longest, one line each: how long, when, what, and what it returned.
 *
 * @param log What was read.
 * @param most How many lines at the most.
 */
export function slowestSpans(log: BootLog, most = 25): string[] {
  const slowest = log.spans.toSorted((a, b) => b.durationUs - a.durationUs).slice(0, most);
  return slowest.map((span) => {
    const took = String(span.durationUs).padStart(9);
    const at = (span.startUs / 1e6).toFixed(6).padStart(12);
    return `${took} us at ${at}  ${span.kind.padEnd(8)} ${nameOf(span)}${resultOf(span)}`;
  });
}

function nameOf({ name, module }: BootSpan): string {
  return module === "" ? name : `${name} [${module}]`;
}

function resultOf({ result }: BootSpan): string {
  return result === undefined || result === 0 ? "" : ` returned ${result}`;
}

/** What differs, one line each; nothing where two starts agree in all but times. */
export function diffLines(diff: BootLogDiff): string[] {
  return [
    ...diff.missing.map((name) => `- ${name}: only in the first`),
    ...diff.added.map((name) => `+ ${name}: only in the second`),
    ...diff.moved.map(({ name, from, to, after }) => {
      const where = after === undefined ? "to the start" : `behind ${after}`;
      return `~ ${name}: moved from place ${from + 1} to ${to + 1}, ${where}`;
    }),
    ...diff.results.map((change) => changeLine(change, "")),
    ...diff.probes.map((change) => changeLine(change, "probe of ")),
  ];
}

function changeLine({ name, from, to }: ChangedResult, what: string): string {
  return `! ${what}${name}: returned ${from ?? "nothing"}, then ${to ?? "nothing"}`;
}
