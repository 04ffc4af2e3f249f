/**
 * The smallest stand-in for QEMU's user-mode network: it answers ARP requests for its own addresses
 * and pings of them, and drops everything else. There is no way out to the host's network.
 *
 * QEMU: net/slirp.c, whose addresses and answers these are.
 *
 * @module
 */
import { Netdev } from "./netdev.ts";

/** 10.0.2.0/24, in which .2 is the gateway and .3 the name server. */
const NETWORK = [10, 0, 2];
const HOSTS = [2, 3];
const ETH_P_IP = 0x0800;
const ETH_P_ARP = 0x0806;
const ARP_SIZE = 42;
/** Length of an answer to ARP, zeros at its end. */
const ARP_ANSWER_SIZE = 64;
/** Where all IP packets come from; only ARP knows the name server's address. */
const GATEWAY_MAC = [0x52, 0x55, 10, 0, 2, 2];
const IPPROTO_ICMP = 1;
const ICMP_ECHO = 8;
const ICMP_ECHOREPLY = 0;

/** The Internet checksum of some bytes (RFC 1071). */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i] << 8 | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The gateway and the name server, which know nobody else. QEMU: `-netdev user`. */
export class UserNetdev extends Netdev {
  readonly type = "user";
  readonly external = false;
  #packetId = 0;

  protected transmit(frame: Uint8Array): boolean {
    const answer = this.#answerTo(frame);
    if (answer) this.deliver(answer);
    return true;
  }

  #answerTo(frame: Uint8Array): Uint8Array | undefined {
    const type = frame[12] << 8 | frame[13];
    if (type === ETH_P_ARP && frame.length >= ARP_SIZE) return answerArp(frame);
    if (type !== ETH_P_IP || frame.length < 34 || !isPing(frame)) return undefined;
    return answerPing(frame, this.#packetId++ & 0xffff);
  }
}

function isOurs(address: Uint8Array): boolean {
  return NETWORK.every((byte, i) => address[i] === byte) && HOSTS.includes(address[3]);
}

function answerArp(request: Uint8Array): Uint8Array | undefined {
  const target = request.subarray(38, 42);
  if (request[21] !== 1 || !isOurs(target)) return undefined;
  const sender = request.subarray(22, 32);
  const mac = Uint8Array.of(0x52, 0x55, ...target);
  const answer = new Uint8Array(ARP_ANSWER_SIZE);
  answer.set([...sender.subarray(0, 6), ...mac, 0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 2]);
  answer.set([...mac, ...target, ...sender], 22);
  return answer;
}

function isPing(frame: Uint8Array): boolean {
  const headerSize = (frame[14] & 15) * 4;
  const size = frame[16] << 8 | frame[17];
  if (frame[14] >> 4 !== 4 || headerSize < 20 || 14 + size > frame.length) return false;
  return size >= headerSize + 8 && frame[23] === IPPROTO_ICMP &&
    frame[14 + headerSize] === ICMP_ECHO && isOurs(frame.subarray(30, 34));
}

function answerPing(request: Uint8Array, packetId: number): Uint8Array {
  const icmp = 14 + (request[14] & 15) * 4;
  const answer = request.slice(0, 14 + (request[16] << 8 | request[17]));
  answer.set([...request.subarray(6, 12), ...GATEWAY_MAC]);
  answer.set([packetId >> 8, packetId & 0xff], 18);
  answer.set([0, 0, 255], 20);
  answer.set([...request.subarray(30, 34), ...request.subarray(26, 30)], 26);
  answer[icmp] = ICMP_ECHOREPLY;
  setChecksum(answer, icmp, answer.length, icmp + 2);
  setChecksum(answer, 14, icmp, 24);
  return answer;
}

function setChecksum(bytes: Uint8Array, from: number, to: number, at: number): undefined {
  bytes[at] = bytes[at + 1] = 0;
  const sum = internetChecksum(bytes.subarray(from, to));
  bytes[at] = sum >> 8;
  bytes[at + 1] = sum & 0xff;
}
