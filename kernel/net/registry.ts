/**
 * The network devices of a kernel, the lock that guards them, and who hears of changes.
 *
 * Linux: net/core/dev.c, net/core/rtnetlink.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { Mutex } from "../wait.ts";
import type { NetDevice } from "./netdevice.ts";

/** What happened to an interface. Linux: NETDEV_* */
export type NetdevEvent =
  | "register"
  | "unregister"
  | "pre-up"
  | "up"
  | "going-down"
  | "down"
  | "change"
  | "changemtu"
  | "changeaddr"
  | "changename"
  | "notify-peers";

/** Hears what happens to interfaces; runs with the lock held. Linux: struct notifier_block */
export type NetdevNotifier = (event: NetdevEvent, dev: NetDevice) => Promise<undefined>;

/** What takes received frames: a packet socket. Linux: struct packet_type */
export interface PacketTap {
  /** The device that it listens to; every one when absent. */
  readonly dev?: NetDevice;
  /** The protocol that it wants, or `ETH_P_ALL`. */
  readonly protocol: number;
  /** Takes a frame; it must copy what it keeps. Atomic. */
  receive(dev: NetDevice, frame: Uint8Array): undefined;
}

/** The network devices of one kernel. Linux: struct net */
export class NetDevices {
  /** By number, oldest first. */
  readonly byIndex: Map<number, NetDevice> = new Map();
  /** Guards every change of a device. Linux: rtnl_lock() */
  readonly rtnl: Mutex;
  readonly notifiers: Set<NetdevNotifier> = new Set();
  readonly taps: Set<PacketTap> = new Set();

  #lastIndex = 0;

  constructor(kernel: Kernel) {
    this.rtnl = new Mutex(kernel.sched, "rtnl_mutex");
  }

  /** All devices, oldest first: what `ip link` and `ifconfig` list. Linux: for_each_netdev() */
  get list(): readonly NetDevice[] {
    return [...this.byIndex.values()];
  }

  /** The device called `name`. Linux: dev_get_by_name() */
  find(name: string): NetDevice | undefined {
    for (const dev of this.byIndex.values()) if (dev.name === name) return dev;
    return undefined;
  }

  /** The next number; none is given twice. Linux: dev_new_index() */
  newIndex(): number {
    return ++this.#lastIndex;
  }
}

/** The network devices of a kernel. */
export const NET_DEVICES: Slot<NetDevices> = new Slot("net devices", (k) => new NetDevices(k));

/** Tells everybody. Linux: call_netdevice_notifiers() */
export async function callNetdeviceNotifiers(
  event: NetdevEvent,
  dev: NetDevice,
): Promise<undefined> {
  for (const notifier of dev.kernel.get(NET_DEVICES).notifiers) await notifier(event, dev);
}
