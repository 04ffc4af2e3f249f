/**
 * What a probe saw of the world, for those who ask later why it ended as it did.
 *
 * @module
 */

/** Something that a probe looked at, and what it saw there. */
export interface Finding {
  /** The kind of thing: `"supplier"`, `"features"`, `"config"`, `"number"`, `"error"`. */
  readonly object: string;
  /** Which one of them; empty where there is only one. */
  readonly key: string;
  /** What it saw. Flags are a `bigint`. */
  readonly value: string | number | bigint | Uint8Array;
}
