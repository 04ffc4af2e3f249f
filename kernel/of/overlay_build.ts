/**
 * What an overlay changes: its fragments, their targets, and a changeset made of them.
 *
 * Linux: drivers/of/overlay.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Errno } from "../errno.ts";
import { ofNodeNameEq } from "./base.ts";
import { cString, equalBytes, firstString } from "./bytes.ts";
import type { LiveTree, OfChangeset } from "./dynamic.ts";
import { DeviceNode, OF_DETACHED, OF_OVERLAY, Property } from "./node.ts";
import { cellOf, ofPropertyReadString } from "./property.ts";

/** A part of an overlay and the live node that it is laid over. Linux: struct fragment */
export interface Fragment {
  /** The overlay's `__overlay__` node, or its `__symbols__`. */
  readonly overlay: DeviceNode;
  /** The node of the live tree. */
  readonly target: DeviceNode;
}

/** Why an overlay cannot be applied. */
export interface OverlayFailure {
  /** What Linux returns. */
  readonly error: Errno;
  /** What is wrong, for people. */
  readonly why: string;
  /** The node of the overlay or of the live tree where it is wrong. */
  readonly node?: DeviceNode | undefined;
  /** The label of the live tree that was wanted. */
  readonly label?: string | undefined;
}

/** Properties that a live node keeps for itself. */
const OWN_PROPERTIES = ["name", "phandle", "linux,phandle"];
/** Properties that must not change where they exist. */
const CELLS_PROPERTIES = ["#address-cells", "#size-cells"];

/** The fragments of an overlay; symbols come last. Linux: init_overlay_changeset() */
export function findFragments(live: LiveTree, root: DeviceNode): Fragment[] | OverlayFailure {
  const found = collectFragments(live, root);
  if ("error" in found) live.prErr("overlay: init_overlay_changeset() failed, ret = -22");
  return found;
}

function collectFragments(live: LiveTree, root: DeviceNode): Fragment[] | OverlayFailure {
  const fragments: Fragment[] = [];
  for (const node of root.children) {
    const overlay = node.children.find((child) => ofNodeNameEq(child, "__overlay__"));
    if (overlay === undefined) continue;
    const target = findTarget(live, node);
    if ("error" in target) return target;
    fragments.push({ overlay, target });
  }
  const overlay = root.children.find((child) => ofNodeNameEq(child, "__symbols__"));
  const target = live.tree.find("/__symbols__").node;
  if (overlay !== undefined && target === undefined) {
    return refuse(live, "symbols in overlay, but not in live tree", overlay);
  }
  if (overlay !== undefined && target !== undefined) fragments.push({ overlay, target });
  if (fragments.length > 0) return fragments;
  return refuse(live, "no fragments or symbols in overlay", root);
}

function refuse(live: LiveTree, why: string, node: DeviceNode): OverlayFailure {
  live.prErr(`overlay: ${why}`);
  return { error: "EINVAL", why, node };
}

/** By phandle first, then by path. Linux: find_target() */
function findTarget(live: LiveTree, node: DeviceNode): DeviceNode | OverlayFailure {
  const where = `find target, node: ${node.pOF}`;
  const phandle = cellOf(node, "target");
  if (phandle !== undefined) {
    const wanted = `phandle 0x${phandle.toString(16)}`;
    return live.tree.nodeByPhandle(phandle) ?? refuse(live, `${where}, ${wanted} not found`, node);
  }
  const path = textOf(node, "target-path");
  if (path === undefined) return refuse(live, `${where}, no target property`, node);
  return live.tree.find(path).node ?? refuse(live, `${where}, path '${path}' not found`, node);
}

function textOf(np: DeviceNode, name: string): string | undefined {
  try {
    return ofPropertyReadString(np, name);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/**
 * Fills a changeset with what the fragments add and change. The live tree stays as it is.
 * Linux: build_changeset()
 */
export function buildChangeset(
  cset: OfChangeset,
  fragments: readonly Fragment[],
): OverlayFailure | undefined {
  const builder = new Builder(cset, fragments);
  for (const { overlay, target } of fragments) {
    const failure = overlay.parent?.parent === undefined
      ? builder.symbols(target, overlay)
      : builder.level(target, overlay);
    if (failure !== undefined) return failure;
  }
  return findDuplicate(cset);
}

class Builder {
  constructor(readonly cset: OfChangeset, readonly fragments: readonly Fragment[]) {}

  /** Linux: build_changeset_next_level() */
  level(target: DeviceNode, overlay: DeviceNode): OverlayFailure | undefined {
    for (const prop of propertiesOf(overlay)) {
      const failure = this.#property(target, prop);
      if (failure !== undefined) return failure;
    }
    for (const child of overlay.children) {
      const failure = this.#node(target, child);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** Paths of `__symbols__` become paths of the live tree. Linux: build_changeset_symbols_node() */
  symbols(target: DeviceNode, overlay: DeviceNode): OverlayFailure | undefined {
    for (const prop of overlay.properties.values()) {
      if (OWN_PROPERTIES.includes(prop.name)) continue;
      if (target.properties.has(prop.name)) {
        return { error: "EINVAL", why: "the live tree has this label", label: prop.name };
      }
      const moved = this.#symbol(prop);
      if (moved === undefined) {
        const why = "its path leads into no fragment";
        return { error: "ENOMEM", why, label: prop.name, node: overlay };
      }
      this.#add(target, moved);
    }
    return undefined;
  }

  /** Linux: dup_and_fixup_symbol_prop() */
  #symbol({ name, value }: Property): Property | undefined {
    const path = firstString(value);
    const [, fragmentName] = path.split("/");
    for (const { overlay, target } of this.fragments) {
      if (overlay.parent?.fullName !== fragmentName || !overlay.parent.parent) continue;
      if (!value.includes(0) || overlay.pOF.length > path.length) continue;
      return new Property(name, cString(`${target.pOF}${path.slice(overlay.pOF.length)}`));
    }
    return undefined;
  }

  /** Linux: add_changeset_property() */
  #property(target: DeviceNode, prop: Property): OverlayFailure | undefined {
    const isLive = !target.checkFlag(OF_DETACHED);
    if (isLive && OWN_PROPERTIES.includes(prop.name)) return undefined;
    const old = isLive ? target.properties.get(prop.name) : undefined;
    if (old !== undefined && CELLS_PROPERTIES.includes(prop.name)) {
      if (equalBytes(old.value, prop.value)) return undefined;
      const text = `changing value of ${prop.name} is not allowed in ${target.pOF}`;
      this.cset.live.prErr(`overlay: ERROR: ${text}`);
      return { error: "EINVAL", why: text, node: target };
    }
    this.#add(target, new Property(prop.name, prop.value.slice()), old);
    return undefined;
  }

  #add(target: DeviceNode, prop: Property, old?: Property): undefined {
    this.cset.action(old === undefined ? "ADD_PROPERTY" : "UPDATE_PROPERTY", target, prop);
    if (target.checkFlag(OF_OVERLAY)) return;
    const where = `${target.pOF}/${prop.name}`;
    const text = `WARNING: memory leak will occur if overlay removed, property: ${where}`;
    this.cset.live.prErr(`overlay: ${text}`);
  }

  /** Linux: add_changeset_node() */
  #node(target: DeviceNode, node: DeviceNode): OverlayFailure | undefined {
    const there = target.children.find(({ fullName }) => fullName === node.fullName);
    if (there === undefined) {
      const added = new DeviceNode(node.fullName, target);
      added.phandle = node.properties.get("phandle")?.value.length === 4
        ? cellOf(node, "phandle") ?? 0
        : 0;
      added.testAndSetFlag(OF_OVERLAY);
      added.testAndSetFlag(OF_DETACHED);
      this.cset.action("ATTACH_NODE", added);
      return this.level(added, node);
    }
    if (node.phandle === 0 || there.phandle === 0) return this.level(there, node);
    const why = `${there.pOF} exists and has a phandle, so that the overlay's must have none`;
    return { error: "EINVAL", why, node };
  }
}

/** All properties; every node of Linux's has its name as one of them. */
function propertiesOf(np: DeviceNode): Property[] {
  const properties = [...np.properties.values()];
  if (np.properties.has("name")) return properties;
  return [...properties, new Property("name", cString(np.name))];
}

/** No two entries may be about the same thing. Linux: changeset_dup_entry_check() */
function findDuplicate({ live, entries }: OfChangeset): OverlayFailure | undefined {
  const keys = entries.map(({ np, prop }) => prop ? `${np.pOF}/${prop.name}:` : np.pOF);
  const last = new Map(keys.map((key, at) => [key, at]));
  let failure: OverlayFailure | undefined;
  entries.forEach(({ np, prop }, at) => {
    if (last.get(keys[at]) === at) return;
    const what = prop === undefined
      ? `add and/or delete node ${np.pOF}`
      : `add, update, and/or delete property ${np.pOF}/${prop.name}`;
    live.prErr(`overlay: ERROR: multiple fragments ${what}`);
    failure = { error: "EINVAL", why: `multiple fragments ${what}`, node: np };
  });
  return failure;
}
