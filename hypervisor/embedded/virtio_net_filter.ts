/**
 * Which frames a network card lets through to its driver, and the control commands that say so.
 *
 * QEMU: receive_filter(), virtio_net_handle_rx_mode(), _mac(), _vlan_table(). VIRTIO 1.4, 5.1.6.5.
 *
 * @module
 */
import {
  ETH_ALEN,
  VIRTIO_NET_CTRL_MAC_ADDR_SET,
  VIRTIO_NET_CTRL_MAC_TABLE_SET,
  VIRTIO_NET_CTRL_RX_ALLMULTI,
  VIRTIO_NET_CTRL_RX_ALLUNI,
  VIRTIO_NET_CTRL_RX_NOBCAST,
  VIRTIO_NET_CTRL_RX_NOMULTI,
  VIRTIO_NET_CTRL_RX_NOUNI,
  VIRTIO_NET_CTRL_RX_PROMISC,
  VIRTIO_NET_CTRL_VLAN_ADD,
  VIRTIO_NET_CTRL_VLAN_DEL,
} from "../../uapi/virtio_net.ts";

/** Most addresses in the table. QEMU: MAC_TABLE_ENTRIES. */
const MAC_TABLE_ENTRIES = 64;
const VLAN_COUNT = 4096;
const ETH_P_8021Q = 0x8100;

/** Reads a command's data; every read says whether there was enough. */
export interface CommandData {
  /** Bytes that are left. */
  readonly length: number;
  /** Takes the next `count` bytes, or `undefined` when there are fewer. */
  take(count: number): Uint8Array | undefined;
}

function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The receive filter of one card. */
export class RxFilter {
  /** The card's address. */
  readonly mac = new Uint8Array(ETH_ALEN);
  readonly #permanent: Uint8Array;
  readonly #modes = new Uint8Array(VIRTIO_NET_CTRL_RX_NOBCAST + 1);
  readonly #vlans = new Uint8Array(VLAN_COUNT);
  #unicast: Uint8Array[] = [];
  #multicast: Uint8Array[] = [];
  #unicastOverflow = false;
  #multicastOverflow = false;

  /** @param mac The address after power-on. */
  constructor(mac: Uint8Array) {
    this.#permanent = mac;
    this.reset();
  }

  /** Back to the state after power-on: everything passes. */
  reset(): undefined {
    this.mac.set(this.#permanent);
    this.#modes.fill(0);
    this.#modes[VIRTIO_NET_CTRL_RX_PROMISC] = 1;
    this.#unicast = [];
    this.#multicast = [];
    this.#unicastOverflow = this.#multicastOverflow = false;
    this.#vlans.fill(0);
  }

  /** Lets all VLANs through or none, before the driver names some. */
  setAllVlans(pass: boolean): undefined {
    this.#vlans.fill(pass ? 1 : 0);
  }

  /** Returns whether the driver wants this frame. */
  passes(frame: Uint8Array): boolean {
    const modes = this.#modes;
    if (modes[VIRTIO_NET_CTRL_RX_PROMISC]) return true;
    if ((frame[12] << 8 | frame[13]) === ETH_P_8021Q) {
      if (!this.#vlans[(frame[14] << 8 | frame[15]) & (VLAN_COUNT - 1)]) return false;
    }
    if ((frame[0] & 1) === 0) return this.#unicastPasses(frame);
    if (frame.subarray(0, ETH_ALEN).every((byte) => byte === 0xff)) {
      return !modes[VIRTIO_NET_CTRL_RX_NOBCAST];
    }
    if (modes[VIRTIO_NET_CTRL_RX_NOMULTI]) return false;
    if (modes[VIRTIO_NET_CTRL_RX_ALLMULTI] || this.#multicastOverflow) return true;
    return this.#multicast.some((mac) => sameAddress(mac, frame));
  }

  #unicastPasses(frame: Uint8Array): boolean {
    const modes = this.#modes;
    if (modes[VIRTIO_NET_CTRL_RX_NOUNI]) return false;
    if (modes[VIRTIO_NET_CTRL_RX_ALLUNI] || this.#unicastOverflow) return true;
    return sameAddress(this.mac, frame) || this.#unicast.some((mac) => sameAddress(mac, frame));
  }

  /** Class RX: switches one mode; returns whether the command was right. */
  setMode(command: number, data: CommandData): boolean {
    const on = data.take(1);
    if (!on || command >= this.#modes.length) return false;
    this.#modes[command] = on[0] === 0 ? 0 : 1;
    return true;
  }

  /** Class VLAN: adds or removes one; returns whether the command was right. */
  setVlan(command: number, data: CommandData): boolean {
    const id = data.take(2);
    if (!id) return false;
    const vlan = id[0] | id[1] << 8;
    if (vlan >= VLAN_COUNT) return false;
    if (command !== VIRTIO_NET_CTRL_VLAN_ADD && command !== VIRTIO_NET_CTRL_VLAN_DEL) return false;
    this.#vlans[vlan] = command === VIRTIO_NET_CTRL_VLAN_ADD ? 1 : 0;
    return true;
  }

  /** Class MAC: sets the address or the table; returns whether the command was right. */
  setMac(command: number, data: CommandData): boolean {
    if (command === VIRTIO_NET_CTRL_MAC_TABLE_SET) return this.#setTable(data);
    if (command !== VIRTIO_NET_CTRL_MAC_ADDR_SET || data.length !== ETH_ALEN) return false;
    this.mac.set(data.take(ETH_ALEN)!);
    return true;
  }

  #setTable(data: CommandData): boolean {
    const unicast = takeTable(data);
    const multicast = unicast && takeTable(data);
    if (!unicast || !multicast || data.length !== 0) return false;
    this.#unicastOverflow = unicast.length > MAC_TABLE_ENTRIES;
    this.#unicast = this.#unicastOverflow ? [] : unicast;
    const room = MAC_TABLE_ENTRIES - this.#unicast.length;
    this.#multicastOverflow = multicast.length > room;
    this.#multicast = this.#multicastOverflow ? [] : multicast;
    return true;
  }
}

/** Reads a count and that many addresses, if they are there. */
function takeTable(data: CommandData): Uint8Array[] | undefined {
  const head = data.take(4);
  if (!head) return undefined;
  const count = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  if (count * ETH_ALEN > data.length) return undefined;
  return Array.from({ length: count }, () => data.take(ETH_ALEN)!);
}
