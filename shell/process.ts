/**
 * Programs in the guest: arguments, environment, open files, and the calls that programs make.
 *
 * @module
 */
import type { Errno } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Task } from "../kernel/task.ts";
import { readAll } from "../kernel/vfs/api.ts";
import { type File, GeneratedFile, type OpenOptions } from "../kernel/vfs/file.ts";
import type { Place } from "../kernel/vfs/namei.ts";
import type { Stat, Vfs } from "../kernel/vfs/vfs.ts";
import { Completion } from "../kernel/wait.ts";
import { decodeText, fromBytes, toBytes } from "./bytes.ts";
import { ExitStatus, Killed, SIGNAL_STATUS, SIGNALS, strerror } from "./errors.ts";

/** A program: gives its exit status. */
export type Program = (process: Process) => Promise<number>;

/** What all programs of one user space share. */
export interface Os {
  readonly kernel: Kernel;
  readonly vfs: Vfs;
  /** Programs by name, as `/bin` has them. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Running programs by process number. */
  readonly running: Map<number, Job>;
  /** Running shells by process number: they may trap signals. */
  readonly shells: Map<number, SignalCatcher>;
}

/** Who may take a signal instead of ending by it. */
export interface SignalCatcher {
  /** Takes it; false when it ends the process as always. */
  catchSignal(signal: number): boolean;
}

/** A program that runs or has ended. */
export interface Job {
  readonly task: Task;
  readonly done: Completion;
  /** Set when it has ended; 128 and more after a signal. */
  status: number | undefined;
  /** The signal that ended it. */
  signal: number | undefined;
  /** What must not happen did: thrown by who waits. */
  failure: unknown;
}

/** What a process starts with. */
export interface ProcessInit {
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly fds: Map<number, File>;
  readonly cwd: Place;
}

/** The C library writes what it holds back when there is this much. */
const STDIO_BUFFER = 4096;

/** One process. */
export class Process {
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly fds: Map<number, File>;
  cwd: Place;
  /**
   * The last error of the shell that became this program, which some programs of busybox report for want of
   * one of their own.
   */
  lastError: Errno | undefined;
  #held = "";

  constructor(readonly os: Os, init: ProcessInit) {
    this.args = init.args;
    this.env = init.env;
    this.fds = init.fds;
    this.cwd = init.cwd;
  }

  get kernel(): Kernel {
    return this.os.kernel;
  }

  get vfs(): Vfs {
    return this.os.vfs;
  }

  /** The program's name: what its messages start with. */
  get name(): string {
    return this.args[0].slice(this.args[0].lastIndexOf("/") + 1);
  }

  /** A file by its descriptor. Throws `EBADF`. */
  fd(number: number): File {
    const file = this.fds.get(number);
    if (file === undefined) throw new KernelError("EBADF", `descriptor ${number} is not open`);
    return file;
  }

  /** Opens a file; a relative path starts at the working directory. */
  open(path: string, options: OpenOptions): Promise<File> {
    return this.vfs.open(decodeText(path), options, this.cwd);
  }

  /** What `stat()` says, or `lstat()` without `follow`. */
  stat(path: string, follow = true): Stat {
    return this.vfs.stat(decodeText(path), this.cwd, follow);
  }

  /** Like {@linkcode stat}, but `undefined` where there is nothing. */
  tryStat(path: string, follow = true): Stat | undefined {
    try {
      return this.stat(path, follow);
    } catch (error) {
      if (error instanceof KernelError) return undefined;
      throw error;
    }
  }

  /** The whole content of a file; `-` is the standard input. */
  async readFile(path: string): Promise<string> {
    if (path === "-") return fromBytes(await readAll(this.fd(0)));
    const file = await this.open(path, { read: true });
    try {
      return fromBytes(await readAll(file));
    } finally {
      await file.put();
    }
  }

  /** Prints through the C library's buffer: at line ends on a terminal, otherwise when it is full. */
  async out(text: string): Promise<undefined> {
    this.#held += text;
    const terminal = this.fds.get(1)?.tty ?? false;
    if (terminal ? text.includes("\n") : this.#held.length >= STDIO_BUFFER) await this.flush();
  }

  /** Prints an error message, past any buffer. */
  async err(text: string): Promise<undefined> {
    await writeMessage(this.fds.get(2), text);
  }

  /** Prints `NAME: TEXT`. */
  async complain(text: string): Promise<undefined> {
    await this.err(`${this.name}: ${text}\n`);
  }

  /** Prints `NAME: WHAT: strerror`. */
  async perror(what: string, error: unknown): Promise<undefined> {
    await this.complain(`${what}: ${strerror(error)}`);
  }

  /** Writes what the buffer holds. A pipe that nobody reads ends the program. */
  async flush(): Promise<undefined> {
    if (this.#held === "") return;
    const bytes = toBytes(this.#held);
    this.#held = "";
    await this.write(this.fd(1), bytes);
  }

  /** Drops what the buffer holds. */
  dropHeld(): undefined {
    this.#held = "";
  }

  /** Writes everything. A pipe that nobody reads ends the program. */
  async write(file: File, bytes: Uint8Array): Promise<undefined> {
    try {
      await writeAll(file, bytes);
    } catch (error) {
      if (error instanceof KernelError && error.code === "EPIPE") throw new Killed(SIGNALS.PIPE);
      throw error;
    } finally {
      // What the kernel is told in its own files takes it so long that it is the workers' turn.
      if (file instanceof GeneratedFile) await this.kernel.sched.exitToUserMode();
    }
  }

  /** Sleeps; a signal ends it. */
  async sleep(ns: number): Promise<undefined> {
    const { sched, clock } = this.kernel;
    const task = sched.current as Task;
    const timer = sched.addTimer(clock.nowNs + ns, `sleep of ${task.name}`, () => sched.wake(task));
    try {
      await sched.blockInterruptible(`a sleep of ${ns} ns`);
    } finally {
      sched.deleteTimer(timer);
    }
  }

  /** Closes all descriptors. */
  async closeAll(): Promise<undefined> {
    for (const [number, file] of [...this.fds]) {
      this.fds.delete(number);
      await file.put();
    }
  }
}

/** Writes everything, however little each call takes. */
export async function writeAll(file: File, bytes: Uint8Array): Promise<undefined> {
  let rest = bytes;
  while (rest.length > 0) {
    const taken = await file.write(rest);
    if (taken === 0) throw new KernelError("EIO", "nothing could be written");
    rest = rest.subarray(taken);
  }
}

/** Writes a message where that works. */
export async function writeMessage(file: File | undefined, text: string): Promise<undefined> {
  if (file === undefined) return;
  try {
    await writeAll(file, toBytes(text));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

/** One more reference to each file, for a child. */
export function shareFds(fds: ReadonlyMap<number, File>): Map<number, File> {
  return new Map([...fds].map(([number, file]) => [number, file.get()]));
}

/** Runs a program to its end: buffer flushed, files closed. Gives its status. */
export async function runProgram(process: Process, program: Program): Promise<number> {
  try {
    const status = await ending(() => program(process));
    try {
      await process.flush();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      await process.perror("standard output", error);
      return 1;
    }
    return status;
  } finally {
    process.dropHeld();
    await process.closeAll();
  }
}

async function ending(body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ExitStatus) return error.status;
    throw error;
  }
}

/** Starts a program as a task of its own. Linux: fork() and execve() */
export function startProgram(process: Process, program: Program): Job {
  const { kernel, running } = process.os;
  const done = new Completion(kernel.sched, `the end of ${process.name}`);
  kernel.clock.advanceByNs(kernel.costs.exec);
  const task = kernel.sched.spawn(process.name, async () => {
    try {
      job.status = await runProgram(process, program);
    } catch (error) {
      if (error instanceof Killed) {
        job.signal = error.signal;
        job.status = SIGNAL_STATUS + error.signal;
      } else job.failure = error;
    }
    running.delete(task.pid);
    done.completeAll();
  });
  const job: Job = { task, done, status: undefined, signal: undefined, failure: undefined };
  running.set(task.pid, job);
  return job;
}

/**
 * Sends a signal to a process; 0 only asks whether it is there. A shell may have a trap for it.
 *
 * @returns False when there is no such process.
 */
export function signalProcess(os: Os, pid: number, signal: number): boolean {
  const job = os.running.get(pid);
  const shell = os.shells.get(pid);
  if (signal === 0) return job !== undefined || shell !== undefined;
  if (shell?.catchSignal(signal)) return true;
  if (job !== undefined) os.kernel.sched.signal(job.task, new Killed(signal));
  return job !== undefined;
}

/** Waits for a program; a signal to the waiter ends the wait. Linux: waitpid() */
export async function waitJob(job: Job): Promise<number> {
  await job.done.waitInterruptible();
  if (job.failure !== undefined) throw job.failure;
  return job.status as number;
}
