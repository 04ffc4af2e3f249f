/**
 * How many register accesses each device costs.
 *
 * @module
 */
import { SLOT_BASE, SLOT_COUNT, SLOT_SIZE, UART_BASE, UART_SIZE } from "../embedded/memory_map.ts";

/** Counts accesses by the name that Linux gives the platform device. */
export class ExitCounter {
  readonly #slots = new Array<number>(SLOT_COUNT).fill(0);
  #uart = 0;

  /** Counts one access to a slot. */
  slot(index: number): undefined {
    this.#slots[index]++;
  }

  /** Counts one access outside of the slots. */
  other(address: number): undefined {
    if (address >= UART_BASE && address < UART_BASE + UART_SIZE) this.#uart++;
  }

  /** What was counted; devices that nobody touched are left out. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    if (this.#uart > 0) counts.set(`${UART_BASE.toString(16)}.pl011`, this.#uart);
    for (const [index, count] of this.#slots.entries()) {
      const address = SLOT_BASE + index * SLOT_SIZE;
      if (count > 0) counts.set(`${address.toString(16)}.virtio_mmio`, count);
    }
    return counts;
  }
}
