/**
 * The driver for virtio disks.
 *
 * Linux: drivers/block/virtio_blk.c. VIRTIO 1.4, 5.2
 *
 * @module
 */
import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_CONFIG_CYLINDERS,
  VIRTIO_BLK_CONFIG_HEADS,
  VIRTIO_BLK_CONFIG_NUM_QUEUES,
  VIRTIO_BLK_CONFIG_SECTORS,
  VIRTIO_BLK_CONFIG_SEG_MAX,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_GEOMETRY,
  VIRTIO_BLK_F_MQ,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_F_SECURE_ERASE,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_F_WRITE_ZEROES,
} from "../uapi/virtio_blk.ts";
import { VIRTIO_DEV_ANY_ID } from "../uapi/virtio_config.ts";
import { VIRTIO_ID_BLOCK } from "../uapi/virtio_ids.ts";
import { VIRTIO_RING_F_INDIRECT_DESC } from "../uapi/virtio_ring.ts";
import { devErr, devInfo } from "../kernel/base/device.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { registerBlkdev, unregisterBlkdev } from "../kernel/block/blkdev.ts";
import { Gendisk, type HdGeometry } from "../kernel/block/gendisk.ts";
import { delGendisk, deviceAddDisk } from "../kernel/block/genhd.ts";
import type { BlkMqOps, TagSet } from "../kernel/block/request_queue.ts";
import type { Request } from "../kernel/block/request.ts";
import { numOnlineCpus } from "../kernel/cpu.ts";
import { KernelError } from "../kernel/errors.ts";
import { Ida } from "../kernel/ida.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { AttributeGroup } from "../kernel/kobject.ts";
import { type Module, type ModuleImage, thisModule } from "../kernel/module.ts";
import { parseUint } from "../kernel/module_param.ts";
import { Slot } from "../kernel/slot.ts";
import { Work, WorkQueue } from "../kernel/workqueue.ts";
import type { VirtioDriver } from "./virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  type VirtioDevice,
} from "./virtio/virtio.ts";
import {
  virtioCread16,
  virtioCread8,
  virtioCreadFeature,
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
} from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { VIRTBLK_GROUP } from "./virtio_blk_attrs.ts";
import { vdevOf, type VirtioBlk } from "./virtio_blk_device.ts";
import {
  virtblkReadLimits,
  virtblkUpdateCacheMode,
  virtblkUpdateCapacity,
} from "./virtio_blk_limits.ts";
import { VirtioBlkVq } from "./virtio_blk_request.ts";

/** Minors of a disk, as a power of two: itself and 15 partitions. */
const PART_BITS = 4;
/** Minors of a major, as a power of two. */
const MINORBITS = 20;
/** Most pieces of a request that any queue can hold. */
const MAX_SG_ELEMS = 32768;

/** What the driver keeps for a kernel: its major, its numbers, its worker. */
interface VirtioBlkState {
  major: number;
  /** Linux: vd_index_ida */
  readonly numbers: Ida;
  readonly workQueue: WorkQueue;
  driver: RegisteredDriver | undefined;
}

const STATE: Slot<VirtioBlkState> = new Slot("virtio_blk", (kernel) => ({
  major: 0,
  numbers: new Ida(kernel, "vd_index"),
  workQueue: new WorkQueue(kernel.sched, "virtio-blk"),
  driver: undefined,
}));

/** The number's letters: a … z, aa, ab … Linux: virtblk_name_format() */
export function virtblkNameFormat(prefix: string, index: number): string {
  let letters = "";
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(97 + rest % 26) + letters;
  }
  return prefix + letters;
}

/** Linux: virtblk_getgeo() */
function virtblkGetgeo(disk: Gendisk): HdGeometry {
  const vdev = vdevOf(disk.part0);
  if (virtioHasFeature(vdev, VIRTIO_BLK_F_GEOMETRY)) {
    return {
      cylinders: virtioCread16(vdev, VIRTIO_BLK_CONFIG_CYLINDERS),
      heads: virtioCread8(vdev, VIRTIO_BLK_CONFIG_HEADS),
      sectors: virtioCread8(vdev, VIRTIO_BLK_CONFIG_SECTORS),
    };
  }
  return { heads: 64, sectors: 32, cylinders: Math.floor(disk.capacity / 2048) };
}

/** A parameter of the module. */
function parameter(kernel: Kernel, name: string): number {
  return Number(thisModule(kernel, "virtio_blk").param(name));
}

/**
 * Sets up the queues.
 *
 * Linux: init_vq()
 *
 * @throws {KernelError} `EINVAL`, `ENOENT`, `ENOMEM`, `EBUSY`; nothing is left behind then.
 */
async function initVq(vblk: VirtioBlk, vdev: VirtioDevice): Promise<Virtqueue<Request>[]> {
  const { kernel } = vdev;
  const offered = virtioCreadFeature(vdev, VIRTIO_BLK_F_MQ, 2, VIRTIO_BLK_CONFIG_NUM_QUEUES);
  if (offered === 0) {
    devErr(vdev, "MQ advertised but zero queues reported");
    throw new KernelError("EINVAL", `${vdev.name}: has no queues`);
  }
  const wanted = Math.min(
    parameter(kernel, "num_request_queues") || Infinity,
    numOnlineCpus(kernel),
  );
  const count = Math.min(wanted, offered ?? 1);
  const polled = Math.min(parameter(kernel, "poll_queues"), count - 1);
  vblk.queues = [count - polled, polled];
  devInfo(vdev, `${count - polled}/0/${polled} default/read/poll queues`);
  kernel.failable(`memory for the queues of ${vdev.name}`);
  const callback = (vq: Virtqueue): undefined => {
    if (vblk.disk !== undefined) vblk.vqs[vq.index].done(vblk.disk.queue);
  };
  const specs = Array.from(
    { length: count },
    (_, i) => i < count - polled ? { name: `req.${i}`, callback } : { name: `req_poll.${i}` },
  );
  return await virtioFindVqs(vdev, specs);
}

/** Linux: virtio_mq_ops */
function mqOps(vblk: VirtioBlk): BlkMqOps {
  return {
    queueRq: (hctx, request, last) => vblk.vqs[hctx.index].queueRq(request, last),
    commitRqs: (hctx) => {
      vblk.vqs[hctx.index].vq.kick();
    },
  };
}

/** Most pieces of data in a request; two more are header and status. */
function readSegMax(vdev: VirtioDevice): number {
  const segMax = virtioCreadFeature(vdev, VIRTIO_BLK_F_SEG_MAX, 4, VIRTIO_BLK_CONFIG_SEG_MAX);
  return Math.min(segMax || 1, MAX_SG_ELEMS - 2);
}

/** Steps of a probe to take back, newest last. */
type Unwind = (() => undefined)[];

/** Linux: virtblk_probe() */
async function virtblkProbe(vdev: VirtioDevice): Promise<undefined> {
  const unwind: Unwind = [];
  try {
    await probeSteps(vdev, unwind);
  } catch (error) {
    while (unwind.length > 0) unwind.pop()?.();
    throw error;
  }
}

async function probeSteps(vdev: VirtioDevice, unwind: Unwind): Promise<undefined> {
  const { kernel } = vdev;
  const { numbers } = kernel.get(STATE);
  const index = numbers.alloc(0, (1 << MINORBITS - PART_BITS) - 1);
  const freeNumber = () => numbers.free(index);
  unwind.push(freeNumber);
  // How many segments there are decides how large a request is.
  const segments = readSegMax(vdev);
  kernel.failable(`memory for ${vdev.name}`);
  const vblk: VirtioBlk = {
    vdev,
    index,
    disk: undefined,
    queues: [1, 0],
    vqs: [],
    configWork: new Work("virtblk_config_changed_work", async () => {
      if (vblk.disk !== undefined) virtblkUpdateCapacity(vdev, vblk.disk, true);
    }),
  };
  vdev.priv = vblk;
  const vqs = await initVq(vblk, vdev);
  unwind.push(() => virtioDelVqs(vdev));
  const set = allocTagSet(vblk, vdev, vqs, unwind);
  const disk = makeDisk(vblk, vdev, set);
  // From here on the disk owns its number.
  unwind.splice(unwind.indexOf(freeNumber), 1);
  unwind.push(() => disk.put());
  virtblkUpdateCacheMode(vdev, disk);
  if (virtioHasFeature(vdev, VIRTIO_BLK_F_RO)) disk.readOnly = true;
  virtblkReadLimits(vdev, disk.queue.limits, segments);
  virtblkUpdateCapacity(vdev, disk, false);
  virtioDeviceReady(vdev);
  // Linux leaves a device running whose disk could not be added, and trips over it at the next probe.
  unwind.push(() => virtioResetDevice(vdev));
  await deviceAddDisk(vdev, disk, [VIRTBLK_GROUP as AttributeGroup<never>]);
}

/** Linux: blk_mq_alloc_tag_set() */
function allocTagSet(
  vblk: VirtioBlk,
  vdev: VirtioDevice,
  vqs: readonly Virtqueue<Request>[],
  unwind: Unwind,
): TagSet {
  const indirect = virtioHasFeature(vdev, VIRTIO_RING_F_INDIRECT_DESC);
  const fill = indirect ? vqs[0].numFree : vqs[0].numFree >> 1;
  const depth = parameter(vdev.kernel, "queue_depth") || fill;
  unwind.push(() => freeTags(vblk));
  for (const vq of vqs) vblk.vqs.push(new VirtioBlkVq(vq, depth));
  const [defaultQueues, pollQueues] = vblk.queues;
  const cpus = numOnlineCpus(vdev.kernel);
  return { ops: mqOps(vblk), defaultQueues, pollQueues, depth, cpus };
}

function freeTags(vblk: VirtioBlk): undefined {
  for (const vq of vblk.vqs) vq.free();
}

function makeDisk(vblk: VirtioBlk, vdev: VirtioDevice, set: TagSet): Gendisk {
  const { kernel } = vdev;
  const { major, numbers } = kernel.get(STATE);
  return vblk.disk = new Gendisk(kernel, set, {
    name: virtblkNameFormat("vd", vblk.index),
    major,
    firstMinor: vblk.index << PART_BITS,
    minors: 1 << PART_BITS,
    privateData: vblk,
    ops: {
      owner: thisModule(kernel, "virtio_blk"),
      getgeo: virtblkGetgeo,
      freeDisk: () => numbers.free(vblk.index),
    },
  });
}

/** Linux: virtblk_remove() */
async function virtblkRemove(vdev: VirtioDevice): Promise<undefined> {
  const vblk = vdev.priv as VirtioBlk;
  const disk = vblk.disk as Gendisk;
  // Make sure that no work reads the configuration.
  await vdev.kernel.get(STATE).workQueue.flush(vblk.configWork);
  await delGendisk(disk);
  freeTags(vblk);
  // Stop all the queues.
  virtioResetDevice(vdev);
  // The queues are stopped: open files must not reach the device any more.
  vblk.vdev = undefined;
  virtioDelVqs(vdev);
  disk.put();
}

/** The size may have changed. Atomic context. Linux: virtblk_config_changed() */
function virtblkConfigChanged(vdev: VirtioDevice): undefined {
  vdev.kernel.get(STATE).workQueue.queue((vdev.priv as VirtioBlk).configWork);
}

/** Linux: virtblk_freeze() */
async function virtblkFreeze(vdev: VirtioDevice): Promise<undefined> {
  const vblk = vdev.priv as VirtioBlk;
  // No request may be in a queue that goes away.
  await vblk.disk?.queue.freeze();
  virtioResetDevice(vdev);
  await vdev.kernel.get(STATE).workQueue.flush(vblk.configWork);
  virtioDelVqs(vdev);
}

/** Linux: virtblk_restore() */
async function virtblkRestore(vdev: VirtioDevice): Promise<undefined> {
  const vblk = vdev.priv as VirtioBlk;
  const vqs = await initVq(vblk, vdev);
  for (const [index, vq] of vqs.entries()) vblk.vqs[index].vq = vq;
  virtioDeviceReady(vdev);
  vblk.disk?.queue.unfreeze();
}

const FEATURES: readonly number[] = [
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_F_GEOMETRY,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_MQ,
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_WRITE_ZEROES,
  VIRTIO_BLK_F_SECURE_ERASE,
];

/** Linux: virtio_blk */
export const VIRTIO_BLK_DRIVER: VirtioDriver = {
  name: "virtio_blk",
  idTable: [{ device: VIRTIO_ID_BLOCK, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: FEATURES,
  configFields: VIRTIO_BLK_CONFIG,
  probe: virtblkProbe,
  remove: virtblkRemove,
  configChanged: virtblkConfigChanged,
  freeze: virtblkFreeze,
  restore: virtblkRestore,
};

/** Linux: virtio_blk_init() */
async function virtioBlkInit(kernel: Kernel, module: Module): Promise<number> {
  const state = kernel.get(STATE);
  kernel.failable("memory for the work queue virtio-blk");
  state.major = registerBlkdev(kernel, 0, "virtblk");
  try {
    state.driver = await registerVirtioDriver(kernel, VIRTIO_BLK_DRIVER, module);
  } catch (error) {
    unregisterBlkdev(kernel, state.major);
    throw error;
  }
  return 0;
}

/** Linux: virtio_blk_fini() */
async function virtioBlkFini(kernel: Kernel): Promise<undefined> {
  const state = kernel.get(STATE);
  if (state.driver !== undefined) await unregisterVirtioDriver(state.driver);
  state.driver = undefined;
  unregisterBlkdev(kernel, state.major);
}

/** The driver as a module. */
export const VIRTIO_BLK: ModuleImage = {
  name: "virtio_blk",
  description: "Virtio block driver",
  license: "GPL",
  init: { name: "virtio_blk_init", level: "device", fn: virtioBlkInit },
  exit: { name: "virtio_blk_fini", fn: virtioBlkFini },
  aliases: ["virtio:d00000002v*"],
  params: [
    {
      name: "num_request_queues",
      mode: 0o644,
      default: "0",
      parse: parseUint,
      description: "Limit the number of request queues to use for blk device. 0 for no limit. " +
        "Values > nr_cpu_ids truncated to nr_cpu_ids.",
    },
    {
      name: "poll_queues",
      mode: 0o644,
      default: "0",
      parse: parseUint,
      description: "The number of dedicated virtqueues for polling I/O",
    },
    { name: "queue_depth", mode: 0o444, default: "0", parse: parseUint },
  ],
  size: 28672,
};
