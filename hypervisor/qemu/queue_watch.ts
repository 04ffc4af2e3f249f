/**
 * Whether a device still works on something, seen from outside: where the rings are follows from the
 * guest's register writes, how far each side is stands in guest memory.
 *
 * A buffer that begins with a part for the device to read is a request; the device will finish it by
 * itself. One that begins with room for the device to write waits for the world outside.
 *
 * @module
 */
import {
  VIRTIO_MMIO_DEVICE_ID,
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_QUEUE_ALIGN,
  VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
  VIRTIO_MMIO_QUEUE_DESC_HIGH,
  VIRTIO_MMIO_QUEUE_DESC_LOW,
  VIRTIO_MMIO_QUEUE_NOTIFY,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_PFN,
  VIRTIO_MMIO_QUEUE_SEL,
  VIRTIO_MMIO_QUEUE_USED_HIGH,
  VIRTIO_MMIO_QUEUE_USED_LOW,
  VIRTIO_MMIO_STATUS,
} from "../../uapi/virtio_mmio.ts";
import { VIRTIO_ID_BALLOON, VIRTIO_ID_RNG } from "../../uapi/virtio_ids.ts";
import {
  VRING_AVAIL_IDX,
  VRING_AVAIL_RING,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_WRITE,
  VRING_DESC_FLAGS,
  VRING_DESC_SIZE,
  VRING_USED_IDX,
} from "../../uapi/virtio_ring.ts";

/** The balloon keeps the statistics that it was given until it wants newer ones. */
const BALLOON_STATS_QUEUE = 2;

/** A queue as the guest has set it up; addresses are the guest's. */
interface Queue {
  readonly index: number;
  /** How far the device was when somebody looked last. */
  usedIdx: number;
  size: number;
  align: number;
  desc: number;
  avail: number;
  used: number;
}

/** The register writes that describe where rings are. */
class SlotQueues {
  deviceId = 0;
  pageSize = 4096;
  #selected = 0;
  readonly queues = new Map<number, Queue>();

  get #queue(): Queue {
    let queue = this.queues.get(this.#selected);
    if (queue === undefined) {
      queue = {
        index: this.#selected,
        usedIdx: 0,
        size: 0,
        align: 4096,
        desc: 0,
        avail: 0,
        used: 0,
      };
      this.queues.set(this.#selected, queue);
    }
    return queue;
  }

  /** Notes a write that is not a notification. */
  wrote(offset: number, value: number): undefined {
    const low = value >>> 0;
    const high = low * 2 ** 32;
    switch (offset) {
      case VIRTIO_MMIO_QUEUE_SEL:
        this.#selected = low;
        break;
      case VIRTIO_MMIO_GUEST_PAGE_SIZE:
        this.pageSize = low;
        break;
      case VIRTIO_MMIO_QUEUE_NUM:
        this.#queue.size = low;
        break;
      case VIRTIO_MMIO_QUEUE_ALIGN:
        this.#queue.align = low;
        break;
      case VIRTIO_MMIO_QUEUE_PFN:
        this.#place(low * this.pageSize);
        break;
      case VIRTIO_MMIO_QUEUE_DESC_LOW:
        this.#queue.desc = low;
        break;
      case VIRTIO_MMIO_QUEUE_DESC_HIGH:
        this.#queue.desc += high;
        break;
      case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
        this.#queue.avail = low;
        break;
      case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
        this.#queue.avail += high;
        break;
      case VIRTIO_MMIO_QUEUE_USED_LOW:
        this.#queue.used = low;
        break;
      case VIRTIO_MMIO_QUEUE_USED_HIGH:
        this.#queue.used += high;
        break;
    }
  }

  /** A legacy queue is one piece of memory. VIRTIO 1.4, 2.7.2 */
  #place(address: number): undefined {
    const queue = this.#queue;
    queue.desc = address;
    queue.avail = address + VRING_DESC_SIZE * queue.size;
    const end = queue.avail + 6 + 2 * queue.size;
    queue.used = Math.ceil(end / queue.align) * queue.align;
  }
}

/** Watches the queues of all slots of a machine. */
export class QueueWatch {
  readonly #view: DataView;
  readonly #ramBase: number;
  readonly #slots: SlotQueues[];
  /** Queues that were notified and may have requests. */
  readonly #busy = new Map<Queue, SlotQueues>();
  #progress = 0;

  constructor(ram: ArrayBuffer, ramBase: number, slotCount: number) {
    this.#view = new DataView(ram);
    this.#ramBase = ramBase;
    this.#slots = Array.from({ length: slotCount }, () => new SlotQueues());
  }

  /** Notes what a register of a slot read as. */
  read(slot: number, offset: number, value: number): undefined {
    if (offset === VIRTIO_MMIO_DEVICE_ID) this.#slots[slot].deviceId = value;
  }

  /** Notes a write to a register of a slot. */
  wrote(slot: number, offset: number, value: number): undefined {
    const slotQueues = this.#slots[slot];
    if (offset === VIRTIO_MMIO_QUEUE_NOTIFY) {
      const queue = slotQueues.queues.get(value & 0xffff);
      if (queue !== undefined) this.#busy.set(queue, slotQueues);
    } else if (offset === VIRTIO_MMIO_STATUS && value === 0) {
      for (const queue of slotQueues.queues.values()) this.#busy.delete(queue);
      slotQueues.queues.clear();
    } else {
      slotQueues.wrote(offset, value);
    }
  }

  /** Grows whenever {@linkcode requestsOpen} finds that a device has finished a request. */
  get progress(): number {
    return this.#progress;
  }

  /** True when a device has not finished all requests that it was told of. */
  requestsOpen(): boolean {
    let open = false;
    for (const [queue, slot] of this.#busy) {
      const used = this.#u16(queue.used + VRING_USED_IDX);
      if (used !== queue.usedIdx) this.#progress++;
      queue.usedIdx = used;
      const avail = this.#u16(queue.avail + VRING_AVAIL_IDX);
      if (avail !== used && this.#finishesAlone(queue, slot, avail)) open = true;
      else this.#busy.delete(queue);
    }
    return open;
  }

  #finishesAlone(queue: Queue, { deviceId }: SlotQueues, avail: number): boolean {
    if (deviceId === VIRTIO_ID_RNG) return true;
    if (deviceId === VIRTIO_ID_BALLOON && queue.index === BALLOON_STATS_QUEUE) return false;
    const newest = (avail - 1) & (queue.size - 1);
    const head = this.#u16(queue.avail + VRING_AVAIL_RING + 2 * newest);
    const descriptor = queue.desc + VRING_DESC_SIZE * head;
    let flags = this.#u16(descriptor + VRING_DESC_FLAGS);
    if ((flags & VRING_DESC_F_INDIRECT) !== 0) {
      flags = this.#u16(this.#u32(descriptor) + VRING_DESC_FLAGS);
    }
    return (flags & VRING_DESC_F_WRITE) === 0;
  }

  /** The guest may have told nonsense; then the devices have nothing to do. */
  #inside(address: number, size: number): boolean {
    const offset = address - this.#ramBase;
    return offset >= 0 && offset + size <= this.#view.byteLength;
  }

  #u16(address: number): number {
    if (!this.#inside(address, 2)) return 0;
    return this.#view.getUint16(address - this.#ramBase, true);
  }

  #u32(address: number): number {
    if (!this.#inside(address, 4)) return 0;
    return this.#view.getUint32(address - this.#ramBase, true);
  }
}
