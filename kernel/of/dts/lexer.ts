import { latin1 } from "../bytes.ts";
import type { Diagnostics } from "./diagnostic.ts";
import type { SourceFile, SourceMap, Span } from "./source.ts";
import { unescape } from "./escape.ts";
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
  /** Position of the current token's first byte. */
  start = 0;
  /** Position behind the current token. */
  end = 0;
  /** Position behind the previous token, where something missing would have to stand. */
  before = 0;
  /** The text that positions point into. */
  bytes: Uint8Array;
  /** The file that is being read. */
  file: SourceFile;
  #mode: number = MODE.INITIAL;
  #at = 0;
  readonly #outer: { file: SourceFile; at: number }[] = [];

  constructor(
    readonly sources: SourceMap,
    file: SourceFile,
    readonly diagnostics: Diagnostics,
    readonly readFile: ReadFile | undefined,
  ) {
    this.bytes = sources.bytes;
    this.file = file;
    this.#at = file.start;
    this.end = file.start;
  }

  /** The current token's place. */
  span(): Span {
    return { start: this.start, end: this.end };
  }

  /** The current token's text, or a part of it. */
  text(from = 0, to = 0): string {
    return latin1(this.bytes, this.start + from, this.end - to);
  }

  /** Moves on to the next token and returns its kind. */
  next(): number {
    this.before = this.end;
    for (;;) {
      const at = this.#skipBlanks();
      this.start = at;
      if (at >= this.file.end) {
        if (!this.#leaveFile()) return this.#token(T.END, at);
      } else if (this.bytes[at] !== 0x2f || !this.#include(at)) {
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
    const { bytes } = this;
    let at = this.#at;
    for (;;) {
      while (isSpace(bytes[at])) at++;
      const next = bytes[at] === 0x2f ? this.#skipComment(at) : this.#skipLineMarker(at);
      if (next === at) return at;
      at = next;
    }
  }

  #skipComment(at: number): number {
    const { bytes } = this;
    if (bytes[at + 1] === 0x2f) {
      const end = bytes.indexOf(10, at);
      if (end >= 0 && end < this.file.end) return end + 1;
      this.#reportBlank(at, this.file.end, "comment on the last line has no line end");
      return this.file.end;
    }
    if (bytes[at + 1] !== 0x2a) return at;
    for (let end = at + 3; end < this.file.end; end++) {
      if (bytes[end] === 0x2f && bytes[end - 1] === 0x2a) return end + 1;
    }
    this.#reportBlank(at, at + 2, "comment is not closed");
    return this.file.end;
  }

  #reportBlank(start: number, end: number, message: string): void {
    this.diagnostics.error("DTS0001", { start, end }, message);
  }

  /** `# 12 "file"` or `#line 12 "file"` at the start of a line, left by a preprocessor. */
  #skipLineMarker(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== 0x23 || (at > this.file.start && bytes[at - 1] !== 10)) return at;
    const line = bytes.indexOf(10, at);
    const text = latin1(bytes, at, line < 0 ? this.file.end : line);
    const marker = /^#(?:line)?[ \t]+(\d+)[ \t]+(?=")/.exec(text);
    if (marker === null) return at;
    const quote = at + marker[0].length;
    const end = this.#stringEnd(quote);
    if (end < 0) return at;
    const flags = /^(?:[ \t]+\d+)*/.exec(text.slice(end - at))![0];
    const name = unescape(bytes, quote + 1, end - 1) ?? new Uint8Array(0);
    this.sources.addLineMarker(end, Number(marker[1]), new TextDecoder().decode(name));
    return end + flags.length;
  }

  /** Enters the file that `/include/ "file"` at `at` names. False if there is none. */
  #include(at: number): boolean {
    if (!this.#startsWith(at, INCLUDE)) return false;
    const { bytes } = this;
    let quote = at + INCLUDE.length;
    while (isSpace(bytes[quote])) quote++;
    const end = bytes[quote] === 0x22 ? this.#stringEnd(quote) : -1;
    const span = { start: at, end: end < 0 ? at + INCLUDE.length : end };
    if (end < 0) {
      this.diagnostics.fatal("DTS0002", span, "expected a file name in quotes after /include/");
    }
    const name = new TextDecoder().decode(bytes.subarray(quote + 1, end - 1));
    if (this.#outer.length >= INCLUDE_DEPTH_MAX) {
      this.diagnostics.fatal(
        "DTS0003",
        span,
        `files are included deeper than ${INCLUDE_DEPTH_MAX} levels`,
      );
    }
    const path = besides(this.file.name, name);
    this.#outer.push({ file: this.file, at: end });
    this.file = this.sources.add(path, this.read(path, span), at);
    this.bytes = this.sources.bytes;
    this.#at = this.file.start;
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
    this.diagnostics.fatal("DTS0004", span, `cannot read ${path}: ${problem}`);
  }

  #leaveFile(): boolean {
    const outer = this.#outer.pop();
    if (outer === undefined) return false;
    this.file = outer.file;
    this.#at = outer.at;
    return true;
  }

  #startsWith(at: number, word: string): boolean {
    const { bytes } = this;
    for (let index = 0; index < word.length; index++) {
      if (bytes[at + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  #scan(at: number): number {
    const byte = this.bytes[at];
    if (isLabelStart(byte)) {
      const end = this.#runEnd(at, isLabelPart);
      if (this.bytes[end] === COLON) return this.#token(T.LABEL, end + 1);
    }
    if (this.#mode === MODE.NAME) {
      const nameStart = byte === BACKSLASH ? at + 1 : at;
      const end = this.#runEnd(nameStart, isNamePart);
      if (end > nameStart) return this.#token(this.#enter(T.NAME, MODE.VALUE), end);
    }
    if (this.#mode === MODE.VALUE && isDigit(byte)) return this.#number(at);
    if (this.#mode === MODE.BYTES && isHex(byte) && isHex(this.bytes[at + 1])) {
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
    const { bytes } = this;
    while (belongs(bytes[at])) at++;
    return at;
  }

  #number(at: number): number {
    const { bytes } = this;
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
    this.diagnostics.fatal("DTS0005", { start: at, end: at + 1 }, `${what} is not closed`);
  }

  /** The offset behind the closing quote, or -1. */
  #stringEnd(at: number): number {
    const { bytes, file: { end } } = this;
    for (at++; at < end; at++) {
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] === BACKSLASH && bytes[++at] === 10) return -1;
    }
    return -1;
  }

  /** The longest match counts, as in dtc: a quote behind a backslash ends only if none else does. */
  #charEnd(at: number): number {
    const { bytes } = this;
    let last = -1;
    for (let end = at + 1; end < this.file.end; end++) {
      if (bytes[end] !== APOSTROPHE) continue;
      last = end + 1;
      if (end === at + 1 || bytes[end - 1] !== BACKSLASH) break;
    }
    return last;
  }

  #reference(at: number): number {
    const { bytes } = this;
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
    const { bytes } = this;
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
