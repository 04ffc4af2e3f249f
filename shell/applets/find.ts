/**
 * `find`.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { matchPattern } from "../../kernel/vfs/glob.ts";
import type { Stat } from "../../kernel/vfs/vfs.ts";
import { decodeText, encodeText } from "../bytes.ts";
import { ExitStatus } from "../errors.ts";
import { type Process, startProgram, waitJob } from "../process.ts";
import { child, lookup } from "../programs.ts";
import { posixRegex } from "./regex.ts";

interface Found {
  readonly path: string;
  readonly stat: Stat;
  readonly depth: number;
  pruned: boolean;
}

/** `-quit`: ends the walk. */
class Quit extends Error {
  override name = "Quit";
}

type Test = (found: Found) => boolean | Promise<boolean>;

const TYPES: Readonly<Record<string, Stat["kind"]>> = {
  f: "file",
  d: "dir",
  l: "link",
  c: "char",
  b: "block",
};

/** Reads the expression behind the paths. */
class Expression {
  #at = 0;
  minDepth = 0;
  maxDepth = Infinity;
  acts = false;
  /** A directory comes after what is in it. */
  depthFirst = false;
  /** What is left to run at the end: `-exec … +`. */
  readonly finish: (() => Promise<boolean>)[] = [];

  constructor(readonly process: Process, readonly args: readonly string[]) {}

  async parse(): Promise<Test> {
    if (this.args.length === 0) return () => true;
    const test = await this.#or();
    if (this.#at < this.args.length) await this.#fail(`unrecognized: ${this.args[this.#at]}`);
    return test;
  }

  async #fail(text: string): Promise<never> {
    await this.process.complain(text);
    throw new ExitStatus(1);
  }

  async #or(): Promise<Test> {
    let left = await this.#and();
    while (this.args[this.#at] === "-o") {
      this.#at++;
      const [first, second] = [left, await this.#and()];
      left = async (found) => await first(found) || await second(found);
    }
    return left;
  }

  async #and(): Promise<Test> {
    let left = await this.#not();
    while (this.#at < this.args.length && !["-o", ")"].includes(this.args[this.#at])) {
      if (this.args[this.#at] === "-a") this.#at++;
      const [first, second] = [left, await this.#not()];
      left = async (found) => await first(found) && await second(found);
    }
    return left;
  }

  async #not(): Promise<Test> {
    if (this.args[this.#at] === "!" || this.args[this.#at] === "-not") {
      this.#at++;
      const inner = await this.#not();
      return async (found) => !await inner(found);
    }
    return await this.#primary();
  }

  async #primary(): Promise<Test> {
    const name = this.args[this.#at++];
    switch (name) {
      case "(": {
        const inner = await this.#or();
        if (this.args[this.#at++] !== ")") await this.#fail("unpaired '('");
        return inner;
      }
      case "-name":
        return this.#named((pattern, found) => matchPattern(pattern, nameOf(found)));
      case "-iname":
        return this.#named((pattern, found) =>
          matchPattern(pattern.toLowerCase(), nameOf(found).toLowerCase())
        );
      case "-path":
        return this.#named((pattern, { path }) => matchPattern(pattern, path));
      case "-ipath":
        return this.#named((pattern, { path }) =>
          matchPattern(pattern.toLowerCase(), path.toLowerCase())
        );
      case "-regex":
        return this.#named((pattern, { path }) =>
          new RegExp(`^(?:${posixRegex(pattern, false)})$`).test(path)
        );
      case "-perm":
        return this.#named(permits);
      case "-size":
        return this.#named((text, { stat }) => sized(text, stat.size));
      case "-empty":
        return ({ path, stat }) => this.#isEmpty(path, stat);
      case "-executable":
        return ({ stat }) => (stat.mode & 0o111) !== 0;
      case "-links":
        return this.#named((text, { stat }) => compares(text, stat.nlink));
      case "-user":
      case "-group":
        return this.#named((text) => text === "0" || text === "root");
      case "-newer":
      case "-mmin":
      case "-mtime":
      case "-amin":
      case "-atime":
      case "-cmin":
      case "-ctime":
        // Files have no times here.
        return this.#named(() => false);
      case "-type":
        return this.#named((letter, { stat }) => stat.kind === TYPES[letter]);
      case "-maxdepth":
        this.maxDepth = Number(this.args[this.#at++]);
        return () => true;
      case "-mindepth":
        this.minDepth = Number(this.args[this.#at++]);
        return () => true;
      case "-prune":
        return (found) => found.pruned = true;
      case "-print":
        this.acts = true;
        return ({ path }) => print(this.process, `${path}\n`);
      case "-print0":
        this.acts = true;
        return ({ path }) => print(this.process, `${path}\0`);
      case "-exec":
        return this.#exec();
      case "-quit":
        this.acts = true;
        return () => {
          throw new Quit();
        };
      case "-depth":
        this.depthFirst = true;
        return () => true;
      case "-follow":
      case "-xdev":
        return () => true;
      default:
        return await this.#fail(`unrecognized: ${name}`);
    }
  }

  #named(test: (value: string, found: Found) => boolean): Test {
    const value = this.args[this.#at++];
    return (found) => test(value, found);
  }

  #isEmpty(path: string, stat: Stat): boolean {
    if (stat.kind !== "dir") return stat.kind === "file" && stat.size === 0;
    return this.process.vfs.readdir(decodeText(path), this.process.cwd).length === 0;
  }

  #exec(): Test {
    const end = this.args.findIndex((arg, at) => at >= this.#at && (arg === ";" || arg === "+"));
    const words = this.args.slice(this.#at, end);
    const together = this.args[end] === "+";
    this.#at = end + 1;
    this.acts = true;
    const { process } = this;
    if (!together) {
      return ({ path }) => run(process, words.map((word) => word.replaceAll("{}", path)));
    }
    const paths: string[] = [];
    this.finish.push(async () => {
      if (paths.length === 0) return true;
      return await run(process, words.flatMap((word) => word === "{}" ? paths : [word]));
    });
    return ({ path }) => {
      paths.push(path);
      return true;
    };
  }
}

async function run(process: Process, args: readonly string[]): Promise<boolean> {
  const program = lookup(process, args[0]);
  await process.flush();
  if (program === undefined) {
    await process.complain(`${args[0]}: No such file or directory`);
    return false;
  }
  return await waitJob(startProgram(child(process, args), program)) === 0;
}

function nameOf({ path }: Found): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

/** `+N` more than, `-N` less than, `N` just so many. */
function compares(text: string, value: number): boolean {
  const number = Number(text.replace(/^[-+]/, ""));
  if (text.startsWith("+")) return value > number;
  return text.startsWith("-") ? value < number : value === number;
}

/** `-size`: in bytes, KiB or blocks of 512 bytes, started ones included. */
function sized(text: string, size: number): boolean {
  const unit = { c: 1, k: 1024, b: 512 }[text.at(-1) ?? ""];
  const count = unit === undefined ? text : text.slice(0, -1);
  return compares(count, Math.ceil(size / (unit ?? 512)));
}

/** `-perm`: just this mode, with `-` all of its bits, with `/` or `+` any of them. */
function permits(text: string, { stat }: Found): boolean {
  const wanted = parseInt(text.replace(/^[-+/]/, ""), 8);
  const mode = stat.mode & 0o7777;
  if (text.startsWith("-")) return (mode & wanted) === wanted;
  if (/^[+/]/.test(text)) return wanted === 0 || (mode & wanted) !== 0;
  return mode === wanted;
}

async function print(process: Process, text: string): Promise<boolean> {
  await process.out(text);
  return true;
}

class Walk {
  status = 0;

  constructor(
    readonly process: Process,
    readonly test: Test,
    readonly expression: Expression,
    readonly follow: boolean,
  ) {}

  async visit(path: string, depth: number): Promise<undefined> {
    const { process, expression } = this;
    let stat: Stat;
    try {
      stat = process.stat(path, this.follow);
    } catch (error) {
      await process.perror(path, error);
      this.status = 1;
      return;
    }
    const found: Found = { path, stat, depth, pruned: false };
    if (!expression.depthFirst) await this.#test(found);
    if (stat.kind === "dir" && !found.pruned && depth < expression.maxDepth) {
      for (const name of this.#names(path)) {
        await this.visit(path.endsWith("/") ? path + name : `${path}/${name}`, depth + 1);
      }
    }
    if (expression.depthFirst) await this.#test(found);
  }

  async #test(found: Found): Promise<undefined> {
    if (found.depth < this.expression.minDepth) return;
    const fits = await this.test(found);
    if (fits && !this.expression.acts) await this.process.out(`${found.path}\n`);
  }

  #names(path: string): string[] {
    try {
      return this.process.vfs.readdir(decodeText(path), this.process.cwd).map(encodeText);
    } catch (error) {
      if (error instanceof KernelError) return [];
      throw error;
    }
  }
}

/** `find [-L] [PATH]… [EXPRESSION]`, in the order in which directories give their entries. */
export async function find(process: Process): Promise<number> {
  const args = process.args.slice(1);
  const follow = args[0] === "-L";
  if (args[0] === "-L" || args[0] === "-H") args.shift();
  let split = args.findIndex((arg) => /^[-(!]/.test(arg));
  if (split < 0) split = args.length;
  const expression = new Expression(process, args.slice(split));
  const walk = new Walk(process, await expression.parse(), expression, follow);
  const paths = args.slice(0, split);
  try {
    for (const path of paths.length === 0 ? ["."] : paths) await walk.visit(path, 0);
  } catch (error) {
    if (!(error instanceof Quit)) throw error;
  }
  for (const finish of expression.finish) {
    if (!await finish()) walk.status = 1;
  }
  return walk.status;
}
