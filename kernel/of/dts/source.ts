/** One file of source text. Offsets are byte offsets. */
export class SourceFile {
  /** The text with a NUL behind it, which ends every scan. */
  readonly bytes: Uint8Array;
  /** Length without that NUL. */
  readonly length: number;
  #lineStarts: number[] | undefined = undefined;

  /**
   * @param name The name for messages, which also tells the folder of included files.
   * @param text The contents.
   * @param includedAt Where another file includes this one.
   */
  constructor(
    readonly name: string,
    text: string | Uint8Array,
    readonly includedAt?: Span,
  ) {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    this.length = bytes.length;
    this.bytes = new Uint8Array(bytes.length + 1);
    this.bytes.set(bytes);
  }

  /** Line and column of a byte, both counted from 1, the column in characters. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#lineStarts ??= this.#findLines();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: characters(this.bytes, starts[low], offset).length + 1 };
  }

  /** The text of a line, counted from 1, without its end. */
  lineText(line: number): string {
    const starts = this.#lineStarts ??= this.#findLines();
    const end = line < starts.length ? starts[line] - 1 : this.length;
    return characters(this.bytes, starts[line - 1], end).join("").replace(/\r$/, "");
  }

  #findLines(): number[] {
    const starts = [0];
    for (let at = this.bytes.indexOf(10); at >= 0; at = this.bytes.indexOf(10, at + 1)) {
      starts.push(at + 1);
    }
    return starts;
  }
}

function characters(bytes: Uint8Array, start: number, end: number): string[] {
  return [...new TextDecoder().decode(bytes.subarray(start, end))];
}

/** A stretch of source text. */
export interface Span {
  /** The file. */
  file: SourceFile;
  /** First byte. */
  start: number;
  /** The byte behind the last one. */
  end: number;
}
