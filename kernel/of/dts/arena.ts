import { copyBytes } from "../bytes.ts";

const FIRST_BLOCK = 1 << 12;
const BLOCK_MAX = 1 << 20;

/**
 * Holds values one behind the other in large blocks: a value is a stretch of a block, and costs neither
 * a buffer of its own, nor a view, which costs more than all else of it, nor a copy.
 */
export class Arena {
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BLOCK);
  /** Of the same bytes. */
  #view: DataView = new DataView(this.#block.buffer);
  #start = 0;
  #end = 0;

  /** Bytes of the current value so far. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** A big-endian word. */
  word(value: number): void {
    if (this.#end + 4 > this.#block.length) this.#reserve(4);
    this.#view.setUint32(this.#end, value);
    this.#end += 4;
  }

  /** One byte. */
  byte(value: number): void {
    if (this.#end === this.#block.length) this.#reserve(1);
    this.#block[this.#end++] = value;
  }

  /** The bytes `start` to `end` of an array. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#end + count > this.#block.length) this.#reserve(count);
    copyBytes(bytes, start, end, this.#block, this.#end);
    this.#end += count;
  }

  /** Ends the current value, which becomes that of `owner`; a new one begins. */
  finish(owner: { setValue(data: Uint8Array, start: number, end: number): void }): void {
    owner.setValue(this.#block, this.#start, this.#end);
    this.#start = this.#end;
  }

  /** Moves the current value to a block that has room for it and `count` more bytes. */
  #reserve(count: number): void {
    const { length } = this;
    const size = Math.max(2 * (length + count), Math.min(BLOCK_MAX, 2 * this.#block.length));
    const block = new Uint8Array(size);
    block.set(this.#block.subarray(this.#start, this.#end));
    this.#block = block;
    this.#view = new DataView(block.buffer);
    this.#start = 0;
    this.#end = length;
  }
}
