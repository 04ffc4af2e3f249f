/**
 * Values of `awk`: texts and numbers at once.
 *
 * @module
 */
import { formatFloat } from "../format.ts";

/** A value. `input`: it came from outside, so that a text that looks like a number is one. */
export type Cell =
  | { readonly type: "number"; readonly number: number }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "input"; readonly text: string }
  | { readonly type: "unset" };

/** What nobody has set. */
export const UNSET: Cell = { type: "unset" };

/** A number. */
export const numberCell = (number: number): Cell => ({ type: "number", number });
/** A text of the program. */
export const textCell = (text: string): Cell => ({ type: "text", text });
/** A text from outside. */
export const inputCell = (text: string): Cell => ({ type: "input", text });

const DECIMAL = /^[ \t\n\f\r\v]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;
const HEX = /^[ \t\n\f\r\v]*0[xX]([0-9a-fA-F]+)/;
const OCTAL = /^[ \t\n\f\r\v]*0([0-7]+)(?![.89])/;

/** The number that a text begins with; hexadecimal and octal ones as C writes them. */
export function textToNumber(text: string): number {
  const hex = HEX.exec(text);
  if (hex !== null) return parseInt(hex[1], 16);
  const octal = OCTAL.exec(text);
  if (octal !== null) return parseInt(octal[1], 8);
  return Number(DECIMAL.exec(text)?.[1] ?? 0);
}

/** Whether a text is a number and nothing else. */
export function looksNumeric(text: string): boolean {
  const number = HEX.exec(text) ?? DECIMAL.exec(text);
  return number !== null && text.slice(number[0].length).trim() === "";
}

/** The value as a number. */
export function toNumber(cell: Cell): number {
  if (cell.type === "number") return cell.number;
  return cell.type === "unset" ? 0 : textToNumber(cell.text);
}

/** A number as text: whole ones in full, others by a format such as `%.6g`. */
export function numberToText(number: number, format: string): string {
  if (Number.isInteger(number) && Math.abs(number) < 2 ** 63) return BigInt(number).toString();
  const match = /^%([-+ #0]*)(\d*)(?:\.(\d+))?([eEfFgGdi])$/.exec(format);
  const [, flags = "", width = "0", precision = "6", letter = "g"] = match ?? [];
  return formatFloat(number, { flags, width: Number(width), precision: Number(precision), letter });
}

/** The value as text. */
export function toText(cell: Cell, format: string): string {
  if (cell.type === "number") return numberToText(cell.number, format);
  return cell.type === "unset" ? "" : cell.text;
}

const isNumber = (cell: Cell) =>
  cell.type === "number" || cell.type === "unset" ||
  (cell.type === "input" && looksNumeric(cell.text));

/** Whether a value counts as true. */
export function isTrue(cell: Cell): boolean {
  if (isNumber(cell)) return toNumber(cell) !== 0;
  return cell.type !== "unset" && cell.type !== "number" && cell.text !== "";
}

/** Below 0, 0 or above 0: as numbers when both are, otherwise as texts. */
export function compareCells(a: Cell, b: Cell, format: string): number {
  if (isNumber(a) && isNumber(b)) return toNumber(a) - toNumber(b);
  const [left, right] = [toText(a, format), toText(b, format)];
  return left < right ? -1 : left > right ? 1 : 0;
}
