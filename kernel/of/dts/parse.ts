import type { DeviceTree } from "../tree.ts";
import { Builder } from "./build.ts";
import { Diagnostics } from "./diagnostic.ts";
import { Lexer, type ReadFile } from "./lexer.ts";
import { Parser } from "./parser.ts";
import { Resolver } from "./resolve.ts";
import { SourceMap } from "./source.ts";

/** Settings of {@linkcode parseDts}. */
export interface ParseDtsOptions {
  /** Name of the source for messages; files that it includes are looked up beside it. Default: `<dts>`. */
  file?: string;
  /** Provides files for `/include/` and `/incbin/`. Default: there are none. */
  read?: ReadFile;
}

/**
 * Reads device tree source as dtc 1.6.1 does, overlays (`/plugin/`) aside.
 *
 * @throws {DtsError} With everything that is wrong, as far as reading could go on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDts } from "./parse.ts";
 * const tree = parseDts(`/dts-v1/;
 *   / {
 *     intc: intc { #interrupt-cells = <1>; };
 *     slot@a000000 { interrupts-extended = <&intc 16>; };
 *   };
 * `);
 * assertEquals(tree.find("/intc").node?.phandle, 1);
 * ```
 */
export function parseDts(source: string | Uint8Array, options: ParseDtsOptions = {}): DeviceTree {
  const sources = new SourceMap();
  const diagnostics: Diagnostics = new Diagnostics(sources);
  const file = sources.add(options.file ?? "<dts>", source);
  const lexer = new Lexer(sources, file, diagnostics, options.read);
  const ast = new Parser(lexer, diagnostics).parse();
  if (ast.plugin) {
    diagnostics.fatal("DTS0305", ast.end, "overlays (`/plugin/`) are not supported");
  }
  const builder = new Builder(diagnostics);
  const root = builder.build(ast);
  if (root === undefined || root.deleted) {
    diagnostics.fatal("DTS0304", ast.end, "the root node is missing or deleted");
  }
  return new Resolver(root, builder, diagnostics).resolve(ast.memreserve);
}
