import type { AstFile } from "./ast.ts";
import { Diagnostics } from "./diagnostic.ts";
import { Includes, type ReadFile } from "./include.ts";
import { type Compat, Lexer } from "./lexer.ts";
import { Parser } from "./parser.ts";
import { preprocess } from "./cpp/preprocessor.ts";
import { hasDirectives } from "./cpp/splice.ts";
import { SourceMap } from "./source.ts";

/** Settings of {@linkcode parseAst}. */
export interface ParseAstOptions {
  /** Name of the source for messages; files that it includes are looked up beside it. Default: `<dts>`. */
  file?: string;
  /** Provides files for `/include/` and `/incbin/`. Default: there are none. */
  read?: ReadFile;
  /** Folders to look for files in when they are not beside the one that includes them. Default: none. */
  includePaths?: readonly string[];
  /**
   * Whether the text goes through the preprocessor: `#include`, macros, `#if`. Default: if it has lines
   * that only a preprocessor understands, or `defines` are given.
   */
  preprocess?: boolean;
  /** Macros for the preprocessor. `__DTS__` is 1 unless given. */
  defines?: Readonly<Record<string, string>>;
  /** Which dtc to agree with where they differ: 1.6.1, or 1.7 and later. Default: `1.6`. */
  compat?: Compat;
}

/** What {@linkcode parseAst} returns. */
export interface ParsedSource {
  /** What was read, as far as it could be. */
  readonly ast: AstFile;
  /** What is wrong with it; the tree may be built if there are no errors. */
  readonly diagnostics: Diagnostics;
  /** Paths of all other files that were read, in order. */
  readonly opened: readonly string[];
}

/**
 * The front end of the compiler alone: reads source text, and what it includes, into a syntax tree.
 * Never throws for bad input, except when there is no end to it.
 *
 * @throws {DtsError} When files include each other too deeply.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAst } from "./parse_ast.ts";
 * const { ast, diagnostics } = parseAst("/dts-v1/; / { l: uart@1000 { reg = <0x1000 x>; }; };");
 * assertEquals(ast.statements.map(({ kind }) => kind), ["root"]);
 * assertEquals(diagnostics.found.map(({ code, column }) => [code, column]), [["DTS0202", 44]]);
 * ```
 */
export function parseAst(source: string | Uint8Array, options: ParseAstOptions = {}): ParsedSource {
  const sources = new SourceMap();
  const diagnostics = new Diagnostics(sources);
  const file = sources.add(options.file ?? "<dts>", source);
  const includes = new Includes(sources, diagnostics, options.read, options.includePaths ?? []);
  const wanted = options.preprocess ??
    (options.defines !== undefined || hasDirectives(sources.bytes, file.start, file.end));
  const text = wanted ? preprocess(file, includes, { __DTS__: "1", ...options.defines }) : file;
  const ast = new Parser(new Lexer(text, includes, options.compat), includes).parse();
  return { ast, diagnostics, opened: includes.opened };
}
