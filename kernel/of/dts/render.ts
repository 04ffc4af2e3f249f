import type { Diagnostic, DiagnosticLabel } from "./diagnostic.ts";
import type { Place } from "./source.ts";
import { layOut } from "./text_cells.ts";

/** Settings of {@linkcode renderDiagnostics}. */
export interface RenderOptions {
  /**
   * `frames` shows the source with marks under it, `line` is one line for each as compilers for C have
   * them, `json` one line of data for each. Default: `frames`.
   */
  format?: "frames" | "line" | "json";
  /** Whether frames have colours, as escape sequences of terminals. Default: false. */
  color?: boolean;
  /** How many to show; of the rest only the number is said. Default: 20, all in `json`. */
  max?: number;
}

/** So many are shown unless told otherwise. */
const SHOWN_MAX = 20;
/** So many lines tell where files are included from. */
const INCLUDES_SHOWN = 4;

type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = {
  error: "1;31",
  warning: "1;33",
  related: "1;34",
  bold: "1",
  help: "1;36",
} as const;

const painted: Paint = (style, text) => text === "" ? "" : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
const plain: Paint = (_, text) => text;

/**
 * Diagnostics as text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAst } from "./parse_ast.ts";
 * import { renderDiagnostics } from "./render.ts";
 * const { diagnostics } = parseAst("/dts-v1/;\n/ {\n\ta = <1>\n};\n", { file: "board.dts" });
 * assertEquals(renderDiagnostics(diagnostics.found).split("\n"), [
 *   "board.dts:3:9: error[DTS0103]: expected `;` after the value of `a`",
 *   "  |",
 *   "3 |     a = <1>",
 *   "  |            ^",
 * ]);
 * assertEquals(
 *   renderDiagnostics(diagnostics.found, { format: "line" }),
 *   "board.dts:3:9: error: expected `;` after the value of `a` [DTS0103]",
 * );
 * ```
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: RenderOptions = {},
): string {
  const { max = options.format === "json" ? Infinity : SHOWN_MAX } = options;
  const parts = diagnostics.slice(0, max).map((each) => renderDiagnostic(each, options));
  const rest = diagnostics.slice(max);
  if (rest.length > 0) parts.push(countOf(rest));
  return parts.join("\n");
}

/** One diagnostic as text. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const { format = "frames", color = false } = options;
  if (format === "json") return JSON.stringify(diagnostic);
  return format === "line"
    ? renderLine(diagnostic)
    : renderFrames(diagnostic, color ? painted : plain);
}

function countOf(rest: readonly Diagnostic[]): string {
  const errors = rest.filter(({ severity }) => severity === "error").length;
  const warnings = rest.length - errors;
  const counts: string[] = [];
  if (errors > 0) counts.push(`${errors} more error${errors === 1 ? "" : "s"}`);
  if (warnings > 0) counts.push(`${warnings} more warning${warnings === 1 ? "" : "s"}`);
  return `and ${counts.join(" and ")}`;
}

/** File, line and column, as far as they are known. */
export function diagnosticPlace({ file, line, column }: Diagnostic): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** What a check finds is said as dtc says it, for those who look for `(name):`. */
function renderLine(diagnostic: Diagnostic): string {
  const { severity, message, code, check, help } = diagnostic;
  const place = diagnosticPlace(diagnostic);
  const helped = help === undefined ? "" : ` (${help})`;
  if (check === undefined) return `${place}: ${severity}: ${message} [${code}]${helped}`;
  return `${place}: ${severity === "error" ? "ERROR" : "Warning"} (${check}): ${message}${helped}`;
}

function renderFrames(diagnostic: Diagnostic, paint: Paint): string {
  const { severity, message, code, check, labels, notes, help } = diagnostic;
  const kind = paint(severity, `${severity}[${check ?? code}]`);
  const title = `${diagnosticPlace(diagnostic)}: ${kind}: ${paint("bold", message)}`;
  const all = labels.map((label, index) => new Mark(label, index === 0 ? severity : "related"));
  const marks = all.filter((mark, index) => index === 0 || !mark.covers(all[0]));
  const width = Math.max(0, ...marks.map(({ start }) => String(start.line).length));
  const gutter = " ".repeat(width);
  const lines = [title, ...frames(marks, width, paint)];
  for (const line of expansions(labels[0])) lines.push(`${gutter} = ${line}`);
  for (const place of includes(labels[0])) lines.push(`${gutter} = ${place}`);
  for (const note of notes) lines.push(`${gutter} = note: ${note}`);
  if (help !== undefined) lines.push(`${gutter} = ${paint("help", "help")}: ${help}`);
  return lines.join("\n");
}

/** So many macros tell where text comes from. */
const EXPANSIONS_SHOWN = 6;

function expansions(label: DiagnosticLabel | undefined): string[] {
  const chain = label?.expandedFrom ?? [];
  const lines = chain.slice(0, EXPANSIONS_SHOWN).map(({ macro, defined }) =>
    `in the expansion of \`${macro}\`${defined === undefined ? "" : `, defined at ${at(defined)}`}`
  );
  const more = chain.length - EXPANSIONS_SHOWN;
  if (more > 0) lines.push(`and of ${more} more`);
  return lines;
}

function includes(label: DiagnosticLabel | undefined): string[] {
  const places = label?.includedFrom ?? [];
  const lines = places.slice(0, INCLUDES_SHOWN).map((place) => `included from ${at(place)}`);
  const more = places.length - INCLUDES_SHOWN;
  if (more > 0) lines.push(`and from ${more} more`);
  return lines;
}

function at({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** A label with the cells it takes up in its line. */
class Mark {
  readonly start: Place;
  readonly text: string;
  readonly shown: string;
  readonly from: number;
  readonly to: number;

  constructor(label: DiagnosticLabel, readonly style: "error" | "warning" | "related") {
    const { start, end, line } = label;
    const { shown, starts } = layOut(line.text, line.column - 1);
    this.start = start;
    this.text = label.text;
    this.shown = line.column > 1 ? `…${shown}` : shown;
    const shift = this.shown.length - shown.length;
    const cell = (column: number) =>
      shift + starts[Math.max(0, Math.min(starts.length - 1, column - line.column))];
    this.from = cell(start.column);
    this.to = Math.max(this.from + 1, end.line === start.line ? cell(end.column) : cell(Infinity));
  }

  /** Whether it is the same place, as of two places inside of one macro. */
  covers({ start, from, to }: Mark): boolean {
    return this.start.file === start.file && this.start.line === start.line &&
      this.from === from && this.to === to;
  }
}

/** The lines of source with marks under them, file by file; the first mark's file comes first. */
function frames(marks: readonly Mark[], width: number, paint: Paint): string[] {
  const lines: string[] = [];
  const gutter = paint("related", `${" ".repeat(width)} |`);
  const files = [...new Set(marks.map(({ start }) => start.file))];
  for (const file of files) {
    const inFile = marks.filter(({ start }) => start.file === file)
      .sort((a, b) => a.start.line - b.start.line);
    if (file !== files[0]) lines.push(`${" ".repeat(width)} --> ${at(inFile[0].start)}`);
    lines.push(gutter);
    let last = inFile[0].start.line;
    for (const number of new Set(inFile.map(({ start }) => start.line))) {
      if (number > last + 1) lines.push(paint("related", `${"…".padStart(width)} |`));
      last = number;
      const inLine = inFile.filter(({ start }) => start.line === number);
      lines.push(`${paint("related", `${String(number).padStart(width)} |`)} ${inLine[0].shown}`);
      for (const row of underline(inLine, paint)) lines.push(`${gutter} ${row}`);
    }
  }
  return lines.map((line) => line.trimEnd());
}

/** The rows under a line: marks, and their texts from the right to the left. */
function underline(marks: readonly Mark[], paint: Paint): string[] {
  const byPlace = [...marks].sort((a, b) => a.from - b.from);
  const row = new Row();
  for (const { from, to, style } of [...byPlace].sort((a) => a.style === "related" ? -1 : 1)) {
    row.put(from, (style === "related" ? "-" : "^").repeat(to - from), style);
  }
  const texts = byPlace.filter(({ text }) => text !== "");
  const last = texts.at(-1);
  const rows = [row];
  if (last !== undefined && byPlace.at(-1) === last) {
    row.put(last.to + 1, last.text, last.style);
    texts.pop();
  }
  for (let count = texts.length; count > 0; count--) {
    const waiting = texts.slice(0, count);
    const bars = new Row();
    const below = new Row();
    for (const { from, style } of waiting) {
      bars.put(from, "|", style);
      below.put(from, "|", style);
    }
    const { from, text, style } = waiting[count - 1];
    below.put(from, text, style);
    rows.push(bars, below);
  }
  return rows.map((each) => each.render(paint));
}

/** A row of cells that pieces of text are put into; later pieces cover earlier ones. */
class Row {
  readonly #cells: { text: string; style: keyof typeof STYLES }[] = [];

  put(cell: number, text: string, style: keyof typeof STYLES): void {
    [...text].forEach((character, index) => this.#cells[cell + index] = { text: character, style });
  }

  render(paint: Paint): string {
    let out = "";
    let run = "";
    let style: keyof typeof STYLES | undefined = undefined;
    const flush = () => {
      out += style === undefined ? run : paint(style, run);
      run = "";
    };
    for (let at = 0; at < this.#cells.length; at++) {
      const cell = this.#cells[at];
      if (cell?.style !== style) flush();
      style = cell?.style;
      run += cell?.text ?? " ";
    }
    flush();
    return out;
  }
}
