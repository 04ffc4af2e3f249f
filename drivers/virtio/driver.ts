/**
 * What drivers of virtio devices are, and what they may touch of their devices.
 *
 * Linux: include/linux/virtio.h
 *
 * @module
 */
import type { ConfigField } from "../../uapi/register.ts";
import type { BoundDevice } from "../../kernel/base/device.ts";
import type { DriverOps } from "../../kernel/base/driver.ts";
import type { AttributeGroup } from "../../kernel/kobject.ts";
import type { VirtioConfigOps } from "./virtio_config.ts";
import type { Virtqueue } from "./virtio_ring.ts";

/** What kind of device, and by whom. Linux: struct virtio_device_id */
export interface VirtioDeviceId {
  /** The number of its kind, as `VIRTIO_ID_RNG`; `VIRTIO_DEV_ANY_ID` in a driver's table is any kind. */
  readonly device: number;
  /** Who made it; `VIRTIO_DEV_ANY_ID` in a driver's table is anybody. */
  readonly vendor: number;
}

/** A device on the virtio bus, as its driver sees it. Linux: struct virtio_device */
export interface VirtioDevice extends BoundDevice {
  /** The number in its name. */
  readonly index: number;
  /** Kind and vendor. */
  readonly id: VirtioDeviceId;
  /**
   * Features that driver and device agreed on, by value `1n << bit`. While `validate()` runs, a driver may still give
   * some up: `virtioClearBit()`.
   */
  features: bigint;
  /** True when the device follows the standard, false for a legacy one. */
  readonly isModern: boolean;
  /** Queues that are set up, in order of creation. */
  readonly vqs: readonly Virtqueue[];
  /** The driver's own data. */
  priv: unknown;
  /**
   * What the transport does for the device.
   *
   * @internal
   */
  readonly config: VirtioConfigOps;
}

/** A driver for virtio devices. Linux: struct virtio_driver */
export interface VirtioDriver extends DriverOps {
  /** The devices that it is for. */
  readonly idTable: readonly VirtioDeviceId[];
  /** Bits that the driver knows: what else the device offers is not accepted. */
  readonly featureTable: readonly number[];
  /** Bits that it knows on a legacy device. Default: those of `featureTable`. */
  readonly featureTableLegacy?: readonly number[];
  /** Its part of the configuration: `vm.explain()` says what a probe read by these names. */
  readonly configFields?: readonly ConfigField[];
  /**
   * Files in the folder of each bound device, as long as it is bound. Linux: device_driver.dev_groups
   */
  readonly devGroups?: readonly AttributeGroup<VirtioDevice>[];
  /**
   * Looks at features and configuration before they are settled; may clear bits.
   *
   * @throws {KernelError} What keeps the driver from the device; `EPROBE_DEFER` puts it off.
   */
  validate?(vdev: VirtioDevice): Promise<undefined>;
  /**
   * Takes a device over, whose features are settled: sets up its queues and tells it that it may work. When it throws,
   * all that it took must have been given back; the bus then says FAILED to the device.
   *
   * @throws {KernelError} `EPROBE_DEFER` to be asked again when another device has got its driver, better thrown by
   *   `validate()`: Linux resets no device between two probes, so features would be written after FEATURES_OK, which
   *   the specification forbids. `ENODEV` and `ENXIO` are passed over in silence, other errors are logged.
   */
  probe(vdev: VirtioDevice): Promise<undefined>;
  /** After the device is ready. */
  scan?(vdev: VirtioDevice): Promise<undefined>;
  /**
   * Lets a device go: resets it, and gives everything back that `probe()` took. A device that was not reset then is a
   * bug.
   */
  remove(vdev: VirtioDevice): Promise<undefined>;
  /** The configuration changed. Atomic context: it must not sleep. Linux: config_changed() */
  configChanged?(vdev: VirtioDevice): undefined;
  /** The machine goes to sleep: resets the device and gives its queues back. */
  freeze?(vdev: VirtioDevice): Promise<undefined>;
  /** The machine woke up: the device was reset, its features are settled again. */
  restore?(vdev: VirtioDevice): Promise<undefined>;
}
