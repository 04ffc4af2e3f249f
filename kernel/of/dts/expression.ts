import type { Diagnostics } from "./diagnostic.ts";
import type { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import { T } from "./token.ts";
import { unescape } from "./escape.ts";

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
  | { kind: "paren"; span: Span }
  | { kind: "then" | "else"; span: Span }
  | { kind: "unary"; apply: (a: bigint) => bigint; span: Span }
  | { kind: "binary"; operator: Binary; span: Span };

/**
 * Evaluates expressions in parentheses as dtc does: unsigned 64-bit, every part computed. Keeps its own
 * stacks, so that depth has no limit.
 */
export class Expression {
  #values: bigint[] = [];
  #pending: Pending[] = [];

  constructor(readonly lexer: Lexer, readonly diagnostics: Diagnostics) {}

  /** Reads a number, a character or `( expression )`. `undefined` if none stands here. */
  primary(): bigint | undefined {
    const { lexer } = this;
    if (lexer.kind === T.LITERAL || lexer.kind === T.CHAR) {
      const value = this.#literal();
      lexer.next();
      return value;
    }
    if (lexer.kind !== T.PAREN_OPEN) return undefined;
    this.#values = [];
    this.#pending = [];
    return this.#parenthesized();
  }

  #parenthesized(): bigint {
    const { lexer } = this;
    for (let operand = true;;) {
      const span = lexer.span();
      if (operand) operand = this.#operand(span);
      else if (lexer.kind === T.PAREN_CLOSE) {
        this.#closeParenthesis(span);
        if (this.#pending.length === 0) {
          lexer.next();
          return this.#values[0];
        }
      } else {
        this.#operator(span);
        operand = true;
      }
      lexer.next();
    }
  }

  /** Takes a token where an operand must start. True if one still must. */
  #operand(span: Span): boolean {
    const { kind } = this.lexer;
    const unary = UNARY.get(kind);
    if (kind === T.PAREN_OPEN) this.#pending.push({ kind: "paren", span });
    else if (unary !== undefined) this.#pending.push({ kind: "unary", apply: unary, span });
    else if (kind === T.LITERAL || kind === T.CHAR) {
      this.#values.push(this.#literal());
      return false;
    } else if (kind === T.LABEL_REF || kind === T.PATH_REF) {
      this.diagnostics.fatal("DTS0201", span, "a reference cannot be part of an expression");
    } else {
      this.diagnostics.fatal("DTS0201", span, "expected a number or `(` in an expression");
    }
    return true;
  }

  /** Takes a token where an operator must stand. */
  #operator(span: Span): void {
    const { kind } = this.lexer;
    const operator = BINARY.get(kind);
    if (operator !== undefined) {
      this.#reduce(operator.precedence);
      this.#pending.push({ kind: "binary", operator, span });
    } else if (kind === T.QUESTION) {
      this.#reduce(2);
      this.#pending.push({ kind: "then", span });
    } else if (kind === T.COLON) {
      this.#reduce(1);
      if (this.#pending.at(-1)?.kind !== "then") {
        this.diagnostics.fatal("DTS0201", span, "`:` without `?` in an expression");
      }
      this.#pending.push({ kind: "else", span: this.#pending.pop()!.span });
    } else {
      this.diagnostics.fatal("DTS0201", span, "expected an operator or `)` in an expression");
    }
  }

  #closeParenthesis(span: Span): void {
    this.#reduce(1);
    const open = this.#pending.pop();
    if (open?.kind !== "paren") {
      this.diagnostics.fatal("DTS0201", open?.span ?? span, "`?` without `:`");
    }
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
      if (result === undefined) this.diagnostics.error("DTS0201", top.span, "division by zero");
      this.#values.push(result ?? 0n);
    } else {
      const then = this.#values.pop() ?? 0n;
      this.#values.push(this.#values.pop() === 0n ? right : then);
    }
  }

  #literal(): bigint {
    const { lexer } = this;
    return lexer.kind === T.CHAR ? this.#character() : parseLiteral(lexer, this.diagnostics);
  }

  #character(): bigint {
    const span = this.lexer.span();
    const bytes = unescape(this.lexer.bytes, span.start + 1, span.end - 1);
    if (bytes === undefined) {
      this.diagnostics.fatal("DTS0201", span, "`\\x` needs one or two hexadecimal digits");
    } else if (bytes.length !== 1) {
      this.diagnostics.error(
        "DTS0201",
        span,
        `character literal has ${bytes.length} characters, expected 1`,
      );
    }
    return BigInt(bytes[0] ?? 0);
  }
}

/** The current token, an integer as C writes it. */
export function parseLiteral(lexer: Lexer, diagnostics: Diagnostics): bigint {
  const digits = lexer.text().replace(/[UL]+$/, "");
  const octal = /^0\d/.test(digits);
  if (octal && /[89]/.test(digits)) {
    diagnostics.error("DTS0201", lexer.span(), `bad octal number \`${digits}\``, {
      help: "drop the leading zero",
    });
    return 0n;
  }
  const value = BigInt(octal ? `0o${digits}` : digits);
  if (value > 0xffffffffffffffffn) {
    diagnostics.error("DTS0201", lexer.span(), `number \`${digits}\` does not fit in 64 bits`);
  }
  return u64(value);
}
