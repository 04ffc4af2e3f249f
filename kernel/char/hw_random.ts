/**
 * Hardware random number generators: which there are, which one is used, and who reads it.
 *
 * `/dev/hwrng` reads the current one; so does the thread `hwrng`, which feeds the kernel's own
 * generator. In Linux that thread reads again every second to minute; here it reads once from each
 * source that becomes the current one, so that a machine at rest is at rest.
 *
 * Linux: drivers/char/hw_random/core.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { Completion, Mutex, WaitQueue } from "../wait.ts";

/** Best possible quality: every bit is random. */
const QUALITY_MAX = 1024;
/** Bytes asked for when a source becomes known. */
const EARLY_BYTES = 32;
/** Bytes that are read at a time. Linux: RNG_BUFFER_SIZE, a cache line of this machine */
export const RNG_BUFFER_SIZE = 64;
/** How soon the thread reads again when there is a reason. Linux: CRNG_RESEED_START_INTERVAL */
const FEED_AGAIN_NS = 1_000_000_000;

/** A source of random bytes as its driver registers it. Linux: struct hwrng */
export interface HwrngOps {
  /** Its name: `virtio_rng.0`. */
  readonly name: string;
  /** Random bits in 1024 bits of it. Default: what the module parameter says. */
  readonly quality?: number;
  /**
   * Gives up to `size` bytes; without `wait` only what is there already, possibly none.
   *
   * @throws {KernelError} What ends the read.
   */
  read(size: number, wait: boolean): Promise<Uint8Array>;
  /** Nobody reads it any more. */
  cleanup?(): undefined;
}

/** A source in the list. */
export class Hwrng {
  quality: number;
  /** Who uses it: being the current one counts, and each read that is under way. */
  refs = 0;
  readonly dying: Completion;
  cleanupDone: Completion;

  constructor(readonly kernel: Kernel, readonly ops: HwrngOps) {
    this.quality = ops.quality ?? 0;
    this.dying = new Completion(kernel.sched, `the end of ${ops.name}`);
    this.cleanupDone = new Completion(kernel.sched, `the last user of ${ops.name}`);
    this.cleanupDone.complete();
  }

  get name(): string {
    return this.ops.name;
  }
}

/** The sources of one kernel. */
export class HwRandom {
  /** All sources, oldest first. Linux: rng_list */
  readonly list: Hwrng[] = [];
  current: Hwrng | undefined;
  /** A program chose the current one. Linux: cur_rng_set_by_user */
  setByUser = false;
  /** The two module parameters. */
  currentQuality = 0;
  defaultQuality = 0;
  /** Held for a read of a source, and for what `/dev/hwrng` has left. Linux: reading_mutex */
  readonly reading: Mutex;
  /** What `/dev/hwrng` read and has not given out yet. */
  left: Uint8Array = new Uint8Array(0);

  readonly #kernel: Kernel;
  readonly #news: WaitQueue;
  #thread: Completion | undefined;
  #stopping = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.reading = new Mutex(kernel.sched, "reading_mutex");
    this.#news = new WaitQueue(kernel.sched, "the next random bytes to feed");
  }

  /** Makes sure that a source stays while somebody reads it. Linux: get_current_rng() */
  getCurrent(): Hwrng | undefined {
    if (this.current !== undefined) this.current.refs++;
    return this.current;
  }

  /** Linux: put_rng(), cleanup_rng() */
  put(rng: Hwrng): undefined {
    if (--rng.refs > 0) return;
    rng.ops.cleanup?.();
    rng.cleanupDone.complete();
  }

  /** Linux: hwrng_init() */
  #init(rng: Hwrng): undefined {
    if (rng.refs === 0) {
      rng.cleanupDone = new Completion(this.#kernel.sched, `the last user of ${rng.name}`);
    }
    rng.refs++;
    rng.quality = Math.min(rng.quality || this.defaultQuality, QUALITY_MAX);
    this.currentQuality = rng.quality;
  }

  /** Linux: set_current_rng() */
  setCurrent(rng: Hwrng): undefined {
    this.#init(rng);
    this.#dropCurrent();
    this.current = rng;
    this.#startThread();
    this.#news.wakeUp();
  }

  #dropCurrent(): undefined {
    const rng = this.current;
    this.current = undefined;
    if (rng !== undefined) this.put(rng);
  }

  /** Of sources that are equally good the oldest one is used. Linux: enable_best_rng() */
  enableBest(): undefined {
    let best: Hwrng | undefined;
    for (const rng of this.list) if (best === undefined || rng.quality > best.quality) best = rng;
    if (best === undefined) this.#dropCurrent();
    else if (best !== this.current) this.setCurrent(best);
    this.setByUser = false;
  }

  /** Says how good the current source is. Throws `ENODEV` without one. Linux: rng_quality_store() */
  setQuality(quality: number): undefined {
    if (quality > QUALITY_MAX) throw new KernelError("EINVAL", `rng_quality: ${quality}`);
    if (this.current === undefined) throw new KernelError("ENODEV", "there is no current rng");
    this.current.quality = this.currentQuality = quality;
    this.enableBest();
  }

  /** The parameter takes effect when the thread reads next. */
  setCurrentQuality(quality: number): undefined {
    this.currentQuality = quality;
    this.#news.wakeUp();
  }

  /** Feeds the kernel what a new current source has at once. Linux: add_early_randomness() */
  async addEarlyRandomness(rng: Hwrng): Promise<undefined> {
    await this.reading.with(async () => {
      try {
        await rng.ops.read(EARLY_BYTES, false);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
      }
    });
  }

  /** Linux: hwrng_register() */
  async register(ops: HwrngOps): Promise<Hwrng> {
    if (this.list.some(({ name }) => name === ops.name)) {
      throw new KernelError("EEXIST", `${ops.name}: is registered already`);
    }
    const rng = new Hwrng(this.#kernel, ops);
    this.list.push(rng);
    const { current } = this;
    if (current === undefined || (!this.setByUser && rng.quality > current.quality)) {
      this.setCurrent(rng);
    }
    // Those that are not used at once have something to give as well.
    await this.addEarlyRandomness(rng);
    return rng;
  }

  /** Takes a source away; returns when nobody reads it any more. Linux: hwrng_unregister() */
  async unregister(rng: Hwrng): Promise<undefined> {
    const before = this.current;
    this.list.splice(this.list.indexOf(rng), 1);
    rng.dying.completeAll();
    if (before === rng) this.enableBest();
    const now = this.getCurrent();
    if (this.list.length === 0) await this.#stopThread();
    if (now !== undefined) {
      if (now !== before) await this.addEarlyRandomness(now);
      this.put(now);
    }
    await rng.cleanupDone.wait();
  }

  #startThread(): undefined {
    if (this.#thread !== undefined) return;
    const { sched } = this.#kernel;
    this.#thread = new Completion(sched, "the end of the thread hwrng");
    this.#stopping = false;
    sched.spawn("hwrng", () => this.#feed());
  }

  /** Linux: kthread_stop() */
  async #stopThread(): Promise<undefined> {
    this.#stopping = true;
    this.#news.wakeUp();
    await this.#thread?.wait();
  }

  /** Linux: hwrng_fillfn() */
  async #feed(): Promise<undefined> {
    for (;;) {
      const rng = this.#stopping ? undefined : this.getCurrent();
      if (rng === undefined) break;
      const count = await this.reading.with(() => this.#feedFrom(rng));
      if (count === 0) await rng.dying.wait();
      this.put(rng);
      await this.#news.waitEvent(() => this.#hasReason(rng));
      if (this.current === rng && !this.#stopping) await this.#kernel.sched.sleep(FEED_AGAIN_NS);
    }
    this.#thread?.complete();
    this.#thread = undefined;
  }

  async #feedFrom(rng: Hwrng): Promise<number> {
    try {
      return (await rng.ops.read(RNG_BUFFER_SIZE, true)).length;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return 0;
    } finally {
      if (this.current === rng) rng.quality = this.currentQuality;
    }
  }

  #hasReason(rng: Hwrng): boolean {
    return this.#stopping || this.current !== rng || rng.quality !== this.currentQuality;
  }
}

/** The sources of a kernel. */
export const HW_RANDOM: Slot<HwRandom> = new Slot("hw_random", (kernel) => new HwRandom(kernel));
