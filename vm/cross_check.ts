/**
 * The driver's view of each virtio device beside the device's own.
 *
 * @module
 */
import { BUSES } from "../kernel/base/bus.ts";
import { PlatformDevice } from "../kernel/base/platform.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { VIRTIO_BUS, VirtioDevice } from "../drivers/virtio/virtio.ts";
import type { Virtqueue } from "../drivers/virtio/virtio_ring.ts";
import type { DeviceView, QueueView } from "../hypervisor/platform.ts";
import { VRING_AVAIL_IDX, VRING_USED_IDX } from "../uapi/virtio_ring.ts";

/** Everything in which the two sides differ, a line each. */
export function compareViews(kernel: Kernel, views: readonly DeviceView[]): string[] {
  const found: string[] = [];
  const bus = kernel.get(BUSES).get(VIRTIO_BUS.name);
  for (const dev of bus?.devices ?? []) {
    if (!(dev instanceof VirtioDevice)) continue;
    const address = slotOf(dev);
    const view = views.find((candidate) => candidate.address === address);
    if (view === undefined) found.push(`${dev.name}: the machine has no such device`);
    else found.push(...compareDevice(kernel, dev, view).map((text) => `${dev.name}: ${text}`));
  }
  return found;
}

function slotOf(dev: VirtioDevice): number | undefined {
  const parent = dev.parentDevice;
  return parent instanceof PlatformDevice ? parent.resource("mem", 0)?.start : undefined;
}

function differ(what: string, driver: unknown, device: unknown): string[] {
  return driver === device ? [] : [`${what} is ${driver} for the driver, ${device} for the device`];
}

function compareDevice(kernel: Kernel, dev: VirtioDevice, view: DeviceView): string[] {
  const found = [
    ...differ("the kind", dev.id.device, view.deviceId),
    ...differ("the status", dev.config.getStatus(), view.status),
  ];
  if (dev.driver === undefined) return found;
  found.push(...differ("the set of features", dev.features, view.features));
  for (const vq of dev.vqs) {
    const queue = view.queues.find(({ index }) => index === vq.index);
    if (queue === undefined) found.push(`${vq.name}: the device has no such queue`);
    else found.push(...compareQueue(kernel, vq, queue).map((text) => `${vq.name}: ${text}`));
  }
  const count = view.queues.filter(({ index }) => !dev.vqs.some((vq) => vq.index === index)).length;
  if (count > 0) found.push(`the device has ${count} queues that the driver has not set up`);
  return found;
}

function compareQueue({ mem }: Kernel, vq: Virtqueue, queue: QueueView): string[] {
  const availIdx = mem.view.getUint16(vq.availAddr - mem.base + VRING_AVAIL_IDX, true);
  const usedIdx = mem.view.getUint16(vq.usedAddr - mem.base + VRING_USED_IDX, true);
  const found = [
    ...differ("the size", vq.vringSize, queue.size),
    ...differ("the address of the descriptors", vq.descAddr, queue.desc),
    ...differ("the address of the available ring", vq.availAddr, queue.avail),
    ...differ("the address of the used ring", vq.usedAddr, queue.used),
    ...differ("the index of the used ring", usedIdx, queue.usedIdx),
  ];
  // The device takes buffers when it needs them: it may be behind, by no more than there are.
  const behind = (availIdx - queue.lastAvailIdx) & 0xffff;
  if (behind > vq.vringSize) {
    found.push(`the driver has offered ${availIdx} buffers, the device took ${queue.lastAvailIdx}`);
  }
  const inUse = (queue.lastAvailIdx - queue.usedIdx) & 0xffff;
  if (inUse > vq.vringSize) found.push(`the device has ${inUse} buffers in use`);
  return found;
}
