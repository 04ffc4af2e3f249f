/**
 * The guest's shell. The language is parsed by `just-bash`; running it is ours, because everything it
 * touches is the guest's: open files, pipes, processes, time.
 *
 * @module
 */
import type { Kernel } from "../kernel/kernel.ts";
import { BaseFile } from "../kernel/vfs/file.ts";
import { PlainDirectory } from "../kernel/vfs/node.ts";
import { TmpFile } from "../kernel/vfs/tmpfs.ts";
import { UTS_RELEASE } from "../kernel/uts.ts";
import { VFS, type Vfs } from "../kernel/vfs/vfs.ts";
import { ModulesDirectory } from "./applets/modules.ts";
import { programs } from "./applets/mod.ts";
import { loadLibrary, parseScript, type ShellLibrary } from "./ast.ts";
import { encodeText, toBytes } from "./bytes.ts";
import { ExitStatus, MachineOff, ScriptAborted } from "./errors.ts";
import { type Os, Process, type Program, runProgram } from "./process.ts";
import { Executor } from "./execute.ts";
import { Shell, type ShellInit, type ShellTools } from "./shell.ts";

/** What came of a script. */
export interface RunResult {
  /** What it printed. */
  readonly stdout: string;
  /** What it complained about. */
  readonly stderr: string;
  /** Both in the order in which they were written, as on a terminal. */
  readonly output: string;
  /** Exit status. */
  readonly code: number;
  /** How the script switched the machine off, when it did: `"poweroff"`. */
  readonly off: string | undefined;
}

/** How a script is run. */
export interface RunOptions {
  /** What it reads. Default: nothing. */
  readonly stdin?: string;
  /** Both outputs are a terminal, as in the recordings: `ls` prints columns. Default: true. */
  readonly terminal?: boolean;
  /**
   * The script's file name: its messages carry it and the line, as for `sh FILE`. Default: none, as
   * for `sh -c`.
   */
  readonly name?: string;
  /** Hears what is written when it is written. */
  readonly onOutput?: (bytes: Uint8Array, stream: "stdout" | "stderr") => void;
}

/** A terminal on the host's side, for {@linkcode GuestShell.repl}. */
export interface ReplStreams {
  /** The next line without its end; `undefined` at the end of input. The prompt is printed before. */
  readLine(prompt: string): Promise<string | undefined>;
  /** Prints. */
  write(bytes: Uint8Array): void;
}

const PROMPT = "/ # ";
/** What the script that starts everything else has. */
const ENVIRONMENT = [["SHLVL", "1"], ["HOME", "/"], ["TERM", "linux"]] as const;
const SHELL_PATH = "/sbin:/usr/sbin:/bin:/usr/bin";
const CANNOT_OPEN = 2;
const decoder = new TextDecoder();

/** Where a script's output goes. */
class SinkFile extends BaseFile {
  readonly kind = "char";

  constructor(readonly take: (bytes: Uint8Array) => void, override readonly tty: boolean) {
    super();
  }

  async read(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }

  async write(data: Uint8Array): Promise<number> {
    this.take(data.slice());
    return data.length;
  }
}

/** A text to read from. */
class SourceFile extends BaseFile {
  readonly kind = "pipe";
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#rest = bytes;
  }

  async read(count: number): Promise<Uint8Array> {
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  async write(data: Uint8Array): Promise<number> {
    return data.length;
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Runs shell scripts in a guest, with the guest's files, modules and time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { GuestShell } from "./mod.ts";
 * import { boot, embedded } from "../mod.ts";
 * await using vm = await boot(embedded([]));
 * const { output, code } = await new GuestShell(vm.kernel).run("echo $((6 * 7)); exit 3");
 * assertEquals([output, code], ["42\n", 3]);
 * ```
 */
export class GuestShell {
  readonly #kernel: Kernel;
  readonly #vfs: Vfs;
  #loaded: { os: Os; tools: ShellTools } | undefined;

  /**
   * A shell in the guest's file tree; scripts get one from `vm.shell()`.
   *
   * @internal
   */
  constructor(kernel: Kernel, vfs: Vfs = kernel.get(VFS)) {
    this.#kernel = kernel;
    this.#vfs = vfs;
  }

  async #load(): Promise<{ os: Os; tools: ShellTools }> {
    if (this.#loaded !== undefined) return this.#loaded;
    const library = await loadLibrary();
    const tools: ShellTools = { library, runnerFor: (shell) => new Executor(shell) };
    const all = programs(library);
    const sh: Program = (process) => runSh(tools, process);
    for (const name of ["sh", "ash"]) all.set(name, sh);
    const os: Os = {
      kernel: this.#kernel,
      vfs: this.#vfs,
      programs: all,
      running: new Map(),
      shells: new Map(),
    };
    this.#loaded ??= { os, tools };
    installPrograms(this.#vfs, this.#kernel, all.keys());
    return this.#loaded;
  }

  #process(os: Os, fds: Process["fds"], args: readonly string[]): Process {
    return new Process(os, { args, env: new Map(ENVIRONMENT), fds, cwd: this.#vfs.rootPlace });
  }

  /**
   * Runs a script to its end.
   *
   * @throws What must not happen: a `DeadlockError` when the script waits for ever, a `KernelBug`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const shell = await vm.shell();
   * const { stdout, stderr, code } = await shell.run("cat - /nothing", { stdin: "read\n" });
   * assertEquals([stdout, code], ["read\n", 1]);
   * assertEquals(stderr, "cat: can't open '/nothing': No such file or directory\n");
   * ```
   */
  async run(script: string, options: RunOptions = {}): Promise<RunResult> {
    const { os, tools } = await this.#load();
    const { terminal = true, name, onOutput } = options;
    const chunks: { bytes: Uint8Array; stream: "stdout" | "stderr" }[] = [];
    const sink = (stream: "stdout" | "stderr") =>
      new SinkFile((bytes) => {
        chunks.push({ bytes, stream });
        onOutput?.(bytes, stream);
      }, terminal);
    const stdin = new SourceFile(toBytes(encodeText(options.stdin ?? "")));
    const fds = new Map<number, BaseFile>([[0, stdin], [1, sink("stdout")], [2, sink("stderr")]]);
    const init: ShellInit = name === undefined ? { name: "sh" } : { name, file: true };
    let off: string | undefined;
    const code = await this.#kernel.sched.run("sh", async () => {
      try {
        const process = this.#process(os, fds, ["sh"]);
        const text = encodeText(script);
        if (name !== undefined) {
          this.#vfs.root.add(name.replace(/^\//, ""), new TmpFile(toBytes(text)));
        }
        return await runProgram(process, () => shellMain(tools, process, init, text));
      } catch (error) {
        if (!(error instanceof MachineOff)) throw error;
        off = error.how;
        return 0;
      }
    });
    const text = (wanted?: string) =>
      decoder.decode(concat(
        chunks.filter(({ stream }) => wanted === undefined || stream === wanted)
          .map(({ bytes }) => bytes),
      ));
    return { stdout: text("stdout"), stderr: text("stderr"), output: text(), code, off };
  }

  /**
   * Reads and runs lines until the end of input, `exit` or `poweroff`. Gives the exit status.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const shell = await vm.shell();
   * const lines = ["cd /proc", "pwd"];
   * let shown = "";
   * await shell.repl({
   *   readLine: async (_prompt) => lines.shift(),
   *   write: (bytes) => shown += new TextDecoder().decode(bytes),
   * });
   * assertEquals(shown, "/proc\n");
   * ```
   */
  async repl(streams: ReplStreams): Promise<number> {
    const { os, tools } = await this.#load();
    const sink = () => new SinkFile((bytes) => streams.write(bytes), true);
    const fds = new Map<number, BaseFile>([[0, new SourceFile(new Uint8Array(0))], [1, sink()], [
      2,
      sink(),
    ]]);
    const shell = makeShell(tools, this.#process(os, fds, ["sh"]), { name: "sh" });
    let pending = "";
    for (;;) {
      const line = await streams.readLine(pending === "" ? prompt(shell) : "> ");
      if (line === undefined) return shell.status;
      pending += `${line}\n`;
      if (isIncomplete(tools.library, pending)) continue;
      const script = encodeText(pending);
      pending = "";
      const ended = await this.#kernel.sched.run("sh", () => replLine(shell, script));
      if (ended !== undefined) return ended;
    }
  }
}

function prompt(shell: Shell): string {
  return shell.get("PWD") === "/" ? PROMPT : `${shell.get("PWD")} # `;
}

/** True when a script is cut off in the middle of a construct. */
function isIncomplete(library: ShellLibrary, script: string): boolean {
  if (/\\\n$|(?:\||&&)[ \t]*\n$/.test(script)) return true;
  try {
    parseScript(library, script);
    return false;
  } catch (error) {
    // The parser came to the end of the text and wanted more.
    const { line = 0, message } = error as Error & { line?: number };
    return line >= script.split("\n").length || message.includes("unexpected EOF");
  }
}

/** Runs one line. Gives the status when the shell ends. */
async function replLine(shell: Shell, script: string): Promise<number | undefined> {
  try {
    await shell.executor.run(script);
    await shell.process.flush();
    return undefined;
  } catch (error) {
    if (error instanceof MachineOff) return 0;
    if (!(error instanceof ExitStatus)) throw error;
    if (!(error instanceof ScriptAborted)) return error.status;
    shell.status = error.status;
    return undefined;
  }
}

function makeShell(tools: ShellTools, process: Process, init: ShellInit): Shell {
  const shell = new Shell(process.os, tools, process, init);
  const level = Number(shell.get("SHLVL") ?? 0) + 1;
  shell.vars.set("SHLVL", { value: `${level}`, exported: true, readonly: false });
  const defaults = [["PATH", SHELL_PATH], ["PWD", "/"]] as const;
  for (const [name, value] of defaults) {
    if (!shell.vars.has(name)) shell.vars.set(name, { value, exported: true, readonly: false });
  }
  return shell;
}

/** Runs a script in a new shell of this process. */
async function shellMain(
  tools: ShellTools,
  process: Process,
  init: ShellInit,
  script: string,
): Promise<number> {
  const shell = makeShell(tools, process, init);
  for (const option of init.options ?? "") shell.options.add(option);
  const { shells } = process.os;
  shells.set(shell.pid, shell);
  try {
    return await shell.ending(() => shell.executor.run(script));
  } finally {
    shells.delete(shell.pid);
  }
}

/** `sh [-eux] [-c SCRIPT [NAME [ARG…]] | FILE [ARG…]]` */
async function runSh(tools: ShellTools, process: Process): Promise<number> {
  const args = process.args.slice(1);
  let options = "";
  while (/^-[aefux]+$/.test(args[0] ?? "")) options += (args.shift() as string).slice(1);
  const command = /^-([aefux]*)c$/.exec(args[0] ?? "");
  if (command !== null) {
    options += command[1];
    const [script = "", name = process.args[0], ...positional] = args.slice(1);
    return await shellMain(tools, process, { name, positional, options }, script);
  }
  const [path, ...positional] = args;
  if (path === undefined || path === "-s") {
    const script = await process.readFile("-");
    return await shellMain(
      tools,
      process,
      { name: process.args[0], positional, options },
      script,
    );
  }
  let script: string;
  try {
    script = await process.readFile(path);
  } catch {
    await process.err(`${process.args[0]}: can't open '${path}'\n`);
    return CANNOT_OPEN;
  }
  return await shellMain(tools, process, { name: path, positional, options, file: true }, script);
}

/** Makes `/bin` and `/lib/modules`, as an initramfs with busybox has them. */
function installPrograms(vfs: Vfs, kernel: Kernel, names: Iterable<string>): undefined {
  if (vfs.root.lookup("bin") !== undefined) return;
  const bin = vfs.root.add("bin", new PlainDirectory());
  bin.add("busybox", new TmpFile(undefined, 0o755));
  for (const name of names) {
    if (name !== "busybox") bin.add(name, { kind: "link", target: "/bin/busybox" });
  }
  const modules = vfs.root.dir("lib").dir("modules");
  modules.entries.set(UTS_RELEASE, new ModulesDirectory(kernel));
  vfs.root.add("root", new PlainDirectory(0o700));
  vfs.root.add("init", new TmpFile(toBytes("#!/bin/busybox sh\n"), 0o755));
}
