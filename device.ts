/**
 * What a script needs to bring a device model of its own to the embedded machine: `-device NAME` makes one, beside
 * QEMU's. Rings, registers and interrupts are the machine's; a model has features, a configuration space, and something
 * to do with buffers.
 *
 * {@linkcode defineDevice} has an example.
 *
 * @module
 */
export type { ConfigField } from "./uapi/register.ts";
export type { DeviceBus, DeviceModel } from "./hypervisor/embedded/device.ts";
export { OptionError } from "./hypervisor/embedded/option_list.ts";
export {
  defineDevice,
  type DeviceDefinition,
  type DeviceKind,
} from "./hypervisor/embedded/own_device.ts";
export type {
  PropertyTable,
  PropertyType,
  PropertyValues,
} from "./hypervisor/embedded/property.ts";
export {
  featureBit,
  hasFeature,
  VirtioModel,
  type VirtioProps,
} from "./hypervisor/embedded/virtio_model.ts";
export type { Virtqueue } from "./hypervisor/embedded/virtqueue.ts";
export type { Segments, VirtqueueElement } from "./hypervisor/embedded/virtqueue_element.ts";
