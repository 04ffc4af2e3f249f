/**
 * What the parser makes of device tree source, before anything is merged or looked up. Everything knows
 * where it stands; positions are those of the file's {@linkcode SourceMap}.
 *
 * @module
 */

import type { Compat } from "./lexer.ts";
import type { SourceMap, Span } from "./source.ts";

/** A name in front of a colon. */
export interface AstLabel extends Span {
  /** The name. */
  readonly name: string;
}

/** `&label` or `&{/path}`, since dtc 1.7 also `&{label/path}`. */
export interface AstRef extends Span {
  /** The label, the path with its leading slash, or label and path. */
  readonly target: string;
}

/**
 * Something about a place inside a value: what follows is of a type (as long as no other type is named),
 * a label, or a reference to be resolved. A type has no place of its own: `start` and `end` are -1.
 */
export interface AstMarker extends Span {
  /** `path` stands for a reference outside `< >`, `phandle` for one inside. */
  readonly kind: "string" | "u8" | "u16" | "u32" | "u64" | "label" | "phandle" | "path";
  /** Byte offset in the value. For a path, where its text is to be inserted. */
  readonly offset: number;
  /** The label's name, or what the reference refers to. Empty for a type. */
  readonly text: string;
}

/** What stands behind `name =`. */
export interface AstValue {
  /** Holds the bytes of this value and others; cells that refer to a node are all ones. */
  readonly data: Uint8Array;
  /** First byte of the value. */
  readonly start: number;
  /** The byte behind its last one. */
  readonly end: number;
  /** In the order of the source; types of parts come before what stands in the part. */
  readonly markers: readonly AstMarker[];
}

/** `name;`, `name = value;` or `/delete-property/ name;`. */
export class AstProperty implements Span {
  /** What is assigned. */
  value: AstValue;
  /** Position behind the semicolon. */
  end: number;

  /**
   * Makes a property without value.
   *
   * @param name The name.
   * @param start Position of the first label, keyword or name.
   * @param nameStart Position of the name.
   * @param labels In the order of the source.
   * @param deleted Whether this is a `/delete-property/`.
   */
  constructor(
    readonly name: string,
    readonly start: number,
    readonly nameStart: number,
    readonly labels: readonly AstLabel[],
    readonly deleted: boolean,
  ) {
    this.value = NO_VALUE;
    this.end = nameStart + name.length;
  }

  /** Where the name stands. */
  get nameSpan(): Span {
    return { start: this.nameStart, end: this.nameStart + this.name.length };
  }
}

/** `name { ... };`, `/ { ... };`, the braces of `&label { ... };`, or `/delete-node/ name;`. */
export class AstNode implements Span {
  /** In the order of the source, deletions included. */
  properties: readonly AstProperty[] = NONE;
  /** In the order of the source, deletions included. */
  children: readonly AstNode[] = NONE;
  /** Position behind the semicolon. */
  end: number;

  /**
   * Makes a node without entries.
   *
   * @param name The name, empty for the root and for what extends a node.
   * @param start Position of the first label, keyword or name.
   * @param nameStart Position of the name, the root's slash, or the reference.
   * @param nameEnd Position behind that.
   * @param labels In the order of the source.
   * @param deleted Whether this is a `/delete-node/`.
   * @param omitIfNoRef Whether `/omit-if-no-ref/` stands in front.
   */
  constructor(
    readonly name: string,
    readonly start: number,
    readonly nameStart: number,
    readonly nameEnd: number,
    readonly labels: readonly AstLabel[],
    readonly deleted: boolean,
    readonly omitIfNoRef: boolean,
  ) {
    this.end = nameEnd;
  }

  /** Where the name stands, or what stands for it. */
  get nameSpan(): Span {
    return { start: this.nameStart, end: this.nameEnd };
  }
}

/** A statement of the top level, behind the header and the reservations. Labels are the node's. */
export type AstStatement =
  | { kind: "root"; node: AstNode }
  | { kind: "extend"; target: AstRef; node: AstNode }
  | { kind: "delete"; target: AstRef }
  | { kind: "omit-if-no-ref"; target: AstRef };

/** A memory reservation. */
export interface AstMemReserve extends Span {
  /** First byte. */
  readonly address: bigint;
  /** Length in bytes. */
  readonly size: bigint;
  /** In the order of the source. */
  readonly labels: readonly AstLabel[];
}

/** A whole file with all it includes. */
export interface AstFile {
  /** The text that positions point into. */
  readonly sources: SourceMap;
  /** Which dtc decided what references are. */
  readonly compat: Compat;
  /** Where the text ends. */
  readonly end: Span;
  /** Whether it is an overlay: `/plugin/;` stands in the header. */
  readonly plugin: boolean;
  /** In the order of the source. */
  readonly memreserve: readonly AstMemReserve[];
  /** In the order of the source. */
  readonly statements: readonly AstStatement[];
}

const NONE: readonly never[] = [];

/** The value of a property that is only a name. */
export const NO_VALUE: AstValue = { data: new Uint8Array(0), start: 0, end: 0, markers: NONE };
