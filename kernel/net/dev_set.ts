/**
 * What user space may change of an interface: MTU, address, name, length of its queue, alias.
 *
 * Linux: net/core/dev.c
 *
 * @module
 */
import { CLASSES, deviceUevent } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { KERN_ERR, KERN_INFO } from "../printk.ts";
import { IFF_UP, IFNAMSIZ, NET_ADDR_SET, NET_NAME_RENAMED } from "./if.ts";
import { type NetDevice, netdevPrintk } from "./netdevice.ts";
import { callNetdeviceNotifiers, NET_DEVICES } from "./registry.ts";

/** Longest alias, with the zero byte at its end. Linux: IFALIASZ */
const IFALIASZ = 256;
/** Greatest number of an interface name. Linux: 8 pages of bits */
const NAME_NUMBER_MAX = 32_768;

/**
 * Changes the greatest payload. The caller holds the lock.
 *
 * Linux: dev_set_mtu()
 *
 * @throws {KernelError} `EINVAL` outside of what the device can; `ENODEV` while it sleeps.
 */
export async function devSetMtu(dev: NetDevice, mtu: number): Promise<undefined> {
  if (mtu === dev.mtu) return;
  const problem = mtuProblem(dev, mtu);
  if (problem !== undefined) {
    dev.kernel.printk(KERN_ERR, `${dev.name}: ${problem}`);
    throw new KernelError("EINVAL", `${dev.name}: ${problem}`);
  }
  if (!dev.present) throw new KernelError("ENODEV", `${dev.name}: is not there now`);
  dev.mtu = mtu;
  await callNetdeviceNotifiers("changemtu", dev);
}

/** Linux: dev_validate_mtu() */
function mtuProblem(dev: NetDevice, mtu: number): string | undefined {
  if (mtu < 0 || mtu < dev.minMtu) return "mtu less than device minimum";
  if (dev.maxMtu > 0 && mtu > dev.maxMtu) return "mtu greater than device maximum";
  return undefined;
}

/**
 * Changes the address. The caller holds the lock.
 *
 * Linux: dev_set_mac_address()
 *
 * @throws {KernelError} `EOPNOTSUPP` where it cannot be changed, `ENODEV` while the device sleeps, or
 *   what the driver throws.
 */
export async function devSetMacAddress(dev: NetDevice, address: Uint8Array): Promise<undefined> {
  if (dev.ops.setMacAddress === undefined) {
    throw new KernelError("EOPNOTSUPP", `${dev.name}: its address cannot be changed`);
  }
  if (!dev.present) throw new KernelError("ENODEV", `${dev.name}: is not there now`);
  await dev.ops.setMacAddress(dev, address);
  dev.addrAssignType = NET_ADDR_SET;
  await callNetdeviceNotifiers("changeaddr", dev);
}

/** Linux: dev_valid_name() */
function isValidName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length < IFNAMSIZ &&
    !/[/:\s]/.test(name);
}

/**
 * The name for a new device: `wanted` itself, or with the lowest free number in place of `%d`.
 *
 * Linux: dev_get_valid_name(), __dev_alloc_name()
 *
 * @throws {KernelError} `EINVAL` for a bad name, `EEXIST` for one in use, `ENFILE` without a number.
 */
export function devGetValidName(kernel: Kernel, wanted: string): string {
  if (!isValidName(wanted)) {
    throw new KernelError("EINVAL", `'${wanted}' is no name for an interface`);
  }
  const devices = kernel.get(NET_DEVICES);
  kernel.access?.("net device names", wanted, "take");
  if (!wanted.includes("%")) {
    if (devices.find(wanted) === undefined) return wanted;
    throw new KernelError("EEXIST", `${wanted}: there is an interface of this name`);
  }
  if (wanted.split("%").length !== 2 || !wanted.includes("%d")) {
    throw new KernelError("EINVAL", `'${wanted}': only one %d may stand in a name`);
  }
  kernel.failable(`a number for ${wanted}`);
  const names = new Set(devices.list.map((dev) => dev.name));
  for (let number = 0; number < NAME_NUMBER_MAX; number++) {
    const name = wanted.replace("%d", String(number));
    if (!names.has(name)) {
      kernel.found("name", wanted, name);
      return name;
    }
  }
  throw new KernelError("ENFILE", `${wanted}: all numbers are in use`);
}

/**
 * Renames an interface. The caller holds the lock.
 *
 * Linux: dev_change_name()
 *
 * @throws {KernelError} `EBUSY` while it is up, else like {@linkcode devGetValidName}.
 */
export async function devChangeName(dev: NetDevice, wanted: string): Promise<undefined> {
  if ((dev.flags & IFF_UP) !== 0) {
    throw new KernelError("EBUSY", `${dev.name}: cannot be renamed while it is up`);
  }
  if (wanted === dev.name) return;
  const { kernel } = dev;
  const old = dev.name;
  const oldPath = dev.path;
  const name = devGetValidName(kernel, wanted);
  moveDevice(dev, name);
  dev.nameAssignType = NET_NAME_RENAMED;
  netdevPrintk(KERN_INFO, dev, `renamed from ${old}`);
  deviceUevent(dev, "move", [`DEVPATH_OLD=${oldPath}`]);
  await callNetdeviceNotifiers("changename", dev);
}

/** Linux: device_rename() */
function moveDevice(dev: NetDevice, name: string): undefined {
  const folder = dev.kernel.get(CLASSES).get("net");
  const { parent } = dev;
  folder?.removeEntry(dev.name);
  parent?.removeEntry(dev.name);
  dev.name = name;
  parent?.addEntry(name, dev);
  folder?.addLink(name, dev);
}

/** Linux: dev_change_tx_queue_len() */
export function devChangeTxQueueLen(dev: NetDevice, length: number): undefined {
  if (length > 0xffff_ffff) throw new KernelError("ERANGE", `${dev.name}: ${length} is too long`);
  dev.txQueueLen = length;
}

/** Linux: dev_set_alias() */
export function devSetAlias(dev: NetDevice, alias: string): undefined {
  if (alias.length >= IFALIASZ) {
    throw new KernelError("EINVAL", `${dev.name}: the alias is longer than ${IFALIASZ - 1} bytes`);
  }
  dev.alias = alias;
}
