import type { PhandleFormat } from "./checks/check.ts";
import type { CompileNode } from "./compile_node.ts";
import type { CompileTree } from "./compile_tree.ts";
import { NAME } from "./known_names.ts";

/**
 * A node's phandle. One that has none gets the lowest number that is free, and properties for it, unless
 * it has these, to be filled in by whoever refers to itself. dtc: get_node_phandle()
 */
export function assignPhandle(tree: CompileTree, node: CompileNode, format: PhandleFormat): number {
  if (node.phandle !== 0) return node.phandle;
  while (tree.byPhandle.has(tree.nextPhandle)) tree.nextPhandle++;
  node.phandle = tree.nextPhandle;
  tree.byPhandle.set(node.phandle, node);
  if (format !== "epapr") addProperty(tree, node, NAME["linux,phandle"]);
  if (format !== "legacy") addProperty(tree, node, NAME.phandle);
  return node.phandle;
}

function addProperty(tree: CompileTree, node: CompileNode, name: number): void {
  if (node.has(name)) return;
  tree.values.word(node.phandle);
  const property = node.newNumbered(name);
  tree.values.finish(property);
  property.setType("u32");
  tree.addProperty(node, property);
}
