import { KNOWN_NAMES } from "./known_names.ts";

/** Names that there is room for at first, a power of two. */
const FIRST_NAMES = 128;

/** Names of nodes, properties and labels: each has a number, however often it stands in the source. */
export class Names {
  readonly #texts: string[] = [];
  /** By number. */
  #hashes = new Int32Array(FIRST_NAMES);
  /** Hash table of numbers plus one, at most half full. */
  #slots = new Int32Array(2 * FIRST_NAMES);
  /** What was asked for by its text since the last name came: few names, again and again. */
  readonly #asked = new Map<string, number>();

  /** Has the known names. */
  constructor() {
    for (const name of KNOWN_NAMES) this.addText(name);
  }

  /** How many there are. */
  get count(): number {
    return this.#texts.length;
  }

  /** The name of a number. */
  text(number: number): string {
    return this.#texts[number];
  }

  /** The number of the bytes `start` to `end`, one character (U+0000 to U+00FF) for each. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashOf(bytes, start, end);
    let slot = hash & mask;
    for (let known = slots[slot]; known !== 0; known = slots[slot]) {
      const number = known - 1;
      if (this.#hashes[number] === hash && equals(this.#texts[number], bytes, start, end)) {
        return number;
      }
      slot = slot + 1 & mask;
    }
    return this.#put(slot, hash, decode(bytes, start, end));
  }

  /** The number of a name. */
  addText(text: string): number {
    const hash = hashOfText(text);
    const slot = this.#slotOf(hash, text);
    return this.#slots[slot] > 0 ? this.#slots[slot] - 1 : this.#put(slot, hash, text);
  }

  /** The number of a name, -1 if there is no such name. */
  find(text: string): number {
    const asked = this.#asked.get(text);
    if (asked !== undefined) return asked;
    const number = this.#slots[this.#slotOf(hashOfText(text), text)] - 1;
    this.#asked.set(text, number);
    return number;
  }

  /** The slot that holds a name, or that it would be put into. */
  #slotOf(hash: number, text: string): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0 && this.#texts[slots[slot] - 1] !== text) slot = slot + 1 & mask;
    return slot;
  }

  #put(slot: number, hash: number, text: string): number {
    const number = this.#texts.length;
    if (number === this.#hashes.length) slot = this.#grow(hash);
    this.#texts.push(text);
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (this.#asked.size > 0) this.#asked.clear();
    return number;
  }

  /** Makes room, and gives the slot for a new name. */
  #grow(hash: number): number {
    const hashes = this.#hashes;
    this.#hashes = new Int32Array(4 * hashes.length);
    this.#hashes.set(hashes);
    this.#slots = new Int32Array(2 * this.#hashes.length);
    hashes.forEach((old, number) => this.#slots[this.#freeSlot(old)] = number + 1);
    return this.#freeSlot(hash);
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    return slot;
  }
}

const FACTOR = 0x01000193;

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], FACTOR);
  return hash ^ hash >>> 15;
}

function hashOfText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FACTOR);
  return hash ^ hash >>> 15;
}

function equals(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  // Each of these makes a string: the fewer, the better.
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at],
      bytes[at + 1],
      bytes[at + 2],
      bytes[at + 3],
      bytes[at + 4],
      bytes[at + 5],
      bytes[at + 6],
      bytes[at + 7],
    );
  }
  if (at + 4 <= end) {
    text += String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    at += 4;
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
