/**
 * Words of an `awk` program.
 *
 * POSIX.1-2017, awk
 *
 * @module
 */
import { ESCAPES } from "../escapes.ts";

/** A program that cannot be read. */
export class AwkSyntaxError extends Error {
  override name = "AwkSyntaxError";
}

/** One word. `call`: a name with a parenthesis right behind it. */
export interface Token {
  readonly type:
    | "number"
    | "string"
    | "regex"
    | "name"
    | "call"
    | "keyword"
    | "op"
    | "newline"
    | "end";
  readonly text: string;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  ("BEGIN END function func if else while for do break continue next nextfile exit return delete in " +
    "getline print printf").split(" "),
);
/** Functions that every program has. */
export const BUILTIN_NAMES: ReadonlySet<string> = new Set(
  ("and close compl fflush gsub index int length lshift match mktime or rand rshift split sprintf srand " +
    "strftime sub substr system systime tolower toupper xor").split(" "),
);
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const NAME = /[A-Za-z_]\w*/y;
const OPERATOR =
  /\*\*=|\*\*|&&|\|\||\+\+|--|[-+*\/%^]=|==|<=|>=|!=|!~|>>|[-+*\/%^!><|?:~$=,;(){}[\]]/y;
const SKIPPED = /(?:[ \t\r]|\\\r?\n|#[^\n]*)*/y;
const AWK_ESCAPES: Readonly<Record<string, string>> = {
  ...ESCAPES,
  "\\": "\\",
  '"': '"',
  "/": "/",
};

/** Backslash sequences taken; an unknown one keeps its backslash. */
export function unescapeText(text: string): string {
  return text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[^])/g, (whole, sequence: string) => {
    if (/^[0-7]/.test(sequence)) return String.fromCharCode(parseInt(sequence, 8) & 0xff);
    if (/^x./.test(sequence)) return String.fromCharCode(parseInt(sequence.slice(1), 16));
    return AWK_ESCAPES[sequence] ?? whole;
  });
}

/** Reads words one after the other. Where a value may stand, `/` begins a regular expression. */
export class Lexer {
  #at = 0;

  constructor(readonly text: string) {}

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** The next word. */
  next(valueExpected: boolean): Token {
    this.#match(SKIPPED);
    const char = this.text[this.#at];
    if (char === undefined) return { type: "end", text: "" };
    if (char === "\n") {
      this.#at++;
      return { type: "newline", text: "\n" };
    }
    if (char === '"') return { type: "string", text: unescapeText(this.#quoted('"')) };
    if (char === "/" && valueExpected) return { type: "regex", text: this.#regex() };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { type: "number", text: number };
    const name = this.#match(NAME);
    if (name !== undefined) {
      if (KEYWORDS.has(name)) return { type: "keyword", text: name };
      // Blanks may stand before the parenthesis of a function that awk has itself.
      const behind = BUILTIN_NAMES.has(name) ? /[ \t]*\(/y : /\(/y;
      behind.lastIndex = this.#at;
      return { type: behind.test(this.text) ? "call" : "name", text: name };
    }
    const operator = this.#match(OPERATOR);
    if (operator === undefined) throw new AwkSyntaxError("Unexpected token");
    return { type: "op", text: operator };
  }

  #quoted(end: string): string {
    let text = "";
    for (this.#at++; this.text[this.#at] !== end; this.#at++) {
      const char = this.text[this.#at];
      if (char === undefined || char === "\n") throw new AwkSyntaxError("Unexpected end of string");
      text += char === "\\" ? char + (this.text[++this.#at] ?? "") : char;
    }
    this.#at++;
    return text;
  }

  /** Slashes of the expression may be written with a backslash. */
  #regex(): string {
    return this.#quoted("/").replaceAll("\\/", "/");
  }
}
