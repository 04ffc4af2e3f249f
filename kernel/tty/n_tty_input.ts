/**
 * The input half of a line discipline: lines, complete and unfinished, and how they are edited.
 *
 * Linux: drivers/tty/n_tty.c: read_buf, eraser(), canon_copy_from_read_buf()
 *
 * @module
 */
import { ECHO, ECHOE, ECHOK, ECHOKE } from "../../uapi/termbits.ts";
import { isControl, type NTtyOutput } from "./n_tty_output.ts";

const NEWLINE = 0x0a;
const BACKSPACE = 0x08;
const SPACE = 0x20;
const TAB = 0x09;
/** Marks the byte that ends a line. */
const LINE_END = 0x100;
/** A line end that is not handed out: the end of the file. */
const EOF_MARK = 0x200 | LINE_END;

/** Input that nobody has read yet. */
export class InputBuffer {
  /** Column where the line that is being typed began. */
  startColumn = 0;
  /** Bytes; line ends carry a mark. */
  #bytes: number[] = [];
  /** How many of them are complete lines. */
  #complete = 0;

  /** Number of bytes in all, ends of files included. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Number of bytes in complete lines. */
  get complete(): number {
    return this.#complete;
  }

  /** True when nothing was typed of a further line. */
  get atLineStart(): boolean {
    return this.#bytes.length === this.#complete;
  }

  /** What was typed of the line that has no end yet. */
  get unfinished(): readonly number[] {
    return this.#bytes.slice(this.#complete);
  }

  /** Adds a byte to the unfinished line. */
  push(c: number): undefined {
    this.#bytes.push(c);
  }

  /** Ends the line with `c`, or with the end of the file. */
  endLine(c: number | undefined): undefined {
    this.#bytes.push(c === undefined ? EOF_MARK : c | LINE_END);
    this.#complete = this.#bytes.length;
  }

  /** The last byte. */
  get last(): number {
    return this.#bytes[this.#bytes.length - 1];
  }

  /** Takes the last character of the unfinished line back: its first byte. */
  pop(): number {
    let last: number;
    do last = this.#bytes.pop() as number; while ((last & 0xc0) === 0x80 && !this.atLineStart);
    return last;
  }

  /** Forgets the unfinished line. */
  dropUnfinished(): undefined {
    this.#bytes.length = this.#complete;
  }

  /** Forgets everything. */
  clear(): undefined {
    this.#bytes = [];
    this.#complete = 0;
  }

  /** Lines were switched on or off: what is there becomes one line, or just bytes. */
  finish(lines: boolean): undefined {
    const bytes = this.#bytes;
    if (!lines) this.#bytes = bytes.filter((c) => c !== EOF_MARK).map((c) => c & 0xff);
    else if (bytes.length > 0) bytes[bytes.length - 1] |= LINE_END;
    this.#complete = lines ? bytes.length : 0;
  }

  /** Takes up to `count` bytes, lines or not. */
  take(count: number): number[] {
    return this.#bytes.splice(0, count);
  }

  /** Takes up to `count` bytes of the first complete line. */
  takeLine(count: number): number[] {
    const line: number[] = [];
    while (this.#complete > 0) {
      const entry = this.#bytes[0];
      if (line.length === count && entry !== EOF_MARK) break;
      this.#bytes.shift();
      this.#complete--;
      if (entry !== EOF_MARK) line.push(entry & 0xff);
      if ((entry & LINE_END) !== 0) break;
    }
    return line;
  }
}

/** How much an editing character takes back. */
export type Erased = "character" | "word" | "line";

function isWord(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) ||
    c === 0x5f;
}

/**
 * Takes characters of the unfinished line back, on the screen too.
 *
 * Linux: eraser()
 *
 * @param c The editing character, to be echoed where wiping is off.
 */
export function erase(
  what: Erased,
  c: number,
  input: InputBuffer,
  output: NTtyOutput,
  lflag: number,
): undefined {
  if (input.atLineStart) return;
  const wipes = ECHO | ECHOK | ECHOKE | ECHOE;
  if (what === "line" && (lflag & wipes) !== wipes) {
    input.dropUnfinished();
    if ((lflag & ECHO) === 0) return;
    output.echo(c);
    if ((lflag & ECHOK) !== 0) output.echoRaw(NEWLINE);
    return;
  }
  let seenWord = false;
  while (!input.atLineStart) {
    const { last } = input;
    if (what === "word" && seenWord && !isWord(last)) break;
    if (isWord(last)) seenWord = true;
    wipe(input.pop(), c, input, output, lflag);
    if (what === "character") break;
  }
}

/** Wipes one character from the screen. */
function wipe(
  erased: number,
  c: number,
  input: InputBuffer,
  output: NTtyOutput,
  lflag: number,
): undefined {
  if ((lflag & ECHO) === 0) return;
  if ((lflag & ECHOE) === 0) return output.echo(c);
  if (erased === TAB) return wipeTab(input, output);
  const columns = isControl(erased) ? 2 : 1;
  for (let i = 0; i < columns; i++) {
    for (const echo of [BACKSPACE, SPACE, BACKSPACE]) output.echoRaw(echo);
  }
}

/** A tab was as wide as what stands before it left room for. */
function wipeTab(input: InputBuffer, output: NTtyOutput): undefined {
  let column = input.startColumn;
  for (const c of input.unfinished) {
    column = c === TAB ? (column | 7) + 1 : column + (isControl(c) ? 2 : 1);
  }
  for (let width = 8 - (column & 7); width > 0; width--) output.echoRaw(BACKSPACE);
}
