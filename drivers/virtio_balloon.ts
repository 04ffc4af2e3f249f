/**
 * The memory balloon: gives pages to the host when it asks for them, and takes them back.
 *
 * Pages are ordinary guest memory that nobody else uses while they are in the balloon. What is asked
 * for on the queues of free pages needs an account of free memory that this kernel does not keep, so
 * those queues are set up and stay empty.
 *
 * Linux: drivers/virtio/virtio_balloon.c. VIRTIO 1.4, 5.5
 *
 * @module
 */
import * as uapi from "../uapi/virtio_balloon.ts";
import { VIRTIO_DEV_ANY_ID, VIRTIO_F_ACCESS_PLATFORM } from "../uapi/virtio_config.ts";
import { VIRTIO_RING_F_INDIRECT_DESC } from "../uapi/virtio_ring.ts";
import { devInfo } from "../kernel/base/device.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Memory, PAGE_SIZE } from "../kernel/mem.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { parseBool } from "../kernel/module_param.ts";
import { Slot } from "../kernel/slot.ts";
import { Mutex, WaitQueue } from "../kernel/wait.ts";
import { Work, WorkQueue } from "../kernel/workqueue.ts";
import type { VirtioDriver } from "./virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  type VirtioDevice,
} from "./virtio/virtio.ts";
import {
  virtioClearBit,
  virtioCread32,
  virtioCwrite32,
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
  type VqSpec,
} from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";

/** Most pages that are handed over at once. */
const PFNS_MAX = 256;
const PFN_SIZE = 4;
/** How long to wait for memory before the next try. */
const NO_MEMORY_NS = 200_000_000;
/** What fills free pages when `page_poison=1`. Linux: PAGE_POISON, four times */
const PAGE_POISON = 0xaaaaaaaa;

/** Linux: system_freezable_wq */
const FREEZABLE_WQ: Slot<WorkQueue> = new Slot(
  "events_freezable",
  (kernel) => new WorkQueue(kernel.sched, "events_freezable"),
);

/** What the driver says of memory, in the order of Linux. Linux: update_balloon_stats() */
function memoryStats({ mem }: Kernel): uapi.VirtioBalloonStat[] {
  const total = BigInt(mem.bytes.length);
  const free = total - BigInt(mem.liveBytes);
  return [
    { tag: uapi.VIRTIO_BALLOON_S_SWAP_IN, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_SWAP_OUT, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_MAJFLT, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_MINFLT, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_HTLB_PGALLOC, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_HTLB_PGFAIL, val: 0n },
    { tag: uapi.VIRTIO_BALLOON_S_MEMFREE, val: free },
    { tag: uapi.VIRTIO_BALLOON_S_MEMTOT, val: total },
    { tag: uapi.VIRTIO_BALLOON_S_AVAIL, val: free },
    { tag: uapi.VIRTIO_BALLOON_S_CACHES, val: 0n },
  ];
}

const STATS_COUNT = 10;

/** The driver's state of one device. Linux: struct virtio_balloon */
class VirtioBalloon {
  /** The page numbers that the host is told, and behind them the statistics. */
  readonly #buffer: Memory;
  /** Pages in the balloon, the last one goes first. */
  readonly #pages: Memory[] = [];
  readonly #acked: WaitQueue;
  readonly #lock: Mutex;
  readonly #sizeWork: Work;
  readonly #statsWork: Work;
  #inflate: Virtqueue | undefined;
  #deflate: Virtqueue | undefined;
  #stats: Virtqueue | undefined;
  #stopUpdate = false;

  constructor(readonly vdev: VirtioDevice) {
    const { kernel, name } = vdev;
    const size = PFNS_MAX * PFN_SIZE + STATS_COUNT * uapi.VIRTIO_BALLOON_STAT_SIZE;
    this.#buffer = kernel.mem.alloc(size, name);
    this.#acked = new WaitQueue(kernel.sched, `the host to take pages of ${name}`);
    this.#lock = new Mutex(kernel.sched, "balloon_lock");
    this.#sizeWork = new Work("update_balloon_size_func", () => this.#updateSize());
    this.#statsWork = new Work("update_balloon_stats_func", () => this.#handleStatsRequest());
  }

  get #wq(): WorkQueue {
    return this.vdev.kernel.get(FREEZABLE_WQ);
  }

  /** Linux: init_vqs() */
  async initVqs(): Promise<undefined> {
    const { vdev } = this;
    const ack = () => this.#acked.wakeUp();
    const specs: VqSpec[] = [{ name: "inflate", callback: ack }, {
      name: "deflate",
      callback: ack,
    }];
    const stats = virtioHasFeature(vdev, uapi.VIRTIO_BALLOON_F_STATS_VQ);
    if (stats) specs.push({ name: "stats", callback: () => this.#statsRequest() });
    if (virtioHasFeature(vdev, uapi.VIRTIO_BALLOON_F_FREE_PAGE_HINT)) {
      specs.push({ name: "free_page_vq" });
    }
    if (virtioHasFeature(vdev, uapi.VIRTIO_BALLOON_F_REPORTING)) {
      specs.push({ name: "reporting_vq", callback: ack });
    }
    [this.#inflate, this.#deflate, this.#stats] = await virtioFindVqs(vdev, specs);
    if (!stats) this.#stats = undefined;
    // The device keeps this buffer until it wants to know more; Linux gives it before DRIVER_OK.
    this.#giveStats();
  }

  #giveStats(): undefined {
    if (this.#stats === undefined) return;
    const { kernel } = this.vdev;
    const offset = PFNS_MAX * PFN_SIZE;
    const stats = memoryStats(kernel);
    for (const [index, stat] of stats.entries()) {
      const at = this.#buffer.offset + offset + index * uapi.VIRTIO_BALLOON_STAT_SIZE;
      uapi.encodeVirtioBalloonStat(kernel.mem.view, at, stat);
    }
    const length = stats.length * uapi.VIRTIO_BALLOON_STAT_SIZE;
    this.#stats.addOutbuf([{ address: this.#buffer.address + offset, length }], this);
    this.#stats.kick();
  }

  /** Linux: stats_request() */
  #statsRequest(): undefined {
    if (!this.#stopUpdate) this.#wq.queue(this.#statsWork);
  }

  /** Linux: stats_handle_request() */
  async #handleStatsRequest(): Promise<undefined> {
    if (this.#stats?.getBuf() !== undefined) this.#giveStats();
  }

  /** Linux: virtballoon_changed() */
  changed(): undefined {
    if (!this.#stopUpdate) this.#wq.queue(this.#sizeWork);
  }

  /** How many pages are missing in the balloon; negative when there are too many. Linux: towards_target() */
  towardsTarget(): number {
    return virtioCread32(this.vdev, uapi.VIRTIO_BALLOON_CONFIG_NUM_PAGES) - this.#pages.length;
  }

  /** Linux: update_balloon_size_func() */
  async #updateSize(): Promise<undefined> {
    const diff = this.towardsTarget();
    if (diff === 0) return;
    const done = diff > 0 ? await this.#fill(diff) : -await this.#leak(-diff);
    this.tellSize();
    if (done !== diff) this.#wq.queue(this.#sizeWork);
  }

  /** Linux: update_balloon_size() */
  tellSize(): undefined {
    virtioCwrite32(this.vdev, uapi.VIRTIO_BALLOON_CONFIG_ACTUAL, this.#pages.length);
  }

  /** Gives pages to the host; returns how many. Linux: fill_balloon() */
  async #fill(wanted: number): Promise<number> {
    const count = Math.min(wanted, PFNS_MAX);
    const pages: Memory[] = [];
    while (pages.length < count) {
      const page = this.#allocPage();
      if (page === undefined) {
        devInfo(this.vdev, "Out of puff! Can't get 1 pages");
        await this.vdev.kernel.sched.sleep(NO_MEMORY_NS);
        break;
      }
      pages.push(page);
    }
    await this.#lock.with(async () => {
      this.#pages.push(...pages);
      if (pages.length > 0) await this.#tellHost(this.#inflate, pages);
    });
    return pages.length;
  }

  #allocPage(): Memory | undefined {
    try {
      return this.vdev.kernel.mem.alloc(PAGE_SIZE, `${this.vdev.name} balloon`);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return undefined;
    }
  }

  /** Takes pages back; returns how many. Linux: leak_balloon() */
  async #leak(wanted: number): Promise<number> {
    return await this.#lock.with(async () => {
      const count = Math.min(wanted, PFNS_MAX, this.#pages.length);
      const pages = this.#pages.splice(this.#pages.length - count).reverse();
      // In this order: the host may insist on being told before a page is used again.
      if (count > 0) await this.#tellHost(this.#deflate, pages);
      for (const page of pages) this.vdev.kernel.mem.free(page);
      return count;
    });
  }

  /** Hands page numbers over and waits until the host has read them. Linux: tell_host() */
  async #tellHost(vq: Virtqueue | undefined, pages: readonly Memory[]): Promise<undefined> {
    if (vq === undefined) return;
    const { view } = this.vdev.kernel.mem;
    for (const [index, { address }] of pages.entries()) {
      const pfn = address / 2 ** uapi.VIRTIO_BALLOON_PFN_SHIFT;
      view.setUint32(this.#buffer.offset + index * PFN_SIZE, pfn, true);
    }
    const length = pages.length * PFN_SIZE;
    vq.addOutbuf([{ address: this.#buffer.address, length }], this);
    vq.kick();
    await this.#acked.waitEvent(() => vq.getBuf() !== undefined);
  }

  /** Lets no change of the target do anything any more. */
  async stop(): Promise<undefined> {
    this.#stopUpdate = true;
    await this.#wq.cancel(this.#sizeWork);
    await this.#wq.cancel(this.#statsWork);
  }

  /** Empties the balloon and gives the device up. Linux: remove_common() */
  async remove(): Promise<undefined> {
    while (this.#pages.length > 0) await this.#leak(this.#pages.length);
    this.tellSize();
    virtioResetDevice(this.vdev);
    virtioDelVqs(this.vdev);
    this.#inflate = this.#deflate = this.#stats = undefined;
  }

  free(): undefined {
    this.vdev.kernel.mem.free(this.#buffer);
  }
}

/** True when a switch of the command line is on. */
function isOn(kernel: Kernel, name: string): boolean {
  const value = kernel.params.get(name);
  try {
    return value !== undefined && parseBool(value) === "Y";
  } catch {
    return false;
  }
}

/** Tells what is in pages that nobody uses, if that was agreed on. */
function tellPoison(vdev: VirtioDevice): undefined {
  if (!virtioHasFeature(vdev, uapi.VIRTIO_BALLOON_F_PAGE_POISON)) return;
  const value = isOn(vdev.kernel, "init_on_free") ? 0 : PAGE_POISON;
  virtioCwrite32(vdev, uapi.VIRTIO_BALLOON_CONFIG_POISON_VAL, value);
}

/** Gives up what this kernel cannot keep a promise about. Linux: virtballoon_validate() */
async function virtballoonValidate(vdev: VirtioDevice): Promise<undefined> {
  const poisons = isOn(vdev.kernel, "init_on_free") || isOn(vdev.kernel, "page_poison");
  if (!poisons) virtioClearBit(vdev, uapi.VIRTIO_BALLOON_F_PAGE_POISON);
  else if (!virtioHasFeature(vdev, uapi.VIRTIO_BALLOON_F_PAGE_POISON)) {
    virtioClearBit(vdev, uapi.VIRTIO_BALLOON_F_REPORTING);
  }
  virtioClearBit(vdev, VIRTIO_RING_F_INDIRECT_DESC);
  virtioClearBit(vdev, VIRTIO_F_ACCESS_PLATFORM);
}

/** Linux: virtballoon_probe() */
async function virtballoonProbe(vdev: VirtioDevice): Promise<undefined> {
  const vb = new VirtioBalloon(vdev);
  vdev.priv = vb;
  try {
    await vb.initVqs();
  } catch (error) {
    vb.free();
    throw error;
  }
  tellPoison(vdev);
  virtioDeviceReady(vdev);
  if (vb.towardsTarget() !== 0) vb.changed();
}

/** Linux: virtio_balloon_driver */
export const VIRTIO_BALLOON_DRIVER: VirtioDriver = {
  name: "virtio_balloon",
  idTable: [{ device: uapi.VIRTIO_ID_BALLOON, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [
    uapi.VIRTIO_BALLOON_F_MUST_TELL_HOST,
    uapi.VIRTIO_BALLOON_F_STATS_VQ,
    uapi.VIRTIO_BALLOON_F_DEFLATE_ON_OOM,
    uapi.VIRTIO_BALLOON_F_FREE_PAGE_HINT,
    uapi.VIRTIO_BALLOON_F_PAGE_POISON,
    uapi.VIRTIO_BALLOON_F_REPORTING,
  ],
  validate: virtballoonValidate,
  probe: virtballoonProbe,
  async remove(vdev) {
    const vb = vdev.priv as VirtioBalloon;
    await vb.stop();
    await vb.remove();
    vb.free();
  },
  configChanged: (vdev) => (vdev.priv as VirtioBalloon).changed(),
  freeze: (vdev) => (vdev.priv as VirtioBalloon).remove(),
  async restore(vdev) {
    const vb = vdev.priv as VirtioBalloon;
    await vb.initVqs();
    virtioDeviceReady(vdev);
    if (vb.towardsTarget() !== 0) vb.changed();
    vb.tellSize();
  },
};

const REGISTERED: Slot<{ driver?: RegisteredDriver }> = new Slot("virtio_balloon", () => ({}));

/** The module `virtio_balloon`. */
export const VIRTIO_BALLOON: ModuleImage = {
  name: "virtio_balloon",
  description: "Virtio balloon driver",
  license: "GPL",
  size: 28672,
  aliases: ["virtio:d00000005v*"],
  init: {
    name: "virtio_balloon_driver_init",
    level: "device",
    fn: async (kernel: Kernel, module) => {
      kernel.get(REGISTERED).driver = await registerVirtioDriver(
        kernel,
        VIRTIO_BALLOON_DRIVER,
        module,
      );
      return 0;
    },
  },
  exit: {
    name: "virtio_balloon_driver_exit",
    fn: async (kernel: Kernel) => {
      const { driver } = kernel.get(REGISTERED);
      if (driver !== undefined) await unregisterVirtioDriver(driver);
      return 0;
    },
  },
};
