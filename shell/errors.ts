import type { Errno } from "../kernel/errno.ts";
import { STRERROR } from "../kernel/errno.ts";
import { KernelError } from "../kernel/errors.ts";

/** A program ends with this status. */
export class ExitStatus extends Error {
  override name = "ExitStatus";

  constructor(readonly status: number) {
    super(`exit with status ${status}`);
  }
}

/** A mistake that ends a script, but only the line of a shell that somebody types into. POSIX.1-2017, 2.8.1 */
export class ScriptAborted extends ExitStatus {
  override name = "ScriptAborted";
}

/** A signal ended a program. */
export class Killed extends Error {
  override name = "Killed";

  constructor(readonly signal: number) {
    super(`killed by signal ${signal}`);
  }
}

/** Signals by name, as `kill` takes them. */
export const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};

/** Name of a signal as `trap` has it; `EXIT` for 0. */
export function signalName(signal: number): string {
  if (signal === 0) return "EXIT";
  return Object.keys(SIGNALS).find((name) => SIGNALS[name] === signal) ?? `${signal}`;
}

/** What a shell says about a child that a signal ended; nothing for `SIGINT` and `SIGPIPE`. */
export const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  1: "Hangup",
  3: "Quit",
  9: "Killed",
  10: "User defined signal 1",
  12: "User defined signal 2",
  14: "Alarm clock",
  15: "Terminated",
};

/** Statuses of programs that a signal ended start here. */
export const SIGNAL_STATUS = 128;

/** The errno of a failed system call; anything else is thrown again. */
export function errnoName(error: unknown): Errno {
  if (error instanceof KernelError) return error.code;
  throw error;
}

/** What `strerror()` says about a failed system call; anything else is thrown again. */
export function strerror(error: unknown): string {
  return STRERROR[errnoName(error)];
}

/** `poweroff` and its like: user space ends. */
export class MachineOff extends Error {
  override name = "MachineOff";

  constructor(
    /** `"poweroff"`, `"reboot"`, `"halt"`. */
    readonly how: string,
  ) {
    super(`the guest did ${how}`);
  }
}
