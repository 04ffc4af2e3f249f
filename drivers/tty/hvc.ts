/**
 * What hvc knows in one kernel: which back ends came, and the console that prints through one of them.
 *
 * Linux: drivers/tty/hvc/hvc_console.c
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { Slot } from "../../kernel/slot.ts";
import { type Console, registerConsole } from "../../kernel/tty/console.ts";
import type { TtyDriver } from "../../kernel/tty/tty_driver.ts";
import { hvcConsolePrint } from "./hvc_print.ts";
import type { HvcStruct, HvOps } from "./hvc_struct.ts";

/** Terminals that may be the kernel console. Linux: MAX_NR_HVC_CONSOLES */
export const MAX_NR_HVC_CONSOLES = 16;

/** The thread that looks for unsent output, and for input where no interrupt tells of it. */
export interface HvcThread {
  /** Makes it look now. Linux: hvc_kick() */
  kick(): undefined;
}

/** What hvc knows in one kernel. */
export class Hvc {
  /** By index: who would print if the console were this one. Linux: vtermnos, cons_ops */
  readonly slots: ({ readonly vtermno: number; readonly ops: HvOps } | undefined)[] = [];
  /** Terminals that have a back end, or are still open. Linux: hvc_structs */
  readonly structs: HvcStruct[] = [];
  /** The driver, once some back end came. */
  driver: TtyDriver | undefined;
  /** Linux: hvc_task */
  thread: HvcThread | undefined;
  /** Last index given to a terminal that cannot be a console. */
  lastHvc = -1;
  readonly console: Console;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    const console: Console = {
      name: "hvc",
      index: -1,
      enabled: false,
      consdev: false,
      printbuffer: true,
      write: (text) => hvcConsolePrint(this.slots[console.index], text),
      device: () => {
        const { driver } = this;
        if (driver === undefined || this.slots[console.index] === undefined) return undefined;
        return { driver, index: console.index };
      },
      setup: () => {
        if (this.slots[console.index] === undefined) {
          throw new KernelError("ENODEV", `hvc${console.index}: nothing is behind it yet`);
        }
      },
    };
    this.#kernel = kernel;
    this.console = console;
  }

  /** The terminal `index`, if it has a back end. Linux: hvc_get_by_index() */
  byIndex(index: number): HvcStruct | undefined {
    return this.structs.find((hp) => hp.index === index);
  }

  /** A back end for the wanted console came: offers it again. Linux: hvc_check_console() */
  checkConsole(index: number): undefined {
    if (this.console.enabled || index !== this.console.index) return;
    registerConsole(this.#kernel, this.console);
  }

  /** Wakes the thread that looks for input and unsent output. Linux: hvc_kick() */
  kick(): undefined {
    this.thread?.kick();
  }
}

/** What hvc knows in one kernel. */
export const HVC: Slot<Hvc> = new Slot("hvc", (kernel) => new Hvc(kernel));
