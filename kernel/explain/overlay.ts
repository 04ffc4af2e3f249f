/**
 * What an overlay would change, or why it cannot be applied and how to mend it.
 *
 * @module
 */
import { nearest } from "../of/dts/suggest.ts";
import { LiveTree, OfChangeset, type OfReconfigAction } from "../of/dynamic.ts";
import { unflattenDeviceTree } from "../of/fdt.ts";
import type { DeviceNode } from "../of/node.ts";
import { buildChangeset, findFragments, type OverlayFailure } from "../of/overlay_build.ts";
import { ofResolvePhandles } from "../of/resolver.ts";
import type { DeviceTree } from "../of/tree.ts";

/** A label of the live tree that an overlay uses. */
export interface OverlayLabel {
  /** The label. */
  readonly label: string;
  /** What it stands for; `undefined` if the live tree has no such label. */
  readonly path: string | undefined;
}

/** What an overlay would do. */
export interface OverlayExplanation {
  /** The labels that it uses. */
  readonly labels: readonly OverlayLabel[];
  /** Each fragment and the live node that it is laid over. */
  readonly fragments: readonly { readonly path: string; readonly target: string }[];
  /** What it would change, in order. */
  readonly changes: readonly {
    readonly action: OfReconfigAction;
    readonly path: string;
    readonly property: string | undefined;
  }[];
  /** What Linux would log. */
  readonly log: readonly string[];
  /** Why it cannot be applied. */
  readonly failure:
    | { readonly error: string; readonly text: string; readonly help: string | undefined }
    | undefined;
}

/** Keeps what would be logged. */
class SilentTree extends LiveTree {
  readonly lines: string[] = [];

  override prErr(text: string): undefined {
    this.lines.push(`OF: ${text}`);
  }
}

function labelsOf(tree: DeviceTree, root: DeviceNode): OverlayLabel[] {
  const fixups = root.children.find(({ fullName }) => fullName === "__fixups__");
  const symbols = tree.find("/__symbols__").node;
  return [...fixups?.properties.keys() ?? []].map((label) => {
    const value = symbols?.get(label);
    return { label, path: value && new TextDecoder().decode(value).split("\0")[0] };
  });
}

function helpFor(tree: DeviceTree, root: DeviceNode, { label, why }: OverlayFailure) {
  const symbols = tree.find("/__symbols__").node;
  if (symbols === undefined && (label !== undefined || why.includes("symbols"))) {
    return "compile the base tree with dtc -@, or name targets by target-path";
  }
  if (label !== undefined && symbols !== undefined) {
    const near = nearest(label, symbols.properties.keys());
    if (near !== undefined && !symbols.properties.has(label)) return `did you mean '${near}'?`;
    return symbols.properties.has(label) ? undefined : "add the label to the base tree";
  }
  if (/phandle 0xffffffff/.test(why)) {
    return "compile the overlay with /plugin/, so that it has __fixups__";
  }
  if (why.startsWith("no fragments")) {
    const fragment = "a fragment is a node with target or target-path and a child __overlay__";
    return root.children.length === 0 ? "the overlay is empty" : fragment;
  }
  return undefined;
}

/**
 * What an overlay would change in a tree, which stays as it is: the labels it needs, its targets, each
 * change, and what is wrong with it.
 *
 * @param overlay The overlay's blob.
 * @throws {FdtError} When the blob cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainOverlay, flattenDeviceTree, parseDts } from "../../mod.ts";
 * const base = parseDts(`/dts-v1/; / { uart { }; __symbols__ { uart0 = "/uart"; }; };`);
 * const overlay = flattenDeviceTree(parseDts(`/dts-v1/;
 * / { fragment@0 { target = <0xffffffff>; __overlay__ { status = "okay"; }; };
 *     __fixups__ { uart1 = "/fragment@0:target:0"; }; };`));
 * const { failure, labels } = explainOverlay(base, overlay);
 * assertEquals(labels, [{ label: "uart1", path: undefined }]);
 * assertEquals(failure?.help, "did you mean 'uart0'?");
 * ```
 */
export function explainOverlay(tree: DeviceTree, overlay: Uint8Array): OverlayExplanation {
  const { root } = unflattenDeviceTree(overlay.slice());
  const labels = labelsOf(tree, root);
  const live = new SilentTree(tree);
  const cset = new OfChangeset(live);
  const found = ofResolvePhandles(live, root) ?? findFragments(live, root);
  const fragments = "error" in found ? [] : found;
  const failure = "error" in found ? found : buildChangeset(cset, found);
  return {
    labels,
    fragments: fragments.map(({ overlay, target }) => ({
      path: overlay.path,
      target: target.path,
    })),
    changes: cset.entries.map(({ action, np, prop }) => ({
      action,
      path: np.path,
      property: prop?.name,
    })),
    log: live.lines,
    failure: failure && {
      error: failure.error,
      text: failure.label === undefined ? failure.why : `label ${failure.label}: ${failure.why}`,
      help: helpFor(tree, root, failure),
    },
  };
}
