/**
 * `echo` and `printf`.
 *
 * @module
 */
import { parseNumber } from "../arithmetic.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** Text with backslash sequences taken; `stop` when `\c` ended it. */
function unescape(text: string, zeroOctal: boolean): { text: string; stop: boolean } {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char !== "\\" || at + 1 === text.length) {
      result += char;
      continue;
    }
    const rest = text.slice(at + 1);
    if (rest[0] === "c") return { text: result, stop: true };
    const octal = (zeroOctal ? /^0?[0-7]{1,3}/ : /^[0-7]{1,3}/).exec(rest);
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    if (octal !== null) {
      result += String.fromCharCode(parseInt(octal[0], 8) & 0xff);
      at += octal[0].length;
    } else if (hex !== null) {
      result += String.fromCharCode(parseInt(hex[1], 16));
      at += hex[0].length;
    } else {
      result += ESCAPES[rest[0]] ?? `\\${rest[0]}`;
      at++;
    }
  }
  return { text: result, stop: false };
}

/** What `echo` prints: `-n` without a line end, `-e` with backslash sequences. */
export function echo(args: readonly string[]): string {
  let at = 0;
  let newline = true;
  let escapes = false;
  for (; at < args.length && /^-[neE]+$/.test(args[at]); at++) {
    for (const option of args[at].slice(1)) {
      if (option === "n") newline = false;
      else escapes = option === "e";
    }
  }
  const text = args.slice(at).join(" ");
  if (!escapes) return newline ? `${text}\n` : text;
  const unescaped = unescape(text, true);
  return newline && !unescaped.stop ? `${unescaped.text}\n` : unescaped.text;
}

/** What `printf` prints, and what it complains about. */
export interface Printed {
  readonly text: string;
  readonly errors: readonly string[];
}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

function pad(text: string, { flags, width }: Conversion, zeros: boolean): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!zeros || !flags.includes("0")) return text.padStart(width);
  const sign = /^[-+ ]?(0x)?/.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

function integer(value: bigint, conversion: Conversion): string {
  const { flags, letter, precision } = conversion;
  const unsigned = "uoxX".includes(letter) ? BigInt.asUintN(64, value) : value;
  const radix = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
  const negative = unsigned < 0n;
  let digits = (negative ? -unsigned : unsigned).toString(radix);
  if (letter === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  if (flags.includes("#") && radix === 16 && value !== 0n) digits = `0${letter}${digits}`;
  if (flags.includes("#") && radix === 8) digits = `0${digits}`;
  const sign = negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  return pad(sign + digits, conversion, precision === undefined);
}

function float(value: number, conversion: Conversion): string {
  const { letter, precision = 6 } = conversion;
  const text = letter === "f"
    ? value.toFixed(precision)
    : letter === "e"
    ? value.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2")
    : `${Number(value.toPrecision(Math.max(1, precision)))}`;
  return pad(text, conversion, true);
}

class Formatter {
  text = "";
  stopped = false;
  readonly errors: string[] = [];
  used = 0;

  constructor(readonly args: readonly string[]) {}

  next(): string | undefined {
    return this.args[this.used++];
  }

  number(): bigint {
    const text = this.next();
    if (text === undefined || text === "") return 0n;
    if (/^["']/.test(text)) return BigInt(text.charCodeAt(1) || 0);
    const value = parseNumber(text);
    if (value === undefined) {
      this.errors.push(`invalid number '${text}'`);
      return BigInt(parseInt(text, 10) || 0);
    }
    return value;
  }

  convert(conversion: Conversion): undefined {
    const { letter, precision } = conversion;
    if (letter === "s") {
      this.text += pad((this.next() ?? "").slice(0, precision), conversion, false);
    } else if (letter === "c") this.text += pad((this.next() ?? "").slice(0, 1), conversion, false);
    else if (letter === "b") {
      const { text, stop } = unescape(this.next() ?? "", true);
      this.text += pad(text, conversion, false);
      this.stopped = stop;
    } else if ("diuoxX".includes(letter)) this.text += integer(this.number(), conversion);
    else this.text += float(Number(this.next() ?? 0), conversion);
  }

  round(format: string): undefined {
    const pattern = /%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([diuoxXscbfeg%])|\\[^]|[^%\\]+|[^]/g;
    for (const match of format.matchAll(pattern)) {
      if (this.stopped) return;
      const [whole, flags, width, precision, letter] = match;
      if (letter === "%") this.text += "%";
      else if (letter !== undefined) {
        const count = (text: string) => text === "*" ? Number(this.number()) : Number(text);
        this.convert({
          flags,
          width: width === undefined ? 0 : count(width),
          precision: precision === undefined
            ? (whole.includes(".") ? 0 : undefined)
            : count(precision),
          letter,
        });
      } else this.text += whole;
    }
  }
}

/** What `printf FORMAT ARG…` prints: the format again while arguments are left. */
export function printf(args: readonly string[]): Printed {
  const [format = "", ...rest] = args;
  const formatter = new Formatter(rest);
  const { text, stop } = unescape(format.replaceAll("%%", "%\x01%").replaceAll("\\%", "%"), false);
  const plain = text.replaceAll("%\x01%", "%%");
  do {
    const before = formatter.used;
    formatter.round(plain);
    if (formatter.used === before) break;
  } while (!formatter.stopped && formatter.used < rest.length);
  return { text: formatter.text, errors: stop ? [] : formatter.errors };
}
