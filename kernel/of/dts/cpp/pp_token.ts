import { CLASSES, DIGIT, LETTER, T, WORD } from "../token.ts";

/** What a preprocessing token is. C11, 6.4 */
export const PP = {
  /** The end of a file, a directive or an argument. */
  EOF: 0,
  NAME: 1,
  NUMBER: 2,
  STRING: 3,
  CHAR: 4,
  PUNCTUATOR: 5,
  /** Any other character, or a quote without its partner up to the end of the line. */
  OTHER: 6,
  /** No text: something that keeps its neighbours from growing together. */
  PADDING: 7,
  /** A parameter in the body of a macro. */
  PARAMETER: 8,
  /** `__VA_OPT__(` in the body of a macro, and the parenthesis that ends it. */
  VA_OPT: 9,
  VA_OPT_END: 10,
} as const;

/** Bits of {@linkcode PpToken.flags}. */
export const WHITE = 1;
/** First in its line. */
export const LINE_START = 2;
/** A name that is never expanded again, since that would not end. */
export const NO_EXPAND = 4;
/** Is to be glued to the next token. */
export const PASTE = 8;
/** A parameter with `#` before it. */
export const STRINGIFY = 16;

/** A preprocessing token. */
export interface PpToken {
  kind: number;
  /** One character for each byte. */
  text: string;
  flags: number;
  /** Position of the first byte where it is written. */
  start: number;
  /** Index of the expansion that it comes out of, -1 if it stands in the text. */
  expansion: number;
  /** Which parameter. */
  parameter: number;
  /** For padding: the token whose white space counts. */
  source: PpToken | undefined;
}

/** Makes a token. */
export function ppToken(
  kind: number,
  text: string,
  flags: number,
  start: number,
  expansion = -1,
): PpToken {
  return { kind, text, flags, start, expansion, parameter: -1, source: undefined };
}

/** Padding that stands for the white space of `source`, or for none. */
export function padding(source: PpToken | undefined): PpToken {
  const { start = 0, expansion = -1 } = source ?? {};
  return { kind: PP.PADDING, text: "", flags: 0, start, expansion, parameter: -1, source };
}

/** Punctuators longer than one character, the longest first. GCC: operators of assembler source */
const PUNCTUATORS: readonly string[] = [
  "...",
  "<<=",
  ">>=",
  "->",
  "++",
  "--",
  "<<",
  ">>",
  "<=",
  ">=",
  "==",
  "!=",
  "&&",
  "||",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "&=",
  "|=",
  "^=",
  "##",
  "::",
];

const SINGLE = "[](){}.&*+-~!/%<>^|?:;=,#";

/** Kind and end of the token at `at`, which is neither white space nor a comment. */
export function lexPpToken(
  bytes: Uint8Array,
  at: number,
  end: number,
): { kind: number; end: number } {
  const byte = bytes[at];
  const bits = CLASSES[byte];
  if ((bits & LETTER) !== 0) return { kind: PP.NAME, end: wordEnd(bytes, at) };
  if ((bits & DIGIT) !== 0 || (byte === DOT && (CLASSES[bytes[at + 1]] & DIGIT) !== 0)) {
    return { kind: PP.NUMBER, end: ppNumberEnd(bytes, at) };
  }
  if (byte === T.QUOTE || byte === T.APOSTROPHE) {
    const { closed, end: quoteEnd } = quotedEnd(bytes, at, end);
    const kind = byte === T.QUOTE ? PP.STRING : PP.CHAR;
    return { kind: closed ? kind : PP.OTHER, end: quoteEnd };
  }
  for (const text of PUNCTUATORS) {
    if (startsWith(bytes, at, text)) return { kind: PP.PUNCTUATOR, end: at + text.length };
  }
  const single = SINGLE.includes(String.fromCharCode(byte));
  return { kind: single ? PP.PUNCTUATOR : PP.OTHER, end: characterEnd(bytes, at) };
}

function characterEnd(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  if (bytes[at] >= 0x80) { while ((bytes[end] & 0xc0) === 0x80) end++; }
  return end;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

const DOT = 0x2e;

function wordEnd(bytes: Uint8Array, at: number): number {
  while ((CLASSES[bytes[at]] & WORD) !== 0) at++;
  return at;
}

/** A number for the preprocessor goes on over letters, dots, and signs behind an exponent's letter. */
export function ppNumberEnd(bytes: Uint8Array, at: number): number {
  for (;;) {
    const byte = bytes[at];
    if ((CLASSES[byte] & WORD) !== 0 || byte === DOT) at++;
    else if ((byte === 0x2b || byte === 0x2d) && isExponent(bytes[at - 1])) at++;
    else return at;
  }
}

/** `e` and `p`, small or big. */
function isExponent(byte: number): boolean {
  return (byte | 0x20) === 0x65 || (byte | 0x20) === 0x70;
}

/** Position behind the closing quote, or the end of the line if it has none. */
export function quotedEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
): { closed: boolean; end: number } {
  const quote = bytes[at];
  for (at++; at < end && bytes[at] !== 10; at++) {
    if (bytes[at] === quote) return { closed: true, end: at + 1 };
    if (bytes[at] === T.BACKSLASH && bytes[at + 1] !== 10) at++;
  }
  return { closed: false, end: Math.min(at, end) };
}

/** Tokens that become another one when an equals sign follows. */
const BEFORE_EQUALS = ["=", "!", ">", "<", "+", "-", "*", "/", "%", "&", "|", "^", ">>", "<<"];

/** First characters that must not follow a punctuator directly. */
const KEEP_APART: Readonly<Record<string, string>> = {
  ">": ">",
  "<": "<%:",
  "+": "+",
  "-": "->",
  "/": "/*",
  "%": ":%",
  "&": "&",
  "|": "|",
  ":": ":>",
  "->": "*",
  ".": ".%",
  "#": "#%",
};

/** Whether two tokens would be read as others if nothing stood between them. GCC: cpp_avoid_paste() */
export function growTogether(first: PpToken, second: PpToken): boolean {
  const { kind } = second;
  const next = kind === PP.PUNCTUATOR ? second.text[0] : "";
  switch (first.kind) {
    case PP.PUNCTUATOR:
      if (next === "=" && BEFORE_EQUALS.includes(first.text)) return true;
      if (first.text === "." && kind === PP.NUMBER) return true;
      return next !== "" && (KEEP_APART[first.text] ?? "").includes(next);
    case PP.NAME:
      return kind === PP.NAME || kind === PP.STRING || kind === PP.CHAR ||
        (kind === PP.NUMBER && /^\w+$/.test(second.text));
    case PP.NUMBER:
      return kind === PP.NUMBER || kind === PP.NAME || kind === PP.CHAR ||
        (next !== "" && ".+-".includes(next));
    case PP.OTHER:
      return first.text[0] === "\\" && kind === PP.NAME;
  }
  return false;
}
