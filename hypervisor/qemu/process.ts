/**
 * QEMU's process: it inherits its connections and its memory, so nothing of it has a name in the file
 * system; it dies with the thread that started it; and what it complains about is kept.
 *
 * @module
 */
import { QemuExitError } from "./errors.ts";
import type { Libc } from "./libc.ts";
import { findProgram } from "./program.ts";

/** How much of the end of its complaints an error shows. */
const STDERR_TAIL = 4096;
/** How long it may take to end when it is asked to. */
const QUIT_MS = 5000;

/** How a process is started. */
export interface ProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Whether it uses this program's terminal. */
  readonly stdio: boolean;
  /** Folder that files in options are relative to. */
  readonly folder: string | undefined;
}

/** A running QEMU. */
export class QemuProcess {
  /** Its number. */
  readonly pid: number;
  readonly #commandLine: readonly string[];
  readonly #libc: Libc;
  readonly #stderrFd: number;
  readonly #child: Deno.ChildProcess;
  readonly #unload = (): undefined => this.kill();
  #ended = false;
  #finalStderr: string | undefined;

  constructor(libc: Libc, { program, args, stdio, folder }: ProcessOptions) {
    this.#libc = libc;
    this.#commandLine = [program, ...args];
    this.#stderrFd = libc.memoryFile("qemu-stderr", 0);
    const tie = findProgram("setpriv") === undefined ? [] : ["setpriv", "--pdeathsig", "KILL"];
    const redirect = `exec "$@" 2>>/dev/fd/${this.#stderrFd}`;
    const terminal = stdio ? "inherit" : "null";
    try {
      this.#child = new Deno.Command("sh", {
        args: ["-c", redirect, "sh", ...tie, program, ...args],
        cwd: folder,
        stdin: terminal,
        stdout: terminal,
        stderr: "null",
      }).spawn();
    } catch (error) {
      libc.close(this.#stderrFd);
      throw error;
    }
    libc.keep(this.#stderrFd);
    this.pid = this.#child.pid;
    // A script that forgets to switch the machine off ends nevertheless.
    this.#child.unref();
    this.#child.status.then(() => (this.#ended = true));
    globalThis.addEventListener("unload", this.#unload);
  }

  /** Everything that it wrote to its standard error. */
  stderr(): string {
    if (this.#finalStderr !== undefined) return this.#finalStderr;
    const parts: Uint8Array[] = [];
    for (let offset = 0;;) {
      const part = new Uint8Array(1 << 16);
      const count = this.#libc.readAt(this.#stderrFd, part, offset);
      if (count === 0) return new TextDecoder().decode(concat(parts));
      parts.push(part.subarray(0, count));
      offset += count;
    }
  }

  /** Whether it still runs. */
  isAlive(): boolean {
    if (this.#ended) return false;
    try {
      const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
      return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(")") + 1));
    } catch {
      return false;
    }
  }

  /** The exception for everybody who still needs it. */
  exitError(): QemuExitError {
    return new QemuExitError(this.#commandLine, this.stderr().slice(-STDERR_TAIL));
  }

  /** Ends it at once. */
  kill(): undefined {
    if (this.#ended) return;
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended meanwhile */ }
  }

  /** Waits for its end, and ends it when that takes too long. Its complaints can still be read. */
  async end(): Promise<undefined> {
    globalThis.removeEventListener("unload", this.#unload);
    this.#child.ref();
    const timer = setTimeout(() => this.kill(), QUIT_MS);
    await this.#child.status;
    clearTimeout(timer);
    this.#finalStderr = this.stderr();
    this.#libc.close(this.#stderrFd);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
