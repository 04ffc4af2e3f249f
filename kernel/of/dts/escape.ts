const ESCAPES: ReadonlyMap<number, number> = new Map(
  [..."abtnvfr"].map((letter, index) => [letter.charCodeAt(0), [7, 8, 9, 10, 11, 12, 13][index]]),
);

/** The bytes of a string with escapes; `undefined` for `\x` without digits. */
export function unescape(
  source: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  const first = source.subarray(start, end).indexOf(BACKSLASH);
  if (first < 0) return source.subarray(start, end);
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    const byte = source[at++];
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    const escape = numericEscape(source, at, end);
    if (escape === undefined) return undefined;
    out[length++] = escape.value;
    at += escape.length;
  }
  return out.subarray(0, length);
}

const BACKSLASH = 0x5c;

/** The escape behind a backslash: octal, hexadecimal, a letter of C, or any character for itself. */
function numericEscape(
  source: Uint8Array,
  at: number,
  end: number,
): { value: number; length: number } | undefined {
  const text = String.fromCharCode(...source.subarray(at, Math.min(end, at + 3)));
  const octal = /^[0-7]{1,3}/.exec(text);
  if (octal !== null) return { value: parseInt(octal[0], 8), length: octal[0].length };
  if (text[0] === "x") {
    const hex = /^x[0-9a-fA-F]{1,2}/.exec(text);
    return hex === null
      ? undefined
      : { value: parseInt(hex[0].slice(1), 16), length: hex[0].length };
  }
  return { value: ESCAPES.get(source[at]) ?? source[at], length: 1 };
}
