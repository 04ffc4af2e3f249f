/**
 * Short fingerprints of texts and numbers, the same on every machine.
 *
 * @module
 */

/** Digits of a fingerprint in texts: 36 ** 10 is less than 2 ** 53. */
const DIGITS = 10;

/** Takes in numbers and texts one after the other; 53 bits come out. */
export class Fingerprint {
  #a = 0x9e3779b9 | 0;
  #b = 0x85ebca6b | 0;

  /** Takes in a whole number below 2 ** 53. */
  number(value: number): this {
    this.#mix(value | 0);
    return this.#mix(Math.floor(value / 0x1_0000_0000));
  }

  /** Takes in a text and its length. */
  text(value: string): this {
    for (let i = 0; i < value.length; i++) this.#mix(value.charCodeAt(i));
    return this.#mix(value.length);
  }

  #mix(value: number): this {
    this.#a = Math.imul(this.#a ^ value, 0x85ebca77);
    this.#b = Math.imul(this.#b ^ value, 0xc2b2ae3d);
    this.#a ^= this.#b >>> 15;
    this.#b ^= this.#a >>> 13;
    return this;
  }

  /** The fingerprint so far: a whole number below 2 ** 53. */
  get value(): number {
    const a = Math.imul(this.#a ^ (this.#a >>> 16), 0x2545f491);
    const b = Math.imul(this.#b ^ (this.#b >>> 15), 0x297a2d39);
    return ((b ^ (a >>> 14)) >>> 11) * 0x1_0000_0000 + ((a ^ (b >>> 16)) >>> 0);
  }
}

/** A fingerprint of two that is the same whichever comes first. */
export function unordered(a: number, b: number): number {
  const high = Math.floor(a / 0x1_0000_0000) ^ Math.floor(b / 0x1_0000_0000);
  return high * 0x1_0000_0000 + ((a ^ b) >>> 0);
}

/** A text of ten letters and digits for a text of any length. */
export function fingerprint(text: string): string {
  return new Fingerprint().text(text).value.toString(36).padStart(DIGITS, "0").slice(-DIGITS);
}
