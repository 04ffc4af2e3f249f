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
};

/** Words between slashes. */
export const KEYWORDS: readonly (readonly [string, number])[] = [
  ["/dts-v1/", T.V1],
  ["/plugin/", T.PLUGIN],
  ["/memreserve/", T.MEMRESERVE],
  ["/bits/", T.BITS],
  ["/delete-property/", T.DELETE_PROPERTY],
  ["/delete-node/", T.DELETE_NODE],
  ["/omit-if-no-ref/", T.OMIT_IF_NO_REF],
  ["/incbin/", T.INCBIN],
];

/** Operators of two characters. */
export const OPERATORS: ReadonlyMap<string, number> = new Map([
  ["<<", T.SHIFT_LEFT],
  [">>", T.SHIFT_RIGHT],
  ["<=", T.LESS_EQUAL],
  [">=", T.GREATER_EQUAL],
  ["==", T.EQUAL],
  ["!=", T.NOT_EQUAL],
  ["&&", T.AND],
  ["||", T.OR],
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

const DIGIT = 1;
const HEX = 2;
const LETTER = 4;
const NAME = 8;
const SPACE = 16;

const CLASSES = /* @__PURE__ */ classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (characters: string, bits: number) => {
    for (const character of characters) classes[character.charCodeAt(0)] |= bits;
  };
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  mark("0123456789", DIGIT | HEX | NAME);
  mark("abcdefABCDEF", HEX);
  mark(letters, LETTER | NAME);
  mark("_", LETTER | NAME);
  mark(",.+*#?@-", NAME);
  mark(" \t\n\v\f\r", SPACE);
  return classes;
}

/** Whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return (CLASSES[byte] & DIGIT) !== 0;
}

/** Whether a byte is a hexadecimal digit. */
export function isHex(byte: number): boolean {
  return (CLASSES[byte] & HEX) !== 0;
}

/** Whether a label may start with a byte. */
export function isLabelStart(byte: number): boolean {
  return (CLASSES[byte] & LETTER) !== 0;
}

/** Whether a label may contain a byte. */
export function isLabelPart(byte: number): boolean {
  return (CLASSES[byte] & (LETTER | DIGIT)) !== 0;
}

/** Whether a name of a node or property may contain a byte. */
export function isNamePart(byte: number): boolean {
  return (CLASSES[byte] & NAME) !== 0;
}

/** Whether a byte is white space. */
export function isSpace(byte: number): boolean {
  return (CLASSES[byte] & SPACE) !== 0;
}
