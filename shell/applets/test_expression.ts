/**
 * `test` and `[`.
 *
 * POSIX.1-2017, test
 *
 * @module
 */
import { matchPattern } from "../../kernel/vfs/glob.ts";
import { parseNumber } from "../arithmetic.ts";
import type { Process } from "../process.ts";

class TestError extends Error {
  override name = "TestError";
}

const STATUS_ERROR = 2;

function integer(text: string): bigint {
  const value = parseNumber(text.replace(/^([+-]?)0+(?=\d)/, "$1"));
  if (value === undefined) throw new TestError(`${text}: bad number`);
  return value;
}

type Comparison = (a: string, b: string) => boolean;

const BINARY: Readonly<Record<string, Comparison>> = {
  "=": (a, b) => a === b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "-eq": (a, b) => integer(a) === integer(b),
  "-ne": (a, b) => integer(a) !== integer(b),
  "-lt": (a, b) => integer(a) < integer(b),
  "-le": (a, b) => integer(a) <= integer(b),
  "-gt": (a, b) => integer(a) > integer(b),
  "-ge": (a, b) => integer(a) >= integer(b),
};
/** What `[[` compares otherwise: with patterns. */
const PATTERNS: Readonly<Record<string, Comparison>> = {
  ...BINARY,
  "=": (a, b) => matchPattern(b, a),
  "==": (a, b) => matchPattern(b, a),
  "!=": (a, b) => !matchPattern(b, a),
  "=~": (a, b) => new RegExp(b).test(a),
};

function fileTest(process: Process, operator: string, path: string): boolean {
  const stat = process.tryStat(path, operator !== "-L" && operator !== "-h");
  if (stat === undefined) return false;
  switch (operator) {
    case "-f":
      return stat.kind === "file";
    case "-d":
      return stat.kind === "dir";
    case "-b":
      return stat.kind === "block";
    case "-c":
      return stat.kind === "char";
    case "-L":
    case "-h":
      return stat.kind === "link";
    case "-s":
      return stat.size > 0;
    case "-x":
      return (stat.mode & 0o111) !== 0;
    case "-p":
    case "-S":
    case "-u":
    case "-g":
    case "-k":
      return false;
    default:
      return true;
  }
}

const FILE_OPERATORS = /^-[abcdefghkpruwxsLSOG]$/;

function unary(process: Process, operator: string, operand: string): boolean {
  if (operator === "-n") return operand !== "";
  if (operator === "-z") return operand === "";
  if (operator === "-t") return process.fds.get(Number(operand))?.tty ?? false;
  return fileTest(process, operator, operand);
}

const isUnary = (text: string | undefined) =>
  text !== undefined && (/^-[nzt]$/.test(text) || FILE_OPERATORS.test(text));

/** A recursive descent over the arguments: `-o`, `-a`, `!`, `( )`, operators. */
class Parser {
  #at = 0;

  constructor(
    readonly process: Process,
    readonly args: readonly string[],
    readonly binary: Readonly<Record<string, Comparison>>,
  ) {}

  whole(): boolean {
    if (this.args.length === 0) return false;
    const value = this.#or();
    if (this.#at < this.args.length) throw new TestError(`${this.args[this.#at]}: unknown operand`);
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.args[this.#at] === "-o") {
      this.#at++;
      value = this.#and() || value;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.args[this.#at] === "-a") {
      this.#at++;
      value = this.#not() && value;
    }
    return value;
  }

  #not(): boolean {
    const left = this.args.length - this.#at;
    if (this.args[this.#at] === "!" && left > 1 && !(left === 3 && this.#binaryAt(1))) {
      this.#at++;
      return !this.#not();
    }
    return this.#primary();
  }

  #binaryAt(offset: number): boolean {
    return Object.hasOwn(this.binary, this.args[this.#at + offset] ?? "");
  }

  #primary(): boolean {
    const [first, second] = [this.args[this.#at], this.args[this.#at + 1]];
    if (first === undefined) throw new TestError("argument expected");
    if (this.#binaryAt(1) && this.#at + 2 < this.args.length) {
      this.#at += 3;
      return this.binary[second](first, this.args[this.#at - 1]);
    }
    if (first === "(" && second !== undefined) {
      this.#at++;
      const value = this.#or();
      if (this.args[this.#at++] !== ")") throw new TestError("closing paren expected");
      return value;
    }
    if (isUnary(first) && second !== undefined) {
      this.#at += 2;
      return unary(this.process, first, second);
    }
    this.#at++;
    return first !== "";
  }
}

/**
 * `test EXPRESSION`, `[ EXPRESSION ]` or `[[ EXPRESSION ]]`: 0 when it holds, 1 when not, 2 for a wrong
 * expression. Messages name the program that computes it.
 */
export async function test(
  process: Process,
  args: readonly string[],
  caller = args[0],
): Promise<number> {
  const rest = args.slice(1);
  const name = args[0].slice(args[0].lastIndexOf("/") + 1);
  const end = { "[": "]", "[[": "]]" }[name];
  if (end !== undefined && rest.pop() !== end) {
    await process.err(`${caller}: missing ${end}\n`);
    return STATUS_ERROR;
  }
  try {
    return new Parser(process, rest, name === "[[" ? PATTERNS : BINARY).whole() ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    await process.err(`${caller}: ${error.message}\n`);
    return STATUS_ERROR;
  }
}
