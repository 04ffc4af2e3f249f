/**
 * Devices that stand for others with the same address: who belongs to whom.
 *
 * Linux: net/core/failover.c
 *
 * @module
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { ARPHRD_ETHER } from "../kernel/net/if.ts";
import { type NetDevice, netdevPrintk } from "../kernel/net/netdevice.ts";
import { NET_DEVICES, type NetdevEvent, type NetdevNotifier } from "../kernel/net/registry.ts";
import { KERN_INFO } from "../kernel/printk.ts";
import { Slot } from "../kernel/slot.ts";

/** What a failover device does with the devices below it. Linux: struct failover_ops */
export interface FailoverOps {
  /** Takes a device under it; false when it does not want it. */
  slaveRegister(slave: NetDevice): Promise<boolean>;
  slaveUnregister(slave: NetDevice): Promise<undefined>;
  /** A device under it came up, went down or changed its link. */
  slaveLinkChange(slave: NetDevice): undefined;
}

/** A failover device with those below it. Linux: struct failover */
export class Failover {
  readonly slaves: Set<NetDevice> = new Set();

  constructor(readonly dev: NetDevice, readonly ops: FailoverOps) {}
}

interface FailoverState {
  readonly list: Set<Failover>;
  readonly notifier: NetdevNotifier;
}

const FAILOVERS: Slot<FailoverState> = new Slot("failover", (kernel) => ({
  list: new Set(),
  notifier: (event, dev) => failoverEvent(kernel, event, dev),
}));

/** The failover device with the same address. Linux: failover_get_bymac() */
function findByMac(kernel: Kernel, dev: NetDevice): Failover | undefined {
  for (const failover of kernel.get(FAILOVERS).list) {
    if (failover.dev === dev) continue;
    if (failover.dev.devAddr.every((byte, at) => byte === dev.devAddr[at])) return failover;
  }
  return undefined;
}

/** Linux: failover_slave_register() */
async function slaveRegister(dev: NetDevice): Promise<undefined> {
  const { kernel } = dev;
  if (dev.hardware !== ARPHRD_ETHER) return;
  for (const { dev: master } of kernel.get(FAILOVERS).list) if (master === dev) return;
  const failover = findByMac(kernel, dev);
  if (failover !== undefined && await failover.ops.slaveRegister(dev)) failover.slaves.add(dev);
}

/**
 * Takes a device out from under its failover device, if it has one. The caller holds the lock.
 *
 * Linux: failover_slave_unregister()
 */
export async function failoverSlaveUnregister(dev: NetDevice): Promise<undefined> {
  for (const failover of dev.kernel.get(FAILOVERS).list) {
    if (failover.slaves.delete(dev)) await failover.ops.slaveUnregister(dev);
  }
}

/** Linux: failover_event() */
async function failoverEvent(
  kernel: Kernel,
  event: NetdevEvent,
  dev: NetDevice,
): Promise<undefined> {
  if (event === "register") return await slaveRegister(dev);
  if (event === "unregister") return await failoverSlaveUnregister(dev);
  if (event !== "up" && event !== "down" && event !== "change") return;
  for (const failover of kernel.get(FAILOVERS).list) {
    if (failover.slaves.has(dev)) failover.ops.slaveLinkChange(dev);
  }
}

/**
 * Makes a failover device known and brings devices with its address under it.
 *
 * Linux: failover_register()
 *
 * @throws {KernelError} `ENOMEM`
 */
export async function failoverRegister(dev: NetDevice, ops: FailoverOps): Promise<Failover> {
  const { kernel } = dev;
  kernel.failable(`memory for the failover device ${dev.name}`);
  const failover = new Failover(dev, ops);
  kernel.get(FAILOVERS).list.add(failover);
  netdevPrintk(KERN_INFO, dev, `failover master:${dev.name} registered`);
  const devices = kernel.get(NET_DEVICES);
  await devices.rtnl.with(async () => {
    for (const other of devices.list) await slaveRegister(other);
  });
  return failover;
}

/** Forgets a failover device that has nothing below it any more. Linux: failover_unregister() */
export function failoverUnregister(failover: Failover): undefined {
  const { dev } = failover;
  dev.kernel.get(FAILOVERS).list.delete(failover);
  netdevPrintk(KERN_INFO, dev, `failover master:${dev.name} unregistered`);
}

/** Linux: failover_init() */
async function failoverInit(kernel: Kernel): Promise<number> {
  kernel.get(NET_DEVICES).notifiers.add(kernel.get(FAILOVERS).notifier);
  return 0;
}

/** Linux: failover_exit() */
async function failoverExit(kernel: Kernel): Promise<undefined> {
  kernel.get(NET_DEVICES).notifiers.delete(kernel.get(FAILOVERS).notifier);
}

/** The module. */
export const FAILOVER: ModuleImage = {
  name: "failover",
  init: { name: "failover_init", level: "device", fn: failoverInit },
  exit: { name: "failover_exit", fn: failoverExit },
  exports: ["failover_slave_unregister", "failover_register", "failover_unregister"],
  size: 16384,
  description: "Generic failover infrastructure/interface",
  license: "GPL v2",
};
