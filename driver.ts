/**
 * What a script needs to write a driver of its own for virtio devices, with Linux's names: `<linux/virtio.h>` and its
 * neighbours. A driver made here stands beside Linux's own ones: built in or a module, on either machine, in
 * `explore()` too. What a driver knows is kept in `vdev.priv` or a {@linkcode Slot}, not in variables of the script: one
 * script boots many kernels.
 *
 * @example A driver for the entropy device that fills one buffer
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded, MODULE_IMAGES } from "./mod.ts";
 * import * as linux from "./driver.ts";
 *
 * const DICE = linux.moduleVirtioDriver({
 *   name: "dice",
 *   idTable: [{ device: linux.VIRTIO_ID_RNG, vendor: linux.VIRTIO_DEV_ANY_ID }],
 *   featureTable: [],
 *   async probe(vdev) {
 *     const { kernel } = vdev;
 *     const rolled = new linux.Completion(kernel.sched, "the dice");
 *     const buffer = kernel.mem.alloc(4, vdev.name);
 *     vdev.priv = buffer;
 *     const [vq] = await linux.virtioFindVqs(vdev, [
 *       { name: "input", callback: () => rolled.complete() },
 *     ]);
 *     linux.virtioDeviceReady(vdev);
 *     vq.addInbuf([{ address: buffer.address, length: 4 }], buffer);
 *     vq.kick();
 *     await rolled.wait();
 *     vq.getBuf();
 *     linux.devInfo(vdev, `${vq.usedLen} bytes`);
 *   },
 *   async remove(vdev) {
 *     linux.virtioResetDevice(vdev);
 *     linux.virtioDelVqs(vdev);
 *     vdev.kernel.mem.free(vdev.priv as linux.Memory);
 *   },
 * });
 *
 * await using vm = await boot(embedded("-device virtio-rng-device"), {
 *   images: [...MODULE_IMAGES, DICE],
 *   modules: ["dice", "virtio_rng"],
 * });
 * await vm.sh("modprobe dice");
 * assertEquals(vm.dmesg().includes("dice virtio0: 4 bytes\n"), true);
 * assertEquals(await vm.sh("rmmod dice; cat /sys/bus/virtio/devices/virtio0/status"), "0x00000001\n");
 * assertEquals(vm.check(), []);
 * ```
 *
 * @module
 */

// Drivers, devices, modules
export type { VirtioDevice, VirtioDeviceId, VirtioDriver } from "./drivers/virtio/driver.ts";
export { type ModuleInfo, moduleVirtioDriver } from "./drivers/virtio/module.ts";
export { registerVirtioDriver, unregisterVirtioDriver } from "./drivers/virtio/virtio.ts";
export {
  type BoundDevice,
  devErr,
  devErrProbe,
  devInfo,
  devmAddAction,
  devWarn,
} from "./kernel/base/device.ts";
export type { DriverOps, RegisteredDriver } from "./kernel/base/driver.ts";
export type { Attribute, AttributeGroup } from "./kernel/kobject.ts";
export { type Module, type ModuleImage, type NamedInit, thisModule } from "./kernel/module.ts";
export type { ModuleParam } from "./kernel/module_param.ts";
export { parseBool } from "./kernel/module_param.ts";

// What programs open
export { miscDeregister, type MiscDevice, miscRegister } from "./kernel/char/misc.ts";
export type { OpenFile, OpenFlags } from "./kernel/vfs/node.ts";

// Features, configuration, status
export {
  virtioBreakDevice,
  virtioClearBit,
  virtioCread16,
  virtioCread32,
  virtioCread64,
  virtioCread8,
  virtioCreadBytes,
  virtioCreadFeature,
  virtioCwrite16,
  virtioCwrite32,
  virtioCwrite8,
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
  type VqSpec,
} from "./drivers/virtio/virtio_config.ts";

export type { ConfigField } from "./uapi/register.ts";

// Queues
export type { Sg, Virtqueue } from "./drivers/virtio/virtio_ring.ts";

// Numbers
export * from "./uapi/virtio_ids.ts";
export {
  VIRTIO_DEV_ANY_ID,
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_VERSION_1,
} from "./uapi/virtio_config.ts";

// The kernel around them
export { KernelBug, KernelError } from "./kernel/errors.ts";
export type { Kernel } from "./kernel/kernel.ts";
export type { Memory } from "./kernel/mem.ts";
export { Slot } from "./kernel/slot.ts";
export { Completion, Mutex, WaitQueue } from "./kernel/wait.ts";
export { DelayedWork, SYSTEM_WQ, Work, WorkQueue } from "./kernel/workqueue.ts";
