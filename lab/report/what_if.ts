/**
 * The part of a report where one step is moved by hand.
 *
 * @module
 */
import type { Findings, StepMoves } from "../result.ts";
import { escapeXml } from "../xml.ts";

/** Draws it; nothing where no step may move. Steps whose place makes no difference are left out. */
export function whatIf({ moves: all = [], outcomes: [{ witness: order }] }: Findings): string {
  if (all.length === 0) return "";
  const moves = all.filter(({ ends }) => ends.some((end) => end !== 0));
  const head = "<h2>What if one step came elsewhere?</h2>";
  if (moves.length === 0) {
    return `${head}\n<p class="claim">It would make no difference, whichever it is.</p>`;
  }
  const options = moves.map(({ home }, i) =>
    `<option value="${i}">${escapeXml(order[home])}</option>`
  );
  const { length } = all;
  const rest = length === moves.length
    ? ""
    : ` The other ${length - moves.length} make no difference.`;
  return `${head}
<div class="card whatif">
<p class="claim">The default order, but for one step. Choose it, and drag it to another place.${rest}</p>
<p><select aria-label="step">${options.join("")}</select></p>
<div class="strip"></div>
<input type="range" aria-label="place">
<p class="place"></p>
<p class="verdict"></p>
</div>
<script type="application/json" id="moves">${data(order, moves)}</script>`;
}

/** What the script of the page reads; no text in it ends the element that it stands in. */
function data(order: readonly string[], moves: readonly StepMoves[]): string {
  return JSON.stringify({ order, moves }).replaceAll("<", "\\u003c");
}

/** JavaScript: says how it ends when the chosen step comes at the chosen place. */
export const WHAT_IF_SCRIPT = `
const data = document.querySelector("#moves");
if (data !== null) {
  const { order, moves } = JSON.parse(data.textContent);
  const part = (name) => document.querySelector(".whatif " + name);
  const [select, range] = [part("select"), part("input")];
  const color = (end) => end < 0 ? "var(--soft)" : end === 0 ? "var(--good)" : "hsl(" + end * 67 % 360 + " 60% 55%)";
  const put = (element, ...parts) => element.replaceChildren(...parts);
  const strong = (text) => Object.assign(document.createElement("b"), { textContent: text });
  function tell() {
    const { home, first, ends } = moves[select.value];
    const place = Number(range.value);
    const others = order.toSpliced(home, 1);
    const end = ends[place - first];
    const around = [others[place - 1], others[place]];
    put(part(".place"), around[0] === undefined ? "" : around[0] + " → ", strong(order[home]),
      around[1] === undefined ? "" : " → " + around[1]);
    if (end < 0) return put(part(".verdict"), "It ends in a way that was not among those looked for.");
    if (end === 0) return put(part(".verdict"), place === home ? "This is the default order." : "It ends as in the default order.");
    const link = Object.assign(document.createElement("a"), { href: "#" + (end + 1), textContent: "way " + (end + 1) });
    const what = rows[end].cells[1].cloneNode(true);
    put(part(".verdict"), "It ends in ", link, ": ", document.createElement("br"), ...what.childNodes);
  }
  function begin() {
    const { home, first, ends } = moves[select.value];
    range.min = first;
    range.max = first + ends.length - 1;
    range.value = home;
    put(part(".strip"), ...ends.map((end) => {
      const mark = document.createElement("i");
      mark.style.background = color(end);
      return mark;
    }));
    tell();
  }
  range.addEventListener("input", tell);
  select.addEventListener("change", begin);
  begin();
}
`;
