import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseAst } from "./parse_ast.ts";

const HEAD = "/dts-v1/;\n";

Deno.test("parseAst() has no limit on siblings, levels, strings and parentheses", () => {
  const count = 100_000;
  const sources = [
    `/ {${"n { };".repeat(count)}};`,
    `/ {${"n {".repeat(count)}${"};".repeat(count)}};`,
    `/ { a = "${"x".repeat(1 << 20)}", <${"(".repeat(count)}1${")".repeat(count)}>; };`,
    `${"/memreserve/ 1 2;".repeat(count)} / { };`,
  ];
  for (const source of sources) assertEquals(parseAst(HEAD + source).diagnostics.found, []);
});

Deno.test("parseAst() gives few diagnostics for what is never closed", () => {
  const count = 100_000;
  const open = [
    "{",
    "/ {",
    "/ { a = <",
    "[",
    "(",
    "/ { a = <(",
    '"',
    "'",
    "/*",
    "&{",
    "l:",
    "/ { n {",
  ];
  for (const text of open) {
    const { diagnostics } = parseAst(HEAD + text.repeat(count));
    assert(diagnostics.errors > 0, text);
    assert(diagnostics.found.length <= 1000, text);
  }
});

Deno.test("parseAst() names the file and line that line markers give", () => {
  const { diagnostics } = parseAst(
    `${HEAD}# 12 "board.dts"\n/ {\n#line 3 "soc.dtsi" 1 2\n\ta = <x>;\n};\n`,
    { file: "t.dts" },
  );
  const [{ file, line, column }] = diagnostics.found;
  assertEquals([file, line, column], ["soc.dtsi", 3, 7]);
});

Deno.test("parseAst() reads or refuses any bytes, with and without preprocessor", () => {
  const words = [
    "#define A(x) x",
    "\n#if",
    "\n#endif",
    "A(",
    "##",
    "/ {",
    "};",
    "=",
    "<",
    ">",
    "\n",
  ]
    .concat([
      "\\\n",
      '"',
      "'",
      "/*",
      "*/",
      "#include <a>",
      "\n#elif 1",
      "\n#else",
      "&{/",
      "(",
      ")",
    ]);
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((list) =>
      new TextEncoder().encode(list.join(" "))
    ),
  );
  fc.assert(
    fc.property(texts, fc.boolean(), (bytes, preprocess) => {
      const { diagnostics } = parseAst(bytes, { preprocess, read: () => "\n#define B 1\n" });
      for (const diagnostic of diagnostics.found) JSON.stringify(diagnostic);
    }),
    { numRuns: 1500 },
  );
});
