/**
 * What virtio_net knows of one card.
 *
 * Linux: drivers/net/virtio_net.c
 *
 * @module
 */
import { VIRTIO_F_ANY_LAYOUT, VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import * as uapi from "../uapi/virtio_net.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PAGE_SIZE } from "../kernel/mem.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import {
  DUPLEX_UNKNOWN,
  ETH_DATA_LEN,
  ETH_HLEN,
  SPEED_UNKNOWN,
  VLAN_HLEN,
} from "../kernel/net/if.ts";
import { MAX_SKB_FRAGS } from "../kernel/net/skbuff.ts";
import { DelayedWork, SYSTEM_WQ, Work } from "../kernel/workqueue.ts";
import type { Failover } from "./failover.ts";
import type { VirtioDevice } from "./virtio/virtio.ts";
import { virtioHasFeature } from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import type { ControlQueue } from "./virtio_net_ctrl.ts";
import type { ReceiveQueue } from "./virtio_net_rx.ts";
import type { SendQueue } from "./virtio_net_tx.ts";

/** The longest ordinary frame, with a VLAN tag. */
export const GOOD_PACKET_LEN = ETH_HLEN + VLAN_HLEN + ETH_DATA_LEN;

/** Bytes of the header that stands before each packet, once features are settled. */
function headerLength(vdev: VirtioDevice): number {
  if (virtioHasFeature(vdev, uapi.VIRTIO_NET_F_HASH_REPORT)) {
    return uapi.VIRTIO_NET_HDR_V1_HASH_SIZE;
  }
  const long = virtioHasFeature(vdev, uapi.VIRTIO_NET_F_MRG_RXBUF) ||
    virtioHasFeature(vdev, VIRTIO_F_VERSION_1);
  return long ? uapi.VIRTIO_NET_HDR_V1_SIZE : uapi.VIRTIO_NET_HDR_SIZE;
}

/** The card may hand over packets that are larger than its MTU. Linux: virtnet_check_guest_gso() */
function hasGuestGso(vdev: VirtioDevice): boolean {
  return [
    uapi.VIRTIO_NET_F_GUEST_TSO4,
    uapi.VIRTIO_NET_F_GUEST_TSO6,
    uapi.VIRTIO_NET_F_GUEST_ECN,
    uapi.VIRTIO_NET_F_GUEST_UFO,
  ].some((bit) => virtioHasFeature(vdev, bit));
}

/** The driver's state of one card. Linux: struct virtnet_info */
export class VirtnetInfo {
  readonly kernel: Kernel;
  rq: ReceiveQueue[] = [];
  sq: SendQueue[] = [];
  ctrl: ControlQueue | undefined;
  cvq: Virtqueue | undefined;
  /** The last link state that was acted on: `VIRTIO_NET_S_LINK_UP` or 0. */
  status = 0;
  currQueuePairs: number;
  /** A packet may come in several buffers. */
  readonly mergeableRxBufs: boolean;
  /** A buffer is a chain of pages. */
  bigPackets = false;
  /** Pages of a buffer beside the first. */
  bigPacketsNumSkbfrags = 0;
  readonly hasCvq: boolean;
  /** Header and data may be in one piece. */
  readonly anyHeaderSg: boolean;
  /** Bytes of the header before each packet. */
  readonly hdrLen: number;
  refillEnabled = false;
  /** The device above this one, with VIRTIO_NET_F_STANDBY. */
  failover: Failover | undefined;
  readonly refill: DelayedWork;
  readonly configWork: Work;
  /** Mbit/s; -1 when nobody knows. */
  speed: number = SPEED_UNKNOWN;
  duplex: number = DUPLEX_UNKNOWN;

  constructor(
    readonly vdev: VirtioDevice,
    readonly dev: NetDevice,
    readonly maxQueuePairs: number,
    works: {
      readonly refill: (vi: VirtnetInfo) => Promise<undefined>;
      readonly config: (vi: VirtnetInfo) => Promise<undefined>;
    },
  ) {
    this.kernel = vdev.kernel;
    this.currQueuePairs = maxQueuePairs;
    this.mergeableRxBufs = this.has(uapi.VIRTIO_NET_F_MRG_RXBUF);
    this.hasCvq = this.has(uapi.VIRTIO_NET_F_CTRL_VQ);
    this.anyHeaderSg = this.has(VIRTIO_F_ANY_LAYOUT) || this.has(VIRTIO_F_VERSION_1);
    this.hdrLen = headerLength(vdev);
    const queue = this.kernel.get(SYSTEM_WQ);
    this.refill = new DelayedWork(
      this.kernel.sched,
      queue,
      "refill_work",
      () => works.refill(this),
    );
    this.configWork = new Work("virtnet_config_changed_work", () => works.config(this));
  }

  /** Driver and card agreed on a feature. */
  has(bit: number): boolean {
    return virtioHasFeature(this.vdev, bit);
  }

  /** Room for what the card may send: chains of pages where a page is not enough. Linux: virtnet_set_big_packets() */
  setBigPackets(mtu: number): undefined {
    const guestGso = hasGuestGso(this.vdev);
    if (mtu <= ETH_DATA_LEN && !guestGso) return;
    this.bigPackets = true;
    this.bigPacketsNumSkbfrags = guestGso ? MAX_SKB_FRAGS : Math.ceil(mtu / PAGE_SIZE);
  }

  /** Fills the receive rings again, soon or after `delayNs`. Linux: schedule_delayed_work() */
  scheduleRefill(delayNs = 0): undefined {
    const { nowNs } = this.kernel.clock;
    this.refill.scheduleAt(nowNs + delayNs, nowNs);
  }
}
