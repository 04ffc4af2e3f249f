import { ECHO, ICANON, ICRNL, IEXTEN, ISIG, IXON, OPOST } from "../../uapi/termbits.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { copyTermios, type Winsize } from "./termios.ts";
import { TtyFile } from "./tty_file.ts";
import type { TtySignal } from "./tty_struct.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A terminal in the hands of a script inside the guest: what a program that has opened `/dev/hvc0` can do.
 * All that may wait must be called from a task of the kernel's scheduler.
 */
export class TtyHandle {
  readonly #file: TtyFile;

  private constructor(file: TtyFile) {
    this.#file = file;
  }

  /**
   * Opens a terminal by its name below `/dev`.
   *
   * @param name For example `"hvc0"`.
   * @throws {KernelError} `ENOENT` without such a node, `ENOTTY` when it is none, and what opening gives:
   *   `ENODEV` when nothing is behind it.
   */
  static async open(kernel: Kernel, name: string): Promise<TtyHandle> {
    const node = kernel.devtmpfs.lookup(name);
    if (node === undefined) throw new KernelError("ENOENT", `/dev/${name}: no such terminal`);
    if (node.kind !== "char") throw new KernelError("ENOTTY", `/dev/${name}: not a terminal`);
    const file = await node.open({ read: true, write: true });
    if (file instanceof TtyFile) return new TtyHandle(file);
    await file.close();
    throw new KernelError("ENOTTY", `/dev/${name}: not a terminal`);
  }

  /** Size in characters; zeros when unknown. */
  get size(): Winsize {
    return this.#file.tty.winsize;
  }

  /** Sends text or bytes. */
  async write(data: string | Uint8Array): Promise<undefined> {
    await this.#file.write(typeof data === "string" ? encoder.encode(data) : data);
  }

  /** Waits for input: one line, or in raw mode what is there. Nothing at the end. */
  read(count = 4096): Promise<Uint8Array> {
    return this.#file.read(count);
  }

  /** Like {@linkcode read}, as text. */
  async readText(count = 4096): Promise<string> {
    return decoder.decode(await this.#file.read(count));
  }

  /** Bytes for a script: no lines, no echo, no signals, no processing. Linux: cfmakeraw() */
  setRaw(): undefined {
    const { tty } = this.#file;
    const termios = copyTermios(tty.termios);
    termios.iflag &= ~(ICRNL | IXON);
    termios.oflag &= ~OPOST;
    termios.lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
    tty.setTermios(termios);
  }

  /** Hears signals of the terminal: `SIGWINCH` when its size changes, `SIGINT` for `^C`. */
  onSignal(listener: (signal: TtySignal) => undefined): undefined {
    this.#file.tty.signalListeners.add(listener);
  }

  /** Closes it. */
  close(): Promise<undefined> {
    return this.#file.close();
  }
}
