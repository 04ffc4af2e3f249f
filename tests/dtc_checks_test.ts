import { assert, assertEquals } from "@std/assert";
import type { Finding } from "../kernel/of/checks/check.ts";
import { CheckLevels } from "../kernel/of/checks/levels.ts";
import { runChecks } from "../kernel/of/checks/run.ts";
import { CHECKS } from "../kernel/of/checks/table.ts";
import { buildTree } from "../kernel/of/dts/build.ts";
import { parseAst } from "../kernel/of/dts/parse_ast.ts";
import { lacks } from "./peers.ts";

/** Switches as `-W name` and `-E name`. */
type Switches = readonly (readonly ["-W" | "-E", string])[];

/** What our checks find, as `error name` and `warning name`. */
function found(source: string, switches: Switches, force = false): string[] {
  const { ast, diagnostics } = parseAst(source, { file: "<stdin>" });
  const tree = buildTree(ast, diagnostics);
  const levels = new CheckLevels(CHECKS, "1.6");
  for (const [option, name] of switches) {
    levels.set(option === "-W" ? "warning" : "error", name);
  }
  const { findings } = runChecks(tree, {
    levels,
    symbols: false,
    phandleFormat: "epapr",
    version: "1.6",
    stopAtError: force,
  });
  return unique(findings.map(({ severity, check }: Finding) => `${severity} ${check.name}`));
}

/** What dtc's checks find, as far as we have them too. With `-f` it stops at the first error, as we do. */
async function peerFound(source: string, switches: Switches): Promise<string[]> {
  const args = ["-f", "-O", "null", ...switches.flat()];
  const child = new Deno.Command("dtc", { args, stdin: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const text = new TextDecoder().decode((await child.output()).stderr);
  const names = new Set(CHECKS.map(({ name }) => name));
  return unique(
    [...text.matchAll(/(ERROR|Warning) \((\w+)\)/g)]
      .filter(([, , name]) => names.has(name))
      .map(([, severity, name]) => `${severity.toLowerCase()} ${name}`),
  );
}

function unique(lines: string[]): string[] {
  return [...new Set(lines)].sort();
}

/** One tree for each check that finds errors, and some for what they look at beside. */
const TREES: Record<string, string> = {
  clean: "/ { b = <1>; a { }; };",
  duplicateNode: "/ { a { }; a { }; };",
  duplicateAfterDeletion: "/ { a { }; /delete-node/ a; };",
  deletionFirst: "/ { /delete-node/ a; a { }; };",
  duplicateProperty: "/ { a; a; };",
  duplicateDeletedProperty: "/ { a; /delete-property/ a; };",
  nodeCharacter: "/ { a#b { }; };",
  twoAts: "/ { a@1@2 { }; };",
  propertyCharacter: "/ { a@b; };",
  nameNoString: "/ { a { name = <1>; }; };",
  nameWrong: '/ { a { name = "b"; }; };',
  nameRight: '/ { a@1 { name = "a"; }; };',
  nameDeleted: "/ { a { /delete-property/ name; }; };",
  labelTwice: "/ { l: a { }; l: b { }; };",
  labelOnNodeAndProperty: "/ { l: a { }; b { l: p; }; };",
  labelInValues: "/ { a = <l: 1>; b = <l: 2>; };",
  labelTwiceOnOneNode: "/ { l: l: a { }; };",
  labelMoved: "/ { l: a { }; }; /delete-node/ &l; / { l: b { }; };",
  phandleLength: "/ { a { phandle = <1 2>; }; };",
  phandleZero: "/ { a { phandle = <0>; }; };",
  phandleTwice: "/ { a { phandle = <1>; }; b { phandle = <1>; }; };",
  phandleMismatch: "/ { a { phandle = <1>; linux,phandle = <2>; }; };",
  phandleOfAnother: "/ { l: a { }; b { phandle = <&l>; }; };",
  phandleOfItself: "/ { l: a { phandle = <&l>; }; };",
  referenceMissing: "/ { a = <&x>; };",
  pathMissing: "/ { a = &x; };",
  omitted: "/ { /omit-if-no-ref/ l: a { }; };",
};

const SWITCHES: Switches[] = [
  [],
  [["-E", "no-duplicate_node_names"]],
  [["-W", "no-duplicate_node_names"], ["-E", "no_explicit_phandles"]],
  [["-W", "phandle_references"], ["-E", "no-phandle_references"]],
  [["-W", "omit_unused_nodes"], ["-E", "no-duplicate_node_names"]],
  [["-E", "always_fail"]],
  [["-W", "always_fail"], ["-E", "no-name_is_string"]],
];

for (const [name, body] of Object.entries(TREES)) {
  Deno.test(`checks agree with dtc on ${name}`, { ignore: lacks("dtc") }, async () => {
    const source = `/dts-v1/;\n${body}\n`;
    for (const switches of SWITCHES) {
      const expected = await peerFound(source, switches);
      assertEquals(found(source, switches, true), expected, switches.flat().join(" "));
      const all = found(source, switches);
      assert(expected.every((line) => all.includes(line)), switches.flat().join(" "));
    }
  });
}

Deno.test("CheckLevels.set() raises what a check requires, and lowers what requires it", () => {
  const levels = new CheckLevels(CHECKS, "1.6");
  const errors = () => CHECKS.filter((check) => levels.of(check)?.error).map(({ name }) => name);
  const before = errors();
  levels.set("error", "no-duplicate_node_names");
  const lowered = before.filter((name) => !errors().includes(name));
  assertEquals(lowered, [
    "duplicate_node_names",
    "phandle_references",
    "path_references",
    "omit_unused_nodes",
  ]);
  levels.set("error", "omit_unused_nodes");
  assertEquals(errors(), before);
});
