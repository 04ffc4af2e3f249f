import { OriginMap } from "../origins.ts";
import { growTogether, PP, type PpToken, WHITE } from "./pp_token.ts";

/** Text that is put together of stretches of files and of tokens, with where each comes from. */
export class Output {
  readonly origins = new OriginMap();
  #bytes = new Uint8Array(1 << 12);
  #length = 0;
  /** The token before, `undefined` at the start of a line. */
  previous: PpToken | undefined = undefined;
  /** Whether only padding has come since. */
  #padded = false;
  #source: PpToken | undefined = undefined;

  /** What was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes `start` to `end` of a file as they are. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    // Padding in front of the text has had its effect, and says nothing of what comes behind.
    this.#settle();
    this.#reserve(end - start);
    this.origins.add(this.#length, start, -1);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** A token, with a space before it where it needs one. GCC: scan_translation_unit() */
  token(token: PpToken): void {
    if (token.kind === PP.PADDING) {
      this.#padded = true;
      const white = ((this.#source?.flags ?? 0) & WHITE) !== 0;
      if (this.#source === undefined || (!white && token.source === undefined)) {
        this.#source = token.source;
      }
      return;
    }
    if (this.#needsSpace(token)) this.#space(token);
    this.#settle();
    this.previous = token;
    this.#reserve(token.text.length);
    this.origins.add(this.#length, token.start, token.expansion);
    for (let at = 0; at < token.text.length; at++) {
      this.#bytes[this.#length++] = token.text.charCodeAt(at);
    }
  }

  /** Writes a space if `token`, which is copied next, must not touch what is before it. */
  before(token: PpToken): void {
    if (this.#needsSpace(token)) this.#space(token);
    this.#settle();
  }

  /** Forgets padding, at the end of a line. */
  newLine(): void {
    this.#settle();
    this.previous = undefined;
  }

  #needsSpace(token: PpToken): boolean {
    if (!this.#padded) return (token.flags & WHITE) !== 0;
    if (((this.#source ?? token).flags & WHITE) !== 0) return true;
    return this.previous !== undefined && growTogether(this.previous, token);
  }

  #settle(): void {
    this.#padded = false;
    this.#source = undefined;
  }

  #space({ start, expansion }: PpToken): void {
    this.#reserve(1);
    this.origins.add(this.#length, start, expansion);
    this.#bytes[this.#length++] = 0x20;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
