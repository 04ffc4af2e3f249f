/** The check of phandles that the source gives. */

import type { CompileNode } from "../compile_node.ts";
import { NAME } from "../known_names.ts";
import type { Check, CheckRun } from "./check.ts";

/** Phandles must be valid, unique, and the same in both properties. They are taken note of. */
export const explicitPhandles: Check = {
  name: "explicit_phandles",
  level: "error",
  checkTree: (run) => {
    const { tree } = run;
    const legacy = tree.nodesWith("linux,phandle").length > 0;
    for (const node of legacy ? tree.nodes : tree.nodesWith("phandle")) checkNode(run, node);
  },
};

function checkNode(run: CheckRun, node: CompileNode): void {
  const { byPhandle } = run.tree;
  const modern = phandleOf(run, node, "phandle");
  const legacy = phandleOf(run, node, "linux,phandle");
  if (modern !== 0 && legacy !== 0 && modern !== legacy) {
    run.fail(node, "mismatching 'phandle' and 'linux,phandle' properties");
  }
  const phandle = modern !== 0 ? modern : legacy;
  if (phandle === 0) return;
  const other = byPhandle.get(phandle);
  if (other === undefined) {
    node.phandle = phandle;
    byPhandle.set(phandle, node);
    return;
  }
  const property = node.property(NAME.phandle) ?? node.property(NAME["linux,phandle"]);
  const place = other.property(NAME.phandle)?.place ?? other.property(NAME["linux,phandle"])?.place;
  run.fail(node, `duplicated phandle 0x${phandle.toString(16)} (seen before at ${other.path})`, {
    span: property?.place,
    related: place && [{ span: place, text: "first used here" }],
  });
}

/** The number in a property, 0 if there is none, it is wrong, or is to be filled in later. */
function phandleOf(run: CheckRun, node: CompileNode, name: string): number {
  const property = node.property(name);
  if (property === undefined) return 0;
  if (property.length !== 4) {
    run.failProperty(node, property, `bad length (${property.length}) ${name} property`);
    return 0;
  }
  const reference = property.markers.find(({ kind }) => kind === "phandle");
  if (reference !== undefined) {
    // A node's own phandle asks for a number. Any other makes no sense.
    if (run.tree.nodeByRef(reference.text) !== node) {
      run.failProperty(node, property, `${name} is a reference to another node`);
    }
    return 0;
  }
  const phandle = property.cell(0);
  if (phandle !== 0 && phandle !== 0xffffffff) return phandle;
  run.failProperty(node, property, `bad value (0x${phandle.toString(16)}) in ${name} property`);
  return 0;
}
