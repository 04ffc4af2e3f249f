/** What a token is. Single characters are their own character code. */
export const T = {
  END: 0,
  V1: 256,
  PLUGIN: 257,
  MEMRESERVE: 258,
  BITS: 259,
  DELETE_PROPERTY: 260,
  DELETE_NODE: 261,
  OMIT_IF_NO_REF: 262,
  INCBIN: 263,
  LABEL: 264,
  LITERAL: 265,
  CHAR: 266,
  STRING: 267,
  LABEL_REF: 268,
  PATH_REF: 269,
  BYTE: 270,
  NAME: 271,
  SHIFT_LEFT: 272,
  SHIFT_RIGHT: 273,
  LESS_EQUAL: 274,
  GREATER_EQUAL: 275,
  EQUAL: 276,
  NOT_EQUAL: 277,
  AND: 278,
  OR: 279,
  /** A word where only numbers may stand. */
  WORD: 280,
  /** A number with something behind it: `0x1g`. */
  BAD_NUMBER: 281,
  /** A string without closing quote, up to the end of its line. */
  BAD_STRING: 282,
  /** A character literal without closing quote, up to the end of its line. */
  BAD_CHAR: 283,
  /** `&{` without the rest of a reference, or `&` without a name. */
  BAD_REF: 284,
  /** A word between slashes that is none of dtc's. */
  BAD_KEYWORD: 285,
  /** Hexadecimal digits that are no pair, or another word between `[` and `]`. */
  BAD_BYTE: 286,
  BRACE_OPEN: 0x7b,
  BRACE_CLOSE: 0x7d,
  BRACKET_OPEN: 0x5b,
  BRACKET_CLOSE: 0x5d,
  PAREN_OPEN: 0x28,
  PAREN_CLOSE: 0x29,
  ANGLE_OPEN: 0x3c,
  ANGLE_CLOSE: 0x3e,
  SEMICOLON: 0x3b,
  COMMA: 0x2c,
  ASSIGN: 0x3d,
  SLASH: 0x2f,
  QUESTION: 0x3f,
  COLON: 0x3a,
  HASH: 0x23,
  QUOTE: 0x22,
  APOSTROPHE: 0x27,
  AMPERSAND: 0x26,
  BACKSLASH: 0x5c,
} as const;

/** Words between slashes. */
export const KEYWORDS: ReadonlyMap<string, number> = new Map<string, number>([
  ["/dts-v1/", T.V1],
  ["/plugin/", T.PLUGIN],
  ["/memreserve/", T.MEMRESERVE],
  ["/bits/", T.BITS],
  ["/delete-property/", T.DELETE_PROPERTY],
  ["/delete-node/", T.DELETE_NODE],
  ["/omit-if-no-ref/", T.OMIT_IF_NO_REF],
  ["/incbin/", T.INCBIN],
]);

/** What the lexer takes a run of characters for. */
export const MODE = {
  /** Before `/dts-v1/`: no numbers. */
  INITIAL: 0,
  /** Inside values: numbers. */
  VALUE: 1,
  /** Where a name may stand: after `{` and `;` and some keywords. */
  NAME: 2,
  /** Inside `[ ]`: pairs of hexadecimal digits. */
  BYTES: 3,
} as const;

/** Bits of {@linkcode CLASSES}. */
export const DIGIT = 1;
export const HEX = 2;
/** What a label may start with. */
export const LETTER = 4;
/** What a name of a node or property may contain. */
export const NAME = 8;
export const SPACE = 16;
/** What a label may contain. */
export const WORD = LETTER | DIGIT;

/** What each byte may be part of. */
export const CLASSES: Uint8Array = /* @__PURE__ */ classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (characters: string, bits: number) => {
    for (const character of characters) classes[character.charCodeAt(0)] |= bits;
  };
  mark("0123456789", DIGIT | HEX | NAME);
  mark("abcdefABCDEF", HEX);
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", LETTER | NAME);
  mark(",.+*#?@-", NAME);
  mark(" \t\n\v\f\r", SPACE);
  return classes;
}

/** Position behind the bytes from `at` on that are of a class. */
export function runEnd(bytes: Uint8Array, at: number, bits: number): number {
  while ((CLASSES[bytes[at]] & bits) !== 0) at++;
  return at;
}

/** Whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return (CLASSES[byte] & DIGIT) !== 0;
}

/** Whether a byte is a hexadecimal digit. */
export function isHex(byte: number): boolean {
  return (CLASSES[byte] & HEX) !== 0;
}

/** Whether a byte is white space. */
export function isSpace(byte: number): boolean {
  return (CLASSES[byte] & SPACE) !== 0;
}

/** The value of a hexadecimal digit. */
export function hexDigit(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}
