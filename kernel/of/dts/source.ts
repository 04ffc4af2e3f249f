import type { Expansion, OriginMap } from "./origins.ts";

/** A stretch of source text, as positions of a {@linkcode SourceMap}. */
export interface Span {
  /** Position of the first byte. */
  readonly start: number;
  /** Position of the byte behind the last one. */
  readonly end: number;
}

/** A stretch of source text with a name in it. */
export interface NamedSpan extends Span {
  /** Where the name stands. */
  readonly nameSpan: Span;
}

/** A `# 12 "file"` line: what follows it counts as text of another file. */
interface LineMarker {
  /** Position behind the marker. */
  position: number;
  /** Number of the line behind the marker's. */
  line: number;
  name: string;
}

/** One file's part of a {@linkcode SourceMap}. A file that is included twice is there twice. */
export interface SourceFile {
  /** The name for messages, which also tells the folder that included files are looked up in. */
  readonly name: string;
  /** Position of its first byte. */
  readonly start: number;
  /** Position behind its last byte, where the map holds a NUL. */
  readonly end: number;
  /** Where another file includes this one, -1 for the file that all starts with. */
  readonly includedAt: number;
  /** Where the other file goes on. */
  readonly includedUntil: number;
}

/** How a file comes to be in a {@linkcode SourceMap}. */
export interface FileSource {
  /** Where another file includes it. */
  readonly includedAt?: number;
  /** Where the other file goes on. */
  readonly includedUntil?: number;
  /** Where its pieces come from, if it was made of other files. */
  readonly origins?: OriginMap;
}

/** A stretch of text as somebody wrote it, and the macros in which it was used. */
export interface Origin {
  /** Where it is written, or the use of a macro that it came out of. */
  readonly span: Span;
  /** The uses of macros, from the innermost to the one at {@linkcode Origin.span}. */
  readonly expansions: readonly Expansion[];
}

/** Where something is, as people count. */
export interface Place {
  /** Name of the file. */
  file: string;
  /** Line, from 1. */
  line: number;
  /** Column, from 1, in characters. */
  column: number;
}

/**
 * All source text of one run, one file behind the other in one array of bytes, so that a single number
 * is a place in any of the files.
 */
export class SourceMap {
  /** The text; a NUL behind each file ends every scan. Replaced when a file is added. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The files in the order of their positions. */
  readonly files: readonly SourceFile[] = [];
  readonly #files: FileLines[] = this.files as FileLines[];
  readonly #includedAt = new Map<number, SourceFile>();
  #length = 0;

  /**
   * Adds a file's text and returns where it is. If the first one ends with a NUL, as no source does, this
   * is not part of it, and the array is used as it is: it must not change.
   */
  add(name: string, text: string | Uint8Array, source: FileSource = {}): SourceFile {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    const start = this.#length;
    const inPlace = start === 0 && bytes.length > 0 && bytes[bytes.length - 1] === 0;
    const end = start + bytes.length - (inPlace ? 1 : 0);
    if (inPlace) this.bytes = bytes;
    else {
      this.#reserve(end + 1);
      this.bytes.set(bytes, start);
    }
    const file = new FileLines(name, start, end, source);
    this.#files.push(file);
    this.#includedAt.set(file.includedAt, file);
    this.#length = file.end + 1;
    return file;
  }

  #reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const grown = new Uint8Array(this.#length === 0 ? length : Math.max(length, 2 * this.#length));
    grown.set(this.bytes.subarray(0, this.#length));
    this.bytes = grown;
  }

  /** The file that holds a position. It may be one that was made of others, see {@linkcode origin}. */
  fileAt(position: number): SourceFile {
    return this.#fileAt(position);
  }

  #fileAt(position: number): FileLines {
    return this.#files[lastAtMost(this.#files.length, position, (at) => this.#files[at].start)];
  }

  /** The file that is included at a position, once it has been added. */
  includedAt(position: number): SourceFile | undefined {
    return this.#includedAt.get(position);
  }

  /** Says that what follows `position` is line `line - 1` of file `name`. */
  addLineMarker(position: number, line: number, name: string): void {
    position = this.#written(position);
    const { markers } = this.#fileAt(position);
    const last = markers.at(-1);
    if (last === undefined || last.position < position) markers.push({ position, line, name });
  }

  /** File, line and column of a position. */
  place(position: number): Place {
    position = this.#written(position);
    const file = this.#fileAt(position);
    const line = file.lineAt(this.bytes, position);
    const column = characterCount(this.bytes, file.lineStarts[line - 1], position) + 1;
    const { markers } = file;
    if (markers.length === 0 || position < markers[0].position) {
      return { file: file.name, line, column };
    }
    const marker = markers[lastAtMost(markers.length, position, (at) => markers[at].position)];
    const passed = line - file.lineAt(this.bytes, marker.position);
    return { file: marker.name, line: marker.line - 1 + passed, column };
  }

  /**
   * Where a stretch of text was written. An empty one is taken to stand behind the byte before it. What a
   * macro wrote is where the macro is used.
   */
  origin(span: Span): Origin {
    const file = this.#fileAt(span.start);
    if (file.origins === undefined) return { span, expansions: [] };
    const empty = span.end <= span.start;
    const first = file.origins.at(Math.max(0, span.start - file.start - (empty ? 1 : 0)));
    const last = empty ? first : file.origins.at(span.end - 1 - file.start);
    const expansions = file.origins.chain(first.expansion);
    const start = expansions.at(-1)?.use.start ?? first.origin;
    const end = file.origins.chain(last.expansion).at(-1)?.use.end ?? last.origin + 1;
    const { span: written } = this.origin({ start, end: Math.max(start, end) });
    return { span: empty ? { start: written.end, end: written.end } : written, expansions };
  }

  /** Where the text at a position was written. */
  #written(position: number): number {
    return this.origin({ start: position, end: position + 1 }).span.start;
  }

  /** The file in which the text at a position was written. */
  writtenIn(position: number): SourceFile {
    return this.#fileAt(this.#written(position));
  }

  /** The line around a position without its end. */
  lineAround(position: number): Span {
    position = this.#written(position);
    const file = this.#fileAt(position);
    const line = file.lineAt(this.bytes, position);
    const start = file.lineStarts[line - 1];
    let end = line < file.lineStarts.length ? file.lineStarts[line] - 1 : file.end;
    if (end > start && this.bytes[end - 1] === 0x0d) end--;
    return { start, end };
  }

  /** The text of a span. */
  text(span: Span): string {
    return new TextDecoder().decode(this.bytes.subarray(span.start, span.end));
  }
}

class FileLines implements SourceFile {
  readonly includedAt: number;
  readonly includedUntil: number;
  readonly origins: OriginMap | undefined;
  readonly markers: LineMarker[] = [];
  /** Positions of first bytes of lines; empty until somebody asks. */
  readonly lineStarts: number[] = [];

  constructor(
    readonly name: string,
    readonly start: number,
    readonly end: number,
    source: FileSource,
  ) {
    this.includedAt = source.includedAt ?? -1;
    this.includedUntil = source.includedUntil ?? this.includedAt;
    this.origins = source.origins;
  }

  /** Number of the line that holds a position, from 1. */
  lineAt(bytes: Uint8Array, position: number): number {
    const { lineStarts, start, end } = this;
    if (lineStarts.length === 0) {
      lineStarts.push(start);
      for (let at = bytes.indexOf(10, start); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) {
        lineStarts.push(at + 1);
      }
    }
    return lastAtMost(lineStarts.length, position, (at) => lineStarts[at]) + 1;
  }
}

/** Index of the last of `count` ascending keys that is at most `value`; 0 if none is. */
function lastAtMost(count: number, value: number, key: (index: number) => number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = low + high + 1 >> 1;
    if (key(middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Number of characters of UTF-8 text: bytes that continue one do not count. */
function characterCount(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at] & 0xc0) !== 0x80) count++;
  return count;
}
