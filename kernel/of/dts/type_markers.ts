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

/** A list of markers that are nothing but types. Most values have few types, and the same as others. */
export interface TypeList {
  /** The list. */
  readonly markers: readonly CompileMarker[];
  /** Whatever number the owner gives it. At first -1. */
  number: number;
}

/** A list, and those that go on with one more type. */
class Branch implements TypeList {
  number = -1;
  readonly longer: (Branch | undefined)[] = [];

  constructor(readonly markers: readonly CompileMarker[]) {}
}

/** The lists of types of many values, each once. */
export class TypeLists {
  /** The list without types. */
  readonly empty: TypeList = new Branch([]);

  /** The list that has one type more; `undefined` if such lists are not shared. */
  longer(list: TypeList, kind: TypeKind, offset: number): TypeList | undefined {
    if (offset >= OFFSET_MAX || list.markers.length === LENGTH_MAX) return undefined;
    const { longer, markers } = list as Branch;
    return longer[KINDS.indexOf(kind) * OFFSET_MAX + offset] ??= new Branch(
      [...markers, typeMarker(kind, offset)],
    );
  }
}
