/**
 * Turns bytes into strings, the same bytes into the same string, without making a new one each time.
 */
export class Names {
  #strings: (string | undefined)[] = new Array(256);
  #hashes = new Int32Array(256);
  #count = 0;

  /** The bytes `start` to `end`, one character (U+0000 to U+00FF) for each. */
  get(bytes: Uint8Array, start: number, end: number): string {
    const strings = this.#strings;
    const hashes = this.#hashes;
    const mask = strings.length - 1;
    const key = hash(bytes, start, end);
    let slot = key & mask;
    for (let known = strings[slot]; known !== undefined; known = strings[slot]) {
      if (hashes[slot] === key && equals(known, bytes, start, end)) return known;
      slot = slot + 1 & mask;
    }
    const made = decode(bytes, start, end);
    strings[slot] = made;
    hashes[slot] = key;
    if (2 * ++this.#count > strings.length) this.#grow();
    return made;
  }

  #grow(): void {
    const old = this.#strings;
    const oldHashes = this.#hashes;
    const mask = 4 * old.length - 1;
    const strings: (string | undefined)[] = this.#strings = new Array(mask + 1);
    const hashes = this.#hashes = new Int32Array(mask + 1);
    for (let at = 0; at < old.length; at++) {
      if (old[at] === undefined) continue;
      let slot = oldHashes[at] & mask;
      while (strings[slot] !== undefined) slot = slot + 1 & mask;
      strings[slot] = old[at];
      hashes[slot] = oldHashes[at];
    }
  }
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash ^ hash >>> 15;
}

function equals(string: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (string.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (string.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  for (; at + 4 <= end; at += 4) {
    text += String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
