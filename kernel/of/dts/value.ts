import { Arena } from "./arena.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { PropertyTable } from "../property_table.ts";
import type { Includes } from "./include.ts";
import { HEX_DIGITS_MISSING, unescape } from "./escape.ts";
import { Expression, parseLiteral } from "./expression.ts";
import type { Lexer } from "./lexer.ts";
import type { MarkerBuilder, NamedKind, TypeKind } from "../markers.ts";
import type { Names } from "../names.ts";
import type { Span } from "./source.ts";
import type { Syntax } from "./syntax.ts";
import { hexDigit, MODE, T } from "./token.ts";

const TYPES: ReadonlyMap<number, TypeKind> = new Map<number, TypeKind>([
  [8, "u8"],
  [16, "u16"],
  [32, "u32"],
  [64, "u64"],
]);

/** Hears where the parts of values and their elements are. */
export interface ValueListener {
  /** A part begins: its type, place and byte offset. */
  part(kind: TypeKind | "reference" | "incbin", start: number, offset: number): void;
  /** An element of the part: its place, byte offset and length. */
  element(span: Span, offset: number, length: number): void;
  /** The part ends at a position and byte offset. */
  partEnd(end: number, offset: number): void;
}

/** Reads what stands between `=` and `;`. */
export class ValueParser {
  readonly expression: Expression;
  readonly #arena = new Arena();
  readonly #markers: MarkerBuilder;
  readonly #names: Names;

  constructor(
    readonly lexer: Lexer,
    readonly syntax: Syntax,
    properties: PropertyTable,
    readonly includes: Includes,
    readonly listener?: ValueListener,
  ) {
    this.expression = new Expression(lexer, syntax);
    this.#markers = properties.builder;
    this.#names = properties.names;
  }

  /** Reads the value that starts at the current token into a property. */
  parse(property: CompileProperty): void {
    this.#labels();
    for (let more = this.#part(); more; more = this.#part()) {
      while (this.lexer.kind === T.LABEL && !this.syntax.labelsEntry()) this.#mark("label", 0, 1);
      if (this.lexer.kind === T.COMMA) {
        this.lexer.next();
        this.#labels();
      } else if (startsPart(this.lexer.kind)) {
        this.syntax.missing("DTS0109", "expected `,` between the parts of a value");
      } else break;
    }
    this.#markers.finish(property);
    this.#arena.finish(property);
  }

  #labels(): void {
    while (this.lexer.kind === T.LABEL) this.#mark("label", 0, 1);
  }

  #type(kind: TypeKind): void {
    this.#markers.type(kind, this.#arena.length);
  }

  /** Notes the current token as a marker, its text without so many bytes at its ends; moves on. */
  #mark(kind: NamedKind, from: number, to: number): void {
    const { bytes, start, end } = this.lexer;
    const name = this.#names.add(bytes, start + from, end - to);
    this.#markers.named(kind, this.#arena.length, name, start, end);
    this.lexer.next();
  }

  /** Reads a part; false if there is none. */
  #part(): boolean {
    const { lexer } = this;
    const { start } = lexer;
    const offset = this.#arena.length;
    switch (lexer.kind) {
      case T.STRING:
      case T.BAD_STRING:
        this.listener?.part("string", start, offset);
        this.#string();
        break;
      case T.ANGLE_OPEN:
        this.listener?.part("u32", start, offset);
        lexer.next();
        this.#array(start, 32);
        break;
      case T.BITS:
        this.#sizedArray();
        break;
      case T.BRACKET_OPEN:
        this.listener?.part("u8", start, offset);
        this.#byteString();
        break;
      case T.LABEL_REF:
      case T.PATH_REF:
        this.listener?.part("reference", start, offset);
        this.#type("string");
        this.#reference("path");
        break;
      case T.INCBIN:
        this.listener?.part("incbin", start, offset);
        this.#incbin();
        break;
      case T.BAD_REF:
        this.syntax.badReference();
        break;
      default:
        this.#noPart();
        return false;
    }
    this.listener?.partEnd(lexer.before, this.#arena.length);
    return true;
  }

  #reference(kind: "path" | "phandle"): void {
    if (this.lexer.kind === T.LABEL_REF) this.#mark(kind, 1, 0);
    else this.#mark(kind, 2, 1);
  }

  #string(): void {
    const { lexer } = this;
    this.#type("string");
    const { bytes, start, end } = lexer;
    if (lexer.kind === T.BAD_STRING) return this.#openString();
    if (!lexer.escaped) this.#arena.append(bytes, start + 1, end - 1);
    else {
      const text = this.#unescaped();
      this.#arena.append(text, 0, text.length);
    }
    this.#arena.byte(0);
    lexer.next();
  }

  /** A string that no quote ends is taken to end with its line, in front of a semicolon. */
  #openString(): void {
    const { lexer, lexer: { bytes, start } } = this;
    let end = lexer.end;
    while (end > start + 1 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x0d)) end--;
    if (bytes[end - 1] === T.SEMICOLON) end--;
    this.syntax.error("DTS0007", { start, end: start + 1 }, 'expected `"` to end the string', {
      related: [{ span: { start: end, end }, text: "perhaps here" }],
    });
    lexer.rescan(end, MODE.VALUE);
  }

  #unescaped(): Uint8Array {
    const { bytes, start, end } = this.lexer;
    return unescape(bytes, start + 1, end - 1, (at) => {
      this.syntax.diagnostics.error("DTS0008", { start: at, end: at + 2 }, HEX_DIGITS_MISSING);
    });
  }

  #sizedArray(): void {
    const { lexer } = this;
    const { start } = lexer;
    let bits = 32;
    if (lexer.next() !== T.LITERAL) {
      const message = "expected 8, 16, 32 or 64 after `/bits/`";
      this.syntax.error("DTS0204", lexer.span(), message);
    } else {
      bits = this.#bits();
      lexer.next();
    }
    if (lexer.kind !== T.ANGLE_OPEN) {
      this.syntax.error("DTS0204", lexer.span(), "expected `<` after `/bits/` and its number");
      return;
    }
    const open = lexer.start;
    this.listener?.part(TYPES.get(bits)!, start, this.#arena.length);
    lexer.next();
    this.#array(open, bits);
  }

  #bits(): number {
    const bits = parseLiteral(this.lexer, this.syntax);
    if (TYPES.has(Number(bits))) return Number(bits);
    const message = `expected 8, 16, 32 or 64 bits, not ${bits}`;
    this.syntax.diagnostics.error("DTS0204", this.lexer.span(), message);
    return 32;
  }

  /** Reads elements up to the `>` that ends what `<` at `open` began. */
  #array(open: number, bits: number): void {
    const { lexer } = this;
    this.#type(TYPES.get(bits)!);
    for (;;) {
      switch (lexer.kind) {
        case T.LITERAL:
        case T.CHAR:
        case T.BAD_NUMBER:
        case T.BAD_CHAR:
        case T.PAREN_OPEN:
          this.#element(bits);
          break;
        case T.LABEL_REF:
        case T.PATH_REF:
          this.#cellReference(bits);
          break;
        case T.LABEL:
          this.#mark("label", 0, 1);
          break;
        case T.ANGLE_CLOSE:
          lexer.next();
          return;
        default:
          if (!this.#strangeElement(open)) return;
      }
    }
  }

  #cellReference(bits: number): void {
    const { lexer: { start, end }, listener } = this;
    const offset = this.#arena.length;
    if (bits === 32) {
      this.#reference("phandle");
      this.#arena.word(0xffffffff);
    } else this.#misfit(bits);
    listener?.element({ start, end }, offset, bits / 8);
  }

  #misfit(bits: number): void {
    const message = `expected a number, a reference does not fit in ${bits} bits`;
    const help = "references stand in <cells> without /bits/";
    this.syntax.diagnostics.error("DTS0205", this.lexer.span(), message, { help });
    this.lexer.next();
    this.#append(ALL_ONES, bits);
  }

  #element(bits: number): void {
    const { lexer, listener } = this;
    const { start } = lexer;
    const offset = this.#arena.length;
    const plain = lexer.kind === T.LITERAL && bits === 32 ? lexer.cell : -1;
    if (plain >= 0) {
      this.#arena.word(plain);
      lexer.next();
    } else {
      const value = this.expression.primary();
      if (value !== undefined) this.#checkRange(value, bits, start);
      this.#append(value ?? 0n, bits);
    }
    listener?.element({ start, end: lexer.before }, offset, bits / 8);
  }

  /** A value fits if the bits above are all zero or all one. dtc 1.7 and later only warn. */
  #checkRange(value: bigint, bits: number, start: number): void {
    const mask = (1n << BigInt(bits)) - 1n;
    if (value <= mask || (value | mask) === ALL_ONES) return;
    const { lexer: { before, compat }, syntax: { diagnostics } } = this;
    const span = { start, end: Math.max(start + 1, before) };
    const hex = value.toString(16);
    if (compat === "1.6") {
      const message = `expected a value of ${bits} bits, 0x${hex} does not fit`;
      const cells = `two cells hold it: <0x${(value >> 32n).toString(16)} 0x${
        (value & 0xffffffffn).toString(16).padStart(8, "0")
      }>`;
      const help = bits === 32 ? cells : "`/bits/ 64 <...>` has room for every value";
      diagnostics.error("DTS0203", span, message, { help });
    } else {
      const kept = (value & mask).toString(16).padStart(bits / 4, "0");
      const message = `0x${hex} does not fit in ${bits} bits, it becomes 0x${kept}`;
      diagnostics.warning("DTS0203", span, message);
    }
  }

  /** Says what is wrong with the current token. False if the array ends in front of it. */
  #strangeElement(open: number): boolean {
    const { lexer, syntax } = this;
    const { kind } = lexer;
    const stops = ARRAY_STOPS.includes(kind) || (syntax.onNewLine() && syntax.atEntry()) ||
      (kind === T.BRACE_CLOSE && syntax.closesNode());
    if (stops) {
      const related = [{ span: { start: open, end: open + 1 }, text: "to close this" }];
      syntax.missing("DTS0110", "expected `>` after the cells", { related });
      return false;
    }
    if (kind === T.BAD_REF) this.syntax.badReference();
    else {
      const message = "expected a number, a reference or `>`";
      syntax.error("DTS0202", lexer.span(), message, { help: this.#elementHelp() });
      lexer.next();
    }
    return true;
  }

  #elementHelp(): string {
    const { lexer } = this;
    if (lexer.kind === T.COMMA) return "cells are separated by blanks: <1 2>";
    if (lexer.kind === T.AMPERSAND) return "a reference is `&` and a label without blanks between";
    if (lexer.kind !== T.WORD) return "operators stand inside parentheses: <(1 + 2)>";
    const word = lexer.text();
    return /^[A-Z0-9_]+$/.test(word)
      ? `\`${word}\` looks like a macro: \`#include\` the header that defines it`
      : `\`${word}\` is not a number; a reference to a label is written &${word}`;
  }

  #append(value: bigint, bits: number): void {
    if (bits > 32) this.#arena.word(Number(value >> 32n));
    const low = Number(value & 0xffffffffn);
    if (bits >= 32) this.#arena.word(low);
    else {
      if (bits === 16) this.#arena.byte(low >> 8 & 0xff);
      this.#arena.byte(low & 0xff);
    }
  }

  #byteString(): void {
    const { lexer, listener } = this;
    const open = lexer.start;
    this.#type("u8");
    lexer.next();
    while (lexer.kind !== T.BRACKET_CLOSE) {
      if (lexer.kind === T.BYTE) {
        const { bytes, start } = lexer;
        listener?.element(lexer.span(), this.#arena.length, 1);
        this.#arena.byte(hexDigit(bytes[start]) << 4 | hexDigit(bytes[start + 1]));
        lexer.next();
      } else if (lexer.kind === T.LABEL) this.#mark("label", 0, 1);
      else if (!this.#strangeByte(open)) return;
    }
    lexer.next();
  }

  #strangeByte(open: number): boolean {
    const { lexer, syntax } = this;
    const stops = ARRAY_STOPS.includes(lexer.kind) || lexer.kind === T.ANGLE_CLOSE ||
      (lexer.kind === T.BRACE_CLOSE && syntax.closesNode());
    if (stops) {
      const related = [{ span: { start: open, end: open + 1 }, text: "to close this" }];
      syntax.missing("DTS0111", "expected `]` after the bytes", { related });
      return false;
    }
    const text = lexer.text();
    const help = text.startsWith("0x")
      ? "bytes are written without 0x"
      : text === ","
      ? "bytes are separated by blanks, or by nothing"
      : "bytes are pairs of hexadecimal digits: [0a 1b] or [0a1b]";
    syntax.error("DTS0206", lexer.span(), "expected two hexadecimal digits or `]`", { help });
    lexer.next();
    return true;
  }

  #incbin(): void {
    const { lexer } = this;
    const { start } = lexer;
    this.#type("u8");
    if (lexer.next() !== T.PAREN_OPEN) return this.#badIncbin("`(` after `/incbin/`");
    if (lexer.next() !== T.STRING) return this.#badIncbin("a file name in quotes");
    const name = new TextDecoder().decode(this.#unescaped());
    lexer.next();
    const range = lexer.kind === T.COMMA ? this.#incbinRange() : WHOLE_FILE;
    if (range === undefined) return;
    if (lexer.kind !== T.PAREN_CLOSE) return this.#badIncbin("`)`");
    const span = { start, end: lexer.end };
    lexer.next();
    this.#appendFile(name, span, range);
  }

  #appendFile(name: string, span: Span, [offset, length]: readonly [bigint, bigint]): void {
    const contents = this.includes.open(name, span)?.contents ?? new Uint8Array(0);
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    const from = offset > bytes.length ? bytes.length : Number(offset);
    const to = length > bytes.length - from ? bytes.length : from + Number(length);
    this.#arena.append(bytes, from, to);
  }

  #badIncbin(what: string): undefined {
    const help = 'it is written /incbin/("file") or /incbin/("file", offset, length)';
    this.syntax.error("DTS0209", this.lexer.span(), `expected ${what}`, { help });
  }

  #incbinRange(): readonly [bigint, bigint] | undefined {
    const { lexer } = this;
    lexer.next();
    const offset = this.expression.primary();
    if (offset === undefined) return this.#badIncbin("an offset");
    if (lexer.kind !== T.COMMA) return this.#badIncbin("`,` and a length");
    lexer.next();
    const length = this.expression.primary();
    return length === undefined ? this.#badIncbin("a length") : [offset, length];
  }

  #noPart(): void {
    const { lexer, syntax } = this;
    const help = this.#partHelp();
    if (lexer.kind === T.SEMICOLON) {
      const sign = lexer.previousKind === T.COMMA ? "," : "=";
      syntax.missing("DTS0201", `expected a value after \`${sign}\``, { help });
    } else {
      const end = lexer.kind === T.END ? lexer.start : lexer.end;
      syntax.error("DTS0201", { start: lexer.start, end }, "expected a value", { help });
    }
  }

  #partHelp(): string {
    const { lexer } = this;
    const text = lexer.text();
    switch (lexer.kind) {
      case T.LITERAL:
        return `cells stand in angle brackets: <${text}>`;
      case T.PAREN_OPEN:
        return "cells stand in angle brackets: <(1 + 2)>";
      case T.CHAR:
      case T.BAD_CHAR:
        return `text stands in double quotes: "${text.replaceAll("'", "")}"`;
      case T.WORD:
        return `text stands in quotes: "${text}"`;
    }
    return 'values are "strings", <cells>, [bytes] and &references, separated by commas';
  }
}

const ALL_ONES = 0xffffffffffffffffn;
const WHOLE_FILE: readonly [bigint, bigint] = [0n, ALL_ONES];

/** What ends an array or bytes that nobody closed. */
const ARRAY_STOPS: readonly number[] = [
  T.END,
  T.SEMICOLON,
  T.BRACE_OPEN,
  T.STRING,
  T.ANGLE_OPEN,
  T.BRACKET_OPEN,
];

/** Whether a part of a value starts with a token. */
export function startsPart(kind: number): boolean {
  return kind === T.STRING || kind === T.ANGLE_OPEN || kind === T.BRACKET_OPEN ||
    kind === T.LABEL_REF || kind === T.PATH_REF || kind === T.BITS || kind === T.INCBIN;
}
