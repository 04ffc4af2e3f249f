/**
 * What the network core does when the kernel starts.
 *
 * Linux: net/core/dev.c, net/packet/af_packet.c
 *
 * @module
 */
import { classRegister } from "../base/device.ts";
import type { Initcall } from "../initcall.ts";
import type { Kernel } from "../kernel.ts";
import { devMcAdd, devMcDel } from "./dev_flags.ts";
import { formatMac } from "./eth.ts";
import { ETH_P_ARP, ETH_P_IP, IFF_LOOPBACK, IFF_MULTICAST } from "./if.ts";
import { if6ProcInit, INET6 } from "./addrconf.ts";
import { ARP } from "./ipv4/arp.ts";
import { ipReceive } from "./ipv4/icmp.ts";
import { INET } from "./ipv4/inet.ts";
import { inetProcInit } from "./ipv4/proc.ts";
import { loopbackNetInit } from "./loopback.ts";
import { NET_CLASS } from "./net_sysfs.ts";
import type { NetDevice } from "./netdevice.ts";
import { devProcInit } from "./proc.ts";
import { NET_DEVICES, type NetdevEvent } from "./registry.ts";
import { addrconfInit } from "./sysctl.ts";

/** Ethernet address of the group of all IPv4 hosts, 224.0.0.1. */
const ALL_HOSTS: readonly number[] = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01];

/** Every interface that is up is in the group of all hosts. Linux: inetdev_event(), ip_mc_up(), ip_mc_down() */
async function inetdevEvent(event: NetdevEvent, dev: NetDevice): Promise<undefined> {
  dev.kernel.get(INET).onEvent(event, dev);
  if (event === "down") dev.kernel.get(ARP).forget(dev);
  const group = Uint8Array.from(ALL_HOSTS);
  const joined = dev.mc.has(formatMac(group));
  if (event === "down" && joined) devMcDel(dev, group);
  if (event !== "up" || joined) return;
  if ((dev.flags & (IFF_MULTICAST | IFF_LOOPBACK)) === IFF_MULTICAST) devMcAdd(dev, group);
}

/** Linux: net_dev_init() */
async function netDevInit(kernel: Kernel): Promise<number> {
  devProcInit(kernel);
  classRegister(kernel, NET_CLASS);
  await loopbackNetInit(kernel);
  return 0;
}

/** Linux: inet_init() */
async function inetInit(kernel: Kernel): Promise<number> {
  const { notifiers, taps } = kernel.get(NET_DEVICES);
  notifiers.add(inetdevEvent);
  const arp = kernel.get(ARP);
  taps.add({ protocol: ETH_P_ARP, receive: (dev, frame) => arp.receive(dev, frame) });
  taps.add({ protocol: ETH_P_IP, receive: ipReceive });
  inetProcInit(kernel);
  return 0;
}

/** Linux: inet6_init() */
async function inet6Init(kernel: Kernel): Promise<number> {
  const inet6 = kernel.get(INET6);
  kernel.get(NET_DEVICES).notifiers.add(async (event, dev) => inet6.onEvent(event, dev));
  addrconfInit(kernel);
  if6ProcInit(kernel);
  return 0;
}

/** Initcalls of the network core, which is always built in. */
export const NET_INITCALLS: readonly Initcall[] = [
  { name: "net_dev_init", level: "subsys", fn: netDevInit },
  { name: "inet_init", level: "fs", fn: inetInit },
  { name: "inet6_init", level: "device", fn: inet6Init },
];
