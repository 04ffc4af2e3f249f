import { assertEquals } from "@std/assert";
import { CheckLevels } from "../checks/levels.ts";
import { CHECKS } from "../checks/table.ts";
import { buildTree } from "./build.ts";
import { resolveTree } from "./compile.ts";
import { parseAst } from "./parse_ast.ts";

/** Names of the checks that complain, and whether the tree is good. */
function complaints(body: string, error?: string): { names: string[]; good: boolean } {
  const { ast, diagnostics } = parseAst(`/dts-v1/;\n${body}\n`);
  const tree = buildTree(ast, diagnostics);
  if (tree === undefined) throw new Error("no tree");
  const levels = new CheckLevels(CHECKS, "1.6");
  if (error !== undefined) levels.set("error", error);
  const names: string[] = [];
  const origin = { file: "<dts>", sources: ast.sources };
  const good = resolveTree(tree, origin, { levels }, ({ check }) => void names.push(check ?? ""));
  return { names: names.sort(), good };
}

const UNNAMED = "n { reg = <1>; };";
const CELLS = "#address-cells = <1>; #size-cells = <0>;";

Deno.test("a comment in front of a node allows what the named checks find there", () => {
  const of = (comment: string) => complaints(`/ { ${CELLS} ${comment} ${UNNAMED} };`).names;
  assertEquals(of(""), ["unit_address_vs_reg"]);
  assertEquals(of("/* dts-allow: unit_address_vs_reg */"), []);
  assertEquals(of("// dts-allow: unit_address_vs_reg\n"), []);
  assertEquals(of("/* dts-allow: reg_format, unit-address-vs-reg */ /* why */\n"), []);
  assertEquals(of("/* dts-allow: reg_format */"), ["unit_address_vs_reg"]);
  assertEquals(of("/* allow: unit_address_vs_reg */"), ["unit_address_vs_reg"]);
});

Deno.test("a comment allows nothing in other nodes, nor below", () => {
  const allow = "/* dts-allow: unit_address_vs_reg */";
  const two = complaints(`/ { ${CELLS} ${allow} ${UNNAMED} m { reg = <2>; }; };`);
  assertEquals(two.names, ["unit_address_vs_reg"]);
  const below = complaints(`${allow} / { ${CELLS} ${UNNAMED} };`);
  assertEquals(below.names, ["unit_address_vs_reg"]);
});

Deno.test("a comment in front of a property is for that property", () => {
  const of = (allow: string) => complaints(`/ { ${allow} model = <1>; compatible = [61]; };`).names;
  assertEquals(of(""), ["compatible_is_string_list", "model_is_string"]);
  assertEquals(of("/* dts-allow: model_is_string compatible_is_string_list */"), [
    "compatible_is_string_list",
  ]);
});

Deno.test("what is allowed is no error either, but what damages the tree cannot be allowed", () => {
  const node = `/* dts-allow: unit_address_vs_reg duplicate_node_names */ ${UNNAMED}`;
  assertEquals(complaints(`/ { ${CELLS} ${node} };`, "unit_address_vs_reg"), {
    names: [],
    good: true,
  });
  const twice = complaints(`/ { ${CELLS} ${UNNAMED} ${node} };`);
  assertEquals([twice.names.includes("duplicate_node_names"), twice.good], [true, false]);
});
