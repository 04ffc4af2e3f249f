import {
  B38400,
  CBAUD,
  CREAD,
  CS8,
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  HUPCL,
  ICANON,
  ICRNL,
  IEXTEN,
  ISIG,
  IXON,
  NCCS,
  ONLCR,
  OPOST,
  VDISCARD,
  VEOF,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VWERASE,
} from "../../uapi/termbits.ts";

/** Settings of a terminal. Linux: struct ktermios */
export interface Termios {
  iflag: number;
  oflag: number;
  cflag: number;
  lflag: number;
  /** Control characters by index; 0 switches one off. */
  cc: number[];
}

/** Size of a terminal in characters; 0 when unknown. Linux: struct winsize */
export interface Winsize {
  readonly rows: number;
  readonly cols: number;
}

/** The control characters of a new terminal. Linux: INIT_C_CC */
function initCc(): number[] {
  const cc = new Array<number>(NCCS).fill(0);
  cc[VINTR] = 0x03;
  cc[VQUIT] = 0x1c;
  cc[VERASE] = 0x7f;
  cc[VKILL] = 0x15;
  cc[VEOF] = 0x04;
  cc[VMIN] = 1;
  cc[VSTART] = 0x11;
  cc[VSTOP] = 0x13;
  cc[VSUSP] = 0x1a;
  cc[VREPRINT] = 0x12;
  cc[VDISCARD] = 0x0f;
  cc[VWERASE] = 0x17;
  cc[VLNEXT] = 0x16;
  return cc;
}

/** Settings of a new terminal: lines, echo, signals, 38,400 baud. Linux: tty_std_termios */
export function ttyStdTermios(): Termios {
  return {
    iflag: ICRNL | IXON,
    oflag: OPOST | ONLCR,
    cflag: B38400 | CS8 | CREAD | HUPCL,
    lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    cc: initCc(),
  };
}

/** A copy that shares nothing. */
export function copyTermios(termios: Termios): Termios {
  return { ...termios, cc: [...termios.cc] };
}

/** Line speeds by their code in `c_cflag`. */
const BAUD_TABLE = [
  0,
  50,
  75,
  110,
  134,
  150,
  200,
  300,
  600,
  1200,
  1800,
  2400,
  4800,
  9600,
  19200,
  38400,
];
/** The code with this bit goes on: 57,600 and up. */
const CBAUDEX = 0x1000;
const BAUD_TABLE_EX = [0, 57600, 115200, 230400, 460800, 500000, 576000, 921600];

/** Bits per second of the line. Linux: tty_termios_baud_rate() */
export function ttyTermiosBaudRate({ cflag }: Termios): number {
  const code = cflag & CBAUD;
  if ((code & CBAUDEX) !== 0) return BAUD_TABLE_EX[code & ~CBAUDEX] ?? 0;
  return BAUD_TABLE[code];
}

/** The code of a line speed, or that of 9,600 for one without. Linux: baud_table */
export function baudCode(baud: number): number {
  const at = BAUD_TABLE.indexOf(baud);
  if (at > 0) return at;
  const ex = BAUD_TABLE_EX.indexOf(baud);
  return ex > 0 ? CBAUDEX | ex : BAUD_TABLE.indexOf(9600);
}
