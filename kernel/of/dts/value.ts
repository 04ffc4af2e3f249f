import type { Diagnostics } from "./diagnostic.ts";
import { besides, type Lexer } from "./lexer.ts";
import type { AstMarker, AstValue } from "./ast.ts";
import { Expression, parseLiteral } from "./expression.ts";
import { latin1 } from "../bytes.ts";
import { ByteBuffer } from "../byte_buffer.ts";
import { unescape } from "./escape.ts";
import type { Span } from "./source.ts";
import { isDigit, isHex, T } from "./token.ts";

const NO_MARKERS: readonly AstMarker[] = [];

/** Reads what stands between `=` and `;`. */
export class ValueParser {
  readonly expression: Expression;
  #bytes = new ByteBuffer();
  #markers: AstMarker[] = [];

  constructor(readonly lexer: Lexer, readonly diagnostics: Diagnostics) {
    this.expression = new Expression(lexer, diagnostics);
  }

  /** The value that starts at the current token. */
  parse(): AstValue {
    this.#bytes.length = 0;
    if (this.#markers.length > 0) this.#markers = [];
    this.#labels();
    this.#part();
    this.#labels();
    while (this.lexer.kind === T.COMMA) {
      this.lexer.next();
      this.#labels();
      this.#part();
      this.#labels();
    }
    const markers = this.#markers.length > 0 ? this.#markers : NO_MARKERS;
    return { bytes: this.#bytes.view().slice(), markers };
  }

  #labels(): void {
    while (this.lexer.kind === T.LABEL) this.#mark("label", this.lexer.text(0, 1));
  }

  #type(kind: AstMarker["kind"]): void {
    const { start } = this.lexer;
    this.#markers.push({ kind, offset: this.#bytes.length, text: "", start, end: start });
  }

  /** Notes the current token as a marker and moves on. */
  #mark(kind: AstMarker["kind"], text: string): void {
    const { lexer } = this;
    const { start, end } = lexer;
    this.#markers.push({ kind, offset: this.#bytes.length, text, start, end });
    lexer.next();
  }

  #part(): void {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.STRING:
        return this.#string();
      case T.ANGLE_OPEN:
        this.#type("u32");
        lexer.next();
        return this.#array(32);
      case T.BITS:
        return this.#sizedArray();
      case T.BRACKET_OPEN:
        return this.#byteString();
      case T.LABEL_REF:
      case T.PATH_REF:
        this.#type("string");
        return this.#mark("path", refTarget(lexer));
      case T.INCBIN:
        return this.#incbin();
    }
    const help = 'values are "strings", <cells>, [bytes] and &references, separated by commas';
    this.diagnostics.fatal("DTS0202", this.lexer.span(), "expected a value", { help });
  }

  #string(): void {
    this.#type("string");
    this.#bytes.append(this.#text());
    this.#bytes.byte(0);
    this.lexer.next();
  }

  #text(): Uint8Array {
    const { lexer } = this;
    const text = unescape(lexer.bytes, lexer.start + 1, lexer.end - 1);
    if (text !== undefined) return text;
    this.diagnostics.fatal("DTS0202", lexer.span(), "`\\x` needs one or two hexadecimal digits");
  }

  #sizedArray(): void {
    const { lexer } = this;
    if (lexer.next() !== T.LITERAL) {
      this.diagnostics.fatal("DTS0202", lexer.span(), "expected 8, 16, 32 or 64 after /bits/");
    }
    let bits = Number(parseLiteral(lexer, this.diagnostics));
    if (![8, 16, 32, 64].includes(bits)) {
      this.diagnostics.error(
        "DTS0202",
        lexer.span(),
        "array elements must have 8, 16, 32 or 64 bits",
      );
      bits = 32;
    }
    if (lexer.next() !== T.ANGLE_OPEN) {
      this.diagnostics.fatal("DTS0202", lexer.span(), "expected `<` after /bits/ and its number");
    }
    this.#type(bits === 8 ? "u8" : bits === 16 ? "u16" : bits === 32 ? "u32" : "u64");
    lexer.next();
    this.#array(bits);
  }

  #array(bits: number): void {
    const { lexer } = this;
    while (lexer.kind !== T.ANGLE_CLOSE) {
      if (lexer.kind === T.LABEL) this.#mark("label", lexer.text(0, 1));
      else if (lexer.kind === T.LABEL_REF || lexer.kind === T.PATH_REF) this.#cellRef(bits);
      else this.#element(bits);
    }
    lexer.next();
  }

  #cellRef(bits: number): void {
    if (bits === 32) this.#mark("phandle", refTarget(this.lexer));
    else {
      const message = "references are only allowed in arrays of 32-bit elements";
      this.diagnostics.error("DTS0202", this.lexer.span(), message);
      this.lexer.next();
    }
    this.#append(0xffffffffffffffffn, bits);
  }

  #element(bits: number): void {
    const { lexer } = this;
    const plain = bits === 32 && lexer.kind === T.LITERAL ? plainCell(lexer) : -1;
    if (plain >= 0) {
      this.#bytes.word(plain);
      lexer.next();
      return;
    }
    const span = lexer.span();
    const value = this.expression.primary();
    if (value === undefined) {
      this.#unexpectedCell(span);
    }
    const mask = (1n << BigInt(bits)) - 1n;
    if (value > mask && (value | mask) !== 0xffffffffffffffffn) {
      const end = Math.max(span.end, lexer.before);
      this.diagnostics.error(
        "DTS0202",
        { start: span.start, end },
        `value does not fit in an element of ${bits} bits`,
      );
    }
    this.#append(value, bits);
  }

  #unexpectedCell(span: Span): never {
    const { bytes, file } = this.lexer;
    const rest = latin1(bytes, span.start, Math.min(span.start + 80, file.end));
    const word = /^[a-zA-Z_]\w*/.exec(rest)?.[0];
    const help = word === undefined
      ? "write operators inside parentheses: <(1 + 2)>"
      : `\`${word}\` is not a number; a reference to a label is written &${word}`;
    const end = span.start + (word?.length ?? 1);
    this.diagnostics.fatal(
      "DTS0202",
      { start: span.start, end },
      "expected a number, a reference or `>`",
      { help },
    );
  }

  #append(value: bigint, bits: number): void {
    for (let shift = bits - 8; shift >= 0; shift -= 8) {
      this.#bytes.byte(Number(value >> BigInt(shift) & 0xffn));
    }
  }

  #byteString(): void {
    const { lexer } = this;
    this.#type("u8");
    lexer.next();
    while (lexer.kind !== T.BRACKET_CLOSE) {
      if (lexer.kind === T.LABEL) this.#mark("label", lexer.text(0, 1));
      else if (lexer.kind === T.BYTE) {
        this.#bytes.byte(parseInt(lexer.text(), 16));
        lexer.next();
      } else {
        const help = "bytes are pairs of hexadecimal digits: [0a 1b] or [0a1b]";
        this.diagnostics.fatal("DTS0202", lexer.span(), "expected two hexadecimal digits or `]`", {
          help,
        });
      }
    }
    lexer.next();
  }

  #incbin(): void {
    const { lexer } = this;
    const span = lexer.span();
    this.#expectNext(T.PAREN_OPEN, "(");
    this.#expectNext(T.STRING, "a file name in quotes");
    const path = besides(lexer.file.name, new TextDecoder().decode(this.#text()));
    lexer.next();
    const [offset, length] = lexer.kind === T.COMMA ? this.#incbinRange() : [0, Infinity];
    if (lexer.kind !== T.PAREN_CLOSE) {
      this.diagnostics.fatal("DTS0202", lexer.span(), "expected `)`");
    }
    lexer.next();
    this.#type("u8");
    const contents = lexer.read(path, span);
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    this.#bytes.append(bytes.subarray(offset, offset + length));
  }

  #incbinRange(): [number, number] {
    const { lexer } = this;
    const numbers: number[] = [];
    while (lexer.kind === T.COMMA && numbers.length < 2) {
      lexer.next();
      const value = this.expression.primary();
      if (value === undefined) this.diagnostics.fatal("DTS0202", lexer.span(), "expected a number");
      numbers.push(Number(value));
    }
    if (numbers.length < 2) {
      this.diagnostics.fatal("DTS0202", lexer.span(), "expected `,` and a length");
    }
    return [numbers[0], numbers[1]];
  }

  #expectNext(kind: number, what: string): void {
    if (this.lexer.next() === kind) return;
    this.diagnostics.fatal("DTS0202", this.lexer.span(), `expected ${what} after /incbin/`);
  }
}

/** The current token if it is a number of at most 9 digits without octal or suffix, else -1. */
function plainCell({ bytes, start, end }: Lexer): number {
  const hex = bytes[start] === 0x30 && end - start > 2 && end - start <= 10;
  if (end - start > (hex ? 10 : 9)) return -1;
  if (bytes[start] === 0x30 && end - start > 1 && (!hex || isDigit(bytes[start + 1]))) return -1;
  let value = 0;
  for (let at = hex ? start + 2 : start; at < end; at++) {
    const byte = bytes[at];
    if (isDigit(byte)) value = value * (hex ? 16 : 10) + byte - 0x30;
    else if (hex && isHex(byte)) value = value * 16 + (byte | 0x20) - 0x57;
    else return -1;
  }
  return value;
}

/** The label or path that the current token refers to. */
export function refTarget(lexer: Lexer): string {
  return lexer.kind === T.LABEL_REF ? lexer.text(1) : lexer.text(2, 1);
}
