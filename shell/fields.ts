/**
 * What expansions give, and how it is cut into fields.
 *
 * POSIX.1-2017, 2.6.5
 *
 * @module
 */
import { unescapePattern } from "../kernel/vfs/glob.ts";

/** A stretch of expanded text. */
export interface Piece {
  readonly text: string;
  /** Its characters mean themselves. */
  readonly quoted: boolean;
  /** It comes from an expansion outside quotes: it is split into fields. */
  readonly split: boolean;
}

/** Between two pieces: a new field starts here, as in `"$@"`. */
export const BREAK = "break";
/** An expanded word. */
export type Pieces = (Piece | typeof BREAK)[];

/** Text that is not split. */
export function literal(text: string, quoted: boolean): Piece {
  return { text, quoted, split: false };
}

/** What an expansion gave: outside quotes it is split. */
export function expansion(text: string, quoted: boolean): [Piece] {
  return [{ text, quoted, split: !quoted }];
}

/** The text of a word that stays one field. */
export function joined(pieces: Pieces, separator: string): string {
  return pieces.map((piece) => piece === BREAK ? separator || " " : piece.text).join("");
}

/** The text of a field. */
export function fieldText(field: readonly Piece[]): string {
  return field.map(({ text, quoted, split }) =>
    quoted || split ? text : text.includes("\\") ? unescapePattern(text) : text
  ).join("");
}

/** Cuts the pieces into fields at breaks and at the separators of split pieces. */
export function split(pieces: Pieces, ifs: string): Piece[][] {
  const fields: Piece[][] = [];
  let field: Piece[] | undefined;
  const end = () => {
    if (field !== undefined) fields.push(field);
    field = undefined;
  };
  for (const piece of pieces) {
    if (piece === BREAK) end();
    else if (!piece.split) {
      if (piece.text !== "" || piece.quoted) (field ??= []).push(piece);
    } else {
      for (const [index, part] of splitText(piece.text, ifs).entries()) {
        if (index > 0) end();
        if (part === undefined) continue;
        (field ??= []).push({ ...piece, text: part });
      }
    }
  }
  end();
  return fields;
}

/** Parts between separators; `undefined` where blanks at an edge only end a field. */
function splitText(text: string, ifs: string): (string | undefined)[] {
  if (text === "") return [];
  if (ifs === "") return [text];
  const blank = [...ifs].filter((char) => " \t\n".includes(char)).join("");
  const parts: (string | undefined)[] = [];
  let current: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (!ifs.includes(char)) {
      current = (current ?? "") + char;
      continue;
    }
    let hard = !blank.includes(char);
    while (at + 1 < text.length && ifs.includes(text[at + 1])) {
      if (!blank.includes(text[at + 1])) {
        if (hard) break;
        hard = true;
      }
      at++;
    }
    parts.push(hard && current === undefined ? "" : current);
    current = undefined;
  }
  parts.push(current);
  return parts;
}
