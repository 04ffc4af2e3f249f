/** Levels of kernel messages (include/linux/kern_levels.h). */
export const KERN_EMERG = 0;
export const KERN_ALERT = 1;
export const KERN_CRIT = 2;
export const KERN_ERR = 3;
export const KERN_WARNING = 4;
export const KERN_NOTICE = 5;
export const KERN_INFO = 6;
export const KERN_DEBUG = 7;

/** Messages below this level reach the consoles: 7 by default, 4 with `quiet`, 10 with `debug`. */
export const CONSOLE_LOGLEVEL_DEFAULT = 7;
export const CONSOLE_LOGLEVEL_QUIET = 4;
export const CONSOLE_LOGLEVEL_DEBUG = 10;

/** Bytes of the log's ring for texts. Linux: CONFIG_LOG_BUF_SHIFT */
const LOG_BUF_LEN = 1 << 17;
/** Messages per byte of the ring, at most. Linux: PRB_AVGBITS */
const BYTES_PER_RECORD = 32;
/** What a text takes beside itself: its number, a level in two bytes, a line feed, and a zero. */
const RECORD_OVERHEAD = 12;

/** One message of the kernel log. */
export interface LogRecord {
  /** Position in the log since boot, from 0. */
  readonly seq: number;
  /** `KERN_EMERG` to `KERN_DEBUG`. */
  readonly level: number;
  /** Who says it: 0 is the kernel, 1 a program. Linux: LOG_FAC() */
  readonly facility: number;
  /** Virtual time in nanoseconds. */
  readonly atNs: number;
  /** The text without stamp and newline. */
  readonly text: string;
}

/**
 * Somebody who prints kernel messages.
 *
 * Linux: struct console
 */
export interface Console {
  /** Name and index, for example `"ttyAMA0"`. */
  readonly name: string;
  /** Prints text that already has its stamps and newlines. Must not sleep. */
  write(text: string): undefined;
}

/** `[    0.000012] `: seconds in five places, microseconds. */
export function formatStamp(atNs: number): string {
  const micros = Math.floor(atNs / 1000);
  const seconds = String(Math.floor(micros / 1_000_000)).padStart(5);
  return `[${seconds}.${String(micros % 1_000_000).padStart(6, "0")}] `;
}

/** A message as `dmesg` prints it; continuation lines of a message carry the stamp too, where there are any. */
export function formatRecord(record: LogRecord, stamps = true): string {
  const stamp = stamps ? formatStamp(record.atNs) : "";
  return record.text.split("\n").map((line) => `${stamp}${line}\n`).join("");
}

/**
 * The kernel log and the consoles that it reaches.
 *
 * Linux: kernel/printk/printk.c
 */
export class Printk {
  /** All messages since boot, or since `dmesg -c`. */
  records: LogRecord[] = [];
  /** Messages with a level below this one reach the consoles. */
  consoleLoglevel: number = CONSOLE_LOGLEVEL_DEFAULT;
  /** Default level of messages without one, lowest console level, and the console level at boot. */
  readonly otherLevels: number[] = [KERN_WARNING, 1, CONSOLE_LOGLEVEL_DEFAULT];
  /** What becomes of what programs write to `/dev/kmsg`; how much they write is not limited here. */
  devkmsg: "on" | "off" | "ratelimit" = "ratelimit";
  /** All messages reach the consoles, whatever their level (`ignore_loglevel`). */
  ignoreLoglevel = false;
  /** Messages are printed with their times. Linux: printk.time */
  stamps = true;
  /** False while there is no clock: all that is said then is said at 0. Linux: sched_clock() before time_init() */
  clockRuns = true;
  /** False drops all messages: for exploration where nobody reads them. */
  enabled = true;
  /**
   * Where messages are printed, oldest first.
   *
   * @internal
   */
  readonly consoles: Console[] = [];
  /** Called after each message. */
  readonly listeners: Set<() => undefined> = new Set();

  /** Bytes of the ring, a power of two. Set by `log_buf_len=`. */
  bufferSize: number = LOG_BUF_LEN;

  readonly #nowNs: () => number;
  #nextSeq = 0;
  /** Where the next text goes; the ring's size divides it where the ring begins anew. */
  #head = 0;
  /** Where the text of each record begins. */
  readonly #places: number[] = [];

  /**
   * Each kernel makes its own.
   *
   * @internal
   */
  constructor(nowNs: () => number) {
    this.#nowNs = nowNs;
  }

  /** Appends a message and prints it on the consoles that its level reaches. */
  print(level: number, text: string, facility = 0): undefined {
    if (!this.enabled) return;
    const record = {
      seq: this.#nextSeq++,
      level,
      facility,
      atNs: this.clockRuns ? this.#nowNs() : 0,
      text,
    };
    this.#reserve(text);
    this.records.push(record);
    if (this.consoles.length > 0 && this.#reaches(level)) {
      const line = formatRecord(record, this.stamps);
      for (const console of this.consoles) console.write(line);
    }
    for (const listener of this.listeners) listener();
  }

  /** Makes room for a text: the oldest records go. Linux: prb_reserve(), data_push_tail() */
  #reserve(text: string): undefined {
    const size = (text.length + RECORD_OVERHEAD + 7) & ~7;
    const lap = Math.floor(this.#head / this.bufferSize);
    let place = this.#head;
    // A text that does not fit before the end of the ring starts at its beginning.
    if (Math.floor((place + size) / this.bufferSize) !== lap) place = (lap + 1) * this.bufferSize;
    this.#head = place + size;
    this.#places.push(place);
    const tail = this.#head - this.bufferSize;
    const countMax = this.bufferSize / BYTES_PER_RECORD;
    let gone = 0;
    while (this.#places[gone] < tail || this.#places.length - gone > countMax) gone++;
    if (gone === 0) return;
    this.#places.splice(0, gone);
    // Some of them may have been cleared away already.
    const kept = this.#places.length - 1;
    if (this.records.length > kept) this.records.splice(0, this.records.length - kept);
  }

  #reaches(level: number): boolean {
    return this.ignoreLoglevel || level < this.consoleLoglevel;
  }

  /**
   * Adds a console and prints on it what the log holds already.
   *
   * Linux: register_console() with CON_PRINTBUFFER
   *
   * @internal
   */
  registerConsole(console: Console): undefined {
    for (const record of this.records) {
      if (this.#reaches(record.level)) console.write(formatRecord(record, this.stamps));
    }
    this.consoles.push(console);
    this.print(KERN_INFO, `printk: console [${console.name}] enabled`);
  }

  /**
   * Takes a console away again. Linux: unregister_console()
   *
   * @internal
   */
  unregisterConsole(console: Console): undefined {
    const at = this.consoles.indexOf(console);
    if (at >= 0) this.consoles.splice(at, 1);
  }

  /** The whole log as `dmesg` prints it. */
  dmesg(): string {
    return this.records.map((record) => formatRecord(record, this.stamps)).join("");
  }
}
