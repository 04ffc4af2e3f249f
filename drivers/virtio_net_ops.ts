/**
 * What a virtio network card does for the network core, and what follows from its link.
 *
 * Linux: drivers/net/virtio_net.c
 *
 * @module
 */
import { VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import * as uapi from "../uapi/virtio_net.ts";
import { devWarn } from "../kernel/base/device.ts";
import { numOnlineCpus } from "../kernel/cpu.ts";
import { KernelError } from "../kernel/errors.ts";
import { ethPrepareMacAddrChange, ethValidateAddr } from "../kernel/net/eth.ts";
import { DUPLEX_FULL, DUPLEX_HALF, DUPLEX_UNKNOWN, IFF_UP } from "../kernel/net/if.ts";
import { netifCarrierOff, netifCarrierOn } from "../kernel/net/link_watch.ts";
import { netifSetRealNumRxQueues, netifSetRealNumTxQueues } from "../kernel/net/net_queues.ts";
import type { NetDevice, NetDeviceOps, NetStats } from "../kernel/net/netdevice.ts";
import { callNetdeviceNotifiers, NET_DEVICES } from "../kernel/net/registry.ts";
import { netifTxStopAllQueues, netifTxWakeAllQueues } from "../kernel/net/sch_generic.ts";
import {
  virtioCread32,
  virtioCread8,
  virtioCreadFeature,
  virtioCwrite8,
} from "./virtio/virtio_config.ts";
import type { ControlQueue } from "./virtio_net_ctrl.ts";
import type { VirtnetInfo } from "./virtio_net_info.ts";

/** Time until an empty ring is filled again when there was no memory. Linux: HZ/2 */
const REFILL_DELAY_NS = 500_000_000;
/** Greatest speed that makes sense. */
const SPEED_MAX = 0x7fff_ffff;

/** Fills the rings, starts polling. Linux: virtnet_open() */
export async function virtnetOpen(vi: VirtnetInfo): Promise<undefined> {
  vi.refillEnabled = true;
  for (let i = 0; i < vi.maxQueuePairs; i++) {
    if (i < vi.currQueuePairs && !vi.rq[i].tryFill()) vi.scheduleRefill();
    vi.rq[i].napiEnable();
    vi.sq[i].napiEnable();
  }
}

/** Stops polling; the card keeps its buffers. Linux: virtnet_close() */
export async function virtnetClose(vi: VirtnetInfo): Promise<undefined> {
  vi.refillEnabled = false;
  await vi.refill.cancel();
  for (let i = 0; i < vi.maxQueuePairs; i++) {
    await vi.sq[i].napiDisable();
    await vi.rq[i].napi.disable();
  }
}

/** Fills rings that ran dry. Linux: refill_work() */
export async function refillWork(vi: VirtnetInfo): Promise<undefined> {
  for (let i = 0; i < vi.currQueuePairs; i++) {
    const rq = vi.rq[i];
    await rq.napi.disable();
    const filled = rq.tryFill();
    rq.napiEnable();
    if (!filled) vi.scheduleRefill(REFILL_DELAY_NS);
  }
}

/** Linux: virtnet_set_mac_address() */
async function setMacAddress(vi: VirtnetInfo, address: Uint8Array): Promise<undefined> {
  const { dev, vdev } = vi;
  if (vi.has(uapi.VIRTIO_NET_F_STANDBY)) {
    throw new KernelError("EOPNOTSUPP", `${dev.name}: its address belongs to the failover device`);
  }
  ethPrepareMacAddrChange(dev, address);
  if (vi.has(uapi.VIRTIO_NET_F_CTRL_MAC_ADDR)) {
    if (!(vi.ctrl as ControlQueue).setMac(address)) {
      devWarn(vdev, "Failed to set mac address by vq command.");
      throw new KernelError("EINVAL", `${dev.name}: the card refuses the address`);
    }
  } else if (vi.has(uapi.VIRTIO_NET_F_MAC) && !vi.has(VIRTIO_F_VERSION_1)) {
    address.forEach((byte, at) => virtioCwrite8(vdev, uapi.VIRTIO_NET_CONFIG_MAC + at, byte));
  }
  dev.devAddr = address.slice();
}

/** Linux: virtnet_stats() */
function addStats({ dev, rq, sq }: VirtnetInfo, stats: NetStats): undefined {
  for (const queue of rq) {
    stats.rx_packets += queue.packets;
    stats.rx_bytes += queue.bytes;
    stats.rx_dropped += queue.drops;
  }
  for (const queue of sq) {
    stats.tx_packets += queue.packets;
    stats.tx_bytes += queue.bytes;
  }
  stats.tx_dropped = dev.stats.tx_dropped;
  stats.tx_fifo_errors = dev.stats.tx_fifo_errors;
  stats.rx_length_errors = dev.stats.rx_length_errors;
  stats.rx_frame_errors = dev.stats.rx_frame_errors;
}

function filterVlan({ ctrl, dev }: VirtnetInfo, vid: number, on: boolean): undefined {
  if (ctrl === undefined || ctrl.filterVlan(vid, on)) return;
  devWarn(dev, `Failed to ${on ? "add" : "kill"} VLAN ID ${vid}.`);
}

function physPortName(vi: VirtnetInfo): string {
  if (vi.has(uapi.VIRTIO_NET_F_STANDBY)) return "sby";
  throw new KernelError("EOPNOTSUPP", `${vi.dev.name}: its port has no name`);
}

/**
 * What the network core calls.
 *
 * Linux: virtnet_netdev, virtnet_ethtool_ops
 *
 * @param infoOf The state of the card behind a device.
 */
export function virtnetNetdev(infoOf: (dev: NetDevice) => VirtnetInfo): NetDeviceOps {
  return {
    open: (dev) => virtnetOpen(infoOf(dev)),
    stop: (dev) => virtnetClose(infoOf(dev)),
    startXmit: (skb, dev) => infoOf(dev).sq[skb.queueMapping % dev.realNumTxQueues].startXmit(skb),
    validateAddr: ethValidateAddr,
    setMacAddress: (dev, address) => setMacAddress(infoOf(dev), address),
    setRxMode: (dev) => {
      const vi = infoOf(dev);
      if (vi.has(uapi.VIRTIO_NET_F_CTRL_RX)) vi.ctrl?.setRxMode();
    },
    getStats64: (dev, stats) => addStats(infoOf(dev), stats),
    vlanRxAddVid: (dev, vid) => filterVlan(infoOf(dev), vid, true),
    vlanRxKillVid: (dev, vid) => filterVlan(infoOf(dev), vid, false),
    physPortName: (dev) => physPortName(infoOf(dev)),
    linkSettings: (dev) => infoOf(dev),
  };
}

/** Reads what the card says of its link, if it makes sense. Linux: virtnet_update_settings() */
export function updateSettings(vi: VirtnetInfo): undefined {
  if (!vi.has(uapi.VIRTIO_NET_F_SPEED_DUPLEX)) return;
  const speed = virtioCread32(vi.vdev, uapi.VIRTIO_NET_CONFIG_SPEED);
  if (speed <= SPEED_MAX) vi.speed = speed;
  const duplex = virtioCread8(vi.vdev, uapi.VIRTIO_NET_CONFIG_DUPLEX);
  if ([DUPLEX_HALF, DUPLEX_FULL, DUPLEX_UNKNOWN].includes(duplex)) vi.duplex = duplex;
}

/** The configuration changed: the link, or the card wants an announcement. Linux: virtnet_config_changed_work() */
export async function configChangedWork(vi: VirtnetInfo): Promise<undefined> {
  const { dev, vdev } = vi;
  const status = virtioCreadFeature(
    vdev,
    uapi.VIRTIO_NET_F_STATUS,
    2,
    uapi.VIRTIO_NET_CONFIG_STATUS,
  );
  if (status === undefined) return;
  if ((status & uapi.VIRTIO_NET_S_ANNOUNCE) !== 0) await announce(vi);
  const link = status & uapi.VIRTIO_NET_S_LINK_UP;
  if (vi.status === link) return;
  vi.status = link;
  if (link !== 0) {
    updateSettings(vi);
    netifCarrierOn(dev);
    netifTxWakeAllQueues(dev);
  } else {
    netifCarrierOff(dev);
    netifTxStopAllQueues(dev);
  }
}

/** Tells the network, then the card. Linux: netdev_notify_peers(), virtnet_ack_link_announce() */
async function announce({ dev, ctrl, kernel }: VirtnetInfo): Promise<undefined> {
  await kernel.get(NET_DEVICES).rtnl.with(() => callNetdeviceNotifiers("notify-peers", dev));
  await kernel.get(NET_DEVICES).rtnl.with(async () => {
    if (ctrl?.ackAnnounce() !== true) devWarn(dev, "Failed to ack link announce.");
  });
}

/**
 * Has the card use `pairs` pairs of queues. The caller holds the lock.
 *
 * Linux: _virtnet_set_queues()
 *
 * @throws {KernelError} `EINVAL` when the card refuses.
 */
export function virtnetSetQueues(vi: VirtnetInfo, pairs: number): undefined {
  if (!vi.hasCvq || !vi.has(uapi.VIRTIO_NET_F_MQ)) return;
  if (!(vi.ctrl as ControlQueue).setQueuePairs(pairs)) {
    devWarn(vi.dev, `Fail to set num of queue pairs to ${pairs}`);
    throw new KernelError("EINVAL", `${vi.dev.name}: the card refuses ${pairs} pairs of queues`);
  }
  vi.currQueuePairs = pairs;
  if ((vi.dev.flags & IFF_UP) !== 0) vi.scheduleRefill();
}

/**
 * Changes how many pairs of queues are used, as `ethtool -L NAME combined N` does. The caller holds
 * the lock.
 *
 * Linux: virtnet_set_channels()
 *
 * @throws {KernelError} `EINVAL` for a number that the card cannot use.
 */
export function virtnetSetChannels(vi: VirtnetInfo, pairs: number): undefined {
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > vi.maxQueuePairs) {
    throw new KernelError("EINVAL", `${vi.dev.name}: has 1 to ${vi.maxQueuePairs} pairs of queues`);
  }
  virtnetSetQueues(vi, pairs);
  virtnetSetAffinity(vi);
  netifSetRealNumTxQueues(vi.dev, pairs);
  netifSetRealNumRxQueues(vi.dev, pairs);
}

/** Shares the processors out among the pairs in use: which sends through which. Linux: virtnet_set_affinity() */
export function virtnetSetAffinity({ dev, kernel, currQueuePairs }: VirtnetInfo): undefined {
  const cpus = numOnlineCpus(kernel);
  const stride = Math.max(Math.floor(cpus / currQueuePairs), 1);
  const stragglers = cpus >= currQueuePairs ? cpus % currQueuePairs : 0;
  let cpu = 0;
  for (let pair = 0; pair < currQueuePairs; pair++) {
    let mask = 0;
    for (let left = stride + (pair < stragglers ? 1 : 0); left > 0; left--) {
      mask += 2 ** cpu;
      cpu = (cpu + 1) % cpus;
    }
    dev.txQueues[pair].xpsCpus = mask;
  }
}

/** Offloads that let a card join segments of several packets. Linux: GUEST_OFFLOAD_GRO_HW_MASK */
const GRO_HW: readonly number[] = [
  uapi.VIRTIO_NET_F_GUEST_TSO4,
  uapi.VIRTIO_NET_F_GUEST_TSO6,
  uapi.VIRTIO_NET_F_GUEST_ECN,
  uapi.VIRTIO_NET_F_GUEST_UFO,
];

/**
 * Lets the card join segments, or not, as `ethtool -K NAME rx-gro-hw` does. The caller holds the lock.
 *
 * Linux: virtnet_set_features()
 *
 * @throws {KernelError} `EOPNOTSUPP` where that cannot be changed, `EINVAL` when the card refuses.
 */
export function virtnetSetGroHw(vi: VirtnetInfo, on: boolean): undefined {
  if (!vi.has(uapi.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)) {
    throw new KernelError("EOPNOTSUPP", `${vi.dev.name}: its offloads are fixed`);
  }
  const wanted = on ? [...GRO_HW, uapi.VIRTIO_NET_F_GUEST_CSUM] : [uapi.VIRTIO_NET_F_GUEST_CSUM];
  const offloads = wanted.filter((bit) => vi.has(bit)).reduce((sum, bit) => sum + 2 ** bit, 0);
  if ((vi.ctrl as ControlQueue).setGuestOffloads(BigInt(offloads))) return;
  devWarn(vi.dev, "Fail to set guest offload.");
  throw new KernelError("EINVAL", `${vi.dev.name}: the card refuses the offloads`);
}
