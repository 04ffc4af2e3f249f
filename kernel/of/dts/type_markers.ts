import type { CompileMarker } from "../compile_property.ts";

/** The types that a part of a value can have. */
export type TypeKind = "string" | "u8" | "u16" | "u32" | "u64";

const KINDS: readonly TypeKind[] = ["string", "u8", "u16", "u32", "u64"];
/** Types in front of this offset are told apart by a number. */
const OFFSET_MAX = 64;
/** Lists with more types are not shared. */
const LENGTH_MAX = 4;

/** A marker that a type begins at an offset. */
export function typeMarker(kind: TypeKind, offset: number): CompileMarker {
  return { kind, offset, text: "", start: -1, end: -1 };
}

/** A list of markers that are nothing but types, there once. Most values have few types, and the same as others. */
export class TypeList {
  /** Whatever number the owner gives it. At first -1. */
  number = -1;
  readonly #longer: (TypeList | undefined)[] = [];

  /** Has these markers. */
  constructor(readonly markers: readonly CompileMarker[]) {}

  /** The list that has one type more; `undefined` if such lists are not shared. */
  longer(kind: TypeKind, offset: number): TypeList | undefined {
    if (offset >= OFFSET_MAX || this.markers.length === LENGTH_MAX) return undefined;
    return this.#longer[KINDS.indexOf(kind) * OFFSET_MAX + offset] ??= new TypeList(
      [...this.markers, typeMarker(kind, offset)],
    );
  }
}
