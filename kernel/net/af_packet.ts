/**
 * Packet sockets: raw frames, in and out, for scripts.
 *
 * Linux: net/packet/af_packet.c (SOCK_RAW with PACKET_IGNORE_OUTGOING)
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { WaitQueue } from "../wait.ts";
import { devMcAdd, devMcDel, devSetAllmulti, devSetPromiscuity } from "./dev_flags.ts";
import { ethProtocol } from "./eth.ts";
import { ETH_P_8021Q, ETH_P_ALL, IFF_UP, VLAN_HLEN } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";
import { NET_DEVICES, type NetdevNotifier, type PacketTap } from "./registry.ts";
import { devQueueXmit } from "./sch_generic.ts";
import { allocSkb } from "./skbuff.ts";

/** Bytes that may wait in a socket. Linux: net.core.rmem_default */
const RCVBUF_SIZE = 212_992;
/** What a frame costs of that beside its own length. Linux: roughly SKB_TRUESIZE(0) */
const FRAME_OVERHEAD = 576;
/** Room in front of a frame comes in such steps. Linux: HH_DATA_MOD */
const HH_DATA_MOD = 16;

/** What a socket may want to receive beside frames for the interface. Linux: PACKET_ADD_MEMBERSHIP */
export type Membership =
  | { readonly type: "promisc" }
  | { readonly type: "allmulti" }
  | { readonly type: "multicast"; readonly address: Uint8Array };

/** Room in front of a frame for all headers. Linux: LL_RESERVED_SPACE() */
export function llReservedSpace(dev: NetDevice): number {
  const wanted = dev.hardHeaderLen + dev.neededHeadroom;
  return wanted - wanted % HH_DATA_MOD + HH_DATA_MOD;
}

function join(dev: NetDevice, what: Membership, by: 1 | -1): undefined {
  if (what.type === "promisc") return devSetPromiscuity(dev, by);
  if (what.type === "allmulti") return devSetAllmulti(dev, by);
  return by === 1 ? devMcAdd(dev, what.address) : devMcDel(dev, what.address);
}

/**
 * A socket that sends and receives whole frames of one interface, headers included.
 *
 * Frames are kept from the moment it is made. A frame that finds {@linkcode dropped no room} is lost,
 * as in Linux.
 */
export class PacketSocket implements PacketTap {
  /** Frames that found no room. */
  dropped = 0;

  readonly #kernel: Kernel;
  readonly #frames: Uint8Array[] = [];
  readonly #readable: WaitQueue;
  readonly #memberships: Membership[] = [];
  readonly #notifier: NetdevNotifier = (event, dev) => this.#onEvent(event, dev);
  #bytes = 0;
  #error: KernelError | undefined;
  #closed = false;

  /**
   * @param dev The interface.
   * @param protocol The protocol to receive. Default: every one.
   */
  constructor(readonly dev: NetDevice, readonly protocol: number = ETH_P_ALL) {
    this.#kernel = dev.kernel;
    this.#readable = new WaitQueue(this.#kernel.sched, `a frame on ${dev.name}`);
    const devices = this.#kernel.get(NET_DEVICES);
    devices.taps.add(this);
    devices.notifiers.add(this.#notifier);
  }

  /** Frames that wait to be read. */
  get pending(): number {
    return this.#frames.length;
  }

  /** Keeps a frame that the interface received. Linux: packet_rcv() */
  receive(_dev: NetDevice, frame: Uint8Array): undefined {
    const cost = frame.length + FRAME_OVERHEAD;
    if (this.#bytes + cost > RCVBUF_SIZE) {
      this.dropped++;
      return;
    }
    this.#bytes += cost;
    this.#frames.push(frame.slice());
    this.#readable.wakeUp();
  }

  /** Who reads hears that the interface went down. Linux: packet_notifier() */
  async #onEvent(event: string, dev: NetDevice): Promise<undefined> {
    if (dev !== this.dev || (event !== "down" && event !== "unregister")) return;
    this.#error = new KernelError("ENETDOWN", `${dev.name}: went down`);
    this.#readable.wakeUp();
  }

  /** The oldest frame that waits, or `undefined`. Linux: recv() with MSG_DONTWAIT */
  tryRead(): Uint8Array | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#bytes -= frame.length + FRAME_OVERHEAD;
    return frame;
  }

  /**
   * The next frame; sleeps until there is one.
   *
   * Linux: packet_recvmsg()
   *
   * @throws {KernelError} `ENETDOWN` once, when the interface went down; `EBADF` when it is closed.
   */
  async read(): Promise<Uint8Array> {
    await this.#readable.waitEvent(() =>
      this.#frames.length > 0 || this.#error !== undefined || this.#closed
    );
    if (this.#closed) throw new KernelError("EBADF", `${this.dev.name}: the socket is closed`);
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return this.tryRead() as Uint8Array;
  }

  /**
   * Sends a frame: addresses, protocol, data. It is on its way, or dropped, when this returns.
   *
   * Linux: packet_snd()
   *
   * @param frame The frame from its destination address on, without checksum.
   * @param queue Transmit queue to use. Default: 0.
   * @throws {KernelError} `ENETDOWN` while the interface is down, `ENXIO` when it is gone, `EMSGSIZE`
   *   when the frame is too long, `EINVAL` when it is shorter than a header, `ENOBUFS` without memory.
   */
  async write(frame: Uint8Array, queue = 0): Promise<undefined> {
    const { dev } = this;
    if (dev.regState !== "registered") throw new KernelError("ENXIO", `${dev.name}: is gone`);
    if ((dev.flags & IFF_UP) === 0) throw new KernelError("ENETDOWN", `${dev.name}: is down`);
    const tag = ethProtocol(frame) === ETH_P_8021Q ? VLAN_HLEN : 0;
    if (frame.length > dev.mtu + dev.hardHeaderLen + tag) {
      throw new KernelError(
        "EMSGSIZE",
        `${dev.name}: ${frame.length} bytes are more than its MTU of ${dev.mtu} allows`,
      );
    }
    if (frame.length < dev.hardHeaderLen) {
      throw new KernelError(
        "EINVAL",
        `${dev.name}: a frame has ${dev.hardHeaderLen} bytes or more`,
      );
    }
    const skb = allocSkb(this.#kernel, frame, llReservedSpace(dev), dev.name);
    skb.queueMapping = queue;
    devQueueXmit(dev, skb);
  }

  /** Receives more than what is for the interface, until closed. Linux: packet_mc_add() */
  async addMembership(what: Membership): Promise<undefined> {
    await this.#kernel.get(NET_DEVICES).rtnl.with(async () => {
      join(this.dev, what, 1);
      this.#memberships.push(what);
    });
  }

  /** Gives back all that it has; who reads is told. Linux: packet_release() */
  async close(): Promise<undefined> {
    if (this.#closed) return;
    this.#closed = true;
    const devices = this.#kernel.get(NET_DEVICES);
    devices.taps.delete(this);
    devices.notifiers.delete(this.#notifier);
    await devices.rtnl.with(async () => {
      for (const what of this.#memberships.splice(0)) {
        if (this.dev.regState === "registered") join(this.dev, what, -1);
      }
    });
    this.#readable.wakeUp();
  }
}
