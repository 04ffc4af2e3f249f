/**
 * `$(( ))`: whole numbers of 64 bits.
 *
 * POSIX.1-2017, 2.6.4
 *
 * @module
 */
import type { ArithNode } from "./ast.ts";

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
/** Variables that name each other may do so this often. */
const DEPTH_MAX = 64;

type Operator = (a: bigint, b: bigint) => bigint;

function divide(a: bigint, b: bigint, remainder: boolean): bigint {
  if (b === 0n) throw new ArithmeticError("divide by zero");
  return remainder ? a % b : a / b;
}

const truth = (value: boolean) => value ? 1n : 0n;

const BINARY: Readonly<Record<string, Operator>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => divide(a, b, false),
  "%": (a, b) => divide(a, b, true),
  "**": (a, b) => {
    if (b < 0n) throw new ArithmeticError("negative exponent");
    return a ** b;
  },
  "<<": (a, b) => a << (b & 63n),
  ">>": (a, b) => a >> (b & 63n),
  "<": (a, b) => truth(a < b),
  "<=": (a, b) => truth(a <= b),
  ">": (a, b) => truth(a > b),
  ">=": (a, b) => truth(a >= b),
  "==": (a, b) => truth(a === b),
  "!=": (a, b) => truth(a !== b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  ",": (_a, b) => b,
};

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

/** Computes an expression. */
export function evaluate(node: ArithNode, scope: ArithmeticScope, depth = 0): bigint {
  return BigInt.asIntN(WIDTH, compute(node, scope, depth));
}

function variable(name: string, scope: ArithmeticScope, depth: number): bigint {
  const text = scope.get(name).trim();
  if (text === "") return 0n;
  const number = parseNumber(text);
  if (number !== undefined) return number;
  if (/^[A-Za-z_]\w*$/.test(text) && depth < DEPTH_MAX) return variable(text, scope, depth + 1);
  throw new ArithmeticError("arithmetic syntax error");
}

function assign(scope: ArithmeticScope, name: string, value: bigint): bigint {
  const wrapped = BigInt.asIntN(WIDTH, value);
  scope.set(name, `${wrapped}`);
  return wrapped;
}

function unary(
  node: Extract<ArithNode, { type: "ArithUnary" }>,
  scope: ArithmeticScope,
  depth: number,
): bigint {
  const value = evaluate(node.operand, scope, depth);
  switch (node.operator) {
    case "-":
      return -value;
    case "+":
      return value;
    case "!":
      return truth(value === 0n);
    case "~":
      return ~value;
    default: {
      if (node.operand.type !== "ArithVariable") {
        throw new ArithmeticError("arithmetic syntax error");
      }
      const next = assign(scope, node.operand.name, value + (node.operator === "++" ? 1n : -1n));
      return node.prefix ? next : value;
    }
  }
}

function binary(
  node: Extract<ArithNode, { type: "ArithBinary" }>,
  scope: ArithmeticScope,
  depth: number,
): bigint {
  const left = evaluate(node.left, scope, depth);
  if (node.operator === "&&" && left === 0n) return 0n;
  if (node.operator === "||" && left !== 0n) return 1n;
  const right = evaluate(node.right, scope, depth);
  const operator = BINARY[node.operator];
  return operator === undefined ? truth(right !== 0n) : operator(left, right);
}

function compute(node: ArithNode, scope: ArithmeticScope, depth: number): bigint {
  switch (node.type) {
    case "ArithNumber":
      return BigInt(node.value);
    case "ArithVariable":
    case "ArithSpecialVar":
      return variable(node.name, scope, depth);
    case "ArithBracedExpansion":
      return variable(node.content, scope, depth);
    case "ArithGroup":
    case "ArithNested":
      return evaluate(node.expression, scope, depth);
    case "ArithUnary":
      return unary(node, scope, depth);
    case "ArithBinary":
      return binary(node, scope, depth);
    case "ArithTernary":
      return evaluate(node.condition, scope, depth) !== 0n
        ? evaluate(node.consequent, scope, depth)
        : evaluate(node.alternate, scope, depth);
    case "ArithAssignment": {
      const value = evaluate(node.value, scope, depth);
      if (node.operator === "=") return assign(scope, node.variable, value);
      const operator = BINARY[node.operator.slice(0, -1)];
      return assign(scope, node.variable, operator(variable(node.variable, scope, depth), value));
    }
    default:
      throw new ArithmeticError("arithmetic syntax error");
  }
}
