/**
 * The embedded machine with a guest that does nothing by itself, so that a test can touch registers
 * and memory as on a QEMU under qtest.
 *
 * @module
 */
import {
  embedded,
  type EmbeddedMachine,
  type EmbeddedOptions,
} from "../hypervisor/embedded/machine.ts";
import { RAM_BASE } from "../hypervisor/embedded/memory_map.ts";
import type { Guest } from "../hypervisor/platform.ts";
import type { Registers } from "./mini_driver.ts";

/** A guest that notes what happens. */
export class QuietGuest implements Guest {
  nowNs = 0;
  /** Level of each interrupt line that ever changed. */
  readonly levels = new Map<number, boolean>();
  /** Rising edges, in order. */
  readonly edges: number[] = [];

  interrupt(spi: number, level: boolean): undefined {
    if (level) this.edges.push(spi);
    this.levels.set(spi, level);
  }

  choose(): number {
    return 0;
  }
}

/** A machine with a quiet guest. */
export class MachineBench implements Registers {
  readonly guest = new QuietGuest();
  readonly machine: EmbeddedMachine;

  /** Makes the machine with 1 MiB of RAM. */
  constructor(args: readonly string[], options: EmbeddedOptions = {}) {
    this.machine = embedded(args, { ram: new ArrayBuffer(1 << 20), ...options });
    this.machine.attach(this.guest);
  }

  /** What the driver did wrong, `clause: message` each. */
  get violations(): string[] {
    return this.machine.violations.map(({ clause, message }) => `${clause}: ${message}`);
  }

  read(address: number, width: 1 | 2 | 4): number {
    return this.machine.read(address, width);
  }

  write(address: number, width: 1 | 2 | 4, value: number): undefined {
    this.machine.write(address, width, value);
  }

  readMemory(address: number, length: number): Uint8Array {
    return this.machine.bytes.slice(address - RAM_BASE, address - RAM_BASE + length);
  }

  writeMemory(address: number, data: Uint8Array): undefined {
    this.machine.bytes.set(data, address - RAM_BASE);
  }

  settle(): undefined {
    while (this.machine.nextEventNs() !== Infinity) {
      this.guest.nowNs = Math.max(this.guest.nowNs, this.machine.nextEventNs());
      this.machine.runDue();
    }
  }
}
