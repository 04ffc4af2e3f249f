/**
 * The memory balloon: `virtio-balloon-device`. The machine says how many pages the guest should give
 * up; the driver gives pages and takes them back, and says how many there are.
 *
 * QEMU: hw/virtio/virtio-balloon.c. VIRTIO 1.4, 5.5.
 *
 * @module
 */
import {
  decodeVirtioBalloonStat,
  VIRTIO_BALLOON_CONFIG_ACTUAL,
  VIRTIO_BALLOON_CONFIG_FREE_PAGE_HINT_CMD_ID,
  VIRTIO_BALLOON_CONFIG_NUM_PAGES,
  VIRTIO_BALLOON_CONFIG_POISON_VAL,
  VIRTIO_BALLOON_CONFIG_SIZE,
  VIRTIO_BALLOON_F_DEFLATE_ON_OOM,
  VIRTIO_BALLOON_F_FREE_PAGE_HINT,
  VIRTIO_BALLOON_F_PAGE_POISON,
  VIRTIO_BALLOON_F_REPORTING,
  VIRTIO_BALLOON_F_STATS_VQ,
  VIRTIO_BALLOON_PFN_SHIFT,
  VIRTIO_BALLOON_STAT_SIZE,
  VIRTIO_ID_BALLOON,
} from "../../uapi/virtio_balloon.ts";
import { featureBit, hasFeature, VirtioModel, type VirtioProps } from "./virtio_model.ts";
import type { Virtqueue } from "./virtqueue.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

/** Properties of `virtio-balloon-device`; the names are QEMU's, camelCased. */
export interface VirtioBalloonProps extends VirtioProps {
  /** Whether the balloon may shrink when the guest has no memory left. Default false. */
  readonly deflateOnOom?: boolean;
  /** Whether there is a queue on which free pages are named when that is asked for. Default false. */
  readonly freePageHint?: boolean;
  /** Whether there is a queue on which free pages are reported all the time. Default false. */
  readonly freePageReporting?: boolean;
  /** Whether the driver may say what free pages are filled with. Default true. */
  readonly pagePoison?: boolean;
  /** Whether configuration space has its full size whatever the features. Default false. */
  readonly qemu40ConfigSize?: boolean;
}

const INFLATE = 0;
const DEFLATE = 1;
const STATS = 2;
const PAGE_SIZE = 1 << VIRTIO_BALLOON_PFN_SHIFT;
const PFN_SIZE = 4;

function configSize(props: VirtioBalloonProps): number {
  if (props.qemu40ConfigSize || (props.pagePoison ?? true)) return VIRTIO_BALLOON_CONFIG_SIZE;
  if (props.freePageHint) return VIRTIO_BALLOON_CONFIG_POISON_VAL;
  return VIRTIO_BALLOON_CONFIG_FREE_PAGE_HINT_CMD_ID;
}

/** A memory balloon. */
export class VirtioBalloon extends VirtioModel {
  readonly deviceId = VIRTIO_ID_BALLOON;
  readonly name = "virtio-balloon-device";
  readonly queueCount: number;
  protected readonly deviceFeatures: bigint;
  /** What the guest said of its memory last, by `VIRTIO_BALLOON_S_` number. */
  readonly stats: Map<number, bigint> = new Map();
  /** Numbers of the queues that not every balloon has. */
  readonly #hintQueue: number;
  readonly #reportingQueue: number;
  /** The buffer of statistics, which the device keeps until it wants new ones. */
  #statsElement: VirtqueueElement | undefined;

  constructor(props: VirtioBalloonProps = {}) {
    super(props);
    const { deflateOnOom, freePageHint, freePageReporting, pagePoison = true } = props;
    this.deviceFeatures = featureBit(VIRTIO_BALLOON_F_STATS_VQ) |
      featureBit(VIRTIO_BALLOON_F_DEFLATE_ON_OOM, deflateOnOom ?? false) |
      featureBit(VIRTIO_BALLOON_F_FREE_PAGE_HINT, freePageHint ?? false) |
      featureBit(VIRTIO_BALLOON_F_PAGE_POISON, pagePoison) |
      featureBit(VIRTIO_BALLOON_F_REPORTING, freePageReporting ?? false);
    let count = STATS + 1;
    this.#hintQueue = freePageHint ? count++ : -1;
    this.#reportingQueue = freePageReporting ? count++ : -1;
    this.queueCount = count;
    this.config = new DataView(new ArrayBuffer(configSize(props)));
  }

  queueSize(index: number): number {
    if (index === this.#hintQueue) return 1024;
    return index === this.#reportingQueue ? 32 : 128;
  }

  /** Asks the guest to keep `bytes` of memory and to give up the rest. QEMU: virtio_balloon_to_target() */
  setTarget(bytes: number): undefined {
    const given = Math.max(this.bus.ram.length - bytes, 0);
    this.config.setUint32(VIRTIO_BALLOON_CONFIG_NUM_PAGES, Math.floor(given / PAGE_SIZE), true);
    this.notifyConfig();
  }

  /** How many bytes of memory the guest has kept, as it says itself. QEMU: virtio_balloon_stat() */
  get actual(): number {
    const pages = this.config.getUint32(VIRTIO_BALLOON_CONFIG_ACTUAL, true);
    return this.bus.ram.length - pages * PAGE_SIZE;
  }

  /** The driver says how large the balloon is and, if that was agreed on, what fills free pages. */
  protected override configWritten(offset: number, value: number): undefined {
    const field = offset & ~3;
    const poison = field === VIRTIO_BALLOON_CONFIG_POISON_VAL &&
      hasFeature(this.negotiated, VIRTIO_BALLOON_F_PAGE_POISON);
    if (field === VIRTIO_BALLOON_CONFIG_ACTUAL || poison) this.config.setUint8(offset, value);
  }

  /** The balloon keeps its size: its pages are the driver's business. QEMU: virtio_balloon_device_reset() */
  override reset(): undefined {
    super.reset();
    this.#statsElement = undefined;
    if (this.configSize > VIRTIO_BALLOON_CONFIG_POISON_VAL) {
      this.config.setUint32(VIRTIO_BALLOON_CONFIG_POISON_VAL, 0, true);
    }
  }

  handleOutput(index: number): undefined {
    if (index === INFLATE || index === DEFLATE) return this.#handlePages(index);
    if (index === STATS) return this.#receiveStats();
    this.#handleFreePages(index);
  }

  /** Pages of the balloon lose their content. QEMU: virtio_balloon_handle_output() */
  #handlePages(index: number): undefined {
    const queue = this.queues[index];
    let element: VirtqueueElement | undefined;
    while ((element = queue.pop()) !== undefined) {
      if (index === INFLATE) this.#discard(element);
      queue.push(element, 0);
      this.bus.notifyQueue(queue);
    }
  }

  /** Page numbers that mean no RAM are passed over, as in QEMU. */
  #discard(element: VirtqueueElement): undefined {
    const { ram, ramBase } = this.bus;
    for (let at = 0; at + PFN_SIZE <= element.outLength; at += PFN_SIZE) {
      const offset = element.outU32(at) * PAGE_SIZE - ramBase;
      if (offset >= 0 && offset < ram.length) ram.fill(0, offset, offset + PAGE_SIZE);
    }
  }

  /** Takes the numbers, and keeps the buffer. QEMU: virtio_balloon_receive_stats() */
  #receiveStats(): undefined {
    const queue = this.queues[STATS];
    let element: VirtqueueElement | undefined;
    while ((element = queue.pop()) !== undefined) {
      this.#returnStats(queue);
      this.#statsElement = element;
      this.stats.clear();
      const bytes = new Uint8Array(element.outLength);
      element.readOut(0, bytes);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at + VIRTIO_BALLOON_STAT_SIZE <= bytes.length;) {
        const { tag, val } = decodeVirtioBalloonStat(view, at);
        this.stats.set(tag, val);
        at += VIRTIO_BALLOON_STAT_SIZE;
      }
    }
  }

  #returnStats(queue: Virtqueue): undefined {
    if (this.#statsElement === undefined) return;
    queue.push(this.#statsElement, 0);
    this.#statsElement = undefined;
    this.bus.notifyQueue(queue);
  }

  /** Asks the driver for new numbers: it gets its buffer back. QEMU: balloon_stats_poll_cb() */
  requestStats(): undefined {
    if (this.driverOk) this.#returnStats(this.queues[STATS]);
  }

  /** Free pages are the driver's again at once; what they held may be lost. */
  #handleFreePages(index: number): undefined {
    const queue = this.queues[index];
    let element: VirtqueueElement | undefined;
    while ((element = queue.pop()) !== undefined) {
      for (let i = 0; i < element.in.count; i++) element.inView(i).fill(0);
      queue.push(element, 0);
      this.bus.notifyQueue(queue);
    }
  }
}
