/**
 * Event device files: `/dev/input/eventN`.
 *
 * Linux: drivers/input/evdev.c
 *
 * @module
 */
import { EV_SYN, SYN_DROPPED, SYN_REPORT } from "../../uapi/input_event_codes.ts";
import { deviceAdd, deviceDel } from "../base/core.ts";
import { Device } from "../base/device.ts";
import { KernelError } from "../errors.ts";
import { Ida } from "../ida.ts";
import type { Kernel } from "../kernel.ts";
import { type ModuleImage, thisModule } from "../module.ts";
import { Slot } from "../slot.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import { WaitQueue } from "../wait.ts";
import {
  type InputDev,
  type InputHandle,
  type InputHandler,
  inputRegisterHandler,
  inputUnregisterHandler,
  type InputValue,
} from "./input.ts";
import { INPUT_CLASS } from "./input_show.ts";

/** Major of all input device files. */
export const INPUT_MAJOR = 13;
const EVDEV_MINOR_BASE = 64;
const EVDEV_MINORS = 32;
/** A reader may be this many events behind before it loses some, or this many full reports. */
const EVDEV_MIN_BUFFER_SIZE = 64;
const EVDEV_BUF_PACKETS = 8;
/** Bytes of one event in the file: seconds, microseconds, type, code, value. */
export const INPUT_EVENT_SIZE = 24;

/** A value with the virtual time of its report. Linux: struct input_event */
export interface InputEvent extends InputValue {
  /** Virtual time of its report in nanoseconds since power-on. */
  readonly atNs: number;
}

/** Linux: struct input_event of a 64-bit kernel */
export function encodeInputEvent(view: DataView, offset: number, event: InputEvent): undefined {
  const micros = Math.floor(event.atNs / 1000);
  view.setBigUint64(offset, BigInt(Math.floor(micros / 1_000_000)), true);
  view.setBigUint64(offset + 8, BigInt(micros % 1_000_000), true);
  view.setUint16(offset + 16, event.type, true);
  view.setUint16(offset + 18, event.code, true);
  view.setInt32(offset + 20, event.value, true);
}

/** The inverse of {@linkcode encodeInputEvent}. */
export function decodeInputEvent(view: DataView, offset: number): InputEvent {
  const seconds = Number(view.getBigUint64(offset, true));
  const micros = Number(view.getBigUint64(offset + 8, true));
  return {
    atNs: (seconds * 1_000_000 + micros) * 1000,
    type: view.getUint16(offset + 16, true),
    code: view.getUint16(offset + 18, true),
    value: view.getInt32(offset + 20, true),
  };
}

/** One reader. Linux: struct evdev_client */
export class EvdevClient implements OpenFile {
  readonly #evdev: Evdev;
  readonly #flags: OpenFlags;
  readonly #queue: WaitQueue;
  readonly #events: InputEvent[] = [];
  readonly #bufferSize: number;
  /** Events of complete reports. */
  #complete = 0;

  constructor(evdev: Evdev, flags: OpenFlags) {
    this.#evdev = evdev;
    this.#flags = flags;
    this.#bufferSize = bufferSize(evdev.dev);
    this.#queue = new WaitQueue(evdev.dev.kernel.sched, `an event of ${evdev.dev.name}`);
  }

  /** Linux: evdev_pass_values(), __pass_event() */
  pass(values: readonly InputValue[], atNs: number): undefined {
    for (const { type, code, value } of values) {
      this.#events.push({ type, code, value, atNs });
      if (this.#events.length >= this.#bufferSize) this.#overrun(atNs);
      if (type === EV_SYN && code === SYN_REPORT) this.#complete = this.#events.length;
    }
    if (this.#complete > 0) this.#queue.wakeUp();
  }

  /** The reader was too slow: only the newest event is kept, behind a note that says so. */
  #overrun(atNs: number): undefined {
    const newest = this.#events.pop() as InputEvent;
    this.#events.splice(0, Infinity, { type: EV_SYN, code: SYN_DROPPED, value: 0, atNs }, newest);
    this.#complete = 0;
  }

  /** The device went away: waiting readers learn it. */
  hangup(): undefined {
    this.#queue.wakeUp();
  }

  /**
   * The next event; waits for one.
   *
   * @throws {KernelError} `ENODEV` when the device is gone, `EAGAIN` when it would have to wait and may not.
   */
  async next(): Promise<InputEvent> {
    this.#checkReadable();
    while (this.#complete === 0) {
      await this.#queue.waitEventInterruptible(() => this.#complete > 0 || this.#evdev.gone);
      this.#checkReadable();
    }
    return this.#take();
  }

  #checkReadable(): undefined {
    const { gone, dev } = this.#evdev;
    if (gone) throw new KernelError("ENODEV", `${dev.name}: is gone`);
    if (this.#complete === 0 && this.#flags.nonblock === true) {
      throw new KernelError("EAGAIN", `${dev.name}: no event yet`);
    }
  }

  #take(): InputEvent {
    this.#complete--;
    return this.#events.shift() as InputEvent;
  }

  /** Whole events only; 0 bytes ask only whether there is something to complain about. Linux: evdev_read() */
  async read(count: number): Promise<Uint8Array> {
    if (count !== 0 && count < INPUT_EVENT_SIZE) {
      throw new KernelError("EINVAL", `${this.#evdev.dev.name}: a read takes whole events`);
    }
    if (count === 0) {
      this.#checkReadable();
      return new Uint8Array();
    }
    const bytes = new Uint8Array(Math.floor(count / INPUT_EVENT_SIZE) * INPUT_EVENT_SIZE);
    const view = new DataView(bytes.buffer);
    encodeInputEvent(view, 0, await this.next());
    let offset = INPUT_EVENT_SIZE;
    for (; offset < bytes.length && this.#complete > 0; offset += INPUT_EVENT_SIZE) {
      encodeInputEvent(view, offset, this.#take());
    }
    return bytes.subarray(0, offset);
  }

  /** What is written goes to the device and to its listeners. Linux: evdev_write() */
  async write(data: Uint8Array): Promise<number> {
    if (data.length !== 0 && data.length < INPUT_EVENT_SIZE) {
      throw new KernelError("EINVAL", `${this.#evdev.dev.name}: a write takes whole events`);
    }
    if (this.#evdev.gone) throw new KernelError("ENODEV", `${this.#evdev.dev.name}: is gone`);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let offset = 0;
    for (; offset + INPUT_EVENT_SIZE <= data.length; offset += INPUT_EVENT_SIZE) {
      const { type, code, value } = decodeInputEvent(view, offset);
      this.#evdev.input.inject(type, code, value);
    }
    return offset;
  }

  async close(): Promise<undefined> {
    this.#evdev.clients.delete(this);
    thisModule(this.#evdev.dev.kernel, EVDEV.name).refs--;
  }
}

/** Linux: evdev_compute_buffer_size() */
function bufferSize(dev: InputDev): number {
  let size = EVDEV_MIN_BUFFER_SIZE;
  while (size < dev.eventsPerPacket * EVDEV_BUF_PACKETS) size *= 2;
  return size;
}

/** One event device. Linux: struct evdev */
class Evdev implements InputHandle {
  readonly handler = EVDEV_HANDLER;
  readonly clients = new Set<EvdevClient>();
  readonly dev: InputDev;
  readonly file: Device;
  gone = false;

  constructor(readonly input: InputDev, readonly minor: number) {
    this.dev = input;
    this.file = new Device(input.kernel, this.name);
    this.file.cls = INPUT_CLASS;
    this.file.parentDevice = input;
    const { kernel } = input;
    this.file.devt = {
      major: INPUT_MAJOR,
      minor: EVDEV_MINOR_BASE + minor,
      node: {
        kind: "char",
        mode: 0o600,
        major: INPUT_MAJOR,
        minor: EVDEV_MINOR_BASE + minor,
        open: async (flags) => {
          if (this.gone) throw new KernelError("ENODEV", `${this.name}: is gone`);
          const client = new EvdevClient(this, flags);
          this.clients.add(client);
          thisModule(kernel, EVDEV.name).refs++;
          return client;
        },
      },
    };
  }

  get name(): string {
    return `event${this.minor}`;
  }

  events(values: readonly InputValue[]): undefined {
    for (const client of this.clients) client.pass(values, this.dev.kernel.clock.nowNs);
  }
}

const EVDEV_NUMBERS: Slot<Ida> = new Slot("evdev", (kernel) => new Ida(kernel, "evdev"));

/** Listens to every device. Linux: evdev_handler */
const EVDEV_HANDLER: InputHandler = {
  name: "evdev",
  minor: EVDEV_MINOR_BASE,
  match: () => true,
  async connect(dev) {
    const numbers = dev.kernel.get(EVDEV_NUMBERS);
    const evdev = new Evdev(dev, numbers.alloc(0, EVDEV_MINORS - 1));
    try {
      await deviceAdd(evdev.file);
    } catch (error) {
      numbers.free(evdev.minor);
      throw error;
    }
    return evdev;
  },
  async disconnect(handle) {
    const evdev = handle as Evdev;
    await deviceDel(evdev.file);
    evdev.gone = true;
    for (const client of evdev.clients) client.hangup();
    evdev.dev.kernel.get(EVDEV_NUMBERS).free(evdev.minor);
  },
};

/** The module `evdev`. */
export const EVDEV: ModuleImage = {
  name: "evdev",
  author: "Vojtech Pavlik <vojtech@ucw.cz>",
  description: "Input driver event char devices",
  license: "GPL",
  size: 32768,
  aliases: ["input:b*v*p*e*-e*k*r*a*m*l*s*f*w*"],
  init: {
    name: "evdev_init",
    level: "device",
    fn: async (kernel: Kernel) => {
      await inputRegisterHandler(kernel, EVDEV_HANDLER);
      return 0;
    },
  },
  exit: {
    name: "evdev_exit",
    fn: async (kernel: Kernel) => {
      await inputUnregisterHandler(kernel, EVDEV_HANDLER);
      return 0;
    },
  },
};
