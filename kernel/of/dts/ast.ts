import type { Span } from "./source.ts";

/** A name in front of a colon. */
export interface AstLabel {
  name: string;
  span: Span;
}

/** `&label` or `&{/path}`. */
export interface AstRef {
  /** The label, or the path with its leading slash. */
  target: string;
  span: Span;
}

/** Something inside a value: a label, or a reference to be resolved. */
export interface AstMarker {
  kind: "label" | "phandle" | "path";
  /** Byte offset in the value. For a path, where its text is to be inserted. */
  offset: number;
  /** The label's name, or what the reference refers to. */
  text: string;
  span: Span;
}

/** What stands behind `name =`. */
export interface AstValue {
  /** The bytes; cells that refer to a node are all ones. */
  bytes: Uint8Array;
  markers: readonly AstMarker[];
}

/** `name;`, `name = value;` or `/delete-property/ name;`. */
export interface AstProperty {
  name: string;
  span: Span;
  labels: readonly AstLabel[];
  value: AstValue;
  deleted: boolean;
}

/** `name { ... };` or `/delete-node/ name;`. */
export interface AstNode {
  name: string;
  span: Span;
  labels: readonly AstLabel[];
  properties: AstProperty[];
  children: AstNode[];
  deleted: boolean;
  omitIfNoRef: boolean;
}

/** A statement of the top level, behind the header and the reservations. */
export type AstStatement =
  | { kind: "root"; node: AstNode }
  | { kind: "extend"; target: AstRef; node: AstNode }
  | { kind: "delete"; target: AstRef }
  | { kind: "omit-if-no-ref"; target: AstRef };

/** A memory reservation. */
export interface AstMemReserve {
  address: bigint;
  size: bigint;
}

/** A whole file with all it includes. */
export interface AstFile {
  memreserve: AstMemReserve[];
  statements: AstStatement[];
}
