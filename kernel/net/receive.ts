/**
 * From a driver to whoever wants the frame.
 *
 * IPv4 takes ARP and pings (`ipv4/`); other frames with IPv4 and IPv6 end here as if somebody had taken
 * them. Packet sockets see every frame.
 *
 * Linux: net/core/dev.c
 *
 * @module
 */
import { ethProtocol } from "./eth.ts";
import { ETH_P_ALL, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, IFF_UP } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";
import { NET_DEVICES } from "./registry.ts";

/** Protocols that Linux's own stack takes. */
const STACK_PROTOCOLS: readonly number[] = [ETH_P_IP, ETH_P_ARP, ETH_P_IPV6];

/**
 * Passes on a frame that a driver received; `frame` may be memory of the device's buffer. A frame
 * that nobody wants counts as dropped.
 *
 * Linux: netif_receive_skb(), napi_gro_receive()
 */
export function netifReceiveSkb(dev: NetDevice, frame: Uint8Array): undefined {
  if ((dev.flags & IFF_UP) === 0) return;
  if (dev.upper !== undefined) return netifReceiveSkb(dev.upper, frame);
  const protocol = ethProtocol(frame);
  let wanted = STACK_PROTOCOLS.includes(protocol);
  for (const tap of dev.kernel.get(NET_DEVICES).taps) {
    if (tap.dev !== undefined && tap.dev !== dev) continue;
    if (tap.protocol !== ETH_P_ALL && tap.protocol !== protocol) continue;
    tap.receive(dev, frame);
    wanted = true;
  }
  if (!wanted) dev.stats.rx_dropped++;
}
