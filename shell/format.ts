/**
 * Numbers as C's `printf()` prints them.
 *
 * @module
 */

/** What stands between `%` and the end of a conversion. */
export interface NumberFormat {
  /** Of `- + 0 #` and blank. */
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** A text in a field: at its right end, or at its left one with `-`. */
export function padded(text: string, { flags, width }: NumberFormat, zeros = false): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!zeros || !flags.includes("0")) return text.padStart(width);
  const sign = /^[-+ ]?(0x)?/i.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

function signOf(negative: boolean, flags: string): string {
  return negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

/** `%d %i %u %o %x %X`: numbers of 64 bits. */
export function formatNumber(value: bigint, format: NumberFormat): string {
  const { flags, letter, precision } = format;
  const signed = letter === "d" || letter === "i";
  const number = signed ? value : BigInt.asUintN(64, value);
  const radix = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
  let digits = (number < 0n ? -number : number).toString(radix);
  if (letter === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  if (flags.includes("#") && radix === 16 && value !== 0n) digits = `0${letter}${digits}`;
  if (flags.includes("#") && radix === 8 && !digits.startsWith("0")) digits = `0${digits}`;
  const sign = signed ? signOf(number < 0n, flags) : "";
  return padded(sign + digits, format, precision === undefined);
}

/** A number with so many digits behind the point; halves go to the even digit, as in C. */
function fixed(value: number, precision: number): string {
  const text = value.toFixed(Math.min(precision, 100));
  const scaled = value * 10 ** precision;
  const floor = Math.floor(scaled);
  if (scaled - floor !== 0.5 || floor % 2 !== 0 || precision > 15) return text;
  return (floor / 10 ** precision).toFixed(precision);
}

function exponential(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
}

/** The shorter one of `%e` and `%f`, without zeros at its end. */
function general(value: number, precision: number, keepZeros: boolean): string {
  const digits = Math.max(1, precision);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent < -4 || exponent >= digits) {
    const text = exponential(value, digits - 1);
    return keepZeros ? text : text.replace(/\.?0*e/, "e");
  }
  const text = fixed(value, digits - 1 - exponent);
  return keepZeros || !text.includes(".") ? text : text.replace(/\.?0+$/, "");
}

/** `%f %e %g` and their capitals. */
export function formatFloat(value: number, format: NumberFormat): string {
  const { flags, letter, precision = 6 } = format;
  const size = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? "nan" : "inf";
  else if (letter === "f" || letter === "F") text = fixed(size, precision);
  else if (letter === "e" || letter === "E") text = exponential(size, precision);
  else text = general(size, precision, flags.includes("#"));
  if (/[EFG]/.test(letter)) text = text.toUpperCase();
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  return padded(sign + text, format, Number.isFinite(value));
}
