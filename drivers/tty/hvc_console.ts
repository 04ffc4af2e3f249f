/**
 * Terminals of hypervisors: `/dev/hvc0` to `/dev/hvc7`, and the kernel console on one of them. A back end
 * moves the characters.
 *
 * Linux: drivers/tty/hvc/hvc_console.c
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import type { Initcall } from "../../kernel/initcall.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { registerConsole } from "../../kernel/tty/console.ts";
import { ttyStdTermios } from "../../kernel/tty/termios.ts";
import { TtyDriver, ttyRegisterDriver } from "../../kernel/tty/tty_driver.ts";
import { HVC, type Hvc, MAX_NR_HVC_CONSOLES } from "./hvc.ts";
import { HVC_OPS } from "./hvc_ops.ts";
import { HvcStruct, type HvOps } from "./hvc_struct.ts";
import { startKhvcd } from "./hvc_thread.ts";

const HVC_MAJOR = 229;
const HVC_MINOR = 0;
/** Terminals that have a node. */
const HVC_ALLOC_TTY_ADAPTERS = 8;

/** Offers the console; it becomes active when a back end for its index comes. Linux: hvc_console_init() */
async function hvcConsoleInit(kernel: Kernel): Promise<number> {
  registerConsole(kernel, kernel.get(HVC).console);
  return 0;
}

/** What hvc runs at boot. */
export const HVC_INITCALLS: readonly Initcall[] = [
  { name: "hvc_console_init", level: "console", fn: hvcConsoleInit },
];

/** Registers the terminals, when the first back end comes. Linux: hvc_init() */
async function hvcInit(kernel: Kernel, hvc: Hvc): Promise<undefined> {
  const driver = new TtyDriver(kernel, {
    driverName: "hvc",
    name: "hvc",
    major: HVC_MAJOR,
    minorStart: HVC_MINOR,
    num: HVC_ALLOC_TTY_ADAPTERS,
    type: "system",
    initTermios: ttyStdTermios(),
    ops: HVC_OPS,
    resetTermios: true,
  });
  try {
    await ttyRegisterDriver(driver);
  } catch (error) {
    kernel.err("Couldn't register hvc console driver");
    throw error;
  }
  hvc.driver = driver;
  hvc.thread = startKhvcd(kernel, hvc);
}

/**
 * Lets a back end print before there are terminals.
 *
 * Linux: hvc_instantiate()
 *
 * @throws {KernelError} `EINVAL` for an index out of range, `EBUSY` when it is taken.
 */
export function hvcInstantiate(
  kernel: Kernel,
  vtermno: number,
  index: number,
  ops: HvOps,
): undefined {
  const hvc = kernel.get(HVC);
  if (index < 0 || index >= MAX_NR_HVC_CONSOLES) {
    throw new KernelError("EINVAL", `hvc${index}: no such console`);
  }
  if (hvc.slots[index] !== undefined || hvc.byIndex(index) !== undefined) {
    throw new KernelError("EBUSY", `hvc${index}: is taken`);
  }
  hvc.slots[index] = { vtermno, ops };
  hvc.lastHvc = Math.max(hvc.lastHvc, index);
  hvc.checkConsole(index);
}

/**
 * Makes a terminal for a back end; its index is the one that was instantiated for it, or the lowest free.
 *
 * Linux: hvc_alloc()
 *
 * @param vtermno The back end's own number for it.
 * @param outbufSize Size of the output buffer in bytes.
 * @throws {KernelError} `ENOMEM`, or what registering the terminals gives.
 */
export async function hvcAlloc(
  kernel: Kernel,
  vtermno: number,
  ops: HvOps,
  outbufSize: number,
): Promise<HvcStruct> {
  const hvc = kernel.get(HVC);
  kernel.access?.("hvc", "index", "take");
  if (hvc.driver === undefined) await hvcInit(kernel, hvc);
  kernel.failable(`memory for an hvc terminal`);
  const index = findIndex(hvc, vtermno, ops);
  kernel.found("number", "hvc", index);
  const hp = new HvcStruct(kernel, index, vtermno, ops, outbufSize);
  if (index < MAX_NR_HVC_CONSOLES) hvc.slots[index] = { vtermno, ops };
  hvc.structs.push(hp);
  hvc.checkConsole(index);
  return hp;
}

function findIndex(hvc: Hvc, vtermno: number, ops: HvOps): number {
  for (let i = 0; i < MAX_NR_HVC_CONSOLES; i++) {
    if (hvc.slots[i]?.vtermno === vtermno && hvc.slots[i]?.ops === ops) return i;
  }
  for (let i = 0; i < MAX_NR_HVC_CONSOLES; i++) if (hvc.slots[i] === undefined) return i;
  return ++hvc.lastHvc + MAX_NR_HVC_CONSOLES;
}

/** Takes a terminal's back end away; whoever has it open reads the end. Linux: hvc_remove() */
export async function hvcRemove(hp: HvcStruct): Promise<undefined> {
  const hvc = hp.kernel.get(HVC);
  if (hp.index < MAX_NR_HVC_CONSOLES) hvc.slots[hp.index] = undefined;
  const at = hvc.structs.indexOf(hp);
  if (at >= 0) hvc.structs.splice(at, 1);
  hp.port.tty?.vhangup();
  await hp.destroy();
}
