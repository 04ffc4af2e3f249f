/**
 * What a device model is to its transport, and the transport to a device model.
 *
 * A model knows its features, its configuration space and what to do with a buffer; where registers
 * live, how the rings are set up and how an interrupt is raised is the transport's business
 * (VIRTIO 1.4, 2).
 *
 * @module
 */
import type { ConfigField } from "../../uapi/register.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** What a device model may ask of the transport that it sits on. */
export interface DeviceBus {
  /** Virtual time in nanoseconds. */
  nowNs(): number;
  /** Calls `work` once when virtual time has reached `atNs`; returns a function that cancels it. */
  schedule(atNs: number, work: () => undefined): () => undefined;
  /** Guest RAM. */
  readonly ram: Uint8Array;
  /** Guest physical address of its first byte. */
  readonly ramBase: number;
  /** Tells the driver that buffers were used on `queue`, unless it asked not to be told (2.7.7, 2.7.10). */
  notifyQueue(queue: Virtqueue): undefined;
  /** Tells the driver that the configuration changed, and bumps the generation (2.5, 4.2.2.1). */
  notifyConfig(): undefined;
  /** Records a rule that the driver broke: its clause, `"VIRTIO 1.4, 5.2.6.1"`, and what it did. */
  violation(clause: string, message: string): undefined;
  /** Marks the device broken: DEVICE_NEEDS_RESET (2.1.2), as QEMU's `virtio_error()`. */
  fail(clause: string, message: string): undefined;
  /** Asks for a decision, see `Guest.choose`. */
  choose(kind: string, count: number): number;
}

/** A device model: one kind of virtio device without its transport. */
export interface DeviceModel {
  /** Device id, for example `VIRTIO_ID_BLOCK`. */
  readonly deviceId: number;
  /** QEMU's name of the device, for example `"virtio-blk-device"`. */
  readonly name: string;
  /** All feature bits that the device offers in a modern transport, by value `1n << bit`. */
  readonly features: bigint;
  /** All feature bits in a legacy transport, 32 bits; derived from `features` when absent. */
  readonly legacyFeatures?: bigint;
  /** Number of queues. */
  readonly queueCount: number;
  /** Size of the configuration space in bytes. */
  readonly configSize: number;
  /**
   * Fields of the configuration space: an access that does not fit the field there breaks a rule. Default: those of
   * the specification for this device id, if it has any.
   */
  readonly configFields?: readonly ConfigField[];
  /**
   * Number of entries that queue `index` has by default; 1024 without this method. Like QEMU, the embedded machine tells
   * drivers that 1024 are possible whatever this says, unless it is made with `quirks: NO_QUIRKS`.
   */
  queueSize?(index: number): number;

  /** Gives the model its transport and queues. Called once, before any access. */
  realize(bus: DeviceBus, queues: readonly Virtqueue[]): undefined;
  /** Reads `width` bytes of configuration space; bytes past the end read as 0. */
  readConfig(offset: number, width: 1 | 2 | 4): number;
  /** Writes configuration space; read-only fields are left alone. */
  writeConfig(offset: number, width: 1 | 2 | 4, value: number): undefined;
  /** The driver's features are settled. */
  setFeatures(features: bigint): undefined;
  /** The driver wrote a new status; `DRIVER_OK` in it lets the device work. */
  setStatus(status: number): undefined;
  /** The driver made buffers available on queue `index`; a driver that breaks the rules does so before `DRIVER_OK`. */
  handleOutput(index: number): undefined;
  /** Back to the state after power-on; pending work is cancelled. */
  reset(): undefined;
}
