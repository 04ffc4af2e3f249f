import type { CompileMarker } from "../compile_property.ts";

/** The types that a part of a value can have. */
export type TypeKind = "string" | "u8" | "u16" | "u32" | "u64";

const KINDS: readonly TypeKind[] = ["string", "u8", "u16", "u32", "u64"];
/** Markers of types in front of this offset are told apart by a number. */
const SHARED_OFFSET_MAX = 64;
/** Lists of types with more entries are not shared. */
const SHARED_LENGTH_MAX = 4;

/** A marker that a type begins at a low offset. */
class TypeMarker implements CompileMarker {
  readonly text = "";
  readonly start = -1;
  readonly end = -1;

  /** `place` is the same for the same type and offset only. */
  constructor(readonly kind: TypeKind, readonly offset: number, readonly place: number) {}
}

/** A marker that a type begins at an offset. */
export function typeMarker(kind: TypeKind, offset: number): CompileMarker {
  if (offset >= SHARED_OFFSET_MAX) return { kind, offset, text: "", start: -1, end: -1 };
  return new TypeMarker(kind, offset, placeOf(kind, offset));
}

function placeOf(kind: TypeKind, offset: number): number {
  return KINDS.indexOf(kind) * SHARED_OFFSET_MAX + offset;
}

/** Makes markers of types, those at low offsets once. Most values have few types, and the same as others. */
export class TypeMarkers {
  readonly #shared: (CompileMarker | undefined)[] = new Array(KINDS.length * SHARED_OFFSET_MAX);

  /** A marker that a type begins at an offset. */
  at(kind: TypeKind, offset: number): CompileMarker {
    if (offset >= SHARED_OFFSET_MAX) return typeMarker(kind, offset);
    return this.#shared[placeOf(kind, offset)] ??= typeMarker(kind, offset);
  }
}

/** A list of types, and those that go on with one more. */
class TypeList {
  /** Whatever number the owner gives it. */
  number = -1;
  longer: (TypeList | undefined)[] | undefined = undefined;
}

/** Finds lists of markers that are nothing but types, as {@linkcode typeMarker} makes them. */
export class TypeLists {
  readonly #empty = new TypeList();

  /** What stands for all lists like this one; `undefined` if there is more in it than a few types. */
  find(markers: readonly CompileMarker[]): TypeList | undefined {
    if (markers.length > SHARED_LENGTH_MAX) return undefined;
    let list = this.#empty;
    for (let at = 0; at < markers.length; at++) {
      const marker = markers[at];
      if (!(marker instanceof TypeMarker)) return undefined;
      const longer: (TypeList | undefined)[] = list.longer ??= [];
      list = longer[marker.place] ??= new TypeList();
    }
    return list;
  }
}
