import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { lacks } from "../../../tests/peers.ts";
import { CODES } from "./codes.ts";
import { DtsError } from "./diagnostic.ts";
import { parseDts } from "./parse.ts";

/**
 * Mistakes: source with `¦` where a diagnostic must point, and the codes in the order of the places. The
 * header is left out where nothing is wrong with it.
 */
const MISTAKES: readonly [string, string][] = [
  ["DTS0001", "¦\ufeff/dts-v1/;\n/ { };"],
  ["DTS0002", "/ { ¦/* never closed"],
  ["DTS0003", "/ { };\n¦// no line end"],
  ["DTS0004", "¦/include/ file\n/ { };"],
  ["DTS0006", '¦/include/ "absent.dtsi"\n/ { };'],
  ["DTS0007", '/ {\n\ta = ¦"open;\n\tb = <1>;\n\tc = "closed";\n};'],
  ["DTS0007 DTS0202", '/ {\n\ta = ¦"open;\n\tb = "closed";\n\tc = <¦x>;\n};'],
  ["DTS0007", '/ {\n\ta = ¦"last open string;\n};'],
  ["DTS0008", '/ { a = "b¦\\xg"; };'],
  ["DTS0008", '# 5 "a¦\\xg"\n/ { };'],
  ["DTS0015", '# 5 "¦a\\0b"\n/ { };'],
  ["DTS0009 DTS0009 DTS0009", "/ { a = <¦'' ¦'ab'>, <1 ¦'x>; };"],
  ["DTS0010 DTS0010 DTS0010", "/ { a = <¦0b11 1>; b = <¦08>; c = <(1 + ¦1_000)>; };"],
  ["DTS0011", "/ { a = <(1 + ¦0x10000000000000000)>; };"],
  ["DTS0012 DTS0012", "/ { a = ¦&{soc}; b = <¦&{/a b}>; };"],
  ["DTS0013", "/ { ¦/delete-proprty/ a; b; };"],
  ["DTS0101 DTS0202", "¦\n/ { a = <¦x>; };"],
  ["DTS0101 DTS0202", "¦/dts-v2/;\n/ { a = <¦x>; };"],
  ["DTS0101", "¦/plugin/;\n/ { };"],
  ["DTS0102", "/dts-v1/;\n/plugin/;\n¦/dts-v1/;\n/ { };"],
  ["DTS0103 DTS0103", "/ { a = <1>¦ b = <2>; c¦ };"],
  ["DTS0103 DTS0103", "/ {\n\tn {\n\t\ta = <1>¦\n\t\tinterrupt-parent = <2>;\n\t}¦\n\tm { };\n};"],
  ["DTS0103", "/ {\n\ta = <1>¦\n\tl: uart@1 { };\n};"],
  ["DTS0103", "/ { }¦\n/ { };"],
  ["DTS0103", "/ { a = <1>; };\n/delete-node/ &{/}¦\n/ { };"],
  ["DTS0103", "/ { a = <1>¦"],
  ["DTS0104", "/ {\n\tuart@0¦\n\t\treg = <0>;\n\t};\n};"],
  ["DTS0104", "/ { /omit-if-no-ref/ a¦; };"],
  ["DTS0105", "/ {\n\tn {\n\t\ta;\n\t};¦\n"],
  ["DTS0105 DTS0202", "/ {\n\tn {\n\t\ta;\n};¦\n\n&l {\n\tb = <¦x>;\n};"],
  ["DTS0106", "/ { n { }; }; ¦};\n/ { };"],
  ["DTS0107", "/ { n { }; ¦a; b = <1>; m { }; };"],
  ["DTS0108 DTS0108", '/ { a¦ <1>; b¦: "x"; c; };'],
  ["DTS0109 DTS0109", '/ { a = "x"¦ "y", "z"; b = <1>¦ <2> /bits/ 8 <3>; };'],
  ["DTS0110 DTS0110", '/ {\n\ta = <1 2¦;\n\tb = <3¦\n\tstatus = "okay";\n};'],
  ["DTS0111", "/ { a = [00 11¦; b; };"],
  ["DTS0112 DTS0112", "/ { a = <(1 + 2¦>; b = <((1) ¦3)>; };"],
  ["DTS0113 DTS0113", "/ { a; ¦; ¦= <1>; b; };"],
  ["DTS0113", "/ { a; ¦&l { b; }; c; };"],
  ["DTS0114 DTS0114", "/ { }; ¦a { b; };\n/ { };\n¦;"],
  ["DTS0115", "/memreserve/ 1 2;¦"],
  ["DTS0115", "¦l: &{/} { };"],
  ["DTS0115", "¦/delete-node/ &l;\n/ { };"],
  ["DTS0116 DTS0116 DTS0116", "¦l: / { ¦a-b: n { }; };\na: ¦b: &{/n} { };"],
  ["DTS0117", "/ { };\n¦/memreserve/ 1 2;"],
  ["DTS0118", "/ { l: n { }; /delete-node/ ¦&l; };"],
  ["DTS0119 DTS0119", "/ { n { l:¦ }; /delete-property/ ¦<1>; };"],
  ["DTS0120", "/ { n { }; };\n/delete-node/ ¦n;"],
  ["DTS0121", "/dts-v1/;\n/plugin/;\n¦&{l/n} { };"],
  ["DTS0201 DTS0201 DTS0201", "/ { a =¦ ; b = ¦okay; c = <1>,¦ ; d = <2>; };"],
  ["DTS0202 DTS0202 DTS0202", "/ { a = <¦x y>; b = <1¦, 2, 3>; c = <¦-1>; };"],
  ["DTS0203 DTS0203", "/ { a = <¦0x100000000 1>; b = /bits/ 16 <1 ¦(0x8000 * 2)>; };"],
  ["DTS0204 DTS0204", "/ { a = /bits/ ¦12 <1>; b = /bits/ 8 ¦[1]; };"],
  ["DTS0205 DTS0205", "/ { a = /bits/ 64 <¦&l>; b = <(1 + ¦&l)>; };"],
  ["DTS0206 DTS0206", "/ { a = [¦0x12 0x34]; b = [12¦, 34]; };"],
  ["DTS0207", "/ { a = <(1 ¦/ 0)>; };"],
  ["DTS0208 DTS0208", "/ { a = <(1 ¦? 2)>; b = <(1 + ¦)>; };"],
  ["DTS0209", '/ { a = /incbin/("f", 1¦); b; };'],
];

function diagnosticsOf(text: string): DtsError["diagnostics"] {
  try {
    parseDts(text, { file: "t.dts", compat: text.includes("&{l/n}") ? "1.8" : "1.6" });
  } catch (error) {
    if (error instanceof DtsError) return error.diagnostics;
    throw error;
  }
  return [];
}

function places(marked: string): { text: string; at: string[] } {
  const at: string[] = [];
  const text = marked.replace(/¦/g, (_, offset: number) => {
    const before = marked.slice(0, offset).replaceAll("¦", "").split("\n");
    at.push(`${before.length}:${before[before.length - 1].length + 1}`);
    return "";
  });
  return { text, at };
}

/** The mistake's text and where diagnostics must point. */
function mistake(marked: string): { text: string; at: string[] } {
  const headed = /^¦?(\ufeff?\/dts-v|\/plugin|\n)/.test(marked);
  const ended = marked.includes("//");
  return places(`${headed ? "" : "/dts-v1/;\n"}${marked}${ended ? "" : "\n"}`);
}

for (const [codes, marked] of MISTAKES) {
  Deno.test(`parseDts() finds ${codes} in ${JSON.stringify(marked)}`, () => {
    const { text, at } = mistake(marked);
    const found = diagnosticsOf(text).map(({ code, line, column }) => `${code} ${line}:${column}`);
    assertEquals(found, codes.split(" ").map((code, index) => `${code} ${at[index]}`));
  });
}

Deno.test({
  name: "dtc refuses every one of these mistakes as well",
  ignore: lacks("dtc"),
  async fn() {
    for (const [, marked] of MISTAKES) {
      const dtc = new Deno.Command("dtc", {
        args: ["-qqq", "-O", "dtb", "-o", "/dev/null"],
        stdin: "piped",
        stderr: "null",
      }).spawn();
      const writer = dtc.stdin.getWriter();
      await writer.write(new TextEncoder().encode(mistake(marked).text));
      await writer.close();
      assert(!(await dtc.status).success, marked);
    }
  },
});

Deno.test("every code of the parser has a mistake that leads to it", () => {
  const parser = Object.keys(CODES).filter((code) => !code.startsWith("DTS05"));
  const seen = new Set(MISTAKES.flatMap(([codes]) => codes.split(" ")));
  const elsewhere = ["DTS0005", "DTS0014"];
  assertEquals(parser.filter((code) => !seen.has(code)), elsewhere);
});

Deno.test("one deletion or insertion in a correct file gives few errors", () => {
  const good = `/dts-v1/;
/memreserve/ 0x1000 (2 * 4);
/ {
  compatible = "example,board", "example,generic";
  #address-cells = <1>;
  l: soc {
    ranges;
    uart0: serial@1000 {
      reg = <0x1000 (1 << 8)>, <&l 'a'>;
      mac = [00 11 22];
      /delete-property/ status;
    };
  };
};
&uart0 { status = "okay"; };
`;
  assertEquals(diagnosticsOf(good), []);
  for (let at = 10; at < good.length; at++) {
    const found = diagnosticsOf(good.slice(0, at) + good.slice(at + 1));
    assert(found.length <= 2, `${found.length} without byte ${at}`);
  }
  const junk = [";", "}", "{", ">", "<", '"', "x", ",", "&", "(", "=", "/", "1", "\n", "'", "["];
  const insertion = fc.tuple(
    fc.integer({ min: 10, max: good.length - 1 }),
    fc.constantFrom(...junk),
  );
  fc.assert(
    fc.property(insertion, ([at, text]) => {
      const changed = good.slice(0, at) + text + good.slice(at);
      const found = diagnosticsOf(changed);
      assert(found.length <= 5, `${found.length} in ${changed}`);
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseDts() hands out warnings", () => {
  const warnings: string[] = [];
  const source = "/dts-v1/; / { a = <0x100000000>; };";
  parseDts(source, {
    compat: "1.8",
    warn: ({ code, column }) => warnings.push(`${code} ${column}`),
  });
  assertEquals(warnings, ["DTS0203 20"]);
});
