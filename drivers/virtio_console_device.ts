/**
 * A console device: its ports, its queues, its control messages.
 *
 * Linux: drivers/char/virtio_console.c: struct ports_device
 *
 * @module
 */
import type { ChrdevRegion } from "../kernel/chrdev.ts";
import type { Memory } from "../kernel/mem.ts";
import { Slot } from "../kernel/slot.ts";
import { PlainDirectory } from "../kernel/vfs/node.ts";
import type { Work } from "../kernel/workqueue.ts";
import {
  encodeVirtioConsoleControl,
  VIRTIO_CONSOLE_CONTROL_SIZE,
  VIRTIO_CONSOLE_F_MULTIPORT,
} from "../uapi/virtio_console.ts";
import { VIRTIO_ID_RPROC_SERIAL } from "../uapi/virtio_ids.ts";
import type { VirtioDevice } from "./virtio/virtio.ts";
import { virtioDelVqs, virtioHasFeature } from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { fillQueue, type Port, spinForBuf } from "./virtio_console_port.ts";

/** What all console devices of a kernel share. Linux: struct ports_driver_data */
export interface PortsDriverData {
  /** Devices that are set up, oldest first. */
  readonly portdevs: PortsDevice[];
  /** Ports that are consoles, oldest first. */
  readonly consoles: Port[];
  /** Number that the next console gets towards hvc. */
  nextVtermno: number;
  /** `/sys/kernel/debug/virtio-ports`. */
  debugfsDir: PlainDirectory;
}

/** What all console devices of a kernel share. Linux: pdrvdata */
export const PDRVDATA: Slot<PortsDriverData> = new Slot("virtio ports", () => ({
  portdevs: [],
  consoles: [],
  nextVtermno: 1,
  debugfsDir: new PlainDirectory(),
}));

/** One console device. Linux: struct ports_device */
export class PortsDevice {
  readonly ports: Port[] = [];
  inVqs: Virtqueue<number>[] = [];
  outVqs: Virtqueue<Memory>[] = [];
  /** Control messages from and to the device; only with MULTIPORT. */
  controlIn: Virtqueue<number> | undefined;
  controlOut: Virtqueue<Memory> | undefined;
  maxNrPorts = 1;
  /** The device numbers of its ports. */
  chrdev: ChrdevRegion | undefined;
  /** Handles control messages, or changes of the configuration. */
  controlWork: Work | undefined;
  configWork: Work | undefined;
  /** The message that is being sent. */
  readonly #cpkt: Memory;
  /** Where the input buffers of the queues lie. */
  readonly #blocks: Memory[] = [];

  constructor(readonly vdev: VirtioDevice) {
    this.#cpkt = vdev.kernel.mem.alloc(VIRTIO_CONSOLE_CONTROL_SIZE, vdev.name);
  }

  /** It is a serial line to another processor, not a console. Linux: is_rproc_serial() */
  get isRprocSerial(): boolean {
    return this.vdev.id.device === VIRTIO_ID_RPROC_SERIAL;
  }

  /** Linux: use_multiport() */
  get useMultiport(): boolean {
    return !this.isRprocSerial && virtioHasFeature(this.vdev, VIRTIO_CONSOLE_F_MULTIPORT);
  }

  /** Linux: find_port_by_id() */
  portById(id: number): Port | undefined {
    return this.ports.find((port) => port.id === id);
  }

  /** Linux: find_port_by_vq() */
  portByVq(vq: Virtqueue): Port | undefined {
    return this.ports.find((port) => port.inVq === vq || port.outVq === vq);
  }

  /** Fills a queue with input buffers. Throws `ENOMEM`. Linux: fill_queue() */
  fill(vq: Virtqueue<number>): undefined {
    const block = fillQueue(this.vdev.kernel, vq);
    if (block !== undefined) this.#blocks.push(block);
  }

  /**
   * Sends a control message and waits, without sleeping, until the device has it.
   *
   * Linux: __send_control_msg()
   */
  sendControl(id: number, event: number, value: number): undefined {
    const { controlOut: vq, vdev } = this;
    if (vq === undefined) return;
    const { mem } = vdev.kernel;
    if (vq.isBroken || vq.numFree === 0) return;
    const { address, offset } = this.#cpkt;
    encodeVirtioConsoleControl(mem.view, offset, { id, event, value });
    vq.addOutbuf([{ address, length: VIRTIO_CONSOLE_CONTROL_SIZE }], this.#cpkt);
    vq.kick();
    spinForBuf(vdev.kernel, vq, () => undefined);
  }

  /** Gives back all buffers and the queues. Linux: remove_vqs() */
  removeVqs(): undefined {
    const { mem } = this.vdev.kernel;
    for (const vq of this.outVqs) {
      let buf: Memory | undefined;
      while ((buf = vq.getBuf()) !== undefined) mem.free(buf);
      while ((buf = vq.detachUnusedBuf()) !== undefined) mem.free(buf);
    }
    // Input pages lie in blocks and need no taking back one by one.
    for (const block of this.#blocks.splice(0)) mem.free(block);
    virtioDelVqs(this.vdev);
    this.inVqs = [];
    this.outVqs = [];
    this.controlIn = this.controlOut = undefined;
  }

  /** Gives back its own memory. */
  free(): undefined {
    this.vdev.kernel.mem.free(this.#cpkt);
  }
}
