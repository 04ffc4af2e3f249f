import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Diagnostics } from "./diagnostic.ts";
import { Includes } from "./include.ts";
import { Lexer } from "./lexer.ts";
import { parseAst } from "./parse_ast.ts";
import { SourceMap } from "./source.ts";
import { sourceTokens } from "./tokens.ts";
import { valueParts } from "./value_parts.ts";

const FILES: Record<string, string> = {
  "a.dtsi": "\ta = <1>; // a\n",
  "b.dtsi": '2 /* two */ 3\n/include/ "c.dtsi"\n',
  "c.dtsi": "",
};

/** The pieces of a source by file, as text; kinds other than tokens are checked against a grammar. */
function filesOf(source: string): Map<string, string> {
  const sources = new SourceMap();
  const includes = new Includes(sources, new Diagnostics(sources), (path) => FILES[path], []);
  const texts = new Map<number, { whole: string; joined: string; end: number }>();
  for (const piece of sourceTokens(new Lexer(sources.add("main", source), includes))) {
    const file = sources.fileAt(piece.start);
    const known = texts.get(file.start) ??
      { whole: sources.text(file), joined: "", end: file.start };
    assertEquals(piece.start, known.end);
    const text = String.fromCharCode(...sources.bytes.subarray(piece.start, piece.end));
    if (piece.kind === "space") assert(/^\s+$/.test(text));
    if (piece.kind === "comment") assert(/^(\/\*[^]*\*\/|\/\/.*\n)$|^\/[*/]/.test(text));
    if (piece.kind === "token") assert(!/^(\s|\/\*|\/\/)/.test(text));
    texts.set(file.start, { ...known, joined: known.joined + text, end: piece.end });
  }
  const latin1 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));
  return new Map([...texts.values()].map(({ whole, joined }) => [latin1(whole), joined]));
}

Deno.test("sourceTokens() leaves nothing of any file out", () => {
  const words = ["/ {", "};", "{", "}", ";", "a", "b@1", "=", "<", ">", "&l", "l:", '"s"', "[0a]"]
    .concat(["/delete-node/", "(1", ")", "?", "'c'", "/*", "*/", "//", "\n", "&{/a}", ",", "é"])
    .concat(['/include/ "a.dtsi"', '/include/"b.dtsi"', "/include/ x", '\n# 7 "q" 1 2\n', '"', "'"])
    .concat(["0x1g", "\\n", "\\", "&{a b}", "/foo/", "\0", "\t\r\v"]);
  const texts = fc.array(fc.constantFrom(...words), { maxLength: 40 })
    .chain((list) => fc.constantFrom(list.join(" "), list.join("")));
  fc.assert(
    fc.property(texts, (text) => {
      for (const [whole, joined] of filesOf(`/dts-v1/;\n${text}`)) assertEquals(joined, whole);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("valueParts() finds the parts of values also across files", () => {
  const source = `/dts-v1/;
/ {
  empty;
  a = l0: "one", l1: <l2: 1 /include/ "b.dtsi" &x 'c' (4 + 5)>, /incbin/("c.dtsi"), [aa bb], &x,
    /bits/ 16 <6 7>, "two" l3:;
  /include/ "a.dtsi"
};
`;
  const { ast, diagnostics } = parseAst(source, { read: (path) => FILES[path] });
  assertEquals(diagnostics.found, []);
  const [statement] = ast.statements;
  assert(statement.kind === "root");
  const [empty, parts, included] = statement.node.properties.map((each) => valueParts(ast, each));
  assertEquals(empty, []);
  assertEquals(
    parts.map((
      { kind, offset, length, elements },
    ) => [kind, offset, length, ...elements.map((each) => ast.sources.text(each))]),
    [
      ["string", 0, 4],
      ["u32", 4, 24, "1", "2", "3", "&x", "'c'", "(4 + 5)"],
      ["incbin", 28, 0],
      ["u8", 28, 2, "aa", "bb"],
      ["reference", 30, 0],
      ["u16", 30, 4, "6", "7"],
      ["string", 34, 4],
    ],
  );
  assertEquals(ast.sources.text(parts[5]), "/bits/ 16 <6 7>");
  assertEquals(included.map((part) => ast.sources.text(part)), ["<1>"]);
  assertEquals(ast.sources.place(included[0].start), { file: "a.dtsi", line: 1, column: 6 });
});
