/**
 * The disk: `virtio-blk-device`.
 *
 * A request is a header, data, and a status byte that the device writes (VIRTIO 1.4, 5.2.6). The
 * requests of one notification are done together, one latency later.
 *
 * QEMU: hw/block/virtio-blk.c.
 *
 * @module
 */
import {
  VIRTIO_BLK_CONFIG_WCE,
  VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE,
  VIRTIO_BLK_F_BLK_SIZE,
  VIRTIO_BLK_F_CONFIG_WCE,
  VIRTIO_BLK_F_DISCARD,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_GEOMETRY,
  VIRTIO_BLK_F_MQ,
  VIRTIO_BLK_F_RO,
  VIRTIO_BLK_F_SCSI,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_TOPOLOGY,
  VIRTIO_BLK_F_WRITE_ZEROES,
  VIRTIO_BLK_ID_BYTES,
  VIRTIO_BLK_OUTHDR_SIZE,
  VIRTIO_BLK_S_IOERR,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_S_UNSUPP,
  VIRTIO_BLK_T_BARRIER,
  VIRTIO_BLK_T_DISCARD,
  VIRTIO_BLK_T_FLUSH,
  VIRTIO_BLK_T_GET_ID,
  VIRTIO_BLK_T_OUT,
  VIRTIO_BLK_T_SCSI_CMD,
  VIRTIO_BLK_T_WRITE_ZEROES,
  VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP,
} from "../../uapi/virtio_blk.ts";
import { VIRTIO_F_ANY_LAYOUT } from "../../uapi/virtio_config.ts";
import { VIRTIO_ID_BLOCK } from "../../uapi/virtio_ids.ts";
import { type BlockBackend, SECTOR_SIZE } from "./blockdev.ts";
import { DEFAULT_DEVICE_COSTS, type DeviceCosts } from "./costs.ts";
import type { DeviceBus } from "./device.ts";
import {
  type BlkConf,
  blkConf,
  blkConfigSpace,
  REQUEST_SECTORS_MAX,
  type VirtioBlkProps,
  writeCapacity,
} from "./virtio_blk_config.ts";
import { featureBit, hasFeature, VirtioModel } from "./virtio_model.ts";
import type { Virtqueue } from "./virtqueue.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

export type { VirtioBlkProps } from "./virtio_blk_config.ts";

/** Requests of one notification that are under way. */
interface Batch {
  readonly elements: VirtqueueElement[];
  count: number;
  queue: Virtqueue | undefined;
  cancel: (() => undefined) | undefined;
  readonly complete: () => undefined;
}

/** A disk on a raw image. */
export class VirtioBlk extends VirtioModel {
  readonly deviceId = VIRTIO_ID_BLOCK;
  readonly name = "virtio-blk-device";
  readonly queueCount: number;
  protected readonly deviceFeatures: bigint;
  readonly #conf: BlkConf;
  readonly #drive: BlockBackend;
  readonly #costs: DeviceCosts;
  readonly #serial: Uint8Array;
  readonly #wceAtReset: boolean;
  readonly #idle: Batch[] = [];
  readonly #busy = new Set<Batch>();

  /**
   * @param drive The image; no other device may have it.
   * @throws {Error} When a property is not possible, in QEMU's words.
   */
  constructor(props: VirtioBlkProps, drive: BlockBackend, costs = DEFAULT_DEVICE_COSTS) {
    super(props);
    this.#conf = blkConf(props, drive);
    drive.claim("virtio-blk-device.drive");
    if (this.#conf.writeCache !== "auto") drive.writeback = this.#conf.writeCache === "on";
    this.#drive = drive;
    this.#costs = costs;
    this.#wceAtReset = drive.writeback;
    this.queueCount = this.#conf.numQueues;
    this.#serial = new TextEncoder().encode(this.#conf.serial + "\0")
      .subarray(0, VIRTIO_BLK_ID_BYTES);
    this.deviceFeatures = blkFeatures(this.#conf, drive);
    this.config = blkConfigSpace(this.#conf, drive);
    drive.onResize(() => {
      writeCapacity(this.config, this.#conf, drive);
      this.notifyConfig();
    });
  }

  /** A legacy disk says SCSI, for old drivers, and not ANY_LAYOUT. */
  override get legacyFeatures(): bigint {
    return super.legacyFeatures & ~featureBit(VIRTIO_F_ANY_LAYOUT) | featureBit(VIRTIO_BLK_F_SCSI);
  }

  /** The image behind the disk. */
  get drive(): BlockBackend {
    return this.#drive;
  }

  queueSize(_index: number): number {
    return this.#conf.queueSize;
  }

  protected override configWritten(offset: number, value: number): undefined {
    if (offset === VIRTIO_BLK_CONFIG_WCE) this.#setWriteback(value !== 0);
  }

  /** A driver that cannot switch the cache gets it only if it can flush. QEMU: virtio_blk_set_status(). */
  override setStatus(status: number): undefined {
    super.setStatus(status);
    if (!this.driverOk || hasFeature(this.negotiated, VIRTIO_BLK_F_CONFIG_WCE)) return;
    this.#setWriteback(hasFeature(this.negotiated, VIRTIO_BLK_F_FLUSH));
  }

  override reset(): undefined {
    super.reset();
    for (const batch of this.#busy) {
      batch.cancel?.();
      this.#release(batch);
    }
    this.#busy.clear();
    this.#setWriteback(this.#wceAtReset);
  }

  handleOutput(index: number): undefined {
    const queue = this.queues[index];
    const batch = this.#idle.pop() ?? this.#newBatch();
    let latencyNs = 0;
    for (let element = queue.pop(); element; element = queue.pop()) {
      if (!checkHeaders(element, this.bus)) break;
      batch.elements[batch.count++] = element;
      latencyNs = Math.max(latencyNs, this.#latencyOf(element));
    }
    if (batch.count === 0) {
      this.#idle.push(batch);
      return;
    }
    batch.queue = queue;
    this.#busy.add(batch);
    if (latencyNs === 0) return batch.complete();
    batch.cancel = this.bus.schedule(this.bus.nowNs() + latencyNs, batch.complete);
  }

  #setWriteback(on: boolean): undefined {
    this.#drive.writeback = on;
    this.config.setUint8(VIRTIO_BLK_CONFIG_WCE, on ? 1 : 0);
  }

  #latencyOf(element: VirtqueueElement): number {
    const flush = element.outU32(0) === VIRTIO_BLK_T_FLUSH;
    return flush ? this.#costs.blkFlush : this.#costs.blkTransfer;
  }

  #newBatch(): Batch {
    const batch: Batch = {
      elements: [],
      count: 0,
      queue: undefined,
      cancel: undefined,
      complete: () => this.#complete(batch),
    };
    return batch;
  }

  #release(batch: Batch): undefined {
    batch.count = 0;
    batch.queue = undefined;
    batch.cancel = undefined;
    this.#idle.push(batch);
  }

  /** Does the requests of one notification and tells the driver once. */
  #complete(batch: Batch): undefined {
    const queue = batch.queue!;
    for (let i = 0; i < batch.count; i++) {
      const element = batch.elements[i];
      const status = this.#handle(element);
      const { in: into } = element;
      element.setInU8(into.length - 1, status);
      queue.push(element, into.length);
    }
    this.#busy.delete(batch);
    this.#release(batch);
    this.bus.notifyQueue(queue);
  }

  /** Does one request; returns its status. What the host refuses is an I/O error of the disk. */
  #handle(element: VirtqueueElement): number {
    try {
      return this.#dispatch(element, element.outU32(0));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#drive.lastError = error;
      return VIRTIO_BLK_S_IOERR;
    }
  }

  #dispatch(element: VirtqueueElement, type: number): number {
    // The lowest bit is the direction, and old drivers set BARRIER.
    switch ((type & ~(VIRTIO_BLK_T_OUT | VIRTIO_BLK_T_BARRIER)) >>> 0) {
      case 0:
        return (type & VIRTIO_BLK_T_OUT) === 0 ? this.#read(element) : this.#write(element);
      case VIRTIO_BLK_T_FLUSH:
        this.#drive.flush();
        return VIRTIO_BLK_S_OK;
      case VIRTIO_BLK_T_SCSI_CMD:
        return refuseScsi(element);
      case VIRTIO_BLK_T_GET_ID:
        return this.#getId(element);
      case VIRTIO_BLK_T_DISCARD & ~VIRTIO_BLK_T_OUT:
      case VIRTIO_BLK_T_WRITE_ZEROES & ~VIRTIO_BLK_T_OUT:
        return this.#discardOrZero(element, (type & ~VIRTIO_BLK_T_BARRIER) >>> 0);
    }
    return VIRTIO_BLK_S_UNSUPP;
  }

  #read(element: VirtqueueElement): number {
    const { count, offsets, lengths, length } = element.in;
    const sector = element.outU64(8);
    if (!this.#inRange(sector, length - 1)) return VIRTIO_BLK_S_IOERR;
    const { ram } = this.bus;
    let position = sector * SECTOR_SIZE;
    for (let i = 0; i < count; i++) {
      const size = i === count - 1 ? lengths[i] - 1 : lengths[i];
      if (size === 0) break;
      this.#drive.read(position, ram, offsets[i], size);
      position += size;
    }
    return VIRTIO_BLK_S_OK;
  }

  #write(element: VirtqueueElement): number {
    const { count, offsets, lengths, length } = element.out;
    const sector = element.outU64(8);
    if (!this.#inRange(sector, length - VIRTIO_BLK_OUTHDR_SIZE)) return VIRTIO_BLK_S_IOERR;
    if (this.#drive.readOnly) return VIRTIO_BLK_S_IOERR;
    const { ram } = this.bus;
    let position = sector * SECTOR_SIZE;
    let skip = VIRTIO_BLK_OUTHDR_SIZE;
    for (let i = 0; i < count; i++) {
      const start = Math.min(skip, lengths[i]);
      const size = lengths[i] - start;
      skip -= start;
      if (size === 0) continue;
      this.#drive.write(position, ram, offsets[i] + start, size);
      position += size;
    }
    if (!this.#drive.writeback) this.#drive.flush();
    return VIRTIO_BLK_S_OK;
  }

  #getId(element: VirtqueueElement): number {
    const room = element.inLength - 1;
    element.writeIn(0, this.#serial.subarray(0, Math.min(this.#serial.length, room)));
    return VIRTIO_BLK_S_OK;
  }

  /** One segment of sector, count and flags, as the configuration space allows. VIRTIO 1.4, 5.2.6.2. */
  #discardOrZero(element: VirtqueueElement, type: number): number {
    const size = element.outLength - VIRTIO_BLK_OUTHDR_SIZE;
    if ((type & VIRTIO_BLK_T_OUT) === 0 || size > VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE) {
      return VIRTIO_BLK_S_UNSUPP;
    }
    const zeroes = type === VIRTIO_BLK_T_WRITE_ZEROES;
    const sector = element.outU64(16);
    const sectors = element.outU32(24);
    const flags = element.outU32(28);
    const max = zeroes ? this.#conf.maxWriteZeroesSectors : this.#conf.maxDiscardSectors;
    if (sectors > max || !this.#inRange(sector, sectors * SECTOR_SIZE)) return VIRTIO_BLK_S_IOERR;
    const known = zeroes ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0;
    if ((flags & ~known) !== 0) return VIRTIO_BLK_S_UNSUPP;
    const { readOnly, unmap } = this.#drive;
    if (readOnly && unmap && !zeroes) return VIRTIO_BLK_S_IOERR;
    if (sectors === 0) return VIRTIO_BLK_S_OK;
    if (readOnly && zeroes) return VIRTIO_BLK_S_IOERR;
    if (zeroes) this.#drive.writeZeroes(sector * SECTOR_SIZE, sectors * SECTOR_SIZE);
    else this.#drive.discard(sector * SECTOR_SIZE, sectors * SECTOR_SIZE);
    return VIRTIO_BLK_S_OK;
  }

  #inRange(sector: number, size: number): boolean {
    const block = this.#conf.logicalBlockSize;
    const sectors = Math.floor(size / SECTOR_SIZE);
    const total = this.#drive.size / SECTOR_SIZE;
    return sectors <= REQUEST_SECTORS_MAX && (sector * SECTOR_SIZE) % block === 0 &&
      size % block === 0 && sector <= total && sectors <= total - sector;
  }
}

function blkFeatures(conf: BlkConf, drive: BlockBackend): bigint {
  return featureBit(VIRTIO_BLK_F_SEG_MAX) | featureBit(VIRTIO_BLK_F_GEOMETRY) |
    featureBit(VIRTIO_BLK_F_TOPOLOGY) | featureBit(VIRTIO_BLK_F_BLK_SIZE) |
    featureBit(VIRTIO_BLK_F_FLUSH, drive.writeback || conf.configWce) |
    featureBit(VIRTIO_BLK_F_CONFIG_WCE, conf.configWce) |
    featureBit(VIRTIO_BLK_F_RO, drive.readOnly) |
    featureBit(VIRTIO_BLK_F_MQ, conf.numQueues > 1) |
    featureBit(VIRTIO_BLK_F_DISCARD, conf.discard) |
    featureBit(VIRTIO_BLK_F_WRITE_ZEROES, conf.writeZeroes);
}

/** Checks that a request has its header and its status byte; fails the device if not. */
function checkHeaders(element: VirtqueueElement, bus: DeviceBus): boolean {
  if (element.out.count < 1 || element.in.count < 1) {
    bus.fail("VIRTIO 1.4, 5.2.6", "virtio-blk missing headers");
    return false;
  }
  if (element.outLength < VIRTIO_BLK_OUTHDR_SIZE) {
    bus.fail("VIRTIO 1.4, 5.2.6", "virtio-blk request outhdr too short");
    return false;
  }
  const type = (element.outU32(0) & ~VIRTIO_BLK_T_BARRIER) >>> 0;
  const segmented = type === VIRTIO_BLK_T_DISCARD || type === VIRTIO_BLK_T_WRITE_ZEROES;
  const end = VIRTIO_BLK_OUTHDR_SIZE + VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE;
  if (segmented && element.outLength < end) {
    bus.fail("VIRTIO 1.4, 5.2.6.2", "virtio-blk discard/write_zeroes header too short");
    return false;
  }
  return true;
}

/** No SCSI command passes; the place of its error code, if there is one, says so. */
function refuseScsi(element: VirtqueueElement): number {
  if (element.out.count < 2 || element.in.count < 3) return VIRTIO_BLK_S_IOERR;
  const { lengths, length } = element.in;
  const inHeader = length - lengths[element.in.count - 1] - lengths[element.in.count - 2];
  element.setInU16(inHeader, 255);
  element.setInU16(inHeader + 2, 0);
  return VIRTIO_BLK_S_UNSUPP;
}
