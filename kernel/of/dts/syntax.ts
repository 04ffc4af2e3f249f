import { latin1 } from "../bytes.ts";
import type { DiagnosticDetails, Diagnostics } from "./diagnostic.ts";
import type { FrontEndCode } from "./codes.ts";
import type { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import { CLASSES, isDigit, isSpace, MODE, NAME, runEnd, T, WORD } from "./token.ts";

/** So far around the end of a comment another one is looked for. */
const NESTED_MAX = 1000;

/**
 * How the parser speaks of syntax errors and goes on after them. One mistake gives one diagnostic:
 * after it the parser is quiet until it knows again where it is.
 */
export class Syntax {
  readonly diagnostics: Diagnostics;
  #quiet = false;
  /** Where the token stands at which the last error was noticed. */
  #noticedAt = -1;

  constructor(readonly lexer: Lexer) {
    this.diagnostics = lexer.diagnostics;
  }

  /** Reports what is wrong at `span` and is quiet until {@linkcode settle}. */
  error(code: FrontEndCode, span: Span, message: string, details: DiagnosticDetails = {}): void {
    if (this.#quiet || this.#noticedAt === this.lexer.start) return;
    const nested = this.#nestedComment();
    const related = [...details.related ?? [], ...nested];
    this.diagnostics.error(code, span, message, { ...details, related });
    this.#quiet = true;
    this.#noticedAt = this.lexer.start;
  }

  /** Where the last comment ends, if that is earlier than its author thought. */
  #nestedComment(): { span: Span; text: string }[] {
    const { bytes, comment: { start, end }, before } = this.lexer;
    if (end > before || bytes[start + 1] === T.SLASH) return [];
    const text = latin1(bytes, Math.max(start + 2, end - NESTED_MAX), end);
    const rest = latin1(bytes, end, Math.min(bytes.length, end + NESTED_MAX));
    if (!text.includes("/*") || !/^(?:(?!\/\*)[^])*?\*\//.test(rest)) return [];
    return [{ span: { start: end - 2, end }, text: "the comment ends here, comments do not nest" }];
  }

  /** Reports that something is missing behind the previous token. */
  missing(code: FrontEndCode, message: string, details: DiagnosticDetails = {}): void {
    const { before } = this.lexer;
    this.error(code, { start: before, end: before }, message, details);
  }

  /** Reports the current token, one that starts like a reference, and moves on. */
  badReference(): void {
    const { lexer } = this;
    const text = lexer.text();
    const help = /^&\{[^/]+\//.test(text)
      ? "dtc knows paths that start at a label since version 1.7"
      : text.startsWith("&{/")
      ? "names have no blanks, and `}` ends the path"
      : "a path starts with `/`";
    this.error("DTS0012", lexer.span(), "expected `&label` or `&{/path}`", { help });
    lexer.next();
  }

  /** Says that the parser knows again where it is. */
  settle(): void {
    this.#quiet = false;
  }

  /** Whether an error has been reported that nothing has settled yet. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Whether the current token stands on a later line than the previous one, or in another file. */
  onNewLine(): boolean {
    const { bytes, before, start } = this.lexer;
    if (before > start) return true;
    for (let at = before; at < start; at++) if (bytes[at] === 10 || bytes[at] === 0) return true;
    return false;
  }

  /** Whether what starts at the current token looks like a property or a node with its name. */
  atEntry(): boolean {
    const { bytes, start, kind } = this.lexer;
    if (kind === T.LABEL || kind === T.DELETE_NODE || kind === T.DELETE_PROPERTY) return true;
    const end = runEnd(bytes, start, NAME);
    if (end === start || kind === T.COMMA) return false;
    const next = bytes[skipSpaces(bytes, end)];
    if (next === T.SEMICOLON) return !isDigit(bytes[start]);
    return next === T.BRACE_OPEN || next === T.ASSIGN;
  }

  /** Whether the current token, a label, belongs to an entry of the next line. */
  labelsEntry(): boolean {
    const { bytes, end } = this.lexer;
    if (!this.onNewLine()) return false;
    let at = skipSpaces(bytes, end);
    for (let word = runEnd(bytes, at, WORD); bytes[word] === T.COLON;) {
      at = skipSpaces(bytes, word + 1);
      word = runEnd(bytes, at, WORD);
    }
    return (CLASSES[bytes[at]] & NAME) !== 0 && bytes[at] !== T.COMMA;
  }

  /** Whether the current token, a `}`, is followed by what follows the end of a node. */
  closesNode(): boolean {
    const { bytes, end } = this.lexer;
    const next = bytes[skipSpaces(bytes, end)];
    return next === T.SEMICOLON || next === T.BRACE_CLOSE || next === 0 || bytes[end] === 10;
  }

  /** Whether a statement of the top level seems to start at the current token. */
  atStatement(): boolean {
    const { bytes, start, end, kind } = this.lexer;
    if (kind === T.SLASH) return bytes[skipSpaces(bytes, end)] === T.BRACE_OPEN;
    if (kind !== T.LABEL_REF && kind !== T.PATH_REF) return false;
    return bytes[skipSpaces(bytes, end)] === T.BRACE_OPEN &&
      this.lexer.sources.lineAround(start).start === start;
  }

  /** Skips the rest of an entry: to behind its `;`, or to where something else begins. */
  skipEntry(): void {
    const { lexer } = this;
    let depth = 0;
    for (let first = true; lexer.kind !== T.END; first = false) {
      if (!first && this.atStatement()) return;
      if (depth === 0) {
        if (lexer.kind === T.BRACE_CLOSE) return this.settle();
        if (!first && this.onNewLine() && this.atEntry()) return this.resync();
      }
      if (lexer.kind === T.BRACE_OPEN) depth++;
      else if (lexer.kind === T.BRACE_CLOSE) depth--;
      const done = lexer.kind === T.SEMICOLON && depth === 0;
      lexer.next();
      if (done) return this.settle();
    }
  }

  /** Reads the current token as the start of an entry. */
  resync(): void {
    this.lexer.rescan(this.lexer.start, MODE.NAME);
    this.settle();
  }
}

function skipSpaces(bytes: Uint8Array, at: number): number {
  while (isSpace(bytes[at])) at++;
  return at;
}
