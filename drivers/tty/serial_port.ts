/**
 * Serial ports and their drivers, as the serial core and the tty core see them. A driver moves characters
 * between the transmit buffer and its registers.
 *
 * Linux: include/linux/serial_core.h
 *
 * @module
 */
import type { Device } from "../../kernel/base/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Console } from "../../kernel/tty/console.ts";
import type { Termios } from "../../kernel/tty/termios.ts";
import type { TtyDriver } from "../../kernel/tty/tty_driver.ts";
import { TtyPort } from "../../kernel/tty/tty_port.ts";

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
const UPF_BOOT_AUTOCONF = 0x10000000;

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

/** The port of terminal `index`. */
export function uartPortOf(driver: TtyDriver, index: number): UartPort | undefined {
  return (driver.driverState as UartDriver).ports[index];
}
