/**
 * IPv4 packets with ICMP in them: what answers a ping, and what sends one.
 *
 * Linux: net/ipv4/icmp.c, net/ipv4/ip_output.c, net/ipv4/ip_input.c
 *
 * @module
 */
import { KernelError } from "../../errors.ts";
import type { Kernel } from "../../kernel.ts";
import { Slot } from "../../slot.ts";
import { ETH_ALEN, ETH_HLEN, ETH_P_IP, IFF_LOOPBACK, IFF_UP } from "../if.ts";
import type { NetDevice } from "../netdevice.ts";
import { NET_DEVICES } from "../registry.ts";
import { addressBytes, formatIpv4, internetChecksum, readAddress } from "./address.ts";
import { ARP, sendFrame } from "./arp.ts";
import { INET } from "./inet.ts";

const IP_HEADER_SIZE = 20;
/** Bytes of an ICMP header. */
export const ICMP_HEADER_SIZE = 8;
const IPPROTO_ICMP = 1;
const ICMP_ECHOREPLY = 0;
const ICMP_ECHO = 8;
const DEFAULT_TTL = 64;
/** The first byte of 127.0.0.1. */
const LOOPBACK_NETWORK = 127;

/** Hears ICMP packets that arrive. Atomic context. */
export type IcmpListener = (packet: IcmpPacket) => undefined;

/** An ICMP packet that arrived. */
export interface IcmpPacket {
  readonly source: number;
  readonly ttl: number;
  /** The message, from its type on. */
  readonly message: Uint8Array;
}

/** Who wants to hear ICMP packets. Linux: raw_v4_hashinfo */
export const ICMP_LISTENERS: Slot<Set<IcmpListener>> = new Slot("icmp", () => new Set());

/** An echo request or answer; its checksum is filled in. */
export function echoMessage(type: number, id: number, seq: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(ICMP_HEADER_SIZE + data.length);
  message.set([type, 0, 0, 0, id >> 8, id & 255, seq >> 8, seq & 255]);
  message.set(data, ICMP_HEADER_SIZE);
  const sum = internetChecksum(message);
  message.set([sum >> 8, sum & 255], 2);
  return message;
}

/** A request of {@linkcode echoMessage}. */
export function echoRequest(id: number, seq: number, data: Uint8Array): Uint8Array {
  return echoMessage(ICMP_ECHO, id, seq, data);
}

/** The number of the request that a message answers; `undefined` for other messages. */
export function echoReplySeq(message: Uint8Array, id: number): number | undefined {
  const answers = message[0] === ICMP_ECHOREPLY && (message[4] << 8 | message[5]) === id;
  return answers ? message[6] << 8 | message[7] : undefined;
}

function ipHeader(source: number, target: number, size: number, ttl: number): Uint8Array {
  const length = IP_HEADER_SIZE + size;
  const header = Uint8Array.from([
    ...[0x45, 0, length >> 8, length & 255, 0, 0, 0x40, 0, ttl, IPPROTO_ICMP, 0, 0],
    ...[...addressBytes(source), ...addressBytes(target)],
  ]);
  const sum = internetChecksum(header);
  header.set([sum >> 8, sum & 255], 10);
  return header;
}

/**
 * Sends an ICMP message.
 *
 * Linux: ip_route_output_key(), ip_finish_output2()
 *
 * @throws {KernelError} `ENETUNREACH` when no route leads there.
 */
export function icmpSend(
  kernel: Kernel,
  target: number,
  message: Uint8Array,
  { source, ttl = DEFAULT_TTL }: { readonly source?: number; readonly ttl?: number } = {},
): undefined {
  const inet = kernel.get(INET);
  const local = inet.ownerOf(target) !== undefined;
  const route = inet.lookup(target);
  if (!local && route === undefined) {
    throw new KernelError("ENETUNREACH", `no route leads to ${formatIpv4(target)}`);
  }
  const from = source ?? (local || route === undefined ? target : inet.sourceOf(route));
  const frame = new Uint8Array(ETH_HLEN + IP_HEADER_SIZE + message.length);
  frame.set([ETH_P_IP >> 8, ETH_P_IP & 255], 2 * ETH_ALEN);
  frame.set(ipHeader(from, target, message.length, ttl), ETH_HLEN);
  frame.set(message, ETH_HLEN + IP_HEADER_SIZE);
  if (local) {
    const lo = kernel.get(NET_DEVICES).find("lo");
    if (lo !== undefined && (lo.flags & IFF_UP) !== 0) sendFrame(lo, frame);
    return;
  }
  const { dev, gateway } = route as NonNullable<typeof route>;
  frame.set(dev.devAddr, ETH_ALEN);
  kernel.get(ARP).output(dev, gateway || target, frame);
}

/** The message of a frame with ICMP for one of our own addresses. */
function parseFrame(frame: Uint8Array): (IcmpPacket & { readonly target: number }) | undefined {
  const headerSize = (frame[ETH_HLEN] & 15) * 4;
  const length = frame[ETH_HLEN + 2] << 8 | frame[ETH_HLEN + 3];
  const whole = headerSize >= IP_HEADER_SIZE && length >= headerSize + ICMP_HEADER_SIZE &&
    ETH_HLEN + length <= frame.length;
  if (!whole || frame[ETH_HLEN] >> 4 !== 4 || frame[ETH_HLEN + 9] !== IPPROTO_ICMP) {
    return undefined;
  }
  return {
    source: readAddress(frame, ETH_HLEN + 12),
    target: readAddress(frame, ETH_HLEN + 16),
    ttl: frame[ETH_HLEN + 8],
    message: frame.slice(ETH_HLEN + headerSize, ETH_HLEN + length),
  };
}

/** Answers pings, and passes on what arrived. Linux: ip_rcv(), icmp_rcv(), raw_local_deliver() */
export function ipReceive({ kernel, flags }: NetDevice, frame: Uint8Array): undefined {
  const packet = parseFrame(frame);
  // Nobody on a wire has this address. Linux: martian_source
  const loopback = packet !== undefined && packet.source >>> 24 === LOOPBACK_NETWORK;
  if (loopback && (flags & IFF_LOOPBACK) === 0) return;
  if (packet === undefined || kernel.get(INET).ownerOf(packet.target) === undefined) return;
  const { message, source, target } = packet;
  for (const listener of kernel.get(ICMP_LISTENERS)) listener(packet);
  if (message[0] !== ICMP_ECHO) return;
  const [id, seq] = [message[4] << 8 | message[5], message[6] << 8 | message[7]];
  const answer = echoMessage(ICMP_ECHOREPLY, id, seq, message.subarray(ICMP_HEADER_SIZE));
  try {
    icmpSend(kernel, source, answer, { source: target });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}
