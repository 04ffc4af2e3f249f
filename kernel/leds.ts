/**
 * Lamps: the class `leds` and the triggers that may switch them.
 *
 * Linux: drivers/leds/
 *
 * @module
 */
import { type Class, classRegister, Device, deviceUevent } from "./base/device.ts";
import { KernelError } from "./errors.ts";
import type { Initcall } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";
import type { AttributeGroup } from "./kobject.ts";
import { Slot } from "./slot.ts";

/** Triggers of the reference kernel, in its order. */
const TRIGGERS = [
  "kbd-scrolllock",
  "kbd-numlock",
  "kbd-capslock",
  "kbd-kanalock",
  "kbd-shiftlock",
  "kbd-altgrlock",
  "kbd-ctrllock",
  "kbd-altlock",
  "kbd-shiftllock",
  "kbd-shiftrlock",
  "kbd-ctrlllock",
  "kbd-ctrlrlock",
  "disk-activity",
  "disk-read",
  "disk-write",
  "ide-disk",
  "mtd",
  "nand-disk",
  "heartbeat",
  "cpu",
  "cpu0",
  "panic",
];

/** A lamp. Linux: struct led_classdev */
export class Led extends Device {
  brightness = 0;
  trigger = "none";

  constructor(
    kernel: Kernel,
    name: string,
    readonly maxBrightness: number,
    /** Switches the hardware. Atomic context. */
    readonly set: (brightness: number) => undefined,
  ) {
    super(kernel, name);
    this.cls = LEDS_CLASS;
  }

  /** Switches it. Linux: led_set_brightness() */
  setBrightness(brightness: number): undefined {
    this.brightness = Math.min(brightness, this.maxBrightness);
    this.set(this.brightness);
  }

  /** Lets a trigger switch it from now on; with `"none"` nobody but user space does. Linux: led_trigger_set() */
  setTrigger(name: string): undefined {
    if (name === "none" && this.trigger === "none") return;
    if (this.trigger !== "none") this.setBrightness(0);
    this.trigger = name;
    deviceUevent(this, "change", [`TRIGGER=${name}`]);
  }
}

const LED_GROUP: AttributeGroup<Led> = {
  attrs: [
    {
      name: "brightness",
      mode: 0o644,
      show: (led) => `${led.brightness}\n`,
      store: (led, value) => {
        if (!/^\d+\s*$/.test(value)) {
          throw new KernelError("EINVAL", `${led.name}: '${value.trim()}' is no brightness`);
        }
        if (Number(value) === 0) led.setTrigger("none");
        led.setBrightness(Number(value));
      },
    },
    { name: "max_brightness", mode: 0o444, show: (led) => `${led.maxBrightness}\n` },
    {
      name: "trigger",
      mode: 0o644,
      size: 0,
      show: (led) =>
        `${
          ["none", ...TRIGGERS].map((name) => name === led.trigger ? `[${name}]` : name).join(" ")
        }\n`,
      store: (led, value) => {
        const name = value.trim();
        if (name !== "none" && !TRIGGERS.includes(name)) {
          throw new KernelError("EINVAL", `${led.name}: no trigger '${name}'`);
        }
        led.setTrigger(name);
      },
    },
  ],
};

/** Linux: leds_class */
export const LEDS_CLASS: Class = {
  name: "leds",
  devGroups: [LED_GROUP as AttributeGroup<never>],
  // Lamps of keyboards go off and on with the keyboard.
  pm: {
    suspend: { name: "led_suspend", size: 0x70, run: async () => undefined },
    resume: { name: "led_resume", size: 0x80, run: async () => undefined },
  },
};

/** All lamps of a kernel. Linux: leds_list */
export const LEDS: Slot<Set<Led>> = new Slot("leds", () => new Set());

/** A trigger switches all lamps that follow it. Linux: led_trigger_event() */
export function ledTriggerEvent(kernel: Kernel, trigger: string, brightness: number): undefined {
  for (const led of kernel.get(LEDS)) if (led.trigger === trigger) led.setBrightness(brightness);
}

/** The class comes to life. */
export const LEDS_INITCALLS: readonly Initcall[] = [
  {
    name: "leds_init",
    level: "subsys",
    fn: async (kernel) => {
      classRegister(kernel, LEDS_CLASS);
      return 0;
    },
  },
];
