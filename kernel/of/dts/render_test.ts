import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Diagnostics } from "./diagnostic.ts";
import { parseAst } from "./parse_ast.ts";
import { renderDiagnostics, type RenderOptions } from "./render.ts";
import { SourceMap } from "./source.ts";

/** What is wrong with a source that starts in line 2. */
function rendered(source: string, options?: RenderOptions): string {
  const { diagnostics } = parseAst(`/dts-v1/;\n${source}\n`, { file: "t.dts" });
  return renderDiagnostics(diagnostics.found, options);
}

Deno.test("renderDiagnostics() points to where a semicolon is missing", () => {
  assertEquals(
    rendered("/ {\n\ta = <1>\n\tb = <2>;\n};"),
    `\
t.dts:3:9: error[DTS0103]: expected \`;\` after the value of \`a\`
  |
3 |     a = <1>
  |            ^`,
  );
});

Deno.test("renderDiagnostics() marks the whole of what is wrong and says how to mend it", () => {
  assertEquals(
    rendered("/ { a = <virtio>; };"),
    `\
t.dts:2:10: error[DTS0202]: expected a number, a reference or \`>\`
  |
2 | / { a = <virtio>; };
  |          ^^^^^^
  = help: \`virtio\` is not a number; a reference to a label is written &virtio`,
  );
});

Deno.test("renderDiagnostics() shows several places, also of one line", () => {
  assertEquals(
    rendered("/ {\n\tm { };\n\n\n\ta = <(1 + 2>;\n\tn { };\n};"),
    `\
t.dts:6:13: error[DTS0112]: expected \`)\` before \`>\`
  |
6 |     a = <(1 + 2>;
  |          -     ^
  |          |
  |          to close this
t.dts:6:2: error[DTS0107]: expected all properties before the subnodes
  |
3 |     m { };
  |     - the first subnode
… |
6 |     a = <(1 + 2>;
  |     ^ this property comes too late
  = help: move \`a\` above \`m\``,
  );
});

Deno.test("renderDiagnostics() shows places in several files", () => {
  const sources = new SourceMap();
  const board = sources.add("board.dts", "/ {\n  a;\n};\n");
  const other = sources.add("other.dtsi", "\n\n  first;\n", { includedAt: board.start + 4 });
  const diagnostics = new Diagnostics(sources);
  diagnostics.error("DTS9999", { start: board.start + 6, end: board.start + 7 }, "twice", {
    related: [{ span: { start: other.start + 4, end: other.start + 9 }, text: "first one" }],
    notes: ["a note"],
  });
  assertEquals(
    renderDiagnostics(diagnostics.found),
    `\
board.dts:2:3: error[DTS9999]: twice
  |
2 |   a;
  |   ^
  --> other.dtsi:3
  |
3 |   first;
  |   ----- first one
  = note: a note`,
  );
});

Deno.test("renderDiagnostics() has a line for each, JSON, and a maximum", () => {
  const source = "/ {\n\ta = <x>\n\tb = <(1 / 0)>;\n\tc = <y>;\n};";
  assertEquals(rendered(source, { format: "line", max: 2 }).split("\n"), [
    "t.dts:3:7: error: expected a number, a reference or `>` [DTS0202] (`x` is not a number; a reference to a label is written &x)",
    "t.dts:4:10: error: division by zero [DTS0207] (every part of an expression is computed, also an unused one)",
    "and 1 more error",
  ]);
  const lines = rendered(source, { format: "json" }).split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ code, labels }) => [code, labels[0].start.line, labels[0].line.text]), [
    ["DTS0202", 3, "\ta = <x>"],
    ["DTS0207", 4, "\tb = <(1 / 0)>;"],
    ["DTS0202", 5, "\tc = <y>;"],
  ]);
});

Deno.test("renderDiagnostics() has colours only when asked for", () => {
  const source = "/ { a = <x>; };";
  const colored = rendered(source, { color: true });
  assertEquals(colored.includes("\x1b["), true);
  // deno-lint-ignore no-control-regex
  assertEquals(colored.replace(/\x1b\[[\d;]*m/g, ""), rendered(source));
});

Deno.test("renderDiagnostics() shows nothing of the source that a terminal would obey", () => {
  const shown = rendered('/ { a = "\x1b[31m\r\u202e", <x>; };');
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(shown), false);
});

Deno.test("renderDiagnostics() cuts long lines around the place", () => {
  const [, , line, marks] = rendered(`/ { a = <${"1 ".repeat(5000)}x${" 2".repeat(5000)}>; };`)
    .split("\n");
  assertEquals(line.length < 300, true);
  assertEquals(line.slice(marks.indexOf("^"), marks.indexOf("^") + 3), "x 2");
});

/** Text and how many cells of a terminal it takes. */
const PIECES: readonly [string, number][] = [
  ["a", 1],
  [" ", 1],
  ["é", 1],
  ["e\u0301", 1],
  ["日", 2],
  ["ｗ", 2],
  ["👍", 2],
  ["👨‍👩‍👧", 2],
  ["\u200b", 0],
];

Deno.test("renderDiagnostics() puts the caret under the place, whatever is before it", () => {
  const line = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 });
  fc.assert(fc.property(line, (pieces) => {
    const text = pieces.map(([piece]) => piece).join("");
    const width = pieces.reduce((sum, [, cells]) => sum + cells, 0);
    const [, , shown, marks] = rendered(`/ { a = "${text}", <x>; };`).split("\n");
    assertEquals(shown, `2 | / { a = "${text}", <x>; };`);
    assertEquals(marks, `  | ${" ".repeat('/ { a = "", <'.length + width)}^`);
  }));
});
