/**
 * POSIX regular expressions as JavaScript writes them.
 *
 * POSIX.1-2017, 9
 *
 * @module
 */
import { CHARACTER_CLASSES } from "../../kernel/vfs/glob.ts";

/** A bracket expression, as JavaScript writes it, and where it ends. */
function bracket(pattern: string, start: number): { source: string; end: number } {
  let at = start + 1;
  const negated = pattern[at] === "^";
  if (negated) at++;
  let source = "";
  for (const first = at; at < pattern.length; at++) {
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named !== null) {
      source += CHARACTER_CLASSES[named[1]] ?? "";
      at += named[0].length - 1;
    } else if (pattern[at] === "]" && at > first) break;
    else source += /[\\\]\[]/.test(pattern[at]) ? `\\${pattern[at]}` : pattern[at];
  }
  return { source: `[${negated ? "^" : ""}${source}]`, end: at };
}

/**
 * A POSIX regular expression as JavaScript writes it.
 *
 * POSIX.1-2017, 9
 *
 * @param extended With `+ ? | ( ) { }` special without backslash.
 */
export function posixRegex(pattern: string, extended: boolean): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "[") {
      const set = bracket(pattern, at);
      source += set.source;
      at = set.end;
    } else if (char === "\\") {
      const next = pattern[++at] ?? "\\";
      if ("<>".includes(next)) source += "\\b";
      else if (/[wWsSbB1-9]/.test(next)) source += `\\${next}`;
      else if (!extended && "+?|(){}".includes(next)) source += next;
      else source += next.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    } else if (!extended && "+?|(){}".includes(char)) source += `\\${char}`;
    else if (!extended && char === "*" && /(^|[(|^])$/.test(source)) source += "\\*";
    else if (!extended && char === "^" && !/(^|[(|])$/.test(source)) source += "\\^";
    else if (!extended && char === "$" && at + 1 < pattern.length && pattern[at + 1] !== "\\") {
      source += "\\$";
    } else source += char;
  }
  return source;
}

/**
 * Replaces matches; an empty one right behind another is none.
 *
 * @param by What comes in the place of a match, by its number counted from 1; `undefined` leaves it.
 */
export function replaceMatches(
  text: string,
  regex: RegExp,
  by: (match: RegExpExecArray, number: number) => string | undefined,
): string {
  let result = "";
  let end = 0;
  let number = 0;
  let last = -1;
  for (const match of text.matchAll(new RegExp(regex.source, `${regex.flags.replace("g", "")}g`))) {
    if (match[0] === "" && match.index === last) continue;
    const replaced = by(match, ++number) ?? match[0];
    result += text.slice(end, match.index) + replaced;
    end = last = match.index + match[0].length;
  }
  return result + text.slice(end);
}
