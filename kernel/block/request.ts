import type { Bio } from "./bio.ts";
import type { HwContext } from "./hw_context.ts";
import { REQ_OP_READ } from "./status.ts";

/**
 * What a driver gets to do: one I/O with a tag. Made once for each tag and used again.
 *
 * Linux: struct request
 */
export class Request {
  /** A `REQ_OP_*` number. */
  op = REQ_OP_READ;
  /** `REQ_*` flags. */
  flags = 0;
  /** First sector of the disk. */
  sector = 0;
  /** Number of sectors. */
  sectors = 0;
  /** Guest memory: address and length of each piece, one after the other. */
  segments: readonly number[] = [];
  /** Virtual time at which it was given to the driver. */
  startNs = 0;
  /** It goes into the counters. Linux: RQF_IO_STAT */
  counted = false;
  bio: Bio | undefined;

  constructor(
    readonly hctx: HwContext,
    /** From 0 to the depth of the queue. */
    readonly tag: number,
  ) {}
}
