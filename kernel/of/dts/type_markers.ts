import type { CompileMarker } from "../compile_property.ts";
import { NONE } from "../compile_property.ts";

/** The types that a part of a value can have. */
export type TypeKind = "string" | "u8" | "u16" | "u32" | "u64";

/** Markers of types at offsets up to this are made once. */
const SHARED_OFFSET_MAX = 64;
/** Lists of types with more entries are not shared. */
const SHARED_LENGTH_MAX = 4;

/** A list that values share, and those that go on with one more entry. */
interface SharedList {
  readonly list: readonly CompileMarker[];
  readonly longer: Map<CompileMarker, SharedList>;
}

/** Makes markers of types and lists of markers. Most values have few types, and the same as others. */
export class TypeMarkers {
  readonly #shared: Record<TypeKind, CompileMarker[]> = {
    string: [],
    u8: [],
    u16: [],
    u32: [],
    u64: [],
  };
  readonly #empty: SharedList = { list: NONE, longer: new Map() };

  /** A marker that a type begins at an offset. */
  at(kind: TypeKind, offset: number): CompileMarker {
    if (offset > SHARED_OFFSET_MAX) return { kind, offset, text: "", start: -1, end: -1 };
    return this.#shared[kind][offset] ??= { kind, offset, text: "", start: -1, end: -1 };
  }

  /** A copy of the list, for itself or for all values with just these types. */
  list(markers: readonly CompileMarker[]): readonly CompileMarker[] {
    if (markers.length > SHARED_LENGTH_MAX) return markers.slice();
    let shared = this.#empty;
    for (let at = 0; at < markers.length; at++) {
      const marker = markers[at];
      if (marker.start !== -1 || marker.offset > SHARED_OFFSET_MAX) return markers.slice();
      let longer = shared.longer.get(marker);
      if (longer === undefined) {
        longer = { list: markers.slice(0, at + 1), longer: new Map() };
        shared.longer.set(marker, longer);
      }
      shared = longer;
    }
    return shared.list;
  }
}
