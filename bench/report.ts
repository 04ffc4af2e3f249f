/**
 * What the benches share: medians and rows of figures.
 *
 * @module
 */

const COLUMN = 12;

/** The middle of the figures; with an even count, the upper of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Prints one row of a table, the first cell to the left, the others to the right. */
export function row(first: string, ...cells: (string | number)[]): undefined {
  console.log(first.padEnd(COLUMN + 8) + cells.map((cell) => `${cell}`.padStart(COLUMN)).join(""));
}
