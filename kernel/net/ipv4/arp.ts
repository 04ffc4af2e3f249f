/**
 * Which Ethernet address an IPv4 address has: asking, answering, and packets that wait for an answer.
 *
 * Linux: net/ipv4/arp.c, net/core/neighbour.c
 *
 * @module
 */
import { KernelError } from "../../errors.ts";
import type { Kernel } from "../../kernel.ts";
import { Slot } from "../../slot.ts";
import type { Timer } from "../../timers.ts";
import { llReservedSpace } from "../af_packet.ts";
import { ETH_ALEN, ETH_P_ARP } from "../if.ts";
import type { NetDevice } from "../netdevice.ts";
import { devQueueXmit } from "../sch_generic.ts";
import { allocSkb } from "../skbuff.ts";
import { addressBytes, readAddress } from "./address.ts";
import { INET } from "./inet.ts";

const ARP_FRAME_SIZE = 42;
const ARPOP_REQUEST = 1;
const ARPOP_REPLY = 2;
/** Places in a frame. */
const AT = { op: 20, senderMac: 22, senderIp: 28, targetIp: 38 } as const;
/** Questions before it is given up, and the time between them. Linux: MCAST_PROBES, RETRANS_TIME */
const PROBES_MAX = 3;
const RETRANS_NS = 1_000_000_000;
/** How long an answer counts as fresh. Linux: BASE_REACHABLE_TIME */
const REACHABLE_NS = 30_000_000_000;
/** What the counter of questions starts with. Linux: UCAST_PROBES */
const PROBES_START = 3;

const BROADCAST_MAC = new Uint8Array(ETH_ALEN).fill(0xff);

/** Another station. Linux: struct neighbour */
export class Neighbour {
  /** Its Ethernet address, when it is known. */
  mac: Uint8Array | undefined;
  failed = false;
  /** Questions that were sent, counted as Linux does. */
  probes = PROBES_START;
  confirmedNs = 0;
  readonly waiting: Uint8Array[] = [];
  timer: Timer | undefined;

  constructor(readonly dev: NetDevice, readonly ip: number) {}

  /** Linux: NUD_REACHABLE and its kin */
  get state(): "INCOMPLETE" | "REACHABLE" | "STALE" | "FAILED" {
    if (this.failed) return "FAILED";
    if (this.mac === undefined) return "INCOMPLETE";
    const age = this.dev.kernel.clock.nowNs - this.confirmedNs;
    return age < REACHABLE_NS ? "REACHABLE" : "STALE";
  }
}

/** Sends a frame; without memory it is lost. */
export function sendFrame(dev: NetDevice, frame: Uint8Array): undefined {
  try {
    devQueueXmit(dev, allocSkb(dev.kernel, frame, llReservedSpace(dev), dev.name));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

/** An ARP frame. Linux: arp_create() */
export function arpFrame(
  dev: NetDevice,
  op: number,
  to: { readonly mac: Uint8Array; readonly ip: number },
  source: number,
): Uint8Array {
  const target = op === ARPOP_REQUEST ? new Uint8Array(ETH_ALEN) : to.mac;
  return Uint8Array.from([
    ...[...to.mac, ...dev.devAddr, ETH_P_ARP >> 8, ETH_P_ARP & 0xff],
    ...[0, 1, 0x08, 0x00, ETH_ALEN, 4, 0, op],
    ...[...dev.devAddr, ...addressBytes(source), ...target, ...addressBytes(to.ip)],
  ]);
}

/** A question to everybody who has an address. */
export function arpRequest(dev: NetDevice, ip: number, source: number): Uint8Array {
  return arpFrame(dev, ARPOP_REQUEST, { mac: BROADCAST_MAC, ip }, source);
}

/** Who answered in an ARP frame; `undefined` for one that is no answer. */
export function arpAnswer(frame: Uint8Array): { ip: number; mac: Uint8Array } | undefined {
  if (frame.length < ARP_FRAME_SIZE || frame[AT.op + 1] !== ARPOP_REPLY) return undefined;
  const mac = frame.slice(AT.senderMac, AT.senderMac + ETH_ALEN);
  return { ip: readAddress(frame, AT.senderIp), mac };
}

/** The stations that a kernel knows. Linux: arp_tbl */
export class ArpTable {
  readonly #kernel: Kernel;
  readonly list: Neighbour[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  #find(dev: NetDevice, ip: number): Neighbour | undefined {
    return this.list.find((each) => each.dev === dev && each.ip === ip);
  }

  /** Sends a frame to a station: its first six bytes are filled in as soon as they are known. */
  output(dev: NetDevice, ip: number, frame: Uint8Array): undefined {
    let neighbour = this.#find(dev, ip);
    if (neighbour === undefined) this.list.push(neighbour = new Neighbour(dev, ip));
    if (neighbour.mac !== undefined) return this.#send(neighbour, frame);
    neighbour.waiting.push(frame);
    if (neighbour.timer !== undefined) return;
    neighbour.failed = false;
    neighbour.probes = PROBES_START;
    this.#probe(neighbour);
  }

  #send({ dev, mac }: Neighbour, frame: Uint8Array): undefined {
    frame.set(mac as Uint8Array);
    sendFrame(dev, frame);
  }

  /** Asks, and asks again until it is given up. Linux: neigh_probe(), neigh_timer_handler() */
  #probe(neighbour: Neighbour): undefined {
    const { dev, ip } = neighbour;
    neighbour.timer = undefined;
    if (neighbour.probes === PROBES_START + PROBES_MAX) {
      neighbour.failed = true;
      neighbour.waiting.length = 0;
      return;
    }
    neighbour.probes++;
    const inet = this.#kernel.get(INET);
    const route = inet.lookup(ip);
    sendFrame(dev, arpRequest(dev, ip, route === undefined ? 0 : inet.sourceOf(route)));
    const atNs = this.#kernel.clock.nowNs + RETRANS_NS;
    neighbour.timer = this.#kernel.sched.addTimer(atNs, "neigh_timer_handler", () => {
      this.#probe(neighbour);
    });
  }

  /** Linux: neigh_update() */
  #update(neighbour: Neighbour, mac: Uint8Array): undefined {
    if (neighbour.timer !== undefined) this.#kernel.sched.deleteTimer(neighbour.timer);
    neighbour.timer = undefined;
    neighbour.failed = false;
    neighbour.mac = mac;
    neighbour.confirmedNs = this.#kernel.clock.nowNs;
    for (const frame of neighbour.waiting.splice(0)) this.#send(neighbour, frame);
  }

  /** Answers questions about own addresses, and learns from answers. Linux: arp_process() */
  receive(dev: NetDevice, frame: Uint8Array): undefined {
    if (frame.length < ARP_FRAME_SIZE) return;
    const mac = frame.slice(AT.senderMac, AT.senderMac + ETH_ALEN);
    const ip = readAddress(frame, AT.senderIp);
    const target = readAddress(frame, AT.targetIp);
    const ours = this.#kernel.get(INET).ownerOf(target) !== undefined;
    if (frame[AT.op + 1] === ARPOP_REQUEST && ours) {
      sendFrame(dev, arpFrame(dev, ARPOP_REPLY, { mac, ip }, target));
    }
    const neighbour = this.#find(dev, ip);
    if (neighbour !== undefined) this.#update(neighbour, mac);
  }

  /** Forgets the stations behind an interface. Linux: neigh_ifdown() */
  forget(dev: NetDevice): undefined {
    for (const neighbour of this.list.filter((each) => each.dev === dev)) {
      if (neighbour.timer !== undefined) this.#kernel.sched.deleteTimer(neighbour.timer);
      this.list.splice(this.list.indexOf(neighbour), 1);
    }
  }
}

/** The stations that a kernel knows. */
export const ARP: Slot<ArpTable> = new Slot("arp", (kernel) => new ArpTable(kernel));
