/**
 * Virtual terminals on a machine without a screen: they are there, take what is written, and show
 * nothing, as on Linux's dummy console.
 *
 * Linux: drivers/tty/vt/vt.c, drivers/video/console/dummycon.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { type Console, registerConsole } from "./console.ts";
import { ttyStdTermios, type Winsize } from "./termios.ts";
import { TtyDriver, type TtyOperations } from "./tty_driver.ts";
import { TtyPort } from "./tty_port.ts";

/** Major of virtual terminals. */
export const TTY_MAJOR = 4;
/** Virtual terminals, without the one that stands for the one in front. */
export const MAX_NR_CONSOLES = 63;
/** Size of the dummy console. */
const DUMMY_SIZE: Winsize = { rows: 25, cols: 80 };
/** Linux: con_write_room() */
const WRITE_ROOM = 32768;

const CON_OPS: TtyOperations = {
  install(tty) {
    tty.port = new TtyPort(tty.kernel);
    tty.winsize = DUMMY_SIZE;
  },
  async open() {},
  async close() {},
  write: (_tty, data) => data.length,
  writeRoom: () => WRITE_ROOM,
};

/** Linux: console_driver of vt.c; terminal 0 of it is `tty1` */
export const VT_DRIVER: Slot<TtyDriver> = new Slot("vt", (kernel) => new VtDriver(kernel));

class VtDriver extends TtyDriver {
  constructor(kernel: Kernel) {
    super(kernel, {
      driverName: "unknown",
      name: "tty",
      major: TTY_MAJOR,
      minorStart: 1,
      num: MAX_NR_CONSOLES,
      type: "console",
      initTermios: ttyStdTermios(),
      ops: CON_OPS,
    });
  }

  override lineName(index: number): string {
    return `tty${index + 1}`;
  }
}

/** Offers the virtual terminals as a console. Linux: con_init(), in the console table */
export async function conInit(kernel: Kernel): Promise<number> {
  kernel.info(`Console: colour dummy device ${DUMMY_SIZE.cols}x${DUMMY_SIZE.rows}`);
  const console: Console = {
    name: "tty",
    index: -1,
    enabled: false,
    consdev: false,
    printbuffer: true,
    unblank: true,
    write: () => undefined,
    device: () => ({ driver: kernel.get(VT_DRIVER), index: Math.max(0, console.index - 1) }),
  };
  registerConsole(kernel, console);
  return 0;
}
