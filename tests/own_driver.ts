/**
 * A driver for the entropy device over nothing but the public names, which does what virtio_rng does: one buffer with
 * the device at all times, as far as the device sees it.
 *
 * @module
 */
import {
  Completion,
  type Memory,
  type ModuleImage,
  moduleVirtioDriver,
  VIRTIO_DEV_ANY_ID,
  VIRTIO_ID_RNG,
  virtioDelVqs,
  virtioDeviceReady,
  type VirtioDriver,
  virtioFindVqs,
  virtioResetDevice,
} from "../driver.ts";

/** Bytes in the buffer. */
const SIZE = 64;

/** What the driver knows of one device. */
class Dice {
  readonly filled: Completion;
  /** The bytes that came first. */
  bytes: Uint8Array = new Uint8Array(0);

  constructor(readonly buffer: Memory, done: Completion) {
    this.filled = done;
  }
}

/** Fills its buffer when it is probed, and again when it was filled for the first time. */
export const DICE_DRIVER: VirtioDriver = {
  name: "dice",
  idTable: [{ device: VIRTIO_ID_RNG, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [],
  devGroups: [{
    attrs: [{
      name: "bytes",
      mode: 0o444,
      async show({ priv }) {
        const dice = priv as Dice;
        if (!dice.filled.done) await dice.filled.wait();
        return `${dice.bytes.length} ${dice.bytes.toHex()}\n`;
      },
    }],
  }],
  async probe(vdev) {
    const { kernel } = vdev;
    const buffer = kernel.mem.alloc(SIZE, vdev.name);
    const dice = new Dice(buffer, new Completion(kernel.sched, `bytes of ${vdev.name}`));
    vdev.priv = dice;
    const add = () => {
      vq.addInbuf([{ address: buffer.address, length: SIZE }], dice);
      vq.kick();
    };
    const [vq] = await virtioFindVqs(vdev, [{
      name: "input",
      callback: () => {
        if (vq.getBuf() === undefined || dice.filled.done) return;
        dice.bytes = kernel.mem.bytes.slice(buffer.offset, buffer.offset + vq.usedLen);
        dice.filled.completeAll();
        add();
      },
    }]).catch((error) => {
      kernel.mem.free(buffer);
      throw error;
    });
    virtioDeviceReady(vdev);
    add();
  },
  async remove(vdev) {
    virtioResetDevice(vdev);
    virtioDelVqs(vdev);
    vdev.kernel.mem.free((vdev.priv as Dice).buffer);
  },
};

/** The module of the driver. */
export const DICE: ModuleImage = moduleVirtioDriver(DICE_DRIVER, {
  description: "Rolls dice",
  license: "GPL",
});
