import { ByteBuffer } from "./byte_buffer.ts";
import { latin1 } from "./bytes.ts";

/** Slots of the table at first, a power of two. */
const SLOTS_MIN = 1024;
/** A remainder of 1 by 4: then runs of one character, however long, do not come to a hash again. */
const HASH_FACTOR = 0x5bd1e995;

/**
 * The strings block while it grows. A name that equals the end of an earlier one shares its bytes, so
 * every end of every name is in a hash table of offsets. dtc: stringtable_insert()
 */
export class StringTable {
  /** The names, each with its NUL. */
  readonly bytes: ByteBuffer = new ByteBuffer();
  readonly #known = new Map<string, number>();
  /** Offsets plus one of ends of names, 0 for an empty slot. */
  #slots = new Uint32Array(SLOTS_MIN);
  #hashes = new Uint32Array(SLOTS_MIN);
  #used = 0;

  /** Takes the strings that are there already, each with its NUL. Default: none. */
  constructor(strings: Uint8Array = new Uint8Array(0)) {
    for (let at = 0, end; (end = strings.indexOf(0, at)) >= 0; at = end + 1) {
      const offset = this.bytes.length;
      this.bytes.append(strings, at, end + 1);
      this.#addEnds(latin1(strings, at, end), offset);
    }
  }

  /** Offset of the first place where `name` and its NUL stand, added if there is none. */
  offsetOf(name: string): number {
    let offset = this.#known.get(name);
    if (offset !== undefined) return offset;
    offset = this.#find(name);
    if (offset < 0) {
      offset = this.bytes.length;
      this.bytes.text(name);
      this.#addEnds(name, offset);
    }
    this.#known.set(name, offset);
    return offset;
  }

  /** Offset of an end that equals `name`, or -1. */
  #find(name: string): number {
    let hash = 0;
    for (let at = name.length - 1; at >= 0; at--) hash = nextHash(hash, name.charCodeAt(at));
    const mask = this.#slots.length - 1;
    for (let slot = (hash ^ hash >>> 15) & mask; this.#slots[slot] !== 0; slot = slot + 1 & mask) {
      const offset = this.#slots[slot] - 1;
      if (this.#hashes[slot] === hash >>> 0 && this.#equals(offset, name)) return offset;
    }
    return -1;
  }

  #equals(offset: number, name: string): boolean {
    const bytes = this.bytes.view();
    for (let at = 0; at < name.length; at++) {
      if (bytes[offset + at] !== name.charCodeAt(at)) return false;
    }
    return bytes[offset + name.length] === 0;
  }

  /** Adds every end of `name`, the empty one included. Those that are there stay where they are first. */
  #addEnds(name: string, offset: number): void {
    this.#reserve(name.length + 1);
    let hash = 0;
    this.#add(hash, offset + name.length);
    for (let at = name.length - 1; at >= 0; at--) {
      hash = nextHash(hash, name.charCodeAt(at));
      this.#add(hash, offset + at);
    }
  }

  #add(hash: number, offset: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ hash >>> 15) & mask;
    for (; this.#slots[slot] !== 0; slot = slot + 1 & mask) {
      if (this.#hashes[slot] === hash >>> 0 && this.#sameEnd(this.#slots[slot] - 1, offset)) return;
    }
    this.#slots[slot] = offset + 1;
    this.#hashes[slot] = hash;
    this.#used++;
  }

  #sameEnd(a: number, b: number): boolean {
    const bytes = this.bytes.view();
    while (bytes[a] === bytes[b] && bytes[a] !== 0) {
      a++;
      b++;
    }
    return bytes[a] === bytes[b];
  }

  /** Keeps at least half of the slots empty. */
  #reserve(count: number): void {
    let size = this.#slots.length;
    while (2 * (this.#used + count) > size) size *= 2;
    if (size === this.#slots.length) return;
    const slots = this.#slots;
    const hashes = this.#hashes;
    this.#slots = new Uint32Array(size);
    this.#hashes = new Uint32Array(size);
    for (let old = 0; old < slots.length; old++) {
      if (slots[old] === 0) continue;
      let slot = (hashes[old] ^ hashes[old] >>> 15) & size - 1;
      while (this.#slots[slot] !== 0) slot = slot + 1 & size - 1;
      this.#slots[slot] = slots[old];
      this.#hashes[slot] = hashes[old];
    }
  }
}

function nextHash(hash: number, byte: number): number {
  return Math.imul(hash, HASH_FACTOR) + 2 * byte + 1 | 0;
}
