/**
 * Overlays: parts of device trees that are added to the live tree, and taken away again, while the
 * kernel runs.
 *
 * Linux: drivers/of/overlay.c
 *
 * @module
 */
import { ERRNO, type Errno } from "../errno.ts";
import { readBe32 } from "./bytes.ts";
import { type LiveTree, OfChangeset, type OfLock } from "./dynamic.ts";
import { FDT_MAGIC, FDT_V17_SIZE, FdtError, unflattenDeviceTree } from "./fdt.ts";
import type { DeviceNode } from "./node.ts";
import {
  buildChangeset,
  findFragments,
  type Fragment,
  type OverlayFailure,
} from "./overlay_build.ts";
import { ofResolvePhandles } from "./resolver.ts";

/** When a listener hears of an overlay. Linux: enum of_overlay_notify_action */
export type OfOverlayNotifyAction = "pre-apply" | "post-apply" | "pre-remove" | "post-remove";

/** Hears of each fragment of an overlay. An error that it resolves to ends the operation. */
export type OfOverlayNotifier = (
  action: OfOverlayNotifyAction,
  fragment: Fragment,
) => Promise<Errno | undefined>;

/** An overlay that was read: what it changes, once that is known. Linux: struct overlay_changeset */
interface OverlayChangeset {
  readonly id: number;
  readonly cset: OfChangeset;
  fragments: readonly Fragment[];
  /** The tree holds its changes. */
  applied: boolean;
}

/** What came of applying an overlay. */
export interface OverlayResult {
  /** 0, or a negative errno. */
  readonly ret: number;
  /** What {@linkcode ofOverlayRemove} takes; 0 if nothing is left to be removed. */
  readonly id: number;
  /** What went wrong, for people. */
  readonly failure?: OverlayFailure | undefined;
}

/** The overlays of a live tree. */
export class OverlayState {
  /** Those that are applied or failed halfway, the oldest first. Linux: ovcs_list */
  readonly list: OverlayChangeset[] = [];
  /** Called in turn before and after each operation. Linux: overlay_notify_chain */
  readonly notifiers: Set<OfOverlayNotifier> = new Set();
  /** Undoing something failed once; nothing more is done then. Linux: devicetree_corrupt() */
  corrupt = false;

  /** Linux: of_overlay_phandle_mutex is `phandleMutex` */
  constructor(
    /** The tree that they change. */
    readonly live: LiveTree,
    /** Keeps two overlays from taking the same phandles. */
    readonly phandleMutex: OfLock,
  ) {}
}

/** Linux: overlay_notify() */
async function overlayNotify(
  { live, notifiers }: OverlayState,
  { fragments }: OverlayChangeset,
  action: OfOverlayNotifyAction,
): Promise<OverlayFailure | undefined> {
  for (const fragment of fragments) {
    for (const notifier of notifiers) {
      const error = await notifier(action, fragment);
      if (error === undefined) continue;
      const where = `target: ${fragment.target.pOF}`;
      const text = `overlay changeset ${action} notifier error ${-ERRNO[error]}, ${where}`;
      live.prErr(`overlay: ${text}`);
      return { error, why: `a listener refused it (${action})`, node: fragment.target };
    }
  }
  return undefined;
}

/** The nodes of an overlay's blob, on bytes of their own; what is wrong with it otherwise. */
function readOverlay(live: LiveTree, fdt: Uint8Array): DeviceNode | OverlayFailure {
  if (fdt.length < FDT_V17_SIZE || readBe32(fdt, 0) !== FDT_MAGIC) {
    live.prErr("overlay: Invalid overlay_fdt header");
    return { error: "EINVAL", why: "it is no flattened device tree" };
  }
  if (readBe32(fdt, 4) > fdt.length) return { error: "EINVAL", why: "its end is missing" };
  try {
    return unflattenDeviceTree(fdt.slice()).root;
  } catch (error) {
    if (!(error instanceof FdtError)) throw error;
    live.prErr("overlay: unable to unflatten overlay_fdt");
    return { error: "EINVAL", why: error.message };
  }
}

/**
 * Applies an overlay to the live tree: phandles are resolved, targets found, all changes made
 * together, and then whoever listens hears of them, so that devices come and go. What Linux would log
 * is logged. Linux: of_overlay_fdt_apply()
 *
 * @returns The overlay's number, also if it failed halfway: {@linkcode ofOverlayRemove} undoes the rest.
 */
export async function ofOverlayFdtApply(
  state: OverlayState,
  fdt: Uint8Array,
): Promise<OverlayResult> {
  if (state.corrupt) {
    state.live.prErr("overlay: devicetree state suspect, refuse to apply overlay");
    return failed({ error: "EBUSY", why: "an earlier overlay could not be undone" });
  }
  return await state.phandleMutex.with(async () => {
    const root = readOverlay(state.live, fdt);
    if ("error" in root) return failed(root);
    const ids = state.list.map(({ id }) => id);
    let id = 1;
    while (ids.includes(id)) id++;
    const ovcs = { id, cset: new OfChangeset(state.live), fragments: [], applied: false };
    state.list.push(ovcs);
    const failure = await applyOverlay(state, ovcs, root);
    return failure === undefined ? { ret: 0, id } : failed(failure, id);
  });
}

function failed(failure: OverlayFailure, id = 0): OverlayResult {
  return { ret: -ERRNO[failure.error], id, failure };
}

/** Linux: of_overlay_apply() */
async function applyOverlay(
  state: OverlayState,
  ovcs: OverlayChangeset,
  root: DeviceNode,
): Promise<OverlayFailure | undefined> {
  const { live } = state;
  const failure = await live.mutex.with(async () => {
    const found = ofResolvePhandles(live, root) ?? findFragments(live, root);
    if ("error" in found) return found;
    ovcs.fragments = found;
    return await overlayNotify(state, ovcs, "pre-apply") ??
      buildChangeset(ovcs.cset, found) ?? applyEntries(state, ovcs);
  });
  if (failure !== undefined) return failure;
  const error = await ovcs.cset.applyNotify();
  if (error !== undefined) {
    live.prErr(`overlay: overlay apply changeset entry notify error ${-ERRNO[error]}`);
  }
  const refused = await live.mutex.with(() => overlayNotify(state, ovcs, "post-apply"));
  return error === undefined ? refused : { error, why: "a device could not be made" };
}

function applyEntries(
  state: OverlayState,
  ovcs: OverlayChangeset,
): OverlayFailure | undefined {
  const { error, corrupt } = ovcs.cset.applyEntries();
  state.corrupt ||= corrupt;
  ovcs.applied = error === undefined;
  return error && { error, why: "the live tree could not be changed" };
}

/**
 * Takes an overlay away again, if none that came later touches the same nodes: what it added goes,
 * what it changed comes back, and whoever listens hears of it, in reverse order. One that failed before
 * it changed anything is just forgotten. What Linux would log is logged. Linux: of_overlay_remove()
 *
 * @returns 0, or a negative errno: `-ENODEV` for an unknown number, `-EBUSY` for one that is not topmost.
 */
export async function ofOverlayRemove(state: OverlayState, id: number): Promise<number> {
  const { live, list } = state;
  if (state.corrupt) {
    live.prErr("overlay: suspect devicetree state, refuse to remove overlay");
    return -ERRNO.EBUSY;
  }
  const ovcs = list.find((one) => one.id === id);
  if (ovcs === undefined) {
    live.prErr(`overlay: remove: Could not find overlay #${id}`);
    return -ERRNO.ENODEV;
  }
  const kept = await live.mutex.with(() => revertEntries(state, ovcs));
  if (kept !== undefined) return -ERRNO[kept];
  const error = ovcs.applied ? await ovcs.cset.revertNotify() : undefined;
  if (error !== undefined) {
    live.prErr(`overlay: overlay remove changeset entry notify error ${-ERRNO[error]}`);
  }
  const refused = await live.mutex.with(() => overlayNotify(state, ovcs, "post-remove"));
  list.splice(list.indexOf(ovcs), 1);
  const last = error ?? refused?.error;
  return last === undefined ? 0 : -ERRNO[last];
}

/** Why the overlay stays, `undefined` if the tree is without it now. */
async function revertEntries(
  state: OverlayState,
  ovcs: OverlayChangeset,
): Promise<Errno | undefined> {
  if (!isTopmost(state, ovcs)) return "EBUSY";
  const refused = await overlayNotify(state, ovcs, "pre-remove");
  if (refused !== undefined || !ovcs.applied) return refused?.error;
  const { error, corrupt } = ovcs.cset.revertEntries();
  state.corrupt ||= corrupt;
  return error;
}

/** Removes all overlays, the newest first; stops at the first error. Linux: of_overlay_remove_all() */
export async function ofOverlayRemoveAll(state: OverlayState): Promise<number> {
  for (const { id } of state.list.toReversed()) {
    const ret = await ofOverlayRemove(state, id);
    if (ret !== 0) return ret;
  }
  return 0;
}

/** No later overlay touches a node of this one, or one above or below. Linux: overlay_removal_is_ok() */
function isTopmost({ live, list }: OverlayState, ovcs: OverlayChangeset): boolean {
  const later = list.slice(list.indexOf(ovcs) + 1).reverse();
  for (const { np } of ovcs.cset.entries) {
    const other = later.find(({ cset }) => cset.entries.some((entry) => related(entry.np, np)));
    if (other === undefined) continue;
    const overlap = `#${ovcs.id} overlaps with #${other.id} @${np.pOF}`;
    live.prErr(`overlay: node_overlaps_later_cs: ${overlap}`);
    live.prErr(`overlay: overlay #${ovcs.id} is not topmost`);
    return false;
  }
  return true;
}

/** One is the other, or stands above it. Linux: find_node() */
function related(a: DeviceNode, b: DeviceNode): boolean {
  return isBelow(a, b) || isBelow(b, a);
}

function isBelow(np: DeviceNode, above: DeviceNode): boolean {
  let node: DeviceNode | undefined = np;
  while (node !== undefined && node !== above) node = node.parent;
  return node !== undefined;
}
