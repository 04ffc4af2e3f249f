import type { Span } from "./source.ts";

/** One thing that is wrong in device tree source. */
export interface Diagnostic {
  /** Name of the file. */
  file: string;
  /** Line, from 1. */
  line: number;
  /** First column, from 1, in characters. */
  column: number;
  /** The column behind the last one; on a later line's text it ends with the first line. */
  endColumn: number;
  /** What is wrong, in one line. */
  message: string;
  /** How to mend it. */
  help?: string;
  /** The whole text of the line. */
  sourceLine: string;
  /** Where files that lead to this one are included: `board.dts:3`, innermost first. */
  includedFrom: string[];
}

/** Source text that is not a device tree. */
export class DtsError extends Error {
  /** Name of the class. */
  override name = "DtsError";
  /** What is wrong, in the order in which it was found. */
  readonly diagnostics: readonly Diagnostic[];

  /** Takes at least one diagnostic; the first gives the message. */
  constructor(diagnostics: readonly Diagnostic[]) {
    const { file, line, column, message } = diagnostics[0];
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
    super(`${file}:${line}:${column}: ${message}${more}`);
    this.diagnostics = diagnostics;
  }

  /**
   * All diagnostics, each with its line of source and a caret under the place.
   *
   * @example
   * ```ts
   * import { assertEquals, assertThrows } from "@std/assert";
   * import { DtsError } from "./diagnostic.ts";
   * import { parseDts } from "./parse.ts";
   * const error = assertThrows(
   *   () => parseDts("/dts-v1/;\n/ { a = <1> };\n", { file: "board.dts" }),
   *   DtsError,
   * );
   * assertEquals(error.render().split("\n"), [
   *   "board.dts:2:12: error: expected `;` after the value of `a`",
   *   "  2 | / { a = <1> };",
   *   "    |            ^",
   * ]);
   * ```
   */
  render(): string {
    return this.diagnostics.map(renderDiagnostic).join("\n");
  }
}

/** So many lines tell where files are included from. */
const INCLUDES_SHOWN = 4;

function renderDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, endColumn, message, help, sourceLine, includedFrom } = diagnostic;
  const number = String(line).padStart(3);
  const gutter = " ".repeat(number.length);
  const before = sourceLine.slice(0, column - 1).replace(/[^\t]/g, " ");
  const lines = [
    `${file}:${line}:${column}: error: ${message}`,
    `${number} | ${sourceLine}`,
    `${gutter} | ${before}${"^".repeat(Math.max(1, endColumn - column))}`,
  ];
  if (help !== undefined) lines.push(`${gutter} = help: ${help}`);
  for (const place of includedFrom.slice(0, INCLUDES_SHOWN)) {
    lines.push(`${gutter} = included from ${place}`);
  }
  const more = includedFrom.length - INCLUDES_SHOWN;
  if (more > 0) lines.push(`${gutter} = and from ${more} more`);
  return lines.join("\n");
}

/** So many diagnostics end a run. */
const DIAGNOSTICS_MAX = 20;

/** Collects diagnostics of one run. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];

  /** Notes one; throws {@linkcode DtsError} when there are too many. */
  report(span: Span, message: string, help?: string): void {
    this.#found.push(diagnose(span, message, help));
    if (this.#found.length >= DIAGNOSTICS_MAX) throw new DtsError(this.#found);
  }

  /** Notes one after which there is no going on. */
  fatal(span: Span, message: string, help?: string): never {
    this.#found.push(diagnose(span, message, help));
    throw new DtsError(this.#found);
  }

  /** Throws {@linkcode DtsError} if there are any. */
  check(): void {
    if (this.#found.length > 0) throw new DtsError(this.#found);
  }
}

function diagnose(span: Span, message: string, help: string | undefined): Diagnostic {
  const { file, start, end } = span;
  const { line, column } = file.position(start);
  const last = file.position(Math.max(start, end));
  const sourceLine = file.lineText(line);
  const endColumn = last.line === line ? last.column : [...sourceLine].length + 1;
  const includedFrom: string[] = [];
  for (let at = file.includedAt; at !== undefined; at = at.file.includedAt) {
    includedFrom.push(`${at.file.name}:${at.file.position(at.start).line}`);
  }
  return {
    file: file.name,
    line,
    column,
    endColumn: Math.max(endColumn, column + 1),
    message,
    ...(help === undefined ? {} : { help }),
    sourceLine,
    includedFrom,
  };
}
