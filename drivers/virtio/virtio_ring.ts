/**
 * The driver's side of split virtqueues.
 *
 * The ring lies in memory that the device reads and writes. What the driver needs to know about its own
 * buffers it keeps to itself: nothing that the device may overwrite is read back as truth.
 *
 * Linux: drivers/virtio/virtio_ring.c. VIRTIO 1.4, 2.7
 *
 * @module
 */
import {
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  VRING_USED_F_NO_NOTIFY,
  vringLayout,
  vringNeedEvent,
  vringSize,
} from "../../uapi/virtio_ring.ts";
import { devErr, devWarn } from "../../kernel/base/device.ts";
import { KernelBug, KernelError } from "../../kernel/errors.ts";
import type { IrqReturn } from "../../kernel/irq.ts";
import { type Mem, type Memory, PAGE_SIZE } from "../../kernel/mem.ts";
import type { VirtioDevice } from "./virtio.ts";

/** A piece of guest memory that is part of a buffer. Linux: struct scatterlist */
export interface Sg {
  /** Guest physical address. */
  readonly address: number;
  /** Length in bytes. */
  readonly length: number;
}

/** How a queue is made. */
export interface VringOptions {
  readonly index: number;
  readonly name: string;
  /** Number of descriptors, a power of two. */
  readonly num: number;
  /** Alignment of the used ring in bytes. */
  readonly align: number;
  /** Features that were negotiated. */
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  /** Tells the device; false when that failed. */
  readonly notify: (vq: Virtqueue) => boolean;
  /** Called in atomic context when the device has used buffers. */
  readonly callback?: (vq: Virtqueue) => undefined;
}

const DESC_SIZE = 16;
const INDEX_MASK = 0xffff;
const TWO_32 = 0x1_0000_0000;

/**
 * A queue of buffers that the device works on.
 *
 * @typeParam T What the driver wants back with a buffer that was used.
 */
// deno-lint-ignore no-explicit-any -- a queue's owner knows what it put in
export class Virtqueue<T = any> {
  readonly index: number;
  /** The name in messages: `req.0`, `input.0`. */
  readonly name: string;
  /** Number of descriptors. */
  readonly vringSize: number;
  /** Descriptors that are free. */
  numFree: number;
  /** Bytes that the device says it wrote into the buffer that `getBuf()` returned last. */
  usedLen = 0;
  /** The driver's own data. */
  priv: unknown;

  /** Addresses of the three parts for the transport. */
  readonly descAddr: number;
  readonly availAddr: number;
  readonly usedAddr: number;

  readonly #mem: Mem;
  readonly #view: DataView;
  readonly #memory: Memory;
  readonly #notify: (vq: Virtqueue) => boolean;
  readonly #callback: ((vq: Virtqueue) => undefined) | undefined;
  readonly #indirect: boolean;
  readonly #event: boolean;
  readonly #mask: number;
  /** Offsets in RAM. */
  readonly #desc: number;
  readonly #avail: number;
  readonly #used: number;
  readonly #usedEvent: number;
  readonly #availEvent: number;

  #broken = false;
  #freeHead = 0;
  #numAdded = 0;
  #availIdx = 0;
  #availFlags = 0;
  #lastUsedIdx = 0;
  /** The device has raised an interrupt since callbacks were enabled. */
  #eventTriggered = false;

  /** Private copies, made when the first buffer is added. */
  #next: Uint16Array | undefined;
  /** Number of ring descriptors that the buffer with this head takes. */
  #count: Uint16Array | undefined;
  readonly #data: (T | undefined)[] = [];
  readonly #tables: (Memory | undefined)[] = [];
  /** Indirect tables that are not in use, by their number of descriptors. */
  readonly #spareTables = new Map<number, Memory[]>();

  constructor(readonly vdev: VirtioDevice, options: VringOptions) {
    const { num, align } = options;
    const mem = vdev.kernel.mem;
    const layout = vringLayout(num, align);
    this.index = options.index;
    this.name = options.name;
    this.vringSize = this.numFree = num;
    this.#mask = num - 1;
    this.#mem = mem;
    this.#view = mem.view;
    this.#notify = options.notify;
    this.#callback = options.callback;
    this.#indirect = options.indirect;
    this.#event = options.eventIdx;
    this.#memory = mem.alloc(layout.size, vdev.name);
    const { offset, address } = this.#memory;
    this.#desc = offset + layout.desc;
    this.#avail = offset + layout.avail;
    this.#used = offset + layout.used;
    this.#usedEvent = offset + layout.usedEvent;
    this.#availEvent = offset + layout.availEvent;
    this.descAddr = address + layout.desc;
    this.availAddr = address + layout.avail;
    this.usedAddr = address + layout.used;
    if (this.#callback === undefined) {
      this.#availFlags = VRING_AVAIL_F_NO_INTERRUPT;
      if (!this.#event) this.#writeAvailFlags();
    }
  }

  /** The device broke a rule, or went away; nothing can be added any more. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** Stops the queue for good. Linux: virtio_break_device() */
  break(): undefined {
    this.#broken = true;
  }

  #writeAvailFlags(): undefined {
    this.#view.setUint16(this.#avail, this.#availFlags, true);
  }

  /**
   * Makes a buffer available to the device; it is told by {@linkcode kick}.
   *
   * Linux: virtqueue_add_sgs()
   *
   * @param out Parts that the device reads, in order.
   * @param in_ Parts that the device writes; they come after.
   * @param data Comes back from {@linkcode getBuf}.
   * @throws {KernelError} `ENOSPC` when too few descriptors are free, `EIO` when the queue is broken.
   */
  addSgs(out: readonly Sg[], in_: readonly Sg[], data: T): undefined {
    const flat: number[] = [];
    for (const { address, length } of out) flat.push(address, length);
    for (const { address, length } of in_) flat.push(address, length);
    this.addFlat(flat, out.length, in_.length, data);
  }

  /** A buffer that the device only reads. Linux: virtqueue_add_outbuf() */
  addOutbuf(sgs: readonly Sg[], data: T): undefined {
    this.addSgs(sgs, [], data);
  }

  /** A buffer that the device only writes. Linux: virtqueue_add_inbuf() */
  addInbuf(sgs: readonly Sg[], data: T): undefined {
    this.addSgs([], sgs, data);
  }

  /**
   * Like {@linkcode addSgs} without an object for each part.
   *
   * @param sgs Address and length of each part, those that the device reads first.
   */
  addFlat(sgs: ArrayLike<number>, outCount: number, inCount: number, data: T): undefined {
    const total = outCount + inCount;
    if (total === 0 || data === undefined) {
      throw new KernelBug(`${this.name}: a buffer needs parts and something to know it by`);
    }
    if (this.#broken) throw new KernelError("EIO", `${this.vdev.name}: ${this.name} is broken`);
    const table = this.#indirect && total > 1 && this.numFree > 0
      ? this.#takeTable(total)
      : undefined;
    const needed = table === undefined ? total : 1;
    if (this.numFree < needed) this.#refuse(needed, outCount);
    const next = this.#next ?? this.#makePrivate();
    const head = this.#freeHead;
    if (table !== undefined) {
      this.#fillIndirect(head, table, sgs, outCount, total);
      this.#freeHead = next[head];
    } else {
      this.#freeHead = this.#fillDirect(head, sgs, outCount, total);
    }
    (this.#count as Uint16Array)[head] = needed;
    this.numFree -= needed;
    this.#data[head] = data;
    this.#publish(head);
  }

  /** The ring is full: with something for the device to read, it is asked to hurry. */
  #refuse(needed: number, outCount: number): never {
    if (outCount > 0) this.notify();
    throw new KernelError(
      "ENOSPC",
      `${this.vdev.name}: ${this.name} has ${this.numFree} free descriptors of ${needed}`,
    );
  }

  #makePrivate(): Uint16Array {
    const next = this.#next = new Uint16Array(this.vringSize);
    for (let i = 0; i < next.length - 1; i++) next[i] = i + 1;
    this.#count = new Uint16Array(this.vringSize);
    return next;
  }

  #writeDesc(at: number, address: number, length: number, flags: number, next: number): undefined {
    const view = this.#view;
    view.setUint32(at, address >>> 0, true);
    view.setUint32(at + 4, address < TWO_32 ? 0 : address / TWO_32, true);
    view.setUint32(at + 8, length, true);
    view.setUint16(at + 12, flags, true);
    view.setUint16(at + 14, next, true);
  }

  /** Writes a chain into the ring itself; returns the descriptor behind it on the free list. */
  #fillDirect(head: number, sgs: ArrayLike<number>, outCount: number, total: number): number {
    const next = this.#next as Uint16Array;
    let at = head;
    for (let i = 0; i < total; i++) {
      const flags = (i < outCount ? 0 : VRING_DESC_F_WRITE) |
        (i + 1 < total ? VRING_DESC_F_NEXT : 0);
      this.#writeDesc(this.#desc + DESC_SIZE * at, sgs[2 * i], sgs[2 * i + 1], flags, next[at]);
      at = next[at];
    }
    return at;
  }

  /** Writes a chain into a table of its own, and one descriptor that points to it. */
  #fillIndirect(
    head: number,
    table: Memory,
    sgs: ArrayLike<number>,
    outCount: number,
    total: number,
  ): undefined {
    for (let i = 0; i < total; i++) {
      const flags = (i < outCount ? 0 : VRING_DESC_F_WRITE) |
        (i + 1 < total ? VRING_DESC_F_NEXT : 0);
      const next = i + 1 < total ? i + 1 : 0;
      this.#writeDesc(table.offset + DESC_SIZE * i, sgs[2 * i], sgs[2 * i + 1], flags, next);
    }
    const next = (this.#next as Uint16Array)[head];
    this.#writeDesc(
      this.#desc + DESC_SIZE * head,
      table.address,
      total * DESC_SIZE,
      VRING_DESC_F_INDIRECT,
      next,
    );
    this.#tables[head] = table;
  }

  /** `undefined` when memory is short: the buffer then lies in the ring itself. Linux: alloc_indirect_split() */
  #takeTable(total: number): Memory | undefined {
    const spare = this.#spareTables.get(roundTable(total))?.pop();
    if (spare !== undefined) return spare;
    try {
      return this.#mem.alloc(roundTable(total) * DESC_SIZE, this.vdev.name);
    } catch (error) {
      if (error instanceof KernelError && error.code === "ENOMEM") return undefined;
      throw error;
    }
  }

  #putTable(table: Memory): undefined {
    const size = table.size / DESC_SIZE;
    const spares = this.#spareTables.get(size);
    if (spares === undefined) this.#spareTables.set(size, [table]);
    else spares.push(table);
  }

  #publish(head: number): undefined {
    const view = this.#view;
    view.setUint16(this.#avail + 4 + 2 * (this.#availIdx & this.#mask), head, true);
    this.#availIdx = (this.#availIdx + 1) & INDEX_MASK;
    view.setUint16(this.#avail + 2, this.#availIdx, true);
    if (++this.#numAdded === INDEX_MASK) this.kick();
  }

  /** Whether the device wants to be told of what was added. Linux: virtqueue_kick_prepare() */
  kickPrepare(): boolean {
    const view = this.#view;
    const old = (this.#availIdx - this.#numAdded) & INDEX_MASK;
    this.#numAdded = 0;
    if (this.#event) {
      return vringNeedEvent(view.getUint16(this.#availEvent, true), this.#availIdx, old);
    }
    return (view.getUint16(this.#used, true) & VRING_USED_F_NO_NOTIFY) === 0;
  }

  /** Tells the device; false when the queue is broken. Linux: virtqueue_notify() */
  notify(): boolean {
    if (this.#broken) return false;
    if (!this.#notify(this)) {
      this.#broken = true;
      return false;
    }
    return true;
  }

  /** Tells the device of what was added, if it wants to know. Linux: virtqueue_kick() */
  kick(): boolean {
    return this.kickPrepare() ? this.notify() : true;
  }

  #usedIdx(): number {
    return this.#view.getUint16(this.#used + 2, true);
  }

  /**
   * Takes back a buffer that the device has used; `usedLen` then says how much it wrote.
   *
   * Linux: virtqueue_get_buf()
   *
   * @returns `undefined` when there is none, or when the device broke a rule and with it the queue.
   */
  getBuf(): T | undefined {
    if (this.#broken) return undefined;
    if (this.#lastUsedIdx === this.#usedIdx()) return undefined;
    const view = this.#view;
    const elem = this.#used + 4 + 8 * (this.#lastUsedIdx & this.#mask);
    const head = view.getUint32(elem, true);
    if (head >= this.vringSize) return this.#bad(`id ${head} out of range`);
    const data = this.#data[head];
    if (data === undefined) return this.#bad(`id ${head} is not a head!`);
    this.usedLen = view.getUint32(elem + 4, true);
    this.#detach(head);
    this.#lastUsedIdx = (this.#lastUsedIdx + 1) & INDEX_MASK;
    if ((this.#availFlags & VRING_AVAIL_F_NO_INTERRUPT) === 0) {
      view.setUint16(this.#usedEvent, this.#lastUsedIdx, true);
    }
    return data;
  }

  #bad(what: string): undefined {
    devErr(this.vdev, `${this.name}:${what}`);
    this.#broken = true;
  }

  /** Puts the descriptors of a buffer back on the free list, by the private copies alone. */
  #detach(head: number): undefined {
    const next = this.#next as Uint16Array;
    const count = (this.#count as Uint16Array)[head];
    let last = head;
    for (let i = 1; i < count; i++) last = next[last];
    next[last] = this.#freeHead;
    this.#freeHead = head;
    this.numFree += count;
    this.#data[head] = undefined;
    const table = this.#tables[head];
    if (table !== undefined) {
      this.#tables[head] = undefined;
      this.#putTable(table);
    }
  }

  /** Asks the device not to interrupt; a hint. Linux: virtqueue_disable_cb() */
  disableCb(): undefined {
    if ((this.#availFlags & VRING_AVAIL_F_NO_INTERRUPT) !== 0) return;
    this.#availFlags |= VRING_AVAIL_F_NO_INTERRUPT;
    if (this.#eventTriggered) return;
    if (this.#event) this.#view.setUint16(this.#usedEvent, 0, true);
    else this.#writeAvailFlags();
  }

  /**
   * Asks for interrupts again.
   *
   * Linux: virtqueue_enable_cb_prepare()
   *
   * @returns A point in the ring for {@linkcode poll}.
   */
  enableCbPrepare(): number {
    this.#enableInterrupts();
    this.#view.setUint16(this.#usedEvent, this.#lastUsedIdx, true);
    return this.#lastUsedIdx;
  }

  #enableInterrupts(): undefined {
    this.#eventTriggered = false;
    if ((this.#availFlags & VRING_AVAIL_F_NO_INTERRUPT) === 0) return;
    this.#availFlags &= ~VRING_AVAIL_F_NO_INTERRUPT;
    if (!this.#event) this.#writeAvailFlags();
  }

  /** True when a buffer was used since the point. Linux: virtqueue_poll() */
  poll(point: number): boolean {
    return !this.#broken && point !== this.#usedIdx();
  }

  /** Asks for interrupts again; false when a buffer was used meanwhile. Linux: virtqueue_enable_cb() */
  enableCb(): boolean {
    return !this.poll(this.enableCbPrepare());
  }

  /**
   * Asks for one interrupt when most of what is outstanding was used; false when that is so already.
   *
   * Linux: virtqueue_enable_cb_delayed()
   */
  enableCbDelayed(): boolean {
    this.#enableInterrupts();
    const outstanding = (this.#availIdx - this.#lastUsedIdx) & INDEX_MASK;
    const enough = Math.floor(outstanding * 3 / 4);
    this.#view.setUint16(this.#usedEvent, (this.#lastUsedIdx + enough) & INDEX_MASK, true);
    return ((this.#usedIdx() - this.#lastUsedIdx) & INDEX_MASK) <= enough;
  }

  /** Takes back a buffer that the device has not used; only after a reset. Linux: virtqueue_detach_unused_buf() */
  detachUnusedBuf(): T | undefined {
    for (let head = 0; head < this.#data.length; head++) {
      const data = this.#data[head];
      if (data === undefined) continue;
      this.#detach(head);
      this.#availIdx = (this.#availIdx - 1) & INDEX_MASK;
      this.#view.setUint16(this.#avail + 2, this.#availIdx, true);
      return data;
    }
    return undefined;
  }

  /** The device interrupted: calls back if buffers were used. Linux: vring_interrupt() */
  interrupt(): IrqReturn {
    if (this.#lastUsedIdx === this.#usedIdx()) return "none";
    if (this.#broken) return "handled";
    if (this.#event) this.#eventTriggered = true;
    this.#callback?.(this);
    return "handled";
  }

  /** Lets the indices start anywhere, for tests of the 16-bit wrap. Only before the first buffer. */
  startAt(index: number): undefined {
    this.#availIdx = this.#lastUsedIdx = index & INDEX_MASK;
    this.#view.setUint16(this.#avail + 2, this.#availIdx, true);
    this.#view.setUint16(this.#used + 2, this.#availIdx, true);
    this.#view.setUint16(this.#usedEvent, this.#availIdx, true);
    this.#view.setUint16(this.#availEvent, this.#availIdx, true);
  }

  /** The indices as the driver sees them, for comparison with the device's own view. */
  get indices(): { readonly avail: number; readonly lastUsed: number } {
    return { avail: this.#availIdx, lastUsed: this.#lastUsedIdx };
  }

  /** Gives its memory back. Linux: vring_del_virtqueue() */
  delete(): undefined {
    for (const tables of this.#spareTables.values()) {
      for (const table of tables) this.#mem.free(table);
    }
    for (const table of this.#tables) if (table !== undefined) this.#mem.free(table);
    this.#mem.free(this.#memory);
  }
}

/** Tables hold a power of two of descriptors, so that they can serve again. */
function roundTable(count: number): number {
  let size = 2;
  while (size < count) size *= 2;
  return size;
}

/**
 * Makes a queue, with fewer descriptors when memory is short.
 *
 * Linux: vring_create_virtqueue()
 *
 * @throws {KernelError} `ENOMEM` when not even a page is left, and when `num` is no power of two.
 */
export function vringCreateVirtqueue(vdev: VirtioDevice, options: VringOptions): Virtqueue {
  const { align } = options;
  let { num } = options;
  if ((num & (num - 1)) !== 0) {
    devWarn(vdev, `Bad virtqueue length ${num}`);
    throw new KernelError("ENOMEM", `${vdev.name}: ${options.name} cannot have ${num} descriptors`);
  }
  for (;;) {
    try {
      return new Virtqueue(vdev, { ...options, num });
    } catch (error) {
      const smallest = vringSize(num, align) <= PAGE_SIZE || num <= 1;
      if (!(error instanceof KernelError) || error.code !== "ENOMEM" || smallest) throw error;
      num /= 2;
    }
  }
}
