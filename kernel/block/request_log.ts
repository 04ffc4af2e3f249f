/**
 * What the log says about I/O that goes wrong.
 *
 * Linux: block/blk-core.c, block/blk-mq.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { KERN_ERR } from "../printk.ts";
import { printkRatelimited } from "../ratelimit.ts";
import type { BlockDevice } from "./bdev.ts";
import type { Bio } from "./bio.ts";
import type { Request } from "./request.ts";
import {
  blkOpStr,
  type BlkStatus,
  blkStatusText,
  REQ_FAILFAST_MASK,
  REQ_OP_FLUSH,
  REQ_OP_WRITE,
  REQ_RAHEAD,
  REQ_SYNC,
} from "./status.ts";

/** Priority class that log lines name: best effort. */
const IOPRIO_CLASS_BE = 2;

/** A request has failed. Linux: blk_print_req_error() */
export function blkPrintReqError(
  kernel: Kernel,
  disk: string,
  request: Request,
  status: BlkStatus,
): undefined {
  const flush = request.op === REQ_OP_FLUSH;
  // To Linux, a flush belongs to a write of nothing.
  const op = flush ? REQ_OP_WRITE : request.op;
  const sector = flush ? 0 : request.sector;
  let flags = flush ? REQ_SYNC : request.flags;
  if ((flags & REQ_RAHEAD) !== 0) flags |= REQ_FAILFAST_MASK;
  printkRatelimited(
    kernel,
    "blk_print_req_error",
    KERN_ERR,
    `${blkStatusText(status).name} error, dev ${disk}, sector ${sector} ` +
      `op 0x${op.toString(16)}:(${blkOpStr(op)}) flags 0x${flags.toString(16)} ` +
      `phys_seg ${request.segments.length >> 1} prio class ${IOPRIO_CLASS_BE}`,
  );
}

/** An I/O reaches beyond the end of its disk. Linux: bio_check_eod() */
export function printBeyondEnd(
  kernel: Kernel,
  { bdev, op, flags, sector, sectors }: Bio,
): undefined {
  kernel.info(
    `${kernel.sched.current?.name ?? "swapper/0"}: attempt to access beyond end of device\n` +
      `${bdev.name}: rw=${op | flags}, sector=${sector}, nr_sectors = ${sectors} ` +
      `limit=${bdev.nrSectors}`,
  );
}

/** A disk was made read-only while data had still to be written: that goes. Linux: bio_check_ro() */
export function warnReadOnly(bdev: BlockDevice): undefined {
  if (bdev.readOnlyWarned) return;
  bdev.readOnlyWarned = true;
  bdev.kernel.warn(`Trying to write to read-only block-device ${bdev.name}`);
}
