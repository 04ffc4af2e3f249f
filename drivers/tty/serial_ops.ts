/**
 * What the tty core calls on a serial terminal.
 *
 * Linux: drivers/tty/serial/serial_core.c: uart_ops
 *
 * @module
 */
import { ERRNO } from "../../kernel/errno.ts";
import { KernelError } from "../../kernel/errors.ts";
import { ttyTermiosBaudRate } from "../../kernel/tty/termios.ts";
import type { TtyOperations } from "../../kernel/tty/tty_driver.ts";
import type { TtyStruct } from "../../kernel/tty/tty_struct.ts";
import { TIOCM_DTR, TIOCM_RTS, type UartDriver, type UartPort, uartPortOf } from "./serial_port.ts";

/** Size of the transmit buffer. Linux: UART_XMIT_SIZE */
const UART_XMIT_SIZE = 4096;
/** How often a close looks whether all was sent, and how long at most. */
const DRAIN_STEP_NS = 1_000_000;
const DRAIN_LIMIT_NS = 30_000_000_000;

function uartOf(tty: TtyStruct): UartPort {
  return tty.driverData as UartPort;
}

/** Linux: uart_install() */
function install(tty: TtyStruct): undefined {
  const uport = uartPortOf(tty.driver, tty.index);
  if (uport === undefined) throw new KernelError("ENXIO", `${tty.name}: no such port`);
  tty.driverData = uport;
  tty.port = uport.port;
}

/** Linux: uart_open(), uart_port_activate() */
async function open(tty: TtyStruct): Promise<undefined> {
  const uport = uartOf(tty);
  const { port } = uport;
  port.count++;
  port.tty = tty;
  if (!port.initialized) await startup(tty, uport);
}

/** Linux: uart_startup(), uart_port_startup() */
async function startup(tty: TtyStruct, uport: UartPort): Promise<undefined> {
  tty.kernel.failable(`the transmit buffer of ${uport.name}`);
  await uport.ops.startup(uport);
  const drv = uport.driver as UartDriver;
  if (uport.isConsole && drv.consoleCflag !== 0) {
    tty.termios.cflag = drv.consoleCflag;
    drv.consoleCflag = 0;
  }
  uport.ops.setTermios(uport, tty.termios);
  uport.port.initialized = true;
  if (ttyTermiosBaudRate(tty.termios) !== 0) {
    uport.mctrl |= TIOCM_RTS | TIOCM_DTR;
    uport.ops.setMctrl(uport);
  }
}

/** Linux: uart_close(): the console's hardware stays on */
async function close(tty: TtyStruct): Promise<undefined> {
  const uport = uartOf(tty);
  const { port } = uport;
  if (--port.count > 0 || !port.initialized) return;
  // What was stopped may never go on.
  if (tty.flowStopped) uport.xmit.length = 0;
  await drain(uport);
  port.tty = undefined;
  if (port.console) return;
  port.initialized = false;
  uport.mctrl &= ~(TIOCM_RTS | TIOCM_DTR);
  uport.ops.setMctrl(uport);
  await uport.ops.shutdown(uport);
  uport.xmit.length = 0;
}

/** Linux: uart_wait_until_sent() */
async function drain(uport: UartPort): Promise<undefined> {
  const { kernel } = uport;
  const giveUpNs = kernel.nowNs + DRAIN_LIMIT_NS;
  while (!uport.ops.txEmpty(uport) && kernel.nowNs < giveUpNs) {
    await kernel.sched.sleep(DRAIN_STEP_NS);
  }
}

/** Linux: __uart_start() */
function start(tty: TtyStruct): undefined {
  const uport = uartOf(tty);
  if (!uport.txStopped) uport.ops.startTx(uport);
}

/** Linux: uart_write() */
function write(tty: TtyStruct, data: Uint8Array): number {
  const uport = uartOf(tty);
  if (!uport.port.initialized) return -ERRNO.EIO;
  const room = UART_XMIT_SIZE - 1 - uport.xmit.length;
  const taken = Math.min(room, data.length);
  for (let i = 0; i < taken; i++) uport.xmit.push(data[i]);
  start(tty);
  return taken;
}

/** Linux: uart_hangup() */
function hangup(tty: TtyStruct): undefined {
  const uport = uartOf(tty);
  uport.xmit.length = 0;
  uport.port.count = 0;
  uport.port.tty = undefined;
}

/** Linux: uart_ops */
export const UART_OPS: TtyOperations = {
  install,
  open,
  close,
  write,
  hangup,
  start,
  flushChars: start,
  writeRoom: (tty) => UART_XMIT_SIZE - 1 - uartOf(tty).xmit.length,
  charsInBuffer: (tty) => uartOf(tty).xmit.length,
  stop: (tty) => uartOf(tty).ops.stopTx(uartOf(tty)),
  flushBuffer(tty) {
    uartOf(tty).xmit.length = 0;
    tty.wakeup();
  },
  setTermios(tty, old) {
    const { cflag, iflag } = tty.termios;
    if (cflag === old.cflag && iflag === old.iflag) return;
    uartOf(tty).ops.setTermios(uartOf(tty), tty.termios);
  },
};
