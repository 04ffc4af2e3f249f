import { ByteBuffer } from "./byte_buffer.ts";
import type { Names } from "./names.ts";

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
  /** What may be asked for, one name behind the other. */
  readonly #expected = new ByteBuffer();
  /** Where each of them starts, and where the last one ends. */
  #starts = new Int32Array(FIRST_NAMES + 1);
  /** Of each of them, from its end to its start. */
  #hashes = new Int32Array(FIRST_NAMES);
  /** Where each of them stands in the block, -1 if it does not. */
  #offsets = new Int32Array(FIRST_NAMES);
  #count = 0;
  /** Hash table of indexes plus one, at most half full. */
  #slots = new Int32Array(2 * FIRST_NAMES);
  /** A bit for each two characters that any of them begins with: most ends of names are told by it. */
  readonly #beginnings = new Uint8Array(1 << 13);

  /** Takes the strings that are there already, each with its NUL. Default: none. */
  constructor(strings: Uint8Array = new Uint8Array(0)) {
    this.bytes.append(strings, 0, strings.lastIndexOf(0) + 1);
  }

  /** Says what may be asked for from now on. */
  expect(names: Names, numbers: ArrayLike<number>): void {
    const before = this.#count;
    for (let at = 0; at < numbers.length; at++) {
      this.#expect(names.bytes, names.startOf(numbers[at]), names.endOf(numbers[at]));
    }
    if (this.#count > before) this.#findAll();
  }

  #expect(bytes: Uint8Array, start: number, end: number): void {
    const hash = hashOf(bytes, start, end);
    if (this.#find(hash, bytes, start, end) >= 0) return;
    if (this.#count === this.#hashes.length) this.#grow();
    const index = this.#count++;
    this.#expected.append(bytes, start, end);
    this.#starts[index + 1] = this.#expected.length;
    this.#hashes[index] = hash;
    this.#offsets[index] = -1;
    this.#put(index);
    const pair = beginning(bytes, start, end);
    this.#beginnings[pair >> 3] |= 1 << (pair & 7);
  }

  /** Offset of the first place where an expected name and its NUL stand, added if there is none. */
  offsetOf(names: Names, number: number): number {
    const start = names.startOf(number);
    const end = names.endOf(number);
    const index = this.#find(hashOf(names.bytes, start, end), names.bytes, start, end);
    if (index < 0) throw new RangeError(`nobody expected the name ${names.text(number)}`);
    if (this.#offsets[index] < 0) {
      const { length } = this.bytes;
      this.bytes.append(names.bytes, start, end);
      this.bytes.byte(0);
      this.#findEnds(names.bytes, start, end, length);
    }
    return this.#offsets[index];
  }

  /** Looks for what is expected among the ends of all strings. */
  #findAll(): void {
    const bytes = this.bytes.view();
    for (let at = 0, end; (end = bytes.indexOf(0, at)) >= 0; at = end + 1) {
      this.#findEnds(bytes, at, end, at);
    }
  }

  /** Looks for what is expected among the ends of a string at an offset; what is found stays first. */
  #findEnds(bytes: Uint8Array, start: number, end: number, offset: number): void {
    let hash = 0;
    for (let at = end; at >= start; at--) {
      if (at < end) hash = nextHash(hash, bytes[at]);
      const pair = beginning(bytes, at, end);
      if ((this.#beginnings[pair >> 3] & 1 << (pair & 7)) === 0) continue;
      const index = this.#find(hash, bytes, at, end);
      if (index >= 0 && this.#offsets[index] < 0) this.#offsets[index] = offset + at - start;
    }
  }

  /** Index of the expected name that these bytes are, -1 if there is none. */
  #find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = slotOf(hash) & mask;
    for (let index = slots[slot] - 1; index >= 0; index = slots[slot] - 1) {
      if (this.#hashes[index] === hash && this.#is(index, bytes, start, end)) return index;
      slot = slot + 1 & mask;
    }
    return -1;
  }

  #is(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const shift = this.#starts[index] - start;
    return this.#starts[index + 1] - shift === end &&
      this.#expected.startsAt(start + shift, bytes, start, end);
  }

  #put(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#hashes[index]) & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    this.#slots[slot] = index + 1;
  }

  #grow(): void {
    const capacity = 4 * this.#hashes.length;
    this.#starts = enlarged(this.#starts, capacity + 1);
    this.#hashes = enlarged(this.#hashes, capacity);
    this.#offsets = enlarged(this.#offsets, capacity);
    this.#slots = new Int32Array(2 * capacity);
    for (let index = 0; index < this.#count; index++) this.#put(index);
  }
}

function enlarged(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(numbers);
  return larger;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = end - 1; at >= start; at--) hash = nextHash(hash, bytes[at]);
  return hash;
}

/** The first two characters, in one number. */
function beginning(bytes: Uint8Array, start: number, end: number): number {
  const second = start + 1 < end ? bytes[start + 1] : 0;
  return start < end ? bytes[start] << 8 | second : 0;
}

function nextHash(hash: number, byte: number): number {
  return Math.imul(hash, HASH_FACTOR) + 2 * byte + 1 | 0;
}

function slotOf(hash: number): number {
  return hash ^ hash >>> 15;
}
