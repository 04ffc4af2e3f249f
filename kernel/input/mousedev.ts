/**
 * Mouse files: `/dev/input/mice` and `/dev/input/mouseN`. They exist as in Linux; their PS/2 protocol
 * is not modelled, so opening one says `ENODEV`.
 *
 * Linux: drivers/input/mousedev.c
 *
 * @module
 */
import {
  ABS_X,
  ABS_Y,
  BTN_LEFT,
  BTN_TOOL_FINGER,
  BTN_TOUCH,
  EV_ABS,
  EV_KEY,
  EV_REL,
  REL_WHEEL,
  REL_X,
  REL_Y,
} from "../../uapi/input_event_codes.ts";
import { deviceAdd, deviceDel } from "../base/core.ts";
import { Device } from "../base/device.ts";
import { miscRegister } from "../char/misc.ts";
import { KernelError } from "../errors.ts";
import { Ida } from "../ida.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { INPUT_MAJOR } from "./evdev.ts";
import type { InputDev, InputHandle, InputHandler } from "./input.ts";
import { INPUT_CLASS } from "./input_show.ts";

const MOUSEDEV_MINOR_BASE = 32;
/** The minor of `mice`, behind those of 31 mice. */
const MOUSEDEV_MIX = 63;
const MOUSEDEV_MINORS = 31;

interface MouseHandle extends InputHandle {
  readonly file: Device;
  readonly number: number;
}

const MOUSE_NUMBERS: Slot<Ida> = new Slot("mousedev", (kernel) => new Ida(kernel, "mousedev"));

function mouseFile(kernel: Kernel, name: string, minor: number, parent?: InputDev): Device {
  const file = new Device(kernel, name);
  file.cls = INPUT_CLASS;
  file.parentDevice = parent;
  const open = () =>
    Promise.reject(new KernelError("ENODEV", `${name}: the PS/2 protocol is not modelled`));
  const node = { kind: "char", mode: 0o600, major: INPUT_MAJOR, minor, open } as const;
  file.devt = { major: INPUT_MAJOR, minor, node };
  return file;
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
    const file = mouseFile(dev.kernel, `mouse${number}`, MOUSEDEV_MINOR_BASE + number, dev);
    try {
      await deviceAdd(file);
    } catch (error) {
      numbers.free(number);
      throw error;
    }
    return { dev, handler: MOUSEDEV_HANDLER, name: file.name, file, number };
  },
  async disconnect(handle) {
    const { dev, file, number } = handle as MouseHandle;
    await deviceDel(file);
    dev.kernel.get(MOUSE_NUMBERS).free(number);
  },
};

/** Under which the mice were known before the input layer. */
const PSMOUSE_MINOR = 1;

/** `/dev/psaux` is another name of `mice`. Linux: psaux_mouse */
export function addPsaux(kernel: Kernel): Promise<undefined> {
  return miscRegister(kernel, { name: "psaux", minor: PSMOUSE_MINOR });
}

/** `/dev/input/mice` is always there. */
export async function addMice(kernel: Kernel): Promise<undefined> {
  await deviceAdd(mouseFile(kernel, "mice", MOUSEDEV_MIX));
}
