/**
 * The candidate that `word` is most likely a misspelling of, if one is near enough.
 *
 * @param most How many letters may be wrong. Default: a third of them, but one at least.
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  most: number = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  let best: string | undefined = undefined;
  let limit = most;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word, candidate, limit);
    if (distance > limit || (best !== undefined && distance === limit)) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}

/** Longer words are not compared. */
const WORD_MAX = 64;

/**
 * Insertions, deletions, replacements and swaps of neighbours that make `a` of `b`; anything above
 * `limit` when there are more than that.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (a.length > WORD_MAX || b.length > WORD_MAX) return limit + 1;
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        above[column] + 1,
        line[column - 1] + 1,
        above[column - 1] + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, twoAbove[column - 2] + 1);
      }
      line.push(cost);
    }
    twoAbove = above;
    above = line;
  }
  return above[b.length];
}
