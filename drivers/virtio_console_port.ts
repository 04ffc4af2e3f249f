/**
 * A port of a console device: its queues, buffers and data path.
 *
 * Linux: drivers/char/virtio_console.c: struct port
 *
 * @module
 */
import { type Device, devWarn } from "../kernel/base/device.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Memory } from "../kernel/mem.ts";
import { PAGE_SIZE } from "../kernel/mem.ts";
import type { Winsize } from "../kernel/tty/termios.ts";
import type { PlainDirectory } from "../kernel/vfs/node.ts";
import { WaitQueue } from "../kernel/wait.ts";
import type { HvcStruct } from "./tty/hvc_struct.ts";
import type { PortsDevice } from "./virtio_console_device.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";

/** A busy-wait for the device gives up after this much virtual time; Linux would spin for ever. */
const SPIN_LIMIT_NS = 20_000_000_000;

/** A page of input that is being consumed. Linux: struct port_buffer */
export interface PortBuffer {
  /** Its page frame number, by which the queue knows it. */
  readonly page: number;
  /** Offset in RAM. */
  readonly start: number;
  /** Bytes that the device wrote; never more than a page, whatever it says. */
  readonly len: number;
  /** How many of them were handed out. */
  offset: number;
}

/** Counters that debugfs shows. Linux: struct port_stats */
export interface PortStats {
  bytesSent: number;
  bytesReceived: number;
  bytesDiscarded: number;
}

/** What makes a port a console. Linux: struct console of virtio_console.c */
export interface PortConsole {
  readonly vtermno: number;
  readonly hvc: HvcStruct;
}

/** One port. Linux: struct port */
export class Port {
  inVq: Virtqueue<number>;
  outVq: Virtqueue<Memory>;
  /** The device in `/sys/class/virtio-ports`. */
  dev: Device | undefined;
  /** The name that the host gave it. */
  portName: string | undefined;
  /** It is a console. */
  console: PortConsole | undefined;
  /** Size of the console, kept for when it is opened. */
  ws: Winsize = { rows: 0, cols: 0 };
  /** Input that is being consumed. */
  inbuf: PortBuffer | undefined;
  outvqFull = false;
  hostConnected = false;
  guestConnected = false;
  /** It was unplugged; its queues are no longer its own. */
  gone = false;
  readonly stats: PortStats = { bytesSent: 0, bytesReceived: 0, bytesDiscarded: 0 };
  readonly waitqueue: WaitQueue;
  /** The folder of debugfs that has its file, once it has. */
  debugfs: PlainDirectory | undefined;

  constructor(readonly portdev: PortsDevice, readonly id: number) {
    this.inVq = portdev.inVqs[id];
    this.outVq = portdev.outVqs[id];
    this.waitqueue = new WaitQueue(this.kernel.sched, `the other end of ${this.name}`);
  }

  get kernel(): Kernel {
    return this.portdev.vdev.kernel;
  }

  /** Name of its device: `vport0p1`. */
  get name(): string {
    return `vport${this.portdev.vdev.index}p${this.id}`;
  }

  /** The buffer with input, if there is any. Linux: get_inbuf() */
  #getInbuf(): PortBuffer | undefined {
    if (this.inbuf !== undefined) return this.inbuf;
    const buf = getInbuf(this.kernel, this.inVq);
    if (buf !== undefined) this.stats.bytesReceived += this.inVq.usedLen;
    return buf;
  }

  /** Linux: port_has_data() */
  hasData(): boolean {
    if (this.gone) return false;
    this.inbuf = this.#getInbuf();
    return this.inbuf !== undefined;
  }

  /** Drops input that nobody read. Linux: discard_port_data() */
  discardData(): undefined {
    if (this.gone) return;
    let errors = 0;
    let buf: PortBuffer | undefined;
    while ((buf = this.#getInbuf()) !== undefined) {
      this.stats.bytesDiscarded += buf.len - buf.offset;
      this.inbuf = undefined;
      if (!addInbuf(this.inVq, buf.page)) errors++;
    }
    if (errors > 0 && this.dev !== undefined) {
      devWarn(this.dev, `Errors adding ${errors} buffers back to vq`);
    }
  }

  /** Gives back buffers that the device has read. Linux: reclaim_consumed_buffers() */
  reclaim(): undefined {
    if (this.gone) return;
    let buf: Memory | undefined;
    while ((buf = this.outVq.getBuf()) !== undefined) {
      this.kernel.mem.free(buf);
      this.outvqFull = false;
    }
  }

  /**
   * Hands out input.
   *
   * Linux: fill_readbuf()
   *
   * @returns Nothing when there is none.
   */
  fillReadbuf(count: number): Uint8Array {
    if (count === 0 || !this.hasData()) return new Uint8Array(0);
    const buf = this.inbuf as PortBuffer;
    const from = buf.start + buf.offset;
    const taken = Math.min(count, buf.len - buf.offset);
    const data = this.kernel.mem.bytes.slice(from, from + taken);
    buf.offset += taken;
    if (buf.offset === buf.len) {
      this.inbuf = undefined;
      if (!addInbuf(this.inVq, buf.page) && this.dev !== undefined) {
        devWarn(this.dev, "failed add_buf");
      }
    }
    return data;
  }

  /**
   * Sends bytes; with `wait`, until the device has taken them, without sleeping.
   *
   * Linux: __send_to_port()
   *
   * @returns How many bytes were taken: all, or none when the queue is full or broken; `-ENOMEM`.
   */
  send(data: Uint8Array, wait: boolean): number {
    const { kernel, outVq } = this;
    this.reclaim();
    let buf: Memory;
    try {
      buf = copyOf(kernel, data, this.name);
    } catch (error) {
      if (error instanceof KernelError) return -error.errno;
      throw error;
    }
    try {
      outVq.addOutbuf([{ address: buf.address, length: data.length }], buf);
    } catch (error) {
      kernel.mem.free(buf);
      outVq.kick();
      if (error instanceof KernelError) return 0;
      throw error;
    }
    outVq.kick();
    if (outVq.numFree === 0) this.outvqFull = true;
    if (wait) spinForBuf(kernel, outVq, (done) => kernel.mem.free(done));
    this.stats.bytesSent += data.length;
    return data.length;
  }

  /** Linux: will_read_block() */
  willReadBlock(): boolean {
    if (!this.guestConnected) return false;
    return !this.hasData() && this.hostConnected;
  }

  /** Linux: will_write_block() */
  willWriteBlock(): boolean {
    if (!this.guestConnected) return false;
    if (!this.hostConnected) return true;
    this.reclaim();
    return this.outvqFull;
  }
}

/** Memory with a copy of `data` for the device to read. Throws `ENOMEM`. Linux: kmemdup() */
function copyOf(kernel: Kernel, data: Uint8Array, owner: string): Memory {
  const memory = kernel.mem.alloc(data.length, owner);
  kernel.mem.bytes.set(data, memory.offset);
  return memory;
}

/** Input that the device has delivered. Linux: virtqueue_get_buf() */
export function getInbuf(kernel: Kernel, vq: Virtqueue<number>): PortBuffer | undefined {
  const page = vq.getBuf();
  if (page === undefined) return undefined;
  const start = page * PAGE_SIZE - kernel.mem.base;
  return { page, start, len: Math.min(vq.usedLen, PAGE_SIZE), offset: 0 };
}

/** Gives an input page to the device; false when the queue does not take it. Linux: add_inbuf() */
export function addInbuf(vq: Virtqueue<number>, page: number): boolean {
  let added = true;
  try {
    vq.addFlat([page * PAGE_SIZE, PAGE_SIZE], 0, 1, page);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    added = false;
  }
  vq.kick();
  return added;
}

/**
 * Fills a queue with empty input pages.
 *
 * Linux: fill_queue()
 *
 * @returns The memory of the pages, to be given back when the queue goes; `undefined` when the queue was
 *   full already.
 * @throws {KernelError} `ENOMEM`.
 */
export function fillQueue(kernel: Kernel, vq: Virtqueue<number>): Memory | undefined {
  const count = vq.numFree;
  if (count === 0 || vq.isBroken) return undefined;
  const block = kernel.mem.alloc(count * PAGE_SIZE, `${vq.vdev.name} ${vq.name}`);
  const sg = [0, PAGE_SIZE];
  const first = block.address / PAGE_SIZE;
  for (let page = first; page < first + count; page++) {
    sg[0] = page * PAGE_SIZE;
    vq.addFlat(sg, 0, 1, page);
    vq.kick();
  }
  return block;
}

/**
 * Busy-waits, with interrupts off, until the device has taken a buffer or the queue is broken.
 *
 * Linux: while (!virtqueue_get_buf() && !virtqueue_is_broken()) cpu_relax()
 */
export function spinForBuf(
  kernel: Kernel,
  vq: Virtqueue<Memory>,
  done: (buf: Memory) => undefined,
): undefined {
  const { sched } = kernel;
  const giveUpNs = kernel.nowNs + SPIN_LIMIT_NS;
  sched.atomicDepth++;
  try {
    for (;;) {
      const buf = vq.getBuf();
      if (buf !== undefined) return done(buf);
      if (vq.isBroken || kernel.nowNs > giveUpNs || !sched.relax()) return;
    }
  } finally {
    sched.atomicDepth--;
  }
}
