import type { ByteBuffer } from "../byte_buffer.ts";
import type { DtcVersion } from "../checks/check.ts";
import type { CompileProperty } from "../compile_property.ts";
import type { CompileMarker } from "../markers.ts";

/** A type that a part of a value is written as. */
type PartKind = "string" | "u8" | "u16" | "u32" | "u64";

/** Bytes of an element, what stands before and behind a part. */
const PARTS: Readonly<Record<PartKind, { size: number; open: string; close: string }>> = {
  string: { size: 1, open: "", close: "" },
  u8: { size: 1, open: "[", close: "]" },
  u16: { size: 2, open: "/bits/ 16 <", close: ">" },
  u32: { size: 4, open: "<", close: ">" },
  u64: { size: 8, open: "/bits/ 64 <", close: ">" },
};

function isPart(kind: CompileMarker["kind"]): kind is PartKind {
  return kind in PARTS;
}

/**
 * How values are written: as either dtc does, or so that the same bytes come back in all cases and
 * references are what they were.
 */
export type ValueStyle = DtcVersion | "faithful";

/** Writes a value that is not empty, with a space in front. dtc: write_propval() */
export function writeValue(out: ByteBuffer, property: CompileProperty, style: ValueStyle): void {
  const { value } = property;
  const markers = style === "1.6" ? typed(property) : typedByPart(property);
  if (style === "faithful") return writeFaithfully(out, value, markers);
  const references = new Map<number, string>();
  if (style === "1.8") {
    for (const { kind, offset, text } of markers) {
      if (kind === "phandle") references.set(offset, text);
    }
  }
  const ends = endsOfParts(markers);
  let kind: PartKind | undefined = undefined;
  for (let at = 0; at < markers.length; at++) {
    const marker = markers[at];
    const { offset } = marker;
    const end = markers[at + 1]?.offset ?? value.length;
    const partEnd = ends[at] ?? value.length;
    if (isPart(marker.kind)) {
      kind = marker.kind;
      out.latin1(` ${PARTS[kind].open}`);
    } else if (marker.kind === "label") out.latin1(` ${marker.text}:`);
    else if (style === "1.6" && offset > 0) out.latin1(" ");
    if (kind === undefined || style === "1.8" && end === offset) continue;
    writeElements(out, kind, value.subarray(offset, end), references.get(offset));
    if (end === partEnd) {
      out.latin1(end === value.length ? PARTS[kind].close : `${PARTS[kind].close},`);
      kind = undefined;
    } else if (style === "1.8" && kind === "u32") out.latin1(" ");
  }
}

/** For each marker the offset of the next part, `undefined` if there is none or nothing is in between. */
function endsOfParts(markers: readonly CompileMarker[]): (number | undefined)[] {
  const ends: (number | undefined)[] = [];
  let next: number | undefined = undefined;
  for (const { kind, offset } of markers.toReversed()) {
    ends.push(next === offset ? undefined : next);
    if (isPart(kind)) next = offset;
  }
  return ends.reverse();
}

function writeElements(
  out: ByteBuffer,
  kind: PartKind,
  bytes: Uint8Array,
  reference: string | undefined,
): void {
  if (kind === "string") return writeString(out, bytes);
  const { size } = PARTS[kind];
  let at = 0;
  if (reference !== undefined) {
    writeReference(out, reference);
    at = size;
  }
  for (; at < bytes.length; at += size) {
    if (at > 0) out.byte(0x20);
    writeNumber(out, bytes, at, size);
  }
}

function writeNumber(out: ByteBuffer, bytes: Uint8Array, at: number, size: number): void {
  if (size > 1) out.latin1("0x");
  writeHex(out, bytes, at, Math.min(bytes.length, at + size));
}

const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** The number in `bytes`, with two digits at least. */
function writeHex(out: ByteBuffer, bytes: Uint8Array, start: number, end: number): void {
  while (start < end - 1 && bytes[start] === 0) start++;
  for (let at = start; at < end; at++) {
    const high = bytes[at] >> 4;
    if (high !== 0 || at > start || at === end - 1) out.byte(DIGITS[high]);
    out.byte(DIGITS[bytes[at] & 15]);
  }
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, "\\0"],
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0b, "\\v"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/**
 * A string, or several with their NULs written out; the last NUL is left to the quotes. What dtc writes
 * reads as something else where a digit follows a NUL, and for bytes from 0x80 on.
 */
function writeString(out: ByteBuffer, bytes: Uint8Array, faithful = false): void {
  if (bytes.length === 0) return;
  out.byte(0x22);
  for (let at = 0; at < bytes.length - 1; at++) {
    const byte = bytes[at];
    const escaped = ESCAPES.get(byte);
    if (faithful && byte === 0) out.latin1("\\000");
    else if (escaped !== undefined) out.latin1(escaped);
    else if (byte >= 0x20 && byte < 0x7f) out.byte(byte);
    else out.latin1(hexEscape(byte, faithful));
  }
  out.byte(0x22);
}

/**
 * Writes parts so that the same bytes come back: those that do not fit their type as bytes, empty ones
 * not at all.
 */
function writeFaithfully(
  out: ByteBuffer,
  value: Uint8Array,
  markers: readonly CompileMarker[],
): void {
  const first = markers.findIndex(({ kind }) => isPart(kind));
  for (const { text } of markers.slice(0, first)) out.latin1(` ${text}:`);
  let comma = "";
  for (let at = first, next = first; at < markers.length; at = next) {
    do next++; while (next < markers.length && !isPart(markers[next].kind));
    const start = markers[at].offset;
    const end = markers[next]?.offset ?? value.length;
    const inside = markers.slice(at + 1, next);
    if (end > start) {
      out.latin1(comma);
      writePart(out, markers[at].kind as PartKind, value.subarray(0, end), start, inside);
      comma = ",";
    }
    for (const { kind, offset, text } of inside) {
      if (kind === "label" && offset === end) out.latin1(` ${text}:`);
    }
  }
}

function writePart(
  out: ByteBuffer,
  kind: PartKind,
  bytes: Uint8Array,
  start: number,
  inside: readonly CompileMarker[],
): void {
  const { size } = PARTS[kind];
  const text = kind === "string" && bytes[bytes.length - 1] === 0;
  if (text) {
    for (const { kind, text } of inside) if (kind === "label") out.latin1(` ${text}:`);
    out.byte(0x20);
    const path = inside.find(({ kind }) => kind === "path")?.text;
    if (path !== undefined) writeReference(out, path);
    else writeString(out, bytes.subarray(start), true);
    return;
  }
  const fits = kind !== "string" && (bytes.length - start) % size === 0;
  const { open, close } = PARTS[fits ? kind : "u8"];
  out.latin1(` ${open}`);
  writeCells(out, fits ? kind : "u8", bytes, start, inside);
  out.latin1(close);
}

function writeCells(
  out: ByteBuffer,
  kind: PartKind,
  bytes: Uint8Array,
  start: number,
  inside: readonly CompileMarker[],
): void {
  const { size } = PARTS[kind];
  for (let at = start, marker = 0; at < bytes.length; at += size) {
    if (at > start) out.byte(0x20);
    let reference: string | undefined = undefined;
    for (; marker < inside.length && inside[marker].offset <= at; marker++) {
      const { kind, text, offset } = inside[marker];
      if (kind === "label") out.latin1(`${text}: `);
      if (kind === "phandle" && offset === at && size === 4) reference = text;
    }
    if (reference !== undefined) writeReference(out, reference);
    else writeNumber(out, bytes, at, size);
  }
}

function writeReference(out: ByteBuffer, reference: string): void {
  out.latin1(reference.includes("/") ? `&{${reference}}` : `&${reference}`);
}

function hexEscape(byte: number, faithful: boolean): string {
  const signed = byte < 0x80 || faithful ? byte : byte - 0x100 >>> 0;
  return `\\x${signed.toString(16).padStart(2, "0")}`;
}

/** The markers, with a guess in front if they do not say types. dtc 1.6: write_propval() */
function typed({ value, markers }: CompileProperty): readonly CompileMarker[] {
  if (markers.some(({ kind }) => isPart(kind))) return markers;
  return [{ kind: guess(value, markers), offset: 0, text: "" }, ...markers];
}

/**
 * The markers, with a guess for each stretch between labels and references if they do not say types.
 * dtc 1.8: guess_type_markers()
 */
function typedByPart({ value, markers }: CompileProperty): readonly CompileMarker[] {
  if (markers.some(({ kind }) => isPart(kind))) return markers;
  const out: CompileMarker[] = [];
  let offset = 0;
  for (const marker of markers) {
    if (marker.offset > offset) {
      out.push(...guessPart(value, offset, marker.offset));
      offset = marker.offset;
    }
    if (marker.kind === "phandle") {
      out.push({ kind: "u32", offset, text: "" });
      offset += 4;
    }
    out.push(marker);
  }
  if (offset < value.length) out.push(...guessPart(value, offset, value.length));
  return out;
}

function guessPart(value: Uint8Array, start: number, end: number): CompileMarker[] {
  const part = value.subarray(start, end);
  const kind = guess(part, []);
  if (kind !== "string") return [{ kind, offset: start, text: "" }];
  const out: CompileMarker[] = [];
  for (let at = 0; at < part.length; at = part.indexOf(0, at) + 1) {
    out.push({ kind, offset: start + at, text: "" });
  }
  return out;
}

/**
 * What bytes look like: text if they are printable with a NUL at the end and no more NULs than other
 * characters, then cells, then bytes, as far as labels allow it. dtc: guess_value_type()
 */
function guess(bytes: Uint8Array, markers: readonly CompileMarker[]): PartKind {
  let text = bytes[bytes.length - 1] === 0;
  let nuls = 0;
  for (let at = 0; at < bytes.length && text; at++) {
    const byte = bytes[at];
    if (byte === 0) nuls++;
    else if (byte > 0x7e || byte < 0x20 && (byte < 7 || byte > 13)) text = false;
  }
  const labels = markers.filter(({ kind }) => kind === "label");
  if (
    text && nuls <= bytes.length - nuls &&
    labels.every(({ offset }) => offset === 0 || bytes[offset - 1] === 0)
  ) return "string";
  const aligned = bytes.length % 4 === 0 && labels.every(({ offset }) => offset % 4 === 0);
  return aligned ? "u32" : "u8";
}
