/**
 * Output processing of the line discipline: newlines, tabs, columns, echo.
 *
 * Linux: drivers/tty/n_tty.c: do_output_char(), process_output_block(), process_echoes()
 *
 * @module
 */
import {
  ECHOCTL,
  OCRNL,
  OLCUC,
  ONLCR,
  ONLRET,
  ONOCR,
  OPOST,
  TABDLY,
  XTABS,
} from "../../uapi/termbits.ts";
import type { TtyStruct } from "./tty_struct.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const BACKSPACE = 0x08;
const SPACE = 0x20;
const DELETE = 0x7f;
const TAB_WIDTH = 8;

const CRLF = Uint8Array.of(RETURN, NEWLINE);
const SPACES = new Uint8Array(TAB_WIDTH).fill(SPACE);

/** True for characters that show nothing. */
export function isControl(c: number): boolean {
  return c < SPACE || c === DELETE;
}

/** True for the second and later bytes of a character in UTF-8. */
function isContinuation(c: number): boolean {
  return (c & 0xc0) === 0x80;
}

function isLower(c: number): boolean {
  return c >= 0x61 && c <= 0x7a;
}

/** The output half of one terminal's line discipline. */
export class NTtyOutput {
  /** Where the cursor is. */
  column = 0;
  readonly #tty: TtyStruct;
  /** What could not be echoed yet. */
  readonly #echoes: number[] = [];

  constructor(tty: TtyStruct) {
    this.#tty = tty;
  }

  get #ops() {
    return this.#tty.driver.ops;
  }

  #room(): number {
    return this.#ops.writeRoom(this.#tty);
  }

  #put(c: number): undefined {
    this.#ops.write(this.#tty, Uint8Array.of(c));
  }

  /**
   * Sends one character with what belongs to it; false when there is no room.
   *
   * Linux: do_output_char()
   */
  outputChar(c: number): boolean {
    const { oflag } = this.#tty.termios;
    const room = this.#room();
    if (room <= 0) return false;
    if (c === NEWLINE) return this.#newline(room);
    if (c === RETURN) return this.#return();
    if (c === TAB) return this.#tab(room);
    if (c === BACKSPACE) {
      if (this.column > 0) this.column--;
    } else if (!isControl(c)) {
      if ((oflag & OLCUC) !== 0 && isLower(c)) c -= SPACE;
      if (!isContinuation(c)) this.column++;
    }
    this.#put(c);
    return true;
  }

  #newline(room: number): boolean {
    const { oflag } = this.#tty.termios;
    if ((oflag & (ONLRET | ONLCR)) !== 0) this.column = 0;
    if ((oflag & ONLCR) === 0) {
      this.#put(NEWLINE);
      return true;
    }
    if (room < CRLF.length) return false;
    this.#ops.write(this.#tty, CRLF);
    return true;
  }

  #return(): boolean {
    const { oflag } = this.#tty.termios;
    if ((oflag & ONOCR) !== 0 && this.column === 0) return true;
    if ((oflag & OCRNL) !== 0) {
      if ((oflag & ONLRET) !== 0) this.column = 0;
      this.#put(NEWLINE);
      return true;
    }
    this.column = 0;
    this.#put(RETURN);
    return true;
  }

  #tab(room: number): boolean {
    const width = TAB_WIDTH - this.column % TAB_WIDTH;
    if ((this.#tty.termios.oflag & TABDLY) === XTABS) {
      if (room < width) return false;
      this.column += width;
      this.#ops.write(this.#tty, SPACES.subarray(0, width));
      return true;
    }
    this.column += width;
    this.#put(TAB);
    return true;
  }

  /**
   * Sends as much as needs no processing in one piece.
   *
   * Linux: process_output_block()
   *
   * @returns How many bytes were taken, or a negative errno.
   */
  outputBlock(data: Uint8Array): number {
    const room = this.#room();
    if (room <= 0) return room;
    let end = 0;
    while (end < data.length && end < room && this.#plain(data[end])) end++;
    return end === 0 ? 0 : this.#ops.write(this.#tty, data.subarray(0, end));
  }

  /** Notes what a character does to the column; false when it needs processing. */
  #plain(c: number): boolean {
    const { oflag } = this.#tty.termios;
    if (c === NEWLINE) {
      if ((oflag & ONLRET) !== 0) this.column = 0;
      return (oflag & ONLCR) === 0;
    }
    if (c === RETURN) {
      if (((oflag & ONOCR) !== 0 && this.column === 0) || (oflag & OCRNL) !== 0) return false;
      this.column = 0;
    } else if (c === TAB) return false;
    else if (c === BACKSPACE) {
      if (this.column > 0) this.column--;
    } else if (!isControl(c)) {
      if ((oflag & OLCUC) !== 0) return false;
      if (!isContinuation(c)) this.column++;
    }
    return true;
  }

  /** Queues a character to be echoed as it is. Linux: echo_char_raw() */
  echoRaw(c: number): undefined {
    this.#echoes.push(c);
  }

  /** Queues a character to be echoed, control characters as `^X`. Linux: echo_char() */
  echo(c: number): undefined {
    if ((this.#tty.termios.lflag & ECHOCTL) !== 0 && isControl(c) && c !== TAB) {
      this.#echoes.push(0x5e, c ^ 0x40);
    } else this.#echoes.push(c);
  }

  /** Sends what is to be echoed as far as there is room. Linux: process_echoes() */
  processEchoes(): undefined {
    const echoes = this.#echoes;
    if (echoes.length === 0) return;
    while (echoes.length > 0 && this.#echoOne(echoes[0])) echoes.shift();
    this.#ops.flushChars?.(this.#tty);
  }

  #echoOne(c: number): boolean {
    if ((this.#tty.termios.oflag & OPOST) !== 0) return this.outputChar(c);
    if (this.#room() <= 0) return false;
    this.#put(c);
    return true;
  }
}
