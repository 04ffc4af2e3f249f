import { latin1 } from "../bytes.ts";
import type { Diagnostics } from "./diagnostic.ts";
import { SourceFile, type Span } from "./source.ts";
import { isDigit, isHex, isLabelPart, isLabelStart, isNamePart, isSpace } from "./token.ts";
import { KEYWORDS, MODE, OPERATORS, T } from "./token.ts";

/** How the parser's caller provides other files: their contents, or `undefined` if there is none. */
export type ReadFile = (path: string) => string | Uint8Array | undefined;

const INCLUDE = "/include/";
const INCLUDE_DEPTH_MAX = 200;

/**
 * Splits source text into tokens, following `/include/` wherever it stands. What a run of characters
 * means depends on the tokens before it, as in dtc.
 */
export class Lexer {
  /** Kind of the current token, one of {@linkcode T} or a character code. */
  kind: number = T.END;
  /** File of the current token. */
  file: SourceFile;
  /** First byte of the current token. */
  start = 0;
  /** The byte behind the current token. */
  end = 0;
  /** The place behind the previous token, where something missing would have to stand. */
  before: Span;
  #mode: number = MODE.INITIAL;
  #at = 0;
  readonly #outer: { file: SourceFile; at: number }[] = [];

  constructor(
    file: SourceFile,
    readonly diagnostics: Diagnostics,
    readonly readFile: ReadFile | undefined,
  ) {
    this.file = file;
    this.before = { file, start: 0, end: 0 };
  }

  /** The current token's place. */
  span(): Span {
    return { file: this.file, start: this.start, end: this.end };
  }

  /** The current token's text, or a part of it. */
  text(from = 0, to = 0): string {
    return latin1(this.file.bytes, this.start + from, this.end - to);
  }

  /** Moves on to the next token and returns its kind. */
  next(): number {
    this.before = { file: this.file, start: this.end, end: this.end };
    for (;;) {
      const at = this.#skipBlanks();
      this.start = at;
      if (at >= this.file.length) {
        if (!this.#leaveFile()) return this.#token(T.END, at);
      } else if (this.file.bytes[at] !== 0x2f || !this.#include(at)) {
        return this.#scan(at);
      }
    }
  }

  #token(kind: number, end: number): number {
    this.kind = kind;
    this.end = end;
    this.#at = end;
    return kind;
  }

  /** Offset of the next byte that is neither white space, comment nor line marker. */
  #skipBlanks(): number {
    const { bytes } = this.file;
    let at = this.#at;
    for (;;) {
      while (isSpace(bytes[at])) at++;
      const next = bytes[at] === 0x2f ? this.#skipComment(at) : this.#skipLineMarker(at);
      if (next === at) return at;
      at = next;
    }
  }

  #skipComment(at: number): number {
    const { bytes } = this.file;
    if (bytes[at + 1] === 0x2f) {
      const end = bytes.indexOf(10, at);
      if (end >= 0) return end + 1;
      this.#reportBlank(at, this.file.length, "comment on the last line has no line end");
      return this.file.length;
    }
    if (bytes[at + 1] !== 0x2a) return at;
    for (let end = bytes.indexOf(0x2f, at + 3); end >= 0; end = bytes.indexOf(0x2f, end + 1)) {
      if (bytes[end - 1] === 0x2a) return end + 1;
    }
    this.#reportBlank(at, at + 2, "comment is not closed");
    return this.file.length;
  }

  #reportBlank(start: number, end: number, message: string): void {
    this.diagnostics.report({ file: this.file, start, end }, message);
  }

  /** `# 12 "file"` or `#line 12 "file"` at the start of a line, left by a preprocessor. */
  #skipLineMarker(at: number): number {
    const { bytes } = this.file;
    if (bytes[at] !== 0x23 || (at > 0 && bytes[at - 1] !== 10)) return at;
    const line = bytes.indexOf(10, at);
    const text = latin1(bytes, at, line < 0 ? this.file.length : line);
    const marker = /^#(line)?[ \t]+\d+[ \t]+(?=")/.exec(text);
    const end = marker === null ? -1 : this.#stringEnd(at + marker[0].length);
    if (end < 0) return at;
    const flag = /^[ \t]+\d+/.exec(latin1(bytes, end, Math.min(end + 32, this.file.length)));
    return end + (flag?.[0].length ?? 0);
  }

  /** Enters the file that `/include/ "file"` at `at` names. False if there is none. */
  #include(at: number): boolean {
    if (!this.#startsWith(at, INCLUDE)) return false;
    const { bytes } = this.file;
    let quote = at + INCLUDE.length;
    while (isSpace(bytes[quote])) quote++;
    const end = bytes[quote] === 0x22 ? this.#stringEnd(quote) : -1;
    const span = { file: this.file, start: at, end: end < 0 ? at + INCLUDE.length : end };
    if (end < 0) this.diagnostics.fatal(span, "expected a file name in quotes after /include/");
    const name = new TextDecoder().decode(bytes.subarray(quote + 1, end - 1));
    if (this.#outer.length >= INCLUDE_DEPTH_MAX) {
      this.diagnostics.fatal(span, `files are included deeper than ${INCLUDE_DEPTH_MAX} levels`);
    }
    const path = besides(this.file.name, name);
    this.#outer.push({ file: this.file, at: end });
    this.file = new SourceFile(path, this.read(path, span), span);
    this.#at = 0;
    return true;
  }

  /** The contents of a file; a diagnostic at `span` if it cannot be read. */
  read(path: string, span: Span): string | Uint8Array {
    let problem = "no such file";
    try {
      const contents = this.readFile?.(path);
      if (contents !== undefined) return contents;
      if (this.readFile === undefined) problem = "this input cannot include files";
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    this.diagnostics.fatal(span, `cannot read ${path}: ${problem}`);
  }

  #leaveFile(): boolean {
    const outer = this.#outer.pop();
    if (outer === undefined) return false;
    this.file = outer.file;
    this.#at = outer.at;
    return true;
  }

  #startsWith(at: number, word: string): boolean {
    const { bytes } = this.file;
    for (let index = 0; index < word.length; index++) {
      if (bytes[at + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  #scan(at: number): number {
    const byte = this.file.bytes[at];
    if (isLabelStart(byte)) {
      const end = this.#runEnd(at, isLabelPart);
      if (this.file.bytes[end] === COLON) return this.#token(T.LABEL, end + 1);
    }
    if (this.#mode === MODE.NAME) {
      const nameStart = byte === BACKSLASH ? at + 1 : at;
      const end = this.#runEnd(nameStart, isNamePart);
      if (end > nameStart) return this.#token(this.#enter(T.NAME, MODE.VALUE), end);
    }
    if (this.#mode === MODE.VALUE && isDigit(byte)) return this.#number(at);
    if (this.#mode === MODE.BYTES && isHex(byte) && isHex(this.file.bytes[at + 1])) {
      return this.#token(T.BYTE, at + 2);
    }
    if (byte === SLASH) return this.#keyword(at);
    if (byte === QUOTE) return this.#delimited(T.STRING, at, this.#stringEnd(at));
    if (byte === APOSTROPHE) return this.#delimited(T.CHAR, at, this.#charEnd(at));
    if (byte === AMPERSAND) return this.#reference(at);
    return this.#punctuation(at);
  }

  #enter(kind: number, mode: number): number {
    this.#mode = mode;
    return kind;
  }

  #runEnd(at: number, belongs: (byte: number) => boolean): number {
    const { bytes } = this.file;
    while (belongs(bytes[at])) at++;
    return at;
  }

  #number(at: number): number {
    const { bytes } = this.file;
    const hex = bytes[at] === 0x30 && (bytes[at + 1] | 0x20) === 0x78 && isHex(bytes[at + 2]);
    let end = hex ? this.#runEnd(at + 2, isHex) : this.#runEnd(at, isDigit);
    if (bytes[end] === 0x55) end++;
    if (bytes[end] === 0x4c) end++;
    if (bytes[end] === 0x4c && bytes[end - 1] === 0x4c) end++;
    return this.#token(T.LITERAL, end);
  }

  #keyword(at: number): number {
    for (const [word, kind] of KEYWORDS) {
      if (!this.#startsWith(at, word)) continue;
      const names = kind === T.DELETE_NODE || kind === T.DELETE_PROPERTY ||
        kind === T.OMIT_IF_NO_REF;
      if (names) this.#mode = MODE.NAME;
      else if (kind !== T.PLUGIN && kind !== T.INCBIN) this.#mode = MODE.VALUE;
      return this.#token(kind, at + word.length);
    }
    return this.#punctuation(at);
  }

  #delimited(kind: number, at: number, end: number): number {
    if (end >= 0) return this.#token(kind, end);
    const what = kind === T.STRING ? "string" : "character literal";
    this.diagnostics.fatal({ file: this.file, start: at, end: at + 1 }, `${what} is not closed`);
  }

  /** The offset behind the closing quote, or -1. */
  #stringEnd(at: number): number {
    const { bytes, length } = this.file;
    for (at++; at < length; at++) {
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] === BACKSLASH && bytes[++at] === 10) return -1;
    }
    return -1;
  }

  /** The longest match counts, as in dtc: a quote behind a backslash ends only if none else does. */
  #charEnd(at: number): number {
    const { bytes } = this.file;
    let last = -1;
    for (let end = bytes.indexOf(0x27, at + 1); end >= 0; end = bytes.indexOf(0x27, end + 1)) {
      last = end + 1;
      if (end === at + 1 || bytes[end - 1] !== BACKSLASH) break;
    }
    return last;
  }

  #reference(at: number): number {
    const { bytes } = this.file;
    if (isLabelStart(bytes[at + 1])) {
      return this.#token(T.LABEL_REF, this.#runEnd(at + 1, isLabelPart));
    }
    if (bytes[at + 1] === T.BRACE_OPEN && bytes[at + 2] === SLASH) {
      const end = this.#runEnd(at + 2, (byte) => byte === SLASH || isNamePart(byte));
      if (bytes[end] === T.BRACE_CLOSE) return this.#token(T.PATH_REF, end + 1);
    }
    return this.#punctuation(at);
  }

  #punctuation(at: number): number {
    const { bytes } = this.file;
    const byte = bytes[at];
    if (OPERATOR_ENDS.includes(bytes[at + 1])) {
      const double = OPERATORS.get(String.fromCharCode(byte, bytes[at + 1]));
      if (double !== undefined) return this.#token(double, at + 2);
    }
    if (byte === T.BRACKET_OPEN) this.#mode = MODE.BYTES;
    else if (byte === T.BRACE_OPEN || byte === T.SEMICOLON) this.#mode = MODE.NAME;
    else if (byte === T.BRACKET_CLOSE && this.#mode === MODE.BYTES) this.#mode = MODE.VALUE;
    return this.#token(byte, at + 1);
  }
}

/** Second characters of two-character operators: `<`, `>`, `=`, `&`, `|`. */
const OPERATOR_ENDS: readonly number[] = [0x3c, 0x3e, 0x3d, 0x26, 0x7c];
const SLASH = 0x2f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** A path as a file in the same folder as `file` would mean it. */
export function besides(file: string, path: string): string {
  const folder = file.lastIndexOf("/") + 1;
  return path.startsWith("/") ? path : file.slice(0, folder) + path;
}
