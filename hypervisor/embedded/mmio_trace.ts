/**
 * Writes what happens at the registers in the words of QEMU's own trace events, so that a run here
 * and a run of Linux on QEMU (`-trace 'virtio_mmio*' -trace virtio_set_status ...`) can be compared
 * with `diff`.
 *
 * Pointers differ from run to run in QEMU. Here a device is shown by the address of its registers
 * and a queue by the address of its device's configuration space plus its number.
 *
 * @module
 */

/** Takes one line, without its end. */
export type TraceSink = (line: string) => undefined;

/** Writes the trace of one slot. */
export class MmioTrace {
  readonly #sink: TraceSink;
  readonly #base: number;

  /** Makes the writer for the slot at `base`. */
  constructor(sink: TraceSink, base: number) {
    this.#sink = sink;
    this.#base = base;
  }

  /** A register was read. */
  read(offset: number): undefined {
    this.#sink(`virtio_mmio_read virtio_mmio_read offset ${hex(offset)}`);
  }

  /** A register was written. */
  write(offset: number, value: number): undefined {
    this.#sink(
      `virtio_mmio_write_offset virtio_mmio_write offset ${hex(offset)} value ${hex(value)}`,
    );
  }

  /** The driver set the size of a queue. */
  queueWrite(size: number, sizeMax: number): undefined {
    this.#sink(`virtio_mmio_queue_write mmio_queue write ${hex(size)} max ${sizeMax}`);
  }

  /** The guest's page size was set. Legacy only. */
  guestPage(size: number, shift: number): undefined {
    this.#sink(`virtio_mmio_guest_page guest page size ${hex(size)} shift ${shift}`);
  }

  /** The device status was set. */
  setStatus(status: number): undefined {
    this.#sink(`virtio_set_status vdev ${hex(this.#base)} val ${status}`);
  }

  /** The interrupt line was set, perhaps to the level it had. */
  settingIrq(level: boolean): undefined {
    this.#sink(`virtio_mmio_setting_irq virtio_mmio setting IRQ ${level ? 1 : 0}`);
  }

  /** The driver told the device of new buffers. */
  queueNotify(queue: number): undefined {
    const vq = hex(this.#base + 0x100 + queue);
    this.#sink(`virtio_queue_notify vdev ${hex(this.#base)} n ${queue} vq ${vq}`);
  }

  /** The device told the driver of used buffers. */
  notify(queue: number): undefined {
    this.#sink(`virtio_notify vdev ${hex(this.#base)} vq ${hex(this.#base + 0x100 + queue)}`);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
