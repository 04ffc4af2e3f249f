/**
 * Spans of a start side by side: a lane for each task, in it what is inside something else one row below.
 *
 * @module
 */
import type { BootLog, BootSpan } from "./boot_log.ts";

/** A span in its row. */
export interface PlacedSpan {
  /** What took time. */
  readonly span: BootSpan;
  /** The row inside the lane, from 0; what is inside another span is below it. */
  readonly depth: number;
}

/** What one task did. */
export interface BootLane {
  /** The task, `undefined` for probes of which the log does not say where they ran. */
  readonly pid: number | undefined;
  /** In the order of their beginning, what contains before what is contained. */
  readonly spans: readonly PlacedSpan[];
  /** Number of rows. */
  readonly rows: number;
}

/** The lanes of a start, in the order in which their tasks first appear. */
export function bootLanes({ spans }: BootLog): BootLane[] {
  const byPid = Map.groupBy(spans, ({ pid }) => pid);
  return [...byPid].map(([pid, own]) => {
    const placed = nest(own);
    return { pid, spans: placed, rows: Math.max(...placed.map(({ depth }) => depth)) + 1 };
  });
}

/** Each span goes into the first row that is free, so that nothing covers anything. */
function nest(spans: readonly BootSpan[]): PlacedSpan[] {
  const rowEndsUs: number[] = [];
  return spans.map((span) => {
    let depth = rowEndsUs.findIndex((endUs) => endUs <= span.startUs);
    if (depth < 0) depth = rowEndsUs.length;
    rowEndsUs[depth] = span.endUs;
    return { span, depth };
  });
}
