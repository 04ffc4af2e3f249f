/**
 * Keyboards, mice and tablets: the driver of virtio-input devices.
 *
 * Linux: drivers/virtio/virtio_input.c. VIRTIO 1.4, 5.8
 *
 * @module
 */
import {
  ABS_CNT,
  ABS_MT_SLOT,
  BUS_VIRTUAL,
  EV_ABS,
  EV_KEY,
  EV_LED,
  EV_MSC,
  EV_REL,
  EV_REP,
  EV_SND,
  EV_SW,
  MSC_TIMESTAMP,
} from "../uapi/input_event_codes.ts";
import { VIRTIO_DEV_ANY_ID, VIRTIO_F_VERSION_1 } from "../uapi/virtio_config.ts";
import { VIRTIO_ID_INPUT } from "../uapi/virtio_ids.ts";
import * as uapi from "../uapi/virtio_input.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Bitmap } from "../kernel/input/bitmap.ts";
import {
  InputDev,
  inputMtInitSlots,
  inputRegisterDevice,
  inputSetAbsParams,
  inputUnregisterDevice,
} from "../kernel/input/input.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Memory } from "../kernel/mem.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { Slot } from "../kernel/slot.ts";
import type { VirtioDriver } from "./virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  type VirtioDevice,
} from "./virtio/virtio.ts";
import {
  virtioCread16,
  virtioCread32,
  virtioCread8,
  virtioCreadBytes,
  virtioCwrite8,
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioResetDevice,
} from "./virtio/virtio_config.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";

/** Buffers for events; the device needs one for each. */
const EVENT_BUFFERS = 64;
/** Names are cut here. */
const NAME_SIZE = 64;
/** The configuration space: what to look at, its size, and the window on it. */
const CONFIG_SELECT = 0;
const CONFIG_SUBSEL = 1;
const CONFIG_SIZE = 2;
const CONFIG_WINDOW = 8;

const decoder = new TextDecoder();

/** The driver's state of one device. Linux: struct virtio_input */
class VirtioInput {
  readonly idev: InputDev;
  /** Room for all events at once. */
  readonly #events: Memory;
  #evt: Virtqueue<number> | undefined;
  #sts: Virtqueue<Memory> | undefined;
  #ready = false;

  constructor(readonly vdev: VirtioDevice) {
    this.idev = new InputDev(vdev.kernel);
    this.#events = vdev.kernel.mem.alloc(
      EVENT_BUFFERS * uapi.VIRTIO_INPUT_EVENT_SIZE,
      vdev.name,
    );
  }

  /** Linux: virtinput_init_vqs() */
  async initVqs(): Promise<undefined> {
    [this.#evt, this.#sts] = await virtioFindVqs(this.vdev, [
      { name: "events", callback: () => this.#recvEvents() },
      { name: "status", callback: () => this.#recvStatus() },
    ]);
  }

  /** The device may work from now on. */
  start(): undefined {
    virtioDeviceReady(this.vdev);
    this.#ready = true;
  }

  /** Linux: virtinput_fill_evt() */
  fillEvents(): undefined {
    const evt = this.#evt as Virtqueue<number>;
    const count = Math.min(evt.vringSize, EVENT_BUFFERS);
    for (let index = 0; index < count; index++) this.#queueEvent(index);
    evt.kick();
  }

  #queueEvent(index: number): undefined {
    const size = uapi.VIRTIO_INPUT_EVENT_SIZE;
    this.#evt?.addFlat([this.#events.address + index * size, size], 0, 1, index);
  }

  /** Linux: virtinput_recv_events() */
  #recvEvents(): undefined {
    const evt = this.#evt as Virtqueue<number>;
    if (!this.#ready) return;
    let index: number | undefined;
    while ((index = evt.getBuf()) !== undefined) {
      const at = this.#events.offset + index * uapi.VIRTIO_INPUT_EVENT_SIZE;
      const { type, code, value } = uapi.decodeVirtioInputEvent(this.vdev.kernel.mem.view, at);
      this.idev.inputEvent(type, code, value);
      this.#queueEvent(index);
    }
    evt.kick();
  }

  /** Tells the device about a lamp or a sound; losing one is no harm. Linux: virtinput_send_status() */
  sendStatus(type: number, code: number, value: number): undefined {
    const { kernel } = this.vdev;
    // Where there are slots, time stamps are made up by the input core and mean nothing to the device.
    if (this.idev.absinfo.has(ABS_MT_SLOT) && type === EV_MSC && code === MSC_TIMESTAMP) return;
    if (!this.#ready) return;
    let buffer: Memory | undefined;
    try {
      buffer = kernel.mem.alloc(uapi.VIRTIO_INPUT_EVENT_SIZE, this.vdev.name);
      uapi.encodeVirtioInputEvent(kernel.mem.view, buffer.offset, { type, code, value });
      this.#sts?.addFlat([buffer.address, uapi.VIRTIO_INPUT_EVENT_SIZE], 1, 0, buffer);
      this.#sts?.kick();
    } catch (error) {
      if (buffer !== undefined) kernel.mem.free(buffer);
      if (!(error instanceof KernelError)) throw error;
    }
  }

  /** Linux: virtinput_recv_status() */
  #recvStatus(): undefined {
    let buffer: Memory | undefined;
    while ((buffer = this.#sts?.getBuf()) !== undefined) this.vdev.kernel.mem.free(buffer);
  }

  /** Nothing more comes or goes. */
  stop(): undefined {
    this.#ready = false;
  }

  /** Gives the queues back with what is still in them. */
  delVqs(): undefined {
    let buffer: Memory | undefined;
    while ((buffer = this.#sts?.detachUnusedBuf()) !== undefined) this.vdev.kernel.mem.free(buffer);
    virtioDelVqs(this.vdev);
    this.#evt = this.#sts = undefined;
  }

  free(): undefined {
    this.vdev.kernel.mem.free(this.#events);
  }
}

/** Points the window at something; returns how many bytes it shows. Linux: virtinput_cfg_select() */
function cfgSelect(vdev: VirtioDevice, select: number, subsel: number): number {
  virtioCwrite8(vdev, CONFIG_SELECT, select);
  virtioCwrite8(vdev, CONFIG_SUBSEL, subsel);
  return virtioCread8(vdev, CONFIG_SIZE);
}

function cfgString(vdev: VirtioDevice, select: number): string {
  const size = Math.min(cfgSelect(vdev, select, 0), NAME_SIZE);
  const text = decoder.decode(virtioCreadBytes(vdev, CONFIG_WINDOW, size));
  return text.split("\0", 1)[0];
}

/** Linux: virtinput_cfg_bits() */
function cfgBits(
  vdev: VirtioDevice,
  idev: InputDev,
  select: number,
  subsel: number,
  bits: Bitmap,
): undefined {
  const size = cfgSelect(vdev, select, subsel);
  if (size === 0) return;
  const bytes = virtioCreadBytes(vdev, CONFIG_WINDOW, size);
  for (let bit = 0; bit < size * 8; bit++) {
    if ((bytes[bit >> 3] >> (bit & 7) & 1) === 1) bits.add(bit);
  }
  if (select === uapi.VIRTIO_INPUT_CFG_EV_BITS) idev.evbit.add(subsel);
}

/** Linux: virtinput_cfg_abs() */
function cfgAbs(vdev: VirtioDevice, idev: InputDev, axis: number): undefined {
  cfgSelect(vdev, uapi.VIRTIO_INPUT_CFG_ABS_INFO, axis);
  const read = (index: number) => virtioCread32(vdev, CONFIG_WINDOW + 4 * index) | 0;
  const minimum = read(0);
  const maximum = read(1);
  const resolution = read(4);
  const fuzz = read(2);
  const flat = read(3);
  inputSetAbsParams(idev, axis, { minimum, maximum, fuzz, flat, resolution });
}

/** Linux: virtinput_probe(), the part that reads the configuration */
function describe(vi: VirtioInput): undefined {
  const { vdev, idev } = vi;
  idev.label = cfgString(vdev, uapi.VIRTIO_INPUT_CFG_ID_NAME);
  idev.uniq = cfgString(vdev, uapi.VIRTIO_INPUT_CFG_ID_SERIAL);
  idev.phys = `virtio${vdev.index}/input0`;
  if (cfgSelect(vdev, uapi.VIRTIO_INPUT_CFG_ID_DEVIDS, 0) >= uapi.VIRTIO_INPUT_DEVIDS_SIZE) {
    idev.id.bustype = virtioCread16(vdev, CONFIG_WINDOW);
    idev.id.vendor = virtioCread16(vdev, CONFIG_WINDOW + 2);
    idev.id.product = virtioCread16(vdev, CONFIG_WINDOW + 4);
    idev.id.version = virtioCread16(vdev, CONFIG_WINDOW + 6);
  } else idev.id.bustype = BUS_VIRTUAL;
  cfgBits(vdev, idev, uapi.VIRTIO_INPUT_CFG_PROP_BITS, 0, idev.propbit);
  const events = uapi.VIRTIO_INPUT_CFG_EV_BITS;
  if (cfgSelect(vdev, events, EV_REP) !== 0) idev.evbit.add(EV_REP);
  cfgBits(vdev, idev, events, EV_KEY, idev.keybit);
  cfgBits(vdev, idev, events, EV_REL, idev.relbit);
  cfgBits(vdev, idev, events, EV_ABS, idev.absbit);
  cfgBits(vdev, idev, events, EV_MSC, idev.mscbit);
  cfgBits(vdev, idev, events, EV_SW, idev.swbit);
  cfgBits(vdev, idev, events, EV_LED, idev.ledbit);
  cfgBits(vdev, idev, events, EV_SND, idev.sndbit);
  if (!idev.evbit.has(EV_ABS)) return;
  for (let axis = 0; axis < ABS_CNT; axis++) if (idev.absbit.has(axis)) cfgAbs(vdev, idev, axis);
  const slots = idev.absbit.has(ABS_MT_SLOT) ? idev.absinfo.get(ABS_MT_SLOT) : undefined;
  if (slots !== undefined) inputMtInitSlots(idev, slots.maximum + 1);
}

/** Linux: virtinput_status() */
function virtinputStatus(this: InputDev, type: number, code: number, value: number): undefined {
  ((this.parentDevice as VirtioDevice).priv as VirtioInput).sendStatus(type, code, value);
}

/** Linux: virtinput_probe() */
async function virtinputProbe(vdev: VirtioDevice): Promise<undefined> {
  if ((vdev.features >> BigInt(VIRTIO_F_VERSION_1) & 1n) === 0n) {
    throw new KernelError("ENODEV", `${vdev.name}: a legacy input device does not exist`);
  }
  const vi = new VirtioInput(vdev);
  vdev.priv = vi;
  try {
    await vi.initVqs();
  } catch (error) {
    vi.free();
    throw error;
  }
  const { idev } = vi;
  try {
    vdev.kernel.failable(`an input device for ${vdev.name}`);
    describe(vi);
    idev.parentDevice = vdev;
    idev.event = virtinputStatus;
    vi.start();
    await inputRegisterDevice(idev);
  } catch (error) {
    vi.stop();
    virtioResetDevice(vdev);
    vi.delVqs();
    vi.free();
    throw error;
  }
  vi.fillEvents();
}

/** Linux: virtinput_remove() */
async function virtinputRemove(vdev: VirtioDevice): Promise<undefined> {
  const vi = vdev.priv as VirtioInput;
  vi.stop();
  await inputUnregisterDevice(vi.idev);
  virtioResetDevice(vdev);
  vi.delVqs();
  vi.free();
}

/** Linux: virtio_input_driver */
export const VIRTIO_INPUT_DRIVER: VirtioDriver = {
  name: "virtio_input",
  idTable: [{ device: VIRTIO_ID_INPUT, vendor: VIRTIO_DEV_ANY_ID }],
  featureTable: [],
  configFields: uapi.VIRTIO_INPUT_CONFIG,
  probe: virtinputProbe,
  remove: virtinputRemove,
  async freeze(vdev) {
    const vi = vdev.priv as VirtioInput;
    vi.stop();
    // 6.1 takes the queues away without a reset; the device is reset when it is restored.
    vi.delVqs();
  },
  async restore(vdev) {
    const vi = vdev.priv as VirtioInput;
    await vi.initVqs();
    vi.start();
    vi.fillEvents();
  },
};

const REGISTERED: Slot<{ driver?: RegisteredDriver }> = new Slot("virtio_input", () => ({}));

/** The module `virtio_input`. */
export const VIRTIO_INPUT: ModuleImage = {
  name: "virtio_input",
  author: "Gerd Hoffmann <kraxel@redhat.com>",
  description: "Virtio input device driver",
  license: "GPL",
  size: 24576,
  aliases: ["virtio:d00000012v*"],
  init: {
    name: "virtio_input_driver_init",
    level: "device",
    fn: async (kernel: Kernel, module) => {
      kernel.get(REGISTERED).driver = await registerVirtioDriver(
        kernel,
        VIRTIO_INPUT_DRIVER,
        module,
      );
      return 0;
    },
  },
  exit: {
    name: "virtio_input_driver_exit",
    fn: async (kernel: Kernel) => {
      const { driver } = kernel.get(REGISTERED);
      if (driver !== undefined) await unregisterVirtioDriver(driver);
      return 0;
    },
  },
};
