import { isHex } from "./token.ts";

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/** Letters that stand for a control character, `\a` for 7 and so on. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  [..."abtnvfr"].map((letter, index) => [letter.charCodeAt(0), 7 + index]),
);

/** What is wrong with a `\x` without digits. */
export const HEX_DIGITS_MISSING = "expected one or two hexadecimal digits after `\\x`";

/**
 * The bytes of a string with escapes: `\n` and its like, up to three octal digits, `\x` with one or two
 * hexadecimal digits; any other character stands for itself. A backslash at the very end escapes what
 * follows, the closing quote: `'\'` is a quote, as in dtc.
 *
 * @param onBad Hears where a `\x` without digits is.
 */
export function unescape(
  source: Uint8Array,
  start: number,
  end: number,
  onBad?: (position: number) => void,
): Uint8Array {
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    const byte = source[at++];
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    const digits = escapeEnd(source, at, end);
    if (digits === at) {
      if (source[at] === LETTER_X) onBad?.(at - 1);
      out[length++] = ESCAPES.get(source[at]) ?? source[at];
      at++;
    } else {
      out[length++] = escapeValue(source, at, digits);
      at = digits;
    }
  }
  return out.subarray(0, length);
}

/** Position behind the digits of an escape whose backslash is in front of `at`; `at` if it has none. */
function escapeEnd(source: Uint8Array, at: number, end: number): number {
  const hex = source[at] === LETTER_X;
  const first = hex ? at + 1 : at;
  const last = Math.min(end, first + (hex ? 2 : 3));
  let digits = first;
  while (digits < last && (hex ? isHex(source[digits]) : isOctal(source[digits]))) digits++;
  return digits === first ? at : digits;
}

function escapeValue(source: Uint8Array, start: number, end: number): number {
  const hex = source[start] === LETTER_X;
  const digits = String.fromCharCode(...source.subarray(hex ? start + 1 : start, end));
  return parseInt(digits, hex ? 16 : 8);
}

function isOctal(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x37;
}
