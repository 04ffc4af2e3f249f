/**
 * What is different between two texts of a view: lines such as `a003c00.virtio_mmio: virtio-mmio`, in which what
 * stands before the colon says what it is about.
 *
 * @module
 */

/** How the line begins that all views have of a kernel that died, most of them nothing else. */
export const DEATH = "the kernel ends: ";

/** A line that only one text has, or that both have with another end. */
export interface Difference {
  /** The line of the first text. */
  readonly before: string | undefined;
  /** The line of the second text. */
  readonly after: string | undefined;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** What comes before the first `": "`; `undefined` where a line is about nothing else. */
function subjectOf(line: string): string | undefined {
  const end = line.indexOf(": ");
  return end < 0 ? undefined : line.slice(0, end);
}

/**
 * The lines that differ, in the order of the first text and then of the second one. Where a kernel died, all else is
 * gone without a word.
 */
export function differencesOf(before: string, after: string): Difference[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  if (now.length === 1 && now[0].startsWith(DEATH) && before !== after) {
    return [{ before: undefined, after: now[0] }];
  }
  const gone = old.filter((line) => !now.includes(line));
  const come = now.filter((line) => !old.includes(line));
  const left = new Set(come);
  const found = gone.map((line): Difference => {
    const subject = subjectOf(line);
    const other = subject === undefined
      ? undefined
      : [...left].find((candidate) => subjectOf(candidate) === subject);
    if (other !== undefined) left.delete(other);
    return { before: line, after: other };
  });
  return [...found, ...[...left].map((line) => ({ before: undefined, after: line }))];
}

/** Two lines about the same thing: what they are about, and the end of each. */
export function changeOf(
  before: string,
  after: string,
): [subject: string, old: string, now: string] {
  const end = before.indexOf(": ") + 2;
  return [before.slice(0, end), before.slice(end), after.slice(end)];
}

/** A difference in a line: `- gone`, `+ new`, `subject: old → new`. */
export function differenceText({ before, after }: Difference): string {
  if (before === undefined) return `+ ${after}`;
  if (after === undefined) return `- ${before}`;
  return `${before} → ${changeOf(before, after)[2]}`;
}
