/**
 * A list of I/O that is put together before the driver gets it.
 *
 * Linux: block/blk-core.c, block/blk-mq.c, block/blk-merge.c
 *
 * @module
 */
import { Bio } from "./bio.ts";
import { BLK_STS_OK, REQ_OP_WRITE } from "./status.ts";
import { SECTOR_SHIFT } from "./limits.ts";
import type { RequestQueue } from "./request_queue.ts";

/** Requests that a list holds at most. Linux: BLK_MAX_REQUEST_COUNT */
const BLK_MAX_REQUEST_COUNT = 32;
/** A request of so many bytes is not held back for more. Linux: BLK_PLUG_FLUSH_SIZE */
const BLK_PLUG_FLUSH_SIZE = 128 * 1024;

/** A request in the making. */
class Pending {
  readonly bios: Bio[];
  sectors: number;
  segments: number[];

  constructor(bio: Bio) {
    this.bios = [bio];
    this.sectors = bio.sectors;
    this.segments = bio.segments;
  }

  /** What the driver gets. */
  toBio(): Bio {
    const { bios, sectors, segments } = this;
    const [first] = bios;
    if (bios.length === 1) return first;
    const all = new Bio(first.bdev, ({ status }) => {
      for (const bio of bios) {
        bio.status = status;
        bio.endIo(bio);
      }
    });
    all.op = first.op;
    all.flags = first.flags;
    all.sector = first.sector;
    all.sectors = sectors;
    all.segments = segments;
    all.status = BLK_STS_OK;
    return all;
  }
}

/** What a task submits in one go to one disk. Linux: struct blk_plug */
export class BlkPlug {
  /** Oldest first. */
  #list: Pending[] = [];

  constructor(readonly queue: RequestQueue) {}

  /** Submits an I/O, if possible as a part of the newest request. Linux: blk_mq_submit_bio() */
  submit(bio: Bio): undefined {
    const { queue } = this;
    const last = this.#list.at(-1);
    if (last !== undefined) {
      if (this.#merge(last, bio)) return;
      const large = !queue.noMerges && last.sectors << SECTOR_SHIFT >= BLK_PLUG_FLUSH_SIZE;
      if (large || this.#list.length >= BLK_MAX_REQUEST_COUNT) this.flush();
    }
    this.#list.push(new Pending(bio));
  }

  /** Linux: bio_attempt_back_merge() */
  #merge(last: Pending, bio: Bio): boolean {
    const { noMerges, ioStat, limits } = this.queue;
    const [first] = last.bios;
    if (noMerges || bio.op !== first.op || bio.op > REQ_OP_WRITE || bio.bdev !== first.bdev) {
      return false;
    }
    if (bio.sector !== first.sector + last.sectors) return false;
    if (last.sectors + bio.sectors > limits.maxSectors) return false;
    if (last.segments.length + bio.segments.length > limits.maxSegments * 2) return false;
    if (last.bios.length === 1) last.segments = last.segments.slice();
    last.segments.push(...bio.segments);
    last.sectors += bio.sectors;
    last.bios.push(bio);
    if (ioStat) bio.bdev.accountMerge(bio.op);
    return true;
  }

  /** Gives everything to the driver. Linux: blk_flush_plug(), blk_finish_plug() */
  flush(): undefined {
    const list = this.#list;
    if (list.length === 0) return;
    this.#list = [];
    this.queue.plug();
    for (const pending of list) this.queue.submit(pending.toBio());
    this.queue.unplug();
  }
}
