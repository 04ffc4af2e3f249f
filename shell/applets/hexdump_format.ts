/**
 * The formats of `hexdump -e`: units such as `8/2 "%04x "`, each repeated over so many bytes.
 *
 * @module
 */
import { ESCAPES } from "../escapes.ts";
import { formatNumber } from "../format.ts";

/** What a conversion makes of its bytes. */
interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  /** `d u x X o c s`, or `_a _A _c _p _u` with their radix. */
  readonly letter: string;
}

/** Text with at most one conversion in front of its end. */
interface Part {
  readonly before: string;
  readonly conversion: Conversion | undefined;
  readonly after: string;
  readonly size: number;
}

/** One unit of a format. */
interface Unit {
  count: number;
  readonly counted: boolean;
  readonly parts: readonly Part[];
  readonly size: number;
}

/** One `-e`. */
export interface DumpFormat {
  readonly units: readonly Unit[];
  readonly size: number;
}

/** A format that cannot be read: the message. */
export class DumpFormatError extends Error {
  override name = "DumpFormatError";
}

const CONVERSION = /%([-+ #0]*)(\d*)(?:\.(\d+))?(_[aA][dox]|_[cpu]|[diouxXcs%])/g;

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, (_whole, char) => ESCAPES[char] ?? char);
}

/** Bytes that a conversion takes when its unit does not say. */
function sizeOf({ letter, precision }: Conversion): number {
  if (/^_[aA]/.test(letter)) return 0;
  if (letter === "s") return precision ?? 1;
  return letter === "c" || letter.startsWith("_") ? 1 : 4;
}

function parseParts(text: string, given: number | undefined): Part[] {
  const parts: Part[] = [];
  let from = 0;
  let before = "";
  for (const match of text.matchAll(CONVERSION)) {
    before += text.slice(from, match.index);
    from = match.index + match[0].length;
    const [, flags, width, precision, letter] = match;
    if (letter === "%") {
      before += "%";
      continue;
    }
    const conversion = {
      flags,
      width: Number(width),
      precision: precision === undefined ? undefined : Number(precision),
      letter,
    };
    const taken = sizeOf(conversion);
    parts.push({ before, conversion, after: "", size: taken === 0 ? 0 : given ?? taken });
    before = "";
  }
  const rest = before + text.slice(from);
  const last = parts.at(-1);
  if (last === undefined) return [{ before: rest, conversion: undefined, after: "", size: 0 }];
  parts[parts.length - 1] = { ...last, after: rest };
  return parts;
}

/** Reads one format. */
export function parseDumpFormat(text: string): DumpFormat {
  const units: Unit[] = [];
  const pattern = /\s*(?:(\d+)?(?:\/(\d+))?)\s*"((?:\\.|[^"\\])*)"\s*/gsy;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    if (match === null) throw new DumpFormatError(`bad format {${text}}`);
    const [, count, size, quoted] = match;
    const parts = parseParts(unescape(quoted), size === undefined ? undefined : Number(size));
    const bytes = parts.reduce((sum, part) => sum + part.size, 0);
    units.push({ count: Number(count ?? 1), counted: count !== undefined, parts, size: bytes });
  }
  const size = units.reduce((sum, unit) => sum + unit.count * unit.size, 0);
  return { units, size };
}

/** Formats that are printed for the same bytes: the last unit of a short one is repeated to fill up. */
export function alignFormats(formats: readonly DumpFormat[]): number {
  const block = Math.max(...formats.map(({ size }) => size));
  for (const { units, size } of formats) {
    const last = units.at(-1);
    if (last !== undefined && !last.counted && last.size > 0) {
      last.count += Math.floor((block - size) / last.size);
    }
  }
  return block;
}

/** Where a block is, and how much there is of it. */
export interface DumpBlock {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What a format prints for a block; `_A` stays for the end. */
export function printBlock({ units }: DumpFormat, { address, bytes }: DumpBlock): string {
  let text = "";
  let at = 0;
  for (const { count, parts } of units) {
    for (let round = count; round > 0; round--) {
      for (const [index, part] of parts.entries()) {
        if (part.conversion?.letter.startsWith("_A")) continue;
        const last = round === 1 && count > 1 && index === parts.length - 1;
        text += part.before + converted(part, at, { address, bytes });
        text += last ? part.after.trimEnd() : part.after;
        at += part.size;
      }
    }
  }
  return text;
}

/** What a format prints at the end: the parts with `_A`. */
export function printEnd({ units }: DumpFormat, address: number): string {
  return units.flatMap(({ parts }) => parts)
    .filter(({ conversion }) => conversion?.letter.startsWith("_A"))
    .map(({ before, conversion, after }) =>
      before + number(BigInt(address), conversion as Conversion) + after
    ).join("");
}

const RADIX: Readonly<Record<string, string>> = { d: "d", o: "o", x: "x" };

function number(value: bigint, conversion: Conversion): string {
  const { letter } = conversion;
  return formatNumber(value, { ...conversion, letter: RADIX[letter[2]] ?? letter });
}

function converted({ conversion, size }: Part, at: number, { address, bytes }: DumpBlock): string {
  if (conversion === undefined) return "";
  const { letter, width, flags } = conversion;
  if (letter.startsWith("_a")) return number(BigInt(address + at), conversion);
  const pad = (text: string) => flags.includes("-") ? text.padEnd(width) : text.padStart(width);
  // Where there are no bytes, blanks stand in for them.
  if (at >= bytes.length) return "".padStart(width);
  if (letter === "s") return pad(String.fromCharCode(...bytes.subarray(at, at + size)));
  if (letter === "c") return pad(String.fromCharCode(bytes[at]));
  if (letter === "_p") return pad(printable(bytes[at]) ? String.fromCharCode(bytes[at]) : ".");
  if (letter === "_c" || letter === "_u") return pad(character(bytes[at]));
  let value = 0n;
  for (let index = size - 1; index >= 0; index--) {
    value = value << 8n | BigInt(bytes[at + index] ?? 0);
  }
  const signed = letter === "d" || letter === "i";
  return number(signed ? BigInt.asIntN(8 * size, value) : value, conversion);
}

const printable = (byte: number) => byte >= 0x20 && byte < 0x7f;

/** A byte as C writes it. */
export function character(byte: number): string {
  const known: Readonly<Record<number, string>> = {
    0: "\\0",
    7: "\\a",
    8: "\\b",
    9: "\\t",
    10: "\\n",
    11: "\\v",
    12: "\\f",
    13: "\\r",
  };
  if (known[byte] !== undefined) return known[byte];
  return printable(byte) ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0");
}
