/**
 * Functions of `awk` that work on values alone.
 *
 * @module
 */
import { posixRegex, replaceMatches } from "../applets/regex.ts";
import { formatFloat, formatNumber, padded } from "../format.ts";
import { type Cell, numberCell, textCell, toNumber, toText, UNSET } from "./value.ts";

/** A regular expression of a program as JavaScript writes it. */
export function regexOf(source: string, flags = ""): RegExp {
  return new RegExp(posixRegex(source, true), flags);
}

/** What parts fields: one blank for runs of blanks, one other character for itself, else an expression. */
export function splitFields(text: string, separator: string): string[] {
  if (separator === " ") {
    const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, "");
    return trimmed === "" ? [] : trimmed.split(/[ \t\n]+/);
  }
  if (text === "") return [];
  if (separator === "") return [...text];
  if (separator.length === 1) return text.split(separator);
  return text.split(regexOf(separator));
}

/** `sprintf()`. */
export function sprintf(format: string, args: readonly Cell[], numberFormat: string): string {
  let used = 0;
  const next = (): Cell => args[used++] ?? { type: "unset" };
  const pattern = /%([-+ #0]*)(\d+|\*)?(?:\.(\d+|\*)?)?([diouxXcsfFeEgG%])/g;
  return format.replace(pattern, (whole, flags, width, precision, letter) => {
    if (letter === "%") return "%";
    const count = (text: string | undefined, absent: number) =>
      text === "*" ? Math.trunc(toNumber(next())) : text === undefined ? absent : Number(text);
    const field = {
      flags,
      width: count(width, 0),
      precision: whole.includes(".") ? count(precision, 0) : undefined,
      letter,
    };
    const cell = next();
    if (letter === "c") {
      const code = cell.type === "number" ? cell.number : undefined;
      const text = code === undefined
        ? toText(cell, numberFormat).slice(0, 1)
        : String.fromCharCode(code & 0xff);
      return padded(text, field);
    }
    if (letter === "s") return padded(toText(cell, numberFormat).slice(0, field.precision), field);
    const number = toNumber(cell);
    if (!"diouxX".includes(letter)) return formatFloat(number, field);
    return formatNumber(BigInt(Number.isFinite(number) ? Math.trunc(number) : 0), field);
  });
}

/** What `sub()` and `gsub()` put in place of a match: `&` is the match, `\&` is `&`. */
function replacementOf(template: string, match: string): string {
  return template.replace(/\\([&\\])|&/g, (_whole, escaped) => escaped ?? match);
}

/** `sub()` and `gsub()`: the new text and how often something was replaced. */
export function substitute(
  regex: RegExp,
  template: string,
  text: string,
  all: boolean,
): { text: string; count: number } {
  let count = 0;
  const result = replaceMatches(text, regex, (match, number) => {
    if (!all && number > 1) return undefined;
    count++;
    return replacementOf(template, match[0]);
  });
  return { text: result, count };
}

/** `substr()`: from a place counted from 1; one before the text is its start. */
export function substr(text: string, start: number, length: number): string {
  const from = Math.max(0, Math.trunc(start) - 1);
  return text.slice(from, from + Math.max(0, length === Infinity ? length : Math.trunc(length)));
}

/** The values a function was called with; what is missing is unset. */
export class Arguments {
  constructor(readonly values: readonly Cell[], readonly convfmt: string) {}

  /** One as text. */
  text(at: number): string {
    return toText(this.values[at] ?? UNSET, this.convfmt);
  }

  /** One as a number. */
  number(at: number): number {
    return toNumber(this.values[at] ?? UNSET);
  }

  /** One as the bits of a whole number. */
  bits(at: number): bigint {
    return BigInt(this.number(at));
  }
}

/** Functions that need nothing but their arguments. */
export const VALUE_FUNCTIONS: ReadonlyMap<string, (args: Arguments) => Cell> = new Map<
  string,
  (args: Arguments) => Cell
>([
  ["substr", (args) => {
    const length = args.values.length > 2 ? args.number(2) : Infinity;
    return textCell(substr(args.text(0), args.number(1), length));
  }],
  ["index", (args) => numberCell(args.text(1) === "" ? 0 : args.text(0).indexOf(args.text(1)) + 1)],
  ["sprintf", (args) => textCell(sprintf(args.text(0), args.values.slice(1), args.convfmt))],
  ["tolower", (args) => textCell(args.text(0).toLowerCase())],
  ["toupper", (args) => textCell(args.text(0).toUpperCase())],
  ["int", (args) => numberCell(Math.trunc(args.number(0)))],
  ["and", (args) => numberCell(Number(args.bits(0) & args.bits(1)))],
  ["or", (args) => numberCell(Number(args.bits(0) | args.bits(1)))],
  ["xor", (args) => numberCell(Number(args.bits(0) ^ args.bits(1)))],
  ["lshift", (args) => numberCell(Number(args.bits(0) << args.bits(1)))],
  ["rshift", (args) => numberCell(Number(args.bits(0) >> args.bits(1)))],
  ["compl", (args) => numberCell(Number(BigInt.asUintN(64, ~args.bits(0))))],
]);
