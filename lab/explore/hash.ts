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

/** Sums of fingerprints stay below this: two of them can be added exactly. */
const SUMS = 2 ** 52;

/** A fingerprint of things whose order does not count: adds one of them, as often as it is there. */
export function sumOf(a: number, b: number): number {
  return (a % SUMS + b % SUMS) % SUMS;
}

/** How deep data is looked into: what goes deeper may go in circles. */
const DEPTH_MAX = 16;

/**
 * A fingerprint of plain data, by what it holds; `undefined` for what also holds something else: functions, objects of
 * classes, circles.
 */
export function fingerprintOf(data: unknown): number | undefined {
  const print = new Fingerprint();
  return takeIn(print, data, DEPTH_MAX) ? print.value : undefined;
}

/** False when it is not plain data. */
function takeIn(print: Fingerprint, data: unknown, depth: number): boolean {
  const type = typeof data;
  if (type === "function" || type === "symbol" || depth === 0) return false;
  if (type !== "object" || data === null) {
    print.text(type).text(Object.is(data, -0) ? "-0" : String(data));
    return true;
  }
  const isList = Array.isArray(data);
  if (!isList && ![Object.prototype, null].includes(Object.getPrototypeOf(data))) return false;
  const entries = Object.entries(data as object);
  print.text(isList ? "list" : "record").number(entries.length);
  return entries.every(([key, value]) => {
    print.text(key);
    return takeIn(print, value, depth - 1);
  });
}

/** A text of ten letters and digits for a text of any length. */
export function fingerprint(text: string): string {
  return new Fingerprint().text(text).value.toString(36).padStart(DIGITS, "0").slice(-DIGITS);
}
