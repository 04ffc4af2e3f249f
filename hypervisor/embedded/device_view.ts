/**
 * What a device of the embedded machine believes of its driver.
 *
 * @module
 */
import type { DeviceView } from "../platform.ts";
import type { VirtioMmioSlot } from "./virtio_mmio.ts";

/** The view of the device in a slot whose registers are at `address`. */
export function viewDevice(address: number, slot: VirtioMmioSlot): DeviceView {
  const queues = slot.queues.filter(({ ready, descAddr }) => ready && descAddr !== 0);
  return {
    address,
    deviceId: slot.model.deviceId,
    status: slot.status,
    features: slot.guestFeatures,
    queues: queues.map((queue) => ({
      index: queue.index,
      size: queue.size,
      desc: queue.descAddr,
      avail: queue.availAddr,
      used: queue.usedAddr,
      lastAvailIdx: queue.lastAvailIdx,
      usedIdx: queue.usedIdx,
    })),
  };
}
