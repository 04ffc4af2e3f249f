/**
 * `echo` and `printf`.
 *
 * @module
 */
import { parseNumber } from "../arithmetic.ts";
import { ESCAPES } from "../escapes.ts";
import type { Process } from "../process.ts";
import { formatFloat, formatNumber, type NumberFormat, padded } from "../format.ts";

const PRINT_ESCAPES: Readonly<Record<string, string>> = { ...ESCAPES, e: "\x1b", "\\": "\\" };

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
      result += PRINT_ESCAPES[rest[0]] ?? `\\${rest[0]}`;
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

/** What `printf` prints, with its complaints between. */
interface Printed {
  readonly pieces: readonly { readonly text: string; readonly complaint: string | undefined }[];
  readonly status: number;
}

/** A format that cannot be read. */
class FormatError extends Error {
  override name = "FormatError";
}

class Formatter {
  text = "";
  stopped = false;
  readonly pieces: Printed["pieces"][number][] = [];
  used = 0;

  constructor(readonly args: readonly string[]) {}

  next(): string | undefined {
    return this.args[this.used++];
  }

  /** Ends a piece of what is printed, with what is wrong behind it. */
  cut(complaint?: string): undefined {
    if (this.text !== "" || complaint !== undefined) {
      this.pieces.push({ text: this.text, complaint });
    }
    this.text = "";
  }

  integer(): bigint {
    const text = this.next() ?? "";
    if (/^["']/.test(text)) return BigInt(text.charCodeAt(1) || 0);
    const value = parseNumber(text);
    if (value !== undefined) return value;
    this.cut(`invalid number '${text}'`);
    return BigInt(parseInt(text, 10) || 0);
  }

  float(): number {
    const text = this.next() ?? "";
    const value = Number(text);
    if (text.trim() !== "" && !Number.isNaN(value)) return value;
    this.cut(`invalid number '${text}'`);
    return parseFloat(text) || 0;
  }

  convert(conversion: NumberFormat): undefined {
    const { letter, precision } = conversion;
    if (letter === "s") {
      this.text += padded((this.next() ?? "").slice(0, precision), conversion);
    } else if (letter === "c") this.text += padded((this.next() ?? "").slice(0, 1), conversion);
    else if (letter === "b") {
      const { text, stop } = unescape(this.next() ?? "", true);
      this.text += padded(text, conversion);
      this.stopped = stop;
    } else if ("diuoxX".includes(letter)) {
      const value = this.integer();
      this.text += formatNumber(value, conversion);
    } else {
      const value = this.float();
      this.text += formatFloat(value, conversion);
    }
  }

  round(format: string): undefined {
    const pattern = /%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([diuoxXscbfFeEgG%])|\\[^]|[^%\\]+|[^]/g;
    for (const match of format.matchAll(pattern)) {
      if (this.stopped) return;
      const [whole, flags, width, precision, letter] = match;
      if (letter === "%") this.text += "%";
      else if (letter !== undefined) {
        const count = (text: string) => text === "*" ? Number(this.integer()) : Number(text);
        this.convert({
          flags,
          width: width === undefined ? 0 : count(width),
          precision: precision === undefined
            ? (whole.includes(".") ? 0 : undefined)
            : count(precision),
          letter,
        });
      } else if (whole === "%") {
        throw new FormatError(`${format.slice(match.index)}: invalid format`);
      } else this.text += whole;
    }
  }
}

const USAGE = "usage: printf FORMAT [ARGUMENT...]";

/** What `printf FORMAT ARG…` prints: the format again while arguments are left. */
function printf(args: readonly string[]): Printed {
  const [format, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (format === undefined) return { pieces: [{ text: "", complaint: USAGE }], status: 2 };
  const formatter = new Formatter(rest);
  const { text } = unescape(format.replaceAll("%%", "%\x01%").replaceAll("\\%", "%"), false);
  const plain = text.replaceAll("%\x01%", "%%");
  try {
    do {
      const before = formatter.used;
      formatter.round(plain);
      if (formatter.used === before) break;
    } while (!formatter.stopped && formatter.used < rest.length);
    formatter.cut();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    formatter.cut(error.message);
  }
  const { pieces } = formatter;
  const failed = pieces.some(({ complaint }) => complaint !== undefined);
  return { pieces, status: failed ? 1 : 0 };
}

/** `printf FORMAT [ARG]…`, which names itself `caller` when it complains. */
export async function printFormatted(
  process: Process,
  args: readonly string[],
  caller: string,
): Promise<number> {
  const { pieces, status } = printf(args);
  for (const { text, complaint } of pieces) {
    await process.out(text);
    if (complaint === undefined) continue;
    await process.flush();
    await process.err(`${caller}: ${complaint}\n`);
  }
  return status;
}
