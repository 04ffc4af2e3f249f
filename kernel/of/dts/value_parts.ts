import { CompileProperty } from "../compile_property.ts";
import { PropertyTable } from "../property_table.ts";
import { isNamed } from "../markers.ts";
import type { AstFile } from "./ast.ts";
import { Diagnostics } from "./diagnostic.ts";
import { Includes } from "./include.ts";
import { Lexer } from "./lexer.ts";
import type { Span } from "./source.ts";
import { Syntax } from "./syntax.ts";
import { ValueParser } from "./value.ts";

/** A cell, a byte or another element of a part. */
export interface AstElement extends Span {
  /** Byte offset in the value. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

/** What stands between the commas of a value. */
export interface AstPart extends AstElement {
  /** `"text"`, cells or bytes by their size, `&label`, or `/incbin/`. */
  readonly kind: "string" | "u8" | "u16" | "u32" | "u64" | "reference" | "incbin";
  /** Cells and bytes, in order. */
  readonly elements: readonly AstElement[];
}

/**
 * The parts of a property's value with their places, for messages that point into a value. They are read
 * from the text again: nobody pays for them who does not ask.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAst } from "./parse_ast.ts";
 * import { valueParts } from "./value_parts.ts";
 * const { ast } = parseAst('/dts-v1/; / { a = "x", <1 (2 + 3)>; };');
 * const [statement] = ast.statements;
 * if (statement.kind !== "root") throw new Error("there is a root node");
 * const [, cells] = valueParts(ast, statement.node.properties[0]);
 * assertEquals(cells.kind, "u32");
 * assertEquals(cells.elements.map((cell) => [cell.offset, ast.sources.text(cell)]), [
 *   [2, "1"],
 *   [6, "(2 + 3)"],
 * ]);
 * ```
 */
export function valueParts(ast: AstFile, property: CompileProperty): AstPart[] {
  const { sources, compat } = ast;
  const diagnostics = new Diagnostics(sources);
  const includes = new Includes(sources, diagnostics, () => "", []);
  const lexer = new Lexer(sources.files[0], includes, compat);
  const found: { kind: AstPart["kind"]; start: number; end: number; elements: AstElement[] }[] = [];
  const offsets: number[] = [];
  const table = new PropertyTable();
  const values = new ValueParser(lexer, new Syntax(lexer), table, includes, {
    part(kind, start, offset) {
      found.push({ kind, start, end: start, elements: [] });
      offsets.push(offset);
    },
    element: (span, offset, length) => found.at(-1)!.elements.push({ ...span, offset, length }),
    partEnd: (end) => found.at(-1)!.end = end,
  });
  const { place, markers, length: size } = property;
  if (place === undefined) return [];
  lexer.readFrom(place.nameSpan.start);
  lexer.next();
  lexer.next();
  if (lexer.before < place.end) values.parse(new CompileProperty(table, table.add(0)));
  const types = markers.filter(({ kind }) => !isNamed(kind));
  return found.map((part, index) => {
    const offset = types[index].offset;
    const shift = offset - offsets[index];
    const length = (types[index + 1]?.offset ?? size) - offset;
    const elements = part.elements.map((each) => ({ ...each, offset: each.offset + shift }));
    return { ...part, offset, length, elements };
  });
}
