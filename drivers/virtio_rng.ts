/**
 * Random bytes from the host: the driver of virtio entropy devices.
 *
 * There is always one buffer with the device, so that a read which must not wait often finds
 * something.
 *
 * Linux: drivers/char/hw_random/virtio-rng.c. VIRTIO 1.4, 5.4
 *
 * @module
 */
import { VIRTIO_DEV_ANY_ID } from "../uapi/virtio_config.ts";
import { VIRTIO_ID_RNG } from "../uapi/virtio_rng.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { HW_RANDOM, type Hwrng, RNG_BUFFER_SIZE } from "../kernel/char/hw_random.ts";
import { KernelError } from "../kernel/errors.ts";
import { Ida } from "../kernel/ida.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Memory } from "../kernel/mem.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { Slot } from "../kernel/slot.ts";
import { Completion } from "../kernel/wait.ts";
import type { VirtioDevice, VirtioDriver } from "./virtio/driver.ts";
import { registerVirtioDriver, unregisterVirtioDriver } from "./virtio/virtio.ts";
import {
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioResetDevice,
} from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";

/** What the driver says of its bits: 1000 of 1024 are random. */
const QUALITY = 1000;

/** Numbers of devices. Linux: rng_index_ida */
const RNG_INDEX_IDA: Slot<Ida> = new Slot("virtio_rng", (kernel) => new Ida(kernel, "virtio_rng"));

/** The driver's state of one device. Linux: struct virtrng_info */
class VirtrngInfo {
  readonly #data: Memory;
  readonly #index: number;
  #vq: Virtqueue<Memory> | undefined;
  #hwrng: Hwrng | undefined;
  #haveData: Completion;
  /** Bytes of the buffer that nobody had yet, and where they start. */
  #available = 0;
  #start = 0;
  #removed = false;

  constructor(readonly vdev: VirtioDevice) {
    const { kernel } = vdev;
    this.#data = kernel.mem.alloc(RNG_BUFFER_SIZE, vdev.name);
    try {
      this.#index = kernel.get(RNG_INDEX_IDA).alloc();
    } catch (error) {
      kernel.mem.free(this.#data);
      throw error;
    }
    this.#haveData = this.#newCompletion();
  }

  #newCompletion(): Completion {
    return new Completion(this.vdev.kernel.sched, `random bytes of ${this.vdev.name}`);
  }

  async findVqs(): Promise<undefined> {
    [this.#vq] = await virtioFindVqs(this.vdev, [
      { name: "input", callback: () => this.#recvDone() },
    ]);
  }

  /** Linux: random_recv_done() */
  #recvDone(): undefined {
    const vq = this.#vq;
    if (vq?.getBuf() === undefined) return;
    this.#available = Math.min(vq.usedLen, RNG_BUFFER_SIZE);
    this.#haveData.complete();
  }

  /** Linux: request_entropy() */
  requestEntropy(): undefined {
    this.#haveData = this.#newCompletion();
    this.#start = 0;
    this.#vq?.addInbuf([{ address: this.#data.address, length: RNG_BUFFER_SIZE }], this.#data);
    this.#vq?.kick();
  }

  /** Takes from the buffer; an empty one goes back to the device. Linux: copy_data() */
  #copyData(size: number): Uint8Array {
    const count = Math.min(size, this.#available);
    const from = this.#data.offset + this.#start;
    const bytes = this.vdev.kernel.mem.bytes.slice(from, from + count);
    this.#start += count;
    this.#available -= count;
    if (this.#available === 0) this.requestEntropy();
    return bytes;
  }

  /** Linux: virtio_read() */
  async #read(size: number, wait: boolean): Promise<Uint8Array> {
    if (this.#removed) throw new KernelError("ENODEV", `${this.vdev.name}: the device is gone`);
    const bytes = new Uint8Array(size);
    let done = 0;
    const take = () => {
      const some = this.#copyData(size - done);
      bytes.set(some, done);
      done += some.length;
    };
    if (this.#available > 0) take();
    while (wait && done < size) {
      await this.#haveData.waitInterruptible();
      // The source is taken away; the buffer stays with the device.
      if (this.#available === 0) break;
      take();
    }
    return bytes.subarray(0, done);
  }

  /** Linux: virtrng_scan() */
  async register(): Promise<undefined> {
    this.#hwrng = await this.vdev.kernel.get(HW_RANDOM).register({
      name: `virtio_rng.${this.#index}`,
      quality: QUALITY,
      read: (size, wait) => this.#read(size, wait),
      cleanup: () => this.#haveData.complete(),
    });
  }

  /** Everybody who reads goes away with what there is. */
  async unregister(): Promise<undefined> {
    this.#removed = true;
    this.#available = this.#start = 0;
    this.#haveData.complete();
    const hwrng = this.#hwrng;
    if (hwrng !== undefined) await this.vdev.kernel.get(HW_RANDOM).unregister(hwrng);
  }

  delVqs(): undefined {
    virtioDelVqs(this.vdev);
    this.#vq = undefined;
  }

  free(): undefined {
    const { kernel } = this.vdev;
    kernel.get(RNG_INDEX_IDA).free(this.#index);
    kernel.mem.free(this.#data);
  }
}

/** Linux: probe_common() */
async function virtrngProbe(vdev: VirtioDevice): Promise<undefined> {
  const vi = new VirtrngInfo(vdev);
  vdev.priv = vi;
  try {
    await vi.findVqs();
  } catch (error) {
    vi.free();
    throw error;
  }
  virtioDeviceReady(vdev);
  vi.requestEntropy();
}

/** Linux: remove_common() */
async function virtrngRemove(vdev: VirtioDevice): Promise<undefined> {
  const vi = vdev.priv as VirtrngInfo;
  await vi.unregister();
  virtioResetDevice(vdev);
  vi.delVqs();
  vi.free();
}

/** The device works: its source may be used. Linux: virtrng_scan() */
async function virtrngScan(vdev: VirtioDevice): Promise<undefined> {
  await (vdev.priv as VirtrngInfo).register();
}

/** Linux: virtio_rng_driver */
export const VIRTIO_RNG_DRIVER: VirtioDriver = {
  name: "virtio_rng",
  idTable: [{ device: VIRTIO_ID_RNG, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [],
  probe: virtrngProbe,
  remove: virtrngRemove,
  scan: virtrngScan,
  freeze: virtrngRemove,
  async restore(vdev) {
    await virtrngProbe(vdev);
    await virtrngScan(vdev);
  },
};

const REGISTERED: Slot<{ driver?: RegisteredDriver }> = new Slot("virtio_rng_driver", () => ({}));

/** The module `virtio_rng`; its file is called `virtio-rng.ko`. */
export const VIRTIO_RNG: ModuleImage = {
  name: "virtio_rng",
  file: "virtio-rng",
  description: "Virtio random number driver",
  license: "GPL",
  size: 16384,
  aliases: ["virtio:d00000004v*"],
  init: {
    name: "virtio_rng_driver_init",
    level: "device",
    fn: async (kernel: Kernel, module) => {
      kernel.get(REGISTERED).driver = await registerVirtioDriver(kernel, VIRTIO_RNG_DRIVER, module);
      return 0;
    },
  },
  exit: {
    name: "virtio_rng_driver_exit",
    fn: async (kernel: Kernel) => {
      const { driver } = kernel.get(REGISTERED);
      if (driver !== undefined) await unregisterVirtioDriver(driver);
      return 0;
    },
  },
};
