import type { BlockDevice } from "../kernel/block/bdev.ts";
import type { Gendisk } from "../kernel/block/gendisk.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Work } from "../kernel/workqueue.ts";
import type { VirtioDevice } from "./virtio/virtio.ts";
import type { VirtioBlkVq } from "./virtio_blk_request.ts";

/** A virtio disk. Linux: struct virtio_blk */
export interface VirtioBlk {
  /** Absent once the device is gone. */
  vdev: VirtioDevice | undefined;
  readonly index: number;
  disk: Gendisk | undefined;
  /** Queues with interrupts and queues that are polled. */
  queues: readonly [number, number];
  vqs: VirtioBlkVq[];
  configWork: Work;
}

/** The device, for files that exist only while it does. */
export function vdevOf(bdev: BlockDevice): VirtioDevice {
  const { vdev } = bdev.disk.privateData as VirtioBlk;
  if (vdev === undefined) throw new KernelError("ENXIO", `${bdev.name}: the device is gone`);
  return vdev;
}
