/** Helpers for the tests of this folder. */
import { KernelError } from "../errors.ts";
import { parseDts } from "./dts/parse.ts";
import type { DeviceNode } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/** The tree whose root has this body. */
export function treeOf(body: string): DeviceTree {
  return parseDts(`/dts-v1/;\n/ { ${body} };\n`);
}

/** The node at a path that must exist. */
export function nodeAt(tree: DeviceTree, path: string): DeviceNode {
  const { node } = tree.find(path);
  if (node === undefined) throw new Error(`the test's tree has no ${path}`);
  return node;
}

/** What a function returns, or the name of the error that it throws. */
export function resultOf<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
}
