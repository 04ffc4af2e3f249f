/**
 * The network card: `virtio-net-device`, with one pair of queues.
 *
 * The networks behind it carry frames without checksum or segmentation offloads, so the header of a
 * frame says nothing but, with merged buffers, how many buffers the frame took (VIRTIO 1.4, 5.1.6).
 *
 * One difference from QEMU 7.2 is meant: a header without a frame behind it is given back, where
 * QEMU keeps it and sends nothing from then on.
 *
 * QEMU: hw/net/virtio-net.c.
 *
 * @module
 */
import { VIRTIO_CONFIG_S_DRIVER_OK, VIRTIO_F_VERSION_1 } from "../../uapi/virtio_config.ts";
import { VIRTIO_ID_NET } from "../../uapi/virtio_ids.ts";
import {
  ETH_ALEN,
  VIRTIO_NET_CONFIG_MAC,
  VIRTIO_NET_CONFIG_STATUS,
  VIRTIO_NET_CTRL_ANNOUNCE,
  VIRTIO_NET_CTRL_ANNOUNCE_ACK,
  VIRTIO_NET_CTRL_HDR_SIZE,
  VIRTIO_NET_CTRL_MAC,
  VIRTIO_NET_CTRL_MQ,
  VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
  VIRTIO_NET_CTRL_RX,
  VIRTIO_NET_CTRL_VLAN,
  VIRTIO_NET_ERR,
  VIRTIO_NET_F_CTRL_MAC_ADDR,
  VIRTIO_NET_F_CTRL_VLAN,
  VIRTIO_NET_F_CTRL_VQ,
  VIRTIO_NET_F_GSO,
  VIRTIO_NET_F_GUEST_ANNOUNCE,
  VIRTIO_NET_F_MQ,
  VIRTIO_NET_F_MRG_RXBUF,
  VIRTIO_NET_HDR_SIZE,
  VIRTIO_NET_HDR_V1_SIZE,
  VIRTIO_NET_OK,
  VIRTIO_NET_S_ANNOUNCE,
  VIRTIO_NET_S_LINK_UP,
} from "../../uapi/virtio_net.ts";
import type { NetCard, Netdev } from "./netdev.ts";
import { featureBit, hasFeature, VirtioModel } from "./virtio_model.ts";
import {
  type NetConf,
  netConf,
  netConfigSpace,
  netFeatures,
  type VirtioNetProps,
} from "./virtio_net_config.ts";
import { type CommandData, RxFilter } from "./virtio_net_filter.ts";
import type { Virtqueue } from "./virtqueue.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

export type { VirtioNetProps } from "./virtio_net_config.ts";

const RX = 0;
const TX = 1;
const CTRL = 2;
const NUM_BUFFERS = VIRTIO_NET_HDR_SIZE;
const NO_HEADER = new Uint8Array(VIRTIO_NET_HDR_SIZE);

/** A network card. */
export class VirtioNet extends VirtioModel implements NetCard {
  readonly deviceId = VIRTIO_ID_NET;
  readonly name = "virtio-net-device";
  readonly queueCount = 3;
  protected readonly deviceFeatures: bigint;
  readonly #conf: NetConf;
  readonly #netdev: Netdev | undefined;
  readonly #filter: RxFilter;
  readonly #elements: VirtqueueElement[] = [];
  /** What was sent and has to wait for the network. */
  #sending: VirtqueueElement | undefined;

  /**
   * @param netdev What is behind the card; no other card may have it. A card without one has its
   *   link up, and nothing comes of what it sends.
   * @throws {Error} When a property is not possible, in QEMU's words.
   */
  constructor(props: VirtioNetProps, netdev?: Netdev) {
    super(props);
    this.#conf = netConf(props);
    netdev?.claim("virtio-net-device.netdev");
    this.#netdev = netdev;
    this.#filter = new RxFilter(this.#conf.mac);
    this.deviceFeatures = netFeatures(this.#conf);
    this.config = netConfigSpace(this.#conf);
    this.#setLinkBit(netdev?.linkUp ?? true);
    netdev?.connect(this);
  }

  /** A legacy card says GSO, for old drivers, unless `gso=off`. */
  override get legacyFeatures(): bigint {
    return super.legacyFeatures | featureBit(VIRTIO_NET_F_GSO, this.#conf.gso);
  }

  /** What is behind the card. */
  get netdev(): Netdev | undefined {
    return this.#netdev;
  }

  /** The card's address as the driver has it now. */
  get mac(): Uint8Array {
    return this.#filter.mac;
  }

  get canReceive(): boolean {
    return this.driverOk && this.queues[RX].ready;
  }

  queueSize(index: number): number {
    return [this.#conf.rxQueueSize, Math.min(this.#conf.txQueueSize, 256), 64][index];
  }

  override setFeatures(features: bigint): undefined {
    super.setFeatures(features);
    this.#filter.setAllVlans(!hasFeature(features, VIRTIO_NET_F_CTRL_VLAN));
  }

  override setStatus(status: number): undefined {
    const starts = !this.driverOk && (status & VIRTIO_CONFIG_S_DRIVER_OK) !== 0;
    if (starts && this.#linkUp) this.#netdev?.cardStarting();
    super.setStatus(status);
    if (this.driverOk && this.#linkUp) this.#netdev?.cardReady();
  }

  override reset(): undefined {
    super.reset();
    this.#sending = undefined;
    this.#netdev?.cardReset();
    this.#filter.reset();
    this.#showMac();
    this.#setStatusBit(VIRTIO_NET_S_ANNOUNCE, false);
  }

  handleOutput(index: number): undefined {
    if (index === RX) return this.#netdev?.cardReady();
    if (index === TX) return this.#sendAll();
    this.#handleControl();
  }

  linkChanged(up: boolean): undefined {
    if (this.#setLinkBit(up)) this.notifyConfig();
  }

  /**
   * Announces the card to its network, as after a migration, and asks the driver to do so, if it can.
   * QEMU: QMP `announce-self`.
   */
  announce(): undefined {
    this.#netdev?.send(reverseArpRequest(this.#filter.mac));
    const can = hasFeature(this.negotiated, VIRTIO_NET_F_GUEST_ANNOUNCE) &&
      hasFeature(this.negotiated, VIRTIO_NET_F_CTRL_VQ);
    if (!can) return;
    this.#setStatusBit(VIRTIO_NET_S_ANNOUNCE, true);
    this.notifyConfig();
  }

  /** An old driver without a command for it writes its address. */
  protected override configWritten(offset: number, value: number): undefined {
    const modern = hasFeature(this.negotiated, VIRTIO_F_VERSION_1) ||
      hasFeature(this.negotiated, VIRTIO_NET_F_CTRL_MAC_ADDR);
    if (modern || offset >= VIRTIO_NET_CONFIG_MAC + ETH_ALEN) return;
    this.#filter.mac[offset - VIRTIO_NET_CONFIG_MAC] = value;
    this.#showMac();
  }

  // Sending

  sendComplete(): undefined {
    const element = this.#sending;
    if (!element) return;
    this.#sending = undefined;
    this.queues[TX].push(element, 0);
    this.bus.notifyQueue(this.queues[TX]);
    this.#sendAll();
  }

  #sendAll(): undefined {
    if (!this.driverOk || this.#sending) return;
    const queue = this.queues[TX];
    for (let element = queue.pop(); element; element = queue.pop()) {
      if (element.out.count < 1) {
        return this.bus.fail("VIRTIO 1.4, 5.1.6.2", "virtio-net header not in first element");
      }
      const frame = new Uint8Array(Math.max(0, element.outLength - this.#headerSize));
      element.readOut(this.#headerSize, frame);
      if (frame.length > 0 && this.#netdev && !this.#netdev.send(frame)) {
        this.#sending = element;
        break;
      }
      queue.push(element, 0);
    }
    this.bus.notifyQueue(queue);
  }

  // Receiving

  receive(frame: Uint8Array): boolean {
    const queue = this.queues[RX];
    if (!this.#takeBuffers(queue, this.#headerSize + frame.length)) return false;
    const elements = this.#elements;
    if (!this.#filter.passes(frame) || !this.#fits(frame)) {
      this.#giveBack(queue);
      return true;
    }
    elements[0].writeIn(0, NO_HEADER);
    let done = 0;
    elements.forEach((element, i) => {
      const start = i === 0 ? this.#headerSize : 0;
      const count = element.writeIn(start, frame.subarray(done));
      done += count;
      queue.fill(element, start + count, i);
    });
    if (this.#merges) elements[0].setInU16(NUM_BUFFERS, elements.length);
    queue.flush(elements.length);
    elements.length = 0;
    this.bus.notifyQueue(queue);
    return true;
  }

  /** Size of the header in front of every frame. */
  get #headerSize(): number {
    const long = hasFeature(this.negotiated, VIRTIO_F_VERSION_1) || this.#merges;
    return long ? VIRTIO_NET_HDR_V1_SIZE : VIRTIO_NET_HDR_SIZE;
  }

  get #merges(): boolean {
    return hasFeature(this.negotiated, VIRTIO_NET_F_MRG_RXBUF);
  }

  /** Takes as many buffers as a frame needs, or none, and asks for a notification when there are more. */
  #takeBuffers(queue: Virtqueue, needed: number): boolean {
    const elements = this.#elements;
    for (let room = 0; room < needed;) {
      const element = queue.pop();
      if (!element) {
        this.#giveBack(queue);
        queue.setNotification(true);
        return false;
      }
      elements.push(element);
      if (element.in.count < 1) {
        this.#giveBack(queue);
        this.bus.fail(
          "VIRTIO 1.4, 5.1.6.3",
          "virtio-net receive queue contains no in buffers",
        );
        return false;
      }
      room += element.inLength;
      if (!this.#merges) break;
    }
    queue.setNotification(false);
    return true;
  }

  /** A frame that its one buffer cannot hold is lost. */
  #fits(frame: Uint8Array): boolean {
    return this.#merges || this.#elements[0].inLength >= this.#headerSize + frame.length;
  }

  #giveBack(queue: Virtqueue): undefined {
    for (let element = this.#elements.pop(); element; element = this.#elements.pop()) {
      queue.unpop(element);
    }
  }

  // Control commands

  #handleControl(): undefined {
    const queue = this.queues[CTRL];
    for (let element = queue.pop(); element; element = queue.pop()) {
      if (element.inLength < 1 || element.outLength < VIRTIO_NET_CTRL_HDR_SIZE) {
        return this.bus.fail("VIRTIO 1.4, 5.1.6.5", "virtio-net ctrl missing headers");
      }
      element.setInU8(0, this.#obey(element) ? VIRTIO_NET_OK : VIRTIO_NET_ERR);
      queue.push(element, 1);
      this.bus.notifyQueue(queue);
    }
  }

  /** Does one command; returns whether it was right. There is one pair of queues and no offload. */
  #obey(element: VirtqueueElement): boolean {
    const command = element.outU8(1);
    const data = commandData(element, VIRTIO_NET_CTRL_HDR_SIZE);
    switch (element.outU8(0)) {
      case VIRTIO_NET_CTRL_RX:
        return this.#filter.setMode(command, data);
      case VIRTIO_NET_CTRL_MAC: {
        const right = this.#filter.setMac(command, data);
        this.#showMac();
        return right;
      }
      case VIRTIO_NET_CTRL_VLAN:
        return this.#filter.setVlan(command, data);
      case VIRTIO_NET_CTRL_MQ:
        return command === VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET &&
          hasFeature(this.negotiated, VIRTIO_NET_F_MQ) && isOne(data.take(2));
      case VIRTIO_NET_CTRL_ANNOUNCE:
        return command === VIRTIO_NET_CTRL_ANNOUNCE_ACK &&
          this.#setStatusBit(VIRTIO_NET_S_ANNOUNCE, false);
    }
    return false;
  }

  // Configuration space

  #showMac(): undefined {
    new Uint8Array(this.config.buffer).set(this.#filter.mac, VIRTIO_NET_CONFIG_MAC);
  }

  #setLinkBit(up: boolean): boolean {
    return this.#setStatusBit(VIRTIO_NET_S_LINK_UP, up);
  }

  #status = 0;

  get #linkUp(): boolean {
    return (this.#status & VIRTIO_NET_S_LINK_UP) !== 0;
  }

  /** Sets or clears a bit of the card's status; returns whether it changed. */
  #setStatusBit(bit: number, on: boolean): boolean {
    const status = on ? this.#status | bit : this.#status & ~bit;
    if (status === this.#status) return false;
    this.#status = status;
    if (this.config.byteLength > VIRTIO_NET_CONFIG_STATUS) {
      this.config.setUint16(VIRTIO_NET_CONFIG_STATUS, status, true);
    }
    return true;
  }
}

/** The frame with which QEMU tells switches where an address is (RFC 903). */
function reverseArpRequest(mac: Uint8Array): Uint8Array {
  const frame = new Uint8Array(60);
  frame.fill(0xff, 0, ETH_ALEN);
  frame.set(mac, ETH_ALEN);
  frame.set([0x80, 0x35, 0, 1, 8, 0, ETH_ALEN, 4, 0, 3], 2 * ETH_ALEN);
  frame.set(mac, 22);
  frame.set(mac, 32);
  return frame;
}

/** Reads the data of a command, from `position` on. */
/** The only number of queue pairs that the card can be set to. */
function isOne(pairs: Uint8Array | undefined): boolean {
  return pairs !== undefined && pairs[0] === 1 && pairs[1] === 0;
}

function commandData(element: VirtqueueElement, position: number): CommandData {
  return {
    get length() {
      return element.outLength - position;
    },
    take(count) {
      if (count > element.outLength - position) return undefined;
      const bytes = new Uint8Array(count);
      position += element.readOut(position, bytes);
      return bytes;
    },
  };
}
