import { classRegister } from "../base/device.ts";
import { registerChrdev } from "../chrdev.ts";
import type { Initcall } from "../initcall.ts";
import type { Kernel } from "../kernel.ts";
import { textFile } from "../vfs/node.ts";
import { INPUT_MAJOR } from "./evdev.ts";
import { LEDS_HANDLER, SYSRQ_HANDLER } from "./handlers.ts";
import { INPUT, type InputHandler, inputRegisterHandler } from "./input.ts";
import { INPUT_CLASS, showInputDevices, showInputHandlers } from "./input_show.ts";
import { addMice, addPsaux, MOUSEDEV_HANDLER } from "./mousedev.ts";

/** Device files of the input layer. Linux: INPUT_MAX_CHAR_DEVICES */
const INPUT_CHAR_DEVICES = 1024;

/** Linux: input_init() */
async function inputInit(kernel: Kernel): Promise<number> {
  classRegister(kernel, INPUT_CLASS);
  const folder = kernel.procfs.dir("bus").dir("input");
  const core = kernel.get(INPUT);
  folder.add("devices", textFile(() => showInputDevices(core.devices)));
  folder.add("handlers", textFile(() => showInputHandlers(core.handlers)));
  registerChrdev(kernel, "input", { major: INPUT_MAJOR, count: INPUT_CHAR_DEVICES });
  return 0;
}

function register(handler: InputHandler): (kernel: Kernel) => Promise<number> {
  return async (kernel) => {
    await inputRegisterHandler(kernel, handler);
    return 0;
  };
}

/** The input layer and the listeners that are always there. */
export const INPUT_INITCALLS: readonly Initcall[] = [
  { name: "input_init", level: "subsys", fn: inputInit },
  { name: "sysrq_init", level: "device", fn: register(SYSRQ_HANDLER) },
  { name: "input_leds_init", level: "device", fn: register(LEDS_HANDLER) },
  {
    name: "mousedev_init",
    level: "device",
    fn: async (kernel) => {
      await addMice(kernel);
      await inputRegisterHandler(kernel, MOUSEDEV_HANDLER);
      await addPsaux(kernel);
      kernel.info("mousedev: PS/2 mouse device common for all mice");
      return 0;
    },
  },
];
