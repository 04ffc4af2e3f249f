/**
 * The listeners that are always built in: the console keyboard, the system request key, lamps, and
 * mouse files.
 *
 * Linux: drivers/tty/vt/keyboard.c, drivers/tty/sysrq.c, drivers/input/input-leds.c
 *
 * @module
 */
import {
  BTN_MISC,
  EV_KEY,
  EV_LED,
  EV_SND,
  EV_SYN,
  KEY_BRL_DOT1,
  KEY_BRL_DOT10,
  KEY_CAPSLOCK,
  KEY_LEFTALT,
  KEY_NUMLOCK,
  KEY_SCROLLLOCK,
  LED_CAPSL,
  LED_NUML,
  LED_SCROLLL,
  SYN_REPORT,
} from "../../uapi/input_event_codes.ts";
import { deviceAdd, deviceDestroy } from "../base/core.ts";
import { Led, LEDS, ledTriggerEvent } from "../leds.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import type { InputDev, InputHandle, InputHandler } from "./input.ts";

/** Lock keys with the trigger that shows them. */
const LOCKS = [
  { key: KEY_SCROLLLOCK, trigger: "kbd-scrolllock" },
  { key: KEY_NUMLOCK, trigger: "kbd-numlock" },
  { key: KEY_CAPSLOCK, trigger: "kbd-capslock" },
];

/** Which lock keys are on; all keyboards share them. Linux: kbd_table, keyboard_tasklet */
class Locks {
  readonly #kernel: Kernel;
  readonly #on = new Set<number>();
  readonly #changed = new Set<number>();
  /** Lights what has changed; made when it is first needed, always the same. */
  #tasklet: (() => undefined) | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A lock key went down. Its lamp follows when everybody has heard of the key. */
  toggle(key: number): undefined {
    if (!this.#on.delete(key)) this.#on.add(key);
    this.#changed.add(key);
    this.#kernel.softirq.raise(this.#tasklet ??= () => this.#light());
  }

  /** Linux: kbd_bh() */
  #light(): undefined {
    for (const { key, trigger } of LOCKS) {
      if (this.#changed.delete(key)) {
        ledTriggerEvent(this.#kernel, trigger, this.#on.has(key) ? 1 : 0);
      }
    }
  }
}

const KBD_LOCKS: Slot<Locks> = new Slot("kbd locks", (kernel) => new Locks(kernel));

function someKey(dev: InputDev, from: number, to: number): boolean {
  for (const key of dev.keybit.values(from)) return key < to;
  return false;
}

/** The virtual terminal's keyboard, as far as lock keys and their lamps. Linux: kbd_handler */
export const KBD_HANDLER: InputHandler = {
  name: "kbd",
  match(dev) {
    if (dev.evbit.has(EV_SND)) return true;
    return dev.evbit.has(EV_KEY) &&
      (someKey(dev, 0, BTN_MISC) || someKey(dev, KEY_BRL_DOT1, KEY_BRL_DOT10 + 1));
  },
  async connect(dev) {
    const locks = dev.kernel.get(KBD_LOCKS);
    return {
      dev,
      handler: KBD_HANDLER,
      name: "kbd",
      events(values) {
        for (const { type, code, value } of values) {
          const isLock = type === EV_KEY && value === 1 && LOCKS.some(({ key }) => key === code);
          if (isLock) locks.toggle(code);
        }
      },
    };
  },
  async disconnect() {},
};

/** Listens for Alt-SysRq, and does nothing here. Linux: sysrq_handler */
export const SYSRQ_HANDLER: InputHandler = {
  name: "sysrq",
  filter: true,
  match: (dev) => dev.evbit.has(EV_KEY) && dev.keybit.has(KEY_LEFTALT),
  connect: async (dev) => ({ dev, handler: SYSRQ_HANDLER, name: "sysrq" }),
  async disconnect() {},
};

/** Lamps that have a name of their own, with the trigger they follow. Linux: input_led_info */
const LED_NAMES = new Map([
  [LED_NUML, { name: "numlock", trigger: "kbd-numlock" }],
  [LED_CAPSL, { name: "capslock", trigger: "kbd-capslock" }],
  [LED_SCROLLL, { name: "scrolllock", trigger: "kbd-scrolllock" }],
  [3, { name: "compose", trigger: "none" }],
  [4, { name: "kana", trigger: "kbd-kanalock" }],
  [5, { name: "sleep", trigger: "none" }],
  [6, { name: "suspend", trigger: "none" }],
  [7, { name: "mute", trigger: "none" }],
  [8, { name: "misc", trigger: "none" }],
  [9, { name: "mail", trigger: "none" }],
  [10, { name: "charging", trigger: "none" }],
]);

interface LedsHandle extends InputHandle {
  readonly leds: readonly Led[];
}

/** Makes a device's lamps known to the class `leds`. Linux: input_leds_handler */
export const LEDS_HANDLER: InputHandler = {
  name: "leds",
  match: (dev) => dev.evbit.has(EV_LED),
  async connect(dev): Promise<LedsHandle> {
    const leds: Led[] = [];
    for (const code of dev.ledbit.values()) {
      const info = LED_NAMES.get(code);
      if (info === undefined) continue;
      const led = new Led(dev.kernel, `${dev.name}::${info.name}`, 1, (brightness) => {
        dev.inject(EV_LED, code, brightness);
        dev.inject(EV_SYN, SYN_REPORT, 0);
      });
      led.parentDevice = dev;
      try {
        await deviceAdd(led);
      } catch (error) {
        await removeLeds(leds);
        throw error;
      }
      dev.kernel.get(LEDS).add(led);
      leds.push(led);
      led.setTrigger(info.trigger);
    }
    return { dev, handler: LEDS_HANDLER, name: "leds", leds };
  },
  disconnect: (handle) => removeLeds((handle as LedsHandle).leds),
};

async function removeLeds(leds: readonly Led[]): Promise<undefined> {
  for (const led of leds) {
    led.setTrigger("none");
    led.setBrightness(0);
    await deviceDestroy(led);
    led.kernel.get(LEDS).delete(led);
  }
}
