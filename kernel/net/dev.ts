/**
 * Network devices come and go.
 *
 * Linux: net/core/dev.c
 *
 * @module
 */
import { deviceAdd, deviceDel } from "../base/core.ts";
import type { Kernel } from "../kernel.ts";
import { devClose } from "./dev_flags.ts";
import { devGetValidName } from "./dev_set.ts";
import { NET_NAME_ENUM } from "./if.ts";
import { LINK_WATCH, linkwatchInitDev } from "./link_watch.ts";
import { NET_CLASS } from "./net_sysfs.ts";
import { registerQueueKobjects, removeQueueKobjects, RxQueue, TxQueue } from "./net_queues.ts";
import { NetDevice, type NetDeviceOps } from "./netdevice.ts";
import { callNetdeviceNotifiers, NET_DEVICES } from "./registry.ts";
import { netifTxStopAllQueues, netifTxWakeAllQueues } from "./sch_generic.ts";

/**
 * A network device that nobody knows yet.
 *
 * Linux: alloc_netdev_mqs()
 *
 * @param name Its name, or a pattern such as `eth%d`.
 * @param queues Pairs of queues that it may use. Default: 1.
 * @throws {KernelError} `ENOMEM`
 */
export function allocNetdev(
  kernel: Kernel,
  name: string,
  ops: NetDeviceOps,
  queues = 1,
): NetDevice {
  kernel.failable(`memory for the network device ${name}`);
  const dev = new NetDevice(kernel, name, ops);
  dev.cls = NET_CLASS;
  for (let index = 0; index < queues; index++) {
    dev.rxQueues.push(new RxQueue(dev, index));
    dev.txQueues.push(new TxQueue(dev, index));
  }
  dev.realNumRxQueues = dev.realNumTxQueues = queues;
  return dev;
}

/** An Ethernet device `eth%d`. Linux: alloc_etherdev_mq(), ether_setup() */
export function allocEtherdev(kernel: Kernel, ops: NetDeviceOps, queues = 1): NetDevice {
  return allocNetdev(kernel, "eth%d", ops, queues);
}

/**
 * Makes a device known: its name, number, folder and queues. The caller holds the lock.
 *
 * Linux: register_netdevice()
 *
 * @throws {KernelError} `EEXIST` when the name is taken, `ENOMEM`; nothing is left behind then.
 */
export async function registerNetdevice(dev: NetDevice): Promise<undefined> {
  const { kernel } = dev;
  const wanted = dev.name;
  const devices = kernel.get(NET_DEVICES);
  dev.name = devGetValidName(kernel, wanted);
  if (wanted.includes("%")) dev.nameAssignType = NET_NAME_ENUM;
  kernel.access?.("net devices", "", "take");
  dev.ifindex = devices.newIndex();
  await addDevice(dev);
  dev.regState = "registered";
  dev.present = true;
  linkwatchInitDev(dev);
  kernel.access?.("net devices", "", "append");
  devices.byIndex.set(dev.ifindex, dev);
  await callNetdeviceNotifiers("register", dev);
}

/** Linux: netdev_register_kobject() */
async function addDevice(dev: NetDevice): Promise<undefined> {
  await deviceAdd(dev);
  try {
    registerQueueKobjects(dev);
  } catch (error) {
    await deviceDel(dev);
    throw error;
  }
}

/** The same for callers that do not hold the lock. Linux: register_netdev() */
export async function registerNetdev(dev: NetDevice): Promise<undefined> {
  await dev.kernel.get(NET_DEVICES).rtnl.with(() => registerNetdevice(dev));
}

/** Takes a device away; it is closed first. The caller holds the lock. Linux: unregister_netdevice() */
export async function unregisterNetdevice(dev: NetDevice): Promise<undefined> {
  const { kernel } = dev;
  await devClose(dev);
  dev.regState = "unregistering";
  kernel.get(NET_DEVICES).byIndex.delete(dev.ifindex);
  await callNetdeviceNotifiers("unregister", dev);
  dev.uc.clear();
  dev.mc.clear();
  await kernel.get(LINK_WATCH).forget(dev);
  removeQueueKobjects(dev);
  await deviceDel(dev);
  dev.regState = "unregistered";
}

/** The same for callers that do not hold the lock. Linux: unregister_netdev() */
export async function unregisterNetdev(dev: NetDevice): Promise<undefined> {
  await dev.kernel.get(NET_DEVICES).rtnl.with(() => unregisterNetdevice(dev));
}

/** The device goes to sleep with the system. Linux: netif_device_detach() */
export function netifDeviceDetach(dev: NetDevice): undefined {
  if (!dev.present) return;
  dev.present = false;
  if (dev.running) netifTxStopAllQueues(dev);
}

/** The device is awake again. Linux: netif_device_attach() */
export function netifDeviceAttach(dev: NetDevice): undefined {
  if (dev.present) return;
  dev.present = true;
  if (dev.running) netifTxWakeAllQueues(dev);
}
