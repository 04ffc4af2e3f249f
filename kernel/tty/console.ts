/**
 * Which consoles kernel messages go to: `console=` on the command line, the device tree's choice, or
 * the first that comes.
 *
 * Linux: kernel/printk/printk.c, fs/proc/consoles.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { DeviceNode } from "../of/node.ts";
import type { Console as MessageSink } from "../printk.ts";
import { Slot } from "../slot.ts";
import type { TtyDriver } from "./tty_driver.ts";

/** Where the terminal of a console is. */
export interface ConsoleDevice {
  readonly driver: TtyDriver;
  readonly index: number;
}

/**
 * A console that some driver offers. It becomes active when it is wanted.
 *
 * Linux: struct console
 */
export interface Console {
  /** The name without index: `hvc`. */
  readonly name: string;
  /** -1 until it is known which one is wanted. */
  index: number;
  /** It is active (CON_ENABLED). */
  enabled: boolean;
  /** `/dev/console` is this one (CON_CONSDEV). */
  consdev: boolean;
  /** It gets what was printed before it came (CON_PRINTBUFFER). */
  readonly printbuffer: boolean;
  /** It may print on a processor that is not up yet (CON_ANYTIME). */
  readonly anytime?: boolean;
  /** It can light a dark screen. */
  readonly unblank?: boolean;
  /** Prints; must not sleep. */
  write(text: string): undefined;
  /** Its terminal, while it has one. Absent when it never has. */
  device?(): ConsoleDevice | undefined;
  /** Gets the hardware ready. Throws `ENODEV` when there is none (yet). */
  setup?(options: string | undefined): undefined;
}

/** One wish for a console. Linux: struct console_cmdline */
interface ConsoleWish {
  readonly name: string;
  readonly index: number;
  readonly options: string | undefined;
  readonly userSpecified: boolean;
}

/** Consoles and wishes of one kernel. */
class Consoles {
  /** Active ones; the first is `/dev/console`. Linux: console_drivers */
  readonly active: Console[] = [];
  readonly wishes: ConsoleWish[] = [];
  /** Index of the wish that was said last. Linux: preferred_console */
  preferred = -1;
  /** Some wish is on the command line. Linux: console_set_on_cmdline */
  onCmdline = false;
}

/** Linux: console_setup(), for each `console=` of the command line */
export const CONSOLES: Slot<Consoles> = new Slot("consoles", (kernel) => {
  const consoles = new Consoles();
  for (const word of kernel.params.getAll("console")) {
    const { name, index, options } = parseConsole(word);
    addWish(consoles, { name, index, options, userSpecified: true });
    consoles.onCmdline = true;
  }
  return consoles;
});

/** Takes `ttyAMA0,115200n8` apart. */
export function parseConsole(word: string): Omit<ConsoleWish, "userSpecified"> {
  if (word === "" || word === "null") return { name: "ttynull", index: 0, options: undefined };
  const comma = word.indexOf(",");
  const device = comma < 0 ? word : word.slice(0, comma);
  const options = comma < 0 ? undefined : word.slice(comma + 1);
  const [, name, digits] = /^(\D*)(\d*)/.exec(device) as RegExpExecArray;
  return { name: name === "" ? "ttyS" : name, index: Number(digits), options };
}

/** Linux: __add_preferred_console() */
function addWish(consoles: Consoles, wish: ConsoleWish): undefined {
  const at = consoles.wishes.findIndex(({ name, index }) =>
    name === wish.name && index === wish.index
  );
  if (at < 0) consoles.wishes.push(wish);
  consoles.preferred = at < 0 ? consoles.wishes.length - 1 : at;
}

/**
 * The device tree may say that this terminal is the console; the command line has precedence.
 *
 * Linux: of_console_check()
 */
export function ofConsoleCheck(
  kernel: Kernel,
  np: DeviceNode | undefined,
  name: string,
  index: number,
): undefined {
  const consoles = kernel.get(CONSOLES);
  const stdout = kernel.tree?.stdout;
  if (np === undefined || np !== stdout?.node || consoles.onCmdline) return;
  addWish(consoles, { name, index, options: stdout.options, userSpecified: false });
}

/** Calls `setup`; false when the hardware is not there. */
function setupWorks(console: Console, options: string | undefined): boolean {
  try {
    console.setup?.(options);
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

/** Linux: try_enable_default_console() */
function tryEnableDefault(console: Console): undefined {
  if (console.index < 0) console.index = 0;
  if (!setupWorks(console, undefined)) return;
  console.enabled = true;
  if (console.device !== undefined) console.consdev = true;
}

/** Linux: try_enable_preferred_console() */
function tryEnablePreferred(
  consoles: Consoles,
  console: Console,
  userSpecified: boolean,
): "enabled" | "refused" | "unwanted" {
  for (const [at, wish] of consoles.wishes.entries()) {
    if (wish.userSpecified !== userSpecified || wish.name !== console.name) continue;
    if (console.index >= 0 && console.index !== wish.index) continue;
    if (console.index < 0) console.index = wish.index;
    if (!setupWorks(console, wish.options)) return "refused";
    console.enabled = true;
    if (at === consoles.preferred) console.consdev = true;
    return "enabled";
  }
  return console.enabled ? "enabled" : "unwanted";
}

/**
 * Offers a console. It becomes active if it is wanted and its hardware is there; it may be offered again.
 *
 * Linux: register_console()
 */
export function registerConsole(kernel: Kernel, console: Console): undefined {
  const consoles = kernel.get(CONSOLES);
  kernel.access?.("console", "list", "append");
  if (consoles.active.includes(console)) {
    return kernel.warn(`console '${console.name}${console.index}' already registered`);
  }
  if (consoles.preferred < 0 && consoles.active[0]?.device === undefined) tryEnableDefault(console);
  let result = tryEnablePreferred(consoles, console, true);
  if (result === "unwanted") result = tryEnablePreferred(consoles, console, false);
  if (result !== "enabled") return;
  const { active } = consoles;
  if (console.consdev || active.length === 0) {
    if (active[0] !== undefined) active[0].consdev = false;
    console.consdev = true;
    active.unshift(console);
  } else active.splice(1, 0, console);
  kernel.log.registerConsole(new LogSink(console));
}

/** Prints on a console; what printing itself logs comes after, never in between. */
class LogSink implements MessageSink {
  readonly #console: Console;
  #printing = false;
  readonly #later: string[] = [];

  constructor(console: Console) {
    this.#console = console;
  }

  get name(): string {
    return `${this.#console.name}${this.#console.index}`;
  }

  write(text: string): undefined {
    this.#later.push(text);
    if (this.#printing) return;
    this.#printing = true;
    try {
      let next: string | undefined;
      while ((next = this.#later.shift()) !== undefined) this.#console.write(next);
    } finally {
      this.#printing = false;
    }
  }
}

/** Where `/dev/console` leads now. Linux: console_device() */
export function consoleDevice(kernel: Kernel): ConsoleDevice | undefined {
  for (const console of kernel.get(CONSOLES).active) {
    const device = console.device?.();
    if (device !== undefined) return device;
  }
  return undefined;
}

/** `/proc/consoles`. Linux: show_console_dev() */
export function showConsoles(kernel: Kernel): string {
  return kernel.get(CONSOLES).active.map((console) => {
    const flags = [
      console.enabled ? "E" : " ",
      console.consdev ? "C" : " ",
      " ",
      console.printbuffer ? "p" : " ",
      " ",
      console.anytime === true ? "a" : " ",
    ].join("");
    const name = `${console.name}${console.index}`.padEnd(20);
    const device = console.device?.();
    const dev = device === undefined ? "" : ` ${devNumber(device)}`;
    return `${name} -W${console.unblank === true ? "U" : "-"} (${flags})${dev}\n`;
  }).join("");
}

function devNumber({ driver, index }: ConsoleDevice): string {
  const { major, minorStart } = driver.options;
  return `${String(major).padStart(4)}:${minorStart + index}`;
}

/** `/sys/class/tty/console/active`: the one that is `/dev/console` comes last. Linux: show_cons_active() */
export function showActive(kernel: Kernel): string {
  const active = kernel.get(CONSOLES).active.filter(({ device }) => device !== undefined);
  return `${active.map(({ name, index }) => `${name}${index}`).reverse().join(" ")}\n`;
}
