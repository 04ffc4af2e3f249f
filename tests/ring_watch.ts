/**
 * Reads what a driver puts into its rings, by nothing but registers and memory: the same on every machine.
 *
 * @module
 */
import type { Machine } from "../hypervisor/platform.ts";
import type { Kernel } from "../kernel/kernel.ts";

const SLOT_BASE = 0x0a00_0000;
const SLOT_SIZE = 0x200;
const SLOTS_END = SLOT_BASE + 32 * SLOT_SIZE;
const QUEUE_SEL = 0x30;
const QUEUE_NUM = 0x38;
const QUEUE_NOTIFY = 0x50;
const QUEUE_DESC_LOW = 0x80;
const QUEUE_DRIVER_LOW = 0x90;

const DESC_SIZE = 16;
const DESC_F_NEXT = 1;
const DESC_F_WRITE = 2;
const DESC_F_INDIRECT = 4;
/** A chain longer than this goes round in circles. */
const CHAIN_MAX = 1024;

interface Ring {
  size: number;
  desc: number;
  avail: number;
  /** How many heads of the available ring were read. */
  seen: number;
  readonly chains: string[];
}

/** Watches the rings of a machine of virtio-mmio version 2. */
export class RingWatch {
  readonly #memory: DataView;
  readonly #selected = new Map<number, number>();
  readonly #rings = new Map<string, Ring>();

  /** Listens from now on, in place of anybody who listened before. */
  constructor(readonly machine: Machine, kernel: Kernel) {
    this.#memory = new DataView(machine.ram);
    kernel.io.onAccess = (write, address, _width, value): undefined => {
      if (write && address >= SLOT_BASE && address < SLOTS_END) this.#written(address, value);
    };
  }

  #written(address: number, value: number): undefined {
    const slot = Math.floor((address - SLOT_BASE) / SLOT_SIZE);
    const ring = this.#ring(slot, this.#selected.get(slot) ?? 0);
    switch ((address - SLOT_BASE) % SLOT_SIZE) {
      case QUEUE_SEL:
        this.#selected.set(slot, value);
        break;
      case QUEUE_NUM:
        ring.size = value;
        break;
      case QUEUE_DESC_LOW:
        ring.desc = value;
        break;
      case QUEUE_DRIVER_LOW:
        ring.avail = value;
        break;
      case QUEUE_NOTIFY:
        this.#read(this.#ring(slot, value));
    }
  }

  #ring(slot: number, queue: number): Ring {
    const key = `${slot}/${queue}`;
    const found = this.#rings.get(key) ?? { size: 0, desc: 0, avail: 0, seen: 0, chains: [] };
    this.#rings.set(key, found);
    return found;
  }

  /** What the driver has offered in a queue so far, a line for each chain. */
  chains(slot: number, queue: number): readonly string[] {
    const ring = this.#ring(slot, queue);
    this.#read(ring);
    return ring.chains;
  }

  #read(ring: Ring): undefined {
    if (ring.avail === 0) return;
    const avail = ring.avail - this.machine.ramBase;
    const index = this.#memory.getUint16(avail + 2, true);
    for (; ring.seen % 0x1_0000 !== index; ring.seen++) {
      const head = this.#memory.getUint16(avail + 4 + 2 * (ring.seen % ring.size), true);
      ring.chains.push(this.#chain(ring.desc, head));
    }
  }

  #chain(table: number, head: number): string {
    const parts: string[] = [];
    let at = head;
    for (let count = 0; count < CHAIN_MAX; count++) {
      const desc = table - this.machine.ramBase + at * DESC_SIZE;
      const length = this.#memory.getUint32(desc + 8, true);
      const flags = this.#memory.getUint16(desc + 12, true);
      if (flags & DESC_F_INDIRECT) {
        return `indirect, ${this.#chain(Number(this.#memory.getBigUint64(desc, true)), 0)}`;
      }
      parts.push(`${flags & DESC_F_WRITE ? "in" : "out"} ${length}`);
      if ((flags & DESC_F_NEXT) === 0) return parts.join(", ");
      at = this.#memory.getUint16(desc + 14, true);
    }
    throw new Error("a chain has no end");
  }
}
