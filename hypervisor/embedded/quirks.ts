/**
 * Where QEMU's virtio-mmio differs from the specification, one name each. The register file follows
 * the specification and asks this table at every point of difference, so that "fails on QEMU" and
 * "breaks the specification" stay apart. All were observed on QEMU 7.2; `tests/quirks_test.ts` shows each.
 *
 * @module
 */

/** Differences between a device and the specification. */
export interface Quirks {
  /** QueueSizeMax of every queue that exists, whatever `queue-size` says; 0 shows the queue's own. */
  readonly queueSizeMax: number;
  /** A configuration change sets both bits of InterruptStatus. */
  readonly configSetsRingBit: boolean;
  /** The generation counts only while DRIVER_OK is set. */
  readonly generationOnlyLive: boolean;
  /** Selecting features 64 and up shows those from 32 on again. */
  readonly featuresSelClamped: boolean;
  /** FEATURES_OK is granted whatever the driver accepted; unknown bits are dropped. */
  readonly featuresOkAlways: boolean;
  /** RING_RESET is offered although there is no QueueReset register. */
  readonly ringResetOffered: boolean;
  /** Writing 0 to QueueReady clears only what it reads as; the device goes on using the queue. */
  readonly readyKeepsRings: boolean;
  /** A legacy driver that writes 0 to QueuePFN resets the whole device. */
  readonly pfnZeroResets: boolean;
  /** Configuration reads that end past the space give all ones; otherwise 0. */
  readonly configPastEndOnes: boolean;
}

/** What QEMU 7.2 does. */
export const QEMU_7_2: Quirks = Object.freeze({
  queueSizeMax: 1024,
  configSetsRingBit: true,
  generationOnlyLive: true,
  featuresSelClamped: true,
  featuresOkAlways: true,
  ringResetOffered: true,
  readyKeepsRings: true,
  pfnZeroResets: true,
  configPastEndOnes: true,
});

/** None: the specification alone. */
export const NO_QUIRKS: Quirks = Object.freeze({
  queueSizeMax: 0,
  configSetsRingBit: false,
  generationOnlyLive: false,
  featuresSelClamped: false,
  featuresOkAlways: false,
  ringResetOffered: false,
  readyKeepsRings: false,
  pfnZeroResets: false,
  configPastEndOnes: false,
});
