import { latin1 } from "../bytes.ts";
import type { Diagnostics } from "./diagnostic.ts";
import { HEX_DIGITS_MISSING, unescape } from "./escape.ts";
import type { Includes } from "./include.ts";
import type { SourceFile, SourceMap, Span } from "./source.ts";
import { CLASSES, HEX, KEYWORDS, LETTER, MODE, runEnd, SPACE, T, WORD } from "./token.ts";
import { DIGIT, hexDigit, isHex, NAME } from "./token.ts";

const INCLUDE = "/include/";
/** dtc stops at 200 files that are open at a time. */
const OPEN_FILES_MAX = 200;

/** Which dtc decides where versions differ: 1.6 stands for 1.6.1, 1.8 for 1.7 and later. */
export type Compat = "1.6" | "1.8";

/**
 * Splits source text into tokens, following `/include/` wherever it stands. What a run of characters
 * means depends on the tokens before it, as in dtc. What is no token of dtc becomes one of the `BAD_`
 * kinds; the parser says what it thinks of it.
 */
export class Lexer {
  /** Kind of the current token, one of {@linkcode T} or a character code. */
  kind: number = T.END;
  /** Position of the current token's first byte. */
  start: number;
  /** Position behind the current token. */
  end: number;
  /** Position behind the previous token, where something missing would have to stand. */
  before: number;
  /** Kind of the previous token. */
  previousKind: number = T.END;
  /** Position of the previous token. */
  previousStart = 0;
  /** The number that the current token is, if it is a plain one that fits in a cell; -1 if not. */
  cell = -1;
  /** Whether the current token, a string, has backslashes. */
  escaped = false;
  /** The last comment's place. */
  comment: Span = { start: 0, end: 0 };
  /** Whether a comment that does not end has hidden the rest of a file. */
  truncated = false;
  /** The text that positions point into. */
  bytes: Uint8Array;
  readonly sources: SourceMap;
  readonly diagnostics: Diagnostics;
  #file: SourceFile;
  #fileEnd: number;
  #mode: number = MODE.INITIAL;
  readonly #outer: { file: SourceFile; at: number }[] = [];

  constructor(file: SourceFile, readonly includes: Includes, readonly compat: Compat = "1.6") {
    this.sources = includes.sources;
    this.diagnostics = includes.diagnostics;
    this.bytes = this.sources.bytes;
    this.#file = file;
    this.#fileEnd = file.end;
    this.start = this.end = this.before = file.start;
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
    this.previousKind = this.kind;
    this.previousStart = this.start;
    return this.#read(this.end);
  }

  /** Reads from `at` on, a place in or behind the current token, in another mode. */
  rescan(at: number, mode: number): number {
    this.#mode = mode;
    return this.#read(at);
  }

  /** Reads from any place on where a name may stand, as if all before it had been read. */
  readFrom(position: number): number {
    this.#outer.length = 0;
    const file = this.sources.fileAt(position);
    for (let at = file; at.includedAt >= 0; at = this.sources.fileAt(at.includedAt)) {
      this.#outer.unshift({ file: this.sources.fileAt(at.includedAt), at: at.includedUntil });
    }
    this.#enter(file);
    return this.rescan(position, MODE.NAME);
  }

  #read(at: number): number {
    for (;;) {
      at = this.#skipBlanks(at);
      this.start = at;
      if (at >= this.#fileEnd) {
        const outer = this.#outer.pop();
        if (outer === undefined) return this.#token(T.END, at);
        this.#enter(outer.file);
        at = outer.at;
      } else if (this.bytes[at] === T.SLASH && this.#startsWith(at, INCLUDE)) {
        at = this.#include(at);
      } else {
        return this.#scan(at);
      }
    }
  }

  #enter(file: SourceFile): void {
    this.#file = file;
    this.#fileEnd = file.end;
    this.bytes = this.sources.bytes;
  }

  #token(kind: number, end: number): number {
    this.kind = kind;
    this.end = end;
    return kind;
  }

  /** Position of the next byte that is neither white space, comment nor line marker. */
  #skipBlanks(at: number): number {
    const { bytes } = this;
    for (;;) {
      let byte = bytes[at];
      while (byte === 0x20 || byte <= 13 && byte >= 9) byte = bytes[++at];
      if (byte !== T.SLASH && byte !== T.HASH) return at;
      const next = byte === T.SLASH ? this.#skipComment(at) : this.#skipLineMarker(at);
      if (next === at) return at;
      at = next;
    }
  }

  #skipComment(at: number): number {
    const end = commentEnd(this.bytes, at, this.#fileEnd);
    if (end === at) return at;
    this.comment = { start: at, end: Math.abs(end) };
    if (end > 0) return end;
    this.truncated = true;
    if (this.bytes[at + 1] === T.SLASH) {
      this.diagnostics.error("DTS0003", this.comment, "expected a line end after this comment", {
        help: "end the last line of the file with a line end",
      });
    } else {
      const span = { start: at, end: at + 2 };
      this.diagnostics.error("DTS0002", span, "expected `*/` to end this comment");
    }
    return -end;
  }

  /** `# 12 "file"` or `#line 12 "file"` at the start of a line, left by a preprocessor. */
  #skipLineMarker(at: number): number {
    const { bytes } = this;
    if (at > this.#file.start && bytes[at - 1] !== 10) return at;
    const marker = lineMarker(bytes, at, this.#fileEnd);
    if (marker === undefined) return at;
    const { name: span, line, end } = marker;
    const name = unescape(bytes, span.start, span.end, (bad) => {
      this.diagnostics.error("DTS0008", { start: bad, end: bad + 2 }, HEX_DIGITS_MISSING);
    });
    if (name.includes(0)) {
      const message = "the file name of a line marker cannot have a NUL in it";
      this.diagnostics.error("DTS0015", span, message);
    }
    this.sources.addLineMarker(end, line, new TextDecoder().decode(name));
    return end;
  }

  /** Enters the file that `/include/ "file"` at `at` names; returns where to read on. */
  #include(at: number): number {
    let quote = at + INCLUDE.length;
    while ((CLASSES[this.bytes[quote]] & SPACE) !== 0) quote++;
    const end = this.bytes[quote] === T.QUOTE ? this.#stringEnd(quote) : -1;
    const span = { start: at, end: end < 0 ? at + INCLUDE.length : end };
    if (end < 0) {
      const message = "expected a file name in quotes after `/include/`";
      this.diagnostics.error("DTS0004", span, message);
      return this.#wordsEnd(quote);
    }
    if (this.#outer.length + 2 > OPEN_FILES_MAX) {
      const message = `expected at most ${OPEN_FILES_MAX} files that include each other`;
      this.diagnostics.error("DTS0005", span, message);
      this.truncated = true;
      this.#outer.length = 0;
      return this.#fileEnd;
    }
    const file = this.#included(this.sources.text({ start: quote + 1, end: end - 1 }), span);
    if (file === undefined) return end;
    this.#outer.push({ file: this.#file, at: end });
    this.#enter(file);
    return file.start;
  }

  /** Position behind what stands where something in quotes should stand. */
  #wordsEnd(at: number): number {
    while (!WORD_ENDS.includes(this.bytes[at])) at++;
    return at;
  }

  /** The file that is included at a place; when the place is read again, the same one. */
  #included(name: string, span: Span): SourceFile | undefined {
    const known = this.sources.includedAt(span.start);
    if (known !== undefined) return known;
    const opened = this.includes.open(name, span);
    return opened &&
      this.sources.add(opened.path, opened.contents, {
        includedAt: span.start,
        includedUntil: span.end,
      });
  }

  #startsWith(at: number, word: string): boolean {
    const { bytes } = this;
    for (let index = 0; index < word.length; index++) {
      if (bytes[at + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  #scan(at: number): number {
    const { bytes } = this;
    const byte = bytes[at];
    const bits = CLASSES[byte];
    if (this.#mode === MODE.NAME) {
      if ((bits & NAME) !== 0 || byte === T.BACKSLASH) return this.#name(at);
    } else if (this.#mode === MODE.BYTES) {
      if ((bits & WORD) !== 0) return this.#byte(at);
    } else if ((bits & LETTER) !== 0) {
      const end = runEnd(bytes, at, WORD);
      return bytes[end] === T.COLON ? this.#token(T.LABEL, end + 1) : this.#token(T.WORD, end);
    } else if ((bits & DIGIT) !== 0 && this.#mode === MODE.VALUE) {
      return this.#number(at);
    }
    switch (byte) {
      case T.SLASH:
        return this.#keyword(at);
      case T.QUOTE:
        return this.#string(at);
      case T.APOSTROPHE:
        return this.#character(at);
      case T.AMPERSAND:
        return this.#reference(at);
    }
    return this.#punctuation(at, byte);
  }

  /** A name, or a label if a colon follows. A backslash in front forces a name. */
  #name(at: number): number {
    const { bytes } = this;
    let end = at;
    if ((CLASSES[bytes[at]] & LETTER) !== 0) {
      end = runEnd(bytes, at, WORD);
      if (bytes[end] === T.COLON) return this.#token(T.LABEL, end + 1);
    } else if (bytes[at] === T.BACKSLASH) {
      end++;
      if ((CLASSES[bytes[end]] & NAME) === 0) return this.#punctuation(at, T.BACKSLASH);
    }
    this.#mode = MODE.VALUE;
    return this.#token(T.NAME, runEnd(bytes, end, NAME));
  }

  /** Two hexadecimal digits, or a label, which wins as the longer match. */
  #byte(at: number): number {
    const { bytes } = this;
    if ((CLASSES[bytes[at]] & LETTER) !== 0) {
      const end = this.#wordEnd(at);
      if (bytes[end] === T.COLON) return this.#token(T.LABEL, end + 1);
    }
    if (isHex(bytes[at]) && isHex(bytes[at + 1])) return this.#token(T.BYTE, at + 2);
    return this.#token(T.BAD_BYTE, this.#wordEnd(at));
  }

  /** End of the word around `at`, remembered, so that long words of bytes are read once. */
  #wordEnd(at: number): number {
    const { start, end } = this.#word;
    if (at < start || at >= end) this.#word = { start: at, end: runEnd(this.bytes, at, WORD) };
    return this.#word.end;
  }
  #word = { start: 0, end: 0 };

  #number(at: number): number {
    const { bytes } = this;
    const hex = bytes[at] === 0x30 && (bytes[at + 1] | 0x20) === 0x78 && isHex(bytes[at + 2]);
    let end = hex ? this.#hexDigits(at + 2) : this.#digits(at);
    if ((CLASSES[bytes[end]] & WORD) === 0) return this.#token(T.LITERAL, end);
    this.cell = -1;
    if (bytes[end] === 0x55) end++;
    if (bytes[end] === 0x4c) end++;
    if (bytes[end] === 0x4c && bytes[end - 1] === 0x4c) end++;
    const word = runEnd(bytes, end, WORD);
    const label = bytes[word] === T.COLON && (CLASSES[bytes[end]] & LETTER) !== 0;
    return word === end || label ? this.#token(T.LITERAL, end) : this.#token(T.BAD_NUMBER, word);
  }

  #hexDigits(at: number): number {
    const { bytes } = this;
    let value = 0;
    let end = at;
    for (; (CLASSES[bytes[end]] & HEX) !== 0; end++) value = value * 16 + hexDigit(bytes[end]);
    this.cell = end - at > 8 ? -1 : value;
    return end;
  }

  #digits(at: number): number {
    const { bytes } = this;
    let value = 0;
    let end = at;
    for (; (CLASSES[bytes[end]] & DIGIT) !== 0; end++) value = value * 10 + bytes[end] - 0x30;
    const octal = bytes[at] === 0x30 && end - at > 1;
    this.cell = octal || end - at > 9 ? -1 : value;
    return end;
  }

  #keyword(at: number): number {
    const { bytes } = this;
    if ((CLASSES[bytes[at + 1]] & LETTER) === 0) return this.#token(T.SLASH, at + 1);
    const end = runEnd(bytes, at + 1, NAME);
    if (bytes[end] !== T.SLASH) return this.#token(T.SLASH, at + 1);
    const kind = KEYWORDS.get(latin1(bytes, at, end + 1));
    if (kind === undefined) return this.#token(T.BAD_KEYWORD, end + 1);
    if (kind === T.DELETE_NODE || kind === T.DELETE_PROPERTY || kind === T.OMIT_IF_NO_REF) {
      this.#mode = MODE.NAME;
    } else if (kind !== T.PLUGIN && kind !== T.INCBIN) this.#mode = MODE.VALUE;
    return this.#token(kind, end + 1);
  }

  #string(at: number): number {
    const end = this.#stringEnd(at);
    if (end >= 0) return this.#token(T.STRING, end);
    const line = this.bytes.indexOf(10, at);
    return this.#token(T.BAD_STRING, line < 0 || line > this.#fileEnd ? this.#fileEnd : line);
  }

  #character(at: number): number {
    const end = this.#charEnd(at);
    const tooLong = end - at > CHAR_MAX && this.bytes.subarray(at, end).includes(10);
    if (end >= 0 && !tooLong) return this.#token(T.CHAR, end);
    return this.#token(T.BAD_CHAR, this.#wordsEnd(at));
  }

  /** The position behind the closing quote, or -1. */
  #stringEnd(at: number): number {
    const { bytes } = this;
    const fileEnd = this.#fileEnd;
    this.escaped = false;
    for (at++; at < fileEnd; at++) {
      if (bytes[at] === T.QUOTE) return at + 1;
      if (bytes[at] !== T.BACKSLASH) continue;
      this.escaped = true;
      if (bytes[++at] === 10) return -1;
    }
    return -1;
  }

  /** The longest match counts, as in dtc: a quote behind a backslash ends only if none else does. */
  #charEnd(at: number): number {
    const { bytes } = this;
    let last = -1;
    for (let end = at + 1; end < this.#fileEnd; end++) {
      if (bytes[end] !== T.APOSTROPHE) continue;
      last = end + 1;
      if (end === at + 1 || bytes[end - 1] !== T.BACKSLASH) break;
    }
    return last;
  }

  #reference(at: number): number {
    const { bytes } = this;
    if ((CLASSES[bytes[at + 1]] & LETTER) !== 0) {
      return this.#token(T.LABEL_REF, runEnd(bytes, at + 1, WORD));
    }
    if (bytes[at + 1] !== T.BRACE_OPEN) return this.#punctuation(at, T.AMPERSAND);
    let end = at + 2;
    while (bytes[end] === T.SLASH || (CLASSES[bytes[end]] & NAME) !== 0) end++;
    const good = bytes[end] === T.BRACE_CLOSE &&
      (bytes[at + 2] === T.SLASH || this.compat !== "1.6");
    if (good) return this.#token(T.PATH_REF, end + 1);
    const rest = /^[\w /@,-]*\}/.exec(
      latin1(bytes, end, Math.min(this.#fileEnd, end + BAD_REF_MAX)),
    );
    return this.#token(T.BAD_REF, end + (rest?.[0].length ?? 0));
  }

  /** A NUL ends everything, as in dtc. */
  #endAtNul(at: number): number {
    if (this.kind !== T.END || this.start !== at) {
      const message = "what follows this NUL byte is left out";
      this.diagnostics.warning("DTS0014", { start: at, end: at + 1 }, message);
    }
    return this.#token(T.END, at);
  }

  #punctuation(at: number, byte: number): number {
    const next = this.bytes[at + 1];
    if (byte === 0) return this.#endAtNul(at);
    if (byte >= 0x80) {
      let end = at + 1;
      while ((this.bytes[end] & 0xc0) === 0x80) end++;
      return this.#token(byte, end);
    }
    if (next === T.ASSIGN || next === byte) {
      const double = doubleOperator(byte, next);
      if (double !== 0) return this.#token(double, at + 2);
    }
    if (byte === T.BRACKET_OPEN) this.#mode = MODE.BYTES;
    else if (byte === T.BRACE_OPEN || byte === T.SEMICOLON) this.#mode = MODE.NAME;
    else if (byte === T.BRACKET_CLOSE && this.#mode === MODE.BYTES) this.#mode = MODE.VALUE;
    return this.#token(byte, at + 1);
  }
}

/** A literal with a line end in it that is longer has lost its quote. */
const CHAR_MAX = 4;

/** So far behind a bad character the end of a reference is looked for. */
const BAD_REF_MAX = 100;

/** What ends words that are no tokens: NUL, white space, `;`, `>`, `}` and `,`. */
const WORD_ENDS: readonly number[] = [0, 9, 10, 11, 12, 13, 0x20, 0x3b, 0x3e, 0x7d, 0x2c];

/** The operator of two characters, or 0. */
function doubleOperator(first: number, second: number): number {
  if (second === T.ASSIGN) {
    if (first === T.ANGLE_OPEN) return T.LESS_EQUAL;
    if (first === T.ANGLE_CLOSE) return T.GREATER_EQUAL;
    if (first === T.ASSIGN) return T.EQUAL;
    return first === 0x21 ? T.NOT_EQUAL : 0;
  }
  if (first === T.ANGLE_OPEN) return T.SHIFT_LEFT;
  if (first === T.ANGLE_CLOSE) return T.SHIFT_RIGHT;
  if (first === T.AMPERSAND) return T.AND;
  return first === 0x7c ? T.OR : 0;
}

/** Position behind a comment that starts at `at`, `at` if none does, negative if it does not end. */
export function commentEnd(bytes: Uint8Array, at: number, fileEnd: number): number {
  if (bytes[at + 1] === T.SLASH) {
    const end = bytes.indexOf(10, at);
    return end >= 0 && end < fileEnd ? end + 1 : -fileEnd;
  }
  if (bytes[at + 1] !== 0x2a) return at;
  for (let end = at + 3; end < fileEnd; end++) {
    if (bytes[end] === T.SLASH && bytes[end - 1] === 0x2a) return end + 1;
  }
  return -fileEnd;
}

/** Longer lines are no line markers. */
const LINE_MARKER_MAX = 4096;

/** Reads a line marker at the start of a line. */
export function lineMarker(
  bytes: Uint8Array,
  at: number,
  fileEnd: number,
): { end: number; line: number; name: Span } | undefined {
  if (!/^#(line)?[ \t]/.test(latin1(bytes, at, at + 6))) return undefined;
  const text = latin1(bytes, at, Math.min(fileEnd, at + LINE_MARKER_MAX));
  const match = /^#(?:line)?[ \t]+(\d+)[ \t]+"((?:[^\\"]|\\.)*)"(?:[ \t]+\d+)*/.exec(text);
  if (match === null) return undefined;
  const [marker, line, name] = match;
  const start = at + marker.indexOf('"') + 1;
  const end = at + marker.length;
  return { end, line: Number(line), name: { start, end: start + name.length } };
}
