/**
 * `sort`.
 *
 * @module
 */
import { toBytes } from "../bytes.ts";
import { ExitStatus, strerror } from "../errors.ts";
import { type Process, writeAll } from "../process.ts";
import { type Options, parseOptions } from "./options.ts";
import { inputs } from "./text.ts";

/** Fields and characters, counted from 1, with the letters that say how to compare; 0: not given. */
interface Key {
  readonly start: readonly [field: number, character: number];
  readonly end: readonly [field: number, character: number];
  readonly letters: string;
}

const WHOLE_LINE: Key = { start: [1, 0], end: [0, 0], letters: "" };
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

async function parseKey(process: Process, text: string): Promise<Key> {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(text);
  if (match === null) {
    await process.complain("bad field specification");
    throw new ExitStatus(2);
  }
  const [, field, character, letters, endField, endCharacter, endLetters = ""] = match;
  // Blanks at the end of the key are left out when the letter stands there.
  return {
    start: [Number(field), Number(character ?? 0)],
    end: [Number(endField ?? 0), Number(endCharacter ?? 0)],
    letters: letters + endLetters.replace("b", "B"),
  };
}

const isSpace = (char: string | undefined) => char !== undefined && /[ \t\n\v\f\r]/.test(char);

/** Index behind `count` fields; a field without a separator takes the blanks before it. */
function behindFields(line: string, count: number, separator: string | undefined): number {
  let at = 0;
  for (let field = 0; field < count; field++) {
    if (separator !== undefined) {
      const next = line.indexOf(separator, at);
      if (next < 0) return line.length;
      at = next + 1;
      continue;
    }
    while (isSpace(line[at])) at++;
    while (at < line.length && !isSpace(line[at])) at++;
  }
  return at;
}

/** The part of a line that a key means. */
function keyText(
  line: string,
  { start, end, letters }: Key,
  separator: string | undefined,
): string {
  let from = behindFields(line, start[0] - 1, separator);
  let to = end[0] === 0 ? line.length : behindFields(line, end[0], separator);
  if (end[0] !== 0 && separator !== undefined && line[to - 1] === separator) to--;
  if (letters.includes("b")) { while (isSpace(line[from])) from++; }
  if (letters.includes("B")) { while (to > from && isSpace(line[to - 1])) to--; }
  if (end[1] !== 0) to = Math.min(line.length, end[1]);
  if (start[1] !== 0) from = Math.min(line.length, from + start[1] - 1);
  let text = line.slice(from, Math.max(from, to));
  if (letters.includes("d")) text = text.replace(/[^A-Za-z0-9\s]/g, "");
  if (letters.includes("i")) text = text.replace(/[^\x20-\x7e]/g, "");
  return letters.includes("f") ? text.toUpperCase() : text;
}

/** The number that a text starts with, as `atof()` reads it. */
function numberOf(text: string): number {
  const match = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(\d*\.?\d*(?:[eE][+-]?\d+)?))/.exec(text);
  if (match === null) return 0;
  const value = match[2] === undefined ? parseFloat(match[3]) || 0 : parseInt(match[2], 16);
  return match[1] === "-" ? -value : value;
}

/** Versions: runs of digits count as numbers. Linux: strverscmp() of the C library */
function compareVersions(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    if (left[at] === right[at]) continue;
    const numbers = /^[1-9]/.test(left[at]) && /^[1-9]/.test(right[at]);
    return numbers ? Number(left[at]) - Number(right[at]) : left[at] < right[at] ? -1 : 1;
  }
  return left.length - right.length;
}

function compareTexts(a: string, b: string, letters: string): number {
  if (/[ng]/.test(letters)) return numberOf(a) - numberOf(b);
  if (letters.includes("M")) {
    const month = (text: string) => MONTHS.indexOf(text.trim().slice(0, 3).toUpperCase());
    return month(a) - month(b);
  }
  if (letters.includes("V")) return compareVersions(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

type Compare = (a: string, b: string) => number;

/** How two lines compare by their keys. */
function comparison(options: Options, keys: readonly Key[]): Compare {
  const general = [..."bdfgiMnrV"].filter((letter) => options.has(letter)).join("");
  const separator = options.get("t");
  return (a, b) => {
    for (const key of keys) {
      const letters = key.letters.replace("B", "") === "" ? key.letters + general : key.letters;
      const one = { ...key, letters };
      const order = compareTexts(keyText(a, one, separator), keyText(b, one, separator), letters);
      if (order !== 0) return letters.includes("r") ? -order : order;
    }
    return 0;
  };
}

/** Whole lines decide when the keys are equal. */
function withLines(compare: Compare, reverse: boolean): Compare {
  return (a, b) => compare(a, b) || compareTexts(a, b, "") * (reverse ? -1 : 1);
}

async function check(
  process: Process,
  lines: readonly string[],
  compare: Compare,
  unique: boolean,
): Promise<number> {
  for (let at = 1; at < lines.length; at++) {
    const order = compare(lines[at - 1], lines[at]);
    if (order < 0 || (order === 0 && !unique)) continue;
    await process.out(`Check line ${at}\n`);
    return 1;
  }
  return 0;
}

/** `sort [-nrugMcszbdfi] [-t CHARACTER] [-k KEY]… [-o FILE] [FILE]…` */
export async function sort(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "nrugMcszbdfiVmS:T:o:k:t:" });
  const keys: Key[] = [];
  for (const text of options.all("k")) keys.push(await parseKey(process, text));
  const compare = comparison(options, keys.length === 0 ? [WHOLE_LINE] : keys);
  const end = options.has("z") ? "\0" : "\n";
  const { files, failed } = await inputs(process, options.rest, (path, why) => `${path}: ${why}`);
  if (failed) return 2;
  const lines = files.flatMap(({ text }) => {
    const parts = text.split(end);
    return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
  });
  const full = options.has("s") ? compare : withLines(compare, options.has("r"));
  if (options.has("c")) return await check(process, lines, full, options.has("u"));
  let sorted = lines.toSorted(full);
  if (options.has("u")) {
    sorted = sorted.filter((line, at) => at === 0 || compare(sorted[at - 1], line) !== 0);
  }
  const text = sorted.map((line) => line + end).join("");
  const path = options.get("o");
  if (path === undefined) await process.out(text);
  else await store(process, path, text);
  return 0;
}

async function store(process: Process, path: string, text: string): Promise<undefined> {
  try {
    const file = await process.open(path, { write: true, create: true, truncate: true });
    await writeAll(file, toBytes(text)).finally(() => file.put());
  } catch (error) {
    await process.complain(`can't open '${path}': ${strerror(error)}`);
    throw new ExitStatus(2);
  }
}
