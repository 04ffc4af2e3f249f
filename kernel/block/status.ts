/**
 * How requests end and what the kernel says about it.
 *
 * Linux: include/linux/blk_types.h, block/blk-core.c
 *
 * @module
 */
import type { Errno } from "../errno.ts";

/** Done. */
export const BLK_STS_OK = 0;
/** The device does not know the request. */
export const BLK_STS_NOTSUPP = 1;
/** No room. */
export const BLK_STS_NOSPC = 3;
/** No memory; to be tried again. */
export const BLK_STS_RESOURCE = 9;
/** Anything else. */
export const BLK_STS_IOERR = 10;
/** The device is full; to be tried again when a request ends. */
export const BLK_STS_DEV_RESOURCE = 13;

/** How a request ended: one of the `BLK_STS_*` numbers. Linux: blk_status_t */
export type BlkStatus = number;

interface StatusText {
  readonly errno: Errno;
  /** Begins the log line. */
  readonly name: string;
}

const IO: StatusText = { errno: "EIO", name: "I/O" };

const TEXTS: Readonly<Record<number, StatusText>> = {
  [BLK_STS_NOTSUPP]: { errno: "EOPNOTSUPP", name: "operation not supported" },
  [BLK_STS_NOSPC]: { errno: "ENOSPC", name: "critical space allocation" },
  [BLK_STS_RESOURCE]: { errno: "ENOMEM", name: "kernel resource" },
  [BLK_STS_DEV_RESOURCE]: { errno: "EBUSY", name: "device resource" },
};

/** The errno of a status, and what its log line begins with. Linux: blk_errors[] */
export function blkStatusText(status: BlkStatus): StatusText {
  return TEXTS[status] ?? IO;
}

/** Read. */
export const REQ_OP_READ = 0;
/** Write. */
export const REQ_OP_WRITE = 1;
/** Write the device's cache back. */
export const REQ_OP_FLUSH = 2;
/** Give sectors up. */
export const REQ_OP_DISCARD = 3;
/** Erase sectors and their copies. */
export const REQ_OP_SECURE_ERASE = 5;
/** Make sectors zero. */
export const REQ_OP_WRITE_ZEROES = 9;
/** A command of the driver's own that reads. */
export const REQ_OP_DRV_IN = 34;

/** A request flag: metadata or someone waits. */
export const REQ_SYNC = 1 << 11;
/** A request flag: fail at once, do not try again. */
export const REQ_FAILFAST_MASK = 7 << 8;
/** A request flag: more will follow, or nobody waits for more. */
export const REQ_IDLE = 1 << 15;
/** A request flag: nobody has asked for this yet. */
export const REQ_RAHEAD = 1 << 19;
/** A request flag of a flush. */
export const REQ_PREFLUSH = 1 << 18;
/** A request flag of writing zeroes: keep the space allocated. */
export const REQ_NOUNMAP = 1 << 25;

const OP_NAMES: Readonly<Record<number, string>> = {
  [REQ_OP_READ]: "READ",
  [REQ_OP_WRITE]: "WRITE",
  [REQ_OP_FLUSH]: "FLUSH",
  [REQ_OP_DISCARD]: "DISCARD",
  [REQ_OP_SECURE_ERASE]: "SECURE_ERASE",
  [REQ_OP_WRITE_ZEROES]: "WRITE_ZEROES",
  [REQ_OP_DRV_IN]: "DRV_IN",
};

/** The operation's name in log lines. Linux: blk_op_str() */
export function blkOpStr(op: number): string {
  return OP_NAMES[op] ?? "UNKNOWN";
}
