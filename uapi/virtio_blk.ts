/**
 * The block device: features, configuration, requests.
 *
 * A request is a chain of buffers: the 16-byte header {@linkcode VirtioBlkOuthdr}, the data, and one
 * status byte that the device writes last.
 *
 * Linux: include/uapi/linux/virtio_blk.h. VIRTIO 1.4, 5.2.
 *
 * @module
 */
import type { ConfigField } from "./register.ts";

// Feature bits (bit numbers)

/** Requests may be barriers. Legacy only. */
export const VIRTIO_BLK_F_BARRIER = 0;
/** `size_max` limits a segment. */
export const VIRTIO_BLK_F_SIZE_MAX = 1;
/** `seg_max` limits the number of segments. */
export const VIRTIO_BLK_F_SEG_MAX = 2;
/** `geometry` gives cylinders, heads and sectors. */
export const VIRTIO_BLK_F_GEOMETRY = 4;
/** The disk cannot be written. */
export const VIRTIO_BLK_F_RO = 5;
/** `blk_size` gives the logical block size. */
export const VIRTIO_BLK_F_BLK_SIZE = 6;
/** The device takes SCSI commands. Legacy only. */
export const VIRTIO_BLK_F_SCSI = 7;
/** The device has a cache that the flush command writes back. */
export const VIRTIO_BLK_F_FLUSH = 9;
/** Older name of {@linkcode VIRTIO_BLK_F_FLUSH}. */
export const VIRTIO_BLK_F_WCE = VIRTIO_BLK_F_FLUSH;
/** `topology` tells how to align and size I/O. */
export const VIRTIO_BLK_F_TOPOLOGY = 10;
/** The driver may switch the cache mode through `writeback`. */
export const VIRTIO_BLK_F_CONFIG_WCE = 11;
/** The device has `num_queues` queues. */
export const VIRTIO_BLK_F_MQ = 12;
/** The device takes discard requests. */
export const VIRTIO_BLK_F_DISCARD = 13;
/** The device takes write-zeroes requests. */
export const VIRTIO_BLK_F_WRITE_ZEROES = 14;
/** The device tells how worn its storage is. Not in Linux 6.1. */
export const VIRTIO_BLK_F_LIFETIME = 15;
/** The device takes secure-erase requests. */
export const VIRTIO_BLK_F_SECURE_ERASE = 16;
/** The device is zoned. Not in Linux 6.1. */
export const VIRTIO_BLK_F_ZONED = 17;

// Request types. Bit 0 means that data goes to the device.

/** Read sectors. */
export const VIRTIO_BLK_T_IN = 0;
/** Write sectors. */
export const VIRTIO_BLK_T_OUT = 1;
/** SCSI command. Legacy only. */
export const VIRTIO_BLK_T_SCSI_CMD = 2;
/** Write the cache back. */
export const VIRTIO_BLK_T_FLUSH = 4;
/** Read the device's {@linkcode VIRTIO_BLK_ID_BYTES} bytes of serial number. */
export const VIRTIO_BLK_T_GET_ID = 8;
/** Read the state of wear. */
export const VIRTIO_BLK_T_GET_LIFETIME = 10;
/** Give up the contents of ranges of sectors. */
export const VIRTIO_BLK_T_DISCARD = 11;
/** Make ranges of sectors read as zeroes. */
export const VIRTIO_BLK_T_WRITE_ZEROES = 13;
/** Erase ranges of sectors and all their copies. */
export const VIRTIO_BLK_T_SECURE_ERASE = 14;
/** Flag: all requests before this one come first. Legacy only. */
export const VIRTIO_BLK_T_BARRIER = 0x80000000;

// Status, the last byte of a request

/** Done. */
export const VIRTIO_BLK_S_OK = 0;
/** The device or driver made an error. */
export const VIRTIO_BLK_S_IOERR = 1;
/** The device does not know the request. */
export const VIRTIO_BLK_S_UNSUPP = 2;

/** Unit of `capacity` and of every sector number, in bytes, whatever `blk_size` says. */
export const VIRTIO_BLK_SECTOR_SIZE = 512;
/** Length of a serial number; a shorter one ends with a zero byte, a full one does not. */
export const VIRTIO_BLK_ID_BYTES = 20;
/** Size of the status in bytes. */
export const VIRTIO_BLK_STATUS_SIZE = 1;

// Configuration space: offsets of the fields in bytes

/** Size of the disk in sectors, 64 bits. */
export const VIRTIO_BLK_CONFIG_CAPACITY = 0;
/** Most bytes of a segment. */
export const VIRTIO_BLK_CONFIG_SIZE_MAX = 8;
/** Most segments of a request. */
export const VIRTIO_BLK_CONFIG_SEG_MAX = 12;
/** Cylinders, 16 bits. */
export const VIRTIO_BLK_CONFIG_CYLINDERS = 16;
/** Heads, 8 bits. */
export const VIRTIO_BLK_CONFIG_HEADS = 18;
/** Sectors of a track, 8 bits. */
export const VIRTIO_BLK_CONFIG_SECTORS = 19;
/** Logical block size in bytes. */
export const VIRTIO_BLK_CONFIG_BLK_SIZE = 20;
/** Logical blocks in a physical block, as a power of two, 8 bits. */
export const VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP = 24;
/** First aligned logical block, 8 bits. */
export const VIRTIO_BLK_CONFIG_ALIGNMENT_OFFSET = 25;
/** Least I/O that costs no extra, in logical blocks, 16 bits. */
export const VIRTIO_BLK_CONFIG_MIN_IO_SIZE = 26;
/** Best I/O size in logical blocks. */
export const VIRTIO_BLK_CONFIG_OPT_IO_SIZE = 28;
/** Cache mode: 0 is write-through, 1 is write-back, 8 bits. Linux calls the field `wce`. */
export const VIRTIO_BLK_CONFIG_WCE = 32;
/** Number of request queues, 16 bits. */
export const VIRTIO_BLK_CONFIG_NUM_QUEUES = 34;
/** Most sectors in a discard segment. */
export const VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS = 36;
/** Most segments in a discard request. */
export const VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG = 40;
/** Alignment of discard segments in sectors. */
export const VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT = 44;
/** Most sectors in a write-zeroes segment. */
export const VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS = 48;
/** Most segments in a write-zeroes request. */
export const VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SEG = 52;
/** 1 if write-zeroes may free the sectors, 8 bits. */
export const VIRTIO_BLK_CONFIG_WRITE_ZEROES_MAY_UNMAP = 56;
/** Most sectors in a secure-erase segment. */
export const VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS = 60;
/** Most segments in a secure-erase request. */
export const VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG = 64;
/** Alignment of secure-erase segments in sectors. */
export const VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT = 68;
/** Size of the configuration up to the fields of secure erase: Linux 6.1's `virtio_blk_config`. */
export const VIRTIO_BLK_CONFIG_SIZE = 72;

/** The fields of the configuration space that Linux 6.1 knows, without padding. */
export const VIRTIO_BLK_CONFIG: readonly ConfigField[] = [
  { offset: VIRTIO_BLK_CONFIG_CAPACITY, width: 8, name: "capacity", access: "R" },
  {
    offset: VIRTIO_BLK_CONFIG_SIZE_MAX,
    width: 4,
    name: "size_max",
    access: "R",
    feature: VIRTIO_BLK_F_SIZE_MAX,
  },
  {
    offset: VIRTIO_BLK_CONFIG_SEG_MAX,
    width: 4,
    name: "seg_max",
    access: "R",
    feature: VIRTIO_BLK_F_SEG_MAX,
  },
  {
    offset: VIRTIO_BLK_CONFIG_CYLINDERS,
    width: 2,
    name: "geometry.cylinders",
    access: "R",
    feature: VIRTIO_BLK_F_GEOMETRY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_HEADS,
    width: 1,
    name: "geometry.heads",
    access: "R",
    feature: VIRTIO_BLK_F_GEOMETRY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_SECTORS,
    width: 1,
    name: "geometry.sectors",
    access: "R",
    feature: VIRTIO_BLK_F_GEOMETRY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_BLK_SIZE,
    width: 4,
    name: "blk_size",
    access: "R",
    feature: VIRTIO_BLK_F_BLK_SIZE,
  },
  {
    offset: VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP,
    width: 1,
    name: "topology.physical_block_exp",
    access: "R",
    feature: VIRTIO_BLK_F_TOPOLOGY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_ALIGNMENT_OFFSET,
    width: 1,
    name: "topology.alignment_offset",
    access: "R",
    feature: VIRTIO_BLK_F_TOPOLOGY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MIN_IO_SIZE,
    width: 2,
    name: "topology.min_io_size",
    access: "R",
    feature: VIRTIO_BLK_F_TOPOLOGY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_OPT_IO_SIZE,
    width: 4,
    name: "topology.opt_io_size",
    access: "R",
    feature: VIRTIO_BLK_F_TOPOLOGY,
  },
  {
    offset: VIRTIO_BLK_CONFIG_WCE,
    width: 1,
    name: "writeback",
    access: "RW",
    feature: VIRTIO_BLK_F_CONFIG_WCE,
  },
  {
    offset: VIRTIO_BLK_CONFIG_NUM_QUEUES,
    width: 2,
    name: "num_queues",
    access: "R",
    feature: VIRTIO_BLK_F_MQ,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS,
    width: 4,
    name: "max_discard_sectors",
    access: "R",
    feature: VIRTIO_BLK_F_DISCARD,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG,
    width: 4,
    name: "max_discard_seg",
    access: "R",
    feature: VIRTIO_BLK_F_DISCARD,
  },
  {
    offset: VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT,
    width: 4,
    name: "discard_sector_alignment",
    access: "R",
    feature: VIRTIO_BLK_F_DISCARD,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS,
    width: 4,
    name: "max_write_zeroes_sectors",
    access: "R",
    feature: VIRTIO_BLK_F_WRITE_ZEROES,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SEG,
    width: 4,
    name: "max_write_zeroes_seg",
    access: "R",
    feature: VIRTIO_BLK_F_WRITE_ZEROES,
  },
  {
    offset: VIRTIO_BLK_CONFIG_WRITE_ZEROES_MAY_UNMAP,
    width: 1,
    name: "write_zeroes_may_unmap",
    access: "R",
    feature: VIRTIO_BLK_F_WRITE_ZEROES,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS,
    width: 4,
    name: "max_secure_erase_sectors",
    access: "R",
    feature: VIRTIO_BLK_F_SECURE_ERASE,
  },
  {
    offset: VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG,
    width: 4,
    name: "max_secure_erase_seg",
    access: "R",
    feature: VIRTIO_BLK_F_SECURE_ERASE,
  },
  {
    offset: VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT,
    width: 4,
    name: "secure_erase_sector_alignment",
    access: "R",
    feature: VIRTIO_BLK_F_SECURE_ERASE,
  },
];
Object.freeze(VIRTIO_BLK_CONFIG);

/** Size of a {@linkcode VirtioBlkOuthdr} in bytes. */
export const VIRTIO_BLK_OUTHDR_SIZE = 16;

/** What a request begins with. Linux: struct virtio_blk_outhdr. */
export interface VirtioBlkOuthdr {
  /** A `VIRTIO_BLK_T_*` number. */
  readonly type: number;
  /** Priority in legacy requests; 0 otherwise. */
  readonly ioprio: number;
  /** First sector, 64 bits; 0 for requests that have none. */
  readonly sector: bigint;
}

/** Reads a request header. */
export function decodeVirtioBlkOuthdr(view: DataView, offset: number): VirtioBlkOuthdr {
  return {
    type: view.getUint32(offset, true),
    ioprio: view.getUint32(offset + 4, true),
    sector: view.getBigUint64(offset + 8, true),
  };
}

/** Writes a request header. */
export function encodeVirtioBlkOuthdr(
  view: DataView,
  offset: number,
  header: VirtioBlkOuthdr,
): void {
  view.setUint32(offset, header.type, true);
  view.setUint32(offset + 4, header.ioprio, true);
  view.setBigUint64(offset + 8, header.sector, true);
}

/** Flag of a write-zeroes segment: the device may free the sectors. */
export const VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP = 0x00000001;

/** Size of a {@linkcode VirtioBlkDiscardWriteZeroes} in bytes. */
export const VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE = 16;

/**
 * One segment of a discard, write-zeroes or secure-erase request.
 * Linux: struct virtio_blk_discard_write_zeroes.
 */
export interface VirtioBlkDiscardWriteZeroes {
  /** First sector, 64 bits. */
  readonly sector: bigint;
  /** Number of sectors. */
  readonly numSectors: number;
  /** {@linkcode VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP} or 0. */
  readonly flags: number;
}

/** Reads a segment. */
export function decodeVirtioBlkDiscardWriteZeroes(
  view: DataView,
  offset: number,
): VirtioBlkDiscardWriteZeroes {
  return {
    sector: view.getBigUint64(offset, true),
    numSectors: view.getUint32(offset + 8, true),
    flags: view.getUint32(offset + 12, true),
  };
}

/** Writes a segment. */
export function encodeVirtioBlkDiscardWriteZeroes(
  view: DataView,
  offset: number,
  segment: VirtioBlkDiscardWriteZeroes,
): void {
  view.setBigUint64(offset, segment.sector, true);
  view.setUint32(offset + 8, segment.numSectors, true);
  view.setUint32(offset + 12, segment.flags, true);
}
