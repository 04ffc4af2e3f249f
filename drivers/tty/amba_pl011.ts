/**
 * Arm's serial port PL011. Every character costs a read of the flags and a write of the data register;
 * compare `virtio_console.ts`, where a line of text costs one notification.
 *
 * Linux: drivers/tty/serial/amba-pl011.c. Arm DDI 0183
 *
 * @module
 */
import { type AmbaDevice, type AmbaDriver, ambaDriverRegister } from "../../kernel/amba/bus.ts";
import { devErr } from "../../kernel/base/device.ts";
import { devmIoremapResource } from "../../kernel/base/platform.ts";
import { ERRNO } from "../../kernel/errno.ts";
import { KernelError } from "../../kernel/errors.ts";
import type { Initcall } from "../../kernel/initcall.ts";
import type { Resource } from "../../kernel/io.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { ofParsePhandle } from "../../kernel/of/phandle.ts";
import { ofPropertyReadU32 } from "../../kernel/of/property.ts";
import type { DeviceTree } from "../../kernel/of/tree.ts";
import { Slot } from "../../kernel/slot.ts";
import type { Console } from "../../kernel/tty/console.ts";
import {
  PL011_PERIPH_ID,
  PL011_PERIPH_ID_MASK,
  UART011_CR,
  UART011_CR_CTSEN,
  UART011_CR_TXE,
  UART011_FBRD,
  UART011_IBRD,
  UART011_ICR,
  UART011_IMSC,
  UART01x_CR_UARTEN,
  UART01x_DR,
  UART01x_FR,
  UART01x_FR_BUSY,
  UART01x_FR_TXFF,
} from "../../uapi/amba_pl011.ts";
import { DEFAULT_BAUD, UartAmbaPort } from "./amba_pl011_port.ts";
import {
  uartAddOnePort,
  uartParseBaud,
  uartRegisterDriver,
  uartSetOptions,
  uartUnregisterDriver,
} from "./serial_core.ts";
import { UartDriver } from "./serial_port.ts";

/** Ports that the driver can have. */
const UART_NR = 14;
const SERIAL_AMBA_MAJOR = 204;
const SERIAL_AMBA_MINOR = 64;
/** A busy-wait for the transmitter gives up after so many looks; Linux would spin for ever. */
const SPIN_LIMIT = 100_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Everything about PL011s in one kernel. Linux: amba_ports, amba_reg */
class Pl011State {
  readonly ports: (UartAmbaPort | undefined)[] = [];
  readonly driver: UartDriver;

  constructor(kernel: Kernel) {
    const console: Console = {
      name: "ttyAMA",
      index: -1,
      enabled: false,
      consdev: false,
      printbuffer: true,
      anytime: true,
      write: (text) => consoleWrite(this.ports[console.index], text),
      setup: (options) => consoleSetup(this, console, options),
      device: () => {
        const driver = this.driver.tty;
        return driver === undefined ? undefined : { driver, index: console.index };
      },
    };
    this.driver = new UartDriver(kernel, {
      driverName: "ttyAMA",
      devName: "ttyAMA",
      major: SERIAL_AMBA_MAJOR,
      minor: SERIAL_AMBA_MINOR,
      nr: UART_NR,
      console,
    });
  }
}

const PL011: Slot<Pl011State> = new Slot("pl011", (kernel) => new Pl011State(kernel));

/** Hertz of the port's clock. Throws `ENOENT` without one. Linux: devm_clk_get(), clk_get_rate() */
function clockRate(dev: AmbaDevice): number {
  const tree = dev.kernel.tree as DeviceTree;
  const clock = dev.ofNode === undefined
    ? undefined
    : ofParsePhandle(tree, dev.ofNode, "clocks", 0);
  if (clock === undefined) throw new KernelError("ENOENT", `${dev.name}: has no clock`);
  return ofPropertyReadU32(clock, "clock-frequency");
}

/** Linux: pl011_probe() */
async function probe(dev: AmbaDevice): Promise<undefined> {
  const { kernel } = dev;
  const state = kernel.get(PL011);
  let line = 0;
  while (state.ports[line] !== undefined) line++;
  if (line >= UART_NR) throw new KernelError("EBUSY", `${dev.name}: no port number is left`);
  kernel.failable(`memory for ${dev.name}`);
  const clk = clockRate(dev);
  const regs = devmIoremapResource(dev, dev.resource as Resource);
  const { aliases } = kernel.tree as DeviceTree;
  const alias = aliases.find(({ stem, node }) => stem === "serial" && node === dev.ofNode)?.id;
  if (alias !== undefined && alias < UART_NR && state.ports[alias] === undefined) line = alias;
  const port = new UartAmbaPort(dev, regs, line, clk);
  state.ports[line] = port;
  // Nothing may interrupt before somebody opens it.
  port.write(0, UART011_IMSC);
  port.write(0xffff, UART011_ICR);
  await registerPort(state, port);
}

/** Makes the port known, and the driver with its first one. Linux: pl011_register_port() */
async function registerPort(state: Pl011State, port: UartAmbaPort): Promise<undefined> {
  const { driver, ports } = state;
  try {
    if (driver.tty === undefined) {
      await uartRegisterDriver(driver).catch((error) => {
        if (error instanceof KernelError) {
          devErr(port.amba, "Failed to register AMBA-PL011 driver");
        }
        throw error;
      });
    }
    await uartAddOnePort(driver, port);
  } catch (error) {
    ports[port.options.line] = undefined;
    if (ports.every((each) => each === undefined)) await uartUnregisterDriver(driver);
    throw error;
  }
}

/** Linux: pl011_console_setup() */
function consoleSetup(
  state: Pl011State,
  console: Console,
  options: string | undefined,
): undefined {
  if (console.index >= UART_NR) console.index = 0;
  const port = state.ports[console.index];
  if (port === undefined) throw new KernelError("ENODEV", `ttyAMA${console.index}: no such port`);
  port.uartclk = port.clk;
  let baud = DEFAULT_BAUD;
  if (options !== undefined) baud = uartParseBaud(options, baud);
  else if ((port.read(UART011_CR) & UART01x_CR_UARTEN) !== 0) baud = readBaud(port);
  uartSetOptions(port, baud);
}

/** The speed that firmware has set. Linux: pl011_console_get_options() */
function readBaud(port: UartAmbaPort): number {
  const integer = port.read(UART011_IBRD);
  const fraction = port.read(UART011_FBRD);
  return Math.floor(port.uartclk * 4 / (64 * integer + fraction));
}

/** Waits, without sleeping, until none of `bits` is set in the flags. */
function spinWhile(port: UartAmbaPort, bits: number): undefined {
  for (let i = 0; i < SPIN_LIMIT && (port.read(UART01x_FR) & bits) !== 0; i++) {
    if (!port.kernel.sched.relax()) return;
  }
}

const encoder = new TextEncoder();

/** Prints kernel messages, polling. Linux: pl011_console_write(), uart_console_write() */
function consoleWrite(port: UartAmbaPort | undefined, text: string): undefined {
  if (port === undefined) return;
  const cr = port.read(UART011_CR);
  port.write((cr & ~UART011_CR_CTSEN) | UART01x_CR_UARTEN | UART011_CR_TXE, UART011_CR);
  const put = (c: number): undefined => {
    spinWhile(port, UART01x_FR_TXFF);
    port.write(c, UART01x_DR);
  };
  for (const c of encoder.encode(text)) {
    if (c === NEWLINE) put(RETURN);
    put(c);
  }
  spinWhile(port, UART01x_FR_BUSY);
  port.write(cr, UART011_CR);
}

/** Linux: pl011_driver */
const PL011_DRIVER: AmbaDriver = {
  name: "uart-pl011",
  suppressBindAttrs: true,
  idTable: [{ id: PL011_PERIPH_ID, mask: PL011_PERIPH_ID_MASK }],
  probe,
};

/** Linux: pl011_init() */
async function pl011Init(kernel: Kernel): Promise<number> {
  kernel.info("Serial: AMBA PL011 UART driver");
  try {
    await ambaDriverRegister(kernel, PL011_DRIVER);
    return 0;
  } catch (error) {
    if (error instanceof KernelError) return -ERRNO[error.code];
    throw error;
  }
}

/** What the driver runs at boot. */
export const PL011_INITCALLS: readonly Initcall[] = [
  { name: "pl011_init", level: "arch", fn: pl011Init },
];
