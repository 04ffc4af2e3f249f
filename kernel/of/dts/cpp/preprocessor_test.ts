import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { lacks } from "../../../../tests/peers.ts";
import { flattenDeviceTree } from "../../fdt_write.ts";
import { Diagnostics } from "../diagnostic.ts";
import { Includes } from "../include.ts";
import { parseDts } from "../parse.ts";
import { parseAst } from "../parse_ast.ts";
import { renderDiagnostics } from "../render.ts";
import { SourceMap } from "../source.ts";
import { preprocess } from "./preprocessor.ts";

/** Headers that the sources below include. */
const HEADERS: Record<string, string> = {
  "guarded.h": "#ifndef G_H\n#define G_H\n#define GUARDED 5\nguarded line\n#endif\n",
  "once.h": "#pragma once\nonce line\n",
  "imported.h": "imported line\n",
  "half.h": "#ifndef H_H\n#define H_H\nhalf line\n#else\nagain\n#endif\n",
  "tail.h": "#ifndef T_H\n#define T_H\ntail line\n#endif\ntail\n",
  "shadow.h": '#if __has_include_next(<shadow.h>)\nouter\n#include_next "shadow.h"\n#endif\n',
  "deep/shadow.h": "inner\n",
  "nested.h": '#include "once.h"\nnested __FILE__ __LINE__ __INCLUDE_LEVEL__',
};

/** One text for each thing that a preprocessor has to do. */
const TEXTS: Record<string, string> = {
  includes: `/dts-v1/;
#include "guarded.h"
#include "guarded.h"
# include "once.h"
#include <once.h>
#define HEADER "nested.h"
#include HEADER
#define HEADER2 <nested.h>
#include HEADER2
GUARDED
`,
  again: `#include "half.h"
#include "half.h"
#include "tail.h"
#include "tail.h"
#undef G_H
#include "guarded.h"
#import "imported.h"
#include "imported.h"
#import <once.h>
#import <guarded.h>
#include_next "shadow.h"
#include <shadow.h>
#include <deep/shadow.h>
`,
  "conditions by name": `#define FIVE 5
#if 0
no
#elifdef SIX
no
#elifdef FIVE
yes1
#elifndef SIX
no
#endif
#if 0
#elifndef FIVE
no
#elifndef SIX
yes2
#else
no
#endif
#if 1
#elifdef
#endif
#ifdef __has_include
yes3
#endif
#ifdef __has_include_next
yes4
#endif
#if defined __has_include_next && defined _Pragma
yes5
#endif
`,
  "what assemblers do not get": `#ident "a"
#sccs "b"
#pragma GCC poison x
#define E(x) x
E(_Pragma("a b") c) d
_Pragma
("q") e
#define S(x) #x
S(_Pragma("a") f)
`,
  conditions: `#define FIVE 5
#if FIVE == 5 && defined(FIVE) && !defined NOPE
yes1
#else
no1
#endif
#if 0
'unbalanced " /* text
 #if 1
no
 #else
no
 #endif
#elif 1
yes2
#elif 1/0
no
#else
no
#endif
#if (2 || 1/0) && (-1 > 0u) && (~0 == -1) && (3 ? 1 : 0) && 'a' == 97 && 0x10 == 16 && 010 == 8
yes3
#endif
#if -1 >> 1 == -1 && 1 << 3 == 8 && 7 % 4 == 3 && -7 / 2 == -3 && (1 ? -1 : 0u) > 0
yes4
#endif
#if __has_include("guarded.h") && !__has_include("nope.h")
yes5
#endif
#ifndef FIVE
no
#elif defined NOPE || FIVE - 5
no
#else
yes6
#endif
`,
  tree: `#define GUARDED 5
#define MULTI(a, \\
  b) a \\
 + b
/ {
	#address-cells = <1>;
	#size-cells = <GUARDED>;
	p = <MULTI(1,
2)>; // GUARDED comment
	/* GUARDED
	 */ q = "GUARDED", 'G', <GUARDED>;
#ifdef GUARDED
	r-GUARDED = <GUARDED GUARDED>;
	uart@GUARDED { };
#undef GUARDED
	s = <GUARDED>;
#endif
	t = "two
GUARDED lines", <__LINE__>;
};
`,
  rescanning: `#define A(x) x A(2)
A(1) A(A(3))
#define B(x) C(x
#define C(x) [x]
B(1)) tail
#define g(x) h
#define h(x) <x>
g(1)(2) g(1) (3)
#define OBJ (x)
#define FN(y) y
FN OBJ FN
(7)
FN
;
#define f1 f2
#define f2 f1
f1 f2
#define self self + 1
self
`,
  arguments: `#define CAT(a,b) a##b
CAT(+,x) CAT(x,+) CAT(/,/) CAT(1,2) CAT(,x) CAT(x,) CAT(,) CAT(a b, c d)
#define STR(x) #x
STR(a  "q\\n" 'c' \\ b) STR(  ) STR(a/**/b) # x
#define H(x) # y x
H(3)
#define V(fmt, ...) fmt, ##__VA_ARGS__ ; __VA_ARGS__
V(1) V(1,) V(1,2,3)
#define VN(fmt, a...) [fmt, ##a]
VN(1) VN(1,2)
#define VO(x, ...) x __VA_OPT__(, yes __VA_ARGS__)
VO(1) VO(1,2)
STR( a
#ifdef V
 V2
#endif
) CAT
(1
,
2) tail
#define NEG -1
#define EMPTY
-NEG -NEG- NEG+ <NEG> &NEG x@NEG NEG,NEG 0x1e-NEG 1.NEG
= EMPTY C-EMPTY;
= (EMPTY EMPTY; EMPTY EMPTY-; =EMPTY EMPTY;
a EMPTY b aEMPTY a-EMPTY-b <EMPTY> EMPTY;
#define GIVES(p) x
= GIVES()EMPTY, GIVES()EMPTY y, GIVES()GIVES(), GIVES()GIVES, GIVES()EMPTY;
__COUNTER__ __COUNTER__ __STDC__ __ASSEMBLER__ __DTS__
`,
};

function ours(text: string, name = "main.S"): { text: string; said: string } {
  const sources = new SourceMap();
  const diagnostics = new Diagnostics(sources);
  const includes = new Includes(sources, diagnostics, (path) => HEADERS[path], ["", "deep"]);
  const file = preprocess(sources.add(name, text), includes, { __DTS__: "1" });
  return { text: sources.text(file), said: renderDiagnostics(diagnostics.found) };
}

/** What cpp makes of a text, in the folder that holds the headers. */
function cpp(folder: string, text: string): string {
  Deno.writeTextFileSync(`${folder}/main.S`, text);
  const args = "-nostdinc -undef -D__DTS__ -x assembler-with-cpp -P -I. -Ideep main.S".split(" ");
  const { stdout } = new Deno.Command("cpp", { args, cwd: folder, stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout).replaceAll('"./', '"');
}

/** Comments and the amount of white space do not count. */
function lines(text: string): string[] {
  return text.replace(/\/\*[^]*?\*\//g, " ").replace(/\/\/[^\n]*/g, "").split("\n")
    .map((line) => line.trim().replace(/\s+/g, " ")).filter((line) => line !== "");
}

function withHeaders(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}/deep`);
  for (const [name, text] of Object.entries(HEADERS)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
  }
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.test({
    name: `preprocess() gives the tokens that cpp gives: ${name}`,
    ignore: lacks("cpp"),
    fn: () =>
      withHeaders((folder) => assertEquals(lines(ours(text).text), lines(cpp(folder, text)))),
  });
}

Deno.test({
  name: "preprocess() gives the tokens that cpp gives for generated macros",
  ignore: lacks("cpp"),
  fn() {
    const names = ["A", "B", "C", "F", "G"];
    const word = fc.constantFrom(...names, "x", "1", "+", "-", "<", "(", ")", ",", "F(", "G(", ";")
      .chain((text) => fc.constantFrom(text, ` ${text}`));
    const words = fc.array(word, { maxLength: 8 }).map((list) => list.join(""));
    const body = fc.array(
      fc.constantFrom(
        ...names,
        "p",
        "q",
        "#p",
        "p ## q",
        " ",
        "+",
        "-",
        "(p)",
        "F(q)",
        "G(p,q)",
        "1",
      ),
      { maxLength: 6 },
    ).map((list) => list.join(" "));
    const macro = fc.oneof(
      fc.tuple(fc.constantFrom("A", "B", "C"), words).map((pair) => pair.join(" ")),
      body.map((text) => `F(p) ${text.replaceAll("q", "p")}`),
      body.map((text) => `G(p, q) ${text}`),
    );
    const program = fc.tuple(fc.array(macro, { maxLength: 5 }), words).map(([macros, use]) => {
      const balanced = use + ")".repeat(Math.max(0, use.split("(").length - use.split(")").length));
      const defines = macros.map((text) => `#define ${text}`).join("\n");
      const undefs = names.map((name) => `#undef ${name}`).join("\n");
      return { text: `${defines}\n= ${balanced}\n${undefs}\n` };
    });
    withHeaders((folder) => {
      fc.assert(
        fc.property(fc.array(program, { minLength: 20, maxLength: 40 }), (programs) => {
          const clean = programs.filter(({ text }) => ours(text).said === "").map(({ text }) =>
            text
          );
          const all = clean.join("");
          assertEquals(lines(ours(all).text), lines(cpp(folder, all)));
        }),
        { numRuns: 15 },
      );
    });
  },
});

Deno.test("parseDts() reads source with includes and macros, and costs others nothing", () => {
  const header = "#define IRQ(n) 0 n 4\n#define BASE 0x1000\n";
  const source = `/dts-v1/;
#include <irq.h>
/ {
	#address-cells = <1>;
	uart@BASE {
		reg = <BASE 0x100>;
		interrupts = <IRQ(7)>;
	};
};
`;
  const read = (path: string) => path === "include/irq.h" ? header : undefined;
  const tree = parseDts(source, { read, includePaths: ["include"] });
  const plain = `/dts-v1/; / { #address-cells = <1>; uart@0x1000 { reg = <0x1000 0x100>;
    interrupts = <0 7 4>; }; };`;
  assertEquals(flattenDeviceTree(tree), flattenDeviceTree(parseDts(plain)));
  assertEquals(parseAst(plain).ast.sources.files.length, 1);
  assertEquals(
    parseAst("/dts-v1/;\n/ {\n#define-cells = <1>;\n#if = <2>;\n};").diagnostics.found,
    [],
  );
});

Deno.test("preprocess() does not read a file again that its guard leaves empty", () => {
  const read = (path: string) => HEADERS[path];
  const again = (name: string) =>
    parseAst(`/dts-v1/;\n#include "${name}"\n#include "${name}"\n`, { read })
      .ast.sources.files.filter((file) => file.name === name).length;
  assertEquals(["guarded.h", "once.h", "half.h", "tail.h"].map(again), [1, 1, 2, 2]);
});

Deno.test("diagnostics of preprocessed text point into the files and name the macros", () => {
  const read = (path: string) =>
    path === "m.h" ? "\n#define INNER(x) <(x + )>\n#define OUTER(x) INNER(x)\n" : undefined;
  const source = '/dts-v1/;\n#include "m.h"\n/ {\n\ta = OUTER(1);\n\tb = <1>\n};\n';
  const { diagnostics } = parseAst(source, { file: "t.dts", read });
  const [first, second] = diagnostics.found;
  assertEquals([first.code, first.file, first.line, first.column], ["DTS0208", "t.dts", 4, 6]);
  assertEquals(
    first.labels[0].expandedFrom.map(({ macro, defined }) => [macro, defined?.file, defined?.line]),
    [["INNER", "m.h", 2], ["OUTER", "m.h", 3]],
  );
  assertEquals(renderDiagnostics([first]).split("\n").slice(3, 6), [
    "  |         ^^^^^^^^",
    "  = in the expansion of `INNER`, defined at m.h:2",
    "  = in the expansion of `OUTER`, defined at m.h:3",
  ]);
  assertEquals([second.code, second.line, second.column], ["DTS0103", 5, 9]);
});

/** What is wrong with directives: the code and the line. */
const MISTAKES: readonly [string, string][] = [
  ["DTS0004 1", "#include nothing\n"],
  ["DTS0006 1", '#include "absent.h"\n'],
  ["DTS0501 1", "#define 1\n"],
  ["DTS0502 2", "\n#if 1\n"],
  ["DTS0503 1", "#endif\n"],
  ["DTS0503 3", "#if 1\n#else\n#else\n#endif\n"],
  ["DTS0504 1", "#if 1 +\n#endif\n"],
  ["DTS0504 1", "#if 1 / 0\n#endif\n"],
  ["DTS0504 1", `#if ${"(".repeat(100_000)}\n#endif\n`],
  ["DTS0505 1", "#error stop here\n"],
  ["DTS0506 1", "#warning look here\n"],
  ["DTS0507 2", "#define A 1\n#define A 2\n"],
  ["DTS0508 2", "#define A(x) x\nA(1, 2)\n"],
  ["DTS0509 2", "#define A(x) x\nA(1\n"],
  ["DTS0511 1", "#define A(x, x) x\n"],
  ["DTS0512 1", "#define A ## x\n"],
  ["DTS0516 3", '#define A(x) x\nA(1\n#include "once.h"\n)\n'],
];

for (const [expected, text] of MISTAKES) {
  Deno.test(`preprocess() finds ${expected} in ${JSON.stringify(text.slice(0, 40))}`, () => {
    const { diagnostics } = parseAst(text, { preprocess: true, read: (path) => HEADERS[path] });
    const [first] = diagnostics.found;
    assertEquals(`${first.code} ${first.line}`, expected);
  });
}

Deno.test("preprocess() ends, whatever macros and files do", () => {
  let laughs = "#define L0 ha ha ha ha ha ha ha ha ha ha\n";
  for (let at = 1; at < 30; at++) laughs += `#define L${at} L${at - 1} L${at - 1} L${at - 1}\n`;
  assert(ours(`${laughs}L29\n`).said.includes("DTS0510"));
  const nested = `#define F(x) x\n${"F(".repeat(5000)}1${")".repeat(5000)}\n`;
  assert(ours(nested).said.includes("DTS0510"));
  const { diagnostics } = parseAst('#include "t.dts"\n', {
    file: "t.dts",
    read: () => '#include "t.dts"\n',
  });
  assertEquals(diagnostics.found[0].code, "DTS0005");
});
