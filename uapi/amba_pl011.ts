/**
 * The PL011 serial port: registers, their bits, and the identification that every PrimeCell ends with.
 *
 * Linux: include/linux/amba/serial.h, include/linux/amba/bus.h. Arm DDI 0183.
 *
 * @module
 */
import type { Register } from "./register.ts";

/** Data: writing sends a character, reading takes one with its error bits. */
export const UART01x_DR = 0x00;
/** Errors of the last character read. */
export const UART01x_RSR = 0x04;
/** Writing anything clears the errors. */
export const UART01x_ECR = 0x04;
/** Flags. */
export const UART01x_FR = 0x18;
/** Divisor of the infrared low-power clock. */
export const UART01x_ILPR = 0x20;
/** Integer part of the baud rate divisor. */
export const UART011_IBRD = 0x24;
/** Fractional part of the baud rate divisor, in 64ths. */
export const UART011_FBRD = 0x28;
/** Line control; writing it also makes IBRD and FBRD take effect. */
export const UART011_LCRH = 0x2c;
/** Control. */
export const UART011_CR = 0x30;
/** Fill levels of the FIFOs that interrupt. */
export const UART011_IFLS = 0x34;
/** Interrupt mask: 1 lets the interrupt through. */
export const UART011_IMSC = 0x38;
/** Interrupts before the mask. */
export const UART011_RIS = 0x3c;
/** Interrupts behind the mask. */
export const UART011_MIS = 0x40;
/** Writing 1 clears an interrupt. */
export const UART011_ICR = 0x44;
/** DMA control. */
export const UART011_DMACR = 0x48;
/** First of four registers with one byte each of the peripheral's id. */
export const AMBA_PERIPH_ID = 0xfe0;
/** First of four registers with one byte each of the PrimeCell id. */
export const AMBA_PCELL_ID = 0xff0;
/** Size of the register space in bytes. */
export const UART011_SIZE = 0x1000;

/** Size of each FIFO in characters: 16 up to revision 2, 32 from revision 3 on. */
export const UART011_FIFO_SIZE = 16;

// Identification: the four bytes of each register group, first byte lowest

/** PrimeCell id that every PrimeCell has. Linux: AMBA_CID. */
export const AMBA_CID = 0xb105f00d;
/** The same of a part of a processor's trace unit. Linux: CORESIGHT_CID. */
export const CORESIGHT_CID = 0xb105900d;
/** Part and designer of a PL011, without revision and configuration. */
export const PL011_PERIPH_ID = 0x00041011;
/** Bits of a peripheral id that a driver compares. */
export const PL011_PERIPH_ID_MASK = 0x000fffff;
/** Peripheral id of QEMU's PL011: revision 1. */
export const PL011_PERIPH_ID_QEMU = 0x00141011;

// DR

/** A character came while the FIFO was full. */
export const UART011_DR_OE = 1 << 11;
/** The line was held low. */
export const UART011_DR_BE = 1 << 10;
/** The parity was wrong. */
export const UART011_DR_PE = 1 << 9;
/** The stop bit was wrong. */
export const UART011_DR_FE = 1 << 8;

// RSR

/** A character came while the FIFO was full. */
export const UART01x_RSR_OE = 0x08;
/** The line was held low. */
export const UART01x_RSR_BE = 0x04;
/** The parity was wrong. */
export const UART01x_RSR_PE = 0x02;
/** The stop bit was wrong. */
export const UART01x_RSR_FE = 0x01;

// FR

/** Ring indicator. */
export const UART011_FR_RI = 0x100;
/** The transmit FIFO is empty. */
export const UART011_FR_TXFE = 0x080;
/** The receive FIFO is full. */
export const UART011_FR_RXFF = 0x040;
/** The transmit FIFO is full. */
export const UART01x_FR_TXFF = 0x020;
/** The receive FIFO is empty. */
export const UART01x_FR_RXFE = 0x010;
/** A character is being sent. */
export const UART01x_FR_BUSY = 0x008;
/** Data carrier detect. */
export const UART01x_FR_DCD = 0x004;
/** Data set ready. */
export const UART01x_FR_DSR = 0x002;
/** Clear to send. */
export const UART01x_FR_CTS = 0x001;

// CR

/** Sending waits for clear to send. */
export const UART011_CR_CTSEN = 0x8000;
/** Request to send follows the FIFO. */
export const UART011_CR_RTSEN = 0x4000;
/** Output 2. */
export const UART011_CR_OUT2 = 0x2000;
/** Output 1. */
export const UART011_CR_OUT1 = 0x1000;
/** Request to send. */
export const UART011_CR_RTS = 0x0800;
/** Data terminal ready. */
export const UART011_CR_DTR = 0x0400;
/** Receiving is on. */
export const UART011_CR_RXE = 0x0200;
/** Sending is on. */
export const UART011_CR_TXE = 0x0100;
/** What is sent is received. */
export const UART011_CR_LBE = 0x0080;
/** Infrared low-power mode. */
export const UART01x_CR_IIRLP = 0x0004;
/** Infrared mode. */
export const UART01x_CR_SIREN = 0x0002;
/** The serial port is on. */
export const UART01x_CR_UARTEN = 0x0001;

// LCRH

/** The parity bit does not change. */
export const UART011_LCRH_SPS = 0x80;
/** Eight bits. */
export const UART01x_LCRH_WLEN_8 = 0x60;
/** Seven bits. */
export const UART01x_LCRH_WLEN_7 = 0x40;
/** Six bits. */
export const UART01x_LCRH_WLEN_6 = 0x20;
/** Five bits. */
export const UART01x_LCRH_WLEN_5 = 0x00;
/** The FIFOs are on. */
export const UART01x_LCRH_FEN = 0x10;
/** Two stop bits. */
export const UART01x_LCRH_STP2 = 0x08;
/** Even parity. */
export const UART01x_LCRH_EPS = 0x04;
/** Parity is on. */
export const UART01x_LCRH_PEN = 0x02;
/** Hold the line low. */
export const UART01x_LCRH_BRK = 0x01;

// IFLS

/** Interrupt when the receive FIFO is 1/8 full. */
export const UART011_IFLS_RX1_8 = 0 << 3;
/** Interrupt when the receive FIFO is 1/4 full. */
export const UART011_IFLS_RX2_8 = 1 << 3;
/** Interrupt when the receive FIFO is 1/2 full. */
export const UART011_IFLS_RX4_8 = 2 << 3;
/** Interrupt when the receive FIFO is 3/4 full. */
export const UART011_IFLS_RX6_8 = 3 << 3;
/** Interrupt when the receive FIFO is 7/8 full. */
export const UART011_IFLS_RX7_8 = 4 << 3;
/** Interrupt when the transmit FIFO is down to 1/8. */
export const UART011_IFLS_TX1_8 = 0 << 0;
/** Interrupt when the transmit FIFO is down to 1/4. */
export const UART011_IFLS_TX2_8 = 1 << 0;
/** Interrupt when the transmit FIFO is down to 1/2. */
export const UART011_IFLS_TX4_8 = 2 << 0;
/** Interrupt when the transmit FIFO is down to 3/4. */
export const UART011_IFLS_TX6_8 = 3 << 0;
/** Interrupt when the transmit FIFO is down to 7/8. */
export const UART011_IFLS_TX7_8 = 4 << 0;

// Interrupts. The names end in IM for IMSC, IS for RIS and MIS, IC for ICR.

/** A character was lost: mask. */
export const UART011_OEIM = 1 << 10;
/** The line was held low: mask. */
export const UART011_BEIM = 1 << 9;
/** The parity was wrong: mask. */
export const UART011_PEIM = 1 << 8;
/** The stop bit was wrong: mask. */
export const UART011_FEIM = 1 << 7;
/** Characters wait in the FIFO, and no more came for a while: mask. */
export const UART011_RTIM = 1 << 6;
/** The transmit FIFO has room: mask. */
export const UART011_TXIM = 1 << 5;
/** The receive FIFO has characters: mask. */
export const UART011_RXIM = 1 << 4;
/** Data set ready changed: mask. */
export const UART011_DSRMIM = 1 << 3;
/** Data carrier detect changed: mask. */
export const UART011_DCDMIM = 1 << 2;
/** Clear to send changed: mask. */
export const UART011_CTSMIM = 1 << 1;
/** Ring indicator changed: mask. */
export const UART011_RIMIM = 1 << 0;

/** A character was lost: status. */
export const UART011_OEIS = 1 << 10;
/** The line was held low: status. */
export const UART011_BEIS = 1 << 9;
/** The parity was wrong: status. */
export const UART011_PEIS = 1 << 8;
/** The stop bit was wrong: status. */
export const UART011_FEIS = 1 << 7;
/** Characters wait in the FIFO, and no more came for a while: status. */
export const UART011_RTIS = 1 << 6;
/** The transmit FIFO has room: status. */
export const UART011_TXIS = 1 << 5;
/** The receive FIFO has characters: status. */
export const UART011_RXIS = 1 << 4;
/** Data set ready changed: status. */
export const UART011_DSRMIS = 1 << 3;
/** Data carrier detect changed: status. */
export const UART011_DCDMIS = 1 << 2;
/** Clear to send changed: status. */
export const UART011_CTSMIS = 1 << 1;
/** Ring indicator changed: status. */
export const UART011_RIMIS = 1 << 0;

/** A character was lost: clear. */
export const UART011_OEIC = 1 << 10;
/** The line was held low: clear. */
export const UART011_BEIC = 1 << 9;
/** The parity was wrong: clear. */
export const UART011_PEIC = 1 << 8;
/** The stop bit was wrong: clear. */
export const UART011_FEIC = 1 << 7;
/** Characters wait in the FIFO, and no more came for a while: clear. */
export const UART011_RTIC = 1 << 6;
/** The transmit FIFO has room: clear. */
export const UART011_TXIC = 1 << 5;
/** The receive FIFO has characters: clear. */
export const UART011_RXIC = 1 << 4;
/** Data set ready changed: clear. */
export const UART011_DSRMIC = 1 << 3;
/** Data carrier detect changed: clear. */
export const UART011_DCDMIC = 1 << 2;
/** Clear to send changed: clear. */
export const UART011_CTSMIC = 1 << 1;
/** Ring indicator changed: clear. */
export const UART011_RIMIC = 1 << 0;

/** All registers in the order of their offsets. */
export const PL011_REGISTERS: readonly Register[] = [
  { offset: UART01x_DR, name: "UART01x_DR", specName: "UARTDR", direction: "RW", width: 4 },
  {
    offset: UART01x_RSR,
    name: "UART01x_RSR",
    specName: "UARTRSR/UARTECR",
    direction: "RW",
    width: 4,
  },
  { offset: UART01x_FR, name: "UART01x_FR", specName: "UARTFR", direction: "R", width: 4 },
  { offset: UART01x_ILPR, name: "UART01x_ILPR", specName: "UARTILPR", direction: "RW", width: 4 },
  { offset: UART011_IBRD, name: "UART011_IBRD", specName: "UARTIBRD", direction: "RW", width: 4 },
  { offset: UART011_FBRD, name: "UART011_FBRD", specName: "UARTFBRD", direction: "RW", width: 4 },
  { offset: UART011_LCRH, name: "UART011_LCRH", specName: "UARTLCR_H", direction: "RW", width: 4 },
  { offset: UART011_CR, name: "UART011_CR", specName: "UARTCR", direction: "RW", width: 4 },
  { offset: UART011_IFLS, name: "UART011_IFLS", specName: "UARTIFLS", direction: "RW", width: 4 },
  { offset: UART011_IMSC, name: "UART011_IMSC", specName: "UARTIMSC", direction: "RW", width: 4 },
  { offset: UART011_RIS, name: "UART011_RIS", specName: "UARTRIS", direction: "R", width: 4 },
  { offset: UART011_MIS, name: "UART011_MIS", specName: "UARTMIS", direction: "R", width: 4 },
  { offset: UART011_ICR, name: "UART011_ICR", specName: "UARTICR", direction: "W", width: 4 },
  {
    offset: UART011_DMACR,
    name: "UART011_DMACR",
    specName: "UARTDMACR",
    direction: "RW",
    width: 4,
  },
  {
    offset: AMBA_PERIPH_ID,
    name: "AMBA_PERIPH_ID0",
    specName: "UARTPeriphID0",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PERIPH_ID + 4,
    name: "AMBA_PERIPH_ID1",
    specName: "UARTPeriphID1",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PERIPH_ID + 8,
    name: "AMBA_PERIPH_ID2",
    specName: "UARTPeriphID2",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PERIPH_ID + 12,
    name: "AMBA_PERIPH_ID3",
    specName: "UARTPeriphID3",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PCELL_ID,
    name: "AMBA_PCELL_ID0",
    specName: "UARTPCellID0",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PCELL_ID + 4,
    name: "AMBA_PCELL_ID1",
    specName: "UARTPCellID1",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PCELL_ID + 8,
    name: "AMBA_PCELL_ID2",
    specName: "UARTPCellID2",
    direction: "R",
    width: 4,
  },
  {
    offset: AMBA_PCELL_ID + 12,
    name: "AMBA_PCELL_ID3",
    specName: "UARTPCellID3",
    direction: "R",
    width: 4,
  },
];
Object.freeze(PL011_REGISTERS);
