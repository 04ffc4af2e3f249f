/**
 * Reads a `sed` script.
 *
 * POSIX.1-2017, sed
 *
 * @module
 */
import { posixRegex } from "../applets/regex.ts";

/** A script that cannot be read. */
export class SedSyntaxError extends Error {
  override name = "SedSyntaxError";
}

/** Which lines a command is for. An empty expression means the last one used. */
export type Address =
  | { readonly type: "line"; readonly line: number }
  | { readonly type: "last" }
  | { readonly type: "regex"; readonly regex: RegExp | undefined }
  /** So many lines further, as the end of a range. */
  | { readonly type: "further"; readonly lines: number };

/** What `s` replaces, and how. */
export interface Substitution {
  readonly regex: RegExp | undefined;
  readonly replacement: readonly (string | number)[];
  readonly all: boolean;
  /** Which match is replaced when not all are, counted from 1. */
  readonly which: number;
  readonly print: boolean;
  readonly file: string | undefined;
}

/** One command. */
export interface SedCommand {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly name: string;
  /** Text of `a i c`, label of `b t T :`, path of `r w`. */
  readonly text: string;
  readonly substitution: Substitution | undefined;
  /** Characters of `y`. */
  readonly map: ReadonlyMap<string, string> | undefined;
  /** What stands in `{ }`. */
  readonly body: readonly SedCommand[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v" };

/** Reads commands one after the other. */
export class SedParser {
  #at = 0;

  constructor(readonly text: string, readonly extended: boolean) {}

  /** All commands up to the end, or to `}` in a group. */
  commands(grouped = false): SedCommand[] {
    const commands: SedCommand[] = [];
    for (;;) {
      this.#skip(/[\s;]*/y);
      const char = this.text[this.#at];
      if (char === undefined) {
        if (grouped) throw new SedSyntaxError("unterminated {");
        return commands;
      }
      if (char === "#") this.#skip(/[^\n]*/y);
      else if (char === "}") {
        if (!grouped) throw new SedSyntaxError("unexpected '}'");
        this.#at++;
        return commands;
      } else commands.push(this.#command());
    }
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #command(): SedCommand {
    const from = this.#address();
    let to: Address | undefined;
    if (from !== undefined && this.text[this.#at] === ",") {
      this.#at++;
      this.#skip(/[ \t]*/y);
      to = this.#address(true);
      if (to === undefined) throw new SedSyntaxError("no address after comma");
    }
    this.#skip(/[ \t]*/y);
    const negated = this.#skip(/!?/y) !== "";
    this.#skip(/[ \t]*/y);
    const name = this.text[this.#at++];
    if (name === undefined) throw new SedSyntaxError("missing command");
    const plain = {
      from,
      to,
      negated,
      name,
      text: "",
      substitution: undefined,
      map: undefined,
      body: [],
    };
    if ("=dDgGhHlnNpPqQx".includes(name)) return plain;
    if (name === "{") return { ...plain, body: this.commands(true) };
    if ("aic".includes(name)) return { ...plain, text: this.#appended() };
    if (":btT".includes(name)) {
      return { ...plain, text: this.#skip(/[^\n;}]*/y).trim() };
    }
    if ("rwRW".includes(name)) return { ...plain, text: this.#skip(/[^\n]*/y).trim() };
    if (name === "s") return { ...plain, substitution: this.#substitution() };
    if (name === "y") return { ...plain, map: this.#map() };
    throw new SedSyntaxError(`unsupported command ${name}`);
  }

  #address(end = false): Address | undefined {
    const char = this.text[this.#at];
    if (/\d/.test(char ?? "")) return { type: "line", line: Number(this.#skip(/\d+/y)) };
    if (char === "$") {
      this.#at++;
      return { type: "last" };
    }
    if (end && char === "+") {
      this.#at++;
      return { type: "further", lines: Number(this.#skip(/\d+/y)) };
    }
    if (char !== "/" && char !== "\\") return undefined;
    if (char === "\\") this.#at++;
    const source = this.#delimited();
    const flags = this.#skip(/I?/y) === "" ? "" : "i";
    return { type: "regex", regex: this.#regex(source, flags) };
  }

  #regex(source: string, flags: string): RegExp | undefined {
    if (source === "") return undefined;
    const pattern = source.replace(/\\n/g, "\n").replace(/\\t/g, "\t");
    return new RegExp(posixRegex(pattern, this.extended), `g${flags}`);
  }

  /** Text up to the delimiter that stands here; in it, the delimiter has a backslash before it. */
  #delimited(): string {
    const delimiter = this.text[this.#at];
    let text = "";
    for (let at = this.#at + 1, bracket = false; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === delimiter && !bracket) {
        this.#at = at;
        if (this.text[at] === delimiter) this.#at++;
        return text;
      }
      if (char === "\\" && at + 1 < this.text.length) {
        text += char + this.text[++at];
        continue;
      }
      if (char === "[" && !bracket) bracket = this.text.indexOf("]", at + 2) > 0;
      else if (char === "]" && !/\[\^?$/.test(text)) bracket = false;
      text += char;
    }
    throw new SedSyntaxError(`unmatched '${delimiter}'`);
  }

  #substitution(): Substitution {
    const delimiter = this.text[this.#at];
    const source = this.#delimited();
    this.#at--;
    const replacement = this.#replacement(delimiter);
    const flags = this.#skip(/[gpiIeM\d]*/y);
    const file = this.#skip(/w[^\n]*/y);
    return {
      regex: this.#regex(source, /[iI]/.test(flags) ? "i" : ""),
      replacement,
      all: flags.includes("g"),
      which: Number(/\d+/.exec(flags)?.[0] ?? 1),
      print: flags.includes("p"),
      file: file === "" ? undefined : file.slice(1).trim(),
    };
  }

  /** Text and numbers of groups; 0 is the whole match. */
  #replacement(delimiter: string): (string | number)[] {
    const parts: (string | number)[] = [];
    let text = "";
    const group = (number: number): undefined => {
      parts.push(text, number);
      text = "";
    };
    for (let at = this.#at + 1; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === delimiter) {
        this.#at = at + 1;
        return [...parts, text];
      }
      if (char === "&") group(0);
      else if (char !== "\\") text += char;
      else {
        const next = this.text[++at] ?? "";
        if (/\d/.test(next)) group(Number(next));
        else text += ESCAPES[next] ?? next;
      }
    }
    throw new SedSyntaxError(`unmatched '${delimiter}'`);
  }

  #map(): ReadonlyMap<string, string> {
    const unescape = (text: string) =>
      text.replace(/\\([^])/g, (_whole, char) => ESCAPES[char] ?? char);
    const from = [...unescape(this.#delimited())];
    this.#at--;
    const to = [...unescape(this.#delimited())];
    if (from.length !== to.length) {
      throw new SedSyntaxError("strings for y command are different lengths");
    }
    return new Map(from.map((char, index) => [char, to[index]]));
  }

  /** The text behind `a`, `i` or `c`: on the same line, or on the next ones. */
  #appended(): string {
    this.#skip(/[ \t]*(?:\\[ \t]*\n)?[ \t]*/y);
    let text = "";
    for (; this.#at < this.text.length && this.text[this.#at] !== "\n"; this.#at++) {
      if (this.text[this.#at] === "\\" && this.#at + 1 < this.text.length) {
        const next = this.text[++this.#at];
        text += ESCAPES[next] ?? next;
      } else text += this.text[this.#at];
    }
    return text;
  }
}
