import { latin1 } from "../../bytes.ts";
import { OriginMap } from "../origins.ts";
import type { SourceFile, SourceMap } from "../source.ts";
import { T } from "../token.ts";

/**
 * The file without its backslashes at ends of lines, which join lines: itself if it has none.
 * C11, 5.1.1.2, translation phase 2
 */
export function spliced(sources: SourceMap, file: SourceFile): SourceFile {
  const { bytes } = sources;
  const origins = new OriginMap();
  const out = new Uint8Array(file.end - file.start);
  let length = 0;
  let from = file.start;
  const copy = (to: number) => {
    origins.add(length, from, -1);
    out.set(bytes.subarray(from, to), length);
    length += to - from;
  };
  let at = bytes.indexOf(T.BACKSLASH, file.start);
  for (; at >= 0 && at < file.end; at = bytes.indexOf(T.BACKSLASH, at + 1)) {
    const end = lineEndBehind(bytes, at + 1, file.end);
    if (end < 0) continue;
    copy(at);
    from = end;
  }
  if (from === file.start) return file;
  copy(file.end);
  const { includedAt, includedUntil } = file;
  const source = { includedAt, includedUntil, origins };
  return sources.add(file.name, out.subarray(0, length), source);
}

/** Position behind a line end that only blanks are before, or -1. */
function lineEndBehind(bytes: Uint8Array, at: number, end: number): number {
  while (bytes[at] === 0x20 || bytes[at] === 9 || bytes[at] === 0x0d) at++;
  return at < end && bytes[at] === 10 ? at + 1 : -1;
}

const DIRECTIVE =
  /^[ \t]*(include|define|undef|ifdef|ifndef|if|elif|else|endif|error|warning|pragma)(?![\w,.+*#?@-])[ \t]*(.?)/;

/**
 * Whether a text has lines that only a preprocessor understands. A property that is called `#define`
 * is none, and `#line` alone is not enough: dtc reads line markers itself.
 */
export function hasDirectives(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = bytes.indexOf(T.HASH, start); at >= 0 && at < end;) {
    let before = at;
    while (before > start && (bytes[before - 1] === 0x20 || bytes[before - 1] === 9)) before--;
    if (before === start || bytes[before - 1] === 10) {
      const match = DIRECTIVE.exec(latin1(bytes, at + 1, Math.min(end, at + 40)));
      if (match !== null && match[2] !== "=" && match[2] !== ";") return true;
    }
    at = bytes.indexOf(T.HASH, at + 1);
  }
  return false;
}
