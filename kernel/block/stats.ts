/**
 * Counters of a disk or partition: `/proc/diskstats`, `/sys/block/vda/stat`.
 *
 * Linux: include/linux/part_stat.h, block/genhd.c
 *
 * @module
 */
import { REQ_OP_DISCARD, REQ_OP_FLUSH, REQ_OP_READ } from "./status.ts";

/** Counters of one kind of request. */
class GroupStats {
  ios = 0;
  merges = 0;
  sectors = 0;
  ns = 0;
}

/** Read, write, discard, flush: the order of the columns. Linux: enum stat_group */
const STAT_GROUPS = 4;
const STAT_WRITE = 1;
const STAT_DISCARD = 2;
const STAT_FLUSH = 3;

function statGroup(op: number): number {
  if (op === REQ_OP_READ) return 0;
  return op === REQ_OP_DISCARD ? STAT_DISCARD : STAT_WRITE;
}

/** What happened on one disk or partition so far. Linux: struct disk_stats */
export class DiskStats {
  /** Requests under way: reads, writes. */
  readonly inFlight = [0, 0];

  readonly #groups = Array.from({ length: STAT_GROUPS }, () => new GroupStats());
  #busyNs = 0;
  #busySinceNs = 0;

  /** A request goes to the device. Linux: blk_account_io_start() */
  start(op: number, nowNs: number): undefined {
    if (op === REQ_OP_FLUSH) return;
    if (this.inFlight[0] + this.inFlight[1] === 0) this.#busySinceNs = nowNs;
    this.inFlight[op & 1]++;
  }

  /** A request ended, well or not. Linux: blk_account_io_done(), blk_account_io_completion() */
  done(op: number, sectors: number, startNs: number, nowNs: number): undefined {
    const group = this.#groups[statGroup(op)];
    group.ios++;
    group.ns += nowNs - startNs;
    // To the counters, a flush is a write of nothing.
    if (op === REQ_OP_FLUSH) return;
    group.sectors += sectors;
    this.inFlight[op & 1]--;
    if (this.inFlight[0] + this.inFlight[1] === 0) this.#busyNs += nowNs - this.#busySinceNs;
  }

  /** The device has written its cache back. Linux: blk_account_io_flush() */
  flushed(startNs: number, nowNs: number): undefined {
    const group = this.#groups[STAT_FLUSH];
    group.ios++;
    group.ns += nowNs - startNs;
  }

  /** An I/O became part of a request. Linux: blk_account_io_merge_bio() */
  merged(op: number): undefined {
    this.#groups[statGroup(op)].merges++;
  }

  /** Forgets everything. Linux: part_stat_set_all() */
  clear(): undefined {
    for (const group of this.#groups) Object.assign(group, new GroupStats());
    this.#busyNs = 0;
  }

  /** The 17 columns in their order; times in milliseconds. */
  columns(nowNs: number): number[] {
    const ms = (ns: number) => Math.floor(ns / 1e6);
    const [read, write, discard, flush] = this.#groups;
    const four = (group: GroupStats) => [group.ios, group.merges, group.sectors, ms(group.ns)];
    const inFlight = this.inFlight[0] + this.inFlight[1];
    const busy = this.#busyNs + (inFlight > 0 ? nowNs - this.#busySinceNs : 0);
    const queued = this.#groups.reduce((sum, group) => sum + group.ns, 0);
    return [
      ...four(read),
      ...four(write),
      inFlight,
      ms(busy),
      ms(queued),
      ...four(discard),
      flush.ios,
      ms(flush.ns),
    ];
  }

  /** The text of `stat`. Linux: part_stat_show() */
  show(nowNs: number): string {
    return `${this.columns(nowNs).map((value) => String(value).padStart(8)).join(" ")}\n`;
  }
}
