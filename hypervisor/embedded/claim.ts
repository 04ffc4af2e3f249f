/**
 * Backends belong to one device each, as QEMU has it.
 *
 * @module
 */

/** A backend (drive, character device, network) that at most one device may use. */
export abstract class Claimable {
  /** The name that the options gave it. */
  readonly id: string;
  #owner: string | undefined;

  /** @param id The name that the options gave it. */
  constructor(id: string) {
    this.id = id;
  }

  /** What uses the backend, for example `"virtio-blk-device.drive"`; `undefined` while it is free. */
  get owner(): string | undefined {
    return this.#owner;
  }

  /**
   * Takes the backend for one property of one device.
   *
   * @param property QEMU's name of the property, for example `"virtio-blk-device.drive"`.
   * @throws {Error} When another device has it already, in QEMU's words.
   */
  claim(property: string): undefined {
    if (this.#owner !== undefined) throw new Error(this.inUse(property));
    this.#owner = property;
  }

  /** QEMU's words for a backend of this kind that is taken. */
  protected abstract inUse(property: string): string;
}
