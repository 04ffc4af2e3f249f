/**
 * Options as GNU getopt_long() takes them: clusters of letters, values attached or behind, long names
 * that may be cut as long as they are clear, and arguments anywhere.
 *
 * @module
 */

/** The command line cannot be followed. One line. */
export class OptionSyntaxError extends Error {
  /** Name of the class. */
  override name = "OptionSyntaxError";
}

/** An option of a program. */
export interface OptionRow {
  /** The letter; empty if there is only the long name. */
  readonly letter: string;
  /** The long name. */
  readonly long: string;
  /** What its value is called in the help; `undefined` if it takes none. */
  readonly value?: string;
  /** The help text; further lines are indented. */
  readonly help: string;
}

/** What stood on a command line. */
export interface ParsedOptions {
  /** Options in their order, by long name; those without a value have an empty one. */
  readonly options: readonly (readonly [long: string, value: string])[];
  /** What is no option. */
  readonly operands: readonly string[];
}

/**
 * Takes a command line apart.
 *
 * @throws {OptionSyntaxError} For an option that is not in the table, or lacks its value.
 */
export function parseOptions(words: readonly string[], table: readonly OptionRow[]): ParsedOptions {
  const options: [string, string][] = [];
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === "--") {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (word.startsWith("--")) at += takeLong(word.slice(2), words[at + 1], table, options);
    else at += takeLetters(word.slice(1), words[at + 1], table, options);
  }
  return { options, operands };
}

/** Takes `name` or `name=value`; says how many of the next words it took. */
function takeLong(
  text: string,
  next: string | undefined,
  table: readonly OptionRow[],
  options: [string, string][],
): number {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const matching = table.filter(({ long }) => long.startsWith(name));
  const row = matching.find(({ long }) => long === name) ?? matching[0];
  if (row === undefined) throw new OptionSyntaxError(`unrecognized option '--${name}'`);
  if (matching.length > 1 && row.long !== name) {
    const choices = matching.map(({ long }) => `--${long}`).join(", ");
    throw new OptionSyntaxError(`option '--${name}' is ambiguous: ${choices}`);
  }
  if (row.value === undefined && equals >= 0) {
    throw new OptionSyntaxError(`option '--${row.long}' doesn't allow an argument`);
  }
  const value = equals >= 0 ? text.slice(equals + 1) : next;
  if (row.value !== undefined && value === undefined) {
    throw new OptionSyntaxError(`option '--${row.long}' requires an argument`);
  }
  options.push([row.long, row.value === undefined ? "" : value!]);
  return row.value !== undefined && equals < 0 ? 1 : 0;
}

/** Takes a cluster of letters, the last of which may have a value. */
function takeLetters(
  letters: string,
  next: string | undefined,
  table: readonly OptionRow[],
  options: [string, string][],
): number {
  for (let at = 0; at < letters.length; at++) {
    const row = table.find(({ letter }) => letter === letters[at]);
    if (row === undefined) throw new OptionSyntaxError(`invalid option -- '${letters[at]}'`);
    if (row.value === undefined) {
      options.push([row.long, ""]);
      continue;
    }
    const attached = letters.slice(at + 1);
    if (attached === "" && next === undefined) {
      throw new OptionSyntaxError(`option requires an argument -- '${row.letter}'`);
    }
    options.push([row.long, attached === "" ? next! : attached]);
    return attached === "" ? 1 : 0;
  }
  return 0;
}

/** The table as a help text lists it. */
export function optionHelp(table: readonly OptionRow[]): string {
  const heads = table.map(({ letter, long, value }) =>
    `${letter === "" ? "   " : `-${letter},`} --${long}${value === undefined ? "" : ` ${value}`}`
  );
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  const indent = " ".repeat(width + 2);
  return table.map(({ help }, index) =>
    `  ${heads[index].padEnd(width)}${help.replaceAll("\n", `\n${indent}`)}`
  ).join("\n");
}

/**
 * The number at the start of `text`, 0 if there is none: decimal, octal behind `0`, hexadecimal behind
 * `0x`. C: strtol(text, NULL, 0)
 */
export function strtol(text: string): number {
  const found = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text);
  if (found === null) return 0;
  const [, sign, digits] = found;
  const isOctal = /^0[0-9]/.test(digits);
  const value = isOctal ? parseInt(/^[0-7]*/.exec(digits)![0], 8) : Number(digits);
  return sign === "-" ? -value : value;
}
