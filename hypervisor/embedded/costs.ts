/**
 * How long devices take, in virtual nanoseconds. What costs nothing here is done when the driver
 * notifies the device.
 *
 * @module
 */

/** Latency of the embedded devices in nanoseconds; every figure may be 0. */
export interface DeviceCosts {
  /** From the notification of a disk to the end of the reads and writes in it. */
  readonly blkTransfer: number;
  /** From the notification of a disk to the end of the flushes in it. */
  readonly blkFlush: number;
}

/** The default latencies: orders of magnitude of an image in the host's page cache. */
export const DEFAULT_DEVICE_COSTS: DeviceCosts = {
  blkTransfer: 20_000,
  blkFlush: 200_000,
};

/** Devices that answer at once. */
export const NO_DEVICE_COSTS: DeviceCosts = { blkTransfer: 0, blkFlush: 0 };
