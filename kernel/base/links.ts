/**
 * Links between devices: a consumer is not probed before its suppliers, is unbound before them, is shut down
 * and put to sleep before them.
 *
 * Linux: the device links of drivers/base/core.c. Nothing here waits, so its locks are never missed.
 *
 * @module
 */
import { KernelBug, KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import { type Class, classRegister, Device, DEVICES, type LinkStatus } from "./device.ts";
import { debugDevice, deviceHide, deviceJoin, deviceLeave } from "./join.ts";

/** Whoever made the link drops it; the core only orders power management by it. */
export const DL_FLAG_STATELESS = 1 << 0;
/** The link goes when the consumer's driver does. */
export const DL_FLAG_AUTOREMOVE_CONSUMER = 1 << 1;
/** The supplier is awake while the consumer is. */
export const DL_FLAG_PM_RUNTIME = 1 << 2;
/** The supplier is woken when the link is made. */
export const DL_FLAG_RPM_ACTIVE = 1 << 3;
/** The link goes when the supplier's driver does. */
export const DL_FLAG_AUTOREMOVE_SUPPLIER = 1 << 4;
/** The consumer is tried when the supplier has a driver. */
export const DL_FLAG_AUTOPROBE_CONSUMER = 1 << 5;
/** The driver core looks after the link. */
export const DL_FLAG_MANAGED = 1 << 6;
/** The link keeps nobody from being probed; it only holds back the supplier's `syncState()`. */
export const DL_FLAG_SYNC_STATE_ONLY = 1 << 7;
/** The device tree says so, no driver. */
export const DL_FLAG_INFERRED = 1 << 8;
/** It is part of a circle. */
export const DL_FLAG_CYCLE = 1 << 9;

const MARKER_FLAGS = DL_FLAG_INFERRED | DL_FLAG_CYCLE | DL_FLAG_MANAGED;
const AUTOREMOVE = DL_FLAG_AUTOREMOVE_CONSUMER | DL_FLAG_AUTOREMOVE_SUPPLIER;
const MANAGED_LINK_FLAGS = AUTOREMOVE | DL_FLAG_AUTOPROBE_CONSUMER | DL_FLAG_SYNC_STATE_ONLY |
  DL_FLAG_INFERRED | DL_FLAG_CYCLE;
const VALID_FLAGS = MANAGED_LINK_FLAGS | DL_FLAG_STATELESS | DL_FLAG_PM_RUNTIME |
  DL_FLAG_RPM_ACTIVE;

const CORE = "drivers/base/core.c";

/** What a link says about its ends, in the words of its `status` file. Linux: enum device_link_state */
export type LinkState =
  | "not tracked"
  | "dormant"
  | "available"
  | "consumer probing"
  | "active"
  | "supplier unbinding";

function busName(dev: Device): string {
  return dev.bus?.name ?? dev.cls?.name ?? "";
}

function autoRemoveOn({ flags }: DeviceLink): string {
  if ((flags & DL_FLAG_AUTOREMOVE_SUPPLIER) !== 0) return "supplier unbind";
  return (flags & DL_FLAG_AUTOREMOVE_CONSUMER) !== 0 ? "consumer unbind" : "never";
}

const DEVLINK_GROUP: AttributeGroup<DeviceLink> = {
  attrs: [
    { name: "status", mode: 0o444, show: (link) => `${link.state}\n` },
    { name: "auto_remove_on", mode: 0o444, show: (link) => `${autoRemoveOn(link)}\n` },
    {
      name: "runtime_pm",
      mode: 0o444,
      show: (link) => `${link.has(DL_FLAG_PM_RUNTIME) ? 1 : 0}\n`,
    },
    {
      name: "sync_state_only",
      mode: 0o444,
      show: (link) => `${link.has(DL_FLAG_SYNC_STATE_ONLY) ? 1 : 0}\n`,
    },
  ],
};

const DEVLINK_CLASS: Class = {
  name: "devlink",
  devGroups: [DEVLINK_GROUP as AttributeGroup<never>],
};

/** Linux: devlink_class_init() */
export async function devlinkClassInit(kernel: Kernel): Promise<number> {
  classRegister(kernel, DEVLINK_CLASS);
  return 0;
}

/** A link: `/sys/class/devlink/BUS:SUPPLIER--BUS:CONSUMER`. Linux: struct device_link */
export class DeviceLink extends Device {
  state: LinkState = "not tracked";
  /** How often it was asked for: the last who drops it makes it go. */
  refs = 1;

  constructor(readonly consumer: Device, readonly supplier: Device, public flags: number) {
    const [sup, con] = [supplier, consumer].map((dev) => `${busName(dev)}:${dev.name}`);
    super(supplier.kernel, `${sup}--${con}`);
    this.cls = DEVLINK_CLASS;
    this.pmNotRequired = true;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** It orders nothing. Linux: device_link_flag_is_sync_state_only() */
  get syncStateOnly(): boolean {
    return isSyncStateOnly(this.flags);
  }

  setState(state: LinkState): undefined {
    this.kernel.access?.("devlink", this.name, "write");
    this.state = state;
  }
}

function isSyncStateOnly(flags: number): boolean {
  return (flags & ~MARKER_FLAGS) === DL_FLAG_SYNC_STATE_ONLY;
}

const NO_LINKS: readonly DeviceLink[] = [];

/** Links to the devices that `dev` needs, oldest first. */
export function suppliersOf(dev: Device): readonly DeviceLink[] {
  return dev.links?.suppliers ?? NO_LINKS;
}

/** Links to the devices that need `dev`, oldest first. */
export function consumersOf(dev: Device): readonly DeviceLink[] {
  return dev.links?.consumers ?? NO_LINKS;
}

function isAncestor(dev: Device, target: Device): boolean {
  for (let at = target.parentDevice; at !== undefined; at = at.parentDevice) {
    if (at === dev) return true;
  }
  return false;
}

/** Whether `target` is below `dev`, or needs it, over any number of steps. Linux: device_is_dependent() */
export function deviceIsDependent(dev: Device, target: Device): boolean {
  if (dev === target || isAncestor(dev, target)) return true;
  for (const child of dev.childDevices ?? []) if (deviceIsDependent(child, target)) return true;
  return consumersOf(dev).some((link) =>
    !link.syncStateOnly && (link.consumer === target || deviceIsDependent(link.consumer, target))
  );
}

/**
 * Moves a device, those below it and those that need it to the end of the lists by which devices are shut down
 * and put to sleep.
 *
 * Linux: device_pm_move_to_tail(), device_reorder_to_tail()
 */
export function deviceMoveToTail(dev: Device): undefined {
  const { kernel } = dev;
  const devices = kernel.get(DEVICES);
  if (devices.delete(dev)) {
    const text = `devices_kset: Moving ${dev.name} to end of list`;
    kernel.dyndbg?.print(CORE, "devices_kset_move_last", text);
    kernel.access?.("device order", "", "append");
    devices.add(dev);
  }
  for (const child of dev.childDevices ?? []) deviceMoveToTail(child);
  for (const link of consumersOf(dev)) if (!link.syncStateOnly) deviceMoveToTail(link.consumer);
}

/** What a new link says. Linux: device_link_init_status() */
function initialState(consumer: LinkStatus, supplier: LinkStatus): LinkState {
  if (supplier === "unbinding") return "supplier unbinding";
  if (supplier === "probing") return consumer === "probing" ? "consumer probing" : "dormant";
  if (supplier !== "bound") return "dormant";
  if (consumer === "probing") return "consumer probing";
  return consumer === "bound" ? "active" : "available";
}

function flagsAreValid(flags: number): boolean {
  if ((flags & ~VALID_FLAGS) !== 0) return false;
  if ((flags & DL_FLAG_STATELESS) !== 0 && (flags & MANAGED_LINK_FLAGS) !== 0) return false;
  if ((flags & DL_FLAG_AUTOPROBE_CONSUMER) !== 0 && (flags & AUTOREMOVE) !== 0) return false;
  return (flags & DL_FLAG_SYNC_STATE_ONLY) === 0 || isSyncStateOnly(flags);
}

/** A link would make a circle, or come too late to hold anything back. */
function linkIsVain(consumer: Device, supplier: Device, flags: number): boolean {
  if (!supplier.registered) return true;
  if ((flags & DL_FLAG_SYNC_STATE_ONLY) === 0) return deviceIsDependent(consumer, supplier);
  return consumer.linkStatus !== "no driver" && consumer.linkStatus !== "probing";
}

/**
 * Makes a link, or makes an existing one stronger.
 *
 * Linux: device_link_add()
 *
 * @param flags `DL_FLAG_*`.
 * @returns `undefined` when the flags do not fit each other, when the supplier needs the consumer, or when
 *   memory is short.
 */
export function deviceLinkAdd(
  consumer: Device,
  supplier: Device,
  flags: number,
): DeviceLink | undefined {
  if (consumer === supplier || !flagsAreValid(flags)) return undefined;
  const asked = (flags & DL_FLAG_STATELESS) === 0 ? flags | DL_FLAG_MANAGED : flags;
  if (linkIsVain(consumer, supplier, asked)) return undefined;
  const known = consumersOf(supplier).find((link) => link.consumer === consumer);
  if (known !== undefined) return strengthen(known, asked);
  const longer = (asked & DL_FLAG_AUTOREMOVE_SUPPLIER) !== 0;
  const kept = longer ? asked & ~DL_FLAG_AUTOREMOVE_CONSUMER : asked;
  const link = new DeviceLink(consumer, supplier, kept);
  try {
    deviceJoin(link);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
  addSymlinks(link);
  if (link.has(DL_FLAG_MANAGED)) {
    link.setState(initialState(consumer.linkStatus, supplier.linkStatus));
  }
  (supplier.links ??= { suppliers: [], consumers: [] }).consumers.push(link);
  (consumer.links ??= { suppliers: [], consumers: [] }).suppliers.push(link);
  if (link.has(DL_FLAG_SYNC_STATE_ONLY)) debugLinked(link, "a sync state only consumer");
  else reorder(link);
  return link;
}

function debugLinked({ consumer, supplier, kernel }: DeviceLink, as: string): undefined {
  const text = `Linked as ${as} to ${supplier.name}`;
  kernel.dyndbg?.dev(CORE, "device_link_add", consumer, text);
}

function reorder(link: DeviceLink): undefined {
  deviceMoveToTail(link.consumer);
  debugLinked(link, "a consumer");
}

/** Somebody else asks for a link that is there. Linux: device_link_add() */
function strengthen(link: DeviceLink, flags: number): DeviceLink {
  const wasSyncStateOnly = link.has(DL_FLAG_SYNC_STATE_ONLY);
  if ((flags & DL_FLAG_INFERRED) === 0) link.flags &= ~DL_FLAG_INFERRED;
  link.flags |= flags & DL_FLAG_PM_RUNTIME;
  if ((flags & DL_FLAG_STATELESS) !== 0) {
    link.refs++;
    const first = !link.has(DL_FLAG_STATELESS);
    link.flags |= DL_FLAG_STATELESS;
    if (first && wasSyncStateOnly) reorder(link);
    return link;
  }
  if ((flags & DL_FLAG_AUTOREMOVE_SUPPLIER) !== 0) {
    if (link.has(DL_FLAG_AUTOREMOVE_CONSUMER)) link.flags ^= AUTOREMOVE;
  } else if ((flags & DL_FLAG_AUTOREMOVE_CONSUMER) === 0) link.flags &= ~AUTOREMOVE;
  if (!link.has(DL_FLAG_MANAGED)) {
    link.refs++;
    link.flags |= DL_FLAG_MANAGED;
    link.setState(initialState(link.consumer.linkStatus, link.supplier.linkStatus));
  }
  if (wasSyncStateOnly && (flags & DL_FLAG_SYNC_STATE_ONLY) === 0) {
    link.flags &= ~DL_FLAG_SYNC_STATE_ONLY;
    reorder(link);
  }
  return link;
}

/** The links between the three folders. Linux: devlink_add_symlinks() */
function addSymlinks(link: DeviceLink): undefined {
  const { supplier, consumer } = link;
  link.addLink("supplier", supplier);
  link.addLink("consumer", consumer);
  supplier.addLink(`consumer:${busName(consumer)}:${consumer.name}`, link);
  consumer.addLink(`supplier:${busName(supplier)}:${supplier.name}`, link);
}

/** Linux: devlink_remove_symlinks() */
function removeSymlinks(link: DeviceLink): undefined {
  const { supplier, consumer } = link;
  link.removeEntry("consumer");
  link.removeEntry("supplier");
  consumer.removeEntry(`supplier:${busName(supplier)}:${supplier.name}`);
  supplier.removeEntry(`consumer:${busName(consumer)}:${consumer.name}`);
}

/** Linux: __device_link_del() */
function deleteLink(link: DeviceLink): undefined {
  const { consumer, supplier, kernel } = link;
  const text = `Dropping the link to ${supplier.name}`;
  kernel.dyndbg?.dev(CORE, "__device_link_del", consumer, text);
  kernel.access?.("devlink", link.name, "write");
  consumer.links?.suppliers.splice(consumer.links.suppliers.indexOf(link), 1);
  supplier.links?.consumers.splice(supplier.links.consumers.indexOf(link), 1);
  debugDevice(link, "device_unregister");
  removeSymlinks(link);
  deviceHide(link);
  deviceLeave(link);
}

/**
 * Drops a link that a driver made with `DL_FLAG_STATELESS`.
 *
 * Linux: device_link_del()
 */
export function deviceLinkDel(link: DeviceLink): undefined {
  const stateless = link.has(DL_FLAG_STATELESS);
  if (!stateless && link.consumer.registered) {
    throw new KernelBug(
      `${link.name}: the driver core looks after this link, it cannot be dropped`,
    );
  }
  if (--link.refs === 0 || !stateless) deleteLink(link);
}

/** The core looks after the link no more. Linux: device_link_drop_managed() */
export function deviceLinkDropManaged(link: DeviceLink): undefined {
  link.flags &= ~DL_FLAG_MANAGED;
  link.setState("not tracked");
  if (--link.refs === 0) deleteLink(link);
}

/** Drops all links of a device that goes. Linux: device_links_purge() */
export function deviceLinksPurge(dev: Device): undefined {
  for (const link of [...suppliersOf(dev)].reverse()) deleteLink(link);
  for (const link of [...consumersOf(dev)].reverse()) deleteLink(link);
}
