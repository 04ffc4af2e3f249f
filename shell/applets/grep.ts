/**
 * `grep`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { decodeText, encodeText } from "../bytes.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { type Options, parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

const STATUS_ERROR = 2;
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: " \\t\\n\\r\\f\\v",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** A bracket expression, as JavaScript writes it, and where it ends. */
function bracket(pattern: string, start: number): { source: string; end: number } {
  let at = start + 1;
  const negated = pattern[at] === "^";
  if (negated) at++;
  let source = "";
  for (const first = at; at < pattern.length; at++) {
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named !== null) {
      source += CLASSES[named[1]] ?? "";
      at += named[0].length - 1;
    } else if (pattern[at] === "]" && at > first) break;
    else source += /[\\\]\[]/.test(pattern[at]) ? `\\${pattern[at]}` : pattern[at];
  }
  return { source: `[${negated ? "^" : ""}${source}]`, end: at };
}

/**
 * A POSIX regular expression as JavaScript writes it.
 *
 * POSIX.1-2017, 9
 *
 * @param extended With `+ ? | ( ) { }` special without backslash.
 */
export function posixRegex(pattern: string, extended: boolean): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "[") {
      const set = bracket(pattern, at);
      source += set.source;
      at = set.end;
    } else if (char === "\\") {
      const next = pattern[++at] ?? "\\";
      if ("<>".includes(next)) source += "\\b";
      else if (/[wWsSbB1-9]/.test(next)) source += `\\${next}`;
      else if (!extended && "+?|(){}".includes(next)) source += next;
      else source += next.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    } else if (!extended && "+?|(){}".includes(char)) source += `\\${char}`;
    else if (!extended && char === "*" && /(^|[(|^])$/.test(source)) source += "\\*";
    else if (!extended && char === "^" && !/(^|[(|])$/.test(source)) source += "\\^";
    else if (!extended && char === "$" && at + 1 < pattern.length && pattern[at + 1] !== "\\") {
      source += "\\$";
    } else source += char;
  }
  return source;
}

function matcher(process: Process, options: Options, patterns: readonly string[]): RegExp {
  const fixed = options.has("F") || process.name === "fgrep";
  const extended = options.has("E") || process.name === "egrep";
  const sources = patterns.flatMap((pattern) => pattern.split("\n")).map((pattern) =>
    fixed ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : posixRegex(pattern, extended)
  );
  let source = sources.map((one) => `(?:${one})`).join("|");
  if (options.has("w")) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (options.has("x")) source = `^(?:${source})$`;
  return new RegExp(source, options.has("i") ? "gi" : "g");
}

/** Files below a folder in its own order; links that a walk meets are left out. */
function filesBelow(process: Process, path: string): string[] {
  const stat = process.stat(path);
  if (stat.kind !== "dir") return [path];
  return process.vfs.readdir(decodeText(path), process.cwd).flatMap((name) => {
    const below = `${path.replace(/\/$/, "")}/${encodeText(name)}`;
    const kind = process.tryStat(below, false)?.kind;
    return kind === "dir" || kind === "file" ? filesBelow(process, below) : [];
  });
}

class Search {
  matched = false;
  failed = false;

  constructor(
    readonly process: Process,
    readonly options: Options,
    readonly regex: RegExp,
    /** Lines have the name of their file before them. */
    public named: boolean,
  ) {}

  /** Searches one file. False ends the search. */
  async file(path: string, text: string): Promise<boolean> {
    const { options, process, named } = this;
    const name = path === "-" ? "(standard input)" : path;
    const prefix = named ? `${name}:` : "";
    const limit = Number(options.get("m") ?? Infinity);
    const context = Number(options.get("A") ?? options.get("C") ?? 0);
    let count = 0;
    let after = 0;
    for (const [index, line] of linesOf(text).entries()) {
      const row = line.replace(/\n$/, "");
      this.regex.lastIndex = 0;
      if (this.regex.test(row) === options.has("v")) {
        if (after-- > 0) await process.out(`${prefix.replace(":", "-")}${row}\n`);
        continue;
      }
      count++;
      this.matched = true;
      if (options.has("q")) return false;
      if (options.has("l") || options.has("L")) break;
      const number = options.has("n") ? `${index + 1}:` : "";
      if (!options.has("c")) await this.#print(prefix + number, row);
      after = context;
      if (count >= limit) break;
    }
    if (options.has("c")) await process.out(`${prefix}${count}\n`);
    if (options.has("l") && count > 0) await process.out(`${name}\n`);
    if (options.has("L") && count === 0) await process.out(`${name}\n`);
    return true;
  }

  async #print(prefix: string, row: string): Promise<undefined> {
    if (!this.options.has("o")) {
      await this.process.out(`${prefix}${row}\n`);
      return;
    }
    for (const match of row.matchAll(this.regex)) {
      if (match[0] !== "") await this.process.out(`${prefix}${match[0]}\n`);
    }
  }

  async complain(path: string, error: unknown): Promise<undefined> {
    if (!this.options.has("s")) await this.process.perror(path, error);
    else strerror(error);
    this.failed = true;
  }
}

/** `grep [-EFciloqvnwxrhHs] [-e PATTERN]… [-m N] [-A N] [PATTERN] [FILE]…` */
export async function grep(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "EFciloqvnwxrRhHsLae:f:m:A:B:C:" });
  const patterns = [...options.all("e")];
  for (const file of options.all("f")) {
    patterns.push(...linesOf(await process.readFile(file)).map((line) => line.replace(/\n$/, "")));
  }
  if (patterns.length === 0) patterns.push(options.rest.shift() ?? "");
  const recursive = options.has("r") || options.has("R");
  const paths = options.rest.length === 0 ? [recursive ? "." : "-"] : options.rest;
  const several = options.has("H") || paths.length > 1;
  const matches = matcher(process, options, patterns);
  const search = new Search(process, options, matches, several);
  for (const path of paths) {
    try {
      const folder = recursive && process.tryStat(path)?.kind === "dir";
      search.named = !options.has("h") && (several || folder);
      const files = folder ? filesBelow(process, path) : [path];
      for (const file of files) {
        const text = await readable(process, file, recursive);
        if (text !== undefined && !await search.file(file, text)) return 0;
      }
    } catch (error) {
      await search.complain(path, error);
    }
  }
  if (search.failed) return STATUS_ERROR;
  return search.matched ? 0 : 1;
}

/** The content; `undefined` for what a recursive search cannot read. */
async function readable(process: Process, path: string, quiet: boolean) {
  try {
    return await process.readFile(path);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.code === "EISDIR") return undefined;
    if (!quiet) throw error;
    await process.perror(path, error);
    return undefined;
  }
}
