/**
 * What a step touched, and whether two steps may change places.
 *
 * @module
 */
import type { AccessKind } from "../../kernel/choice.ts";
import { Fingerprint } from "./hash.ts";

/** Bits of what was done to an object. */
const BITS: Readonly<Record<AccessKind, number>> = {
  read: 1,
  write: 2,
  append: 4,
  take: 8,
  insert: 16,
};
const KINDS = Object.keys(BITS) as readonly AccessKind[];
const READ = BITS.read;
const INSERT = BITS.insert;

/** What a step touched: bits of what it did, by number of the object. */
export type Accesses = Map<number, number>;

/** An access in words. */
export interface AccessRecord {
  /** What kind of object: `"bus"`, `"ida"`. */
  readonly object: string;
  /** Which one: `"virtio"`. */
  readonly key: string;
  /** What was done, each once. */
  readonly kinds: readonly AccessKind[];
}

/** Numbers for objects, the same in all runs of one exploration. */
export class Objects {
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #names: (readonly [object: string, key: string])[] = [];
  readonly #fingerprints: number[] = [];

  /** The object's number; a new one at first sight. */
  number(object: string, key: string): number {
    let keys = this.#numbers.get(object);
    if (keys === undefined) this.#numbers.set(object, keys = new Map());
    let number = keys.get(key);
    if (number === undefined) {
      number = this.#names.push([object, key]) - 1;
      this.#fingerprints.push(new Fingerprint().text(object).text(key).value);
      keys.set(key, number);
    }
    return number;
  }

  /** What stands for the object in fingerprints; other than its number it is always the same. */
  fingerprint(number: number): number {
    return this.#fingerprints[number];
  }

  /** How many objects were seen. */
  get count(): number {
    return this.#names.length;
  }

  /** Notes an access; gives the object's number. */
  note(accesses: Accesses, object: string, key: string, kind: AccessKind): number {
    const number = this.number(object, key);
    accesses.set(number, (accesses.get(number) ?? 0) | BITS[kind]);
    return number;
  }

  /** Accesses in words, in the order in which the objects were first seen. */
  records(accesses: Accesses): AccessRecord[] {
    return [...accesses].sort(([a], [b]) => a - b).map(([number, bits]) =>
      this.#record(number, bits)
    );
  }

  #record(number: number, bits: number): AccessRecord {
    const [object, key] = this.#names[number];
    return { object, key, kinds: KINDS.filter((kind) => (bits & BITS[kind]) !== 0) };
  }

  /** The accesses that {@linkcode records} put into words. */
  accesses(records: readonly AccessRecord[]): Accesses {
    const accesses: Accesses = new Map();
    for (const { object, key, kinds } of records) {
      for (const kind of kinds) this.note(accesses, object, key, kind);
    }
    return accesses;
  }

  /** What both touched so that their order matters, in words: first what `a` did, then what `b` did. */
  conflicts(a: Accesses, b: Accesses): [AccessRecord, AccessRecord][] {
    const numbers = [...a.keys()].filter((n) => b.has(n) && collide(a.get(n)!, b.get(n)!));
    return numbers.map((n) => [this.#record(n, a.get(n)!), this.#record(n, b.get(n)!)]);
  }
}

/** True when something that was done changes what the object says. */
export function modifies(bits: number): boolean {
  return bits !== READ;
}

/** True when what was done to the object depends on what was there. */
export function looksAt(bits: number): boolean {
  return bits !== INSERT;
}

/** True when the order of what was done to one object matters. */
function collide(a: number, b: number): boolean {
  return (a | b) !== READ && (a | b) !== INSERT;
}

/** True when the order of two steps does not matter. */
export function independent(a: Accesses, b: Accesses): boolean {
  if (a.size > b.size) return independent(b, a);
  for (const [number, bits] of a) {
    const others = b.get(number);
    if (others !== undefined && collide(bits, others)) return false;
  }
  return true;
}

/** Adds the accesses of `from` to `to`. */
export function addAccesses(to: Accesses, from: Accesses): undefined {
  for (const [number, bits] of from) to.set(number, (to.get(number) ?? 0) | bits);
}
