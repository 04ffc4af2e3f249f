/**
 * `/proc/net/route` and `/proc/net/arp`.
 *
 * Linux: net/ipv4/fib_trie.c, net/ipv4/arp.c
 *
 * @module
 */
import type { Kernel } from "../../kernel.ts";
import { textFile } from "../../vfs/node.ts";
import { formatMac } from "../eth.ts";
import { ETH_ALEN } from "../if.ts";
import { formatIpv4, makeMask } from "./address.ts";
import { ARP, type Neighbour } from "./arp.ts";
import { INET, type Route } from "./inet.ts";

/** Each line is as long, its end filled with spaces. */
const ROUTE_WIDTH = 127;
const ROUTE_HEADER =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const ARP_HEADER =
  "IP address       HW type     Flags       HW address            Mask     Device\n";

/** Flags of a route. */
const RTF_UP = 1;
const RTF_GATEWAY = 2;
const RTF_HOST = 4;
const ATF_COM = 2;

/** The flags that `/proc/net/route` has of a route. Linux: fib_flag_trans() */
export function routeFlags({ gateway, prefix }: Route): number {
  return RTF_UP | (gateway === 0 ? 0 : RTF_GATEWAY) | (prefix === 32 ? RTF_HOST : 0);
}

/** Bytes of the wire read as a number of a little-endian machine. */
function hex(address: number): string {
  const turned = [0, 8, 16, 24].map((shift) => (address >>> shift & 255).toString(16));
  return turned.map((byte) => byte.padStart(2, "0")).join("").toUpperCase();
}

/** Linux: fib_route_seq_show() */
function routeLine(route: Route): string {
  const { dev, network, gateway, prefix } = route;
  const flags = routeFlags(route).toString(16).padStart(4, "0");
  const columns = [hex(network), hex(gateway), flags, 0, 0, 0, hex(makeMask(prefix)), 0, 0, 0];
  return `${[dev.name, ...columns].join("\t").padEnd(ROUTE_WIDTH)}\n`;
}

/** Linux: arp_format_neigh_entry() */
function arpLine({ ip, mac, dev }: Neighbour): string {
  const flags = mac === undefined ? 0 : ATF_COM;
  return `${formatIpv4(ip).padEnd(16)} 0x${"1".padEnd(10)}0x${`${flags}`.padEnd(10)}` +
    `${formatMac(mac ?? new Uint8Array(ETH_ALEN))}     *        ${dev.name}\n`;
}

/** Makes the files. Linux: fib_proc_init(), arp_net_init() */
export function inetProcInit(kernel: Kernel): undefined {
  const folder = kernel.procfs.dir("net");
  const header = `${ROUTE_HEADER.padEnd(ROUTE_WIDTH)}\n`;
  folder.add("route", textFile(() => header + kernel.get(INET).routes.map(routeLine).join("")));
  folder.add("arp", textFile(() => ARP_HEADER + kernel.get(ARP).list.map(arpLine).join("")));
}
