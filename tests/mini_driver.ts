/**
 * The smallest driver that can drive any virtio device, over nothing but registers and memory. It
 * serves the embedded devices and a real QEMU alike, so that one script compares them.
 *
 * @module
 */
import { EventQueue } from "../hypervisor/embedded/event_queue.ts";
import type { DeviceModel } from "../hypervisor/embedded/device.ts";
import { QEMU_7_2, type Quirks } from "../hypervisor/embedded/quirks.ts";
import { VirtioMmioSlot } from "../hypervisor/embedded/virtio_mmio.ts";
import { RAM_BASE, slotAddress } from "./qtest_client.ts";

/** Registers and memory of a machine. */
export interface Registers {
  /** Reads a register. */
  read(address: number, width: 1 | 2 | 4): number;
  /** Writes a register. */
  write(address: number, width: 1 | 2 | 4, value: number): undefined;
  /** Reads guest memory. */
  readMemory(address: number, length: number): Uint8Array;
  /** Writes guest memory. */
  writeMemory(address: number, data: Uint8Array): undefined;
  /** Lets the device finish its work. */
  settle(ms?: number): undefined;
}

/** One embedded device in slot 31 of a machine that has nothing else. */
export class SlotBench implements Registers {
  /** Guest RAM. */
  readonly ram = new Uint8Array(1 << 20);
  /** The slot that the device sits in. */
  readonly slot: VirtioMmioSlot;
  /** Virtual time in nanoseconds. */
  nowNs = 0;
  /** Level of the interrupt line. */
  level = false;
  /** How often the line rose. */
  interrupts = 0;
  /** What the driver did wrong, `clause: message` each. */
  readonly violations: string[] = [];
  readonly #events = new EventQueue();

  /** Puts `model` into the slot and switches on. */
  constructor(model: DeviceModel, quirks: Quirks = QEMU_7_2, version: 1 | 2 = 2) {
    this.slot = new VirtioMmioSlot(31, 47, model, {
      bytes: this.ram,
      view: new DataView(this.ram.buffer),
      ramBase: RAM_BASE,
      quirks,
      version,
      nowNs: () => this.nowNs,
      schedule: (atNs, work) => this.#events.schedule(atNs, work),
      setInterrupt: (_spi, level) => {
        if (level && !this.level) this.interrupts++;
        this.level = level;
      },
      violation: (_device, clause, message) => {
        this.violations.push(`${clause}: ${message}`);
      },
      choose: () => 0,
    });
    model.realize(this.slot, this.slot.queues);
  }

  read(address: number, width: 1 | 2 | 4): number {
    return this.slot.read(address - slotAddress(0), width);
  }

  write(address: number, width: 1 | 2 | 4, value: number): undefined {
    this.slot.write(address - slotAddress(0), width, value);
  }

  readMemory(address: number, length: number): Uint8Array {
    return this.ram.slice(address - RAM_BASE, address - RAM_BASE + length);
  }

  writeMemory(address: number, data: Uint8Array): undefined {
    this.ram.set(data, address - RAM_BASE);
  }

  settle(): undefined {
    while (this.#events.nextNs !== Infinity) {
      this.nowNs = Math.max(this.nowNs, this.#events.nextNs);
      this.#events.runDue(this.nowNs);
    }
  }
}

/** A used buffer: its head, its length, and what the writable part holds now. */
export interface UsedBuffer {
  /** Index of the first descriptor. */
  readonly id: number;
  /** What the device says that it wrote. */
  readonly len: number;
  /** The writable bytes of the chain. */
  readonly data: Uint8Array;
}

interface Chain {
  readonly address: number;
  readonly length: number;
}

const QUEUE_BYTES = 0x2000;
/** Where buffers begin in a driver's memory. */
const BUFFERS = 0x40000;
/** How much memory a driver uses, in bytes. */
export const DRIVER_MEMORY = 0x80000;
/** What buffers for the device hold before it writes. */
const UNWRITTEN = 0xee;

/** Drives the device whose registers are at `base`. */
export class MiniDriver {
  readonly #machine: Registers;
  readonly #base: number;
  readonly #size: number;
  readonly #queues = new Map<
    number,
    { desc: number; next: number; avail: number; used: number; chains: Map<number, Chain> }
  >();
  readonly #memory: number;
  /** Buffers are handed out from here on. */
  #free: number;

  /**
   * @param size Entries per queue.
   * @param memory Start of the {@linkcode DRIVER_MEMORY} bytes that the driver may use.
   */
  constructor(machine: Registers, base = slotAddress(0), size = 16, memory = RAM_BASE) {
    this.#machine = machine;
    this.#base = base;
    this.#size = size;
    this.#memory = memory;
    this.#free = memory + BUFFERS;
  }

  /** Reads a register or, from 0x100 on, configuration space. */
  read(offset: number, width: 1 | 2 | 4 = 4): number {
    return this.#machine.read(this.#base + offset, width);
  }

  /** Writes a register. */
  write(offset: number, value: number, width: 1 | 2 | 4 = 4): undefined {
    this.#machine.write(this.#base + offset, width, value);
  }

  /** Reads `length` bytes of configuration space. */
  config(length: number): number[] {
    return Array.from({ length }, (_, i) => this.read(0x100 + i, 1));
  }

  /** The features that the device offers. */
  get offered(): bigint {
    const word = (index: number) => {
      this.write(0x14, index);
      return BigInt(this.read(0x10));
    };
    return word(1) << 32n | word(0);
  }

  /** The whole initialisation, with `queues` queues and those offered features that `mask` has. */
  init(queues: number, mask = ~0n): undefined {
    this.write(0x70, 0);
    this.write(0x70, 1);
    this.write(0x70, 3);
    // Neither RING_PACKED nor EVENT_IDX: every used buffer interrupts.
    const features = this.offered & mask & ~(1n << 34n) & ~(1n << 29n) & ~(1n << 33n);
    for (const index of [1, 0]) {
      this.write(0x24, index);
      this.write(0x20, Number(features >> BigInt(32 * index) & 0xffffffffn));
    }
    this.write(0x70, 11);
    for (let queue = 0; queue < queues; queue++) this.#setUpQueue(queue);
    this.write(0x70, 15);
  }

  #setUpQueue(queue: number): undefined {
    const desc = this.#memory + QUEUE_BYTES * queue;
    this.#machine.writeMemory(desc, new Uint8Array(QUEUE_BYTES));
    this.#queues.set(queue, { desc, next: 0, avail: 0, used: 0, chains: new Map() });
    this.write(0x30, queue);
    this.write(0x38, this.#size);
    this.write(0x80, desc);
    this.write(0x84, 0);
    this.write(0x90, desc + 0x800);
    this.write(0x94, 0);
    this.write(0xa0, desc + 0x1000);
    this.write(0xa4, 0);
    this.write(0x44, 1);
  }

  /** Makes a chain of readable and writable buffers available; returns its head. */
  add(queue: number, out: readonly Uint8Array[], into: readonly number[]): number {
    const ring = this.#queues.get(queue)!;
    const head = ring.next;
    const room = into.reduce((sum, length) => sum + length, 0);
    const writable = this.#allocate(room);
    const total = out.length + into.length;
    if (room > 0) this.#machine.writeMemory(writable, new Uint8Array(room).fill(UNWRITTEN));
    let inAt = writable;
    for (let i = 0; i < total; i++) {
      const index = (head + i) % this.#size;
      const readable = i < out.length;
      const length = readable ? out[i].length : into[i - out.length];
      const address = readable ? this.#place(out[i]) : inAt;
      if (!readable) inAt += length;
      const view = new DataView(new ArrayBuffer(16));
      view.setBigUint64(0, BigInt(address), true);
      view.setUint32(8, length, true);
      view.setUint16(12, (i + 1 < total ? 1 : 0) | (readable ? 0 : 2), true);
      view.setUint16(14, (head + i + 1) % this.#size, true);
      this.#machine.writeMemory(ring.desc + 16 * index, new Uint8Array(view.buffer));
    }
    ring.next = (head + total) % this.#size;
    ring.chains.set(head, { address: writable, length: inAt - writable });
    this.#publish(ring, head);
    return head;
  }

  #publish(ring: { desc: number; avail: number }, head: number): undefined {
    const avail = ring.desc + 0x800;
    const le16 = (value: number) => Uint8Array.of(value & 0xff, value >>> 8 & 0xff);
    this.#machine.writeMemory(avail + 4 + 2 * (ring.avail % this.#size), le16(head));
    ring.avail = (ring.avail + 1) & 0xffff;
    this.#machine.writeMemory(avail + 2, le16(ring.avail));
  }

  #allocate(length: number): number {
    const address = this.#free;
    this.#free += (length + 15) & ~15;
    if (this.#free <= this.#memory + DRIVER_MEMORY) return address;
    this.#free = this.#memory + BUFFERS;
    return this.#allocate(length);
  }

  #place(data: Uint8Array): number {
    const address = this.#allocate(data.length);
    this.#machine.writeMemory(address, data);
    return address;
  }

  /** Notifies the device of a queue and lets it work. */
  kick(queue: number, ms?: number): undefined {
    this.write(0x50, queue);
    this.#machine.settle(ms);
  }

  /** Takes the used buffers of a queue. */
  used(queue: number): UsedBuffer[] {
    const ring = this.#queues.get(queue);
    if (!ring) return [];
    const at = ring.desc + 0x1000;
    const header = this.#machine.readMemory(at, 4);
    const index = header[2] | header[3] << 8;
    const buffers: UsedBuffer[] = [];
    for (; ring.used !== index; ring.used = (ring.used + 1) & 0xffff) {
      const entry = this.#machine.readMemory(at + 4 + 8 * (ring.used % this.#size), 8);
      const view = new DataView(entry.buffer);
      const id = view.getUint32(0, true);
      const chain = ring.chains.get(id);
      const data = chain && chain.length > 0
        ? this.#machine.readMemory(chain.address, chain.length)
        : new Uint8Array();
      ring.chains.delete(id);
      buffers.push({ id, len: view.getUint32(4, true), data });
    }
    return buffers;
  }

  /** Adds one chain, notifies, and returns the one buffer that came back. */
  request(queue: number, out: readonly Uint8Array[], into: readonly number[]): UsedBuffer {
    this.add(queue, out, into);
    this.kick(queue);
    for (let tries = 0; tries < 100; tries++) {
      const [buffer] = this.used(queue);
      if (buffer) return buffer;
      if ((this.read(0x70) & 0x40) !== 0) throw new Error("the device needs a reset");
      this.#machine.settle(5);
    }
    throw new Error(`queue ${queue}: no answer, status 0x${this.read(0x70).toString(16)}`);
  }

  /** Reads InterruptStatus and acknowledges it. */
  acknowledge(): number {
    const status = this.read(0x60);
    this.write(0x64, status);
    return status;
  }
}
