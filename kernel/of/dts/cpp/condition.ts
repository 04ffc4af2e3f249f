import type { Diagnostics } from "../diagnostic.ts";
import type { Span } from "../source.ts";
import type { Expander } from "./expander.ts";
import { PP, type PpToken } from "./pp_token.ts";

/** A number of 64 bits; unsigned ones make what they meet unsigned. C11, 6.10.1 */
interface Value {
  bits: bigint;
  unsigned: boolean;
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
};

/** Deeper conditions are refused. */
const DEPTH_MAX = 1000;

class ConditionError extends Error {}

/** The condition of `#if`, evaluated as its tokens come. */
export class Condition {
  #token: PpToken;
  #depth = 0;
  #last: Span;

  /** @param hasInclude Says whether a file can be included. */
  constructor(
    readonly expander: Expander,
    readonly directive: Span,
    readonly diagnostics: Diagnostics,
    readonly hasInclude: (name: string, besides: boolean, next: boolean) => boolean,
  ) {
    this.#last = directive;
    this.#token = this.#read();
  }

  /** Whether it holds; an error counts as no. */
  evaluate(): boolean {
    try {
      if (this.#token.kind === PP.EOF) this.#fail("expected a condition");
      const { bits } = this.#ternary(true);
      if (this.#token.kind !== PP.EOF) this.#fail("expected an operator in the condition");
      return bits !== 0n;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      return false;
    }
  }

  #fail(message: string): never {
    const { kind, start, text } = this.#token;
    const span = kind === PP.EOF ? this.#last : { start, end: start + Math.max(1, text.length) };
    this.diagnostics.error("DTS0504", span, message);
    throw new ConditionError();
  }

  #read(): PpToken {
    let token = this.expander.get();
    while (token.kind === PP.PADDING) token = this.expander.get();
    return token;
  }

  #next(): void {
    const { start, text } = this.#token;
    this.#last = { start, end: start + Math.max(1, text.length) };
    this.#token = this.#read();
  }

  #is(text: string): boolean {
    return this.#token.kind === PP.PUNCTUATOR && this.#token.text === text;
  }

  /** `live`: whether the part counts; in others a division by zero is none. */
  #ternary(live: boolean): Value {
    if (++this.#depth > DEPTH_MAX) this.#fail("expected a condition that is nested less");
    const condition = this.#binary(1, live);
    this.#depth--;
    if (!this.#is("?")) return condition;
    this.#next();
    const truth = condition.bits !== 0n;
    const then = this.#ternary(live && truth);
    if (!this.#is(":")) this.#fail("expected `:` in the condition");
    this.#next();
    const otherwise = this.#ternary(live && !truth);
    const unsigned = then.unsigned || otherwise.unsigned;
    return { bits: fit(truth ? then.bits : otherwise.bits, unsigned), unsigned };
  }

  #binary(least: number, live: boolean): Value {
    let left = this.#unary(live);
    for (;;) {
      const operator = this.#token.kind === PP.PUNCTUATOR ? this.#token.text : "";
      const precedence = PRECEDENCE[operator] ?? 0;
      if (precedence < least) return left;
      const at = this.#token;
      this.#next();
      const decided = (operator === "&&" && left.bits === 0n) ||
        (operator === "||" && left.bits !== 0n);
      const right = this.#binary(precedence + 1, live && !decided);
      left = this.#apply(operator, left, right, live, at);
    }
  }

  #apply(operator: string, left: Value, right: Value, live: boolean, at: PpToken): Value {
    const truth = (value: boolean) => ({ bits: value ? 1n : 0n, unsigned: false });
    if (operator === "&&") return truth(left.bits !== 0n && right.bits !== 0n);
    if (operator === "||") return truth(left.bits !== 0n || right.bits !== 0n);
    if (operator === "<<" || operator === ">>") return shift(operator, left, right);
    const unsigned = left.unsigned || right.unsigned;
    const a = fit(left.bits, unsigned);
    const b = fit(right.bits, unsigned);
    const compare = COMPARE[operator];
    if (compare !== undefined) return truth(compare(a, b));
    if ((operator === "/" || operator === "%") && b === 0n) {
      if (live) {
        this.#token = at;
        this.#fail("expected a divisor other than 0");
      }
      return { bits: 0n, unsigned };
    }
    return { bits: fit(ARITHMETIC[operator](a, b), unsigned), unsigned };
  }

  #unary(live: boolean): Value {
    const { kind, text } = this.#token;
    if (kind === PP.PUNCTUATOR && "+-~!(".includes(text)) {
      if (++this.#depth > DEPTH_MAX) this.#fail("expected a condition that is nested less");
      this.#next();
      const value = text === "(" ? this.#ternary(live) : this.#unary(live);
      this.#depth--;
      if (text === "(") {
        if (!this.#is(")")) this.#fail("expected `)` in the condition");
        this.#next();
      }
      return text === "-"
        ? { bits: fit(-value.bits, value.unsigned), unsigned: value.unsigned }
        : text === "~"
        ? { bits: fit(~value.bits, value.unsigned), unsigned: value.unsigned }
        : text === "!"
        ? { bits: value.bits === 0n ? 1n : 0n, unsigned: false }
        : value;
    }
    const value = kind === PP.NAME
      ? this.#name(text)
      : kind === PP.NUMBER
      ? this.#number(text)
      : kind === PP.CHAR
      ? { bits: characterValue(text), unsigned: false }
      : this.#fail("expected a number, a name or `(` in the condition");
    this.#next();
    return value;
  }

  #name(text: string): Value {
    if (text === "defined") return this.#defined();
    if (text === "__has_include" || text === "__has_include_next") return this.#include(text);
    return { bits: 0n, unsigned: false };
  }

  /** `defined NAME` or `defined(NAME)`; stops at its last token. */
  #defined(): Value {
    this.expander.prevented++;
    this.#next();
    const parenthesis = this.#is("(");
    if (parenthesis) this.#next();
    const { kind, text } = this.#token;
    if (kind !== PP.NAME) this.expander.prevented--;
    if (kind !== PP.NAME) this.#fail("expected the name of a macro after `defined`");
    if (parenthesis) this.#next();
    this.expander.prevented--;
    if (parenthesis && !this.#is(")")) this.#fail("expected `)` after the name of the macro");
    const known = this.expander.macros.has(text) || text.startsWith("__has_include");
    return { bits: known ? 1n : 0n, unsigned: false };
  }

  /** `__has_include("file")`; stops at its last token. */
  #include(operator: string): Value {
    this.expander.prevented++;
    this.#next();
    let name = "";
    for (this.#next(); !this.#is(")") && this.#token.kind !== PP.EOF; this.#next()) {
      name += this.#token.text;
    }
    this.expander.prevented--;
    if (!/^(".*"|<.*>)$/.test(name) || !this.#is(")")) this.#fail('expected ("file") or (<file>)');
    const next = operator === "__has_include_next";
    const found = this.hasInclude(name.slice(1, -1), name.startsWith('"'), next);
    return { bits: found ? 1n : 0n, unsigned: false };
  }

  #number(text: string): Value {
    const match =
      /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9]\d*)([uU]?(?:[lL]|ll|LL)?|(?:[lL]|ll|LL)[uU])$/
        .exec(text);
    if (match === null) this.#fail(`expected an integer, \`${text}\` is none`);
    const [, digits, suffix] = match;
    const octal = /^0[0-7]+$/.test(digits);
    const value = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
    if (value > 0xffffffffffffffffn) this.#fail("expected an integer of at most 64 bits");
    const unsigned = /u/i.test(suffix) || value > 0x7fffffffffffffffn;
    return { bits: fit(value, unsigned), unsigned };
  }
}

const COMPARE: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

const ARITHMETIC: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "&": (a, b) => a & b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

function fit(bits: bigint, unsigned: boolean): bigint {
  return unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits);
}

/** A negative count shifts the other way. GCC: num_lshift(), num_rshift() */
function shift(operator: string, { bits, unsigned }: Value, count: Value): Value {
  const back = !count.unsigned && count.bits < 0n;
  const left = (operator === "<<") !== back;
  const size = back ? -count.bits : count.bits;
  if (size >= 64n) return { bits: !left && !unsigned && bits < 0n ? -1n : 0n, unsigned };
  return { bits: fit(left ? bits << size : bits >> size, unsigned), unsigned };
}

function characterValue(text: string): bigint {
  const inner = text.slice(1, -1);
  const escapes: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };
  const match = /^\\(?:([0-7]{1,3})|x([0-9a-fA-F]+)|(.))$/.exec(inner);
  if (match === null) return BigInt(inner.charCodeAt(0) << 24 >> 24);
  const [, octal, hex, letter] = match;
  if (octal !== undefined) return BigInt(parseInt(octal, 8) << 24 >> 24);
  if (hex !== undefined) return BigInt(parseInt(hex, 16) << 24 >> 24);
  return BigInt(escapes[letter] ?? letter.charCodeAt(0));
}
