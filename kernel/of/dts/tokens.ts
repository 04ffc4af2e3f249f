import { latin1 } from "../bytes.ts";
import { commentEnd, type Lexer, lineMarker } from "./lexer.ts";
import type { SourceFile, Span } from "./source.ts";
import { isSpace, T } from "./token.ts";

/**
 * A piece of source text. `rest` is what nothing reads any more: behind a NUL, or in a comment without
 * end.
 */
export interface SourceToken extends Span {
  /** What it is to the parser. */
  readonly kind: "token" | "space" | "comment" | "marker" | "include" | "rest";
  /** Kind of a token, one of `T` or a character code; 0 for everything else. */
  readonly token: number;
}

/**
 * All pieces of a text and of what it includes. The pieces of each file come in their order and leave
 * nothing out; those of a file that is included come before the text behind the include.
 */
export function* sourceTokens(lexer: Lexer): Generator<SourceToken> {
  const { sources } = lexer;
  const done = new Map<SourceFile, number>();
  const gap = function* (file: SourceFile, end: number): Generator<SourceToken> {
    yield* between(lexer.bytes, done.get(file) ?? file.start, end, file);
    done.set(file, end);
  };
  while (lexer.next() !== T.END) {
    const { start, end, kind } = lexer;
    const file = sources.fileAt(start);
    yield* gap(file, start);
    yield { kind: "token", token: kind, start, end };
    done.set(file, end);
  }
  for (const file of sources.files) yield* gap(file, file.end);
}

/** The pieces between two tokens. */
function* between(
  bytes: Uint8Array,
  start: number,
  end: number,
  file: SourceFile,
): Generator<SourceToken> {
  for (let at = start; at < end;) {
    const piece = pieceAt(bytes, at, end, file);
    yield piece;
    at = piece.end;
  }
}

function pieceAt(bytes: Uint8Array, start: number, last: number, file: SourceFile): SourceToken {
  const piece = (kind: SourceToken["kind"], end: number) => ({ kind, token: 0, start, end });
  if (isSpace(bytes[start])) {
    let end = start + 1;
    while (end < last && isSpace(bytes[end])) end++;
    return piece("space", end);
  }
  if (bytes[start] === T.HASH) {
    const marker = lineMarker(bytes, start, file.end);
    if (marker !== undefined && marker.end <= last) return piece("marker", marker.end);
  }
  if (bytes[start] === T.SLASH) {
    const end = commentEnd(bytes, start, file.end);
    if (end !== start) return piece("comment", Math.min(last, Math.abs(end)));
    const include = /^\/include\/\s*"(?:[^\\"]|\\.)*"/.exec(latin1(bytes, start, last));
    if (include !== null) return piece("include", start + include[0].length);
  }
  return piece("rest", last);
}
