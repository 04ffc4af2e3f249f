import { latin1 } from "../../bytes.ts";
import type { Includes } from "../include.ts";
import type { SourceFile } from "../source.ts";
import { CLASSES, LETTER, runEnd, T, WORD } from "../token.ts";
import { Directives } from "./directives.ts";
import { Expander, type TokenSource } from "./expander.ts";
import { Output } from "./output.ts";
import { lexPpToken, LINE_START, PP, ppNumberEnd, type PpToken, ppToken } from "./pp_token.ts";
import { quotedEnd, WHITE } from "./pp_token.ts";
import type { Reader } from "./reader.ts";

/**
 * Preprocesses a file as `cpp -x assembler-with-cpp -nostdinc -undef` does: includes, macros and
 * conditionals. The result is a new file of the map that knows where each of its pieces was written.
 */
export function preprocess(
  file: SourceFile,
  includes: Includes,
  defines: Readonly<Record<string, string>>,
): SourceFile {
  return new Preprocessor(includes).run(file, defines);
}

class Preprocessor implements TokenSource {
  readonly #output = new Output();
  readonly #expander: Expander;
  readonly #directives: Directives;

  constructor(readonly includes: Includes) {
    this.#expander = new Expander(this, this.#output.origins, includes.diagnostics);
    this.#directives = new Directives(this.#expander, includes);
  }

  run(file: SourceFile, defines: Readonly<Record<string, string>>): SourceFile {
    const { sources } = this.includes;
    this.#directives.predefine(defines);
    this.#directives.enter(file);
    for (let reader = this.#reader; reader !== undefined; reader = this.#reader) {
      reader.bytes = sources.bytes;
      if (reader.at >= reader.end) this.#leave(reader);
      else this.#line(reader);
    }
    return sources.add(file.name, this.#output.bytes, { origins: this.#output.origins });
  }

  get #reader(): Reader | undefined {
    return this.#directives.readers.at(-1);
  }

  /** A file ends with a line end, whether it has one or not. */
  #leave(reader: Reader): void {
    this.#directives.leave();
    const { bytes } = this.#output;
    if (bytes.length > 0 && bytes[bytes.length - 1] !== 10) {
      this.#output.token(ppToken(PP.OTHER, "\n", 0, Math.max(reader.file.start, reader.end - 1)));
    }
    this.#output.newLine();
  }

  /** Reads one line: a directive, one that does not count, or text. */
  #line(reader: Reader): void {
    const start = reader.at;
    reader.lineStart = true;
    reader.skipBlanks(false);
    if (reader.bytes[reader.at] === T.HASH && this.#directives.obey(reader)) {
      this.#endLine(reader);
    } else if (this.#directives.live) {
      if (reader.at < reader.end && reader.bytes[reader.at] !== 10) reader.note("");
      this.#text(reader, start);
    } else {
      reader.skipLine();
      this.#endLine(reader);
    }
  }

  /** Copies the end of the line. A directive may have entered another file. */
  #endLine(reader: Reader): void {
    reader.bytes = this.includes.sources.bytes;
    if (reader.at >= reader.end) return;
    this.#output.copy(reader.bytes, reader.at, reader.at + 1);
    reader.at++;
    this.#output.newLine();
  }

  /** Copies text up to the end of the line, and expands the macros in it. */
  #text(reader: Reader, start: number): void {
    const { bytes, end } = reader;
    let from = start;
    let last = -1;
    while (reader.at < end && bytes[reader.at] !== 10) {
      const { at } = reader;
      const byte = bytes[at];
      if ((CLASSES[byte] & LETTER) !== 0) {
        const nameEnd = runEnd(bytes, at, WORD);
        const name = latin1(bytes, at, nameEnd);
        const macro = this.#expander.macros.get(name);
        if (macro !== undefined) {
          this.#output.copy(bytes, from, at);
          if (last >= from) this.#output.previous = tokenEndingAt(bytes, last, at);
          const white = at > start && isBlank(bytes, at - 1);
          reader.at = nameEnd;
          reader.lineStart = false;
          const token = ppToken(PP.NAME, name, white ? WHITE : 0, at);
          if (this.#expander.enter(token, macro)) this.#expand(token);
          else this.#output.token({ ...token, flags: 0 });
          if (this.#reader !== reader) return;
          from = reader.at;
          last = -1;
          continue;
        }
        last = at;
        reader.at = nameEnd;
      } else if (byte === T.QUOTE || byte === T.APOSTROPHE) {
        last = at;
        reader.at = quotedEnd(bytes, at, end).end;
      } else if (byte >= 0x30 && byte <= 0x39) {
        last = at;
        reader.at = ppNumberEnd(bytes, at);
      } else if (byte === 0x20 || byte === 9 || byte === T.SLASH) {
        if (!reader.skipBlanks(false)) {
          last = at;
          reader.at++;
        }
      } else {
        if (last < 0 || isBlank(bytes, at - 1) || (CLASSES[bytes[at - 1]] & WORD) !== 0) last = at;
        reader.at = byte === 0x2e ? lexPpToken(bytes, at, end).end : at + 1;
      }
    }
    this.#output.copy(bytes, from, reader.at);
    this.#endLine(reader);
  }

  /** Writes what a macro expands to, and whatever that makes of the text behind it. */
  #expand(name: PpToken): void {
    const { sources } = this.includes;
    this.#output.token({ ...name, kind: PP.PADDING, source: name, text: "" });
    while (this.#expander.pending) this.#output.token(this.#expander.get());
    const reader = this.#reader!;
    reader.bytes = sources.bytes;
    const { bytes, at } = reader;
    if (at < reader.end && !isBlank(bytes, at) && bytes[at] !== 10) {
      const { kind, end } = lexPpToken(bytes, at, reader.end);
      const text = latin1(bytes, at, end);
      // Another macro may write something else.
      if (!this.#expander.macros.has(text)) this.#output.before(ppToken(kind, text, 0, at));
    } else if (at < reader.end && bytes[at] === 10) this.#output.newLine();
  }

  /** A token for the arguments of a macro; directives between them are obeyed. */
  next(peek: boolean): PpToken {
    const reader = this.#reader!;
    let flags = 0;
    for (;;) {
      if (reader.skipBlanks(true)) flags |= WHITE;
      if (reader.at >= reader.end) return ppToken(PP.EOF, "", 0, reader.at);
      const directive = reader.lineStart && reader.bytes[reader.at] === T.HASH;
      if (directive && !peek && this.#directives.obeyInside(reader)) continue;
      if (this.#directives.live || peek) return reader.token(flags | (directive ? LINE_START : 0));
      reader.skipLine();
    }
  }

  mark(): number {
    return this.#reader!.at;
  }

  reset(mark: number): void {
    const reader = this.#reader!;
    reader.at = mark;
    reader.lineStart = false;
  }
}

/** The last token between two places, so that what follows does not grow together with it. */
function tokenEndingAt(bytes: Uint8Array, from: number, to: number): PpToken | undefined {
  let last: PpToken | undefined = undefined;
  for (let at = from; at < to;) {
    if (isBlank(bytes, at)) {
      at++;
      continue;
    }
    const { kind, end } = lexPpToken(bytes, at, to);
    last = ppToken(kind, latin1(bytes, at, end), 0, at);
    at = end;
  }
  return last;
}

function isBlank(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  return byte === 0x20 || byte === 9 || byte === 13 || byte === 11 || byte === 12 ||
    (byte === T.SLASH && (bytes[at - 1] === 0x2a || bytes[at + 1] === 0x2a));
}
