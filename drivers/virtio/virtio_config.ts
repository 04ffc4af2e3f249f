/**
 * What a driver asks of its device: features, configuration, queues, status.
 *
 * Linux: include/linux/virtio_config.h
 *
 * @module
 */
import { VIRTIO_CONFIG_S_DRIVER_OK, VIRTIO_TRANSPORT_F_START } from "../../uapi/virtio_config.ts";
import { findConfigField } from "../../uapi/register.ts";
import { KernelBug, KernelError } from "../../kernel/errors.ts";
import type { Finding } from "../../kernel/finding.ts";
import type { VirtioDevice, VirtioDriver } from "./driver.ts";
import type { Virtqueue } from "./virtio_ring.ts";

/** A queue to be set up. */
export interface VqSpec {
  /** The name in messages and traces. */
  readonly name: string;
  /** Called in atomic context when the device has used buffers; without one it is never interrupted for. */
  readonly callback?: (vq: Virtqueue) => undefined;
}

/**
 * What a transport does for the bus and for drivers.
 *
 * Linux: struct virtio_config_ops
 */
export interface VirtioConfigOps {
  /** Reads a field of 1, 2 or 4 bytes. */
  get(offset: number, width: 1 | 2 | 4): number;
  /** Reads `count` bytes, each by itself. */
  getBytes(offset: number, count: number): Uint8Array;
  set(offset: number, width: 1 | 2 | 4, value: number): undefined;
  /** Changes whenever the configuration does; always 0 where the transport has none. */
  generation(): number;
  getStatus(): number;
  setStatus(status: number): undefined;
  reset(): undefined;
  getFeatures(): bigint;
  /** Drops what the transport cannot do and tells the device. Throws `EINVAL`. */
  finalizeFeatures(): undefined;
  findVqs(specs: readonly VqSpec[]): Promise<Virtqueue[]>;
  delVqs(): undefined;
  /** Where the device sits, for ethtool and the like. */
  busName(): string;
}

/** How often a torn read of the configuration is tried again before the device is given up on. */
const GENERATION_TRIES = 1000;

/** A driver may ask only for what it listed. Linux: virtio_check_driver_offered_feature() */
function checkListed(vdev: VirtioDevice, bit: number): undefined {
  if (bit >= VIRTIO_TRANSPORT_F_START) return;
  const ops = vdev.driver?.ops as VirtioDriver | undefined;
  if (ops === undefined) return;
  if (ops.featureTable.includes(bit) || ops.featureTableLegacy?.includes(bit)) return;
  throw new KernelBug(`${ops.name}: asks for feature ${bit}, which is not in its table`);
}

/**
 * True when driver and device agreed on a feature, a bit number. To ask for one that is in no table of the driver is a
 * bug.
 *
 * Linux: virtio_has_feature()
 */
export function virtioHasFeature(vdev: VirtioDevice, bit: number): boolean {
  checkListed(vdev, bit);
  return (vdev.features >> BigInt(bit) & 1n) === 1n;
}

/** Gives a feature up, a bit number, before it is settled: in `validate()`. Linux: __virtio_clear_bit() */
export function virtioClearBit(vdev: VirtioDevice, bit: number): undefined {
  vdev.features &= ~(1n << BigInt(bit));
}

/** What a driver read, for `explain()`. */
function noteRead<T extends Finding["value"]>(vdev: VirtioDevice, offset: number, value: T): T {
  if (vdev.kernel.probing) {
    const { configFields = [] } = vdev.driver?.ops as VirtioDriver;
    const name = findConfigField(configFields, offset)?.name ?? `byte ${offset}`;
    vdev.kernel.found("config", name, value);
  }
  return value;
}

/** Reads a field of 8 bits of the configuration, `offset` in bytes. Linux: virtio_cread8() */
export function virtioCread8(vdev: VirtioDevice, offset: number): number {
  return noteRead(vdev, offset, vdev.config.get(offset, 1));
}
/** Reads a field of 16 bits of the configuration, `offset` in bytes. Linux: virtio_cread16() */
export function virtioCread16(vdev: VirtioDevice, offset: number): number {
  return noteRead(vdev, offset, vdev.config.get(offset, 2));
}
/** Reads a field of 32 bits of the configuration, `offset` in bytes. Linux: virtio_cread32() */
export function virtioCread32(vdev: VirtioDevice, offset: number): number {
  return noteRead(vdev, offset, vdev.config.get(offset, 4));
}

/**
 * Reads until the configuration did not change in between.
 *
 * Linux: __virtio_cread_many(), which tries for ever
 *
 * @throws {KernelError} `EIO` when the device never stops changing it.
 */
function consistently<T>(vdev: VirtioDevice, read: () => T): T {
  let generation = vdev.config.generation();
  for (let tries = 0; tries < GENERATION_TRIES; tries++) {
    const value = read();
    const now = vdev.config.generation();
    if (now === generation) return value;
    generation = now;
  }
  throw new KernelError("EIO", `${vdev.name}: the configuration changes at every read`);
}

/**
 * Reads a field of 64 bits, never torn.
 *
 * Linux: virtio_cread64()
 *
 * @throws {KernelError} `EIO` when the device never stops changing it.
 */
export function virtioCread64(vdev: VirtioDevice, offset: number): bigint {
  const read = () => {
    const low = vdev.config.get(offset, 4);
    return BigInt(vdev.config.get(offset + 4, 4)) << 32n | BigInt(low);
  };
  return noteRead(vdev, offset, consistently(vdev, read));
}

/**
 * Reads `count` bytes of the configuration, never torn.
 *
 * Linux: virtio_cread_bytes()
 *
 * @throws {KernelError} `EIO` when the device never stops changing them.
 */
export function virtioCreadBytes(vdev: VirtioDevice, offset: number, count: number): Uint8Array {
  const bytes = consistently(vdev, () => vdev.config.getBytes(offset, count));
  return noteRead(vdev, offset, bytes);
}

/** Reads a field that exists only with a feature; `undefined` without. Linux: virtio_cread_feature() */
export function virtioCreadFeature(
  vdev: VirtioDevice,
  bit: number,
  width: 1 | 2 | 4,
  offset: number,
): number | undefined {
  if (!virtioHasFeature(vdev, bit)) return undefined;
  return noteRead(vdev, offset, vdev.config.get(offset, width));
}

/** Writes a field of 8 bits of the configuration, `offset` in bytes. Linux: virtio_cwrite8() */
export function virtioCwrite8(vdev: VirtioDevice, offset: number, value: number): undefined {
  vdev.config.set(offset, 1, value);
}
/** Writes a field of 16 bits of the configuration, `offset` in bytes. Linux: virtio_cwrite16() */
export function virtioCwrite16(vdev: VirtioDevice, offset: number, value: number): undefined {
  vdev.config.set(offset, 2, value);
}
/** Writes a field of 32 bits of the configuration, `offset` in bytes. Linux: virtio_cwrite32() */
export function virtioCwrite32(vdev: VirtioDevice, offset: number, value: number): undefined {
  vdev.config.set(offset, 4, value);
}

/**
 * Sets up the device's queues, in order from queue 0.
 *
 * Linux: virtio_find_vqs()
 *
 * @throws {KernelError} `ENOENT` when the device lacks one, `ENOMEM`, `EBUSY`; nothing is left behind then.
 */
export async function virtioFindVqs(
  vdev: VirtioDevice,
  specs: readonly VqSpec[],
): Promise<Virtqueue[]> {
  return await vdev.config.findVqs(specs);
}

/** Gives the queues back; only after a reset. Linux: vdev->config->del_vqs() */
export function virtioDelVqs(vdev: VirtioDevice): undefined {
  vdev.config.delVqs();
}

/**
 * The driver is ready: the device may work. Once only; the bus does it after `probe()` where that did not.
 *
 * VIRTIO 1.4, 3.1.1. Linux: virtio_device_ready()
 */
export function virtioDeviceReady(vdev: VirtioDevice): undefined {
  const status = vdev.config.getStatus();
  if ((status & VIRTIO_CONFIG_S_DRIVER_OK) !== 0) {
    throw new KernelBug(`${vdev.name}: is ready already`);
  }
  vdev.config.setStatus(status | VIRTIO_CONFIG_S_DRIVER_OK);
}

/** Stops the device: afterwards it touches no memory and knows no queues. Linux: virtio_reset_device() */
export function virtioResetDevice(vdev: VirtioDevice): undefined {
  vdev.config.reset();
}

/** Stops all queues of a device that is gone or cannot be trusted. Linux: virtio_break_device() */
export function virtioBreakDevice(vdev: VirtioDevice): undefined {
  for (const vq of vdev.vqs) vq.break();
}
