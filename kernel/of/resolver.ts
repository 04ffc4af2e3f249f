/**
 * Phandles of an overlay: moved out of the way of the live tree's, and filled in where the overlay
 * refers to labels of the live tree.
 *
 * Linux: drivers/of/resolver.c
 *
 * @module
 */
import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import { latin1, readBe32, writeBe32 } from "./bytes.ts";
import { ofNodeNameEq } from "./base.ts";
import type { LiveTree } from "./dynamic.ts";
import type { DeviceNode, Property } from "./node.ts";
import { ofPropertyReadString } from "./property.ts";
import { descend, nodesBelow } from "./tree.ts";

/** A phandle that no node may have. Linux: OF_PHANDLE_ILLEGAL */
const OF_PHANDLE_ILLEGAL = 0xdeadbeef;
/** Properties that every node may have of its own. */
const OWN_PROPERTIES = ["name", "phandle", "linux,phandle"];

/** Where a fixup failed, for people. */
export interface FixupFailure {
  /** What Linux returns. */
  readonly error: Errno;
  /** The label of the live tree that was wanted. */
  readonly label?: string;
  /** What is wrong. */
  readonly why: string;
}

/**
 * Gives the nodes of a detached overlay phandles above those of the live tree, and puts phandles of
 * the live tree where `__fixups__` wants them. Changes the overlay in place.
 * Linux: of_resolve_phandles()
 *
 * @returns What went wrong, `undefined` if nothing did.
 */
export function ofResolvePhandles(live: LiveTree, overlay: DeviceNode): FixupFailure | undefined {
  const delta = maxPhandle(live) + 1;
  for (const node of nodesBelow([overlay])) adjustPhandle(node, delta);
  const local = overlay.children.find((child) => ofNodeNameEq(child, "__local_fixups__"));
  const failure = local && adjustLocalReferences(local, overlay, delta);
  if (failure !== undefined) return failure;
  const fixups = overlay.children.findLast((child) => ofNodeNameEq(child, "__fixups__"));
  return fixups && applyFixups(live, overlay, fixups);
}

/** Linux: live_tree_max_phandle() */
function maxPhandle({ tree }: LiveTree): number {
  let max = 0;
  for (const { phandle } of tree.nodes()) {
    if (phandle !== OF_PHANDLE_ILLEGAL && phandle > max) max = phandle;
  }
  return max;
}

/** Linux: adjust_overlay_phandles() */
function adjustPhandle(node: DeviceNode, delta: number): undefined {
  if (node.phandle !== 0 && node.phandle !== OF_PHANDLE_ILLEGAL) {
    node.phandle = (node.phandle + delta) >>> 0;
  }
  for (const name of ["phandle", "linux,phandle"]) {
    const value = node.properties.get(name)?.value;
    if (value === undefined || value.length < 4) continue;
    if (readBe32(value, 0) !== OF_PHANDLE_ILLEGAL) writeBe32(value, 0, node.phandle);
  }
}

/**
 * `__local_fixups__` has the shape of the overlay; its properties list the places in the overlay's
 * properties of the same name. Linux: adjust_local_phandle_references()
 */
function adjustLocalReferences(
  fixups: DeviceNode,
  node: DeviceNode,
  delta: number,
): FixupFailure | undefined {
  for (const prop of fixups.properties.values()) {
    if (OWN_PROPERTIES.includes(prop.name)) continue;
    const why = adjustCells(prop, node.properties.get(prop.name), delta);
    if (why !== undefined) {
      return { error: "EINVAL", why: `${fixups.pOF}: property ${prop.name} ${why}` };
    }
  }
  for (const child of fixups.children) {
    const target = node.children.find(({ fullName }) => fullName === child.fullName);
    if (target === undefined) {
      return { error: "EINVAL", why: `${child.pOF}: the overlay has no such node` };
    }
    const failure = adjustLocalReferences(child, target, delta);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** What is wrong with a list of places, `undefined` if all cells have been moved. */
function adjustCells(
  { value: places }: Property,
  prop: Property | undefined,
  delta: number,
): string | undefined {
  if (places.length % 4 !== 0 || places.length === 0) return "holds no list of offsets";
  if (prop === undefined) return "is one that the overlay's node does not have";
  for (let at = 0; at < places.length; at += 4) {
    const offset = readBe32(places, at);
    if (offset + 4 > prop.value.length) return `has offset ${offset}, which lies outside`;
    writeBe32(prop.value, offset, (readBe32(prop.value, offset) + delta) >>> 0);
  }
  return undefined;
}

function applyFixups(
  live: LiveTree,
  overlay: DeviceNode,
  fixups: DeviceNode,
): FixupFailure | undefined {
  const symbols = live.tree.find("/__symbols__").node;
  if (symbols === undefined) {
    live.prErr("resolver: no symbols in root of device tree.");
    return { error: "EINVAL", why: "the live tree has no /__symbols__" };
  }
  for (const prop of fixups.properties.values()) {
    if (prop.name === "name") continue;
    const failure = applyFixup(live, overlay, symbols, prop);
    if (failure !== undefined) return { ...failure, label: prop.name };
  }
  return undefined;
}

/** Puts the phandle of one label wherever the overlay wants it. */
function applyFixup(
  live: LiveTree,
  overlay: DeviceNode,
  symbols: DeviceNode,
  prop: Property,
): FixupFailure | undefined {
  let path: string;
  try {
    path = ofPropertyReadString(symbols, prop.name);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    live.prErr(`resolver: node label '${prop.name}' not found in live devicetree symbols table`);
    return { error: error.code, why: "the live tree's /__symbols__ has no such label" };
  }
  const node = live.tree.find(path).node;
  if (node === undefined) {
    return { error: "ENOENT", why: `it stands for ${path}, which is not there` };
  }
  const failure = updateUsages(overlay, prop, node.phandle);
  if (failure !== undefined) {
    live.prErr(`resolver: overlay phandle fixup failed: ${-ERRNO[failure.error]}`);
  }
  return failure;
}

/** The value is a list of `path:property:offset`. Linux: update_usages_of_a_phandle_reference() */
function updateUsages(
  overlay: DeviceNode,
  { value }: Property,
  phandle: number,
): FixupFailure | undefined {
  const list = latin1(value, 0, value.length).replace(/\0$/, "").split("\0");
  for (const place of value.length === 0 ? [] : list) {
    const failure = updateUsage(overlay, place, phandle);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function updateUsage(
  overlay: DeviceNode,
  place: string,
  phandle: number,
): FixupFailure | undefined {
  const [path, name, ...rest] = place.split(":");
  const digits = rest.join(":");
  const fail = (error: Errno, why: string) => ({ error, why: `fixup '${place}' ${why}` });
  if (rest.length === 0) return fail("EINVAL", "is not PATH:PROPERTY:OFFSET");
  if (!/^[+-]?\d+\n?$/.test(digits)) return fail("EINVAL", "has no number for an offset");
  const offset = Number(digits);
  if (offset !== (offset | 0)) return fail("ERANGE", "has an offset out of range");
  const node = descend(overlay, path);
  if (node === undefined) return undefined; // Linux passes over it.
  const prop = node.property(name);
  if (prop === undefined) return fail("ENOENT", "names a property that is not there");
  if (offset < 0 || offset + 4 > prop.value.length) return fail("EINVAL", "lies outside");
  writeBe32(prop.value, offset, phandle);
  return undefined;
}
