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

interface Found {
  readonly path: string;
  readonly stat: Stat;
  readonly depth: number;
  pruned: boolean;
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
        return this.#named((pattern, { path }) =>
          matchPattern(pattern, path.replace(/\/+$/, "").split("/").at(-1) ?? "")
        );
      case "-path":
        return this.#named((pattern, { path }) => matchPattern(pattern, path));
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
      case "-follow":
      case "-xdev":
      case "-depth":
        return () => true;
      default:
        return await this.#fail(`unrecognized: ${name}`);
    }
  }

  #named(test: (value: string, found: Found) => boolean): Test {
    const value = this.args[this.#at++];
    return (found) => test(value, found);
  }

  #exec(): Test {
    const end = this.args.findIndex((arg, at) => at >= this.#at && (arg === ";" || arg === "+"));
    const words = this.args.slice(this.#at, end);
    this.#at = end + 1;
    this.acts = true;
    return async ({ path }) => {
      const args = words.map((word) => word.replaceAll("{}", path));
      const program = lookup(this.process, args[0]);
      if (program === undefined) return false;
      await this.process.flush();
      return await waitJob(startProgram(child(this.process, args), program)) === 0;
    };
  }
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
    if (depth >= expression.minDepth) {
      const fits = await this.test(found);
      if (fits && !expression.acts) await process.out(`${path}\n`);
    }
    if (stat.kind !== "dir" || found.pruned || depth >= expression.maxDepth) return;
    for (const name of this.#names(path)) {
      await this.visit(path.endsWith("/") ? path + name : `${path}/${name}`, depth + 1);
    }
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
  for (const path of paths.length === 0 ? ["."] : paths) await walk.visit(path, 0);
  return walk.status;
}
