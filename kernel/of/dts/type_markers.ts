import type { CompileMarker } from "../compile_node.ts";

/** The types that a part of a value can have. */
export type TypeKind = "string" | "u8" | "u16" | "u32" | "u64";

/** Markers of types at offsets up to this are made once. */
const SHARED_OFFSET_MAX = 64;

/** Makes markers of types, of which most values have just one. */
export class TypeMarkers {
  readonly #shared: Record<TypeKind, CompileMarker[]> = {
    string: [],
    u8: [],
    u16: [],
    u32: [],
    u64: [],
  };
  readonly #single: Record<TypeKind, readonly CompileMarker[]>;

  constructor() {
    const single = (kind: TypeKind) => [this.at(kind, 0)];
    this.#single = {
      string: single("string"),
      u8: single("u8"),
      u16: single("u16"),
      u32: single("u32"),
      u64: single("u64"),
    };
  }

  at(kind: TypeKind, offset: number): CompileMarker {
    if (offset > SHARED_OFFSET_MAX) return { kind, offset, text: "", start: -1, end: -1 };
    return this.#shared[kind][offset] ??= { kind, offset, text: "", start: -1, end: -1 };
  }

  /** A list of its own, or the one that all values of one type share. */
  list(markers: readonly CompileMarker[]): readonly CompileMarker[] {
    if (markers.length === 0) return markers.slice();
    const [{ kind }] = markers;
    const typed = kind !== "label" && kind !== "phandle" && kind !== "path";
    return markers.length === 1 && typed ? this.#single[kind] : markers.slice();
  }
}
