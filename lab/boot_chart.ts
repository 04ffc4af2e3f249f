/**
 * A start as a picture.
 *
 * @module
 */
import { type BootLane, bootLanes, type PlacedSpan } from "./boot_lanes.ts";
import type { BootLog, BootSpan } from "./boot_log.ts";
import { outcomeOf, type SpanOutcome } from "./span_outcome.ts";
import { escapeXml } from "./xml.ts";

/** Settings of {@linkcode bootChart}. */
export interface BootChartOptions {
  /** Text above the picture. Default: `How the kernel started`. */
  readonly title?: string;
  /** Width in pixels. Default: 1200. */
  readonly width?: number;
}

const ROW_HEIGHT = 20;
const LANE_GAP = 14;
const TOP = 84;
const LEFT = 84;
const RIGHT = 24;
const BOTTOM = 28;
/** Pixels of a letter of the labels, about. */
const LETTER_WIDTH = 6.2;
const TICKS = 10;

const COLOURS: Record<SpanOutcome, string> = {
  initcall: "#7aa6da",
  bound: "#8fc28f",
  absent: "#d5d5d5",
  deferred: "#f0b95c",
  failed: "#e07b72",
  async: "#b79bd1",
  pm: "#8ecad6",
};

const LEGEND: readonly (readonly [SpanOutcome, string])[] = [
  ["initcall", "initcall"],
  ["bound", "probe: bound"],
  ["absent", "probe: nothing there"],
  ["deferred", "probe: deferred"],
  ["failed", "failed"],
  ["async", "asynchronous"],
  ["pm", "suspend, resume"],
];

/**
 * Draws a start as SVG: a lane for each task, a box for each initcall, probe and asynchronous function,
 * as wide as the time it took. Each box says more when the mouse is over it.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { readBootLog } from "./boot_log.ts";
 * import { bootChart } from "./boot_chart.ts";
 * const log = readBootLog("[ 0.5] calling  virtio_init+0x0/0x40 @ 1\n" +
 *   "[ 0.6] initcall virtio_init+0x0/0x40 returned 0 after 90000 usecs\n");
 * assertStringIncludes(bootChart(log), "virtio_init");
 * ```
 */
export function bootChart(log: BootLog, options: BootChartOptions = {}): string {
  const { width = 1200, title = "How the kernel started" } = options;
  const lanes = bootLanes(log);
  const height = TOP + BOTTOM +
    lanes.reduce((sum, { rows }) => sum + rows * ROW_HEIGHT + LANE_GAP, 0);
  const scale = new Scale(log, width - LEFT - RIGHT);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="16" y="26" font-size="17">${escapeXml(title)}</text>`,
    legend(lanes),
    ...axis(scale, height - BOTTOM),
  ];
  let y = TOP;
  for (const lane of lanes) {
    parts.push(drawLane(lane, y, scale));
    y += lane.rows * ROW_HEIGHT + LANE_GAP;
  }
  return parts.join("\n") + "\n</svg>\n";
}

/** From microseconds to pixels. */
class Scale {
  readonly startUs: number;
  readonly endUs: number;

  constructor({ spans }: BootLog, readonly width: number) {
    this.startUs = Math.min(...spans.map(({ startUs }) => startUs), Infinity);
    if (this.startUs === Infinity) this.startUs = 0;
    this.endUs = Math.max(...spans.map(({ endUs }) => endUs), this.startUs + 1);
  }

  x(us: number): number {
    return LEFT + (us - this.startUs) / (this.endUs - this.startUs) * this.width;
  }
}

function axis(scale: Scale, bottom: number): string[] {
  const step = niceStep((scale.endUs - scale.startUs) / TICKS);
  const lines: string[] = [];
  for (let us = Math.ceil(scale.startUs / step) * step; us <= scale.endUs; us += step) {
    const x = round(scale.x(us));
    lines.push(`<path d="M${x} ${TOP - 6}V${bottom}" stroke="#e4e4e4"/>`);
    lines.push(
      `<text x="${x}" y="${TOP - 10}" text-anchor="middle" fill="#666">${time(us)}</text>`,
    );
  }
  return lines;
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least)!;
}

function legend(lanes: readonly BootLane[]): string {
  const present = new Set(lanes.flatMap(({ spans }) => spans.map(({ span }) => outcomeOf(span))));
  let x = 16;
  const parts: string[] = [];
  for (const [outcome, text] of LEGEND) {
    if (!present.has(outcome)) continue;
    parts.push(`<rect x="${x}" y="40" width="12" height="12" fill="${COLOURS[outcome]}"/>`);
    parts.push(`<text x="${x + 17}" y="50">${text}</text>`);
    x += 36 + text.length * LETTER_WIDTH;
  }
  return parts.join("");
}

function drawLane({ pid, spans, rows }: BootLane, y: number, scale: Scale): string {
  const name = pid === undefined ? "elsewhere" : `task ${pid}`;
  const bottom = y + rows * ROW_HEIGHT;
  const boxes = spans.map((placed) => drawSpan(placed, y, scale));
  return [
    `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end" fill="#444">${name}</text>`,
    `<path d="M${LEFT} ${bottom + LANE_GAP / 2}H${LEFT + scale.width}" stroke="#eee"/>`,
    ...boxes,
  ].join("\n");
}

function drawSpan({ span, depth }: PlacedSpan, y: number, scale: Scale): string {
  const x = scale.x(span.startUs);
  const width = Math.max(0.6, scale.x(span.endUs) - x);
  const top = y + depth * ROW_HEIGHT;
  const box = `<rect x="${round(x)}" y="${top}" width="${round(width)}" height="${
    ROW_HEIGHT - 2
  }" fill="${COLOURS[outcomeOf(span)]}" stroke="white" stroke-width="0.4"/>`;
  return `<g><title>${escapeXml(describe(span))}</title>${box}${label(span, x, top, width)}</g>`;
}

/** The name, if there is room for it. */
function label({ name }: BootSpan, x: number, top: number, width: number): string {
  const room = Math.floor((width - 6) / LETTER_WIDTH);
  if (room < Math.min(name.length, 6)) return "";
  const text = name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  return `<text x="${round(x + 3)}" y="${top + 13}">${escapeXml(text)}</text>`;
}

function describe({ kind, name, module, startUs, durationUs, result }: BootSpan): string {
  const where = module === "" ? "" : ` [${module}]`;
  const returned = result === undefined ? "" : `, returned ${result}`;
  return `${kind} ${name}${where}: from ${time(startUs)}, took ${time(durationUs)}${returned}`;
}

function time(us: number): string {
  if (us >= 1e6) return `${round(us / 1e6)} s`;
  return us >= 1000 ? `${round(us / 1000)} ms` : `${round(us)} µs`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
