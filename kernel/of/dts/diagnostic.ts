import { diagnosticPlace, renderDiagnostics, type RenderOptions } from "./render.ts";
import type { Origin, Place, SourceMap, Span } from "./source.ts";

/** Longer lines are cut around the place in question. */
const SOURCE_LINE_MAX = 240;

/** A place in the source with something to say about it. */
export class DiagnosticLabel {
  readonly #sources: SourceMap;
  readonly #origin: Origin;

  /**
   * Notes a place; line and column are found when somebody asks.
   *
   * @param sources The text.
   * @param span Where.
   * @param text What to say, empty if the message says it.
   */
  constructor(sources: SourceMap, span: Span, readonly text: string) {
    this.#sources = sources;
    this.#origin = sources.origin(span);
  }

  /** Where it begins. */
  get start(): Place {
    return this.#sources.place(this.#origin.span.start);
  }

  /** The place behind its end. */
  get end(): Place {
    const { start, end } = this.#origin.span;
    return this.#sources.place(Math.max(start, end));
  }

  /** The line it begins in, and the column, from 1, of the text's first character. */
  get line(): { text: string; column: number } {
    const at = this.#origin.span.start;
    const { start, end } = this.#sources.lineAround(at);
    const from = end - start <= SOURCE_LINE_MAX ? start : Math.max(start, at - SOURCE_LINE_MAX / 2);
    const to = Math.min(end, from + SOURCE_LINE_MAX);
    return {
      text: this.#sources.text({ start: from, end: to }),
      column: this.#sources.place(from).column,
    };
  }

  /** Where the file is included, innermost first. */
  get includedFrom(): Place[] {
    const places: Place[] = [];
    const sources = this.#sources;
    let at = sources.fileAt(this.#origin.span.start).includedAt;
    for (; at >= 0; at = sources.writtenIn(at).includedAt) places.push(sources.place(at));
    return places;
  }

  /** The uses of macros that the text came out of, innermost first. The last one is the place itself. */
  get expandedFrom(): { macro: string; use: Place; defined?: Place }[] {
    const sources = this.#sources;
    return this.#origin.expansions.map(({ macro, use, definedAt }) => ({
      macro,
      use: sources.place(use.start),
      ...(definedAt === undefined ? {} : { defined: sources.place(definedAt.start) }),
    }));
  }

  /** The same as plain data. */
  toJSON(): unknown {
    const { start, end, text, line, includedFrom, expandedFrom } = this;
    return { start, end, text, line, includedFrom, expandedFrom };
  }
}

/** What else there is to say about a diagnostic. */
export interface DiagnosticDetails {
  /** Text beside the primary place. */
  label?: string;
  /** Other places that matter: "first defined here". */
  related?: readonly { span: Span; text: string }[];
  /** Facts that explain it. */
  notes?: readonly string[];
  /** How to mend it. */
  help?: string;
  /** dtc's name of the check that found it. */
  check?: string;
  /** The input, where there is no place in source text to name it. */
  file?: string;
}

/** One thing that is wrong in device tree source, or in a tree that comes from elsewhere. */
export class Diagnostic {
  /** The primary place first, then the others. None if the tree does not come from source text. */
  readonly labels: readonly DiagnosticLabel[];
  /** Facts that explain it. */
  readonly notes: readonly string[];
  /** How to mend it. */
  readonly help: string | undefined;
  /** dtc's name of the check that found it. */
  readonly check: string | undefined;
  readonly #file: string;

  /**
   * Notes what is wrong where.
   *
   * @param severity Errors end the run, warnings do not.
   * @param code The kind of problem, `DTS` and four digits; stays the same when messages change.
   * @param message What is wrong, in one line.
   * @param sources The text, `undefined` for a tree that comes from elsewhere.
   * @param span The primary place, `undefined` if there is none in the text.
   * @param details What else there is to say.
   */
  constructor(
    readonly severity: "error" | "warning",
    readonly code: string,
    readonly message: string,
    sources: SourceMap | undefined,
    span: Span | undefined,
    details: DiagnosticDetails,
  ) {
    const places = sources === undefined || span === undefined
      ? []
      : [{ span, text: details.label ?? "" }, ...details.related ?? []];
    this.labels = places.map(({ span, text }) => new DiagnosticLabel(sources!, span, text));
    this.#file = details.file ?? "";
    this.notes = details.notes ?? [];
    this.help = details.help;
    this.check = details.check;
  }

  /** Name of the file. */
  get file(): string {
    return this.labels[0]?.start.file ?? this.#file;
  }

  /** Line, from 1; 0 if there is none. */
  get line(): number {
    return this.labels[0]?.start.line ?? 0;
  }

  /** Column, from 1, in characters; 0 if there is none. */
  get column(): number {
    return this.labels[0]?.start.column ?? 0;
  }

  /** The same as plain data. */
  toJSON(): unknown {
    const { severity, code, check, message, file, labels, notes, help } = this;
    return { severity, code, check, message, file, labels, notes, help };
  }
}

/** Source text that is not a device tree. */
export class DtsError extends Error {
  /** Name of the class. */
  override name = "DtsError";
  /** What is wrong, in the order in which it was found. */
  readonly diagnostics: readonly Diagnostic[];

  /** Takes at least one error; the first gives the message. */
  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(`${diagnosticPlace(errors[0])}: ${errors[0].message}${more}`);
    this.diagnostics = diagnostics;
  }

  /** The diagnostics as text, unless told otherwise with their lines of source. */
  render(options: RenderOptions = {}): string {
    return renderDiagnostics(this.diagnostics, options);
  }
}

/** More errors than this are only counted. */
const ERRORS_KEPT = 1000;

/** Collects diagnostics of one run. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];
  #errors = 0;

  /** Takes the text that spans point into. */
  constructor(readonly sources: SourceMap) {}

  /** Everything so far, in the order in which it was found. */
  get found(): readonly Diagnostic[] {
    return this.#found;
  }

  /** Number of errors so far. */
  get errors(): number {
    return this.#errors;
  }

  /** Notes an error. */
  error(code: string, span: Span, message: string, details: DiagnosticDetails = {}): void {
    if (++this.#errors > ERRORS_KEPT) return;
    this.#found.push(new Diagnostic("error", code, message, this.sources, span, details));
  }

  /** Notes something that does not keep the tree from being used. */
  warning(code: string, span: Span, message: string, details: DiagnosticDetails = {}): void {
    this.#found.push(new Diagnostic("warning", code, message, this.sources, span, details));
  }

  /** Notes what was found elsewhere, however much it is. */
  add(diagnostic: Diagnostic): void {
    this.#found.push(diagnostic);
    if (diagnostic.severity === "error") this.#errors++;
  }

  /** Throws {@linkcode DtsError} if there are errors. */
  check(): void {
    if (this.#errors > 0) throw new DtsError(this.#found);
  }
}
