/**
 * A running guest in the hands of a script.
 *
 * @module
 */
import { deviceShutdown } from "../kernel/base/core.ts";
import type { Choice } from "../kernel/choice.ts";
import type { CharEnd, Machine } from "../hypervisor/platform.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { GuestFs } from "../kernel/vfs/api.ts";
import type { GuestShell, RunResult } from "../shell/mod.ts";
import { BlockHandle, ConsoleHandle, InputHandle, NetHandle } from "./handles.ts";
import type { RegisterTrace } from "./trace.ts";

/** The handle of a name, made at the first call. */
function handle<T>(handles: Map<string, T>, name: string, make: () => T): T {
  let found = handles.get(name);
  if (found === undefined) handles.set(name, found = make());
  return found;
}

/** The guest shell ended with an error. */
export class ShellError extends Error {
  /** The name of the class. */
  override name = "ShellError";

  /**
   * Made by {@linkcode Vm.sh}; its message holds the code, the command's first line and the output.
   *
   * @internal
   */
  constructor(
    /** What ran. */
    readonly command: string,
    /** What came of it. */
    readonly result: RunResult,
  ) {
    super(
      `Guest command failed with code ${result.code}: ${command.split("\n")[0]}\n${result.output}`,
    );
  }
}

/**
 * A machine with a booted kernel. Made by `boot()`; gone with the end of its `await using`.
 *
 * @example
 * ```ts
 * import { boot, embedded } from "../mod.ts";
 * await using vm = await boot(embedded(["-device", "virtio-keyboard-device"]));
 * console.assert((await vm.sh("cat /sys/bus/virtio/devices/virtio0/device")) === "0x0012\n");
 * ```
 */
export class Vm implements AsyncDisposable {
  /** The guest's files. */
  readonly fs: GuestFs;
  #shell: Promise<GuestShell> | undefined;
  readonly #consoles = new Map<string, ConsoleHandle>();
  readonly #inputs = new Map<string, InputHandle>();
  readonly #nets = new Map<string, NetHandle>();

  /**
   * Made by `boot()`.
   *
   * @internal
   */
  constructor(
    /** The guest kernel with all its registries. */
    readonly kernel: Kernel,
    /** The machine under it. */
    readonly machine: Machine,
    /** Register accesses, if `boot()` was asked to keep them. */
    readonly trace: RegisterTrace | undefined,
  ) {
    this.fs = new GuestFs(kernel);
  }

  /** The kernel log, as `dmesg` prints it. */
  dmesg(): string {
    return this.kernel.log.dmesg();
  }

  /** The disk or partition `name`. */
  block(name: string): BlockHandle {
    return new BlockHandle(this.kernel, name);
  }

  /** The terminal `name`: `"hvc0"`, `"ttyAMA0"`. The same handle at each call. */
  console(name: string): ConsoleHandle {
    return handle(this.#consoles, name, () => new ConsoleHandle(this.kernel, name));
  }

  /** The event device `name`: `"event0"`. The same handle at each call. */
  input(name: string): InputHandle {
    return handle(this.#inputs, name, () => new InputHandle(this.kernel, name));
  }

  /** The network interface `name`: `"eth0"`. The same handle at each call. */
  net(name: string): NetHandle {
    return handle(this.#nets, name, () => new NetHandle(this.kernel, name));
  }

  /** The host's end of the `-chardev script` called `id`. */
  chardev(id: string): CharEnd {
    return this.machine.chardev(id);
  }

  /** A command of QEMU's machine protocol: `block_resize`, `input-send-event`, `set_link`. */
  qmp(command: string, args?: Record<string, unknown>): Promise<unknown> {
    return this.machine.qmp(command, args);
  }

  /** The guest's shell; loaded when it is first asked for. */
  shell(): Promise<GuestShell> {
    return this.#shell ??= import("../shell/mod.ts").then(({ GuestShell }) =>
      new GuestShell(this.kernel)
    );
  }

  /**
   * Runs a shell command in the guest and gives what it prints, errors included.
   *
   * @throws {ShellError} When it ends with another code than 0.
   */
  async sh(command: string): Promise<string> {
    const result = await (await this.shell()).run(command);
    if (result.code !== 0) throw new ShellError(command, result);
    return result.output;
  }

  /** Runs a function as a task of the guest: it may use everything of the kernel that sleeps. */
  run<T>(body: (kernel: Kernel) => Promise<T>): Promise<T> {
    return this.kernel.sched.run("script", () => body(this.kernel));
  }

  /** Lets virtual time pass. */
  sleep(ms: number): Promise<undefined> {
    return this.kernel.sched.run("sleep", () => this.kernel.sched.sleep(ms * 1_000_000));
  }

  /** Lets machine and guest finish what they have begun. */
  settle(): Promise<undefined> {
    return this.kernel.sched.run("settle", () => this.kernel.sched.settle());
  }

  /** The answers of the chooser so far. */
  get choices(): readonly Choice[] {
    return this.kernel.choices.taken;
  }

  /**
   * Everything that one side did wrong so far, a line each: rules of the wire that were broken, and
   * writes to memory that had been given back. Empty when all is well.
   */
  check(): string[] {
    this.kernel.mem.checkFreed();
    return [
      ...this.machine.violations.map(({ side, device, clause, message }) =>
        `${device}: ${message} (${clause}, by the ${side})`
      ),
      ...this.kernel.mem.usesAfterFree.map(({ address, owner }) =>
        `0x${address.toString(16)} was written after ${owner} gave it back`
      ),
    ];
  }

  /** Shuts all devices down, as `poweroff -f` does. The guest is of no use afterwards. */
  poweroff(): Promise<undefined> {
    return this.kernel.sched.run("poweroff", () => deviceShutdown(this.kernel));
  }

  /** Switches the machine off. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }
}
