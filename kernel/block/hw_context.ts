import type { Bio } from "./bio.ts";
import { Request } from "./request.ts";

/**
 * One queue of the hardware with its tags.
 *
 * Linux: struct blk_mq_hw_ctx, struct blk_mq_tags
 */
export class HwContext {
  /** Requests that the driver had no room for, oldest first. */
  readonly dispatch: Request[] = [];
  /** What waits for a tag, oldest first. */
  readonly waiting: Bio[] = [];
  /** The driver has no room; nothing is given to it until a request ends. */
  stopped = false;
  /** Requests were given without telling the device. */
  needsCommit = false;
  /** Requests with a tag. */
  inFlight = 0;

  /** Tags that were given back, newest last. */
  readonly #free: Request[] = [];
  #made = 0;

  constructor(
    readonly index: number,
    /** Number of tags. */
    readonly depth: number,
    /** Processors that submit here. */
    readonly cpus: readonly number[],
  ) {}

  /** Takes a tag; `undefined` when all are out. Linux: blk_mq_get_tag() */
  take(): Request | undefined {
    const request = this.#free.pop() ??
      (this.#made < this.depth ? new Request(this, this.#made++) : undefined);
    if (request !== undefined) this.inFlight++;
    return request;
  }

  /** Gives a tag back. Linux: blk_mq_put_tag() */
  put(request: Request): undefined {
    this.inFlight--;
    this.#free.push(request);
  }
}
