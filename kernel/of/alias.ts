import { KernelError } from "../errors.ts";
import type { DeviceNode } from "./node.ts";
import type { DeviceTree } from "./tree.ts";

/** The number of a node's alias `<stem><number>`. Throws ENODEV if it has none. Linux: of_alias_get_id() */
export function ofAliasGetId(tree: DeviceTree, np: DeviceNode, stem: string): number {
  const found = tree.aliases.find((alias) => alias.stem === stem && alias.node === np);
  if (found !== undefined) return found.id;
  throw new KernelError("ENODEV", `${np.path}: no alias ${stem}N`);
}

/** The highest number among the aliases `<stem><number>`. Throws ENODEV if there is none. Linux: of_alias_get_highest_id() */
export function ofAliasGetHighestId(tree: DeviceTree, stem: string): number {
  const ids = tree.aliases.filter((alias) => alias.stem === stem).map((alias) => alias.id);
  if (ids.length > 0) return Math.max(...ids);
  throw new KernelError("ENODEV", `/aliases: no alias ${stem}N`);
}

/**
 * The options of the console that `/chosen` names, if it is this node; `undefined` otherwise. They
 * are empty if the path has none. Linux: of_console_check()
 */
export function ofConsoleCheck(tree: DeviceTree, np: DeviceNode): string | undefined {
  return tree.stdout.node === np ? tree.stdout.options ?? "" : undefined;
}
