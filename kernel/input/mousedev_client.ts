/**
 * Readers of mouse files: they see movements as packets of a PS/2 mouse, and may ask it what PS/2 programs ask.
 *
 * Linux: drivers/input/mousedev.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import { WaitQueue } from "../wait.ts";
import type { Mousedev } from "./mousedev.ts";

/** The screen that a tablet's places are spread over. Linux: the parameters xres and yres */
export const XRES = 1024;
export const YRES = 768;
/** Packets that a reader may be behind. Linux: PACKET_QUEUE_LEN */
const PACKET_QUEUE_LEN = 16;
/** The furthest that one packet can go, and with a wheel of the explorer's kind. */
const DELTA_MAX = 127;
const EXPLORER_WHEEL_MAX = 7;

/** The settings of the sampling rate that turn a mouse into one with a wheel. */
const IMPS_SEQUENCE = [0xf3, 200, 0xf3, 100, 0xf3, 80];
/** … and into one with five buttons too. */
const IMEX_SEQUENCE = [0xf3, 200, 0xf3, 200, 0xf3, 80];

/** Bits of a packet's first byte. */
const PACKET_ALWAYS = 0x08;
const PACKET_X_SIGN = 0x10;
const PACKET_Y_SIGN = 0x20;
/** The buttons that a packet of three bytes has. */
const THREE_BUTTONS = 0x07;

/** Commands to a mouse, and its answers. */
const COMMAND_GET_INFO = 0xe9;
const COMMAND_POLL = 0xeb;
const COMMAND_GET_ID = 0xf2;
const COMMAND_RESET = 0xff;
const ACK = 0xfa;
/** Enabled, scaled 2:1; 8 steps per millimetre; 200 samples a second. */
const INFO = [0x60, 3, 200];
const SELF_TEST_PASSED = [0xaa, 0];

/** Which mouse a reader sees, by what it answers to the question who it is. */
const Emulation = { PS2: 0, IMPS: 3, EXPS: 4 } as const;

/** How far a mouse and its wheel went. */
interface Movement {
  dx: number;
  dy: number;
  dz: number;
}

/** A movement, and the buttons that are down, a bit for each. Linux: struct mousedev_motion */
interface Motion extends Movement {
  buttons: number;
}

/** What a mouse did since its last report. Linux: struct mousedev_hw_data */
export interface MouseReport extends Movement {
  x: number;
  y: number;
  /** A tablet said where its pen is: `x` and `y` count. */
  absolute: boolean;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** Counts how much of a sequence was written. */
class Sequence {
  #at = 0;

  constructor(readonly bytes: readonly number[]) {}

  /** True when this byte completes it. */
  complete(byte: number): boolean {
    this.#at = byte === this.bytes[this.#at] ? this.#at + 1 : 0;
    if (this.#at < this.bytes.length) return false;
    this.#at = 0;
    return true;
  }

  reset(): undefined {
    this.#at = 0;
  }
}

/** One reader. Linux: struct mousedev_client */
export class MousedevClient implements OpenFile {
  readonly #mouse: Mousedev;
  readonly #flags: OpenFlags;
  readonly #queue: WaitQueue;
  /** Movements that were not read yet; the last one still grows. */
  readonly #motions: Motion[] = [{ dx: 0, dy: 0, dz: 0, buttons: 0 }];
  readonly #imps = new Sequence(IMPS_SEQUENCE);
  readonly #imex = new Sequence(IMEX_SEQUENCE);
  #emulation: number = Emulation.PS2;
  /** What is left of the packet or answer that is being read. */
  #bytes: readonly number[] = [];
  #ready = false;
  #lastButtons = 0;
  #x = Math.trunc(XRES / 2);
  #y = Math.trunc(YRES / 2);

  constructor(mouse: Mousedev, flags: OpenFlags) {
    this.#mouse = mouse;
    this.#flags = flags;
    this.#queue = new WaitQueue(mouse.kernel.sched, `a packet of ${mouse.name}`);
  }

  /** The device went away: who waits learns it. */
  hangup(): undefined {
    this.#queue.wakeUp();
  }

  /**
   * Takes a report.
   *
   * Linux: mousedev_notify_readers(). Atomic context.
   *
   * @param buttons Those of the file that is read, which may be of several mice.
   */
  notify(report: MouseReport, buttons: number): undefined {
    const motion = this.#motionFor(buttons);
    if (report.absolute) {
      motion.dx += report.x - this.#x;
      motion.dy += report.y - this.#y;
      this.#x = report.x;
      this.#y = report.y;
    }
    this.#x = clamp(this.#x + report.dx, 0, XRES);
    this.#y = clamp(this.#y + report.dy, 0, YRES);
    motion.dx += report.dx;
    motion.dy += report.dy;
    motion.dz += report.dz;
    motion.buttons = buttons;
    const moved = motion.dx !== 0 || motion.dy !== 0 || motion.dz !== 0;
    if (moved || buttons !== this.#lastButtons) this.#ready = true;
    if (this.#ready) this.#queue.wakeUp();
  }

  /** Movements add up while the buttons stay as they are. */
  #motionFor(buttons: number): Motion {
    const motions = this.#motions;
    const last = motions[motions.length - 1];
    if (!this.#ready || last.buttons === buttons) return last;
    if (motions.length === PACKET_QUEUE_LEN) return last;
    motions.push({ dx: 0, dy: 0, dz: 0, buttons: 0 });
    return motions[motions.length - 1];
  }

  /** The next packet. Linux: mousedev_packet() */
  #packet(): number[] {
    const motion = this.#motions[0];
    const { dx, dy, buttons } = motion;
    const sides = (buttons & 0x10) >> 3 | (buttons & 0x08) >> 1;
    const first = PACKET_ALWAYS | (buttons & THREE_BUTTONS) |
      (dx < 0 ? PACKET_X_SIGN : 0) | (dy < 0 ? PACKET_Y_SIGN : 0);
    const x = clamp(dx, -DELTA_MAX, DELTA_MAX);
    const y = clamp(dy, -DELTA_MAX, DELTA_MAX);
    motion.dx -= x;
    motion.dy -= y;
    const packet = this.#emulation === Emulation.EXPS
      ? [first, x, y, this.#wheel(motion, EXPLORER_WHEEL_MAX) & 0x0f | (buttons & 0x18) << 1]
      : this.#emulation === Emulation.IMPS
      ? [first | sides, x, y, this.#wheel(motion, DELTA_MAX)]
      : [first | sides, x, y];
    if (this.#emulation === Emulation.PS2) motion.dz = 0;
    if (motion.dx === 0 && motion.dy === 0 && motion.dz === 0) this.#finish(motion);
    return packet;
  }

  #wheel(motion: Motion, most: number): number {
    const step = clamp(motion.dz, -most, most);
    motion.dz -= step;
    return step;
  }

  #finish(motion: Motion): undefined {
    if (this.#motions.length > 1) this.#motions.shift();
    else {
      this.#ready = false;
      this.#lastButtons = motion.buttons;
    }
  }

  /** One packet or answer at most. Linux: mousedev_read() */
  async read(count: number): Promise<Uint8Array> {
    const { name } = this.#mouse;
    const readable = () => this.#mouse.gone || this.#ready || this.#bytes.length > 0;
    if (!readable() && this.#flags.nonblock === true) {
      throw new KernelError("EAGAIN", `${name}: no packet yet`);
    }
    await this.#queue.waitEventInterruptible(readable);
    if (this.#mouse.gone) throw new KernelError("ENODEV", `${name}: is gone`);
    if (this.#bytes.length === 0 && this.#ready) this.#bytes = this.#packet();
    const bytes = Uint8Array.from(this.#bytes.slice(0, count));
    this.#bytes = this.#bytes.slice(count);
    return bytes;
  }

  /** Each byte is a command, and what was not read yet is lost. Linux: mousedev_write() */
  async write(data: Uint8Array): Promise<number> {
    for (const byte of data) {
      if (this.#imex.complete(byte)) this.#emulation = Emulation.EXPS;
      if (this.#imps.complete(byte)) this.#emulation = Emulation.IMPS;
      this.#bytes = [ACK, ...this.#answer(byte)];
    }
    this.#queue.wakeUp();
    return data.length;
  }

  /** Linux: mousedev_generate_response() */
  #answer(command: number): readonly number[] {
    switch (command) {
      case COMMAND_GET_INFO:
        return INFO;
      case COMMAND_POLL:
        return this.#packet();
      case COMMAND_GET_ID:
        return [this.#emulation];
      case COMMAND_RESET:
        this.#imps.reset();
        this.#imex.reset();
        this.#emulation = Emulation.PS2;
        return SELF_TEST_PASSED;
      default:
        return [];
    }
  }

  async close(): Promise<undefined> {
    this.#mouse.clients.delete(this);
  }
}
