import { CheckLevels } from "../checks/levels.ts";
import { CHECKS } from "../checks/table.ts";
import { toDeviceTree } from "../compile_tree.ts";
import type { DeviceTree } from "../tree.ts";
import { buildTree } from "./build.ts";
import { resolveTree } from "./compile.ts";
import { Diagnostics } from "./diagnostic.ts";
import { Includes, type ReadFile } from "./include.ts";
import { type Compat, Lexer } from "./lexer.ts";
import { Parser } from "./parser.ts";
import { SourceMap } from "./source.ts";

/** Settings of {@linkcode parseDts}. */
export interface ParseDtsOptions {
  /** Name of the source for messages; files that it includes are looked up beside it. Default: `<dts>`. */
  file?: string;
  /** Provides files for `/include/` and `/incbin/`. Default: there are none. */
  read?: ReadFile;
  /** Folders to look for files in when they are not beside the one that includes them. Default: none. */
  includePaths?: readonly string[];
  /** Which dtc to agree with where they differ: 1.6.1, or 1.7 and later. Default: `1.6`. */
  compat?: Compat;
}

/**
 * Reads device tree source as dtc 1.6.1 does. Only checks that find errors are made.
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
  const includes = new Includes(sources, diagnostics, options.read, options.includePaths ?? []);
  const ast = new Parser(new Lexer(file, includes, options.compat), includes).parse();
  diagnostics.check();
  const tree = buildTree(ast, diagnostics);
  const errors = CHECKS.filter(({ level }) => level === "error");
  const levels = new CheckLevels(errors, options.compat ?? "1.6");
  resolveTree(tree, { file: file.name, sources }, { levels }, (found) => diagnostics.add(found));
  diagnostics.check();
  return toDeviceTree(tree);
}
