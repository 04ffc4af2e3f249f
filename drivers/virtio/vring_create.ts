/**
 * Makes queues.
 *
 * Linux: drivers/virtio/virtio_ring.c
 *
 * @module
 */
import { devWarn } from "../../kernel/base/device.ts";
import { KernelError } from "../../kernel/errors.ts";
import { PAGE_SIZE } from "../../kernel/mem.ts";
import { vringSize } from "../../uapi/virtio_ring.ts";
import type { VirtioDevice } from "./driver.ts";
import { Virtqueue, type VringOptions } from "./virtio_ring.ts";

/**
 * Makes a queue, with fewer descriptors when memory is short.
 *
 * Linux: vring_create_virtqueue()
 *
 * @throws {KernelError} `ENOMEM` when not even a page is left, and when `num` is no power of two.
 */
export function vringCreateVirtqueue(vdev: VirtioDevice, options: VringOptions): Virtqueue {
  const { align } = options;
  let { num } = options;
  if ((num & (num - 1)) !== 0) {
    devWarn(vdev, `Bad virtqueue length ${num}`);
    throw new KernelError("ENOMEM", `${vdev.name}: ${options.name} cannot have ${num} descriptors`);
  }
  for (;;) {
    try {
      return new Virtqueue(vdev, { ...options, num });
    } catch (error) {
      const smallest = vringSize(num, align) <= PAGE_SIZE || num <= 1;
      if (!(error instanceof KernelError) || error.code !== "ENOMEM" || smallest) throw error;
      num /= 2;
    }
  }
}
