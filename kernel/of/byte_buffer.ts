import { alignUp, copyBytes } from "./bytes.ts";

/** Bytes that grow at the end. */
export class ByteBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  /** Of the same bytes. */
  #view: DataView;
  /** Number of bytes so far. */
  length = 0;

  /** Has room for so many bytes at first. Default: 256. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written; a view that later writes may leave behind. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  /** A big-endian word. */
  word(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** The bytes `start` to `end` of an array. */
  append(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#reserve(end - start);
    copyBytes(bytes, start, end, this.#bytes, this.length);
    this.length += end - start;
  }

  /** Whether the bytes from `offset` on are those from `start` to `end` of an array. */
  startsAt(offset: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    for (let at = start; at < end; at++) {
      if (own[offset + at - start] !== bytes[at]) return false;
    }
    return true;
  }

  /** One byte for each character. */
  latin1(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) {
      this.#bytes[this.length + at] = text.charCodeAt(at);
    }
    this.length += text.length;
  }

  /** One byte for each character, and a NUL. */
  text(text: string): void {
    this.latin1(text);
    this.byte(0);
  }

  /** Zero bytes up to a multiple of `alignment`, a power of two. */
  align(alignment: number): void {
    this.zeros(alignUp(this.length, alignment) - this.length);
  }

  /** So many zero bytes. */
  zeros(count: number): void {
    // Behind the end nothing was ever written.
    this.#reserve(count);
    this.length += count;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count));
    grown.set(this.view());
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
