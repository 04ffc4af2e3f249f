/**
 * Patterns of names: `*`, `?`, `[a-z]`, `[!a-z]`, backslash.
 *
 * POSIX.1-2017, 2.13
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { lookupChild, type Place } from "./namei.ts";
import { compareBytes } from "./order.ts";
import type { Vfs } from "./vfs.ts";

/** What is in each POSIX character class, as JavaScript writes it between brackets: `digit`. */
export const CHARACTER_CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: " \\t\\n\\r\\f\\v",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|\/-]/g, "\\$&");
}

/** The set that begins at `[`, as a regular expression, and where it ends; `undefined` without an end. */
function bracket(pattern: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at++;
  let source = "";
  for (const first = at; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "]" && at > first) return { source: `[${negated ? "^" : ""}${source}]`, end: at };
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named !== null) {
      source += CHARACTER_CLASSES[named[1]] ?? "";
      at += named[0].length - 1;
      continue;
    }
    const low = setCharacter(pattern, at);
    at += low.length - 1;
    const high = pattern[at + 1] === "-" ? setCharacter(pattern, at + 2) : undefined;
    if (high === undefined || high.char === "]") source += escapeRegex(low.char);
    else {
      // A range that goes down is empty.
      if (low.char <= high.char) source += `${escapeRegex(low.char)}-${escapeRegex(high.char)}`;
      at += 1 + high.length;
    }
  }
  return undefined;
}

/** The character of a set at this place, which a backslash may precede, and the length of both. */
function setCharacter(pattern: string, at: number): { char: string; length: number } {
  return pattern[at] === "\\" && at + 1 < pattern.length
    ? { char: pattern[at + 1], length: 2 }
    : { char: pattern[at] ?? "]", length: 1 };
}

/** The regular expression source that a pattern means, without anchors. */
export function patternSource(pattern: string): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    const set = char === "[" ? bracket(pattern, at) : undefined;
    if (char === "*") source += "[^]*";
    else if (char === "?") source += "[^]";
    else if (set !== undefined) {
      source += set.source;
      at = set.end;
    } else if (char === "\\" && at + 1 < pattern.length) source += escapeRegex(pattern[++at]);
    else source += escapeRegex(char);
  }
  return source;
}

/** True when all of `text` fits. Linux: fnmatch() */
export function matchPattern(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${patternSource(pattern)})$`).test(text);
}

/** True when the text has a character that makes it a pattern. */
export function isPattern(text: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*[*?[]/.test(text);
}

/** Takes the backslashes of a pattern away. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\([^])/g, "$1");
}

function child(vfs: Vfs, place: Place, name: string): Place | undefined {
  try {
    return vfs.find(name, place, false);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

function directory(vfs: Vfs, place: Place): Place | undefined {
  if (place.inode.kind === "dir") return place;
  if (place.inode.kind !== "link" || place.parent === undefined) return undefined;
  try {
    const target = vfs.find(place.name, place.parent);
    return target.inode.kind === "dir" ? target : undefined;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/** Paths below `place` that fit the components; `prefix` is what was matched so far. */
function expand(vfs: Vfs, place: Place, prefix: string, components: readonly string[]): string[] {
  const [component, ...rest] = components;
  const dir = directory(vfs, place);
  if (dir === undefined) return [];
  if (component === "") {
    return rest.length === 0 ? [prefix] : expand(vfs, place, `${prefix}/`, rest);
  }
  const names = isPattern(component)
    ? vfs.sortedNames(dir).filter((name) =>
      (component.startsWith(".") || !name.startsWith(".")) && matchPattern(component, name)
    )
    : [unescapePattern(component)];
  return names.flatMap((name) => {
    const found = name === "." || name === ".."
      ? child(vfs, dir, name)
      : lookupChild(vfs, dir, name);
    if (found === undefined) return [];
    if (rest.length === 0) return [prefix + name];
    return expand(vfs, found, `${prefix}${name}/`, rest);
  });
}

/**
 * Paths that fit a pattern, by their bytes. Linux: glob()
 *
 * @param from Where a relative pattern starts.
 */
export function glob(vfs: Vfs, pattern: string, from: Place): string[] {
  const absolute = pattern.startsWith("/");
  const components = (absolute ? pattern.slice(1) : pattern).split("/");
  const found = expand(vfs, absolute ? vfs.rootPlace : from, absolute ? "/" : "", components);
  return found.sort(compareBytes);
}
