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
} from "../../uapi/virtio_ring.ts";
import { devErr } from "../../kernel/base/device.ts";
import { KernelBug, KernelError } from "../../kernel/errors.ts";
import type { IrqReturn } from "../../kernel/irq.ts";
import type { Mem, Memory } from "../../kernel/mem.ts";
import type { VirtioDevice } from "./driver.ts";
import { IndirectTables } from "./indirect_tables.ts";

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

const INDEX_MASK = 0xffff;
const TWO_32 = 0x1_0000_0000;
const INT_MAX = 0x7fff_ffff;
// Constants of this module are folded into machine code; imported ones are loaded each time.
const DESC_F_NEXT = VRING_DESC_F_NEXT;
const DESC_F_WRITE = VRING_DESC_F_WRITE;
const DESC_F_INDIRECT = VRING_DESC_F_INDIRECT;
const AVAIL_F_NO_INTERRUPT = VRING_AVAIL_F_NO_INTERRUPT;
const NO_DESCS = new Uint16Array(0);

/**
 * A queue of buffers that the device works on.
 *
 * @typeParam T What the driver wants back with a buffer that was used.
 */
// deno-lint-ignore no-explicit-any -- a queue's owner knows what it put in
export class Virtqueue<T = any> {
  /** Its number at the device, from 0. */
  readonly index: number;
  /** The name in messages: `req.0`, `input.0`. */
  readonly name: string;
  /** Number of descriptors. */
  readonly vringSize: number = 0;
  /** Descriptors that are free. */
  numFree: number = 0;
  /** Bytes that the device says it wrote into the buffer that `getBuf()` returned last. */
  usedLen = 0;
  /** The driver's own data. */
  priv: unknown;

  /**
   * Addresses of the three parts for the transport.
   *
   * @internal
   */
  readonly descAddr: number;
  /** @internal */
  readonly availAddr: number;
  /** @internal */
  readonly usedAddr: number;

  readonly #mem: Mem;
  /** All of RAM. */
  readonly #ram: DataView;
  /** The ring alone: the descriptor table is at 0. */
  readonly #ring: DataView;
  readonly #memory: Memory;
  readonly #notify: (vq: Virtqueue) => boolean;
  readonly #callback: ((vq: Virtqueue) => undefined) | undefined;
  /** Between telling the device something and looking what it said: needed where it runs at the same time. */
  readonly #mb: (() => undefined) | undefined;
  readonly #indirect: boolean;
  readonly #event: boolean;
  // These and the two counts above start as numbers, so that the engine keeps them unboxed.
  readonly #mask: number = 0;
  /** Offsets in the ring. */
  readonly #avail: number = 0;
  readonly #used: number = 0;
  readonly #usedEvent: number = 0;
  readonly #availEvent: number = 0;

  #broken = false;
  #numAdded = 0;
  #availIdx = 0;
  #availFlags = 0;
  #lastUsedIdx = 0;
  /** The device has raised an interrupt since callbacks were enabled. */
  #eventTriggered = false;

  // What the driver keeps to itself about each descriptor, made when the first buffer is added: many queues
  // never see one. Linux: struct vring_desc_state_split and _extra
  /** The next one of its chain or of the free list. */
  #next: Uint16Array = NO_DESCS;
  /** Number of ring descriptors that the buffer takes; of heads alone. */
  #count: Uint16Array = NO_DESCS;
  /** What the buffer is known by; only a head that the device has in its hands has it. */
  #data: (T | undefined)[] = [];
  /** The first descriptor that is free. */
  #freeHead = 0;
  readonly #tables: IndirectTables;

  /**
   * Made by {@linkcode virtioFindVqs}.
   *
   * @internal
   */
  constructor(
    /** The device that it belongs to. */
    readonly vdev: VirtioDevice,
    options: VringOptions,
  ) {
    const { num, align } = options;
    const mem = vdev.kernel.mem;
    const layout = vringLayout(num, align);
    this.index = options.index;
    this.name = options.name;
    this.vringSize = this.numFree = num;
    this.#mask = num - 1;
    this.#mem = mem;
    this.#tables = new IndirectTables(mem, vdev.name);
    this.#ram = mem.view;
    this.#notify = options.notify;
    this.#callback = options.callback;
    this.#mb = vdev.kernel.platform.barrier;
    this.#indirect = options.indirect;
    this.#event = options.eventIdx;
    this.#memory = mem.alloc(layout.size, vdev.name);
    const { offset, address, size } = this.#memory;
    this.#ring = new DataView(mem.view.buffer, offset, size);
    this.#avail = layout.avail;
    this.#used = layout.used;
    this.#usedEvent = layout.usedEvent;
    this.#availEvent = layout.availEvent;
    this.descAddr = address + layout.desc;
    this.availAddr = address + layout.avail;
    this.usedAddr = address + layout.used;
    if (this.#callback === undefined) {
      this.#availFlags = AVAIL_F_NO_INTERRUPT;
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
    this.#ring.setUint16(this.#avail, this.#availFlags, true);
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

  /** A buffer that the device only reads; throws as {@linkcode addSgs} does. Linux: virtqueue_add_outbuf() */
  addOutbuf(sgs: readonly Sg[], data: T): undefined {
    this.addSgs(sgs, [], data);
  }

  /** A buffer that the device only writes; throws as {@linkcode addSgs} does. Linux: virtqueue_add_inbuf() */
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
    if (total === 0 || data === undefined || this.#broken) this.#refuse(total, data);
    if (this.#next.length === 0) this.#makeState();
    // When memory is short the buffer lies in the ring itself.
    const indirect = this.#indirect && total > 1 && this.numFree > 0;
    const table = indirect ? this.#tables.take(total) : undefined;
    const head = this.#freeHead;
    if (table === undefined) this.#addDirect(sgs, outCount, total);
    else this.#addIndirect(table, sgs, outCount, total);
    this.#data[head] = data;
    this.#publish(head);
  }

  #refuse(total: number, data: T): never {
    if (total === 0 || data === undefined) {
      throw new KernelBug(`${this.name}: a buffer needs parts and something to know it by`);
    }
    throw new KernelError("EIO", `${this.vdev.name}: ${this.name} is broken`);
  }

  /** The ring is full: with something for the device to read, it is asked to hurry. */
  #refuseFull(needed: number, outCount: number): never {
    if (outCount > 0) this.notify();
    throw new KernelError(
      "ENOSPC",
      `${this.vdev.name}: ${this.name} has ${this.numFree} free descriptors, ${needed} needed`,
    );
  }

  #makeState(): undefined {
    const num = this.vringSize;
    this.#next = new Uint16Array(num);
    for (let i = 0; i < num; i++) this.#next[i] = i + 1;
    this.#count = new Uint16Array(num);
    this.#data = new Array<T | undefined>(num).fill(undefined);
  }

  /** Writes a chain into the ring itself, with the descriptors at the front of the free list. */
  #addDirect(sgs: ArrayLike<number>, outCount: number, total: number): undefined {
    if (this.numFree < total) this.#refuseFull(total, outCount);
    const ring = this.#ring;
    const next = this.#next;
    const head = this.#freeHead;
    let index = head;
    for (let i = 0; i < total; i++) {
      const flags = (i < outCount ? 0 : DESC_F_WRITE) | (i + 1 < total ? DESC_F_NEXT : 0);
      const following = next[index];
      writeDesc(ring, index << 4, sgs[2 * i], sgs[2 * i + 1], flags | following << 16);
      index = following;
    }
    this.#count[head] = total;
    this.#freeHead = index;
    this.numFree -= total;
  }

  /** Writes a chain into a table of its own, and one descriptor that points to it. */
  #addIndirect(
    table: Memory,
    sgs: ArrayLike<number>,
    outCount: number,
    total: number,
  ): undefined {
    const { offset, address } = table;
    const ram = this.#ram;
    for (let i = 0; i < total; i++) {
      const flags = (i < outCount ? 0 : DESC_F_WRITE) |
        (i + 1 < total ? DESC_F_NEXT | (i + 1) << 16 : 0);
      writeDesc(ram, offset + (i << 4), sgs[2 * i], sgs[2 * i + 1], flags);
    }
    const head = this.#freeHead;
    writeDesc(this.#ring, head << 4, address, total << 4, DESC_F_INDIRECT);
    this.#tables.use(head, table);
    this.#count[head] = 1;
    this.#freeHead = this.#next[head];
    this.numFree--;
  }

  #publish(head: number): undefined {
    const index = this.#availIdx;
    const next = this.#availIdx = (index + 1) & INDEX_MASK;
    this.#ring.setUint16(this.#avail + 4 + ((index & this.#mask) << 1), head, true);
    this.#ring.setUint16(this.#avail + 2, next, true);
    if (++this.#numAdded === INDEX_MASK) this.kick();
  }

  /** Whether the device wants to be told of what was added. Linux: virtqueue_kick_prepare() */
  kickPrepare(): boolean {
    const view = this.#ring;
    const old = (this.#availIdx - this.#numAdded) & INDEX_MASK;
    this.#numAdded = 0;
    this.#mb?.();
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
    return this.#ring.getUint16(this.#used + 2, true);
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
    const index = this.#lastUsedIdx;
    if (index === this.#usedIdx()) return undefined;
    const view = this.#ring;
    const elem = this.#used + 4 + ((index & this.#mask) << 3);
    const head = view.getUint32(elem, true);
    if (head >= this.vringSize) return this.#bad(`id ${head} out of range`);
    const data = this.#data[head];
    if (data === undefined) return this.#bad(`id ${head} is not a head!`);
    this.usedLen = view.getUint32(elem + 4, true);
    this.#detach(head);
    this.#lastUsedIdx = (index + 1) & INDEX_MASK;
    if ((this.#availFlags & AVAIL_F_NO_INTERRUPT) === 0) {
      view.setUint16(this.#usedEvent, this.#lastUsedIdx, true);
      this.#mb?.();
    }
    return data;
  }

  #bad(what: string): undefined {
    devErr(this.vdev, `${this.name}:${what}`);
    this.#broken = true;
  }

  /** Puts the descriptors of a buffer back on the free list, by the private copies alone. */
  #detach(head: number): undefined {
    const next = this.#next;
    const count = this.#count[head];
    let last = head;
    for (let i = 1; i < count; i++) last = next[last];
    next[last] = this.#freeHead;
    this.#freeHead = head;
    this.numFree += count;
    this.#data[head] = undefined;
    if (this.#indirect) this.#tables.put(head);
  }

  /** Asks the device not to interrupt; a hint. Linux: virtqueue_disable_cb() */
  disableCb(): undefined {
    if ((this.#availFlags & AVAIL_F_NO_INTERRUPT) !== 0) return;
    this.#availFlags |= AVAIL_F_NO_INTERRUPT;
    if (this.#eventTriggered) return;
    if (this.#event) this.#ring.setUint16(this.#usedEvent, 0, true);
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
    this.#ring.setUint16(this.#usedEvent, this.#lastUsedIdx, true);
    return this.#lastUsedIdx;
  }

  #enableInterrupts(): undefined {
    this.#eventTriggered = false;
    if ((this.#availFlags & AVAIL_F_NO_INTERRUPT) === 0) return;
    this.#availFlags &= ~AVAIL_F_NO_INTERRUPT;
    if (!this.#event) this.#writeAvailFlags();
  }

  /** True when a buffer was used since the point. Linux: virtqueue_poll() */
  poll(point: number): boolean {
    this.#mb?.();
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
    this.#ring.setUint16(this.#usedEvent, (this.#lastUsedIdx + enough) & INDEX_MASK, true);
    this.#mb?.();
    return ((this.#usedIdx() - this.#lastUsedIdx) & INDEX_MASK) <= enough;
  }

  /** Takes back a buffer that the device has not used; only after a reset. Linux: virtqueue_detach_unused_buf() */
  detachUnusedBuf(): T | undefined {
    const head = this.#data.findIndex((data) => data !== undefined);
    const data = this.#data[head];
    if (data === undefined) return undefined;
    this.#detach(head);
    this.#availIdx = (this.#availIdx - 1) & INDEX_MASK;
    this.#ring.setUint16(this.#avail + 2, this.#availIdx, true);
    return data;
  }

  /**
   * The device interrupted: calls back if buffers were used. Linux: vring_interrupt()
   *
   * @internal
   */
  interrupt(): IrqReturn {
    if (this.#lastUsedIdx === this.#usedIdx()) return "none";
    if (this.#broken) return "handled";
    if (this.#event) this.#eventTriggered = true;
    this.#callback?.(this);
    return "handled";
  }

  /**
   * Lets the indices start anywhere, for tests of the 16-bit wrap. Only before the first buffer.
   *
   * @internal
   */
  startAt(index: number): undefined {
    this.#availIdx = this.#lastUsedIdx = index & INDEX_MASK;
    this.#ring.setUint16(this.#avail + 2, this.#availIdx, true);
    this.#ring.setUint16(this.#used + 2, this.#availIdx, true);
    this.#ring.setUint16(this.#usedEvent, this.#availIdx, true);
    this.#ring.setUint16(this.#availEvent, this.#availIdx, true);
  }

  /**
   * The indices as the driver sees them, for comparison with the device's own view.
   *
   * @internal
   */
  get indices(): { readonly avail: number; readonly lastUsed: number } {
    return { avail: this.#availIdx, lastUsed: this.#lastUsedIdx };
  }

  /**
   * Gives its memory back. Linux: vring_del_virtqueue()
   *
   * @internal
   */
  delete(): undefined {
    this.#tables.free();
    this.#mem.free(this.#memory);
  }
}

/** Writes the descriptor at `at`, which is a multiple of 16; `link` holds its flags and its next. */
function writeDesc(
  view: DataView,
  at: number,
  address: number,
  length: number,
  link: number,
): undefined {
  view.setUint32(at, address >>> 0, true);
  view.setUint32(at | 4, address > INT_MAX ? Math.floor(address / TWO_32) : 0, true);
  view.setUint32(at | 8, length, true);
  view.setUint32(at | 12, link, true);
}
