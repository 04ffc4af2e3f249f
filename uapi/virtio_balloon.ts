/**
 * The memory balloon: pages that the driver gives to the device and takes back, and numbers about
 * its memory that the device may ask for.
 *
 * Linux: include/uapi/linux/virtio_balloon.h. VIRTIO 1.4, 5.5.
 *
 * @module
 */
export { VIRTIO_ID_BALLOON } from "./virtio_ids.ts";

/** The driver tells the device before it uses a page again. */
export const VIRTIO_BALLOON_F_MUST_TELL_HOST = 0;
/** There is a queue for statistics. */
export const VIRTIO_BALLOON_F_STATS_VQ = 1;
/** The balloon shrinks when the driver runs out of memory. */
export const VIRTIO_BALLOON_F_DEFLATE_ON_OOM = 2;
/** There is a queue on which the driver names free pages when it is asked to. */
export const VIRTIO_BALLOON_F_FREE_PAGE_HINT = 3;
/** The driver fills free pages with a byte that it tells. */
export const VIRTIO_BALLOON_F_PAGE_POISON = 4;
/** There is a queue on which the driver reports free pages all the time. */
export const VIRTIO_BALLOON_F_REPORTING = 5;

/** A page of the balloon has 4096 bytes, whatever the driver's pages have. */
export const VIRTIO_BALLOON_PFN_SHIFT = 12;

/** Offsets in configuration space; all fields are 32 bits, little-endian also in a legacy device. */
export const VIRTIO_BALLOON_CONFIG_NUM_PAGES = 0;
/** How many pages the balloon has. */
export const VIRTIO_BALLOON_CONFIG_ACTUAL = 4;
/** What the device asks for on the queue of hints. */
export const VIRTIO_BALLOON_CONFIG_FREE_PAGE_HINT_CMD_ID = 8;
/** The byte in free pages. */
export const VIRTIO_BALLOON_CONFIG_POISON_VAL = 12;
/** Size of configuration space with every feature. */
export const VIRTIO_BALLOON_CONFIG_SIZE = 16;

/** Bytes swapped in. */
export const VIRTIO_BALLOON_S_SWAP_IN = 0;
/** Bytes swapped out. */
export const VIRTIO_BALLOON_S_SWAP_OUT = 1;
/** Page faults that needed input. */
export const VIRTIO_BALLOON_S_MAJFLT = 2;
/** Page faults that did not. */
export const VIRTIO_BALLOON_S_MINFLT = 3;
/** Bytes that are free. */
export const VIRTIO_BALLOON_S_MEMFREE = 4;
/** Bytes in all. */
export const VIRTIO_BALLOON_S_MEMTOT = 5;
/** Bytes that programs could get. */
export const VIRTIO_BALLOON_S_AVAIL = 6;
/** Bytes in caches. */
export const VIRTIO_BALLOON_S_CACHES = 7;
/** Huge pages that were allocated. */
export const VIRTIO_BALLOON_S_HTLB_PGALLOC = 8;
/** Huge pages that could not be allocated. */
export const VIRTIO_BALLOON_S_HTLB_PGFAIL = 9;

/** One number about memory: its tag, and its value. */
export interface VirtioBalloonStat {
  /** A `VIRTIO_BALLOON_S_` number. */
  readonly tag: number;
  /** Bytes, or a count. */
  readonly val: bigint;
}

/** Size of {@linkcode VirtioBalloonStat} in bytes; there is no padding. */
export const VIRTIO_BALLOON_STAT_SIZE = 10;

/** Reads a number about memory. */
export function decodeVirtioBalloonStat(view: DataView, offset: number): VirtioBalloonStat {
  return { tag: view.getUint16(offset, true), val: view.getBigUint64(offset + 2, true) };
}

/** Writes a number about memory. */
export function encodeVirtioBalloonStat(
  view: DataView,
  offset: number,
  { tag, val }: VirtioBalloonStat,
): undefined {
  view.setUint16(offset, tag, true);
  view.setBigUint64(offset + 2, val, true);
}
