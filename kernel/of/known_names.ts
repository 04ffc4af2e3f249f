/**
 * Names of properties that checks ask for at every node, with their numbers: {@linkcode Names} has them from
 * the start. Whether a node may have one of them is a bit of the node, which is looked at without a search.
 */
export const NAME = {
  "compatible": 0,
  "reg": 1,
  "ranges": 2,
  "dma-ranges": 3,
  "status": 4,
  "#address-cells": 5,
  "#size-cells": 6,
  "interrupts": 7,
  "interrupts-extended": 8,
  "interrupt-parent": 9,
  "interrupt-controller": 10,
  "interrupt-map": 11,
  "#interrupt-cells": 12,
  "phandle": 13,
  "linux,phandle": 14,
  "name": 15,
  "remote-endpoint": 16,
  "spi-slave": 17,
} as const;

/** One of these names. */
export type KnownName = keyof typeof NAME;

/** The names of {@linkcode NAME}, in the order of their numbers. */
export const KNOWN_NAMES: readonly string[] = Object.keys(NAME);

/** Known names have a bit each, all others share the rest. */
const SHARED_BITS = 32 - KNOWN_NAMES.length;

/** The bit of a name in a node's set of the names of its properties. */
export function nameBit(number: number): number {
  const known = KNOWN_NAMES.length;
  return 1 << (number < known ? number : known + number % SHARED_BITS);
}
