import { HEX_DIGITS_MISSING, unescape } from "./escape.ts";
import type { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import type { Syntax } from "./syntax.ts";
import { isHex, MODE, T } from "./token.ts";

const bool = (truth: boolean) => truth ? 1n : 0n;
const u64 = (value: bigint) => BigInt.asUintN(64, value);

interface Binary {
  precedence: number;
  apply(a: bigint, b: bigint): bigint | undefined;
}

/** Binary operators on unsigned 64-bit numbers; `undefined` for a division by zero. */
const BINARY: ReadonlyMap<number, Binary> = new Map([
  [T.OR, { precedence: 2, apply: (a, b) => bool(a !== 0n || b !== 0n) }],
  [T.AND, { precedence: 3, apply: (a, b) => bool(a !== 0n && b !== 0n) }],
  [0x7c, { precedence: 4, apply: (a, b) => a | b }],
  [0x5e, { precedence: 5, apply: (a, b) => a ^ b }],
  [0x26, { precedence: 6, apply: (a, b) => a & b }],
  [T.EQUAL, { precedence: 7, apply: (a, b) => bool(a === b) }],
  [T.NOT_EQUAL, { precedence: 7, apply: (a, b) => bool(a !== b) }],
  [T.ANGLE_OPEN, { precedence: 8, apply: (a, b) => bool(a < b) }],
  [T.ANGLE_CLOSE, { precedence: 8, apply: (a, b) => bool(a > b) }],
  [T.LESS_EQUAL, { precedence: 8, apply: (a, b) => bool(a <= b) }],
  [T.GREATER_EQUAL, { precedence: 8, apply: (a, b) => bool(a >= b) }],
  [T.SHIFT_LEFT, { precedence: 9, apply: (a, b) => b < 64n ? u64(a << b) : 0n }],
  [T.SHIFT_RIGHT, { precedence: 9, apply: (a, b) => b < 64n ? a >> b : 0n }],
  [0x2b, { precedence: 10, apply: (a, b) => u64(a + b) }],
  [0x2d, { precedence: 10, apply: (a, b) => u64(a - b) }],
  [0x2a, { precedence: 11, apply: (a, b) => u64(a * b) }],
  [T.SLASH, { precedence: 11, apply: (a, b) => b === 0n ? undefined : a / b }],
  [0x25, { precedence: 11, apply: (a, b) => b === 0n ? undefined : a % b }],
] as [number, Binary][]);

/** Operators in front of their operand. */
const UNARY: ReadonlyMap<number, (a: bigint) => bigint> = new Map([
  [0x2d, (a: bigint) => u64(-a)],
  [0x7e, (a: bigint) => u64(~a)],
  [0x21, (a: bigint) => bool(a === 0n)],
]);

/** What waits for its right side. `then` becomes `else` at the colon. */
type Pending =
  | { kind: "paren" | "then" | "else"; span: Span }
  | { kind: "unary"; apply: (a: bigint) => bigint; span: Span }
  | { kind: "binary"; operator: Binary; span: Span };

/**
 * Evaluates expressions in parentheses as dtc does: unsigned 64-bit, every part computed. Keeps its own
 * stacks, so that depth has no limit.
 */
export class Expression {
  #values: bigint[] = [];
  #pending: Pending[] = [];

  constructor(readonly lexer: Lexer, readonly syntax: Syntax) {}

  /**
   * Reads a number, a character or `( expression )`. `undefined` if none stands here, or after a
   * diagnostic; then the current token is one that no expression has.
   */
  primary(): bigint | undefined {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.LITERAL:
      case T.CHAR:
      case T.BAD_NUMBER:
      case T.BAD_CHAR: {
        const value = this.#literal();
        lexer.next();
        return value;
      }
      case T.PAREN_OPEN:
        this.#values = [];
        this.#pending = [];
        return this.#parenthesized();
    }
    return undefined;
  }

  #parenthesized(): bigint | undefined {
    const { lexer } = this;
    for (let operand = true;;) {
      const span = lexer.span();
      if (operand) {
        const more = this.#operand(span);
        if (more === undefined) return undefined;
        operand = more;
      } else if (lexer.kind === T.PAREN_CLOSE) {
        if (!this.#closeParenthesis()) return this.#skip();
        if (this.#pending.length === 0) {
          lexer.next();
          return this.#values[0];
        }
      } else {
        if (!this.#operator(span)) return this.#skip();
        operand = true;
      }
      lexer.next();
    }
  }

  /** Takes a token where an operand must start: whether one still must, `undefined` after an error. */
  #operand(span: Span): boolean | undefined {
    const { kind } = this.lexer;
    const unary = UNARY.get(kind);
    if (kind === T.PAREN_OPEN) this.#pending.push({ kind: "paren", span });
    else if (unary !== undefined) this.#pending.push({ kind: "unary", apply: unary, span });
    else if (
      kind === T.LITERAL || kind === T.CHAR || kind === T.BAD_NUMBER || kind === T.BAD_CHAR
    ) {
      this.#values.push(this.#literal());
      return false;
    } else if (kind === T.LABEL_REF || kind === T.PATH_REF) {
      this.syntax.error("DTS0205", span, "a reference cannot be part of an expression", {
        help: "end the expression before the reference: <(1 + 2) &label>",
      });
      return this.#skip();
    } else return this.#noOperand(span);
    return true;
  }

  /** A `>` without right side is more likely the end of the array than an operator. */
  #noOperand(span: Span): undefined {
    const last = this.#pending.at(-1);
    const open = this.#pending.find(({ kind }) => kind === "paren")!;
    const related = [{ span: open.span, text: "to close this" }];
    if (last?.kind === "binary" && last.operator === BINARY.get(T.ANGLE_CLOSE)) {
      const missing = { start: last.span.start, end: last.span.start };
      this.syntax.error("DTS0112", missing, "expected `)` before `>`", { related });
      this.lexer.rescan(last.span.start, MODE.VALUE);
      return undefined;
    }
    if (this.lexer.kind === T.WORD) {
      const word = this.lexer.text();
      this.syntax.error("DTS0208", span, `expected a number or \`(\`, \`${word}\` is neither`, {
        help: "macros need the `#include` of the header that defines them",
      });
    } else {
      this.syntax.error("DTS0208", span, "expected a number or `(` in an expression", { related });
    }
    return this.#skip();
  }

  /** Takes a token where an operator must stand; false after an error. */
  #operator(span: Span): boolean {
    const { kind } = this.lexer;
    const operator = BINARY.get(kind);
    if (operator !== undefined) {
      this.#reduce(operator.precedence);
      this.#pending.push({ kind: "binary", operator, span });
      return true;
    }
    if (kind === T.QUESTION) {
      this.#reduce(2);
      this.#pending.push({ kind: "then", span });
      return true;
    }
    const open = this.#pending.findLast(({ kind }) => kind === "paren")!;
    const related = [{ span: open.span, text: "inside this" }];
    if (kind !== T.COLON) {
      const message = "expected an operator or `)` in an expression";
      this.syntax.error("DTS0112", span, message, { related });
      return false;
    }
    this.#reduce(1);
    const condition = this.#pending.at(-1);
    if (condition?.kind !== "then") {
      this.syntax.error("DTS0208", span, "expected `?` somewhere before this `:`", {
        related,
      });
      return false;
    }
    condition.kind = "else";
    return true;
  }

  #closeParenthesis(): boolean {
    this.#reduce(1);
    const open = this.#pending.pop();
    if (open === undefined || open.kind === "paren") return true;
    this.syntax.error("DTS0208", open.span, "expected `:` and a value after this `?`");
    return false;
  }

  /** Applies what waits and binds at least as tightly as `precedence`; 1 is that of `? :`. */
  #reduce(precedence: number): void {
    for (let top = this.#pending.at(-1); top !== undefined; top = this.#pending.at(-1)) {
      if (top.kind === "paren" || top.kind === "then") return;
      if (top.kind === "else" && precedence > 1) return;
      if (top.kind === "binary" && top.operator.precedence < precedence) return;
      this.#apply(top);
      this.#pending.pop();
    }
  }

  #apply(top: Pending): void {
    const right = this.#values.pop() ?? 0n;
    if (top.kind === "unary") {
      this.#values.push(top.apply(right));
    } else if (top.kind === "binary") {
      const result = top.operator.apply(this.#values.pop() ?? 0n, right);
      if (result === undefined) {
        const details = { help: "every part of an expression is computed, also an unused one" };
        this.syntax.diagnostics.error("DTS0207", top.span, "division by zero", details);
      }
      this.#values.push(result ?? 0n);
    } else {
      const then = this.#values.pop() ?? 0n;
      this.#values.push(this.#values.pop() === 0n ? right : then);
    }
  }

  /** Goes to the end of what was meant as an expression. */
  #skip(): undefined {
    const { lexer } = this;
    let depth = this.#pending.filter(({ kind }) => kind === "paren").length;
    while (!ENDS.includes(lexer.kind)) {
      if (lexer.kind === T.PAREN_OPEN) depth++;
      const done = lexer.kind === T.PAREN_CLOSE && --depth <= 0;
      lexer.next();
      if (done) return;
    }
  }

  #literal(): bigint {
    return this.lexer.kind === T.CHAR || this.lexer.kind === T.BAD_CHAR
      ? this.#character()
      : parseLiteral(this.lexer, this.syntax);
  }

  #character(): bigint {
    const { lexer: { bytes, kind }, syntax: { diagnostics } } = this;
    const span = this.lexer.span();
    if (kind === T.BAD_CHAR) {
      this.syntax.error("DTS0009", span, "expected `'` to end the character literal");
      return 0n;
    }
    const text = unescape(bytes, span.start + 1, span.end - 1, () => {
      diagnostics.error("DTS0008", span, HEX_DIGITS_MISSING);
    });
    if (text.length !== 1) {
      const message = `expected one character in a literal, there are ${text.length}`;
      diagnostics.error("DTS0009", span, message, { help: 'text is written in quotes: "text"' });
    }
    return BigInt(text[0] ?? 0);
  }
}

/** Tokens that no expression has. */
const ENDS: readonly number[] = [
  T.END,
  T.SEMICOLON,
  T.BRACE_OPEN,
  T.BRACE_CLOSE,
  T.ANGLE_CLOSE,
  T.COMMA,
  T.STRING,
];

/** The current token, an integer as C writes it; 0 after a diagnostic. */
export function parseLiteral(lexer: Lexer, syntax: Syntax): bigint {
  const { diagnostics } = syntax;
  const text = lexer.text();
  if (lexer.kind === T.BAD_NUMBER) {
    diagnostics.error("DTS0010", lexer.span(), `expected a number, \`${text}\` is none`, {
      help: badNumberHelp(text),
    });
    return 0n;
  }
  const octal = /^0\d/.test(text);
  const digits = text.replace(/[UL]+$/, "").replace(/^0+(?=\d)/, "");
  if (octal && /[89]/.test(digits)) {
    const message = `expected an octal number, \`${text}\` is none`;
    diagnostics.error("DTS0010", lexer.span(), message, {
      help: `a leading zero makes it octal: write ${digits}`,
    });
    return 0n;
  }
  const value = digits.length > DIGITS_MAX ? 1n << 64n : BigInt(octal ? `0o${digits}` : digits);
  if (value > 0xffffffffffffffffn) {
    const message = "expected a number of at most 64 bits";
    diagnostics.error("DTS0011", lexer.span(), message);
  }
  return u64(value);
}

/** Numbers with more digits are too big, or hexadecimal with zeros that nobody writes. */
const DIGITS_MAX = 4096;

function badNumberHelp(text: string): string {
  if (/^0b[01]+$/i.test(text)) {
    return `there are no binary numbers: write 0x${BigInt(text.toLowerCase()).toString(16)}`;
  }
  if (/^[0-9a-f]+_[0-9a-f_]+$/i.test(text)) return `write ${text.replaceAll("_", "")}`;
  const suffix = /^(0[xX][0-9a-fA-F]+?|\d+)([uUlL]+)$/.exec(text);
  if (suffix !== null) return "suffixes are U, L, UL, LL and ULL";
  if (/^\d/.test(text) && [...text].every((digit) => isHex(digit.charCodeAt(0)))) {
    return `hexadecimal numbers start with 0x: 0x${text}`;
  }
  return "numbers are decimal, octal (017) or hexadecimal (0x1f)";
}
