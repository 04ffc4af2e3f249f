/**
 * What the parser makes of device tree source, before anything is merged or looked up: statements with
 * nodes that stand as in the text. Everything knows where it stands; positions are those of the file's
 * {@linkcode SourceMap}.
 *
 * @module
 */

import type { CompileNode } from "../compile_node.ts";
import type { NodeTable } from "../node_table.ts";
import type { CompileLabel } from "../compile_label.ts";
import type { Compat } from "./lexer.ts";
import type { SourceMap, Span } from "./source.ts";

/** `&label` or `&{/path}`, since dtc 1.7 also `&{label/path}`. */
export interface AstRef extends Span {
  /** The label, the path with its leading slash, or label and path. */
  readonly target: string;
}

/** A statement of the top level, behind the header and the reservations. Labels are the node's. */
export type AstStatement =
  | { kind: "root"; node: CompileNode }
  | { kind: "extend"; target: AstRef; node: CompileNode }
  | { kind: "delete"; target: AstRef }
  | { kind: "omit-if-no-ref"; target: AstRef };

/** A memory reservation. */
export interface AstMemReserve extends Span {
  /** First byte. */
  readonly address: bigint;
  /** Length in bytes. */
  readonly size: bigint;
  /** In the order of the source. */
  readonly labels: readonly CompileLabel[];
}

/** A whole file with all it includes. */
export interface AstFile {
  /** The text that positions point into. */
  readonly sources: SourceMap;
  /** Which dtc decided what references are. */
  readonly compat: Compat;
  /** Holds all nodes. */
  readonly table: NodeTable;
  /** Where the text ends. */
  readonly end: Span;
  /** Whether it is an overlay: `/plugin/;` stands in the header. */
  readonly plugin: boolean;
  /** In the order of the source. */
  readonly memreserve: readonly AstMemReserve[];
  /** In the order of the source. */
  readonly statements: readonly AstStatement[];
}
