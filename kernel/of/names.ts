import { latin1 } from "./bytes.ts";
import { KNOWN_NAMES } from "./known_names.ts";

/** Names that there is room for at first, a power of two. */
const FIRST_NAMES = 64;
/** Bytes of names that there is room for at first. */
const FIRST_BYTES = 1024;

/**
 * Names of nodes, properties and labels: each has a number, however often it stands in the source. They are
 * kept as bytes, and become strings, one character (U+0000 to U+00FF) for each byte, when somebody asks.
 */
export class Names {
  /** How many there are. */
  count = 0;
  /** The names one behind the other, and room for one that is looked for. */
  #bytes = new Uint8Array(FIRST_BYTES);
  /** Where each name starts in the bytes, and where the last one ends. */
  #starts = new Int32Array(FIRST_NAMES + 1);
  #hashes = new Int32Array(FIRST_NAMES);
  /** Hash table of numbers plus one, at most half full. */
  #slots = new Int32Array(2 * FIRST_NAMES);
  /** Names that somebody asked for, by number. */
  readonly #texts = new Map<number, string>();
  /** What was asked for by its text since the last name came: few names, again and again. */
  readonly #asked = new Map<string, number>();

  /** Has the known names. */
  constructor() {
    for (const name of KNOWN_NAMES) this.addText(name);
  }

  /** The name of a number. */
  text(number: number): string {
    let text = this.#texts.get(number);
    if (text === undefined) {
      text = latin1(this.#bytes, this.#starts[number], this.#starts[number + 1]);
      this.#texts.set(number, text);
    }
    return text;
  }

  /** The names one behind the other; another array once there are more. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the name of a number starts in the bytes. */
  startOf(number: number): number {
    return this.#starts[number];
  }

  /** Where the name of a number ends in the bytes. */
  endOf(number: number): number {
    return this.#starts[number + 1];
  }

  /** The number of the name in the bytes `start` to `end`. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(hash, bytes, start, end);
    const known = this.#slots[slot];
    return known > 0 ? known - 1 : this.#put(slot, hash, bytes, start, end);
  }

  /**
   * The number of a name.
   *
   * @throws {RangeError} If it has characters that are no bytes.
   */
  addText(text: string): number {
    const start = this.#starts[this.count];
    if (!this.#write(text)) throw new RangeError(`the name ${text} has characters above U+00FF`);
    return this.add(this.#bytes, start, start + text.length);
  }

  /** The number of a name, -1 if there is no such name. */
  find(text: string): number {
    const asked = this.#asked.get(text);
    if (asked !== undefined) return asked;
    const start = this.#starts[this.count];
    const end = start + text.length;
    let number = -1;
    if (this.#write(text)) {
      number = this.#slots[
        this.#slotOf(hashOf(this.#bytes, start, end), this.#bytes, start, end)
      ] - 1;
    }
    this.#asked.set(text, number);
    return number;
  }

  /** Writes a text behind the names; false if it cannot be one. */
  #write(text: string): boolean {
    const start = this.#starts[this.count];
    this.#reserve(start + text.length);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0xff) return false;
      this.#bytes[start + at] = code;
    }
    return true;
  }

  /** The slot that holds a name, or that it would be put into. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let known = slots[slot]; known !== 0; known = slots[slot]) {
      if (this.#hashes[known - 1] === hash && this.#is(known - 1, bytes, start, end)) break;
      slot = slot + 1 & mask;
    }
    return slot;
  }

  #is(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    const shift = this.#starts[number] - start;
    if (this.#starts[number + 1] - shift !== end) return false;
    for (let at = start; at < end; at++) if (own[at + shift] !== bytes[at]) return false;
    return true;
  }

  #put(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const number = this.count++;
    if (number === this.#hashes.length) slot = this.#grow(hash);
    const at = this.#starts[number];
    const length = end - start;
    this.#reserve(at + length);
    for (let index = 0; index < length; index++) this.#bytes[at + index] = bytes[start + index];
    this.#starts[number + 1] = at + length;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (this.#asked.size > 0) this.#asked.clear();
    return number;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /** Makes room for more names, and gives the slot for a new one. */
  #grow(hash: number): number {
    const hashes = this.#hashes;
    const starts = this.#starts;
    this.#hashes = new Int32Array(4 * hashes.length);
    this.#hashes.set(hashes);
    this.#starts = new Int32Array(this.#hashes.length + 1);
    this.#starts.set(starts);
    this.#slots = new Int32Array(2 * this.#hashes.length);
    for (let at = 0; at < hashes.length; at++) this.#slots[this.#freeSlot(hashes[at])] = at + 1;
    return this.#freeSlot(hash);
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    return slot;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash ^ hash >>> 15;
}
