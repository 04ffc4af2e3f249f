/**
 * Options of `virtio-blk-device`, their checks, and the configuration space that they give.
 *
 * QEMU: virtio_blk_device_realize(), virtio_blk_update_config().
 *
 * @module
 */
import {
  VIRTIO_BLK_CONFIG_BLK_SIZE,
  VIRTIO_BLK_CONFIG_CAPACITY,
  VIRTIO_BLK_CONFIG_CYLINDERS,
  VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT,
  VIRTIO_BLK_CONFIG_HEADS,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG,
  VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SEG,
  VIRTIO_BLK_CONFIG_MIN_IO_SIZE,
  VIRTIO_BLK_CONFIG_NUM_QUEUES,
  VIRTIO_BLK_CONFIG_OPT_IO_SIZE,
  VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP,
  VIRTIO_BLK_CONFIG_SECTORS,
  VIRTIO_BLK_CONFIG_SEG_MAX,
  VIRTIO_BLK_CONFIG_WCE,
  VIRTIO_BLK_CONFIG_WRITE_ZEROES_MAY_UNMAP,
} from "../../uapi/virtio_blk.ts";
import { type BlockBackend, SECTOR_SIZE } from "./blockdev.ts";
import { type Geometry, guessGeometry } from "./disk_geometry.ts";
import type { VirtioProps } from "./virtio_model.ts";

/** Properties of `virtio-blk-device`; the names are QEMU's, camelCased. */
export interface VirtioBlkProps extends VirtioProps {
  /** Answer to GET_ID, of which 20 bytes are used. Default empty. */
  readonly serial?: string;
  /** Whether the driver may switch the write cache. Default true. */
  readonly configWce?: boolean;
  /** `auto` (default: what the drive says), `on` or `off`. */
  readonly writeCache?: "auto" | "on" | "off";
  /** Number of queues. Default 1. */
  readonly numQueues?: number;
  /** Entries per queue. Default 256. */
  readonly queueSize?: number;
  /** Whether `seg_max` follows the queue size. Default true. */
  readonly segMaxAdjust?: boolean;
  /** In bytes, a power of two from 512. Default 512. */
  readonly logicalBlockSize?: number;
  /** In bytes, a power of two from 512. Default 512. */
  readonly physicalBlockSize?: number;
  /** In bytes. Default 0. */
  readonly minIoSize?: number;
  /** In bytes. Default 0. */
  readonly optIoSize?: number;
  /** In bytes. Default 4294967295: the logical block size. */
  readonly discardGranularity?: number;
  /** Whether the configuration space tells the granularity. Default true. */
  readonly reportDiscardGranularity?: boolean;
  /** Whether DISCARD is offered. Default true. */
  readonly discard?: boolean;
  /** Whether WRITE_ZEROES is offered. Default true. */
  readonly writeZeroes?: boolean;
  /** Default 4194303. */
  readonly maxDiscardSectors?: number;
  /** Default 4194303. */
  readonly maxWriteZeroesSectors?: number;
  /** Cylinders; 0, the default, guesses the geometry. */
  readonly cyls?: number;
  /** Heads. */
  readonly heads?: number;
  /** Sectors per track. */
  readonly secs?: number;
}

/** Most sectors in one request. QEMU: BDRV_REQUEST_MAX_SECTORS. */
export const REQUEST_SECTORS_MAX = 4_194_303;
const QUEUE_SIZE_MAX = 1024;
const GRANULARITY_UNSET = 0xffff_ffff;

/** All properties of a disk with their values. */
export type BlkConf = Required<Omit<VirtioBlkProps, keyof VirtioProps>>;

/**
 * Fills in defaults and checks the properties.
 *
 * @throws {Error} One line, in QEMU's words.
 */
export function blkConf(props: VirtioBlkProps, drive: BlockBackend): BlkConf {
  const conf: BlkConf = {
    serial: props.serial ?? "",
    configWce: props.configWce ?? true,
    writeCache: props.writeCache ?? "auto",
    numQueues: props.numQueues === undefined || props.numQueues === 0xffff ? 1 : props.numQueues,
    queueSize: props.queueSize ?? 256,
    segMaxAdjust: props.segMaxAdjust ?? true,
    logicalBlockSize: props.logicalBlockSize || SECTOR_SIZE,
    physicalBlockSize: props.physicalBlockSize || SECTOR_SIZE,
    minIoSize: props.minIoSize ?? 0,
    optIoSize: props.optIoSize ?? 0,
    discardGranularity: props.discardGranularity ?? GRANULARITY_UNSET,
    reportDiscardGranularity: props.reportDiscardGranularity ?? true,
    discard: props.discard ?? true,
    writeZeroes: props.writeZeroes ?? true,
    maxDiscardSectors: props.maxDiscardSectors ?? REQUEST_SECTORS_MAX,
    maxWriteZeroesSectors: props.maxWriteZeroesSectors ?? REQUEST_SECTORS_MAX,
    ...geometry(props, drive),
  };
  checkQueues(conf);
  checkBlockSizes(conf);
  if (conf.discard) checkSectors("max-discard-sectors", conf.maxDiscardSectors);
  if (conf.writeZeroes) checkSectors("max-write-zeroes-sectors", conf.maxWriteZeroesSectors);
  return conf;
}

function geometry(props: VirtioBlkProps, drive: BlockBackend): Geometry {
  const { cyls = 0, heads = 0, secs = 0 } = props;
  if (cyls === 0 && heads === 0 && secs === 0) {
    const bootSector = new Uint8Array(SECTOR_SIZE);
    if (drive.size >= SECTOR_SIZE) drive.read(0, bootSector, 0, SECTOR_SIZE);
    return guessGeometry(bootSector, drive.size / SECTOR_SIZE);
  }
  checkRange("cyls", cyls, 65_535);
  checkRange("heads", heads, 255);
  checkRange("secs", secs, 255);
  return { cyls, heads, secs };
}

function checkRange(name: string, value: number, max: number): undefined {
  if (value < 1 || value > max) throw new Error(`${name} must be between 1 and ${max}`);
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

function checkQueues({ numQueues, queueSize }: BlkConf): undefined {
  if (numQueues === 0) throw new Error("num-queues property must be larger than 0");
  if (queueSize <= 2) throw new Error(`invalid queue-size property (${queueSize}), must be > 2`);
  if (!isPowerOfTwo(queueSize) || queueSize > QUEUE_SIZE_MAX) {
    throw new Error(
      `invalid queue-size property (${queueSize}), must be a power of 2 (max ${QUEUE_SIZE_MAX})`,
    );
  }
}

function checkBlockSizes(conf: BlkConf): undefined {
  const { logicalBlockSize, physicalBlockSize, discardGranularity } = conf;
  checkBlockSize("logical_block_size", logicalBlockSize);
  checkBlockSize("physical_block_size", physicalBlockSize);
  if (logicalBlockSize > physicalBlockSize) {
    throw new Error("logical_block_size > physical_block_size not supported");
  }
  const multiple = (name: string, value: number) => {
    if (value % logicalBlockSize === 0) return;
    throw new Error(`${name} must be a multiple of logical_block_size`);
  };
  multiple("min_io_size", conf.minIoSize);
  multiple("opt_io_size", conf.optIoSize);
  if (discardGranularity !== GRANULARITY_UNSET) {
    multiple("discard_granularity", discardGranularity);
  }
}

function checkBlockSize(name: string, value: number): undefined {
  if (value < 512 || value > 2 << 20) {
    throw new Error(
      `Property .${name} doesn't take value ${value} (minimum: 512, maximum: 2097152)`,
    );
  }
  if (!isPowerOfTwo(value)) {
    throw new Error(`Property .${name} doesn't take value '${value}', it's not a power of 2`);
  }
}

function checkSectors(name: string, value: number): undefined {
  if (value >= 1 && value <= REQUEST_SECTORS_MAX) return;
  throw new Error(
    `invalid ${name} property (${value}), must be between 1 and ${REQUEST_SECTORS_MAX}`,
  );
}

/** Size of the configuration space in bytes: it ends with the last field that a feature needs. */
function configSize(conf: BlkConf): number {
  if (conf.writeZeroes) return VIRTIO_BLK_CONFIG_WRITE_ZEROES_MAY_UNMAP + 1;
  if (conf.discard) return VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS;
  return VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS;
}

/** Returns the configuration space of a disk with these properties. */
export function blkConfigSpace(conf: BlkConf, drive: BlockBackend): DataView {
  const view = new DataView(new ArrayBuffer(configSize(conf)));
  writeCapacity(view, conf, drive);
  const blockSize = conf.logicalBlockSize;
  const segMax = conf.segMaxAdjust ? conf.queueSize - 2 : 128 - 2;
  view.setUint32(VIRTIO_BLK_CONFIG_SEG_MAX, segMax, true);
  view.setUint16(VIRTIO_BLK_CONFIG_CYLINDERS, conf.cyls, true);
  view.setUint8(VIRTIO_BLK_CONFIG_HEADS, conf.heads);
  view.setUint32(VIRTIO_BLK_CONFIG_BLK_SIZE, blockSize, true);
  view.setUint8(
    VIRTIO_BLK_CONFIG_PHYSICAL_BLOCK_EXP,
    Math.log2(conf.physicalBlockSize / blockSize),
  );
  view.setUint16(VIRTIO_BLK_CONFIG_MIN_IO_SIZE, conf.minIoSize / blockSize, true);
  view.setUint32(VIRTIO_BLK_CONFIG_OPT_IO_SIZE, conf.optIoSize / blockSize, true);
  view.setUint8(VIRTIO_BLK_CONFIG_WCE, drive.writeback ? 1 : 0);
  view.setUint16(VIRTIO_BLK_CONFIG_NUM_QUEUES, conf.numQueues, true);
  if (conf.discard) writeDiscard(view, conf);
  if (conf.writeZeroes) {
    view.setUint32(VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SECTORS, conf.maxWriteZeroesSectors, true);
    view.setUint32(VIRTIO_BLK_CONFIG_MAX_WRITE_ZEROES_SEG, 1, true);
    view.setUint8(VIRTIO_BLK_CONFIG_WRITE_ZEROES_MAY_UNMAP, 1);
  }
  return view;
}

/** Writes the fields that change with the size of the image. */
export function writeCapacity(view: DataView, conf: BlkConf, drive: BlockBackend): undefined {
  const { heads, secs, logicalBlockSize } = conf;
  view.setBigUint64(VIRTIO_BLK_CONFIG_CAPACITY, BigInt(drive.size / SECTOR_SIZE), true);
  // A track that is no whole number of blocks is rounded down when the image is not one, either.
  const perTrack = Math.floor(Math.floor(drive.size / heads) / secs);
  const mask = logicalBlockSize / SECTOR_SIZE - 1;
  const rounded = drive.size > 0 && perTrack % logicalBlockSize !== 0 ? secs & ~mask : secs;
  view.setUint8(VIRTIO_BLK_CONFIG_SECTORS, rounded);
}

function writeDiscard(view: DataView, conf: BlkConf): undefined {
  const { discardGranularity, reportDiscardGranularity, logicalBlockSize } = conf;
  const unset = discardGranularity === GRANULARITY_UNSET || !reportDiscardGranularity;
  const granularity = unset ? logicalBlockSize : discardGranularity;
  view.setUint32(VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS, conf.maxDiscardSectors, true);
  view.setUint32(VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG, 1, true);
  view.setUint32(
    VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT,
    Math.floor(granularity / SECTOR_SIZE),
    true,
  );
}
