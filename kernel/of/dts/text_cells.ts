/** How text takes up room in a terminal, character by character. */

const TAB = 4;

/** Text as it is shown, and in which cell each character, from 0, begins. */
export interface Cells {
  /** The text without tabs and control characters. */
  readonly shown: string;
  /** One entry more than there are characters: the last is the width of it all. */
  readonly starts: readonly number[];
}

/**
 * Lays out one line. Tabs become spaces, control characters visible ones, wide characters take two
 * cells, and what combines with the character before takes none.
 *
 * @param column The cell, from 0, in which the text begins, which tabs depend on.
 */
export function layOut(text: string, column = 0): Cells {
  const starts: number[] = [];
  let shown = "";
  let cell = column;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const made = segment === "\t" ? " ".repeat(TAB - cell % TAB) : visible(segment);
    const characters = [...segment];
    const width = segment === "\t" ? made.length : clusterWidth(characters);
    starts.push(cell - column);
    for (let more = 1; more < characters.length; more++) starts.push(cell - column + width);
    shown += made;
    cell += width;
  }
  starts.push(cell - column);
  return { shown, starts };
}

/** Pictures of control characters; those that turn the direction of writing would hide things. */
function visible(segment: string): string {
  return segment.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

const HIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Width of a character with all that combines with it. */
function clusterWidth(characters: readonly string[]): number {
  const [first] = characters;
  if (/^\p{M}$/u.test(first) || /^[\u200b-\u200d\ufeff]$/.test(first)) return 0;
  const wide = /^\p{Emoji_Presentation}$/u.test(first) || isWide(first.codePointAt(0)!) ||
    characters.includes("\ufe0f");
  return wide ? 2 : 1;
}

/** First and last of the ranges of East Asian wide characters. Unicode: EastAsianWidth W and F */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return code >= 0x1100 && WIDE.some(([first, last]) => first <= code && code <= last);
}
