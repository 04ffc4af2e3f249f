/**
 * A device tree that changes while the kernel runs: nodes and properties come and go, and those who
 * asked for it hear of each change.
 *
 * Linux: drivers/of/dynamic.c, drivers/of/base.c
 *
 * @module
 */
import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import { KERN_ERR } from "../printk.ts";
import { firstString } from "./bytes.ts";
import { type DeviceNode, OF_DETACHED, OF_OVERLAY, type Property } from "./node.ts";
import { cellOf } from "./property.ts";
import type { DeviceTree } from "./tree.ts";

/** What happens to a node or to one of its properties. Linux: OF_RECONFIG_ATTACH_NODE and so on */
export type OfReconfigAction =
  | "ATTACH_NODE"
  | "DETACH_NODE"
  | "ADD_PROPERTY"
  | "REMOVE_PROPERTY"
  | "UPDATE_PROPERTY";

/** A change that was made. Linux: struct of_reconfig_data */
export interface OfReconfigData {
  /** What happened. */
  readonly action: OfReconfigAction;
  /** The node that it happened to. */
  readonly np: DeviceNode;
  /** The property that came, went or has a new value. */
  readonly prop?: Property | undefined;
  /** What the property was before. */
  readonly oldProp?: Property | undefined;
}

/** Hears of changes. An error that it resolves to ends the round. Linux: struct notifier_block */
export type OfReconfigNotifier = (change: OfReconfigData) => Promise<Errno | undefined>;

/** A lock whose holder may sleep. */
export interface OfLock {
  /** Runs `body` alone. */
  with<T>(body: () => Promise<T>): Promise<T>;
}

const NO_LOCK: OfLock = { with: (body) => body() };

/** A tree with those who hear of its changes. */
export class LiveTree {
  /** Called in turn after each change. Linux: of_reconfig_chain */
  readonly notifiers: Set<OfReconfigNotifier> = new Set();

  /** Takes a tree that nobody else changes. `mutex` is held while it changes; default: none. */
  constructor(
    /** The tree. */
    readonly tree: DeviceTree,
    /** Linux: of_mutex */
    readonly mutex: OfLock = NO_LOCK,
  ) {}

  /** Linux: of_reconfig_notify() */
  async notify(change: OfReconfigData): Promise<Errno | undefined> {
    for (const notifier of this.notifiers) {
      const error = await notifier(change);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** Says what went wrong. Linux: pr_err() with `OF: ` in front */
  prErr(text: string): undefined {
    this.tree.printk?.(KERN_ERR, `OF: ${text}`);
  }
}

/** Linux: of_reconfig_notifier_register() */
export function ofReconfigNotifierRegister(
  live: LiveTree,
  notifier: OfReconfigNotifier,
): undefined {
  live.notifiers.add(notifier);
}

/** Linux: of_reconfig_notifier_unregister() */
export function ofReconfigNotifierUnregister(
  live: LiveTree,
  notifier: OfReconfigNotifier,
): undefined {
  live.notifiers.delete(notifier);
}

/**
 * Whether a change brings a device or takes one away, by what becomes of the node's availability.
 * Linux: of_reconfig_get_state_change()
 */
export function ofReconfigGetStateChange(change: OfReconfigData): "add" | "remove" | undefined {
  const { action, np, prop, oldProp } = change;
  let [before, after] = [false, false];
  if (action === "ATTACH_NODE") after = isOkay(np.properties.get("status"));
  else if (action === "DETACH_NODE") before = isOkay(np.properties.get("status"));
  else if (prop?.name === "status") {
    before = action === "REMOVE_PROPERTY" ? isOkay(prop) : isOkay(oldProp);
    after = action === "REMOVE_PROPERTY" || isOkay(prop);
  }
  if (before === after) return undefined;
  return after ? "add" : "remove";
}

/** A node without `status` is enabled. */
function isOkay(status: Property | undefined): boolean {
  if (status === undefined) return true;
  const text = firstString(status.value);
  return text === "okay" || text === "ok";
}

/** What can be wrong with a change before it is made. */
function problemOf({ action, np, prop }: OfReconfigData): Errno | undefined {
  if (prop === undefined) return undefined;
  const there = np.properties.get(prop.name);
  if (action === "ADD_PROPERTY" && there !== undefined) return "EEXIST";
  return action === "REMOVE_PROPERTY" && there !== prop ? "ENODEV" : undefined;
}

/** Makes one change that has no problem. Linux: __of_attach_node() and its kin */
function change(tree: DeviceTree, { action, np, prop }: OfReconfigData): undefined {
  if (action === "ATTACH_NODE") attach(np);
  else if (action === "DETACH_NODE") detach(np);
  else if (prop !== undefined) {
    if (action === "REMOVE_PROPERTY") np.remove(prop.name);
    else np.put(prop); // In its old place, if it has one.
    return;
  }
  tree.nodesChanged();
}

/** The newest child is the first one, and has no children of its own yet. Linux: __of_attach_node() */
function attach(np: DeviceNode): undefined {
  if (!np.checkFlag(OF_OVERLAY)) {
    const name = np.properties.has("phandle") ? "phandle" : "linux,phandle";
    np.phandle = cellOf(np, name) ?? 0;
  }
  np.children.length = 0;
  np.parent?.children.unshift(np);
  np.clearFlag(OF_DETACHED);
}

/** Linux: __of_detach_node() */
function detach(np: DeviceNode): undefined {
  const siblings = np.parent?.children ?? [];
  const at = siblings.indexOf(np);
  if (at >= 0) siblings.splice(at, 1);
  np.testAndSetFlag(OF_DETACHED);
}

async function changeAndNotify(live: LiveTree, wanted: OfReconfigData): Promise<undefined> {
  await live.mutex.with(async () => {
    const problem = problemOf(wanted);
    const where = `${wanted.np.path}: property ${wanted.prop?.name}`;
    if (problem === "EEXIST") throw new KernelError(problem, `${where} exists already`);
    if (problem !== undefined) throw new KernelError(problem, `${where} is not one of the node's`);
    change(live.tree, wanted);
    await Promise.resolve();
  });
  if (wanted.prop === undefined || !wanted.np.checkFlag(OF_DETACHED)) await live.notify(wanted);
}

/**
 * Puts a node below its parent, as the first child; what it had below itself is lost. Linux: of_attach_node()
 */
export async function ofAttachNode(live: LiveTree, np: DeviceNode): Promise<undefined> {
  await changeAndNotify(live, { action: "ATTACH_NODE", np });
}

/** Takes a node out of the tree with everything below. Linux: of_detach_node() */
export async function ofDetachNode(live: LiveTree, np: DeviceNode): Promise<undefined> {
  await changeAndNotify(live, { action: "DETACH_NODE", np });
}

/** Adds a property as the last one. Throws EEXIST if there is one of this name. Linux: of_add_property() */
export async function ofAddProperty(
  live: LiveTree,
  np: DeviceNode,
  prop: Property,
): Promise<undefined> {
  await changeAndNotify(live, { action: "ADD_PROPERTY", np, prop });
}

/** Takes a property away. Throws ENODEV if it is not the node's. Linux: of_remove_property() */
export async function ofRemoveProperty(
  live: LiveTree,
  np: DeviceNode,
  prop: Property,
): Promise<undefined> {
  await changeAndNotify(live, { action: "REMOVE_PROPERTY", np, prop });
}

/** Puts a property into the place of the one with its name, or adds it. Linux: of_update_property() */
export async function ofUpdateProperty(
  live: LiveTree,
  np: DeviceNode,
  prop: Property,
): Promise<undefined> {
  const oldProp = np.properties.get(prop.name);
  await changeAndNotify(live, { action: "UPDATE_PROPERTY", np, prop, oldProp });
}

const OPPOSITE = {
  ATTACH_NODE: "DETACH_NODE",
  DETACH_NODE: "ATTACH_NODE",
  ADD_PROPERTY: "REMOVE_PROPERTY",
  REMOVE_PROPERTY: "ADD_PROPERTY",
  UPDATE_PROPERTY: "UPDATE_PROPERTY",
} as const;

/** The change that undoes a change. Linux: __of_changeset_entry_invert() */
function inverse(entry: OfReconfigData): OfReconfigData {
  const { np, prop, oldProp } = entry;
  if (entry.action !== "UPDATE_PROPERTY") return { ...entry, action: OPPOSITE[entry.action] };
  if (oldProp === undefined) return { action: "REMOVE_PROPERTY", np, prop };
  return { action: "UPDATE_PROPERTY", np, prop: oldProp, oldProp: prop };
}

/** What came of changing entries: why it was not done, and whether undoing what was done failed too. */
export interface ChangesetResult {
  /** Why nothing has changed, or `undefined`. */
  readonly error: Errno | undefined;
  /** Some changes could not be undone: nobody knows the state of the tree. */
  readonly corrupt: boolean;
}

/** Changes that are made together or not at all. Linux: struct of_changeset */
export class OfChangeset {
  /** The changes in the order in which they are made. */
  readonly entries: OfReconfigData[] = [];

  /** Makes an empty set of changes to a tree. Linux: of_changeset_init() */
  constructor(
    /** The tree that is to change. */
    readonly live: LiveTree,
  ) {}

  /** Adds a change as the last one. Linux: of_changeset_action() */
  action(action: OfReconfigAction, np: DeviceNode, prop?: Property): undefined {
    const oldProp = action === "UPDATE_PROPERTY" && prop ? np.property(prop.name) : undefined;
    this.entries.push({ action, np, prop, oldProp });
  }

  /**
   * Makes all changes; those who asked hear of them then, in the same order. If one cannot be made,
   * those before it are undone. Linux: of_changeset_apply()
   *
   * @returns The error, `undefined` if there was none.
   */
  async apply(): Promise<Errno | undefined> {
    const made = await this.live.mutex.with(() => Promise.resolve(this.applyEntries()));
    return made.error ?? await this.applyNotify();
  }

  /** Undoes all changes in reverse order, and says so. Linux: of_changeset_revert() */
  async revert(): Promise<Errno | undefined> {
    const made = await this.live.mutex.with(() => Promise.resolve(this.revertEntries()));
    return made.error ?? await this.revertNotify();
  }

  /** Linux: __of_changeset_apply_entries() */
  applyEntries(): ChangesetResult {
    return this.#makeAll(this.entries, "applying");
  }

  /** Linux: __of_changeset_revert_entries() */
  revertEntries(): ChangesetResult {
    return this.#makeAll(this.entries.map(inverse).reverse(), "reverting");
  }

  /** Linux: __of_changeset_apply_notify() */
  applyNotify(): Promise<Errno | undefined> {
    return this.#notifyAll(this.entries);
  }

  /** Linux: __of_changeset_revert_notify() */
  revertNotify(): Promise<Errno | undefined> {
    return this.#notifyAll(this.entries.map(inverse).reverse());
  }

  #makeAll(changes: readonly OfReconfigData[], what: "applying" | "reverting"): ChangesetResult {
    for (let at = 0; at < changes.length; at++) {
      const error = this.#make(changes[at]);
      if (error === undefined) continue;
      this.live.prErr(`Error ${what} changeset (${-ERRNO[error]})`);
      const undone = changes.slice(0, at).reverse().map((entry) => this.#make(inverse(entry)));
      return { error, corrupt: undone.some((problem) => problem !== undefined) };
    }
    return { error: undefined, corrupt: false };
  }

  /** Linux: __of_changeset_entry_apply() */
  #make(entry: OfReconfigData): Errno | undefined {
    const { action, np, prop } = entry;
    const problem = problemOf(entry);
    if (problem === undefined) return change(this.live.tree, entry);
    this.live.prErr(`changeset: apply failed: ${action.padEnd(15)} ${np.pOF}:${prop?.name}`);
    return problem;
  }

  /** Everybody hears of everything; the last error counts. Linux: __of_changeset_entry_notify() */
  async #notifyAll(changes: readonly OfReconfigData[]): Promise<Errno | undefined> {
    let last: Errno | undefined;
    for (const entry of changes) {
      if (entry.prop !== undefined && entry.np.checkFlag(OF_DETACHED)) continue;
      const error = await this.live.notify(entry);
      if (error === undefined) continue;
      this.live.prErr(`changeset notifier error @${entry.np.pOF}`);
      last = error;
    }
    return last;
  }
}
