/**
 * An exploration in words, for a terminal.
 *
 * @module
 */
import { differencesOf, differenceText } from "./differences.ts";
import { whyText } from "./explore/explain.ts";
import type { Findings, OrderOutcome } from "./result.ts";

/** How many outcomes are told in full, unless somebody wants more. */
const OUTCOMES_SHOWN = 10;

/** A number with commas between thousands, and what it counts. */
export function counted(count: number | bigint, what: string): string {
  const plural = count === 1 || count === 1n ? what : what.endsWith("s") ? `${what}es` : `${what}s`;
  return `${count.toLocaleString("en")} ${plural}`;
}

/** How many orders end so, or classes where nobody counted the orders. */
function howMany({ orders, classes }: OrderOutcome): string {
  return orders === undefined ? `${counted(classes, "class")} of orders` : counted(orders, "order");
}

/** What is different in a text of a view, a line each. */
function differences(usual: string, text: string): string[] {
  const changed = differencesOf(usual, text).map(differenceText);
  return changed.length > 0 || usual === text ? changed : ["the same lines in another order"];
}

/** What is different from the usual outcome: the names of views, and below them what is different there. */
export function differenceLines({ views }: OrderOutcome, usual: OrderOutcome): string[] {
  const found = new Map<string, string[]>();
  for (const [view, text] of Object.entries(views)) {
    const what = differences(usual.views[view] ?? "", text).join("\n");
    if (what !== "") found.set(what, [...found.get(what) ?? [], view]);
  }
  return [...found].flatMap((
    [what, views],
  ) => [`  ${views.join(", ")}:`, what.replace(/^/gm, "    ")]);
}

function outcomeLines(outcome: OrderOutcome, usual: OrderOutcome, number: number): string[] {
  const lines = [`Outcome ${number}: ${howMany(outcome)}`, ...differenceLines(outcome, usual)];
  const [first, ...more] = outcome.change;
  if (first !== undefined) lines.push(`  smallest change: ${first}`);
  for (const change of more) lines.push(`                   ${change}`);
  if (outcome.neighbour !== undefined) lines.push(`  why: ${whyText(outcome.neighbour)}`);
  lines.push(`  run: ${outcome.replayId}`);
  return lines;
}

/**
 * A result in words: what was explored and what that is worth, the usual outcome, and how each of the others
 * differs from it, what leads to it and why.
 *
 * @param shown How many outcomes beside the usual one are told.
 */
export function orderText(found: Findings, shown: number = OUTCOMES_SHOWN): string {
  const { title, varied, outcomes: [usual, ...others], replayCommand } = found;
  const lines = [title, ...varied === undefined ? [] : [`varied: ${varied}`], coverageLine(found)];
  if (others.length === 0) {
    const none = found.coverage.kind === "exhaustive"
      ? "The order makes no difference: all of them end as the usual one does."
      : "No difference so far: all that were looked at end as the usual one does.";
    lines.push("", none);
    return `${lines.join("\n")}\n`;
  }
  lines.push("", `The usual outcome: ${howMany(usual)}`);
  lines.push(`  run: ${usual.replayId}`);
  others.slice(0, shown).forEach((outcome, i) => {
    lines.push("", ...outcomeLines(outcome, usual, i + 2));
  });
  const left = others.length - shown;
  if (left > 0) lines.push("", `and ${counted(left, "outcome")} more`);
  if (replayCommand !== undefined) lines.push("", `A run again: ${replayCommand("RUN")}`);
  return `${lines.join("\n")}\n`;
}

function coverageLine({ coverage, orders, exact, runs, outcomes }: Findings): string {
  const about = exact ? "" : "about ";
  const seen = orders === undefined ? "" : `${about}${counted(orders, "order")}, `;
  const ends = counted(outcomes.length, "outcome");
  const made = coverage.text.includes(" runs") ? "" : `, in ${counted(runs, "run")}`;
  return `${seen}${coverage.text}${made}: ${ends}`;
}
