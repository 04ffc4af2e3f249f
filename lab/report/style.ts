/** The looks of a report, and the few lines that make its slider work. */

/** CSS. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #667; --line: #dde1e7; --back: #f6f7f9; --card: #fff;
  --inset: #f3f5f8; --chosen: #eef4fb; --thread: #c3c9d2; --good: #2e7d4f; --bad: #b3382c; --moved: #c26f1a;
  --accent: #2f6db5; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe4ec; --soft: #98a1b0; --line: #343c49; --back: #14181f;
  --card: #1c222b; --inset: #262d38; --chosen: #223049; --thread: #4a5464; --good: #6cc08b; --bad: #f0857a;
  --moved: #eda24f; --accent: #7db1f0; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); }
main { max-width: 1080px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 76ch; }
.claim { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px 20px; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); background: var(--inset); }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.pick { cursor: pointer; }
tr.pick:hover td, tr.chosen td { background: var(--chosen); }
.bar { height: 6px; background: var(--accent); border-radius: 3px; margin-top: 5px; min-width: 2px; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--inset); border-radius: 6px; padding: 9px 12px; margin: 4px 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--soft); }
.plus { color: var(--accent); } .minus { color: var(--bad); } .same { color: var(--soft); }
.slider { display: flex; gap: 12px; align-items: center; margin: 10px 0 14px; }
.slider input { flex: 1; }
.slider button { font: inherit; padding: 3px 12px; }
.outcome { display: none; } .outcome.chosen { display: block; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; }
svg text { font: 12px ui-monospace, monospace; fill: var(--ink); }
.default { color: var(--good); font-weight: 600; }
ul { margin: 0; padding-left: 18px; } .card ul { margin: 6px 0; }
a { color: var(--accent); }
.whatif select { font: inherit; max-width: 100%; } .whatif input { width: 100%; margin: 2px 0; }
.whatif p { overflow-wrap: anywhere; }
.strip { display: flex; height: 10px; border-radius: 5px; overflow: hidden; } .strip i { flex: 1; }
@media (max-width: 800px) {
  main { padding: 18px 12px 60px; }
  .columns { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .ends, .ends tbody, .ends tr, .ends td { display: block; }
  .ends tr:first-child { display: none; }
  .ends tr { border-top: 1px solid var(--line); padding: 6px 0; }
  .ends td { border: 0; padding: 2px 12px; overflow-wrap: anywhere; }
  .ends td.number { text-align: left; } .ends td.number br { display: none; }
  .ends td:first-child::before { content: "way "; }
}
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
