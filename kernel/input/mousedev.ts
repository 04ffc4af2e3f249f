/**
 * Mouse files: `/dev/input/mice` and `/dev/input/mouseN`.
 *
 * Linux: drivers/input/mousedev.c
 *
 * @module
 */
import {
  ABS_X,
  ABS_Y,
  BTN_0,
  BTN_1,
  BTN_2,
  BTN_3,
  BTN_4,
  BTN_BACK,
  BTN_EXTRA,
  BTN_FORWARD,
  BTN_LEFT,
  BTN_MIDDLE,
  BTN_RIGHT,
  BTN_SIDE,
  BTN_STYLUS,
  BTN_STYLUS2,
  BTN_TOOL_FINGER,
  BTN_TOUCH,
  EV_ABS,
  EV_KEY,
  EV_REL,
  EV_SYN,
  REL_WHEEL,
  REL_X,
  REL_Y,
  SYN_REPORT,
} from "../../uapi/input_event_codes.ts";
import { deviceAdd, deviceDel } from "../base/core.ts";
import { Device } from "../base/device.ts";
import { miscRegister } from "../char/misc.ts";
import { KernelError } from "../errors.ts";
import { Ida } from "../ida.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { INPUT_MAJOR } from "./evdev.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import type { InputDev, InputHandle, InputHandler, InputValue } from "./input.ts";
import { INPUT_CLASS } from "./input_show.ts";
import { MousedevClient, type MouseReport, XRES, YRES } from "./mousedev_client.ts";

const MOUSEDEV_MINOR_BASE = 32;
/** The minor of `mice`, behind those of 31 mice. */
const MOUSEDEV_MIX = 63;
const MOUSEDEV_MINORS = 31;

/** Which button of a mouse a key is, counted from the left one. Linux: mousedev_key_event() */
const BUTTONS: ReadonlyMap<number, number> = new Map([
  ...[BTN_TOUCH, BTN_0, BTN_LEFT].map((code) => [code, 0] as const),
  ...[BTN_STYLUS, BTN_1, BTN_RIGHT].map((code) => [code, 1] as const),
  ...[BTN_2, BTN_FORWARD, BTN_STYLUS2, BTN_MIDDLE].map((code) => [code, 2] as const),
  ...[BTN_3, BTN_BACK, BTN_SIDE].map((code) => [code, 3] as const),
  ...[BTN_4, BTN_EXTRA].map((code) => [code, 4] as const),
]);

/** A mouse file: of one device, or of all. Linux: struct mousedev */
export class Mousedev extends Device {
  readonly clients = new Set<MousedevClient>();
  /** Its device went away. */
  gone = false;
  /** Buttons that are down, a bit for each. */
  #buttons = 0;

  constructor(kernel: Kernel, name: string, minor: number, parent?: InputDev) {
    super(kernel, name);
    this.cls = INPUT_CLASS;
    this.parentDevice = parent;
    const open = (flags: OpenFlags) => this.open(flags);
    const node = { kind: "char", mode: 0o600, major: INPUT_MAJOR, minor, open } as const;
    this.devt = { major: INPUT_MAJOR, minor, node };
  }

  /** Linux: mousedev_open() */
  async open(flags: OpenFlags): Promise<OpenFile> {
    if (this.gone) throw new KernelError("ENODEV", `${this.name}: is gone`);
    const client = new MousedevClient(this, flags);
    this.clients.add(client);
    return client;
  }

  press(button: number, down: boolean): undefined {
    const bit = 1 << button;
    this.#buttons = down ? this.#buttons | bit : this.#buttons & ~bit;
  }

  notifyReaders(report: MouseReport): undefined {
    for (const client of this.clients) client.notify(report, this.#buttons);
  }
}

/** The file of all mice. Linux: mousedev_mix */
const MICE: Slot<Mousedev> = new Slot(
  "mice",
  (kernel) => new Mousedev(kernel, "mice", MOUSEDEV_MIX),
);
const MOUSE_NUMBERS: Slot<Ida> = new Slot("mousedev", (kernel) => new Ida(kernel, "mousedev"));

function idleReport(): MouseReport {
  return { dx: 0, dy: 0, dz: 0, x: 0, y: 0, absolute: false };
}

/** What one device tells its own file and that of all mice. */
class MouseHandle implements InputHandle {
  readonly handler = MOUSEDEV_HANDLER;
  readonly #mice: Mousedev;
  #report = idleReport();

  constructor(readonly dev: InputDev, readonly number: number, readonly file: Mousedev) {
    this.#mice = dev.kernel.get(MICE);
  }

  get name(): string {
    return this.file.name;
  }

  /** Linux: mousedev_event() */
  events(values: readonly InputValue[]): undefined {
    // A device that nobody has opened is not listened to.
    if (this.file.clients.size === 0 && this.#mice.clients.size === 0) return;
    for (const { type, code, value } of values) {
      if (type === EV_REL) this.#move(code, value);
      else if (type === EV_ABS) this.#place(code, value);
      else if (type === EV_KEY && value !== 2) this.#press(code, value !== 0);
      else if (type === EV_SYN && code === SYN_REPORT) this.#send();
    }
  }

  /** Linux: mousedev_rel_event() */
  #move(code: number, value: number): undefined {
    if (code === REL_X) this.#report.dx += value;
    else if (code === REL_Y) this.#report.dy -= value;
    else if (code === REL_WHEEL) this.#report.dz -= value;
  }

  /** Linux: mousedev_abs_event() */
  #place(code: number, value: number): undefined {
    if (code !== ABS_X && code !== ABS_Y) return;
    const resolution = code === ABS_X ? XRES : YRES;
    const { minimum = 0, maximum = 0 } = this.dev.absinfo.get(code) ?? {};
    const size = maximum - minimum || resolution;
    const inside = Math.max(minimum, Math.min(maximum, value)) - minimum;
    const place = Math.trunc(inside * resolution / size);
    if (code === ABS_X) this.#report.x = place;
    else this.#report.y = YRES - place;
    this.#report.absolute = true;
  }

  #press(code: number, down: boolean): undefined {
    const button = BUTTONS.get(code);
    if (button === undefined) return;
    this.file.press(button, down);
    this.#mice.press(button, down);
  }

  /** A tablet's place stays known; how far a mouse went does not. */
  #send(): undefined {
    const report = this.#report;
    this.file.notifyReaders(report);
    this.#mice.notifyReaders(report);
    this.#report = { ...idleReport(), x: report.x, y: report.y };
  }
}

function pointsAndClicks(dev: InputDev): boolean {
  const { keybit, relbit, absbit, evbit } = dev;
  const relative = evbit.has(EV_REL) && relbit.has(REL_X) && relbit.has(REL_Y);
  const absolute = evbit.has(EV_ABS) && absbit.has(ABS_X) && absbit.has(ABS_Y);
  if (!evbit.has(EV_KEY)) return evbit.has(EV_REL) && relbit.has(REL_WHEEL);
  return (keybit.has(BTN_LEFT) && (relative || absolute)) ||
    (evbit.has(EV_REL) && relbit.has(REL_WHEEL)) ||
    ((keybit.has(BTN_TOUCH) || keybit.has(BTN_TOOL_FINGER)) && absolute);
}

/** Linux: mousedev_handler */
export const MOUSEDEV_HANDLER: InputHandler = {
  name: "mousedev",
  minor: MOUSEDEV_MINOR_BASE,
  match: pointsAndClicks,
  async connect(dev): Promise<MouseHandle> {
    const numbers = dev.kernel.get(MOUSE_NUMBERS);
    const number = numbers.alloc(0, MOUSEDEV_MINORS - 1);
    const minor = MOUSEDEV_MINOR_BASE + number;
    const file = new Mousedev(dev.kernel, `mouse${number}`, minor, dev);
    try {
      await deviceAdd(file);
    } catch (error) {
      numbers.free(number);
      throw error;
    }
    return new MouseHandle(dev, number, file);
  },
  async disconnect(handle) {
    const { dev, file, number } = handle as MouseHandle;
    await deviceDel(file);
    file.gone = true;
    for (const client of file.clients) client.hangup();
    dev.kernel.get(MOUSE_NUMBERS).free(number);
  },
};

/** Under which the mice were known before the input layer. */
const PSMOUSE_MINOR = 1;

/** `/dev/psaux` is another name of `mice`. Linux: psaux_mouse */
export function addPsaux(kernel: Kernel): Promise<undefined> {
  const open = (kernel: Kernel, flags: OpenFlags) => kernel.get(MICE).open(flags);
  return miscRegister(kernel, { name: "psaux", minor: PSMOUSE_MINOR, open });
}

/** `/dev/input/mice` is always there. */
export async function addMice(kernel: Kernel): Promise<undefined> {
  await deviceAdd(kernel.get(MICE));
}
