import { latin1 } from "../../bytes.ts";
import { commentEnd } from "../lexer.ts";
import type { SourceFile, Span } from "../source.ts";
import { T } from "../token.ts";
import { lexPpToken, LINE_START, PP, type PpToken, ppToken, WHITE } from "./pp_token.ts";

/** An `#if` whose `#endif` has not come yet. */
export interface Conditional {
  readonly span: Span;
  /** Whether the group that is being read counts. */
  live: boolean;
  /** Whether no later group can count. */
  decided: boolean;
  /** Where `#else` stands. */
  otherwise: Span | undefined;
}

/** What a file may have that says when it need not be read again. */
interface Guard {
  /** The macro of the `#ifndef` that the file begins with, `undefined` if it begins otherwise. */
  macro: string | undefined;
  /** Whether something stands outside of that `#ifndef` and its `#endif`. */
  outside: boolean;
}

/** With one of these, what the first condition leaves out is not all of the file. */
const ELSES: ReadonlySet<string> = new Set(["elif", "elifdef", "elifndef", "else"]);

/** A file that is being read, and how far. */
export class Reader {
  at: number;
  readonly end: number;
  readonly conditionals: Conditional[] = [];
  /** Whether nothing but white space has come in this line. */
  lineStart = true;
  readonly guard: Guard = { macro: undefined, outside: false };

  /** @param folder The folder of the search list that the file was found in, -1 if in none. */
  constructor(readonly file: SourceFile, public bytes: Uint8Array, readonly folder = -1) {
    this.at = file.start;
    this.end = file.end;
  }

  /** Skips blanks and comments, and ends of lines if asked to. Says whether there were any. */
  skipBlanks(lines: boolean): boolean {
    const { bytes, at: start } = this;
    for (;;) {
      const byte = bytes[this.at];
      if (byte === 10) {
        if (!lines || this.at >= this.end) break;
        this.lineStart = true;
        this.at++;
      } else if (byte === 0x20 || (byte >= 9 && byte <= 13)) this.at++;
      else if (byte === T.SLASH) {
        const end = commentEnd(bytes, this.at, this.end);
        if (end === this.at) break;
        // The end of its line is no part of a line comment here.
        const line = bytes[this.at + 1] === T.SLASH;
        this.at = line && end > 0 ? end - 1 : Math.abs(end);
      } else break;
    }
    return this.at > start;
  }

  /** Notes what stands at the current place, a directive or text, for the guard. */
  note(directive: string): void {
    const { guard, conditionals } = this;
    if (directive === "ifndef" && conditionals.length === 0 && guard.macro === undefined) {
      const { at } = this;
      guard.macro = this.lineToken().text;
      this.at = at;
    } else if (conditionals.length === 0 || conditionals.length === 1 && ELSES.has(directive)) {
      guard.outside = true;
    }
  }

  /** The macro without which the file says nothing, at the end of the file. */
  get guardedBy(): string | undefined {
    return this.guard.outside ? undefined : this.guard.macro;
  }

  /** The token at the current place, which is no white space. */
  token(flags: number): PpToken {
    const { bytes, at } = this;
    const { kind, end } = lexPpToken(bytes, at, this.end);
    this.at = end;
    this.lineStart = false;
    return ppToken(kind, latin1(bytes, at, end), flags, at);
  }

  /** The next token of the line; `EOF` at its end. */
  lineToken(): PpToken {
    const white = this.skipBlanks(false);
    if (this.at >= this.end || this.bytes[this.at] === 10) {
      return ppToken(PP.EOF, "", LINE_START, this.at);
    }
    return this.token(white ? WHITE : 0);
  }

  /** All tokens up to the end of the line. */
  lineTokens(): PpToken[] {
    const tokens: PpToken[] = [];
    for (let token = this.lineToken(); token.kind !== PP.EOF; token = this.lineToken()) {
      tokens.push(token);
    }
    return tokens;
  }

  /** Skips the rest of the line, comments and strings with it. */
  skipLine(): void {
    while (this.at < this.end && this.bytes[this.at] !== 10) {
      this.skipBlanks(false);
      if (this.at < this.end && this.bytes[this.at] !== 10) {
        this.at = lexPpToken(this.bytes, this.at, this.end).end;
      }
    }
    this.lineStart = false;
  }
}
