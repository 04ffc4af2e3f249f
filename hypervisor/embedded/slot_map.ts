/**
 * Which device goes where: QEMU's names of buses, and its choice when none is named.
 *
 * QEMU: qbus_find(), qbus_find_recursive().
 *
 * @module
 */
import type { DeviceModel } from "./device.ts";
import { OptionError } from "./option_list.ts";
import { VirtioSerial } from "./virtio_console.ts";

/** Which device is in which slot, and the buses that QEMU gives them. */
export class SlotMap {
  readonly #taken: boolean[];
  /** The devices that ports can sit on, by the name of their bus, in the order of their slots. */
  readonly #serials: { slot: number; bus: string; model: VirtioSerial }[] = [];
  #serialCount = 0;

  /** Makes a map of `count` free slots. */
  constructor(count: number) {
    this.#taken = new Array<boolean>(count).fill(false);
  }

  /** The highest free slot: QEMU looks at the bus that was made last first. */
  findFree(driver: string): number {
    const slot = this.#taken.lastIndexOf(false);
    if (slot >= 0) return slot;
    throw new OptionError(
      `No 'virtio-bus' bus found for device '${driver}': all ${this.#taken.length} are taken`,
    );
  }

  /** The slot whose bus is named; it must be free. */
  findBus(driver: string, bus: string): number {
    const match = /^virtio-mmio-bus\.(0|[1-9][0-9]*)$/.exec(bus);
    const slot = match === null ? -1 : Number(match[1]);
    if (slot < 0 && this.#serials.some((serial) => serial.bus === bus)) {
      throw new OptionError(`Device '${driver}' can't go on virtio-serial-bus bus`);
    }
    if (slot < 0 || slot >= this.#taken.length) {
      const last = this.#taken.length - 1;
      throw new OptionError(
        `Bus '${bus}' not found; known: virtio-mmio-bus.0 to virtio-mmio-bus.${last}`,
      );
    }
    if (this.#taken[slot]) throw new OptionError(`Bus '${bus}' is full`);
    return slot;
  }

  /** Notes what is in a slot now. */
  take(slot: number, model: DeviceModel, id: string | undefined): undefined {
    this.#taken[slot] = true;
    if (!(model instanceof VirtioSerial)) return;
    const bus = id === undefined ? `virtio-serial-bus.${this.#serialCount++}` : `${id}.0`;
    this.#serials.push({ slot, bus, model });
    this.#serials.sort((a, b) => b.slot - a.slot);
  }

  /** The device for a port: the one whose bus is named, else the one in the highest slot. */
  findSerial(driver: string, bus: string | undefined): VirtioSerial {
    if (bus === undefined) {
      if (this.#serials.length > 0) return this.#serials[0].model;
      throw new OptionError(
        `No 'virtio-serial-bus' bus found for device '${driver}'; add -device virtio-serial-device`,
      );
    }
    const found = this.#serials.find((serial) => serial.bus === bus);
    if (found !== undefined) return found.model;
    if (/^virtio-mmio-bus\.\d+$/.test(bus)) {
      throw new OptionError(`Device '${driver}' can't go on virtio-mmio-bus bus`);
    }
    const known = this.#serials.map((serial) => serial.bus).join(", ") || "none";
    throw new OptionError(`Bus '${bus}' not found; known: ${known}`);
  }
}
