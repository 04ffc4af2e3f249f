/**
 * What a driver can do wrong in the memory of a split ring, each with a name, the clause it breaks
 * and what the device answers. The words are QEMU's where QEMU has words for it.
 *
 * @module
 */

/** A rule about the memory of a split ring that drivers must keep. */
export interface Malformation {
  /** The clause, for example `"VIRTIO 1.4, 2.7.5.1"`. */
  readonly clause: string;
  /** True when the device stops with DEVICE_NEEDS_RESET, false when it notes it and goes on. */
  readonly fatal: boolean;
}

/** All malformations by name. */
export const MALFORMATIONS = {
  /** The available index moved by more than the queue holds. */
  availIdxJump: { clause: "VIRTIO 1.4, 2.7.6.1", fatal: true },
  /** An entry of the available ring names a descriptor past the table. */
  headOutOfRange: { clause: "VIRTIO 1.4, 2.7.6", fatal: true },
  /** More chains are made available than the queue holds, so a head is used twice. */
  queueSizeExceeded: { clause: "VIRTIO 1.4, 2.7.13", fatal: true },
  /** `next` names a descriptor past the table. */
  nextOutOfRange: { clause: "VIRTIO 1.4, 2.7.5.2", fatal: true },
  /** A chain has more descriptors than its table, so it runs in a circle. */
  chainLooped: { clause: "VIRTIO 1.4, 2.7.5.2", fatal: true },
  /** A buffer lies outside RAM, or runs past the end of the address space. */
  bufferOutsideMemory: { clause: "VIRTIO 1.4, 2.7.5", fatal: true },
  /** A buffer of no bytes. */
  bufferEmpty: { clause: "VIRTIO 1.4, 2.7.5", fatal: true },
  /** A readable buffer follows a writable one. */
  bufferOrder: { clause: "VIRTIO 1.4, 2.7.4.2", fatal: true },
  /** A chain holds more than 2^32 bytes. */
  chainTooLong: { clause: "VIRTIO 1.4, 2.7.5.2", fatal: false },
  /** An indirect descriptor although INDIRECT_DESC was not negotiated. */
  indirectNotNegotiated: { clause: "VIRTIO 1.4, 2.7.5.3.1", fatal: false },
  /** An indirect descriptor that has NEXT. */
  indirectWithNext: { clause: "VIRTIO 1.4, 2.7.5.3.1", fatal: false },
  /** An indirect descriptor inside an indirect table. */
  indirectNested: { clause: "VIRTIO 1.4, 2.7.5.3.1", fatal: false },
  /** An indirect table that is empty or not a whole number of descriptors. */
  indirectSize: { clause: "VIRTIO 1.4, 2.7.5.3", fatal: true },
  /** An indirect table outside RAM. */
  indirectOutsideMemory: { clause: "VIRTIO 1.4, 2.7.5.3", fatal: true },
  /** An indirect chain longer than the queue. */
  indirectTooLong: { clause: "VIRTIO 1.4, 2.7.5.3.1", fatal: false },
  /** A chain has more buffers than a device takes. */
  tooManyBuffers: { clause: "VIRTIO 1.4, 2.7.5.3.1", fatal: true },
  /** A part of the ring lies outside RAM. */
  ringOutsideMemory: { clause: "VIRTIO 1.4, 2.7", fatal: true },
  /** A part of the ring is not aligned as it must be. */
  ringMisaligned: { clause: "VIRTIO 1.4, 2.7.1", fatal: false },
  /** The queue's size is not a power of two. */
  sizeNotPowerOfTwo: { clause: "VIRTIO 1.4, 2.7", fatal: false },
} as const satisfies Record<string, Malformation>;

/** Name of a malformation. */
export type MalformationName = keyof typeof MALFORMATIONS;
