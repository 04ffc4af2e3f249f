/**
 * What all drivers of UARTs share: ports and their terminals come and go, and one may be the console.
 *
 * Linux: drivers/tty/serial/serial_core.c
 *
 * @module
 */
import { devErr } from "../../kernel/base/device.ts";
import { WAKEUP_GROUP } from "../../kernel/base/power.ts";
import { KernelError } from "../../kernel/errors.ts";
import { procCreate } from "../../kernel/procfs.ts";
import { ofConsoleCheck, registerConsole } from "../../kernel/tty/console.ts";
import { baudCode, ttyStdTermios } from "../../kernel/tty/termios.ts";
import {
  TtyDriver,
  ttyRegisterDevice,
  ttyRegisterDriver,
  ttyUnregisterDriver,
} from "../../kernel/tty/tty_driver.ts";
import { B9600, CBAUD, CLOCAL, CREAD, CS8, HUPCL } from "../../uapi/termbits.ts";
import { UART_OPS } from "./serial_ops.ts";
import { TIOCM_DTR, TIOCM_RTS, type UartDriver, type UartPort } from "./serial_port.ts";
import { UART_GROUP } from "./serial_sysfs.ts";

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

/** Linux: uart_unregister_driver() */
export async function uartUnregisterDriver(drv: UartDriver): Promise<undefined> {
  if (drv.tty === undefined) return;
  drv.kernel.procfs.dir("tty").dir("driver").remove(drv.options.driverName);
  await ttyUnregisterDriver(drv.tty);
  drv.tty = undefined;
}

/**
 * Adds a port: it becomes the console if it is to be, and its terminal appears. A port whose terminal cannot
 * appear stays, for the console.
 *
 * Linux: uart_add_one_port()
 *
 * @throws {KernelError} `EINVAL` when its number is taken or too large.
 */
export async function uartAddOnePort(drv: UartDriver, port: UartPort): Promise<undefined> {
  const { line, dev } = port.options;
  if (line >= drv.options.nr || drv.ports[line] !== undefined) {
    throw new KernelError("EINVAL", `${drv.options.devName}${line}: cannot be added`);
  }
  drv.ports[line] = port;
  port.driver = drv;
  ofConsoleCheck(drv.kernel, dev.ofNode, drv.options.console.name, line);
  uartConfigurePort(drv, port);
  port.port.console = port.isConsole;
  try {
    const groups = [UART_GROUP(port), WAKEUP_GROUP];
    await ttyRegisterDevice(drv.tty as TtyDriver, line, { parent: dev, groups });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    devErr(dev, `Cannot register tty device on line ${line}`);
  }
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
