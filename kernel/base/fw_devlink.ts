/**
 * Links between devices that the device tree asks for: by them devices are probed after those that they need,
 * whatever the order in which drivers come.
 *
 * Linux: the fw_devlink part of drivers/base/core.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import { ofDeviceIsAvailable } from "../of/base.ts";
import { ofSupplierLinks } from "../of/supplier.ts";
import type { DeviceTree } from "../of/tree.ts";
import { Slot } from "../slot.ts";
import { devErr, type Device, DEVICES, devWarn, hasSyncState } from "./device.ts";
import { type Fwnode, type FwnodeLink, FWNODES } from "./fwnode.ts";
import {
  consumersOf,
  DeviceLink,
  deviceLinkAdd,
  DL_FLAG_AUTOPROBE_CONSUMER,
  DL_FLAG_CYCLE,
  DL_FLAG_INFERRED,
  DL_FLAG_MANAGED,
  DL_FLAG_PM_RUNTIME,
  DL_FLAG_SYNC_STATE_ONLY,
  suppliersOf,
} from "./links.ts";
import { syncStateFlush } from "./sync_state.ts";

const CORE = "drivers/base/core.c";

/** What `fw_devlink=` may say: how much the device tree's words are worth. */
export type FwDevlinkMode = "off" | "permissive" | "on" | "rpm";

const PERMISSIVE = DL_FLAG_INFERRED | DL_FLAG_SYNC_STATE_ONLY;
const ON = DL_FLAG_INFERRED | DL_FLAG_AUTOPROBE_CONSUMER;

/** Flags of the links that are made. */
const MODE_FLAGS: Readonly<Record<FwDevlinkMode, number>> = {
  off: 0,
  permissive: PERMISSIVE,
  on: ON,
  rpm: ON | DL_FLAG_PM_RUNTIME,
};

function isMode(word: string): word is FwDevlinkMode {
  return word in MODE_FLAGS;
}

/** How one kernel takes the device tree's words. */
class FwDevlink {
  readonly mode: FwDevlinkMode;
  /** Also what devices usually can do without holds them back. */
  readonly strict: boolean;
  /** No more drivers are expected: a supplier without one is not waited for. Linux: fw_devlink_drv_reg_done */
  driversDone = false;

  constructor({ params, profile }: Kernel) {
    this.mode = params.getAll("fw_devlink").findLast(isMode) ?? profile.fwDevlink;
    const strict = /^(y|t|1|on)/i.test(params.get("fw_devlink.strict") ?? "");
    this.strict = strict && this.mode !== "permissive";
  }

  /** A device is not probed before all that it needs are there. */
  get enforces(): boolean {
    return this.mode === "on" || this.mode === "rpm";
  }
}

const FW_DEVLINK: Slot<FwDevlink> = new Slot("fw_devlink", (kernel) => new FwDevlink(kernel));

const WAITING_GROUP: AttributeGroup<Device> = {
  attrs: [{
    name: "waiting_for_supplier",
    mode: 0o444,
    show: (dev) => `${fwDevlinkMissing(dev) === undefined ? 0 : 1}\n`,
  }],
};

/** A new device shows whether it waits. Linux: device_add_attrs() */
export function fwDevlinkShow(dev: Device): undefined {
  if (dev.fwnode !== undefined && dev.kernel.get(FW_DEVLINK).enforces) dev.addGroup(WAITING_GROUP);
}

/**
 * The first node that the device needs and that is no device yet.
 *
 * Linux: fwnode_links_check_suppliers()
 */
export function fwDevlinkMissing({ fwnode, kernel }: Device): Fwnode | undefined {
  if (fwnode === undefined || fwnode.suppliers.length === 0) return undefined;
  if (kernel.get(FW_DEVLINK).mode === "permissive") return undefined;
  kernel.access?.("fwnode", fwnode.path, "read");
  return fwnode.suppliers.find((link) => !link.cycle)?.supplier;
}

/** A device stands for its node: links are made to those that it needs and from those that need it. Linux: fw_devlink_link_device() */
export function fwDevlinkAddDevice(dev: Device): undefined {
  const { fwnode, kernel } = dev;
  if (fwnode === undefined || fwnode.dev !== undefined) return;
  kernel.access?.("fwnode", fwnode.path, "write");
  fwnode.dev = dev;
  const { mode, strict } = kernel.get(FW_DEVLINK);
  if (mode === "off") return;
  parseTree(kernel, fwnode, strict);
  linkToConsumers(dev, fwnode);
  linkToSuppliers(dev, fwnode);
}

/** Linux: fw_devlink_parse_fwtree(), fw_devlink_parse_fwnode() */
function parseTree(kernel: Kernel, node: Fwnode, strict: boolean): undefined {
  if (!node.linksAdded) {
    const nodes = kernel.get(FWNODES);
    node.linksAdded = true;
    for (const link of ofSupplierLinks(kernel.tree as DeviceTree, node.np, strict)) {
      const supplier = nodes.of(link.supplier);
      if (canBeSupplier(supplier)) nodes.link(nodes.of(link.consumer), supplier);
    }
  }
  for (const child of node.children) parseTree(kernel, child, strict);
}

/** What is switched off, itself or above, will never be there. Linux: of_link_to_phandle() */
function canBeSupplier(node: Fwnode): boolean {
  for (let at: Fwnode | undefined = node; at !== undefined; at = at.parent) {
    if (at.dev !== undefined) return true;
    if (!ofDeviceIsAvailable(at.np)) return false;
  }
  return true;
}

/**
 * Links from all that need the device. A consumer that is not there yet is stood in for by the device above it,
 * so that the supplier is not told too early that all are there.
 *
 * Linux: __fw_devlink_link_to_consumers()
 */
function linkToConsumers(dev: Device, fwnode: Fwnode): undefined {
  const { access } = dev.kernel;
  access?.("fwnode consumers", fwnode.path, "read");
  for (const link of [...fwnode.consumers]) {
    access?.("fwnode", link.consumer.path, "read");
    const own = link.consumer.dev;
    const consumer = own ?? link.consumer.parentDev;
    // The device above both needs neither.
    if (consumer === undefined) continue;
    if (own === undefined && consumer.fwnode?.isAncestorOf(fwnode) === true) continue;
    const made = createDevlink(consumer, fwnode, link);
    if (own !== undefined && made !== "later") dev.kernel.get(FWNODES).unlink(link);
  }
}

/**
 * Links to all that the device needs, and those below it that are no devices yet.
 *
 * Linux: __fw_devlink_link_to_suppliers()
 */
function linkToSuppliers(dev: Device, node: Fwnode): undefined {
  for (const link of [...node.suppliers]) {
    const made = createDevlink(dev, link.supplier, link);
    if (node === dev.fwnode && made !== "later") dev.kernel.get(FWNODES).unlink(link);
  }
  for (const child of node.children) linkToSuppliers(dev, child);
}

/** What became of a wish: a link; nothing, now and for ever; nothing yet. */
type Made = "link" | "nothing" | "later";

/**
 * Makes a link of what the device tree says, where both ends are devices.
 *
 * Linux: fw_devlink_create_devlink()
 */
function createDevlink(con: Device, supplier: Fwnode, link: FwnodeLink): Made {
  const { kernel } = con;
  if (relaxCycles(kernel, link.consumer, supplier)) {
    markCycle(kernel, link);
    kernel.dyndbg?.print(CORE, "fw_devlink_create_devlink", "----- cycle: end -----");
    kernel.info(`${link.consumer.path}: Fixed dependency cycle(s) with ${supplier.path}`);
  }
  kernel.access?.("fwnode", supplier.path, "read");
  const supDev = supplier.notDevice ? supplier.parentDev : supplier.dev;
  if (supDev === undefined) {
    if (!neverDevice(supplier)) return "later";
    debugNotLinking(con, supplier, "might never become dev");
    return "nothing";
  }
  if (supDev.linkStatus === "no driver" && supplier.initialized) {
    debugNotLinking(con, supplier, "dev might never probe");
    return "nothing";
  }
  if (con === supDev) return "link";
  const flags = flagsFor(con, link);
  if (deviceLinkAdd(con, supDev, flags) !== undefined) return "link";
  devErr(con, `Failed to create device link (0x${flags.toString(16)}) with ${supDev.name}`);
  return "nothing";
}

function debugNotLinking(con: Device, { path }: Fwnode, why: string): undefined {
  const text = `Not linking ${path} - ${why}`;
  con.kernel.dyndbg?.dev(CORE, "fw_devlink_create_devlink", con, text);
}

/** What stands in for another consumer, or is part of a circle, must hold nobody back. Linux: fw_devlink_get_flags() */
function flagsFor(con: Device, link: FwnodeLink): number {
  if (con.fwnode !== link.consumer) return PERMISSIVE;
  return link.cycle ? PERMISSIVE | DL_FLAG_CYCLE : MODE_FLAGS[con.kernel.get(FW_DEVLINK).mode];
}

/** The node, or one above it, is served by code that made no device of it, or none with a driver. Linux: fwnode_ancestor_init_without_drv() */
function neverDevice(node: Fwnode): boolean {
  for (let at: Fwnode | undefined = node; at !== undefined; at = at.parent) {
    const served = at.dev === undefined || at.dev.linkStatus === "no driver";
    if (at.initialized && served) return true;
  }
  return false;
}

/** Linux: __fwnode_link_cycle() */
function markCycle(kernel: Kernel, link: FwnodeLink): undefined {
  const text = `${link.consumer.path}: cycle: depends on ${link.supplier.path}`;
  kernel.dyndbg?.print(CORE, "__fwnode_link_cycle", text);
  link.cycle = true;
}

/**
 * Looks for circles by which `node` needs `con`, itself or over what it needs and what is above it. All links on
 * them hold nobody back any more: nobody can say which of them is wrong.
 *
 * Linux: __fw_devlink_relax_cycles()
 */
function relaxCycles(kernel: Kernel, con: Fwnode, node: Fwnode): boolean {
  if (node.visited) return false;
  kernel.access?.("fwnode", node.path, "read");
  if (node === con) {
    kernel.dyndbg?.print(CORE, "__fw_devlink_relax_cycles", "----- cycle: start -----");
    return true;
  }
  const { dev } = node;
  // What has a driver cannot wait for what has none.
  if (dev?.linkStatus === "bound" && con.dev?.linkStatus === "no driver") return false;
  node.visited = true;
  let found = false;
  for (const link of node.suppliers) {
    if (!relaxCycles(kernel, con, link.supplier)) continue;
    markCycle(kernel, link);
    found = true;
  }
  const above = (dev === undefined ? node.parentDev : dev.parentDevice)?.fwnode;
  if (above !== undefined && relaxCycles(kernel, con, above)) {
    const text = `${node.path}: cycle: child of ${above.path}`;
    kernel.dyndbg?.print(CORE, "__fw_devlink_relax_cycles", text);
    found = true;
  }
  for (const link of dev === undefined ? [] : suppliersOf(dev)) {
    found = relaxDeviceLink(kernel, con, node, link) || found;
  }
  node.visited = false;
  return found;
}

/** Follows a link that there is already. */
function relaxDeviceLink(
  kernel: Kernel,
  con: Fwnode,
  node: Fwnode,
  link: DeviceLink,
): boolean {
  const supplier = link.supplier.fwnode;
  if (link.syncStateOnly && (link.flags & DL_FLAG_CYCLE) === 0) return false;
  if (supplier === undefined || !relaxCycles(kernel, con, supplier)) return false;
  const text = `${node.path}: cycle: depends on ${supplier.path}`;
  kernel.dyndbg?.print(CORE, "__fw_devlink_relax_cycles", text);
  relaxLink(link);
  link.flags |= DL_FLAG_CYCLE;
  return true;
}

/** A link that only the device tree asked for holds nobody back any more. Linux: fw_devlink_relax_link() */
function relaxLink(link: DeviceLink): undefined {
  if ((link.flags & DL_FLAG_INFERRED) === 0 || link.syncStateOnly) return;
  link.kernel.access?.("devlink", link.name, "write");
  link.flags = DL_FLAG_MANAGED | PERMISSIVE;
  const text = `Relaxing link with ${link.supplier.name}`;
  link.kernel.dyndbg?.dev(CORE, "fw_devlink_relax_link", link.consumer, text);
}

/**
 * A device has a driver. What its node needs beyond the links that there are was not needed; nodes below it that
 * are no devices by now are served by it.
 *
 * Linux: device_links_driver_bound()
 */
export function fwDevlinkDriverBound(dev: Device): undefined {
  const { fwnode, kernel } = dev;
  if (fwnode?.dev === dev) {
    const nodes = kernel.get(FWNODES);
    nodes.purgeSuppliers(fwnode);
    for (const child of fwnode.children) nodes.pickupDanglingConsumers(child, fwnode);
    linkToConsumers(dev, fwnode);
  }
  dev.removeGroup(WAITING_GROUP);
}

/** A new device without a driver, when no more drivers are expected, holds nobody back. Linux: fw_devlink_unblock_consumers() */
export function fwDevlinkProbed(dev: Device): undefined {
  if (dev.fwnode === undefined || dev.canMatch) return;
  const { driversDone, enforces } = dev.kernel.get(FW_DEVLINK);
  if (!driversDone || !enforces) return;
  for (const link of consumersOf(dev)) relaxLink(link);
}

/** Every link, oldest first. Linux: class_for_each_device() of devlink_class */
function allLinks(kernel: Kernel): DeviceLink[] {
  return [...kernel.get(DEVICES)].filter((dev) => dev instanceof DeviceLink);
}

/** No more drivers are expected: suppliers without one hold nobody back. Linux: fw_devlink_drivers_done() */
export function fwDevlinkDriversDone(kernel: Kernel): undefined {
  kernel.get(FW_DEVLINK).driversDone = true;
  for (const link of allLinks(kernel)) if (!link.supplier.canMatch) relaxLink(link);
}

/**
 * Consumers that did not come by now may never come: names those for whom suppliers keep everything switched on,
 * or tells these suppliers that all are there, as `fw_devlink.sync_state=` says.
 *
 * Linux: fw_devlink_probing_done()
 */
export async function fwDevlinkProbingDone(kernel: Kernel): Promise<undefined> {
  if (!kernel.profile.syncStateTimeout) return;
  const words = kernel.params.getAll("fw_devlink.sync_state");
  const strict = words.findLast((word) => word === "strict" || word === "timeout") !== "timeout";
  const forced: Device[] = [];
  for (const link of allLinks(kernel)) {
    const { supplier, consumer } = link;
    if (!link.has(DL_FLAG_MANAGED) || link.state === "active") continue;
    if (supplier.stateSynced || !hasSyncState(supplier)) continue;
    if (strict) devWarn(supplier, `sync_state() pending due to ${consumer.name}`);
    else {
      devWarn(supplier, "Timed out. Forcing sync_state()");
      supplier.stateSynced = true;
      forced.push(supplier);
    }
  }
  await syncStateFlush(forced);
}
