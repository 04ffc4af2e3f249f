/**
 * `expr`.
 *
 * POSIX.1-2017, expr
 *
 * @module
 */
import type { Process } from "../process.ts";
import { posixRegex } from "./regex.ts";

class ExprError extends Error {
  override name = "ExprError";
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "=": (order) => order === 0,
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">=": (order) => order >= 0,
  ">": (order) => order > 0,
};

const isNumber = (text: string) => /^-?\d+$/.test(text);

function integer(text: string): bigint {
  if (!isNumber(text)) throw new ExprError("non-numeric argument");
  return BigInt(text);
}

const isNull = (text: string) => text === "" || text === "0";

/** What a pattern matches at the start of a text: the group, or how many characters. */
function match(text: string, pattern: string): string {
  const grouped = pattern.includes("\\(");
  const found = new RegExp(`^(?:${posixRegex(pattern, false)})`).exec(text);
  if (grouped) return found?.[1] ?? "";
  return `${found?.[0].length ?? 0}`;
}

/** A recursive descent over the arguments. */
class Parser {
  #at = 0;

  constructor(readonly args: readonly string[]) {}

  whole(): string {
    if (this.args.length === 0) throw new ExprError("too few arguments");
    const value = this.#or();
    if (this.#at < this.args.length) throw new ExprError("syntax error");
    return value;
  }

  #take(...operators: string[]): string | undefined {
    const next = this.args[this.#at];
    if (!operators.includes(next)) return undefined;
    this.#at++;
    return next;
  }

  #or(): string {
    let value = this.#and();
    while (this.#take("|")) {
      const other = this.#and();
      value = isNull(value) ? other : value;
    }
    return value;
  }

  #and(): string {
    let value = this.#comparison();
    while (this.#take("&")) {
      const other = this.#comparison();
      value = isNull(value) || isNull(other) ? "0" : value;
    }
    return value;
  }

  #comparison(): string {
    let value = this.#sum();
    for (let operator; (operator = this.#take(...Object.keys(COMPARISONS))) !== undefined;) {
      const other = this.#sum();
      const order = isNumber(value) && isNumber(other)
        ? Number(BigInt(value) - BigInt(other))
        : value < other
        ? -1
        : Number(value > other);
      value = COMPARISONS[operator](order) ? "1" : "0";
    }
    return value;
  }

  #sum(): string {
    let value = this.#product();
    for (let operator; (operator = this.#take("+", "-")) !== undefined;) {
      const other = integer(this.#product());
      value = `${operator === "+" ? integer(value) + other : integer(value) - other}`;
    }
    return value;
  }

  #product(): string {
    let value = this.#match();
    for (let operator; (operator = this.#take("*", "/", "%")) !== undefined;) {
      const [a, b] = [integer(value), integer(this.#match())];
      if (operator !== "*" && b === 0n) throw new ExprError("division by zero");
      value = `${operator === "*" ? a * b : operator === "/" ? a / b : a % b}`;
    }
    return value;
  }

  #match(): string {
    let value = this.#primary();
    while (this.#take(":")) value = match(value, this.#primary());
    return value;
  }

  #next(): string {
    const word = this.args[this.#at++];
    if (word === undefined) throw new ExprError("syntax error");
    return word;
  }

  #primary(): string {
    const word = this.#next();
    switch (this.#at < this.args.length ? word : "") {
      case "(": {
        const value = this.#or();
        if (!this.#take(")")) throw new ExprError("syntax error");
        return value;
      }
      case "quote":
        return this.#next();
      case "length":
        return `${this.#primary().length}`;
      case "match":
        return match(this.#primary(), this.#primary());
      case "index": {
        const [text, chars] = [this.#primary(), this.#primary()];
        return `${[...text].findIndex((char) => chars.includes(char)) + 1}`;
      }
      case "substr": {
        const text = this.#primary();
        const [start, count] = [Number(this.#primary()), Number(this.#primary())];
        return start > 0 && count > 0 ? text.slice(start - 1, start - 1 + count) : "";
      }
    }
    return word;
  }
}

/** `expr EXPRESSION`: 1 when the value is empty or 0, 2 for a wrong expression. */
export async function expr(process: Process): Promise<number> {
  try {
    const value = new Parser(process.args.slice(1)).whole();
    await process.out(`${value}\n`);
    return isNull(value) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ExprError)) throw error;
    await process.complain(error.message);
    return 2;
  }
}
