/**
 * A start in the form that Chrome's tracing and Perfetto read.
 *
 * @module
 */
import { bootLanes } from "./boot_lanes.ts";
import type { BootLog, BootSpan } from "./boot_log.ts";

/** An event of the trace event format: `X` has a duration, `M` names a thread, `i` is an instant. */
export interface TraceEvent {
  /** What happened. */
  readonly name: string;
  /** The kind of event. */
  readonly ph: "X" | "M" | "i";
  /** The process: always the kernel. */
  readonly pid: number;
  /** The track: a task, or a part of one where its spans would not nest. */
  readonly tid: number;
  /** For filters. */
  readonly cat?: string;
  /** Microseconds. */
  readonly ts?: number;
  /** Microseconds. */
  readonly dur?: number;
  /** What else is known. */
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Probes of which nobody knows where they ran. */
const ELSEWHERE = 0;
/** A task's further tracks have its number plus so much each. */
const TRACKS_APART = 1_000_000;

/**
 * A start as trace events: one track for each task, on which slices nest. What would overlap gets a track
 * of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readBootLog } from "./boot_log.ts";
 * import { chromeTrace } from "./chrome_trace.ts";
 * const log = readBootLog("[ 0.500000] calling  virtio_init+0x0/0x40 @ 1\n" +
 *   "[ 0.590000] initcall virtio_init+0x0/0x40 returned 0 after 90000 usecs\n");
 * const slice = chromeTrace(log).traceEvents.find(({ ph }) => ph === "X");
 * assertEquals([slice?.name, slice?.ts, slice?.dur], ["virtio_init", 500000, 90000]);
 * ```
 */
export function chromeTrace(log: BootLog): { traceEvents: TraceEvent[] } {
  const traceEvents: TraceEvent[] = [];
  for (const { pid = ELSEWHERE, spans } of bootLanes(log)) {
    /** For each track the slices that are open, outermost first. */
    const tracks: BootSpan[][] = [];
    for (const { span } of spans) {
      let track = tracks.findIndex((open) => nests(span, open));
      if (track < 0) track = tracks.push([]) - 1;
      tracks[track].push(span);
      traceEvents.push(slice(span, pid + track * TRACKS_APART));
    }
    const task = pid === ELSEWHERE ? "elsewhere" : `task ${pid}`;
    for (const track of tracks.keys()) {
      const name = track === 0 ? task : `${task}, overlapping`;
      const tid = pid + track * TRACKS_APART;
      traceEvents.push({ name: "thread_name", ph: "M", pid: 1, tid, args: { name } });
    }
  }
  if (log.initAtUs !== undefined) {
    traceEvents.push({ name: "init", ph: "i", pid: 1, tid: 1, ts: log.initAtUs });
  }
  return { traceEvents };
}

/** Whether a span lies inside what is open, after what has ended is taken away. */
function nests(span: BootSpan, open: BootSpan[]): boolean {
  while (open.length > 0 && open[open.length - 1].endUs <= span.startUs) open.pop();
  return open.length === 0 || span.endUs <= open[open.length - 1].endUs;
}

function slice(span: BootSpan, tid: number): TraceEvent {
  const { kind, name, module, startUs: ts, endUs, result } = span;
  const args = {
    ...(module === "" ? {} : { module }),
    ...(result === undefined ? {} : { result }),
  };
  return { name, cat: kind, ph: "X", pid: 1, tid, ts, dur: endUs - ts, args };
}
