/**
 * A machine with nothing in it but RAM, a clock and what a test puts there: for tests of the kernel core.
 *
 * @module
 */
import type { AccessWidth, Guest, Platform } from "../hypervisor/platform.ts";

/** Where RAM begins, as on QEMU's `virt`. */
export const RAM_BASE = 0x4000_0000;

/** A device of a test: registers at a range of addresses. */
export interface BareDevice {
  readonly start: number;
  readonly size: number;
  read(offset: number, width: AccessWidth): number;
  write(offset: number, width: AccessWidth, value: number): undefined;
}

interface Event {
  readonly atNs: number;
  readonly run: () => undefined;
}

/** RAM and a queue of events. */
export class BareMachine implements Platform {
  readonly name = "bare";
  readonly ramBase = RAM_BASE;
  readonly ram: ArrayBuffer;
  readonly dtb: Uint8Array;
  readonly devices: BareDevice[] = [];
  guest!: Guest;
  /** What the world outside does when nothing else can run. */
  outside: (() => Promise<void> | undefined) | undefined;
  readonly #events: Event[] = [];

  constructor(ramSize = 8 << 20, dtb = new Uint8Array()) {
    this.ram = new ArrayBuffer(ramSize);
    this.dtb = dtb;
  }

  attach(guest: Guest): undefined {
    this.guest = guest;
  }

  /** Does something at a virtual time. */
  at(atNs: number, run: () => undefined): undefined {
    this.#events.push({ atNs, run });
    this.#events.sort((a, b) => a.atNs - b.atNs);
  }

  #find(address: number): BareDevice | undefined {
    return this.devices.find(({ start, size }) => start <= address && address < start + size);
  }

  read(address: number, width: AccessWidth): number {
    const device = this.#find(address);
    return device?.read(address - device.start, width) ?? 0;
  }

  write(address: number, width: AccessWidth, value: number): undefined {
    const device = this.#find(address);
    device?.write(address - device.start, width, value);
  }

  nextEventNs(): number {
    return this.#events[0]?.atNs ?? Infinity;
  }

  runDue(): undefined {
    while (this.#events.length > 0 && this.#events[0].atNs <= this.guest.nowNs) {
      this.#events.shift()?.run();
    }
  }

  waitExternal(): Promise<void> | undefined {
    return this.outside?.();
  }
}

/** Numbers that look random and are the same in every run: a chooser that a seed decides. */
export function seededChooser(seed: number): (point: { readonly count: number }) => number {
  let state = seed >>> 0;
  return ({ count }) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 0x1_0000_0000 * count);
  };
}
