/**
 * The registers of a virtio-mmio slot that set up queues: those that QueueSel selects, in both
 * layouts.
 *
 * VIRTIO 1.4, 4.2.3.2 and 4.2.4. QEMU: hw/virtio/virtio-mmio.c.
 *
 * @module
 */
import {
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_QUEUE_ALIGN,
  VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
  VIRTIO_MMIO_QUEUE_DESC_HIGH,
  VIRTIO_MMIO_QUEUE_DESC_LOW,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_PFN,
  VIRTIO_MMIO_QUEUE_READY,
  VIRTIO_MMIO_QUEUE_SEL,
  VIRTIO_MMIO_QUEUE_USED_HIGH,
  VIRTIO_MMIO_QUEUE_USED_LOW,
  type VirtioMmioVersion,
} from "../../uapi/virtio_mmio.ts";
import { vringLayout } from "../../uapi/virtio_ring.ts";
import type { Quirks } from "./quirks.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** Largest queue that a device can handle. QEMU: VIRTQUEUE_MAX_SIZE. */
export const VIRTQUEUE_MAX_SIZE = 1024;
/** Number of queues that a driver can select. QEMU: VIRTIO_QUEUE_MAX. */
const VIRTIO_QUEUE_MAX = 1024;
/** Alignment of a legacy ring before the driver sets one. */
const LEGACY_ALIGN_DEFAULT = 4096;

/** What was written for one queue, before QueueReady takes it over. */
interface QueueSetup {
  size: number;
  ready: number;
  align: number;
  descLow: number;
  descHigh: number;
  availLow: number;
  availHigh: number;
  usedLow: number;
  usedHigh: number;
}

/** The queue registers of one slot. */
export class MmioQueueRegisters {
  /** Power of two by which QueuePFN counts. */
  guestPageShift = 0;
  readonly #queues: readonly Virtqueue[];
  readonly #version: VirtioMmioVersion;
  readonly #quirks: Quirks;
  readonly #setups: (QueueSetup | undefined)[] = [];
  #selected = 0;

  /** Makes the registers for a device's queues. */
  constructor(queues: readonly Virtqueue[], version: VirtioMmioVersion, quirks: Quirks) {
    this.#queues = queues;
    this.#version = version;
    this.#quirks = quirks;
  }

  /** The QueueSizeMax register: 0 if there is no such queue. */
  get sizeMax(): number {
    const queue = this.#queues[this.#selected];
    return queue === undefined ? 0 : this.#quirks.queueSizeMax || queue.sizeMax;
  }

  /** The QueueReady register. */
  get ready(): number {
    return this.#setups[this.#selected]?.ready ?? 0;
  }

  /** The QueuePFN register. */
  get pfn(): number {
    const address = this.#queues[this.#selected]?.descAddr ?? 0;
    return Math.floor(address / 2 ** this.guestPageShift) % 2 ** 32;
  }

  /** Back to the state after power-on. As in QEMU, addresses that were not taken over yet stay. */
  reset(): undefined {
    this.#selected = 0;
    for (const queue of this.#queues) queue.reset();
    for (const setup of this.#setups) if (setup !== undefined) setup.ready = 0;
  }

  /** Writes a register; others than those of queues are ignored. `features` are the negotiated ones. */
  write(offset: number, value: number, features: bigint): undefined {
    if (offset === VIRTIO_MMIO_QUEUE_SEL) {
      if (value < VIRTIO_QUEUE_MAX) this.#selected = value;
    } else if (this.#version === 1) {
      this.#writeLegacy(offset, value, features);
    } else {
      this.#writeModern(offset, value, features);
    }
  }

  #writeModern(offset: number, value: number, features: bigint): undefined {
    switch (offset) {
      case VIRTIO_MMIO_QUEUE_NUM:
        this.#setup().size = value;
        return;
      case VIRTIO_MMIO_QUEUE_READY:
        return this.#setReady(value, features);
      case VIRTIO_MMIO_QUEUE_DESC_LOW:
        this.#setup().descLow = value;
        return;
      case VIRTIO_MMIO_QUEUE_DESC_HIGH:
        this.#setup().descHigh = value;
        return;
      case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
        this.#setup().availLow = value;
        return;
      case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
        this.#setup().availHigh = value;
        return;
      case VIRTIO_MMIO_QUEUE_USED_LOW:
        this.#setup().usedLow = value;
        return;
      case VIRTIO_MMIO_QUEUE_USED_HIGH:
        this.#setup().usedHigh = value;
        return;
    }
  }

  #writeLegacy(offset: number, value: number, features: bigint): undefined {
    switch (offset) {
      case VIRTIO_MMIO_GUEST_PAGE_SIZE:
        this.guestPageShift = value === 0 ? 0 : 31 - Math.clz32(value & -value);
        return;
      case VIRTIO_MMIO_QUEUE_NUM:
        return this.#setSize(value);
      case VIRTIO_MMIO_QUEUE_ALIGN:
        if (value !== 0) this.#setup().align = value;
        return;
      case VIRTIO_MMIO_QUEUE_PFN:
        if (value === 0) return this.#queues[this.#selected]?.disable();
        return this.#startLegacy(value * 2 ** this.guestPageShift, features);
    }
  }

  #setup(): QueueSetup {
    return this.#setups[this.#selected] ??= {
      size: 0,
      ready: 0,
      align: LEGACY_ALIGN_DEFAULT,
      descLow: 0,
      descHigh: 0,
      availLow: 0,
      availHigh: 0,
      usedLow: 0,
      usedHigh: 0,
    };
  }

  /** A size of 0 or beyond what the device can handle is ignored. QEMU: virtio_queue_set_num(). */
  #setSize(size: number): undefined {
    const queue = this.#queues[this.#selected];
    if (queue !== undefined && size > 0 && size <= VIRTQUEUE_MAX_SIZE) queue.size = size;
  }

  #setReady(value: number, features: bigint): undefined {
    const setup = this.#setup();
    const queue = this.#queues[this.#selected];
    setup.ready = value === 0 ? 0 : 1;
    if (value === 0) {
      if (!this.#quirks.readyKeepsRings) queue?.disable();
      return;
    }
    this.#setSize(setup.size);
    if (queue === undefined) return;
    queue.descAddr = setup.descHigh * 2 ** 32 + setup.descLow;
    queue.availAddr = setup.availHigh * 2 ** 32 + setup.availLow;
    queue.usedAddr = setup.usedHigh * 2 ** 32 + setup.usedLow;
    queue.enable(features);
  }

  #startLegacy(address: number, features: bigint): undefined {
    const queue = this.#queues[this.#selected];
    if (queue === undefined) return;
    const layout = vringLayout(queue.size, this.#setup().align);
    queue.descAddr = address;
    queue.availAddr = address + layout.avail;
    queue.usedAddr = address + layout.used;
    queue.enable(features);
  }
}
