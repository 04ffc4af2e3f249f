/**
 * The interface `lo`, which receives what it sends.
 *
 * Linux: drivers/net/loopback.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { allocNetdev, registerNetdev } from "./dev.ts";
import { ARPHRD_LOOPBACK, ETH_ALEN, IFF_LOOPBACK, NET_NAME_PREDICTABLE } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";
import { netifReceiveSkb } from "./receive.ts";
import { freeSkb, type SkBuff } from "./skbuff.ts";

/** MTU of `lo`. */
const LOOPBACK_MTU = 64 * 1024;

/** Linux: loopback_xmit() */
function loopbackXmit(skb: SkBuff, dev: NetDevice): undefined {
  const { stats, kernel } = dev;
  const frame = skb.bytes.slice();
  freeSkb(skb);
  stats.tx_packets++;
  stats.rx_packets++;
  stats.tx_bytes += frame.length;
  stats.rx_bytes += frame.length;
  kernel.softirq.raise(() => netifReceiveSkb(dev, frame));
}

/** Makes `lo`, the first interface. Linux: loopback_net_init() */
export async function loopbackNetInit(kernel: Kernel): Promise<undefined> {
  const dev = allocNetdev(kernel, "lo", { startXmit: loopbackXmit });
  dev.nameAssignType = NET_NAME_PREDICTABLE;
  dev.mtu = LOOPBACK_MTU;
  dev.minMtu = 0;
  dev.maxMtu = 0;
  dev.flags = IFF_LOOPBACK;
  dev.hardware = ARPHRD_LOOPBACK;
  dev.broadcast = new Uint8Array(ETH_ALEN);
  dev.noQueue = true;
  await registerNetdev(dev);
}
