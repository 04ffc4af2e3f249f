/**
 * One shell process: its variables, functions, options and jobs.
 *
 * POSIX.1-2017, 2.12
 *
 * @module
 */
import { BaseFile } from "../kernel/vfs/file.ts";
import type { CommandNode, CompoundNode, ScriptNode, ShellLibrary, StatementNode } from "./ast.ts";
import type { ArithmeticScope } from "./arithmetic.ts";
import { fromBytes } from "./bytes.ts";
import { ExitStatus, signalName, SIGNALS } from "./errors.ts";
import { Expander } from "./expand.ts";
import { type Job, type Os, Process, shareFds, type SignalCatcher } from "./process.ts";

/** A variable. */
export interface Variable {
  value: string | undefined;
  exported: boolean;
  readonly: boolean;
}

/** Programs that were started together in the background. */
export interface ShellJob {
  readonly jobs: readonly Job[];
  /** Process number of the last one: `$!`. */
  readonly pid: number;
}

/** Field separators before anybody sets them. */
const DEFAULT_IFS = " \t\n";

/** Collects what is written. */
class CaptureFile extends BaseFile {
  readonly kind = "pipe";
  text = "";

  async read(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }

  async write(data: Uint8Array): Promise<number> {
    this.text += fromBytes(data);
    return data.length;
  }
}

/** What runs a shell's commands. Each gives the status of what it ran. */
export interface CommandRunner {
  /** A loop is running, which `break` would leave. */
  readonly inLoop: boolean;
  /** Parses and runs a script. */
  run(script: string): Promise<number>;
  /** Runs statements one after the other. */
  statements(statements: readonly StatementNode[]): Promise<number>;
  /** Runs the only command of a process: a program takes the shell's place. */
  only(node: CommandNode): Promise<number>;
  /** Runs the body of a function, in which no loop of the caller can be left. */
  functionBody(body: CommandNode): Promise<number>;
  /** Runs a builtin or program with these arguments, past functions. */
  runArgs(args: string[]): Promise<number>;
}

/** How a shell was started. */
export interface ShellInit {
  /** `$0`: `sh` with `-c`, otherwise the script's path. */
  readonly name: string;
  readonly positional?: readonly string[];
  /** It runs a script file: its messages carry line numbers. */
  readonly file?: boolean;
  /** Letters of options that are on. */
  readonly options?: string;
}

/** What all shells of one user space share. */
export interface ShellTools {
  /** Parses scripts. */
  readonly library: ShellLibrary;
  /** Makes what runs the commands of a shell. */
  readonly runnerFor: (shell: Shell) => CommandRunner;
}

/** A shell. */
export class Shell implements SignalCatcher {
  readonly os: Os;
  process: Process;
  readonly vars = new Map<string, Variable>();
  readonly functions = new Map<string, CompoundNode>();
  positional: string[];
  /** Letters of `set -e` and the like. */
  readonly options = new Set<string>();
  /** It has waited for a program's end. */
  hasWaited = false;
  /** `$?`. */
  status = 0;
  /** `$$`: the process that the shell runs in; subshells keep it. */
  pid: number;
  /** `$!`; 0 before there is one. */
  lastBackground = 0;
  readonly jobs = new Map<number, ShellJob>();
  readonly traps = new Map<string, string>();
  /** Signals that came and whose traps have not run yet. */
  readonly caught: string[] = [];
  /** Where `getopts` goes on: number of the next word, and letters of the present one that are left. */
  option = { index: 1, rest: "" };
  /** Its variables for `$(( ))`. */
  readonly arithmeticScope: ArithmeticScope = {
    get: (name) => this.get(name) ?? "",
    set: (name, value) => this.set(name, value),
  };
  /** The running builtin, for messages. */
  commandName: string | undefined;
  /** Line of the running command. */
  line = 0;
  /** Variables to restore when the running functions end, innermost last. */
  readonly locals: Map<string, Variable | undefined>[] = [];
  readonly expander: Expander;
  readonly executor: CommandRunner;

  constructor(os: Os, readonly tools: ShellTools, process: Process, readonly init: ShellInit) {
    this.os = os;
    this.process = process;
    this.pid = os.kernel.sched.current?.pid ?? 1;
    this.positional = [...init.positional ?? []];
    this.expander = new Expander(this);
    this.executor = tools.runnerFor(this);
    for (const [name, value] of process.env) {
      this.vars.set(name, { value, exported: true, readonly: false });
    }
  }

  /** A copy with files of its own: a subshell. */
  fork(): Shell {
    const process = new Process(this.os, {
      args: this.process.args,
      env: new Map(),
      fds: shareFds(this.process.fds),
      cwd: this.process.cwd,
    });
    const child = new Shell(this.os, this.tools, process, this.init);
    for (const [name, variable] of this.vars) child.vars.set(name, { ...variable });
    for (const [name, body] of this.functions) child.functions.set(name, body);
    for (const option of this.options) child.options.add(option);
    for (const frame of this.locals) child.locals.push(new Map(frame));
    child.pid = this.pid;
    child.positional = [...this.positional];
    child.status = this.status;
    child.lastBackground = this.lastBackground;
    child.commandName = this.commandName;
    child.line = this.line;
    return child;
  }

  /** Value of a variable or special parameter; `undefined` when it is not set. */
  get(name: string): string | undefined {
    switch (name) {
      case "?":
        return `${this.status}`;
      case "#":
        return `${this.positional.length}`;
      case "$":
        return `${this.pid}`;
      case "!":
        return this.lastBackground === 0 ? "" : `${this.lastBackground}`;
      case "-":
        return [...this.options].filter((option) => option.length === 1).join("");
      case "0":
        return this.init.name;
      case "@":
      case "*":
        return this.positional.length === 0 ? undefined : this.positional.join(" ");
      case "LINENO":
        return `${this.line}`;
    }
    if (/^\d+$/.test(name)) return this.positional[Number(name) - 1];
    return this.vars.get(name)?.value;
  }

  /** Sets a variable. Throws what ends the script when it may not be set. */
  set(name: string, value: string): undefined {
    const found = this.vars.get(name);
    if (found === undefined) {
      this.vars.set(name, { value, exported: this.options.has("a"), readonly: false });
    } else if (found.readonly) throw new ReadonlyError(`${name}: is read only`);
    else found.value = value;
  }

  /** Separators of fields. */
  ifs(): string {
    const variable = this.vars.get("IFS");
    return variable?.value ?? DEFAULT_IFS;
  }

  /** Variables that programs get. */
  environment(): Map<string, string> {
    const env = new Map<string, string>();
    for (const [name, { value, exported }] of this.vars) {
      if (exported && value !== undefined) env.set(name, value);
    }
    return env;
  }

  /** Prints a message as the shell does: `sh: cd: line 0: TEXT`. */
  async message(text: string): Promise<undefined> {
    const { name, file } = this.init;
    const command = this.commandName ?? (file ? name : undefined);
    const parts = [name];
    if (command !== undefined && command !== name) parts.push(command);
    if (command !== undefined) parts.push(`line ${this.line}`);
    await this.process.err(`${[...parts, text].join(": ")}\n`);
  }

  /** What a script prints, run in a subshell. */
  async capture(body: ScriptNode): Promise<string> {
    const child = this.fork();
    const file = new CaptureFile();
    await child.process.fds.get(1)?.put();
    child.process.fds.set(1, file);
    this.status = await child.subshell(() => child.executor.statements(body.statements));
    return file.text;
  }

  /** Runs a subshell to its end and closes its files. */
  async subshell(body: () => Promise<number>): Promise<number> {
    try {
      return await this.ending(body);
    } finally {
      await this.process.closeAll();
    }
  }

  /** Keeps the trap of a signal for later; false when there is none. */
  catchSignal(signal: number): boolean {
    const action = this.traps.get(signalName(signal));
    if (action === undefined || signal === SIGNALS.KILL) return false;
    if (action !== "") this.caught.push(action);
    return true;
  }

  /** Runs until the end or `exit`; then the `EXIT` trap. Gives the status. */
  async ending(body: () => Promise<number>): Promise<number> {
    let status: number;
    try {
      status = await body();
    } catch (error) {
      if (!(error instanceof ExitStatus)) throw error;
      status = error.status;
    }
    const trap = this.traps.get("EXIT");
    if (trap === undefined) return status;
    this.traps.delete("EXIT");
    this.status = status;
    return await this.ending(async () => {
      await this.executor.run(trap);
      return status;
    });
  }
}

/** A variable that may not change. */
export class ReadonlyError extends Error {
  override name = "ReadonlyError";
}
