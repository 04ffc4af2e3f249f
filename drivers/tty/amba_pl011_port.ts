/**
 * One PL011: its registers, its interrupt, and how characters go in and out.
 *
 * Linux: drivers/tty/serial/amba-pl011.c. Arm DDI 0183
 *
 * @module
 */
import type { AmbaDevice } from "../../kernel/amba/bus.ts";
import { devInfo } from "../../kernel/base/device.ts";
import { requestIrq } from "../../kernel/base/platform.ts";
import type { IoMem, Resource } from "../../kernel/io.ts";
import type { IrqAction, IrqReturn } from "../../kernel/irq.ts";
import { type Termios, ttyTermiosBaudRate } from "../../kernel/tty/termios.ts";
import {
  UART011_BEIS,
  UART011_CR,
  UART011_CR_CTSEN,
  UART011_CR_DTR,
  UART011_CR_LBE,
  UART011_CR_OUT1,
  UART011_CR_OUT2,
  UART011_CR_RTS,
  UART011_CR_RTSEN,
  UART011_CR_RXE,
  UART011_CR_TXE,
  UART011_FBRD,
  UART011_FEIS,
  UART011_IBRD,
  UART011_ICR,
  UART011_IFLS,
  UART011_IFLS_RX4_8,
  UART011_IFLS_TX4_8,
  UART011_IMSC,
  UART011_LCRH,
  UART011_OEIS,
  UART011_PEIS,
  UART011_RIS,
  UART011_RTIM,
  UART011_RTIS,
  UART011_RXIM,
  UART011_RXIS,
  UART011_TXIM,
  UART011_TXIS,
  UART01x_CR_UARTEN,
  UART01x_DR,
  UART01x_FR,
  UART01x_FR_BUSY,
  UART01x_FR_RXFE,
  UART01x_FR_TXFF,
  UART01x_LCRH_BRK,
  UART01x_LCRH_FEN,
  UART01x_LCRH_PEN,
  UART01x_LCRH_STP2,
  UART01x_LCRH_WLEN_8,
} from "../../uapi/amba_pl011.ts";
import { CRTSCTS, CSTOPB, PARENB } from "../../uapi/termbits.ts";
import {
  TIOCM_DTR,
  TIOCM_LOOP,
  TIOCM_OUT1,
  TIOCM_OUT2,
  TIOCM_RTS,
  type UartOps,
  UartPort,
  UPIO_MEM,
} from "./serial_port.ts";

const PORT_AMBA = 32;
/** Speed of a line that has none of its own. */
export const DEFAULT_BAUD = 38400;
/** Most rounds of the interrupt handler. */
const AMBA_ISR_PASS_LIMIT = 256;
/** Most characters taken in one round. */
const RX_LIMIT = 256;

const MCTRL_BITS = [
  [TIOCM_RTS, UART011_CR_RTS],
  [TIOCM_DTR, UART011_CR_DTR],
  [TIOCM_OUT1, UART011_CR_OUT1],
  [TIOCM_OUT2, UART011_CR_OUT2],
  [TIOCM_LOOP, UART011_CR_LBE],
] as const;

/** One PL011. Linux: struct uart_amba_port */
export class UartAmbaPort extends UartPort {
  /** Interrupts that are let through. */
  im = 0;
  irq: IrqAction | undefined;
  /** The missing DMA was spoken of. */
  dmaProbed = false;

  constructor(readonly amba: AmbaDevice, readonly regs: IoMem, line: number, readonly clk: number) {
    super(amba.kernel, PL011_OPS, {
      dev: amba,
      line,
      mapbase: (amba.resource as Resource).start,
      irq: amba.irq[0],
      fifosize: revisionOf(amba) < 3 ? 16 : 32,
      iotype: UPIO_MEM,
    });
  }

  read(offset: number): number {
    return this.regs.readw(offset);
  }

  write(value: number, offset: number): undefined {
    this.regs.writew(value & 0xffff, offset);
  }
}

/** Linux: amba_rev() */
function revisionOf(dev: AmbaDevice): number {
  return (dev.periphid >>> 20) & 0xf;
}

/** Linux: pl011_int() */
function pl011Int(port: UartAmbaPort): IrqReturn {
  let status = port.read(UART011_RIS) & port.im;
  if (status === 0) return "none";
  for (let pass = 0; pass <= AMBA_ISR_PASS_LIMIT && status !== 0; pass++) {
    port.write(status & ~(UART011_TXIS | UART011_RTIS | UART011_RXIS), UART011_ICR);
    if ((status & (UART011_RTIS | UART011_RXIS)) !== 0) rxChars(port);
    if ((status & UART011_TXIS) !== 0) txChars(port, true);
    status = port.read(UART011_RIS) & port.im;
  }
  return "handled";
}

/** Linux: pl011_rx_chars(), pl011_fifo_to_tty() */
function rxChars(port: UartAmbaPort): undefined {
  const data: number[] = [];
  while (data.length < RX_LIMIT && (port.read(UART01x_FR) & UART01x_FR_RXFE) === 0) {
    data.push(port.read(UART01x_DR) & 0xff);
  }
  port.icount.rx += data.length;
  port.port.insertFlip(Uint8Array.from(data));
  port.port.flipBufferPush();
}

/** Sends one character, unless the FIFO is full. Linux: pl011_tx_char() */
function txChar(port: UartAmbaPort, c: number, fromIrq: boolean): boolean {
  if (!fromIrq && (port.read(UART01x_FR) & UART01x_FR_TXFF) !== 0) return false;
  port.write(c, UART01x_DR);
  port.icount.tx++;
  return true;
}

/**
 * Sends what waits, as far as the FIFO takes it.
 *
 * Linux: pl011_tx_chars()
 *
 * @returns True when more waits.
 */
function txChars(port: UartAmbaPort, fromIrq: boolean): boolean {
  const { xmit, options } = port;
  if (xmit.length === 0 || port.txStopped) {
    stopTx(port);
    return false;
  }
  const limit = fromIrq ? options.fifosize >> 1 : Infinity;
  let sent = 0;
  while (sent < limit && sent < xmit.length && txChar(port, xmit[sent], fromIrq)) sent++;
  xmit.splice(0, sent);
  port.port.tty?.wakeup();
  if (xmit.length > 0) return true;
  stopTx(port);
  return false;
}

function setMask(port: UartAmbaPort, im: number): undefined {
  port.im = im;
  port.write(im, UART011_IMSC);
}

/** Linux: pl011_stop_tx() */
function stopTx(port: UartAmbaPort): undefined {
  setMask(port, port.im & ~UART011_TXIM);
}

/** Linux: pl011_start_tx() */
function startTx(port: UartAmbaPort): undefined {
  if (txChars(port, false)) setMask(port, port.im | UART011_TXIM);
}

/** Linux: pl011_set_mctrl() */
function setMctrl(port: UartAmbaPort): undefined {
  let cr = port.read(UART011_CR);
  for (const [line, bit] of MCTRL_BITS) {
    cr = (port.mctrl & line) !== 0 ? cr | bit : cr & ~bit;
  }
  port.write(cr, UART011_CR);
}

/** Linux: pl011_startup() */
async function startup(port: UartAmbaPort): Promise<undefined> {
  hwinit(port);
  port.write(port.im, UART011_IMSC);
  const { irq } = port.options;
  port.irq = requestIrq(port.kernel, irq, () => pl011Int(port), {
    name: "uart-pl011",
    shared: true,
  });
  port.write(UART011_IFLS_RX4_8 | UART011_IFLS_TX4_8, UART011_IFLS);
  const lines = port.read(UART011_CR) & (UART011_CR_RTS | UART011_CR_DTR);
  port.write(lines | UART01x_CR_UARTEN | UART011_CR_RXE | UART011_CR_TXE, UART011_CR);
  // What the modem lines were, to notice when they change.
  port.read(UART01x_FR);
  dmaProbe(port);
  enableInterrupts(port);
}

/** Linux: pl011_hwinit() */
function hwinit(port: UartAmbaPort): undefined {
  port.uartclk = port.clk;
  const errors = UART011_OEIS | UART011_BEIS | UART011_PEIS | UART011_FEIS;
  port.write(errors | UART011_RTIS | UART011_RXIS, UART011_ICR);
  port.im = port.read(UART011_IMSC);
  port.write(UART011_RTIM | UART011_RXIM, UART011_IMSC);
}

/** Linux: pl011_dma_probe() */
function dmaProbe(port: UartAmbaPort): undefined {
  if (port.dmaProbed) return;
  port.dmaProbed = true;
  devInfo(port.amba, "no DMA platform data");
}

/** Linux: pl011_enable_interrupts() */
function enableInterrupts(port: UartAmbaPort): undefined {
  port.write(UART011_RTIS | UART011_RXIS, UART011_ICR);
  // What came before is dropped, so that the receive interrupt can come at all.
  for (let i = 0; i < port.options.fifosize * 2; i++) {
    if ((port.read(UART01x_FR) & UART01x_FR_RXFE) !== 0) break;
    port.read(UART01x_DR);
  }
  setMask(port, UART011_RTIM | UART011_RXIM);
}

/** Linux: pl011_shutdown() */
async function shutdown(port: UartAmbaPort): Promise<undefined> {
  setMask(port, 0);
  port.write(0xffff, UART011_ICR);
  if (port.irq !== undefined) port.kernel.irq.freeIrq(port.irq);
  port.irq = undefined;
  const lines = port.read(UART011_CR) & (UART011_CR_RTS | UART011_CR_DTR);
  port.write(lines | UART01x_CR_UARTEN | UART011_CR_TXE, UART011_CR);
  const lcrh = port.read(UART011_LCRH);
  port.write(lcrh & ~(UART01x_LCRH_BRK | UART01x_LCRH_FEN), UART011_LCRH);
}

/** Linux: pl011_set_termios() */
function setTermios(port: UartAmbaPort, termios: Termios): undefined {
  port.uartclk = port.clk;
  const baud = ttyTermiosBaudRate(termios) || DEFAULT_BAUD;
  const divisor = baud > port.uartclk / 16
    ? Math.round(port.uartclk * 8 / baud)
    : Math.round(port.uartclk * 4 / baud);
  let lcrh = UART01x_LCRH_WLEN_8 | UART01x_LCRH_FEN;
  if ((termios.cflag & CSTOPB) !== 0) lcrh |= UART01x_LCRH_STP2;
  if ((termios.cflag & PARENB) !== 0) lcrh |= UART01x_LCRH_PEN;
  let cr = port.read(UART011_CR);
  if ((termios.cflag & CRTSCTS) !== 0) cr |= UART011_CR_CTSEN | UART011_CR_RTSEN;
  else cr &= ~(UART011_CR_CTSEN | UART011_CR_RTSEN);
  port.write(divisor & 0x3f, UART011_FBRD);
  port.write(divisor >> 6, UART011_IBRD);
  // The divisor counts from the write of the line control on.
  port.write(lcrh, UART011_LCRH);
  port.write(cr | UART011_CR_RXE, UART011_CR);
}

/** Linux: amba_pl011_pops */
const PL011_OPS: UartOps = {
  type: (port) => `PL011 rev${revisionOf((port as UartAmbaPort).amba)}`,
  configPort(port) {
    port.type = PORT_AMBA;
  },
  setMctrl: (port) => setMctrl(port as UartAmbaPort),
  startup: (port) => startup(port as UartAmbaPort),
  shutdown: (port) => shutdown(port as UartAmbaPort),
  setTermios: (port, termios) => setTermios(port as UartAmbaPort, termios),
  startTx: (port) => startTx(port as UartAmbaPort),
  stopTx: (port) => stopTx(port as UartAmbaPort),
  txEmpty: (port) =>
    ((port as UartAmbaPort).read(UART01x_FR) & (UART01x_FR_BUSY | UART01x_FR_TXFF)) === 0,
};
