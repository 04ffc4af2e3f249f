/**
 * An emulated PL011 serial port: every character costs register accesses, which is what
 * paravirtual consoles were made to avoid.
 *
 * As in QEMU, what is sent leaves at once, so the transmit FIFO is always empty, and the receive
 * interrupt comes with the first character whatever the FIFO levels say.
 *
 * Arm DDI 0183. QEMU: hw/char/pl011.c.
 *
 * @module
 */
import {
  AMBA_CID,
  AMBA_PCELL_ID,
  AMBA_PERIPH_ID,
  PL011_PERIPH_ID_QEMU,
  UART011_CR,
  UART011_DMACR,
  UART011_FBRD,
  UART011_FIFO_SIZE,
  UART011_FR_RXFF,
  UART011_FR_TXFE,
  UART011_IBRD,
  UART011_ICR,
  UART011_IFLS,
  UART011_IMSC,
  UART011_LCRH,
  UART011_MIS,
  UART011_RIS,
  UART011_RXIS,
  UART011_TXIS,
  UART01x_DR,
  UART01x_FR,
  UART01x_FR_RXFE,
  UART01x_ILPR,
  UART01x_LCRH_FEN,
  UART01x_RSR,
} from "../../uapi/amba_pl011.ts";
import type { CharFrontend } from "./chardev.ts";
import type { Chardev } from "./chardev.ts";

const CR_AT_RESET = 0x300;
const IFLS_AT_RESET = 0x12;

/** The serial port. */
export class Pl011 implements CharFrontend {
  readonly #setLevel: (level: boolean) => undefined;
  readonly #chardev: Chardev | undefined;
  readonly #byte = new Uint8Array(1);
  readonly #fifo: number[] = [];
  #errors = 0;
  #lowPower = 0;
  #baudInteger = 0;
  #baudFraction = 0;
  #lineControl = 0;
  #control = CR_AT_RESET;
  #fifoLevels = IFLS_AT_RESET;
  #dmaControl = 0;
  #mask = 0;
  #raw = 0;
  #level = false;

  /**
   * Makes the port.
   *
   * @param setLevel Sets the interrupt line.
   * @param chardev What the port is connected to; nothing when absent.
   */
  constructor(setLevel: (level: boolean) => undefined, chardev: Chardev | undefined) {
    this.#setLevel = setLevel;
    this.#chardev = chardev;
    chardev?.claim("pl011.chardev");
    chardev?.connect(this);
  }

  /** Reads the register at `offset`. */
  read(offset: number): number {
    switch (offset & ~3) {
      case UART01x_DR:
        return this.#takeCharacter();
      case UART01x_RSR:
        return this.#errors;
      case UART01x_FR:
        return this.#flags();
      case UART01x_ILPR:
        return this.#lowPower;
      case UART011_IBRD:
        return this.#baudInteger;
      case UART011_FBRD:
        return this.#baudFraction;
      case UART011_LCRH:
        return this.#lineControl;
      case UART011_CR:
        return this.#control;
      case UART011_IFLS:
        return this.#fifoLevels;
      case UART011_IMSC:
        return this.#mask;
      case UART011_RIS:
        return this.#raw;
      case UART011_MIS:
        return this.#raw & this.#mask;
      case UART011_DMACR:
        return this.#dmaControl;
    }
    return readId(offset);
  }

  /** Writes the register at `offset`. */
  write(offset: number, value: number): undefined {
    switch (offset & ~3) {
      case UART01x_DR:
        return this.#sendCharacter(value & 0xff);
      case UART01x_RSR:
        this.#errors = 0;
        return;
      case UART01x_ILPR:
        this.#lowPower = value;
        return;
      case UART011_IBRD:
        this.#baudInteger = value;
        return;
      case UART011_FBRD:
        this.#baudFraction = value;
        return;
      case UART011_LCRH:
        return this.#writeLineControl(value);
      case UART011_CR:
        this.#control = value;
        return;
      case UART011_IFLS:
        this.#fifoLevels = value;
        return;
      case UART011_IMSC:
        this.#mask = value;
        return this.#update();
      case UART011_ICR:
        this.#raw &= ~value;
        return this.#update();
      case UART011_DMACR:
        this.#dmaControl = value;
        return;
    }
  }

  /** Returns how many characters find room in the FIFO, which has one place while it is off. */
  canReceive(): number {
    return this.#depth() - this.#fifo.length;
  }

  /** Takes characters from outside. */
  receive(data: Uint8Array): undefined {
    for (const byte of data) this.#fifo.push(byte);
    if (this.#fifo.length > 0) this.#raw |= UART011_RXIS;
    this.#update();
  }

  #depth(): number {
    return (this.#lineControl & UART01x_LCRH_FEN) !== 0 ? UART011_FIFO_SIZE : 1;
  }

  #flags(): number {
    let flags = UART011_FR_TXFE;
    if (this.#fifo.length === 0) flags |= UART01x_FR_RXFE;
    if (this.#fifo.length >= this.#depth()) flags |= UART011_FR_RXFF;
    return flags;
  }

  #takeCharacter(): number {
    const character = this.#fifo.shift() ?? 0;
    this.#errors = character >> 8;
    if (this.#fifo.length === 0) this.#raw &= ~UART011_RXIS;
    this.#update();
    this.#chardev?.acceptInput();
    return character;
  }

  #sendCharacter(character: number): undefined {
    this.#byte[0] = character;
    this.#chardev?.write(this.#byte);
    this.#raw |= UART011_TXIS;
    this.#update();
  }

  /** Switching the FIFO on or off empties it. */
  #writeLineControl(value: number): undefined {
    if (((this.#lineControl ^ value) & UART01x_LCRH_FEN) !== 0) this.#fifo.length = 0;
    this.#lineControl = value;
  }

  #update(): undefined {
    const level = (this.#raw & this.#mask) !== 0;
    if (level === this.#level) return;
    this.#level = level;
    this.#setLevel(level);
  }
}

/** The last eight registers hold one byte each of the peripheral's and the cell's id. */
function readId(offset: number): number {
  if (offset < AMBA_PERIPH_ID || offset > AMBA_PCELL_ID + 12) return 0;
  const id = offset < AMBA_PCELL_ID ? PL011_PERIPH_ID_QEMU : AMBA_CID;
  return id >>> (8 * ((offset >> 2) & 3)) & 0xff;
}
