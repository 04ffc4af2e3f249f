import { ByteBuffer } from "./byte_buffer.ts";
import { latin1 } from "./bytes.ts";

/** Slots of the table at first, a power of two. */
const SLOTS_MIN = 256;
/** A remainder of 1 by 4: then runs of one character, however long, do not come to a hash again. */
const HASH_FACTOR = 0x5bd1e995;

/** A name that may be asked for. */
interface Expected {
  readonly name: string;
  /** Of the name from its end to its start. */
  readonly hash: number;
  /** Where it stands in the block, -1 if it does not. */
  offset: number;
}

/**
 * The strings block while it grows. A name that equals the end of an earlier one shares its bytes. Which
 * names there can be is said before: so an end of a name has to be looked up, but not to be kept.
 * dtc: stringtable_insert()
 */
export class StringTable {
  /** The names, each with its NUL. */
  readonly bytes: ByteBuffer = new ByteBuffer();
  #count = 0;
  /** Hash table of what is expected, at most half full. */
  #slots: (Expected | undefined)[] = new Array(SLOTS_MIN);
  /** Whether anything is expected that begins with two characters: most ends of names are told by it. */
  readonly #beginnings = new Uint8Array(1 << 16);

  /** Takes the strings that are there already, each with its NUL. Default: none. */
  constructor(strings: Uint8Array = new Uint8Array(0)) {
    this.bytes.append(strings, 0, strings.lastIndexOf(0) + 1);
  }

  /** Says what may be asked for from now on. */
  expect(names: Iterable<string>): void {
    const before = this.#count;
    for (const name of names) {
      const hash = hashOf(name);
      this.#beginnings[beginning(name, 0)] = 1;
      if (this.#find(hash, name, 0) !== undefined) continue;
      if (2 * ++this.#count > this.#slots.length) this.#grow();
      this.#put({ name, hash, offset: -1 });
    }
    if (this.#count > before) this.#findAll();
  }

  /** Offset of the first place where an expected name and its NUL stand, added if there is none. */
  offsetOf(name: string): number {
    const expected = this.#find(hashOf(name), name, 0);
    if (expected === undefined) throw new RangeError(`nobody expected the name ${name}`);
    if (expected.offset < 0) {
      const { length } = this.bytes;
      this.bytes.text(name);
      this.#findEnds(name, length);
    }
    return expected.offset;
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
      const expected = this.#find(hash, text, at);
      if (expected !== undefined && expected.offset < 0) expected.offset = offset + at;
    }
  }

  /** What is expected and equals the end of `text` that starts at `start`. */
  #find(hash: number, text: string, start: number): Expected | undefined {
    const mask = this.#slots.length - 1;
    let slot = slotOf(hash) & mask;
    let expected = this.#slots[slot];
    while (expected !== undefined) {
      if (expected.hash === hash && isEnd(expected.name, text, start)) return expected;
      slot = slot + 1 & mask;
      expected = this.#slots[slot];
    }
    return undefined;
  }

  #put(expected: Expected): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(expected.hash) & mask;
    while (this.#slots[slot] !== undefined) slot = slot + 1 & mask;
    this.#slots[slot] = expected;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Array(4 * old.length);
    for (const expected of old) if (expected !== undefined) this.#put(expected);
  }
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
