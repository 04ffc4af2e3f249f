/**
 * Terminal settings: the flags and control characters that user space sees.
 *
 * Linux: include/uapi/asm-generic/termbits.h
 *
 * @module
 */

// Indices of control characters

/** Sends SIGINT: `^C`. */
export const VINTR = 0;
/** Sends SIGQUIT. */
export const VQUIT = 1;
/** Wipes a character. */
export const VERASE = 2;
/** Wipes the line. */
export const VKILL = 3;
/** Ends the file: `^D`. */
export const VEOF = 4;
/** Tenths of a second that a read waits in raw mode. */
export const VTIME = 5;
/** Least bytes that a read waits for in raw mode. */
export const VMIN = 6;
/** Lets output go on: `^Q`. */
export const VSTART = 8;
/** Stops output: `^S`. */
export const VSTOP = 9;
/** Sends SIGTSTP: `^Z`. */
export const VSUSP = 10;
/** Ends a line beside newline. */
export const VEOL = 11;
/** Shows the line again. */
export const VREPRINT = 12;
/** Drops output; Linux ignores it. */
export const VDISCARD = 13;
/** Wipes a word. */
export const VWERASE = 14;
/** Takes the next character as it is. */
export const VLNEXT = 15;
/** Ends a line too. */
export const VEOL2 = 16;
/** Number of control characters. */
export const NCCS = 19;

// c_iflag: what happens to input

/** The eighth bit is cleared. */
export const ISTRIP = 0x20;
/** Newline becomes carriage return. */
export const INLCR = 0x40;
/** Carriage return is dropped. */
export const IGNCR = 0x80;
/** Carriage return becomes newline. */
export const ICRNL = 0x100;
/** The stop and start characters control output. */
export const IXON = 0x400;
/** Any character starts stopped output. */
export const IXANY = 0x800;

// c_oflag: what happens to output

/** Output is processed at all. */
export const OPOST = 0x01;
/** Lower case becomes upper case. */
export const OLCUC = 0x02;
/** Newline becomes carriage return and newline. */
export const ONLCR = 0x04;
/** Carriage return becomes newline. */
export const OCRNL = 0x08;
/** No carriage return in column 0. */
export const ONOCR = 0x10;
/** Newline returns the carriage too. */
export const ONLRET = 0x20;
/** Mask of what happens to tabs. */
export const TABDLY = 0x1800;
/** Tabs become spaces. */
export const XTABS = 0x1800;

// c_cflag: the line

/** Mask of the line speed. */
export const CBAUD = 0x100f;
/** 9,600 bits a second. */
export const B9600 = 0x0d;
/** 38,400 bits a second. */
export const B38400 = 0x0f;
/** Mask of the character size. */
export const CSIZE = 0x30;
/** Eight bits. */
export const CS8 = 0x30;
/** Two stop bits. */
export const CSTOPB = 0x40;
/** The receiver is on. */
export const CREAD = 0x80;
/** Parity is on. */
export const PARENB = 0x100;
/** Odd parity. */
export const PARODD = 0x200;
/** The last close hangs up. */
export const HUPCL = 0x400;
/** Modem lines are ignored. */
export const CLOCAL = 0x800;
/** Hardware flow control. */
export const CRTSCTS = 0x80000000;

// c_lflag: the line discipline

/** Some characters send signals. */
export const ISIG = 0x01;
/** Input comes in lines that can be edited. */
export const ICANON = 0x02;
/** Input is echoed. */
export const ECHO = 0x08;
/** The erase character wipes the last character. */
export const ECHOE = 0x10;
/** The kill character echoes a newline. */
export const ECHOK = 0x20;
/** Newline is echoed even without ECHO. */
export const ECHONL = 0x40;
/** Signals do not flush. */
export const NOFLSH = 0x80;
/** Control characters echo as `^X`. */
export const ECHOCTL = 0x200;
/** The kill character wipes the line. */
export const ECHOKE = 0x800;
/** Extended editing: word erase, literal next. */
export const IEXTEN = 0x8000;
