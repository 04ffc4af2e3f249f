/**
 * Bringing interfaces up and down, their flags and address lists.
 *
 * What Linux sends by itself when an interface goes up (IPv6 router solicitations, multicast reports,
 * address checks) is not modelled: there is no IP stack. The membership of the group of all IPv4
 * hosts is, because drivers see it.
 *
 * Linux: net/core/dev.c, net/core/dev_addr_lists.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { KERN_INFO } from "../printk.ts";
import { formatMac } from "./eth.ts";
import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  IFF_VOLATILE,
} from "./if.ts";
import type { HwAddr, NetDevice } from "./netdevice.ts";
import { callNetdeviceNotifiers } from "./registry.ts";
import { devActivate, devDeactivate } from "./sch_generic.ts";

/** Flags that user space may set one by one. */
const IFF_SETTABLE = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST |
  IFF_PORTSEL | IFF_AUTOMEDIA;
/** Flags that an interface has whatever is set. */
const IFF_KEPT = IFF_UP | IFF_VOLATILE | IFF_PROMISC | IFF_ALLMULTI;

/** Has the driver take over flags and addresses, if the device is up. Linux: dev_set_rx_mode() */
function devSetRxMode(dev: NetDevice): undefined {
  if ((dev.flags & IFF_UP) === 0 || !dev.present) return;
  dev.ops.setRxMode?.(dev);
}

/**
 * Brings a device up; nothing happens when it is. The caller holds the lock.
 *
 * Linux: dev_open()
 *
 * @throws {KernelError} What its driver's open function throws; `ENODEV` while it sleeps.
 */
export async function devOpen(dev: NetDevice): Promise<undefined> {
  if ((dev.flags & IFF_UP) !== 0) return;
  await doOpen(dev);
  await callNetdeviceNotifiers("up", dev);
}

/** Linux: __dev_open() */
async function doOpen(dev: NetDevice): Promise<undefined> {
  if (!dev.present) throw new KernelError("ENODEV", `${dev.name}: is not there now`);
  await callNetdeviceNotifiers("pre-up", dev);
  dev.running = true;
  try {
    dev.ops.validateAddr?.(dev);
    await dev.ops.open?.(dev);
  } catch (error) {
    dev.running = false;
    throw error;
  }
  dev.flags |= IFF_UP;
  devSetRxMode(dev);
  devActivate(dev);
}

/** Takes a device down; nothing happens when it is. The caller holds the lock. Linux: dev_close() */
export async function devClose(dev: NetDevice): Promise<undefined> {
  if ((dev.flags & IFF_UP) === 0) return;
  await doClose(dev);
  await callNetdeviceNotifiers("down", dev);
}

/** Linux: __dev_close() */
async function doClose(dev: NetDevice): Promise<undefined> {
  await callNetdeviceNotifiers("going-down", dev);
  dev.running = false;
  devDeactivate(dev);
  await dev.ops.stop?.(dev);
  dev.flags &= ~IFF_UP;
}

/** Linux: __dev_set_promiscuity() */
function changePromiscuity(dev: NetDevice, by: number): undefined {
  const old = dev.flags;
  dev.promiscuity += by;
  dev.flags = dev.promiscuity > 0 ? dev.flags | IFF_PROMISC : dev.flags & ~IFF_PROMISC;
  if (dev.flags === old) return;
  const entered = (dev.flags & IFF_PROMISC) !== 0;
  dev.kernel.printk(
    KERN_INFO,
    `device ${dev.name} ${entered ? "entered" : "left"} promiscuous mode`,
  );
}

/**
 * Wants promiscuous mode once more (`by` 1) or once less (-1).
 *
 * Linux: dev_set_promiscuity()
 */
export function devSetPromiscuity(dev: NetDevice, by: 1 | -1): undefined {
  const old = dev.flags;
  changePromiscuity(dev, by);
  if (dev.flags !== old) devSetRxMode(dev);
}

/** Wants all multicast packets once more (`by` 1) or once less (-1). Linux: dev_set_allmulti() */
export function devSetAllmulti(dev: NetDevice, by: 1 | -1): undefined {
  const old = dev.flags;
  dev.allmulti += by;
  dev.flags = dev.allmulti > 0 ? dev.flags | IFF_ALLMULTI : dev.flags & ~IFF_ALLMULTI;
  if (dev.flags !== old) devSetRxMode(dev);
}

/** Linux: __dev_change_flags() */
async function applyFlags(dev: NetDevice, flags: number): Promise<undefined> {
  const old = dev.flags;
  dev.flags = (flags & IFF_SETTABLE) | (old & IFF_KEPT);
  devSetRxMode(dev);
  let failure: unknown;
  if (((old ^ flags) & IFF_UP) !== 0) {
    if ((old & IFF_UP) !== 0) await doClose(dev);
    else await doOpen(dev).catch((error) => (failure = error));
  }
  if (((flags ^ dev.gflags) & IFF_PROMISC) !== 0) {
    dev.gflags ^= IFF_PROMISC;
    devSetPromiscuity(dev, (flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }
  if (((flags ^ dev.gflags) & IFF_ALLMULTI) !== 0) {
    dev.gflags ^= IFF_ALLMULTI;
    devSetAllmulti(dev, (flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  }
  if (failure !== undefined) throw failure;
}

/**
 * Sets the flags of an interface, and with `IFF_UP` whether it is up. The caller holds the lock.
 *
 * Linux: dev_change_flags()
 *
 * @throws {KernelError} What {@linkcode devOpen} throws.
 */
export async function devChangeFlags(dev: NetDevice, flags: number): Promise<undefined> {
  const old = dev.flags;
  await applyFlags(dev, flags);
  const changes = old ^ dev.flags;
  if ((changes & IFF_UP) !== 0) {
    await callNetdeviceNotifiers((dev.flags & IFF_UP) !== 0 ? "up" : "down", dev);
  }
  const others = ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE);
  if ((dev.flags & IFF_UP) !== 0 && (changes & others) !== 0) {
    await callNetdeviceNotifiers("change", dev);
  }
}

/** The flags as `ip link` and `ifconfig` get them. Linux: dev_get_flags() */
export function devGetFlags(dev: NetDevice): number {
  const madeUp = IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;
  let flags = (dev.flags & ~madeUp) | (dev.gflags & (IFF_PROMISC | IFF_ALLMULTI));
  if (!dev.running) return flags;
  if (dev.operstate === "up" || dev.operstate === "unknown") flags |= IFF_RUNNING;
  if (dev.carrierOk) flags |= IFF_LOWER_UP;
  return flags;
}

/** Linux: __hw_addr_add_ex() */
function addAddress(list: Map<string, HwAddr>, address: Uint8Array): undefined {
  const key = formatMac(address);
  const known = list.get(key);
  if (known !== undefined) known.users++;
  else list.set(key, { address: address.slice(), users: 1 });
}

/** Linux: __hw_addr_del_ex() */
function removeAddress(list: Map<string, HwAddr>, address: Uint8Array): undefined {
  const key = formatMac(address);
  const known = list.get(key);
  if (known === undefined) throw new KernelError("ENOENT", `${key} is not in the list`);
  if (--known.users === 0) list.delete(key);
}

/** Receives a multicast address once more. Linux: dev_mc_add() */
export function devMcAdd(dev: NetDevice, address: Uint8Array): undefined {
  addAddress(dev.mc, address);
  devSetRxMode(dev);
}

/** Receives a multicast address once less. Throws `ENOENT` when nobody does. Linux: dev_mc_del() */
export function devMcDel(dev: NetDevice, address: Uint8Array): undefined {
  removeAddress(dev.mc, address);
  devSetRxMode(dev);
}

/** Receives a further address of its own once more. Linux: dev_uc_add() */
export function devUcAdd(dev: NetDevice, address: Uint8Array): undefined {
  addAddress(dev.uc, address);
  devSetRxMode(dev);
}

/** Receives a further address once less. Throws `ENOENT` when nobody does. Linux: dev_uc_del() */
export function devUcDel(dev: NetDevice, address: Uint8Array): undefined {
  removeAddress(dev.uc, address);
  devSetRxMode(dev);
}
