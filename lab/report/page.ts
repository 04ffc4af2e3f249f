/**
 * A report as one HTML file that needs nothing else.
 *
 * @module
 */
import { escapeXml } from "../xml.ts";
import { changeOf, type Difference, differencesOf } from "../differences.ts";
import { whyText } from "../explore/explain.ts";
import type { Findings, OrderOutcome } from "../result.ts";
import { orderPicture } from "./order_picture.ts";
import { SCRIPT, STYLE } from "./style.ts";
import { WHAT_IF_SCRIPT, whatIf } from "./what_if.ts";

/** Of so many outcomes each is shown in full; the table has all. */
const SHOWN_MAX = 300;

/**
 * Draws a report: a sentence, a table of the ways in which it ends, and for each of them what is different,
 * how little has to change for it, and the id of its run.
 */
export function reportPage(report: Findings): string {
  const title = escapeXml(report.title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: every order</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${summary(report)}
<h2>How it can end</h2>
<table class="ends">
<tr><th>#</th><th>What is different</th><th>How many orders</th><th>The smallest change that leads there</th></tr>
${report.outcomes.map((outcome, index) => row(report, outcome, index)).join("\n")}
</table>
${details(report)}
${whatIf(report)}
</main>
<script>${SCRIPT}${WHAT_IF_SCRIPT}</script>
</body>
</html>
`;
}

/** What it means that nothing was left out. */
const EXHAUSTIVE =
  "orders that differ only in steps which touch nothing in common end alike, so one of each such class was looked at";

function summary({ coverage, varied, orders, exact, runs, outcomes }: Findings): string {
  const free = varied === undefined ? "" : `<p>What may change places: ${escapeXml(varied)}.</p>\n`;
  const about = exact ? "" : "about ";
  const what = orders === undefined ? "" : `${about}${plural(orders, "order")}, covered by `;
  const isAll = coverage.kind === "exhaustive";
  const how = isAll ? EXHAUSTIVE : "not all there are";
  const ways = outcomes.length === 1
    ? `<b>It ends in the same way</b>, ${isAll ? "whatever the order" : "as far as was looked"}.`
    : `It can end in <b>${outcomes.length} ways</b>; the first is that of the default order.`;
  const claim = `${what}${plural(runs, "run")}: ${how} (${escapeXml(coverage.text)}).`;
  return `${free}<p class="claim">${claim}</p>\n<p>${ways}</p>`;
}

function plural(count: number | bigint, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count == 1 ? "" : "s"}`;
}

function row(report: Findings, outcome: OrderOutcome, index: number): string {
  const change = index === 0 ? '<span class="default">the default order</span>' : changes(outcome);
  const differs = index === 0 ? "nothing" : differences(report.outcomes[0], outcome, 3);
  return `<tr class="pick"><td class="number">${index + 1}</td><td>${differs}</td>
<td class="number">${count(report, outcome)}</td><td>${change}</td></tr>`;
}

/** What is moved, an item each. */
function changes({ change }: OrderOutcome): string {
  return `<ul>${change.map((move) => `<li>${escapeXml(move)}</li>`).join("")}</ul>`;
}

function count(report: Findings, { orders, classes }: OrderOutcome): string {
  if (orders === undefined || report.orders === undefined) return plural(classes, "class");
  const share = Number(orders * 10000n / report.orders) / 100;
  const percent = share < 0.01 ? "< 0.01" : String(share);
  return `${orders.toLocaleString("en")}<br> <span class="same">${percent} %</span>
<div class="bar" style="width:${share}%"></div>`;
}

/** Lines of views that only one of two outcomes has. */
function differences(from: OrderOutcome, to: OrderOutcome, most: number): string {
  const lines = [
    ...new Set(Object.keys(to.views).flatMap((view) => changedLines(from, to, view))),
  ];
  const more = lines.length - most;
  const shown = lines.slice(0, most).join("<br>");
  return more > 0
    ? `${shown}<br><span class="same">and ${plural(more, "line")} more</span>`
    : shown;
}

function changedLines(from: OrderOutcome, to: OrderOutcome, view: string): string[] {
  const [before, after] = [from.views[view] ?? "", to.views[view] ?? ""];
  const changed = differencesOf(before, after).map(differenceLine);
  if (changed.length > 0 || before === after) return changed;
  return [`<span class="same">the same ${escapeXml(view)} in another order</span>`];
}

/** What is gone in one colour, what is new in another. */
function differenceLine(difference: Difference): string {
  const { before, after } = difference;
  if (before === undefined) return `<code class="plus">+ ${escapeXml(after ?? "")}</code>`;
  if (after === undefined) return `<code class="minus">− ${escapeXml(before)}</code>`;
  const [subject, old, now] = changeOf(before, after).map(escapeXml);
  return `<code>${subject}<span class="minus">${old}</span> → <span class="plus">${now}</span></code>`;
}

function details(report: Findings): string {
  const { outcomes } = report;
  const shown = outcomes.slice(0, SHOWN_MAX);
  const left = outcomes.length - shown.length;
  const note = left > 0 ? `<p class="claim">The last ${left} are in the table only.</p>` : "";
  return `<h2 id="detail">One by one</h2>
<div class="slider"><button id="before">←</button>
<input type="range" min="0" max="${shown.length - 1}" value="0" aria-label="outcome">
<button id="after">→</button><output>1 of ${shown.length}</output></div>
${note}
${shown.map((outcome, index) => section(report, outcome, index)).join("\n")}`;
}

function section(report: Findings, outcome: OrderOutcome, index: number): string {
  const { outcomes: [first], replayCommand = (id) => id } = report;
  const { neighbour, witness, replayId } = outcome;
  const why = index === 0 ? "<p>This is what happens in the default order.</p>" : changes(outcome);
  const because = neighbour === undefined
    ? ""
    : `<h3>Why</h3><p>${escapeXml(whyText(neighbour))}</p>`;
  return `<section class="outcome card" id="outcome-${index + 1}">
<div class="columns">
<div>
<h3>${index === 0 ? "The default" : "The smallest change that leads here"}</h3>
${why}
${because}
${viewGroups(first, outcome).map((views) => viewText(first, outcome, views)).join("\n")}
<h3>Run it again</h3>
<pre class="command">${escapeXml(replayCommand(replayId))}</pre>
</div>
<div><h3>The order</h3>
${orderPicture(first.witness, witness)}
</div>
</div>
</section>`;
}

/** Views in which the same is different stand together, such as all views of a kernel that died. */
function viewGroups(first: OrderOutcome, outcome: OrderOutcome): string[][] {
  const views = Object.keys(outcome.views);
  if (outcome === first) return views.map((view) => [view]);
  const groups = Map.groupBy(views, (view) => changedLines(first, outcome, view).join());
  return [...groups].flatMap(([changed, group]) =>
    changed === "" ? group.map((view) => [view]) : [group]
  );
}

/** What views show: all of it for the default, and for others what is different and the rest on demand. */
function viewText(
  first: OrderOutcome,
  outcome: OrderOutcome,
  [view, ...more]: readonly string[],
): string {
  const lines = (outcome.views[view] ?? "").split("\n").filter((line) => line !== "");
  const all = lines.length === 0
    ? '<span class="same">nothing</span>'
    : lines.map(escapeXml).join("\n");
  const head = `<h3>${escapeXml([view, ...more].join(", "))}</h3>`;
  if (outcome === first) return `${head}<pre>${all}</pre>`;
  const changed = changedLines(first, outcome, view);
  const what = changed.length === 0
    ? '<p class="same">as in the default order</p>'
    : `<pre>${changed.join("\n")}</pre>`;
  return `${head}${what}<details><summary>all of it</summary><pre>${all}</pre></details>`;
}
