/** The looks of a report, and the few lines that make its slider work. */

/** CSS. */
export const STYLE = `
:root { --ink: #1c2430; --soft: #667; --line: #dde1e7; --back: #f6f7f9; --good: #2e7d4f; --bad: #b3382c;
  --moved: #d9822b; --accent: #2f6db5; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); }
main { max-width: 1080px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 76ch; }
.claim { color: var(--soft); }
.card { background: white; border: 1px solid var(--line); border-radius: 8px; padding: 16px 20px; }
table { border-collapse: collapse; width: 100%; background: white; border: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); background: #fbfbfc; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.pick { cursor: pointer; }
tr.pick:hover td, tr.chosen td { background: #eef4fb; }
.bar { height: 6px; background: var(--accent); border-radius: 3px; margin-top: 5px; min-width: 2px; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: #f3f5f8; border-radius: 6px; padding: 9px 12px; margin: 4px 0; overflow-x: auto; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--soft); }
.plus { color: var(--accent); } .minus { color: var(--bad); } .same { color: var(--soft); }
.slider { display: flex; gap: 12px; align-items: center; margin: 10px 0 14px; }
.slider input { flex: 1; }
.slider button { font: inherit; padding: 3px 12px; }
.outcome { display: none; } .outcome.chosen { display: block; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; }
svg text { font: 12px ui-monospace, monospace; fill: var(--ink); }
.default { color: var(--good); font-weight: 600; }
@media (max-width: 800px) { .columns { grid-template-columns: 1fr; } }
`;

/** JavaScript: shows the outcome that the slider, a row, the keys or the address choose. */
export const SCRIPT = `
const slider = document.querySelector(".slider input");
const sections = [...document.querySelectorAll(".outcome")];
const rows = [...document.querySelectorAll("tr.pick")];
function choose(number) {
  const index = Math.min(Math.max(number, 0), sections.length - 1);
  slider.value = index;
  sections.forEach((section, i) => section.classList.toggle("chosen", i === index));
  rows.forEach((row, i) => row.classList.toggle("chosen", i === index));
  document.querySelector(".slider output").textContent = (index + 1) + " of " + sections.length;
  history.replaceState(null, "", "#" + (index + 1));
}
slider.addEventListener("input", () => choose(Number(slider.value)));
rows.forEach((row, i) => row.addEventListener("click", () => {
  choose(i);
  document.querySelector("#detail").scrollIntoView({ behavior: "smooth" });
}));
document.querySelector("#before").addEventListener("click", () => choose(Number(slider.value) - 1));
document.querySelector("#after").addEventListener("click", () => choose(Number(slider.value) + 1));
addEventListener("hashchange", () => choose(Number(location.hash.slice(1)) - 1));
choose((Number(location.hash.slice(1)) || 1) - 1);
`;
