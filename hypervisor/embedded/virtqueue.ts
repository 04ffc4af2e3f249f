/**
 * The device's side of a split virtqueue: takes chains of buffers that the driver made available,
 * checks every one of them, and gives them back as used.
 *
 * Nothing that the driver can write is trusted: heads, links, addresses, lengths and indexes are
 * checked against the queue and against RAM before use, and each is read once.
 *
 * VIRTIO 1.4, 2.7. QEMU: virtqueue_split_pop().
 *
 * @module
 */
import { VIRTIO_F_NOTIFY_ON_EMPTY, VIRTIO_F_RING_PACKED } from "../../uapi/virtio_config.ts";
import {
  VIRTIO_RING_F_EVENT_IDX,
  VIRTIO_RING_F_INDIRECT_DESC,
  VRING_AVAIL_ALIGN_SIZE,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_AVAIL_IDX,
  VRING_AVAIL_RING,
  VRING_DESC_ALIGN_SIZE,
  VRING_DESC_SIZE,
  VRING_USED_ALIGN_SIZE,
  VRING_USED_F_NO_NOTIFY,
  VRING_USED_RING,
  vringNeedEvent,
} from "../../uapi/virtio_ring.ts";
import { DescriptorChains, reportMalformation, type VirtqueueOwner } from "./descriptor_chain.ts";
import type { MalformationName } from "./malformation.ts";
import { VirtqueueElement } from "./virtqueue_element.ts";

export type { VirtqueueOwner } from "./descriptor_chain.ts";

// Constants of this module are folded into machine code; imported ones are loaded each time.
const AVAIL_IDX = VRING_AVAIL_IDX;
const AVAIL_RING = VRING_AVAIL_RING;
const USED_RING = VRING_USED_RING;
const AVAIL_F_NO_INTERRUPT = VRING_AVAIL_F_NO_INTERRUPT;

/**
 * A split virtqueue, seen by the device.
 *
 * The transport sets size and addresses and calls {@linkcode Virtqueue.enable}; the device model pops
 * elements, works on them, and pushes them back.
 */
export class Virtqueue {
  /** Number of the queue in its device. */
  readonly index: number;
  /** Most entries that the device can handle; what QueueNumMax says of a queue that exists. */
  readonly sizeMax: number;
  /** Number of entries: a power of two if the driver keeps the rules. */
  size: number;
  /** Guest physical address of the descriptor table. */
  descAddr = 0;
  /** Guest physical address of the available ring. */
  availAddr = 0;
  /** Guest physical address of the used ring. */
  usedAddr = 0;
  /** Number of elements that are popped and not yet pushed. */
  inUse = 0;

  readonly #owner: VirtqueueOwner;
  readonly #view: DataView;
  readonly #ramBase: number;
  readonly #ramSize: number;
  #ready = false;
  /** Where the parts lie, in bytes from the start of RAM. */
  #desc = 0;
  #avail = 0;
  #used = 0;
  /** `size - 1`, by which running indexes become slots; -1 if the size is not a power of two. */
  #mask = -1;
  #usedEvent = 0;
  #availEvent = 0;
  /** Next entry of the available ring to take; 16 bits. */
  #lastAvailIdx = 0;
  /** The driver's index as last read, so that the ring is looked at only when it seems empty. */
  #shadowAvailIdx = 0;
  /** Next entry of the used ring to fill; 16 bits. */
  #usedIdx = 0;
  /** Value of `#usedIdx` when the driver was last considered for a notification. */
  #signalledUsed = 0;
  #signalledUsedValid = false;
  #notification = true;
  #eventIdx = false;
  /** Made when the queue is first enabled: most queues never are. */
  #chains: DescriptorChains | undefined;
  #notifyOnEmpty = false;
  /** Elements that nobody uses, linked by `nextSpare`. */
  #spare: VirtqueueElement | undefined;

  /**
   * Makes queue `index` of a device, not yet set up.
   *
   * @internal
   */
  constructor(index: number, owner: VirtqueueOwner, sizeMax: number) {
    this.index = index;
    this.#owner = owner;
    this.sizeMax = sizeMax;
    this.size = sizeMax;
    this.#view = owner.view;
    this.#ramBase = owner.ramBase;
    this.#ramSize = owner.ram.length;
  }

  /** True while the device may use the queue. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Index of the next entry of the available ring to take. */
  get lastAvailIdx(): number {
    return this.#lastAvailIdx;
  }

  /** Index of the next entry of the used ring to fill. */
  get usedIdx(): number {
    return this.#usedIdx;
  }

  /**
   * Lets the device use the queue whose size and addresses are set. The indexes go on where they
   * are: at 0 after a reset, or where {@linkcode Virtqueue.presetIndexes} put them.
   *
   * @param features The negotiated features.
   * @returns False when a part of the ring lies outside RAM; the device has failed then, unless the
   * driver gave no address at all: a queue at 0 is no queue.
   *
   * @internal
   */
  enable(features: bigint): boolean {
    this.setFeatures(features);
    this.#ready = false;
    if (this.descAddr === 0) return this.#reportNowhere();
    if ((features >> BigInt(VIRTIO_F_RING_PACKED) & 1n) === 1n) return this.#refusePacked();
    const { size } = this;
    const event = this.#eventIdx ? 2 : 0;
    this.#mask = (size & (size - 1)) === 0 ? size - 1 : -1;
    if (this.#mask < 0) this.#report("sizeNotPowerOfTwo", `Queue size is ${size}`);
    this.#checkAligned("descriptor table", this.descAddr, VRING_DESC_ALIGN_SIZE);
    this.#checkAligned("available ring", this.availAddr, VRING_AVAIL_ALIGN_SIZE);
    this.#checkAligned("used ring", this.usedAddr, VRING_USED_ALIGN_SIZE);
    this.#desc = this.#partOffset("desc", this.descAddr, size * VRING_DESC_SIZE);
    this.#used = this.#partOffset("used", this.usedAddr, USED_RING + size * 8 + event);
    this.#avail = this.#partOffset("avail", this.availAddr, AVAIL_RING + size * 2 + event);
    this.#usedEvent = this.#avail + AVAIL_RING + size * 2;
    this.#availEvent = this.#used + USED_RING + size * 8;
    this.#ready = this.#desc >= 0 && this.#avail >= 0 && this.#used >= 0;
    return this.#ready;
  }

  /**
   * Stops the use of the queue; its addresses and indexes stay.
   *
   * @internal
   */
  disable(): undefined {
    this.#ready = false;
  }

  /**
   * Takes over the negotiated features that concern rings.
   *
   * @internal
   */
  setFeatures(features: bigint): undefined {
    this.#eventIdx = (features >> BigInt(VIRTIO_RING_F_EVENT_IDX) & 1n) === 1n;
    this.#chains ??= new DescriptorChains(this.#owner, this.index);
    this.#chains.indirect = (features >> BigInt(VIRTIO_RING_F_INDIRECT_DESC) & 1n) === 1n;
    this.#notifyOnEmpty = (features >> BigInt(VIRTIO_F_NOTIFY_ON_EMPTY) & 1n) === 1n;
  }

  /**
   * Back to the state after power-on. Elements that are still popped belong to nobody then.
   *
   * @internal
   */
  reset(): undefined {
    this.#ready = false;
    this.size = this.sizeMax;
    this.descAddr = this.availAddr = this.usedAddr = 0;
    this.#lastAvailIdx =
      this.#shadowAvailIdx =
      this.#usedIdx =
      this.#signalledUsed =
        0;
    this.#signalledUsedValid = false;
    this.#notification = true;
    this.inUse = 0;
    this.#spare = undefined;
  }

  /**
   * Sets both running indexes, so that a ring can start anywhere, for example close to its wrap at 2^16.
   *
   * @internal
   */
  presetIndexes(index: number): undefined {
    this.#lastAvailIdx = this.#shadowAvailIdx = this.#usedIdx = index & 0xffff;
    this.#signalledUsedValid = false;
  }

  /** Returns whether there is nothing to pop. */
  isEmpty(): boolean {
    if (!this.#ready || this.#owner.broken) return true;
    if (this.#shadowAvailIdx !== this.#lastAvailIdx) return false;
    return this.#view.getUint16(this.#avail + AVAIL_IDX, true) === this.#lastAvailIdx;
  }

  /**
   * Takes the next chain that the driver made available.
   *
   * The element stays valid until it is given to {@linkcode Virtqueue.push},
   * {@linkcode Virtqueue.fill}, {@linkcode Virtqueue.unpop} or the queue is reset; then it is used again.
   *
   * @returns The chain, or `undefined` when there is none or the driver broke a rule.
   */
  pop(): VirtqueueElement | undefined {
    const chains = this.#chains;
    if (chains === undefined || !this.#ready || this.#owner.broken) return undefined;
    const last = this.#lastAvailIdx;
    if (this.#shadowAvailIdx === last && !this.#readAvailIdx(last)) return undefined;
    if (this.inUse >= this.size) {
      return this.#report("queueSizeExceeded", "Virtqueue size exceeded");
    }
    const head = this.#view.getUint16(this.#availEntry(last), true);
    this.#lastAvailIdx = (last + 1) & 0xffff;
    if (head >= this.size) {
      return this.#report("headOutOfRange", `Guest says index ${head} is available`);
    }
    if (this.#eventIdx) this.#setAvailEvent(this.#lastAvailIdx);
    const element = this.#take();
    element.head = head;
    if (!chains.collect(element, head, this.#desc, this.size)) {
      this.#give(element);
      return undefined;
    }
    this.inUse++;
    return element;
  }

  /** Puts back the element that was popped last; the next pop takes it again. QEMU: virtqueue_unpop(). */
  unpop(element: VirtqueueElement): undefined {
    this.#lastAvailIdx = (this.#lastAvailIdx - 1) & 0xffff;
    this.inUse--;
    this.#give(element);
  }

  /**
   * Hands an element back to the driver as used. Ask the bus to notify the driver afterwards.
   *
   * @param writtenBytes How many bytes, counted from the first writable one, were written.
   */
  push(element: VirtqueueElement, writtenBytes: number): undefined {
    if (this.#ready && !this.#owner.broken) {
      const index = this.#usedIdx;
      const next = (index + 1) & 0xffff;
      const view = this.#view;
      const entry = this.#usedEntry(index);
      view.setUint32(entry, element.head, true);
      view.setUint32(entry + 4, writtenBytes, true);
      view.setUint16(this.#used + 2, next, true);
      if (next === this.#signalledUsed) this.#signalledUsedValid = false;
      this.#usedIdx = next;
    }
    if (this.inUse > 0) this.inUse--;
    this.#give(element);
  }

  /**
   * Writes an element into the used ring, `ahead` entries past its end, without showing it to the
   * driver: {@linkcode Virtqueue.flush} shows several at once, as merged receive buffers need.
   */
  fill(element: VirtqueueElement, writtenBytes: number, ahead: number): undefined {
    if (this.#ready && !this.#owner.broken) {
      const entry = this.#usedEntry((this.#usedIdx + ahead) & 0xffff);
      this.#view.setUint32(entry, element.head, true);
      this.#view.setUint32(entry + 4, writtenBytes, true);
    }
    this.#give(element);
  }

  /** Shows `count` filled entries to the driver. */
  flush(count: number): undefined {
    this.inUse = Math.max(0, this.inUse - count);
    if (!this.#ready || this.#owner.broken) return;
    const old = this.#usedIdx;
    const now = (old + count) & 0xffff;
    this.#usedIdx = now;
    this.#view.setUint16(this.#used + 2, now, true);
    // The index came round to where the driver was last told: what it knows is too old to compare with.
    if (((now - this.#signalledUsed) & 0xffff) < count) this.#signalledUsedValid = false;
  }

  /**
   * Asks the driver to notify the device of new buffers, or not to. A hint: with event indexes a
   * suppressed notification is asked for at the entry that is next now.
   *
   * VIRTIO 1.4, 2.7.10.
   */
  setNotification(enable: boolean): undefined {
    this.#notification = enable;
    if (!this.#ready || this.#owner.broken) return;
    if (this.#eventIdx) {
      this.#setAvailEvent(this.#view.getUint16(this.#avail + AVAIL_IDX, true));
    } else {
      this.#view.setUint16(this.#used, enable ? 0 : VRING_USED_F_NO_NOTIFY, true);
    }
  }

  /**
   * Returns whether the driver wants to be told of the elements pushed since it was last asked.
   *
   * VIRTIO 1.4, 2.7.7.2. QEMU: virtio_split_should_notify().
   */
  shouldNotify(): boolean {
    if (!this.#ready) return false;
    if (this.#notifyOnEmpty && this.inUse === 0 && this.isEmpty()) return true;
    if (!this.#eventIdx) {
      return (this.#view.getUint16(this.#avail, true) & AVAIL_F_NO_INTERRUPT) === 0;
    }
    const valid = this.#signalledUsedValid;
    const old = this.#signalledUsed;
    this.#signalledUsedValid = true;
    this.#signalledUsed = this.#usedIdx;
    return !valid ||
      vringNeedEvent(this.#view.getUint16(this.#usedEvent, true), this.#usedIdx, old);
  }

  /** Looks at the driver's index; returns whether it says that there is something to take. */
  #readAvailIdx(last: number): boolean {
    const index = this.#view.getUint16(this.#avail + AVAIL_IDX, true);
    const count = (index - last) & 0xffff;
    if (count === 0) return false;
    if (count > this.size) {
      this.#report("availIdxJump", `Guest moved available index from ${last} to ${index}`);
      return false;
    }
    this.#shadowAvailIdx = index;
    return true;
  }

  #availEntry(index: number): number {
    return this.#avail + AVAIL_RING + this.#slot(index) * 2;
  }

  #usedEntry(index: number): number {
    return this.#used + USED_RING + this.#slot(index) * 8;
  }

  /** Slot of a running index. Sizes are powers of two unless the driver broke that rule. */
  #slot(index: number): number {
    return this.#mask >= 0 ? index & this.#mask : index % this.size;
  }

  #setAvailEvent(index: number): undefined {
    if (this.#notification) this.#view.setUint16(this.#availEvent, index, true);
  }

  #take(): VirtqueueElement {
    const element = this.#spare;
    if (element === undefined) return new VirtqueueElement(this.#owner.ram, this.#view);
    this.#spare = element.nextSpare;
    element.isSpare = false;
    return element;
  }

  /** A device that lies may push an element twice; two chains must not get it then. */
  #give(element: VirtqueueElement): undefined {
    if (element.isSpare) return;
    element.isSpare = true;
    element.nextSpare = this.#spare;
    this.#spare = element;
  }

  /** The option `packed=on` offers what only QEMU's devices can do so far. */
  #refusePacked(): false {
    this.#owner.fail("VIRTIO 1.4, 2.8", `queue ${this.index}: packed virtqueues are not modelled`);
    return false;
  }

  #reportNowhere(): false {
    this.#report("ringOutsideMemory", "Queue without a descriptor table");
    return false;
  }

  #checkAligned(part: string, address: number, align: number): undefined {
    if (address % align !== 0) {
      const at = `0x${address.toString(16)}`;
      this.#report("ringMisaligned", `${part} at ${at} is not aligned to ${align} bytes`);
    }
  }

  #partOffset(part: string, address: number, size: number): number {
    const offset = address - this.#ramBase;
    if (offset >= 0 && offset + size <= this.#ramSize) return offset;
    this.#report("ringOutsideMemory", `Cannot map ${part}`);
    return -1;
  }

  #report(name: MalformationName, message: string): undefined {
    reportMalformation(this.#owner, this.index, name, message);
  }
}
