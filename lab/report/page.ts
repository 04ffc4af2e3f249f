/**
 * A report as one HTML file that needs nothing else.
 *
 * @module
 */
import { escapeXml } from "../xml.ts";
import { whyText } from "../explore/explain.ts";
import type { Findings, OrderOutcome } from "../result.ts";
import { orderPicture } from "./order_picture.ts";
import { SCRIPT, STYLE } from "./style.ts";

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
<table>
<tr><th>#</th><th>What is different</th><th>How many orders</th><th>The smallest change that leads there</th></tr>
${report.outcomes.map((outcome, index) => row(report, outcome, index)).join("\n")}
</table>
${details(report)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function summary({ coverage, orders, runs, outcomes }: Findings): string {
  const what = orders === undefined ? "Explored" : `${plural(orders, "order")}, explored`;
  const ways = outcomes.length === 1
    ? "<b>It ends in the same way</b>, whatever the order."
    : `It can end in <b>${outcomes.length} ways</b>; the first is that of the default order.`;
  return `<p class="claim">${what} in ${plural(runs, "run")}: ${escapeXml(coverage.text)}.</p>
<p>${ways}</p>`;
}

function plural(count: number | bigint, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count == 1 ? "" : "s"}`;
}

function row(report: Findings, outcome: OrderOutcome, index: number): string {
  const changes = index === 0
    ? '<span class="default">the default order</span>'
    : outcome.change.map(escapeXml).join("<br>");
  const differs = index === 0 ? "nothing" : differences(report.outcomes[0], outcome, 3);
  return `<tr class="pick"><td class="number">${index + 1}</td><td>${differs}</td>
<td class="number">${count(report, outcome)}</td><td>${changes}</td></tr>`;
}

function count(report: Findings, { orders, classes }: OrderOutcome): string {
  if (orders === undefined || report.orders === undefined) return plural(classes, "class");
  const share = Number(orders * 10000n / report.orders) / 100;
  const percent = share < 0.01 ? "< 0.01" : String(share);
  return `${orders.toLocaleString("en")}<br><span class="same">${percent} %</span>
<div class="bar" style="width:${share}%"></div>`;
}

/** Lines of views that only one of two outcomes has. */
function differences(from: OrderOutcome, to: OrderOutcome, most: number): string {
  const lines = Object.keys(to.views).flatMap((view) => changedLines(from, to, view));
  const more = lines.length - most;
  const shown = lines.slice(0, most).join("<br>");
  return more > 0
    ? `${shown}<br><span class="same">and ${plural(more, "line")} more</span>`
    : shown;
}

function changedLines(from: OrderOutcome, to: OrderOutcome, view: string): string[] {
  const before = linesOf(from, view);
  const after = linesOf(to, view);
  const gone = before.filter((line) => !after.includes(line));
  const come = after.filter((line) => !before.includes(line));
  if (gone.length + come.length > 0) {
    return [
      ...gone.map((line) => `<code class="minus">− ${escapeXml(line)}</code>`),
      ...come.map((line) => `<code class="plus">+ ${escapeXml(line)}</code>`),
    ];
  }
  return from.views[view] === to.views[view]
    ? []
    : [`<span class="same">the same ${escapeXml(view)} in another order</span>`];
}

function linesOf({ views }: OrderOutcome, view: string): string[] {
  return (views[view] ?? "").split("\n").filter((line) => line !== "");
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
  const { change, neighbour, witness, replayId } = outcome;
  const why = index === 0
    ? "<p>This is what happens in the default order.</p>"
    : `<p>${change.map(escapeXml).join("<br>")}</p>`;
  const because = neighbour === undefined
    ? ""
    : `<h3>Why</h3><p>${escapeXml(whyText(neighbour))}</p>`;
  return `<section class="outcome card" id="outcome-${index + 1}">
<div class="columns">
<div>
<h3>${index === 0 ? "The default" : "The smallest change that leads here"}</h3>
${why}
${because}
${Object.keys(outcome.views).map((view) => viewText(first, outcome, view)).join("\n")}
<h3>Run it again</h3>
<pre>${escapeXml(replayCommand(replayId))}</pre>
</div>
<div><h3>The order</h3>
${orderPicture(first.witness, witness)}
</div>
</div>
</section>`;
}

function viewText(first: OrderOutcome, outcome: OrderOutcome, view: string): string {
  const before = linesOf(first, view);
  const after = linesOf(outcome, view);
  const gone = before.filter((line) => !after.includes(line));
  const lines = [
    ...gone.map((line) => `<span class="minus">− ${escapeXml(line)}</span>`),
    ...after.map((line) =>
      before.includes(line)
        ? `  ${escapeXml(line)}`
        : `<span class="plus">+ ${escapeXml(line)}</span>`
    ),
  ];
  const text = lines.length === 0 ? '<span class="same">nothing</span>' : lines.join("\n");
  return `<h3>${escapeXml(view)}</h3><pre>${text}</pre>`;
}
