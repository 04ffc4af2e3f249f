/**
 * Helpers for the tests of this folder: bytes as hex digits, and layouts worked out from a structure's
 * text as the specification prints it.
 *
 * @module
 */
import type { ConfigField } from "./register.ts";

/** Returns a view of the bytes that `hex` spells; white space is ignored. */
export function fromHex(hex: string): DataView {
  const digits = hex.replaceAll(/\s/g, "");
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return new DataView(bytes.buffer);
}

/** Returns the bytes that `encode` writes into `size` bytes of 0xee, as hex digits. */
export function encodedHex(size: number, encode: (view: DataView) => void): string {
  const bytes = new Uint8Array(size).fill(0xee);
  encode(new DataView(bytes.buffer));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where a field of a packed structure lies. */
export interface FieldPlace {
  /** Name of the field. */
  readonly name: string;
  /** Distance from the start in bytes. */
  readonly offset: number;
  /** Size of the whole field in bytes. */
  readonly size: number;
}

const TYPE_SIZES: Record<string, number> = { u8: 1, char: 1, le16: 2, le32: 4, le64: 8 };

/**
 * Lays out a packed structure given as `le16 name; u8 name[3]; ...`, and leaves out the fields that
 * are padding (`unused`, `reserved`).
 */
export function layOut(text: string): FieldPlace[] {
  let offset = 0;
  const places: FieldPlace[] = [];
  for (const [, type, name, count] of text.matchAll(/(\w+) ([\w.]+)(?:\[(\d+)\])?;/g)) {
    const size = TYPE_SIZES[type] * Number(count ?? 1);
    if (!/^(unused|reserved)/.test(name)) places.push({ name, offset, size });
    offset += size;
  }
  return places;
}

/** Returns the places of a table's fields, to compare with {@linkcode layOut}. */
export function places(fields: readonly ConfigField[]): FieldPlace[] {
  return fields.map((field) => ({
    name: field.name,
    offset: field.offset,
    size: field.width * (field.count ?? 1),
  }));
}
