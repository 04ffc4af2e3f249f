/**
 * Commands to a network card through its control queue. Each is a header, data, and one byte that the
 * card answers; the driver waits for that without sleeping.
 *
 * Linux: drivers/net/virtio_net.c. VIRTIO 1.4, 5.1.6.5
 *
 * @module
 */
import * as uapi from "../uapi/virtio_net.ts";
import { devWarn } from "../kernel/base/device.ts";
import { errnoOf, KernelBug } from "../kernel/errors.ts";
import { IFF_ALLMULTI, IFF_PROMISC } from "../kernel/net/if.ts";
import type { HwAddr } from "../kernel/net/netdevice.ts";
import type { Memory } from "../kernel/mem.ts";
import { virtioBreakDevice } from "./virtio/virtio_config.ts";
import type { Sg, Virtqueue } from "./virtio/virtio_ring.ts";
import type { VirtnetInfo } from "./virtio_net_info.ts";

/** Places in the driver's own buffer. Linux: struct control_buf */
const HDR = 0;
const STATUS = 2;
const MQ = 4;
const PROMISC = 6;
const ALLMULTI = 7;
const VID = 8;
const OFFLOADS = 16;
const CONTROL_BUF_SIZE = 24;
/** What the answer holds until the card gives one. */
const NO_ANSWER = 0xff;

/** The control queue of one card with the buffer for its commands. */
export class ControlQueue {
  readonly #vi: VirtnetInfo;
  readonly #buf: Memory;

  /** @throws {KernelError} `ENOMEM` */
  constructor(vi: VirtnetInfo) {
    this.#vi = vi;
    this.#buf = vi.kernel.mem.alloc(CONTROL_BUF_SIZE, vi.vdev.name);
  }

  /** Gives the buffer back. */
  free(): undefined {
    this.#vi.kernel.mem.free(this.#buf);
  }

  /** A part of the driver's buffer, for the card to read. */
  #part(at: number, length: number): Sg {
    return { address: this.#buf.address + at, length };
  }

  /**
   * Sends a command and waits for the answer.
   *
   * Linux: virtnet_send_command()
   *
   * @returns True when the card did what it was told.
   */
  #send(cls: number, cmd: number, data: readonly Sg[]): boolean {
    const { kernel, vdev, cvq } = this.#vi;
    if (cvq === undefined) throw new KernelBug(`${vdev.name}: has no control queue`);
    const { view } = kernel.mem;
    view.setUint8(this.#buf.offset + STATUS, NO_ANSWER);
    uapi.encodeVirtioNetCtrlHdr(view, this.#buf.offset + HDR, { class: cls, cmd });
    const out = [this.#part(HDR, uapi.VIRTIO_NET_CTRL_HDR_SIZE), ...data];
    try {
      cvq.addSgs(out, [this.#part(STATUS, 1)], this.#vi);
    } catch (error) {
      devWarn(vdev, `Failed to add sgs for command vq: -${errnoOf(error)}`);
      return false;
    }
    if (cvq.kick()) this.#spin(cvq);
    return view.getUint8(this.#buf.offset + STATUS) === uapi.VIRTIO_NET_OK;
  }

  /**
   * Waits for the answer. Where Linux would spin for ever, because the card will never give one, this
   * says what Linux's watchdog would say and breaks the card's queues.
   */
  #spin(cvq: Virtqueue): undefined {
    const { kernel, vdev } = this.#vi;
    while (cvq.getBuf() === undefined && !cvq.isBroken) {
      if (kernel.sched.relax()) continue;
      const task = kernel.sched.current;
      kernel.printk(
        0,
        `watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [${task?.name}:${task?.pid}]`,
      );
      return virtioBreakDevice(vdev);
    }
  }

  /** Tells the card its address. */
  setMac(address: Uint8Array): boolean {
    const { mem } = this.#vi.kernel;
    const copy = mem.alloc(address.length, this.#vi.vdev.name);
    mem.bytes.set(address, copy.offset);
    try {
      return this.#send(
        uapi.VIRTIO_NET_CTRL_MAC,
        uapi.VIRTIO_NET_CTRL_MAC_ADDR_SET,
        [{ address: copy.address, length: address.length }],
      );
    } finally {
      mem.free(copy);
    }
  }

  /** Tells the card what to receive: everything, all multicasts, and which addresses. Linux: virtnet_set_rx_mode() */
  setRxMode(): undefined {
    const { dev, kernel } = this.#vi;
    const promisc = (dev.flags & IFF_PROMISC) !== 0;
    const allmulti = (dev.flags & IFF_ALLMULTI) !== 0;
    kernel.mem.view.setUint8(this.#buf.offset + PROMISC, promisc ? 1 : 0);
    kernel.mem.view.setUint8(this.#buf.offset + ALLMULTI, allmulti ? 1 : 0);
    if (!this.#sendRx(uapi.VIRTIO_NET_CTRL_RX_PROMISC, PROMISC)) {
      devWarn(dev, `Failed to ${promisc ? "en" : "dis"}able promisc mode.`);
    }
    if (!this.#sendRx(uapi.VIRTIO_NET_CTRL_RX_ALLMULTI, ALLMULTI)) {
      devWarn(dev, `Failed to ${allmulti ? "en" : "dis"}able allmulti mode.`);
    }
    if (!this.#setMacTable([...dev.uc.values()], [...dev.mc.values()])) {
      devWarn(dev, "Failed to set MAC filter table.");
    }
  }

  #sendRx(cmd: number, at: number): boolean {
    return this.#send(uapi.VIRTIO_NET_CTRL_RX, cmd, [this.#part(at, 1)]);
  }

  /** Both tables in one piece of memory, the one of single stations first. Without memory, nothing is sent. */
  #setMacTable(uc: readonly HwAddr[], mc: readonly HwAddr[]): boolean {
    const { mem } = this.#vi.kernel;
    const ucSize = uapi.virtioNetCtrlMacSize(uc.length);
    const mcSize = uapi.virtioNetCtrlMacSize(mc.length);
    let tables: Memory;
    try {
      tables = mem.alloc(ucSize + mcSize, this.#vi.vdev.name);
    } catch (error) {
      errnoOf(error);
      return true;
    }
    const { offset, address } = tables;
    uapi.encodeVirtioNetCtrlMac(mem.view, offset, { macs: uc.map((ha) => ha.address) });
    uapi.encodeVirtioNetCtrlMac(mem.view, offset + ucSize, { macs: mc.map((ha) => ha.address) });
    try {
      return this.#send(uapi.VIRTIO_NET_CTRL_MAC, uapi.VIRTIO_NET_CTRL_MAC_TABLE_SET, [
        { address, length: ucSize },
        { address: address + ucSize, length: mcSize },
      ]);
    } finally {
      mem.free(tables);
    }
  }

  /** Lets a VLAN through, or no more. */
  filterVlan(vid: number, on: boolean): boolean {
    this.#vi.kernel.mem.view.setUint16(this.#buf.offset + VID, vid, true);
    return this.#send(
      uapi.VIRTIO_NET_CTRL_VLAN,
      on ? uapi.VIRTIO_NET_CTRL_VLAN_ADD : uapi.VIRTIO_NET_CTRL_VLAN_DEL,
      [this.#part(VID, 2)],
    );
  }

  /** Tells the card how many pairs of queues to use. */
  setQueuePairs(pairs: number): boolean {
    this.#vi.kernel.mem.view.setUint16(this.#buf.offset + MQ, pairs, true);
    return this.#send(
      uapi.VIRTIO_NET_CTRL_MQ,
      uapi.VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
      [this.#part(MQ, 2)],
    );
  }

  /** Tells the card which offloads the driver wants, as feature bits. */
  setGuestOffloads(offloads: bigint): boolean {
    this.#vi.kernel.mem.view.setBigUint64(this.#buf.offset + OFFLOADS, offloads, true);
    return this.#send(
      uapi.VIRTIO_NET_CTRL_GUEST_OFFLOADS,
      uapi.VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET,
      [this.#part(OFFLOADS, 8)],
    );
  }

  /** Tells the card that the driver has announced itself. Linux: virtnet_ack_link_announce() */
  ackAnnounce(): boolean {
    return this.#send(uapi.VIRTIO_NET_CTRL_ANNOUNCE, uapi.VIRTIO_NET_CTRL_ANNOUNCE_ACK, []);
  }
}
