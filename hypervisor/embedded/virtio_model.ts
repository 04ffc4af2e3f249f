/**
 * What all device models have in common: the options of QEMU's `virtio-device`, the configuration
 * space as bytes, the status.
 *
 * @module
 */
import {
  VIRTIO_CONFIG_S_DRIVER_OK,
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_ANY_LAYOUT,
  VIRTIO_F_NOTIFY_ON_EMPTY,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
  VIRTIO_F_VERSION_1,
} from "../../uapi/virtio_config.ts";
import { VIRTIO_RING_F_EVENT_IDX, VIRTIO_RING_F_INDIRECT_DESC } from "../../uapi/virtio_ring.ts";
import type { DeviceBus, DeviceModel } from "./device.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** Properties that every virtio device of QEMU has; the names are QEMU's, camelCased. */
export interface VirtioProps {
  /** Whether descriptors may be indirect. Default true. */
  readonly indirectDesc?: boolean;
  /** Whether notifications can be asked for by index. Default true. */
  readonly eventIdx?: boolean;
  /** Legacy transport only: whether the device offers to notify when a queue runs empty. Default true. */
  readonly notifyOnEmpty?: boolean;
  /** Legacy transport only: whether buffers may be cut in any way. Default true. */
  readonly anyLayout?: boolean;
  /** Whether addresses go through the platform's translation. Default false. */
  readonly iommuPlatform?: boolean;
  /** Whether rings may be packed. Default false. */
  readonly packed?: boolean;
  /** Whether the device offers to reset single queues, as QEMU does without having the register for it. Default true. */
  readonly queueReset?: boolean;
}

/** Returns a set with one feature bit. */
export function featureBit(bit: number, on = true): bigint {
  return on ? 1n << BigInt(bit) : 0n;
}

/** Returns whether a feature bit is in the set. */
export function hasFeature(features: bigint, bit: number): boolean {
  return (features >> BigInt(bit) & 1n) === 1n;
}

function ringFeatures(props: VirtioProps): bigint {
  return featureBit(VIRTIO_RING_F_INDIRECT_DESC, props.indirectDesc ?? true) |
    featureBit(VIRTIO_RING_F_EVENT_IDX, props.eventIdx ?? true);
}

function modernFeatures(props: VirtioProps): bigint {
  return ringFeatures(props) | featureBit(VIRTIO_F_VERSION_1) |
    featureBit(VIRTIO_F_ACCESS_PLATFORM, props.iommuPlatform ?? false) |
    featureBit(VIRTIO_F_RING_PACKED, props.packed ?? false) |
    featureBit(VIRTIO_F_RING_RESET, props.queueReset ?? true);
}

function legacyOnlyFeatures(props: VirtioProps): bigint {
  return featureBit(VIRTIO_F_NOTIFY_ON_EMPTY, props.notifyOnEmpty ?? true) |
    featureBit(VIRTIO_F_ANY_LAYOUT, props.anyLayout ?? true);
}

/** The part of a device model that does not depend on the device type. */
export abstract class VirtioModel implements DeviceModel {
  /** Device id, for example `VIRTIO_ID_BLOCK`. */
  abstract readonly deviceId: number;
  /** The name for messages: that of `-device`. */
  abstract readonly name: string;
  /** Number of queues. */
  abstract readonly queueCount: number;
  /** Features of this device type on any transport, by value `1n << bit`; those of rings and transports come by themselves. */
  protected abstract readonly deviceFeatures: bigint;
  /** Configuration space as the driver reads it; little-endian. */
  protected config: DataView = new DataView(new ArrayBuffer(0));
  /** Features that driver and device agreed on. */
  protected negotiated = 0n;
  /** The driver's last status. */
  protected status = 0;
  readonly #props: VirtioProps;
  #bus: DeviceBus | undefined;
  #queues: readonly Virtqueue[] = [];

  /**
   * Makes a device that is reset.
   *
   * @param props The properties that all devices have; others are passed over.
   */
  constructor(props: VirtioProps) {
    this.#props = props;
  }

  /** All features that the device offers in a modern transport. */
  get features(): bigint {
    return this.deviceFeatures | modernFeatures(this.#props);
  }

  /** All features that the device offers in a legacy transport: 32 bits. */
  get legacyFeatures(): bigint {
    return BigInt.asUintN(32, this.deviceFeatures) | ringFeatures(this.#props) |
      legacyOnlyFeatures(this.#props);
  }

  get configSize(): number {
    return this.config.byteLength;
  }

  /** The transport that the device sits on. */
  protected get bus(): DeviceBus {
    if (!this.#bus) throw new Error(`${this.name}: no transport yet`);
    return this.#bus;
  }

  /** The device's queues. */
  protected get queues(): readonly Virtqueue[] {
    return this.#queues;
  }

  /** Whether the driver has set DRIVER_OK. */
  protected get driverOk(): boolean {
    return (this.status & VIRTIO_CONFIG_S_DRIVER_OK) !== 0;
  }

  realize(bus: DeviceBus, queues: readonly Virtqueue[]): undefined {
    this.#bus = bus;
    this.#queues = queues;
  }

  /** Reads configuration space; what reaches past its end reads as all ones, as in QEMU. */
  readConfig(offset: number, width: 1 | 2 | 4): number {
    if (width === 1) return this.config.getUint8(offset);
    if (width === 2) return this.config.getUint16(offset, true);
    return this.config.getUint32(offset, true);
  }

  /** Writes configuration space; only {@linkcode configWritten} decides what comes of it. */
  writeConfig(offset: number, width: 1 | 2 | 4, value: number): undefined {
    if (offset + width > this.config.byteLength) return;
    for (let i = 0; i < width; i++) this.configWritten(offset + i, value >>> (8 * i) & 0xff);
    this.configWriteDone();
  }

  /** One byte of configuration space was written. */
  protected configWritten(_offset: number, _value: number): undefined {}

  /** All bytes of one write were given to {@linkcode configWritten}. */
  protected configWriteDone(): undefined {}

  setFeatures(features: bigint): undefined {
    this.negotiated = features;
  }

  setStatus(status: number): undefined {
    this.status = status;
  }

  abstract handleOutput(index: number): undefined;

  reset(): undefined {
    this.status = 0;
    this.negotiated = 0n;
  }

  /** Tells the driver that the configuration changed. QEMU: virtio_notify_config(). */
  protected notifyConfig(): undefined {
    this.#bus?.notifyConfig();
  }
}
