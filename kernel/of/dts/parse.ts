import { CheckLevels } from "../checks/levels.ts";
import { CHECKS } from "../checks/table.ts";
import { toDeviceTree } from "../compile_convert.ts";
import type { DeviceTree } from "../tree.ts";
import { buildTree } from "./build.ts";
import { resolveTree } from "./compile.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { parseAst, type ParseAstOptions } from "./parse_ast.ts";

/** Settings of {@linkcode parseDts}. */
export interface ParseDtsOptions extends ParseAstOptions {
  /** Hears what is strange and no error, once everything has been read. Default: nobody. */
  warn?: (warning: Diagnostic) => void;
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
  const { ast, diagnostics } = parseAst(source, options);
  diagnostics.check();
  const tree = buildTree(ast, diagnostics);
  const origin = { file: options.file ?? "<dts>", sources: ast.sources };
  const errors = CHECKS.filter(({ level }) => level === "error");
  const levels = new CheckLevels(errors, options.compat ?? "1.6");
  resolveTree(tree, origin, { levels }, (found) => diagnostics.add(found));
  diagnostics.check();
  if (options.warn !== undefined) diagnostics.found.forEach(options.warn);
  return toDeviceTree(tree);
}
