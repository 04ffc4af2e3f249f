/**
 * Serial ports: what all drivers of UARTs share. A driver moves characters between the transmit buffer and
 * its registers.
 *
 * Linux: drivers/tty/serial/serial_core.c
 *
 * @module
 */
import type { Device } from "../../kernel/base/device.ts";
import { WAKEUP_GROUP } from "../../kernel/base/power.ts";
import { KernelError } from "../../kernel/errors.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { procCreate } from "../../kernel/procfs.ts";
import { type Console, ofConsoleCheck, registerConsole } from "../../kernel/tty/console.ts";
import { baudCode, type Termios, ttyStdTermios } from "../../kernel/tty/termios.ts";
import {
  TtyDriver,
  ttyRegisterDevice,
  ttyRegisterDriver,
  ttyUnregisterDevice,
  ttyUnregisterDriver,
} from "../../kernel/tty/tty_driver.ts";
import { TtyPort } from "../../kernel/tty/tty_port.ts";
import { B9600, CBAUD, CLOCAL, CREAD, CS8, HUPCL } from "../../uapi/termbits.ts";
import { UART_OPS } from "./serial_ops.ts";
import { UART_GROUP } from "./serial_sysfs.ts";

// Modem lines that the driver sets

/** Data terminal ready. */
export const TIOCM_DTR = 0x002;
/** Request to send. */
export const TIOCM_RTS = 0x004;
/** Output 1. */
export const TIOCM_OUT1 = 0x2000;
/** Output 2. */
export const TIOCM_OUT2 = 0x4000;
/** What is sent is received. */
export const TIOCM_LOOP = 0x8000;

/** Registers in memory, accessed with 8 or 16 bits. */
export const UPIO_MEM = 2;
/** The core asks the driver what the port is. */
export const UPF_BOOT_AUTOCONF = 0x10000000;

/** What a driver does with a port. All but `startup` and `shutdown` run in atomic context. Linux: struct uart_ops */
export interface UartOps {
  /** Name of the hardware, `PL011 rev1`. */
  type(port: UartPort): string;
  /** Finds out what it is. */
  configPort(port: UartPort): undefined;
  /** Sets the modem lines to `port.mctrl`. */
  setMctrl(port: UartPort): undefined;
  /** Makes the hardware ready for use. */
  startup(port: UartPort): Promise<undefined>;
  shutdown(port: UartPort): Promise<undefined>;
  setTermios(port: UartPort, termios: Termios): undefined;
  /** Sends from `port.xmit` now, as far as the hardware takes it. */
  startTx(port: UartPort): undefined;
  stopTx(port: UartPort): undefined;
  /** True when nothing is left to be sent. */
  txEmpty(port: UartPort): boolean;
}

/** One UART. Linux: struct uart_port with struct uart_state */
export class UartPort {
  readonly port: TtyPort;
  /** What waits to be sent. Linux: state->xmit */
  readonly xmit: number[] = [];
  /** PORT_AMBA and the like; 0 while unknown. */
  type = 0;
  readonly flags = UPF_BOOT_AUTOCONF;
  /** Lines that are set. */
  mctrl = 0;
  readonly icount = { rx: 0, tx: 0 };
  driver: UartDriver | undefined;

  constructor(
    readonly kernel: Kernel,
    readonly ops: UartOps,
    readonly options: {
      readonly dev: Device;
      readonly line: number;
      readonly mapbase: number;
      readonly irq: number;
      readonly fifosize: number;
      readonly iotype: number;
    },
  ) {
    this.port = new TtyPort(kernel);
  }

  /** Hertz of its clock; 0 until somebody needs it. */
  uartclk = 0;

  get name(): string {
    return `${this.driver?.options.devName ?? "uart"}${this.options.line}`;
  }

  /** Output is stopped. Linux: uart_tx_stopped() */
  get txStopped(): boolean {
    return this.port.tty?.flowStopped ?? false;
  }

  /** It is the kernel's console. Linux: uart_console() */
  get isConsole(): boolean {
    const console = this.driver?.options.console;
    return console !== undefined && console.index === this.options.line;
  }
}

/** What a driver of UARTs is made with. */
export interface UartDriverOptions {
  readonly driverName: string;
  readonly devName: string;
  readonly major: number;
  readonly minor: number;
  readonly nr: number;
  readonly console: Console;
}

/** A driver of UARTs. Linux: struct uart_driver */
export class UartDriver {
  readonly ports: (UartPort | undefined)[] = [];
  tty: TtyDriver | undefined;
  /** Settings that the console was set up with, for its first open. Linux: console.cflag */
  consoleCflag = 0;

  constructor(readonly kernel: Kernel, readonly options: UartDriverOptions) {}
}

/** Linux: uart_register_driver() */
export async function uartRegisterDriver(drv: UartDriver): Promise<undefined> {
  const { kernel, options } = drv;
  const tty = new TtyDriver(kernel, {
    driverName: options.driverName,
    name: options.devName,
    major: options.major,
    minorStart: options.minor,
    num: options.nr,
    type: "serial",
    initTermios: { ...ttyStdTermios(), cflag: B9600 | CS8 | CREAD | HUPCL | CLOCAL },
    ops: UART_OPS,
    dynamicDev: true,
  });
  drv.tty = tty;
  tty.driverState = drv;
  try {
    await ttyRegisterDriver(tty);
  } catch (error) {
    drv.tty = undefined;
    throw error;
  }
  procCreate(kernel, `tty/driver/${options.driverName}`, () => showUarts(drv));
}

/** The port of terminal `index`. */
export function uartPortOf(driver: TtyDriver, index: number): UartPort | undefined {
  return (driver.driverState as UartDriver).ports[index];
}

/** Linux: uart_unregister_driver() */
export async function uartUnregisterDriver(drv: UartDriver): Promise<undefined> {
  if (drv.tty === undefined) return;
  drv.kernel.procfs.dir("tty").dir("driver").remove(drv.options.driverName);
  await ttyUnregisterDriver(drv.tty);
  drv.tty = undefined;
}

/**
 * Adds a port: it becomes the console if it is to be, and its terminal appears.
 *
 * Linux: uart_add_one_port()
 *
 * @throws {KernelError} `EINVAL` when its number is taken or too large, `ENOMEM`.
 */
export async function uartAddOnePort(drv: UartDriver, port: UartPort): Promise<undefined> {
  const { line, dev } = port.options;
  const tty = drv.tty as TtyDriver;
  if (line >= drv.options.nr || drv.ports[line] !== undefined) {
    throw new KernelError("EINVAL", `${drv.options.devName}${line}: cannot be added`);
  }
  drv.ports[line] = port;
  port.driver = drv;
  try {
    ofConsoleCheck(drv.kernel, dev.ofNode, drv.options.console.name, line);
    uartConfigurePort(drv, port);
    port.port.console = port.isConsole;
    const groups = [UART_GROUP(port), WAKEUP_GROUP];
    await ttyRegisterDevice(tty, line, { parent: dev, groups });
  } catch (error) {
    drv.ports[line] = undefined;
    throw error;
  }
}

/** Linux: uart_remove_one_port() */
export async function uartRemoveOnePort(drv: UartDriver, port: UartPort): Promise<undefined> {
  const { line } = port.options;
  await ttyUnregisterDevice(drv.tty as TtyDriver, line);
  port.port.tty?.vhangup();
  await port.port.destroy();
  drv.ports[line] = undefined;
}

/** Linux: uart_configure_port() */
function uartConfigurePort(drv: UartDriver, port: UartPort): undefined {
  const { console } = drv.options;
  port.ops.configPort(port);
  if (port.type === 0) return;
  reportPort(port);
  port.mctrl &= TIOCM_DTR;
  port.ops.setMctrl(port);
  if (!console.enabled) registerConsole(drv.kernel, console);
}

/** Linux: uart_report_port() */
function reportPort(port: UartPort): undefined {
  const { dev, mapbase, irq } = port.options;
  const baud = Math.floor(port.uartclk / 16);
  port.kernel.info(
    `${dev.name}: ${port.name} at MMIO 0x${
      mapbase.toString(16)
    } (irq = ${irq}, base_baud = ${baud}) is a ${port.ops.type(port)}`,
  );
}

/**
 * Sets the hardware up for the console, before anybody opens it.
 *
 * Linux: uart_set_options()
 */
export function uartSetOptions(port: UartPort, baud: number): undefined {
  const termios = ttyStdTermios();
  termios.cflag = CREAD | HUPCL | CLOCAL | CS8 | (baudCode(baud) & CBAUD);
  port.mctrl |= TIOCM_DTR;
  port.ops.setTermios(port, termios);
  if (port.driver !== undefined) port.driver.consoleCflag = termios.cflag;
}

/** The speed in `115200n8`, or `fallback`. Linux: uart_parse_options() */
export function uartParseBaud(options: string | undefined, fallback: number): number {
  const baud = parseInt(options ?? "", 10);
  return Number.isNaN(baud) ? fallback : baud;
}

/** `/proc/tty/driver/NAME`. Linux: uart_proc_show() */
function showUarts(drv: UartDriver): string {
  const lines = drv.ports.filter((port) => port !== undefined).map((port) => {
    const { line, mapbase, irq } = port.options;
    const { tx, rx } = port.icount;
    const lines = [[TIOCM_RTS, "RTS"], [TIOCM_DTR, "DTR"]] as const;
    const set = lines.filter(([bit]) => (port.mctrl & bit) !== 0).map(([, name]) => name);
    const mmio = mapbase.toString(16).padStart(8, "0");
    return `${line}: uart:${port.ops.type(port)} mmio:0x${mmio} irq:${irq} tx:${tx} rx:${rx}` +
      `${set.length > 0 ? ` ${set.join("|")}` : ""}\n`;
  });
  return `serinfo:1.0 driver revision:\n${lines.join("")}`;
}
