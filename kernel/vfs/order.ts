/**
 * Orders of names.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Order of two names by their bytes, as `strcmp()` has it. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) if (left[i] !== right[i]) return left[i] - right[i];
  return left.length - right.length;
}

const MASK_64 = (1n << 64n) - 1n;
/** Linux: GOLDEN_RATIO_64 */
const GOLDEN_RATIO_64 = 0x61C8864680B583EBn;
const HASH_MAX = 0x7fffffff;

/**
 * The number by which kernfs keeps the entries of a directory.
 *
 * Linux: kernfs_name_hash(), full_name_hash() without a word-at-a-time implementation
 */
export function kernfsNameHash(name: string): number {
  let x = 0n;
  for (const byte of encoder.encode(name)) {
    const c = BigInt(byte);
    x = ((x + (c << 4n) + (c >> 4n)) * 11n) & MASK_64;
  }
  const hash = Number(((x * GOLDEN_RATIO_64) & MASK_64) >> 32n) & HASH_MAX;
  if (hash < 2) return hash + 2;
  return hash >= HASH_MAX ? HASH_MAX - 1 : hash;
}

/** Order of two entries of a kernfs directory. Linux: kernfs_name_compare() */
export function kernfsCompare(a: string, b: string): number {
  return kernfsNameHash(a) - kernfsNameHash(b) || compareBytes(a, b);
}
