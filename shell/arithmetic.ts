/**
 * `$(( ))`: whole numbers of 64 bits. What is computed is text, after parameters and commands in it have
 * been replaced; names in it are variables, and what a variable holds may be an expression again.
 *
 * POSIX.1-2017, 2.6.4
 *
 * @module
 */

/** Variables as arithmetic sees them. */
export interface ArithmeticScope {
  get(name: string): string;
  set(name: string, value: string): undefined;
}

/** An expression that cannot be computed. */
export class ArithmeticError extends Error {
  override name = "ArithmeticError";
}

const WIDTH = 64;
/** Variables that hold each other's names may do so this often. */
const DEPTH_MAX = 64;

type Operator = (a: bigint, b: bigint) => bigint;

function divide(a: bigint, b: bigint, remainder: boolean): bigint {
  if (b === 0n) throw new ArithmeticError("divide by zero");
  return remainder ? a % b : a / b;
}

const truth = (value: boolean) => value ? 1n : 0n;

function power(a: bigint, b: bigint): bigint {
  if (b < 0n) throw new ArithmeticError("exponent less than 0");
  return a ** b;
}

/** Operators with two sides, each row binding more tightly than the one before. */
const LEVELS: readonly Readonly<Record<string, Operator>>[] = [
  { "|": (a, b) => a | b },
  { "^": (a, b) => a ^ b },
  { "&": (a, b) => a & b },
  { "==": (a, b) => truth(a === b), "!=": (a, b) => truth(a !== b) },
  {
    "<": (a, b) => truth(a < b),
    "<=": (a, b) => truth(a <= b),
    ">": (a, b) => truth(a > b),
    ">=": (a, b) => truth(a >= b),
  },
  { "<<": (a, b) => a << (b & 63n), ">>": (a, b) => a >> (b & 63n) },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  {
    "*": (a, b) => a * b,
    "/": (a, b) => divide(a, b, false),
    "%": (a, b) => divide(a, b, true),
  },
  { "**": power },
];
const BINARY: Readonly<Record<string, Operator>> = Object.assign({}, ...LEVELS);
const ASSIGNMENT = /^(?:\*|\/|%|\+|-|<<|>>|&|\^|\|)?=$/;

/** The value of a number as C writes it: decimal, `0x`, leading `0` for octal. */
export function parseNumber(text: string): bigint | undefined {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)\s*$/.exec(text);
  if (match === null) return undefined;
  const digits = match[2];
  const octal = /^0[0-7]+$/.test(digits);
  if (/^0\d+$/.test(digits) && !octal) return undefined;
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return match[1] === "-" ? -value : value;
}

/** A number with its base in front: `16#ff`. */
function basedNumber(text: string): bigint | undefined {
  const [base, digits] = text.split("#");
  const radix = Number(base);
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = parseInt(digit, 36);
    if (!(worth < radix)) return undefined;
    value = value * BigInt(radix) + BigInt(worth);
  }
  return value;
}

const TOKEN =
  /\s*(?:(\d\w*(?:#\w+)?)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*\/%&|^]=|[-+*\/%<>&|^!~?:=(),]))/y;

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw new ArithmeticError("arithmetic syntax error");
    found.push(match[0].trim());
  }
  return found;
}

/** What stands for a value: the variable's name, when it can be assigned. */
interface Operand {
  readonly value: bigint;
  readonly name?: string;
}

/** Computes while it reads. What is not to be computed is read with {@linkcode Evaluation.live} off. */
class Evaluation {
  readonly #tokens: readonly string[];
  #at = 0;
  live = true;

  constructor(text: string, readonly scope: ArithmeticScope, readonly depth: number) {
    this.#tokens = tokens(text);
  }

  whole(): bigint {
    if (this.#tokens.length === 0) return 0n;
    const value = this.#list();
    if (this.#at < this.#tokens.length) throw new ArithmeticError("arithmetic syntax error");
    return value;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): undefined {
    if (!this.#take(token)) throw new ArithmeticError("arithmetic syntax error");
  }

  #list(): bigint {
    let value = this.#assignment();
    while (this.#take(",")) value = this.#assignment();
    return value;
  }

  #assignment(): bigint {
    const [name, operator = ""] = this.#tokens.slice(this.#at, this.#at + 2);
    if (!/^[A-Za-z_]/.test(name ?? "") || !ASSIGNMENT.test(operator)) return this.#ternary();
    this.#at += 2;
    const value = this.#assignment();
    if (operator === "=") return this.#assign(name, value);
    return this.#assign(name, this.#apply(BINARY[operator.slice(0, -1)], this.#read(name), value));
  }

  #ternary(): bigint {
    const condition = this.#or();
    if (!this.#take("?")) return condition;
    const chosen = this.#when(condition !== 0n, () => this.#list());
    this.#expect(":");
    const other = this.#when(condition === 0n, () => this.#ternary());
    return condition === 0n ? other : chosen;
  }

  /** Reads a part, and computes it only when `wanted`. */
  #when(wanted: boolean, part: () => bigint): bigint {
    const outer = this.live;
    this.live = outer && wanted;
    try {
      return part();
    } finally {
      this.live = outer;
    }
  }

  #or(): bigint {
    let value = this.#and();
    while (this.#take("||")) {
      const known = value !== 0n;
      value = truth(this.#when(!known, () => this.#and()) !== 0n || known);
    }
    return value;
  }

  #and(): bigint {
    let value = this.#binary(0);
    while (this.#take("&&")) {
      const known = value === 0n;
      value = truth(this.#when(!known, () => this.#binary(0)) !== 0n && !known);
    }
    return value;
  }

  #binary(level: number): bigint {
    if (level === LEVELS.length) return this.#unary();
    let value = this.#binary(level + 1);
    for (;;) {
      const operator = LEVELS[level][this.#tokens[this.#at] ?? ""];
      if (operator === undefined) return value;
      this.#at++;
      value = this.#apply(operator, value, this.#binary(level + 1));
    }
  }

  #apply(operator: Operator, left: bigint, right: bigint): bigint {
    return this.live ? BigInt.asIntN(WIDTH, operator(left, right)) : 0n;
  }

  #unary(): bigint {
    if (this.#take("-")) return BigInt.asIntN(WIDTH, -this.#unary());
    if (this.#take("+")) return this.#unary();
    if (this.#take("!")) return truth(this.#unary() === 0n);
    if (this.#take("~")) return ~this.#unary();
    const step = this.#step();
    if (step !== 0n) {
      const { value, name } = this.#primary();
      return this.#assign(name, value + step);
    }
    const { value, name } = this.#primary();
    const after = this.#step();
    if (after !== 0n) this.#assign(name, value + after);
    return value;
  }

  /** What `++` or `--` adds; 0 where neither stands. */
  #step(): bigint {
    return this.#take("++") ? 1n : this.#take("--") ? -1n : 0n;
  }

  #primary(): Operand {
    if (this.#take("(")) {
      const value = this.#list();
      this.#expect(")");
      return { value };
    }
    const token = this.#tokens[this.#at++] ?? "";
    if (/^[A-Za-z_]/.test(token)) return { value: this.#read(token), name: token };
    const value = token.includes("#") ? basedNumber(token) : parseNumber(token);
    if (value === undefined) throw new ArithmeticError("arithmetic syntax error");
    return { value };
  }

  #read(name: string): bigint {
    if (!this.live) return 0n;
    const text = this.scope.get(name);
    const number = parseNumber(text);
    if (number !== undefined) return BigInt.asIntN(WIDTH, number);
    if (this.depth >= DEPTH_MAX) throw new ArithmeticError("expression recursion loop detected");
    return new Evaluation(text, this.scope, this.depth + 1).whole();
  }

  #assign(name: string | undefined, value: bigint): bigint {
    if (name === undefined) throw new ArithmeticError("arithmetic syntax error");
    const wrapped = BigInt.asIntN(WIDTH, value);
    if (this.live) this.scope.set(name, `${wrapped}`);
    return wrapped;
  }
}

/** Computes an expression. An empty one is 0. */
export function evaluate(text: string, scope: ArithmeticScope): bigint {
  return new Evaluation(text, scope, 0).whole();
}
