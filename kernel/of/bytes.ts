/** Big-endian words and C strings inside byte arrays: the units of device trees. */

/** The 32-bit word at `offset`, big-endian. The caller has checked that it lies inside. */
export function readBe32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 24 | bytes[offset + 1] << 16 | bytes[offset + 2] << 8 |
    bytes[offset + 3]) >>> 0;
}

/** The `count` big-endian words from word `first` on. The caller has checked that they lie inside. */
export function readCells(bytes: Uint8Array, first: number, count: number): number[] {
  const cells: number[] = [];
  for (let at = first; at < first + count; at++) cells.push(readBe32(bytes, 4 * at));
  return cells;
}

/** Stores the low 32 bits of `value` at `offset`, big-endian. */
export function writeBe32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/**
 * A number of `count` cells that starts at byte `offset`. Cells above the last two fall out at the
 * top. Linux: of_read_number()
 */
export function ofReadNumber(bytes: Uint8Array, offset: number, count: number): bigint {
  if (count <= 0) return 0n;
  const low = BigInt(readBe32(bytes, offset + 4 * (count - 1)));
  if (count === 1) return low;
  const high = readBe32(bytes, offset + 4 * (count - 2));
  return high === 0 ? low : BigInt(high) << 32n | low;
}

/** Stores `value` modulo 2^64 at `offset`, big-endian. */
export function writeBe64(bytes: Uint8Array, offset: number, value: bigint): void {
  writeBe32(bytes, offset, Number(value >> 32n & 0xffffffffn));
  writeBe32(bytes, offset + 4, Number(value & 0xffffffffn));
}

/** The bytes `start` to `end` as a string, one character (U+0000 to U+00FF) for each byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  // Each step makes a string: the fewer, the better.
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at],
      bytes[at + 1],
      bytes[at + 2],
      bytes[at + 3],
      bytes[at + 4],
      bytes[at + 5],
      bytes[at + 6],
      bytes[at + 7],
    );
  }
  if (at + 4 <= end) {
    text += String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    at += 4;
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** The text up to the first NUL, or all of it. */
export function firstString(value: Uint8Array): string {
  const end = value.indexOf(0);
  return latin1(value, 0, end < 0 ? value.length : end);
}

/** The inverse of {@linkcode latin1}, followed by a NUL. */
export function cString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Shorter stretches are copied byte by byte, which needs no view. */
const COPIED_MAX = 64;

/** Copies the bytes `start` to `end` to place `at` of another array. The caller has checked that they fit. */
export function copyBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (end - start > COPIED_MAX) to.set(bytes.subarray(start, end), at);
  else for (let from = start; from < end; from++) to[at++] = bytes[from];
}

/** `value` raised to the next multiple of `alignment`, a power of two. */
export function alignUp(value: number, alignment: number): number {
  return value + alignment - 1 & -alignment;
}

/** Whether both arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
