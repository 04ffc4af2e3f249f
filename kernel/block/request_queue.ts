/**
 * The way of an I/O to the driver and back: checks, splitting, tags, batches.
 *
 * Linux: block/blk-core.c, block/blk-mq.c
 *
 * @module
 */
import { KernelBug } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { WaitQueue } from "../wait.ts";
import { Bio, sliceSegments } from "./bio.ts";
import { HwContext } from "./hw_context.ts";
import { QueueLimits, SECTOR_SHIFT, SECTOR_SIZE } from "./limits.ts";
import type { Request } from "./request.ts";
import { blkPrintReqError, printBeyondEnd, warnReadOnly } from "./request_log.ts";
import {
  BLK_STS_DEV_RESOURCE,
  BLK_STS_IOERR,
  BLK_STS_NOTSUPP,
  BLK_STS_OK,
  BLK_STS_RESOURCE,
  type BlkStatus,
  REQ_OP_DISCARD,
  REQ_OP_DRV_IN,
  REQ_OP_FLUSH,
  REQ_OP_SECURE_ERASE,
  REQ_OP_WRITE,
  REQ_OP_WRITE_ZEROES,
} from "./status.ts";

/** What a driver does. Linux: struct blk_mq_ops */
export interface BlkMqOps {
  /**
   * Gives a request to the device.
   *
   * @param last No other follows at once: tell the device.
   * @returns `BLK_STS_OK`, `BLK_STS_DEV_RESOURCE` or `BLK_STS_RESOURCE` to get it again later, or an error.
   */
  queueRq(hctx: HwContext, request: Request, last: boolean): BlkStatus;
  /** Tells the device about requests given with `last` false. */
  commitRqs(hctx: HwContext): undefined;
}

/** The queues that a driver asks for. Linux: struct blk_mq_tag_set */
export interface TagSet {
  readonly ops: BlkMqOps;
  /** Queues with interrupts. */
  readonly defaultQueues: number;
  /** Queues that are polled. */
  readonly pollQueues: number;
  /** Tags of each queue. */
  readonly depth: number;
  /** Number of processors. */
  readonly cpus: number;
}

/** How long a queue rests when there is no memory for a request. */
const BLK_MQ_RESOURCE_DELAY_NS = 3_000_000;

/** Spreads processors over queues. Linux: blk_mq_map_queues() */
function cpusOf(queue: number, queues: number, cpus: number): number[] {
  return Array.from({ length: cpus }, (_, cpu) => cpu).filter((cpu) => cpu % queues === queue);
}

function makeContexts(set: TagSet): HwContext[] {
  const contexts: HwContext[] = [];
  for (const queues of [set.defaultQueues, set.pollQueues]) {
    for (let i = 0; i < queues; i++) {
      contexts.push(new HwContext(contexts.length, set.depth, cpusOf(i, queues, set.cpus)));
    }
  }
  return contexts;
}

/** The queue of one disk. Linux: struct request_queue */
export class RequestQueue {
  readonly limits: QueueLimits = new QueueLimits();
  readonly hctxs: readonly HwContext[];
  /** The device has a cache to be flushed. Linux: QUEUE_FLAG_WC */
  writeCache = false;
  /** Counters are kept. Linux: QUEUE_FLAG_IO_STAT */
  ioStat = true;
  /** I/O is never put together. Linux: QUEUE_FLAG_NOMERGES */
  noMerges = false;
  /** Ended for good: everything fails. Linux: QUEUE_FLAG_DYING */
  dying = false;

  readonly #kernel: Kernel;
  readonly #idle: WaitQueue;
  #frozen = 0;
  #plugged = 0;

  constructor(kernel: Kernel, readonly set: TagSet, readonly name: string) {
    this.#kernel = kernel;
    this.hctxs = makeContexts(set);
    this.#idle = new WaitQueue(kernel.sched, `requests of ${name} to end`);
  }

  /** Requests that the driver has or that wait for it. */
  get inFlight(): number {
    let sum = 0;
    for (const hctx of this.hctxs) sum += hctx.inFlight;
    return sum;
  }

  /** Holds back the word to the device until {@linkcode unplug}. Linux: blk_start_plug() */
  plug(): undefined {
    this.#plugged++;
  }

  /** Tells the device about everything since {@linkcode plug}, once. Linux: blk_finish_plug() */
  unplug(): undefined {
    if (--this.#plugged > 0) return;
    for (const hctx of this.hctxs) {
      if (!hctx.needsCommit) continue;
      hctx.needsCommit = false;
      this.set.ops.commitRqs(hctx);
    }
  }

  /** Submits an I/O; its `endIo` is called in the end, whatever happens. Linux: submit_bio() */
  submit(bio: Bio): undefined {
    const refusal = this.#refuse(bio);
    if (refusal !== BLK_STS_OK) return endBio(bio, refusal);
    if (bio.op === REQ_OP_FLUSH && !this.writeCache) return endBio(bio, BLK_STS_OK);
    if (this.#fits(bio)) return this.#enter(bio);
    this.#split(bio);
  }

  #refuse(bio: Bio): BlkStatus {
    if (this.dying) return BLK_STS_IOERR;
    const { bdev, op, sector, sectors } = bio;
    if (op === REQ_OP_WRITE && bdev.readOnly) warnReadOnly(bdev);
    if (sectors > 0 && bdev.nrSectors > 0 && sector + sectors > bdev.nrSectors) {
      printBeyondEnd(this.#kernel, bio);
      return BLK_STS_IOERR;
    }
    if (op === REQ_OP_DISCARD || op === REQ_OP_WRITE_ZEROES || op === REQ_OP_SECURE_ERASE) {
      return this.#maxSectors(op) > 0 ? BLK_STS_OK : BLK_STS_NOTSUPP;
    }
    return BLK_STS_OK;
  }

  #maxSectors(op: number): number {
    const { limits } = this;
    switch (op) {
      case REQ_OP_DISCARD:
        return wholeGranules(limits);
      case REQ_OP_WRITE_ZEROES:
        return limits.maxWriteZeroesSectors;
      case REQ_OP_SECURE_ERASE:
        return limits.maxSecureEraseSectors;
    }
    return limits.maxSectors;
  }

  #fits(bio: Bio): boolean {
    const { limits } = this;
    if (bio.op === REQ_OP_DRV_IN) return true;
    if (bio.sectors > this.#maxSectors(bio.op)) return false;
    const { segments } = bio;
    if (segments.length > limits.maxSegments * 2) return false;
    for (let at = 1; at < segments.length; at += 2) {
      if (segments[at] > limits.maxSegmentSize) return false;
    }
    return true;
  }

  /** Cuts an I/O into pieces that fit; the first error is its end. Linux: bio_split_to_limits() */
  #split(bio: Bio): undefined {
    const pieces = this.#pieces(bio);
    let left = pieces.length;
    bio.status = BLK_STS_OK;
    this.plug();
    const endIo = ({ status }: Bio): undefined => {
      if (bio.status === BLK_STS_OK) bio.status = status;
      if (--left === 0) bio.endIo(bio);
    };
    for (const piece of pieces) {
      piece.endIo = endIo;
      this.#enter(piece);
    }
    this.unplug();
  }

  #pieces(bio: Bio): Bio[] {
    const pieces: Bio[] = [];
    const maxSectors = this.#maxSectors(bio.op);
    for (let done = 0; done < bio.sectors;) {
      const piece = new Bio(bio.bdev, bio.endIo);
      piece.op = bio.op;
      piece.flags = bio.flags;
      piece.sector = bio.sector + done;
      piece.sectors = Math.min(bio.sectors - done, maxSectors);
      if (bio.segments.length > 0) this.#fillPiece(piece, bio.segments, done << SECTOR_SHIFT);
      pieces.push(piece);
      done += piece.sectors;
    }
    return pieces;
  }

  /** Takes as much memory as segments allow, and shortens the piece to whole blocks of it. */
  #fillPiece(piece: Bio, segments: readonly number[], from: number): undefined {
    const { maxSegments, maxSegmentSize, logicalBlockSize } = this.limits;
    const wanted = sliceSegments(segments, from, piece.sectors * SECTOR_SIZE);
    const fitting: number[] = [];
    let bytes = 0;
    for (let at = 0; at < wanted.length && fitting.length < maxSegments * 2; at += 2) {
      let [address, length] = [wanted[at], wanted[at + 1]];
      while (length > 0 && fitting.length < maxSegments * 2) {
        const taken = Math.min(length, maxSegmentSize);
        fitting.push(address, taken);
        bytes += taken;
        address += taken;
        length -= taken;
      }
    }
    const whole = bytes - bytes % logicalBlockSize;
    piece.sectors = whole >> SECTOR_SHIFT;
    piece.segments = whole === bytes ? fitting : sliceSegments(fitting, 0, whole);
    if (whole === 0) {
      throw new KernelBug(`${this.name}: the segments of a block do not fit into a request`);
    }
  }

  /** Linux: blk_queue_enter(), blk_mq_submit_bio() */
  #enter(bio: Bio): undefined {
    const hctx = this.hctxs[0];
    if (this.#frozen > 0 || hctx.waiting.length > 0) {
      hctx.waiting.push(bio);
      return;
    }
    const request = hctx.take();
    if (request === undefined) hctx.waiting.push(bio);
    else this.#start(hctx, request, bio);
  }

  #start(hctx: HwContext, request: Request, bio: Bio): undefined {
    request.bio = bio;
    request.op = bio.op;
    request.flags = bio.flags;
    request.sector = bio.sector + bio.bdev.startSector;
    request.sectors = bio.sectors;
    request.segments = bio.segments;
    request.startNs = this.#kernel.clock.nowNs;
    request.counted = this.ioStat && bio.op !== REQ_OP_DRV_IN;
    if (request.counted) bio.bdev.accountStart(bio.op, request.startNs);
    if (hctx.stopped) hctx.dispatch.push(request);
    else this.#issue(hctx, request);
  }

  /** Linux: blk_mq_try_issue_directly() */
  #issue(hctx: HwContext, request: Request): undefined {
    const last = this.#plugged === 0;
    const status = this.set.ops.queueRq(hctx, request, last);
    if (status === BLK_STS_OK) {
      if (!last) hctx.needsCommit = true;
    } else if (status === BLK_STS_DEV_RESOURCE || status === BLK_STS_RESOURCE) {
      hctx.stopped = true;
      hctx.dispatch.unshift(request);
      if (status === BLK_STS_RESOURCE) this.#runLater();
    } else this.endRequest(request, status);
  }

  /** Memory was short: tries again after a while. Linux: blk_mq_delay_run_hw_queue() */
  #runLater(): undefined {
    const at = this.#kernel.clock.nowNs + BLK_MQ_RESOURCE_DELAY_NS;
    this.#kernel.sched.addTimer(at, `${this.name} queue`, () => this.startStoppedHwQueues());
  }

  /** The driver is done with a request. Linux: blk_mq_end_request() */
  endRequest(request: Request, status: BlkStatus): undefined {
    const { hctx } = request;
    const bio = request.bio as Bio;
    if (request.op !== REQ_OP_DRV_IN) {
      if (status !== BLK_STS_OK) {
        blkPrintReqError(this.#kernel, this.name, request, status);
      }
      const now = this.#kernel.clock.nowNs;
      if (request.op === REQ_OP_FLUSH) bio.bdev.disk.part0.stats.flushed(request.startNs, now);
      if (request.counted) {
        bio.bdev.accountDone(request.op, request.sectors, request.startNs, now);
      }
    }
    request.bio = undefined;
    hctx.put(request);
    endBio(bio, status);
    if (hctx.waiting.length > 0) this.#runWaiting(hctx);
    if (this.#frozen > 0 && this.inFlight === 0) this.#idle.wakeUp();
  }

  #runWaiting(hctx: HwContext): undefined {
    while (hctx.waiting.length > 0 && this.#frozen === 0) {
      const request = hctx.take();
      if (request === undefined) return;
      this.#start(hctx, request, hctx.waiting.shift() as Bio);
    }
  }

  /** The device has room again. Linux: blk_mq_start_stopped_hw_queues() */
  startStoppedHwQueues(): undefined {
    for (const hctx of this.hctxs) {
      hctx.stopped = false;
      if (hctx.dispatch.length === 0) continue;
      this.plug();
      while (hctx.dispatch.length > 0 && !hctx.stopped) {
        this.#issue(hctx, hctx.dispatch.shift() as Request);
      }
      this.unplug();
    }
  }

  /** Lets nothing new in and waits until everything inside has ended. Linux: blk_mq_freeze_queue() */
  async freeze(): Promise<undefined> {
    this.startFreeze();
    await this.waitIdle();
  }

  /** Waits until everything inside has ended, once nothing new gets in. Linux: blk_mq_freeze_queue_wait() */
  async waitIdle(): Promise<undefined> {
    await this.#idle.waitEvent(() => this.inFlight === 0);
  }

  /** Lets nothing new in. Linux: blk_freeze_queue_start() */
  startFreeze(): undefined {
    this.#frozen++;
  }

  /** Lets everything in again. Linux: blk_mq_unfreeze_queue() */
  unfreeze(): undefined {
    this.#frozen--;
    for (const hctx of this.hctxs) this.#runWaiting(hctx);
  }

  /** Fails what waits and all that comes. Linux: blk_queue_start_drain() */
  startDrain(): undefined {
    this.dying = true;
    this.startFreeze();
    for (const hctx of this.hctxs) {
      for (const bio of hctx.waiting.splice(0)) endBio(bio, BLK_STS_IOERR);
    }
  }
}

/** Most sectors of a discard, so that the next one begins where the device likes. Linux: bio_split_discard() */
function wholeGranules({ maxDiscardSectors, discardGranularity }: QueueLimits): number {
  const granule = Math.max(discardGranularity >> SECTOR_SHIFT, 1);
  return maxDiscardSectors - maxDiscardSectors % granule;
}

function endBio(bio: Bio, status: BlkStatus): undefined {
  bio.status = status;
  bio.endIo(bio);
}
