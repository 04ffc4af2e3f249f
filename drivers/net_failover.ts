/**
 * A network device above a paravirtual card and a real one with the same address: it sends through the
 * real one while that works.
 *
 * Linux: drivers/net/net_failover.c
 *
 * @module
 */
import type { Kernel } from "../kernel/kernel.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { allocEtherdev, registerNetdev, unregisterNetdevice } from "../kernel/net/dev.ts";
import { devClose, devOpen } from "../kernel/net/dev_flags.ts";
import { DUPLEX_UNKNOWN, IFF_UP, SPEED_UNKNOWN } from "../kernel/net/if.ts";
import { netifCarrierOff, netifCarrierOn } from "../kernel/net/link_watch.ts";
import {
  NET_STATS,
  type NetDevice,
  type NetDeviceOps,
  netdevPrintk,
  type NetStats,
} from "../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { devQueueXmit } from "../kernel/net/sch_generic.ts";
import { freeSkb, type SkBuff } from "../kernel/net/skbuff.ts";
import { KERN_INFO } from "../kernel/printk.ts";
import {
  type Failover,
  type FailoverOps,
  failoverRegister,
  failoverSlaveUnregister,
  failoverUnregister,
} from "./failover.ts";

/** Queues of a failover device, whatever is below it. */
const QUEUES = 16;

/** Linux: netdev_master_upper_dev_link(), netdev_rx_handler_register() */
function link(upper: NetDevice, lower: NetDevice): undefined {
  lower.upper = upper;
  lower.addLink("master", upper);
  lower.addLink(`upper_${upper.name}`, upper);
  upper.addLink(`lower_${lower.name}`, lower);
}

/** Linux: netdev_upper_dev_unlink(), netdev_rx_handler_unregister() */
function unlink(upper: NetDevice, lower: NetDevice): undefined {
  lower.upper = undefined;
  lower.removeEntry("master");
  lower.removeEntry(`upper_${upper.name}`);
  upper.removeEntry(`lower_${lower.name}`);
}

/** The two devices below. Linux: struct net_failover_info */
class NetFailover implements FailoverOps {
  primary: NetDevice | undefined;
  standby: NetDevice | undefined;
  dev: NetDevice | undefined;

  /** Counters of both together. Linux: net_failover_get_stats() */
  #addStats(stats: NetStats): undefined {
    stats.tx_dropped += (this.dev as NetDevice).stats.tx_dropped;
    for (const dev of [this.primary, this.standby]) {
      const own = dev?.getStats();
      for (const name of NET_STATS) stats[name] += own?.[name] ?? 0;
    }
  }

  /** What the device does by means of the two below it. */
  get netdevOps(): NetDeviceOps {
    return {
      open: () => this.#open(),
      stop: () => this.#stop(),
      startXmit: (skb) => this.#startXmit(skb),
      getStats64: (_dev, stats) => this.#addStats(stats),
      linkSettings: () =>
        this.#active()?.ops.linkSettings?.(this.#active() as NetDevice) ??
          { speed: SPEED_UNKNOWN, duplex: DUPLEX_UNKNOWN },
    };
  }

  /** Linux: net_failover_xmit_ready() */
  #isReady(dev: NetDevice | undefined): boolean {
    return dev !== undefined && dev.running && dev.carrierOk;
  }

  #active(): NetDevice | undefined {
    return [this.primary, this.standby].find((dev) => this.#isReady(dev));
  }

  /** Linux: net_failover_open() */
  async #open(): Promise<undefined> {
    for (const dev of [this.primary, this.standby]) if (dev !== undefined) await devOpen(dev);
    this.#followLink();
  }

  /** Linux: net_failover_close() */
  async #stop(): Promise<undefined> {
    for (const dev of [this.primary, this.standby]) if (dev !== undefined) await devClose(dev);
  }

  /** Linux: net_failover_start_xmit() */
  #startXmit(skb: SkBuff): undefined {
    const dev = this.dev as NetDevice;
    const through = this.#active();
    if (through === undefined) {
      dev.stats.tx_dropped++;
      return freeSkb(skb);
    }
    devQueueXmit(through, skb);
  }

  #followLink(): undefined {
    const dev = this.dev as NetDevice;
    if (this.#active() === undefined) netifCarrierOff(dev);
    else netifCarrierOn(dev);
  }

  /** A sibling of the device that asked for this is the standby; any other is the real one. Linux: net_failover_slave_register() */
  async slaveRegister(slave: NetDevice): Promise<boolean> {
    const dev = this.dev as NetDevice;
    const isStandby = slave.parentDevice === dev.parentDevice;
    if ((isStandby ? this.standby : this.primary) !== undefined) return false;
    const up = (dev.flags & IFF_UP) !== 0;
    if (up) await devOpen(slave);
    if (isStandby) this.standby = slave;
    else this.primary = slave;
    slave.mtu = dev.mtu;
    link(dev, slave);
    netdevPrintk(
      KERN_INFO,
      dev,
      `failover ${isStandby ? "standby" : "primary"} slave:${slave.name} registered`,
    );
    this.#followLink();
    return true;
  }

  /** Linux: net_failover_slave_unregister() */
  async slaveUnregister(slave: NetDevice): Promise<undefined> {
    const dev = this.dev as NetDevice;
    const isStandby = slave === this.standby;
    await devClose(slave);
    if (isStandby) this.standby = undefined;
    else this.primary = undefined;
    unlink(dev, slave);
    netdevPrintk(
      KERN_INFO,
      dev,
      `failover ${isStandby ? "standby" : "primary"} slave:${slave.name} unregistered`,
    );
    this.#followLink();
  }

  slaveLinkChange(_slave: NetDevice): undefined {
    this.#followLink();
  }
}

/**
 * Makes a failover device for a paravirtual card that is about to be registered.
 *
 * Linux: net_failover_create()
 *
 * @throws {KernelError} `ENOMEM`; nothing is left behind then.
 */
export async function netFailoverCreate(standby: NetDevice): Promise<Failover> {
  const below = new NetFailover();
  const dev = below.dev = allocEtherdev(standby.kernel, below.netdevOps, QUEUES);
  dev.noQueue = true;
  dev.parentDevice = standby.parentDevice;
  dev.devAddr = standby.devAddr.slice();
  dev.liveAddrChange = true;
  dev.minMtu = standby.minMtu;
  dev.maxMtu = standby.maxMtu;
  dev.mtu = standby.mtu;
  await registerNetdev(dev);
  netifCarrierOff(dev);
  try {
    return await failoverRegister(dev, below);
  } catch (error) {
    await standby.kernel.get(NET_DEVICES).rtnl.with(() => unregisterNetdevice(dev));
    throw error;
  }
}

/** Takes a failover device away with what is below it. Linux: net_failover_destroy() */
export async function netFailoverDestroy(failover: Failover): Promise<undefined> {
  const { dev } = failover;
  await dev.kernel.get(NET_DEVICES).rtnl.with(async () => {
    for (const slave of [...failover.slaves]) await failoverSlaveUnregister(slave);
    failoverUnregister(failover);
    await unregisterNetdevice(dev);
  });
}

/** Linux: net_failover_init() */
async function netFailoverInit(_kernel: Kernel): Promise<number> {
  return 0;
}

/** Linux: net_failover_exit() */
async function netFailoverExit(_kernel: Kernel): Promise<undefined> {}

/** The module. */
export const NET_FAILOVER: ModuleImage = {
  name: "net_failover",
  init: { name: "net_failover_init", level: "device", fn: netFailoverInit },
  exit: { name: "net_failover_exit", fn: netFailoverExit },
  exports: ["net_failover_create", "net_failover_destroy"],
  imports: ["failover_unregister", "failover_slave_unregister", "failover_register"],
  size: 20480,
  description: "Failover driver for Paravirtual drivers",
  license: "GPL v2",
};
