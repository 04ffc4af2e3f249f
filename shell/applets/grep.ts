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
import { posixRegex } from "./regex.ts";
import { linesOf } from "./text.ts";

const STATUS_ERROR = 2;
function matcher(process: Process, options: Options, patterns: readonly string[]): RegExp {
  const fixed = options.has("F") || process.name === "fgrep";
  const extended = options.has("E") || process.name === "egrep";
  const sources = patterns.flatMap((pattern) => pattern.split("\n")).map((pattern) =>
    fixed ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : posixRegex(pattern, extended)
  );
  // Without any pattern nothing matches.
  let source = sources.map((one) => `(?:${one})`).join("|") || "[]";
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

/** Lines around the ones that match: `-A`, `-B`, `-C`. */
class Context {
  readonly #before: number;
  readonly #after: number;
  #held: string[] = [];
  #left = 0;
  #skipped = false;
  #started = false;

  constructor(options: Options) {
    this.#before = Number(options.get("B") ?? options.get("C") ?? 0);
    this.#after = Number(options.get("A") ?? options.get("C") ?? 0);
  }

  /** A line that does not match: what of it is to be printed now. */
  other(text: string): string {
    if (this.#left > 0) {
      this.#left--;
      return text;
    }
    this.#held.push(text);
    if (this.#held.length <= this.#before) return "";
    this.#held.shift();
    this.#skipped = true;
    return "";
  }

  /** What comes before a line that matches. */
  before(): string {
    const parted = this.#started && this.#skipped && this.#before + this.#after > 0;
    const text = (parted ? "--\n" : "") + this.#held.join("");
    this.#held = [];
    this.#skipped = false;
    this.#started = true;
    this.#left = this.#after;
    return text;
  }
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
    const end = options.has("z") ? "\0" : "\n";
    const rows = text.split(end);
    if (rows.at(-1) === "") rows.pop();
    const listed = options.has("l") || options.has("L");
    const shown = !listed && !options.has("c");
    const limit = listed ? 1 : Number(options.get("m") ?? Infinity);
    const context = new Context(options);
    let count = 0;
    for (const [index, row] of rows.entries()) {
      const prefix = (mark: string) =>
        (named ? name + mark : "") + (options.has("n") ? `${index + 1}${mark}` : "");
      this.regex.lastIndex = 0;
      if (this.regex.test(row) === options.has("v")) {
        if (shown) await process.out(context.other(`${prefix("-")}${row}\n`));
        continue;
      }
      count++;
      this.matched = true;
      if (options.has("q")) return false;
      if (shown) {
        await process.out(context.before());
        await this.#print(prefix(":"), row, end);
      }
      if (count >= limit) break;
    }
    if (options.has("c")) await process.out(`${named ? `${name}:` : ""}${count}\n`);
    if (listed && options.has("l") === count > 0) await process.out(`${name}\n`);
    return true;
  }

  async #print(prefix: string, row: string, end: string): Promise<undefined> {
    if (!this.options.has("o")) {
      await this.process.out(`${prefix}${row}${end}`);
      return;
    }
    this.regex.lastIndex = 0;
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

/** `grep [-EFciLloqvnwxrhHsz] [-e PATTERN]… [-f FILE]… [-m N] [-A N] [-B N] [-C N] [PATTERN] [FILE]…` */
export async function grep(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "EFciloqvnwxrRhHsLze:f:m:A:B:C:" });
  const patterns = [...options.all("e")];
  for (const file of options.all("f")) {
    patterns.push(...linesOf(await process.readFile(file)).map((line) => line.replace(/\n$/, "")));
  }
  if (!options.has("e") && !options.has("f")) patterns.push(options.rest.shift() ?? "");
  const recursive = options.has("r") || options.has("R");
  const paths = options.rest.length === 0 ? ["-"] : options.rest;
  const several = options.has("H") || paths.length > 1;
  const matches = matcher(process, options, patterns);
  const search = new Search(process, options, matches, several);
  for (const path of paths) {
    try {
      const folder = recursive && path !== "-" && process.stat(path).kind === "dir";
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
