import { ByteBuffer } from "./byte_buffer.ts";
import { latin1 } from "./bytes.ts";

/** Names that there is room for at first, a power of two. */
const FIRST_NAMES = 128;
/** A remainder of 1 by 4: then runs of one character, however long, do not come to a hash again. */
const HASH_FACTOR = 0x5bd1e995;

/**
 * The strings block while it grows. A name that equals the end of an earlier one shares its bytes. Which
 * names there can be is said before: so an end of a name has to be looked up, but not to be kept.
 * dtc: stringtable_insert()
 */
export class StringTable {
  /** The names, each with its NUL. */
  readonly bytes: ByteBuffer = new ByteBuffer();
  /** What may be asked for. */
  readonly #names: string[] = [];
  /** Of each name, from its end to its start. */
  #hashes = new Int32Array(FIRST_NAMES);
  /** Where each name stands in the block, -1 if it does not. */
  #offsets = new Int32Array(FIRST_NAMES);
  /** Hash table of indexes of names plus one, at most half full. */
  #slots = new Int32Array(2 * FIRST_NAMES);
  /** Whether there is a name that begins with two characters: most ends of names are told by it. */
  readonly #beginnings = new Uint8Array(1 << 16);

  /** Takes the strings that are there already, each with its NUL. Default: none. */
  constructor(strings: Uint8Array = new Uint8Array(0)) {
    this.bytes.append(strings, 0, strings.lastIndexOf(0) + 1);
  }

  /** Says what may be asked for from now on. */
  expect(names: Iterable<string>): void {
    const before = this.#names.length;
    for (const name of names) {
      const hash = hashOf(name);
      if (this.#find(hash, name, 0) >= 0) continue;
      if (this.#names.length === this.#hashes.length) this.#grow();
      this.#hashes[this.#names.length] = hash;
      this.#offsets[this.#names.length] = -1;
      this.#put(this.#names.length);
      this.#names.push(name);
      this.#beginnings[beginning(name, 0)] = 1;
    }
    if (this.#names.length > before) this.#findAll();
  }

  /** Offset of the first place where an expected name and its NUL stand, added if there is none. */
  offsetOf(name: string): number {
    const index = this.#find(hashOf(name), name, 0);
    if (index < 0) throw new RangeError(`nobody expected the name ${name}`);
    if (this.#offsets[index] < 0) {
      const { length } = this.bytes;
      this.bytes.text(name);
      this.#findEnds(name, length);
    }
    return this.#offsets[index];
  }

  /** Looks for what is expected among the ends of all strings. */
  #findAll(): void {
    const bytes = this.bytes.view();
    for (let at = 0, end; (end = bytes.indexOf(0, at)) >= 0; at = end + 1) {
      this.#findEnds(latin1(bytes, at, end), at);
    }
  }

  /** Looks for what is expected among the ends of a string at an offset; what is found stays first. */
  #findEnds(text: string, offset: number): void {
    let hash = 0;
    for (let at = text.length; at >= 0; at--) {
      if (at < text.length) hash = nextHash(hash, text.charCodeAt(at));
      if (this.#beginnings[beginning(text, at)] === 0) continue;
      const index = this.#find(hash, text, at);
      if (index >= 0 && this.#offsets[index] < 0) this.#offsets[index] = offset + at;
    }
  }

  /** Index of the name that equals the end of `text` that starts at `start`, -1 if there is none. */
  #find(hash: number, text: string, start: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = slotOf(hash) & mask;
    for (let index = slots[slot] - 1; index >= 0; index = slots[slot] - 1) {
      if (this.#hashes[index] === hash && isEnd(this.#names[index], text, start)) return index;
      slot = slot + 1 & mask;
    }
    return -1;
  }

  #put(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#hashes[index]) & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    this.#slots[slot] = index + 1;
  }

  #grow(): void {
    this.#hashes = enlarged(this.#hashes);
    this.#offsets = enlarged(this.#offsets);
    this.#slots = new Int32Array(2 * this.#hashes.length);
    for (let index = 0; index < this.#names.length; index++) this.#put(index);
  }
}

function enlarged(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(4 * numbers.length);
  larger.set(numbers);
  return larger;
}

function isEnd(name: string, text: string, start: number): boolean {
  return name.length === text.length - start && (name === text || text.endsWith(name));
}

function hashOf(name: string): number {
  let hash = 0;
  for (let at = name.length - 1; at >= 0; at--) hash = nextHash(hash, name.charCodeAt(at));
  return hash;
}

/** The first two characters of the end that starts at `start`, in one number. */
function beginning(text: string, start: number): number {
  const second = start + 1 < text.length ? text.charCodeAt(start + 1) : 0;
  return start < text.length ? (text.charCodeAt(start) << 8 | second) & 0xffff : 0;
}

function nextHash(hash: number, byte: number): number {
  return Math.imul(hash, HASH_FACTOR) + 2 * byte + 1 | 0;
}

function slotOf(hash: number): number {
  return hash ^ hash >>> 15;
}
