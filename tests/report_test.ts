/** The report in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Findings, OrderOutcome } from "../lab/result.ts";
import { reportPage } from "../lab/report/page.ts";
import { lacks } from "./peers.ts";

function outcome(bindings: string, witness: string[], change: string[]): OrderOutcome {
  const counts = { classes: 1, orders: 2n, distance: change.length };
  const why = { neighbour: undefined, staleRead: undefined, replayId: witness.join("") };
  return { views: { bindings, errors: "" }, ...counts, witness, change, ...why };
}

const REPORT: Findings = {
  title: 'bus & driver <"x">',
  coverage: { kind: "exhaustive", text: "exhaustive" },
  exact: true,
  orders: 6n,
  runs: 3,
  outcomes: [
    outcome("virtio0: blk", ["bus", "driver", "device"], []),
    outcome("virtio0: nobody", ["driver", "bus", "device"], ["driver runs before bus"]),
    outcome("", ["driver", "device", "bus"], ["bus runs last"]),
  ],
  moves: [
    { home: 0, first: 0, ends: [0, 1, 2] },
    { home: 1, first: 0, ends: [1, 0] },
    { home: 2, first: 2, ends: [0, 0] },
  ],
};

/** The page after its script has run. */
async function browse(page: string, fragment: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/report.html`, page);
    const flags = [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...[`--user-data-dir=${folder}/profile`, "--virtual-time-budget=2000", "--dump-dom"],
    ];
    const { stdout, success } = await new Deno.Command("chromium", {
      args: [...flags, `file://${folder}/report.html${fragment}`],
      stderr: "null",
      signal: AbortSignal.timeout(180_000),
    }).output();
    assert(success, "the browser failed");
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The number of the section that is shown, what the slider says, and how many rows are marked. */
function shown(dom: string): string[] {
  const sections = [...dom.matchAll(/<section class="outcome card chosen" id="outcome-(\d)">/g)];
  const rows = dom.match(/<tr class="pick chosen">/g)?.length;
  return [
    ...sections.map(([, number]) => number),
    `${/<output>(.*)<\/output>/.exec(dom)?.[1]}`,
    `${rows}`,
  ];
}

Deno.test("a browser shows the outcome that the address names", {
  ignore: lacks("chromium"),
}, async () => {
  const dom = await browse(reportPage(REPORT), "#3");
  assertEquals(shown(dom), ["3", "3 of 3", "1"]);
  assertStringIncludes(dom, '<h1>bus &amp; driver &lt;"x"&gt;</h1>');
});

/** What a user does on the page, one after the other, and what is seen then. */
const DEEDS: readonly (readonly [deed: string, ...seen: string[]])[] = [
  ["", "outcome-1", "0", "bus → driver", "This is the default order."],
  ["fire(slider, 2)", "outcome-3", "2", "bus → driver", "This is the default order."],
  ["rows[1].click()", "outcome-2", "1", "bus → driver", "This is the default order."],
  ["press('#after')", "outcome-3", "2", "bus → driver", "This is the default order."],
  ["press('#after')", "outcome-3", "2", "bus → driver", "This is the default order."],
  ["press('#before')", "outcome-2", "1", "bus → driver", "This is the default order."],
  ["fire(place, 2)", "outcome-2", "1", "device → bus", "It ends in way 3: − virtio0: blk"],
  ["press('.verdict a')", "outcome-3", "2", "device → bus", "It ends in way 3: − virtio0: blk"],
  [
    "fire(select, 1, 'change')",
    ...["outcome-3", "2", "bus → driver → device", "This is the default order."],
  ],
  [
    "fire(place, 0)",
    ...["outcome-3", "2", "driver → bus", "It ends in way 2: virtio0: blk → nobody"],
  ],
];

/** Does them, and leaves what is seen in the title. Following a link takes a moment. */
function doing(deeds: readonly string[]): string {
  return `<script>{
const fire = (element, value, type = "input") => {
  element.value = value;
  element.dispatchEvent(new Event(type));
};
const press = (what) => document.querySelector(what).click();
const [slider, place] = document.querySelectorAll("input");
const select = document.querySelector("select");
const rows = document.querySelectorAll("tr.pick");
const text = (what) => document.querySelector(what).innerText.replace("\\n", " ");
const look = () => [
  ...[...document.querySelectorAll("section")].filter((s) => s.checkVisibility()).map((s) => s.id),
  slider.value, text(".place"), text(".verdict"),
];
(async () => {
  const seen = [];
  for (const deed of [${deeds.map((deed) => `() => ${deed || "0"}`).join(", ")}]) {
    deed();
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push(look());
  }
  document.title = encodeURIComponent(JSON.stringify(seen));
})();
}</script>`;
}

Deno.test(
  "a browser: slider, buttons, rows and links choose the outcome, and a step can be moved",
  {
    ignore: lacks("chromium"),
  },
  async () => {
    const script = doing(DEEDS.map(([deed]) => deed));
    const dom = await browse(reportPage(REPORT).replace("</body>", `${script}</body>`), "");
    const title = /<title>(.*)<\/title>/.exec(dom)?.[1] ?? "";
    assertEquals(JSON.parse(decodeURIComponent(title)), DEEDS.map(([, ...seen]) => seen));
  },
);

Deno.test("a report stands alone: it names no other file and no host", () => {
  assertEquals(reportPage(REPORT).match(/(src|href)=|https?:(?!\/\/www\.w3\.org)/g), null);
});

Deno.test("a report marks what moved and what is different", () => {
  const page = reportPage(REPORT);
  const second = page.split('id="outcome-2"')[1].split("</section>")[0];
  const change = 'virtio0: <span class="minus">blk</span> → <span class="plus">nobody</span>';
  assertStringIncludes(second, change);
  const third = page.split('id="outcome-3"')[1].split("</section>")[0];
  assertStringIncludes(third, "− virtio0: blk");
  // Of two steps that change places one has moved, drawn once on each side.
  assertEquals(second.match(/font-weight:600/g)?.length, 2);
});

Deno.test("a report of one outcome says that the order does not matter", () => {
  const page = reportPage({ ...REPORT, outcomes: REPORT.outcomes.slice(0, 1) });
  assertStringIncludes(page, "It ends in the same way</b>, whatever the order");
});
