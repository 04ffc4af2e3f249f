/**
 * Opening a terminal's node, and what an open one does.
 *
 * Linux: drivers/tty/tty_io.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { OpenFile, OpenFlags } from "../vfs/node.ts";
import { copyTermios } from "./termios.ts";
import type { TtyDriver } from "./tty_driver.ts";
import { TtyStruct } from "./tty_struct.ts";

/** A write goes to the line discipline in pieces of this size. */
const WRITE_CHUNK = 2048;

/** An open terminal file. */
export class TtyFile implements OpenFile {
  constructor(readonly tty: TtyStruct, readonly flags: OpenFlags) {}

  /** Linux: tty_read(); an end after a hangup */
  read(count: number): Promise<Uint8Array> {
    return this.tty.ldisc.read(count, this.flags.nonblock ?? false);
  }

  /** Linux: tty_write() */
  async write(data: Uint8Array): Promise<number> {
    const { tty } = this;
    const nonblock = this.flags.nonblock ?? false;
    return await tty.writeLock.with(async () => {
      let written = 0;
      while (written < data.length) {
        const chunk = data.subarray(written, written + WRITE_CHUNK);
        const taken = await tty.ldisc.write(chunk, nonblock);
        written += taken;
        if (taken < chunk.length) break;
      }
      return written;
    });
  }

  /** Settings and size of the terminal. Linux: tty_ioctl() */
  async ioctl(command: string, args: readonly number[]): Promise<readonly number[]> {
    const { tty } = this;
    const { iflag, oflag, cflag, lflag, cc } = tty.termios;
    switch (command) {
      case "TCGETS":
        return [iflag, oflag, cflag, lflag, 0, ...cc];
      case "TCSETS":
      case "TCSETSW":
      case "TCSETSF":
        if (command === "TCSETSF") tty.ldisc.flushBuffer();
        tty.setTermios({
          iflag: args[0],
          oflag: args[1],
          cflag: args[2],
          lflag: args[3],
          cc: args.slice(5, 5 + cc.length),
        });
        return [];
      case "TIOCGWINSZ":
        return [tty.winsize.rows, tty.winsize.cols, 0, 0];
      case "TIOCSWINSZ":
        tty.doResize({ rows: args[0], cols: args[1] });
        return [];
      case "FIONREAD":
        return [tty.ldisc.available];
      case "TIOCOUTQ":
        return [tty.driver.ops.charsInBuffer?.(tty) ?? 0];
      default:
        throw new KernelError("ENOTTY", `${tty.name}: does not know ${command}`);
    }
  }

  /** Linux: tty_release() */
  close(): Promise<undefined> {
    return this.tty.lock.with(() => release(this.tty));
  }
}

/** One file less refers to the terminal. Linux: tty_release() */
async function release(tty: TtyStruct): Promise<undefined> {
  const { driver, index } = tty;
  if (!tty.hungUp) await driver.ops.close(tty);
  if (--tty.count > 0) return;
  if (driver.options.resetTermios !== true) driver.termios[index] = copyTermios(tty.termios);
  if (driver.ttys[index] === tty) driver.ttys[index] = undefined;
  if (tty.port?.tty === tty) tty.port.tty = undefined;
}

/** Makes a terminal that nobody has open yet. Linux: tty_init_dev() */
function makeTty(driver: TtyDriver, index: number): TtyStruct {
  driver.kernel.failable(`memory for the terminal ${driver.lineName(index)}`);
  const tty = new TtyStruct(driver, index);
  driver.ops.install(tty);
  driver.ttys[index] = tty;
  return tty;
}

/** Opens a terminal; false when it was closed for good before its turn came. Linux: tty_reopen() */
async function reopen(tty: TtyStruct): Promise<boolean> {
  if (tty.driver.ttys[tty.index] !== tty) return false;
  tty.count++;
  try {
    await tty.driver.ops.open(tty);
  } catch (error) {
    await release(tty);
    throw error;
  }
  return true;
}

/**
 * Opens a terminal; all who open it share one. Waits while somebody closes it.
 *
 * Linux: tty_open()
 *
 * @throws {KernelError} `ENODEV` when nothing is behind it, `ENXIO` past the last one, and what the
 *   driver says.
 */
export async function ttyOpen(
  driver: TtyDriver,
  index: number,
  flags: OpenFlags,
): Promise<TtyFile> {
  for (;;) {
    const tty = driver.ttys[index] ?? makeTty(driver, index);
    if (await tty.lock.with(() => reopen(tty))) return new TtyFile(tty, flags);
  }
}
