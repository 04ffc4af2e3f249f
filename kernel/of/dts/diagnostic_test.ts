import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DtsError } from "./diagnostic.ts";
import { parseDts, type ParseDtsOptions } from "./parse.ts";

/** The error that a source gives. */
function errorOf(source: string, options: ParseDtsOptions = { file: "t.dts" }): DtsError {
  return assertThrows(() => parseDts(source, options), DtsError);
}

Deno.test("DtsError has several diagnostics from one run", () => {
  const error = errorOf("/dts-v1/;\n/ {\n a = <1 +>;\n b = <2>\n};\n");
  assertEquals(error.diagnostics.map(({ line, column }) => [line, column]), [[3, 9], [4, 9]]);
  assertEquals(
    error.message,
    "t.dts:3:9: expected a number, a reference or `>` (and 1 more)",
  );
  const semantic = errorOf("/dts-v1/;\n/ { p = <&x>; q = &y; };\n&z { };\n");
  assertEquals(
    semantic.diagnostics.map(({ line, column, labels }) => [line, column, labels[0].end.column]),
    [
      [3, 1, 3],
      [2, 10, 12],
      [2, 19, 21],
    ],
  );
});

Deno.test("DtsError names the included file and where it is included", () => {
  const read = (path: string) => path === "boards/a.dtsi" ? "/ { x = <\n" : undefined;
  const error = errorOf('/dts-v1/;\n\n/include/ "a.dtsi"\n', { file: "boards/b.dts", read });
  assertEquals(error.message, "boards/a.dtsi:1:10: expected `>` after the cells");
  const inside = errorOf('/dts-v1/;\n/include/ "a.dtsi"\n', {
    file: "b.dts",
    read: () => "/ { x = ; };\n",
  });
  const [{ labels: [label] }] = inside.diagnostics;
  assertEquals([label.start, label.includedFrom], [
    { file: "a.dtsi", line: 1, column: 8 },
    [{ file: "b.dts", line: 2, column: 1 }],
  ]);
});

Deno.test("DtsError stops at files that cannot be read or include themselves", () => {
  const source = '/dts-v1/;\n/include/ "t.dts"\n';
  assertEquals(
    errorOf(source).message,
    "t.dts:2:1: cannot read `t.dts`",
  );
  assertEquals(
    errorOf(source, { file: "t.dts", read: () => source }).message,
    "t.dts:2:1: expected at most 200 files that include each other",
  );
  assertEquals(
    errorOf(source, { file: "t.dts", read: () => undefined }).message,
    "t.dts:2:1: cannot read `t.dts`",
  );
});

Deno.test("parseDts() of 20,000 levels and of 20,000 parentheses ends", () => {
  const depth = 20_000;
  const nested = `/dts-v1/; / { ${"n { ".repeat(depth)}${"}; ".repeat(depth)}};`;
  assertEquals([...parseDts(nested).nodes()].length, depth + 1);
  const cells = `/dts-v1/; / { a = <${"(".repeat(depth)}7${")".repeat(depth)}>; };`;
  assertEquals(parseDts(cells).root.get("a"), Uint8Array.of(0, 0, 0, 7));
});

Deno.test("parseDts() reads or refuses any text", () => {
  const words = ["/ {", "};", "{", "}", ";", "a", "b@1", "=", "<", ">", "&l", "l:", '"s"', "[0a]"]
    .concat(["/delete-node/", "(1", ")", "?", ":", "'c'", "/*", "*/", "//", "\n", "&{/a}", ","]);
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((list) => list.join(" ")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseDts(`/dts-v1/;\n/ { l: a { }; };\n${text}`);
      } catch (error) {
        if (!(error instanceof DtsError)) throw error;
        error.render();
      }
    }),
    { numRuns: 2000 },
  );
});
