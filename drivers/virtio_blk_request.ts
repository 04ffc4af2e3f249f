/**
 * Requests of a virtio disk on their way into a queue and back.
 *
 * Each tag has a few bytes of memory of its own for what travels beside the data: the header and the
 * status, taken once with the queue, and a range, taken when the first request needs one.
 *
 * Linux: drivers/block/virtio_blk.c. VIRTIO 1.4, 5.2.6
 *
 * @module
 */
import {
  VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE,
  VIRTIO_BLK_OUTHDR_SIZE,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_S_UNSUPP,
  VIRTIO_BLK_STATUS_SIZE,
  VIRTIO_BLK_T_DISCARD,
  VIRTIO_BLK_T_FLUSH,
  VIRTIO_BLK_T_IN,
  VIRTIO_BLK_T_OUT,
  VIRTIO_BLK_T_SECURE_ERASE,
  VIRTIO_BLK_T_WRITE_ZEROES,
  VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP,
} from "../uapi/virtio_blk.ts";
import type { Request } from "../kernel/block/request.ts";
import type { RequestQueue } from "../kernel/block/request_queue.ts";
import {
  BLK_STS_DEV_RESOURCE,
  BLK_STS_IOERR,
  BLK_STS_NOTSUPP,
  BLK_STS_OK,
  BLK_STS_RESOURCE,
  type BlkStatus,
  REQ_NOUNMAP,
  REQ_OP_DISCARD,
  REQ_OP_DRV_IN,
  REQ_OP_FLUSH,
  REQ_OP_READ,
  REQ_OP_SECURE_ERASE,
  REQ_OP_WRITE,
  REQ_OP_WRITE_ZEROES,
} from "../kernel/block/status.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Mem, Memory } from "../kernel/mem.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";

/** Memory of a tag: header, status. */
const TAG_SIZE = 32;
const STATUS_OFFSET = 16;
/** Priority of what a task does: best effort, level 4. Linux: IOPRIO_DEFAULT */
const IOPRIO_DEFAULT = 2 << 13 | 4;
const TWO_32 = 0x1_0000_0000;

const TYPES: Readonly<Record<number, number>> = {
  [REQ_OP_READ]: VIRTIO_BLK_T_IN,
  [REQ_OP_WRITE]: VIRTIO_BLK_T_OUT,
  [REQ_OP_FLUSH]: VIRTIO_BLK_T_FLUSH,
  [REQ_OP_DISCARD]: VIRTIO_BLK_T_DISCARD,
  [REQ_OP_WRITE_ZEROES]: VIRTIO_BLK_T_WRITE_ZEROES,
  [REQ_OP_SECURE_ERASE]: VIRTIO_BLK_T_SECURE_ERASE,
};

/** Linux: virtblk_result() */
function virtblkResult(status: number): BlkStatus {
  if (status === VIRTIO_BLK_S_OK) return BLK_STS_OK;
  return status === VIRTIO_BLK_S_UNSUPP ? BLK_STS_NOTSUPP : BLK_STS_IOERR;
}

/** A queue of the device with the memory of its tags. Linux: struct virtio_blk_vq */
export class VirtioBlkVq {
  /** Set anew when the device comes back from sleep. */
  vq: Virtqueue<Request>;
  readonly #mem: Mem;
  readonly #memory: Memory;
  readonly #depth: number;
  /** A range for each tag. */
  #ranges: Memory | undefined;
  /** Address and length of each part of the request that is being added. */
  readonly #parts: number[] = [];

  /**
   * @param depth Number of tags.
   * @throws {KernelError} `ENOMEM`.
   */
  constructor(vq: Virtqueue<Request>, depth: number) {
    this.vq = vq;
    this.#mem = vq.vdev.kernel.mem;
    this.#depth = depth;
    this.#memory = this.#mem.alloc(depth * TAG_SIZE, vq.vdev.name);
  }

  /** Gives the memory of the tags back. Linux: blk_mq_free_tag_set() */
  free(): undefined {
    this.#mem.free(this.#memory);
    if (this.#ranges !== undefined) this.#mem.free(this.#ranges);
  }

  /**
   * Puts a request into the queue.
   *
   * Linux: virtio_queue_rq()
   *
   * @param last Tell the device.
   */
  queueRq(request: Request, last: boolean): BlkStatus {
    const { vq } = this;
    const at = request.tag * TAG_SIZE;
    const type = this.#writeHeader(this.#memory.offset + at, request);
    const parts = this.#parts;
    const address = this.#memory.address + at;
    const { segments } = request;
    parts.length = 0;
    parts.push(address, VIRTIO_BLK_OUTHDR_SIZE);
    try {
      if (segments.length > 0) {
        for (let i = 0; i < segments.length; i++) parts.push(segments[i]);
      } else if (request.sectors > 0) this.#addRange(request);
      parts.push(address + STATUS_OFFSET, VIRTIO_BLK_STATUS_SIZE);
      const total = parts.length >> 1;
      // Data goes out with odd types, and comes in with even ones.
      const out = (type & VIRTIO_BLK_T_OUT) !== 0 ? total - 1 : 1;
      vq.addFlat(parts, out, total - out, request);
    } catch (error) {
      return this.#refused(error);
    }
    if (last) vq.kick();
    return BLK_STS_OK;
  }

  /** What the driver core is told about a request that found no place. Linux: virtblk_fail_to_queue() */
  #refused(error: unknown): BlkStatus {
    if (!(error instanceof KernelError)) throw error;
    this.vq.kick();
    if (error.code === "ENOSPC") return BLK_STS_DEV_RESOURCE;
    return error.code === "ENOMEM" ? BLK_STS_RESOURCE : BLK_STS_IOERR;
  }

  /** Linux: virtblk_setup_cmd() */
  #writeHeader(offset: number, { op, sector, bio }: Request): number {
    const { view } = this.#mem;
    const command = op === REQ_OP_DRV_IN;
    const type = command ? bio?.command ?? 0 : TYPES[op];
    const first = op <= REQ_OP_WRITE ? sector : 0;
    view.setUint32(offset, type, true);
    view.setUint32(offset + 4, command || op === REQ_OP_FLUSH ? 0 : IOPRIO_DEFAULT, true);
    view.setUint32(offset + 8, first % TWO_32, true);
    view.setUint32(offset + 12, first / TWO_32, true);
    return type;
  }

  /** Linux: virtblk_setup_discard_write_zeroes_erase() */
  #addRange({ tag, op, flags, sector, sectors }: Request): undefined {
    const { view } = this.#mem;
    const size = VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE;
    const ranges = this.#ranges ??= this.#mem.alloc(this.#depth * size, this.vq.vdev.name);
    const offset = ranges.offset + tag * size;
    const unmap = op === REQ_OP_WRITE_ZEROES && (flags & REQ_NOUNMAP) === 0;
    view.setUint32(offset, sector % TWO_32, true);
    view.setUint32(offset + 4, sector / TWO_32, true);
    view.setUint32(offset + 8, sectors, true);
    view.setUint32(offset + 12, unmap ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0, true);
    this.#parts.push(ranges.address + tag * size, size);
  }

  /** Takes back all that the device is done with, in interrupt context. Linux: virtblk_done() */
  done(queue: RequestQueue): undefined {
    const { vq } = this;
    let any = false;
    queue.plug();
    do {
      vq.disableCb();
      let request: Request | undefined;
      while ((request = vq.getBuf()) !== undefined) {
        const at = this.#memory.offset + request.tag * TAG_SIZE + STATUS_OFFSET;
        queue.endRequest(request, virtblkResult(this.#mem.bytes[at]));
        any = true;
      }
    } while (!vq.enableCb());
    if (any) queue.startStoppedHwQueues();
    queue.unplug();
  }
}
