import { firstString } from "./bytes.ts";
import type { DeviceNode, Property } from "./node.ts";
import { type DeviceTree, type NodeAndOptions, nodesBelow } from "./tree.ts";

/** One row of a driver's match table; fields that are absent match anything. Linux: struct of_device_id */
export interface OfDeviceId<T = unknown> {
  /** One string of the node's `compatible`, compared without regard to case. */
  compatible?: string;
  /** The node's `device_type`. */
  type?: string;
  /** The node's name without its unit address. */
  name?: string;
  /** What the driver wants to know when this row matches. */
  data?: T;
}

/** The property `name`, or `undefined`. Linux: of_find_property() */
export function ofFindProperty(np: DeviceNode, name: string): Property | undefined {
  return np.property(name);
}

/** Whether the name without unit address equals `name`. Linux: of_node_name_eq() */
export function ofNodeNameEq(np: DeviceNode, name: string): boolean {
  return np.fullName.startsWith(name) &&
    (np.fullName.length === name.length || np.fullName[name.length] === "@") && !name.includes("@");
}

/** The `device_type`, or `undefined`. Linux: of_node_get_device_type() */
export function ofNodeGetDeviceType(np: DeviceNode): string | undefined {
  return stringOf(np, "device_type");
}

/** Whether `device_type` equals `type`. Linux: of_node_is_type() */
export function ofNodeIsType(np: DeviceNode, type: string): boolean {
  return ofNodeGetDeviceType(np) === type;
}

function stringOf(np: DeviceNode, name: string): string | undefined {
  const value = np.get(name);
  return value === undefined ? undefined : firstString(value);
}

/** Whether the node is in use: no `status`, or `okay`, or `ok`. Linux: of_device_is_available() */
export function ofDeviceIsAvailable(np: DeviceNode): boolean {
  const status = stringOf(np, "status");
  return status === undefined || status === "okay" || status === "ok";
}

/** Whether `status` is `reserved`. Linux: of_device_is_reserved() */
export function ofDeviceIsReserved(np: DeviceNode): boolean {
  return stringOf(np, "status") === "reserved";
}

/** Whether `status` is `fail` or starts with `fail-`. Linux: of_device_is_fail() */
export function ofDeviceIsFail(np: DeviceNode): boolean {
  const status = stringOf(np, "status");
  return status === "fail" || status?.startsWith("fail-") === true;
}

/** INT_MAX / 2, the score of the first compatible string. */
const SCORE_COMPATIBLE = 1073741823;

/** How well a node meets a table row; 0 if any given field is not met. Linux: __of_device_is_compatible() */
export function ofDeviceScore(np: DeviceNode, id: OfDeviceId): number {
  let score = 0;
  if (id.compatible) {
    const index = np.compatibleIndex(id.compatible);
    if (index < 0) return 0;
    score = SCORE_COMPATIBLE - 4 * index;
  }
  if (id.type) {
    if (!ofNodeIsType(np, id.type)) return 0;
    score += 2;
  }
  if (id.name) {
    if (!ofNodeNameEq(np, id.name)) return 0;
    score += 1;
  }
  return score;
}

/** The score of one compatible string, 0 if it does not match. Linux: of_device_is_compatible() */
export function ofDeviceIsCompatible(np: DeviceNode, compatible: string): number {
  return ofDeviceScore(np, { compatible });
}

/** The best score among several compatible strings. Linux: of_device_compatible_match() */
export function ofDeviceCompatibleMatch(np: DeviceNode, compatible: readonly string[]): number {
  return compatible.reduce((best, text) => Math.max(best, ofDeviceIsCompatible(np, text)), 0);
}

/** The score of the root node. Linux: of_machine_is_compatible() */
export function ofMachineIsCompatible(tree: DeviceTree, compatible: string): number {
  return ofDeviceIsCompatible(tree.root, compatible);
}

/** The row with the highest score; the first of several equal ones. An empty row ends the table. Linux: of_match_node() */
export function ofMatchNode<T>(
  matches: readonly OfDeviceId<T>[],
  np: DeviceNode,
): OfDeviceId<T> | undefined {
  let best: OfDeviceId<T> | undefined;
  let bestScore = 0;
  for (const id of matches) {
    if (!id.compatible && !id.type && !id.name) break;
    const score = ofDeviceScore(np, id);
    if (score <= bestScore) continue;
    best = id;
    bestScore = score;
  }
  return best;
}

/** The node at `path`, as {@linkcode DeviceTree.find} finds it. Linux: of_find_node_by_path() */
export function ofFindNodeByPath(tree: DeviceTree, path: string): DeviceNode | undefined {
  return tree.find(path).node;
}

/** The node at `path`, and the text behind its colon. Linux: of_find_node_opts_by_path() */
export function ofFindNodeOptsByPath(tree: DeviceTree, path: string): NodeAndOptions {
  return tree.find(path);
}

/** The first node with this phandle; 0 names none. Linux: of_find_node_by_phandle() */
export function ofFindNodeByPhandle(tree: DeviceTree, phandle: number): DeviceNode | undefined {
  return tree.nodeByPhandle(phandle);
}

/** The node after `from` in tree order; the root after `undefined`. Linux: of_find_all_nodes() */
export function ofFindAllNodes(
  tree: DeviceTree,
  from: DeviceNode | undefined,
): DeviceNode | undefined {
  if (from === undefined) return tree.root;
  if (from.children.length > 0) return from.children[0];
  for (let node = from; node.parent !== undefined; node = node.parent) {
    const siblings = node.parent.children;
    const next = siblings.indexOf(node) + 1;
    if (next < siblings.length) return siblings[next];
  }
  return undefined;
}

/** The nodes behind `from` in tree order; all of them behind `undefined`. Linux: for_each_of_allnodes_from() */
function* nodesAfter(tree: DeviceTree, from: DeviceNode | undefined): Generator<DeviceNode> {
  if (from === undefined) return yield* nodesBelow([tree.root]);
  yield* nodesBelow(from.children);
  for (let node = from; node.parent !== undefined; node = node.parent) {
    const siblings = node.parent.children;
    yield* nodesBelow(siblings.slice(siblings.indexOf(node) + 1));
  }
}

/** The first node after `from` that `accept` takes. */
function findAfter(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  accept: (np: DeviceNode) => boolean,
): DeviceNode | undefined {
  for (const node of nodesAfter(tree, from)) if (accept(node)) return node;
  return undefined;
}

/** The next node with this name, unit address aside. Linux: of_find_node_by_name() */
export function ofFindNodeByName(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  name: string,
): DeviceNode | undefined {
  return findAfter(tree, from, (np) => ofNodeNameEq(np, name));
}

/** The next node with this `device_type`. Linux: of_find_node_by_type() */
export function ofFindNodeByType(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  type: string,
): DeviceNode | undefined {
  return findAfter(tree, from, (np) => ofNodeIsType(np, type));
}

/** The next node that is compatible, and of `type` if given. Linux: of_find_compatible_node() */
export function ofFindCompatibleNode(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  type: string | undefined,
  compatible: string,
): DeviceNode | undefined {
  return findAfter(tree, from, (np) => ofDeviceScore(np, { type, compatible }) > 0);
}

/** The next node that has the property. Linux: of_find_node_with_property() */
export function ofFindNodeWithProperty(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  name: string,
): DeviceNode | undefined {
  return findAfter(tree, from, (np) => np.property(name) !== undefined);
}

/** The next node that a row of the table matches, and the row. Linux: of_find_matching_node_and_match() */
export function ofFindMatchingNodeAndMatch<T>(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  matches: readonly OfDeviceId<T>[],
): { np: DeviceNode; match: OfDeviceId<T> } | undefined {
  let match: OfDeviceId<T> | undefined;
  const np = findAfter(tree, from, (node) => (match = ofMatchNode(matches, node)) !== undefined);
  return np === undefined || match === undefined ? undefined : { np, match };
}

/** The next node that a row of the table matches. Linux: of_find_matching_node() */
export function ofFindMatchingNode(
  tree: DeviceTree,
  from: DeviceNode | undefined,
  matches: readonly OfDeviceId[],
): DeviceNode | undefined {
  return ofFindMatchingNodeAndMatch(tree, from, matches)?.np;
}

/** The children that are available. Linux: for_each_available_child_of_node() */
export function ofAvailableChildren(np: DeviceNode): DeviceNode[] {
  return np.children.filter(ofDeviceIsAvailable);
}

/** The first child with this name, unit address aside. Linux: of_get_child_by_name() */
export function ofGetChildByName(np: DeviceNode, name: string): DeviceNode | undefined {
  return np.children.find((child) => ofNodeNameEq(child, name));
}

/** The first compatible child. Linux: of_get_compatible_child() */
export function ofGetCompatibleChild(np: DeviceNode, compatible: string): DeviceNode | undefined {
  return np.children.find((child) => ofDeviceIsCompatible(child, compatible) > 0);
}
