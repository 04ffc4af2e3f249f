/**
 * A running guest in the hands of a script.
 *
 * @module
 */
import { deviceShutdown } from "../kernel/base/core.ts";
import type { Choice } from "../kernel/choice.ts";
import type { CharEnd, Machine } from "../hypervisor/platform.ts";
import { type BindingExplanation, explainBinding } from "../kernel/explain/mod.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { GuestFs } from "../kernel/vfs/api.ts";
import { SUSPEND } from "../kernel/suspend.ts";
import type { GuestShell, RunResult } from "../shell/mod.ts";
import { compareViews } from "./cross_check.ts";
import { BlockHandle } from "./block_handle.ts";
import { ConsoleHandle } from "./console_handle.ts";
import { InputHandle } from "./input_handle.ts";
import { NetHandle } from "./net_handle.ts";
import { Overlays } from "./overlays.ts";
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
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded } from "../mod.ts";
 * await using vm = await boot(embedded(["-device", "virtio-keyboard-device"]));
 * assertEquals(await vm.sh("cat /sys/bus/virtio/devices/virtio0/device"), "0x0012\n");
 * ```
 */
export class Vm implements AsyncDisposable {
  /** The guest's files. */
  readonly fs: GuestFs;
  /** Overlays of the guest's device tree. */
  readonly overlays: Overlays;
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
    this.overlays = new Overlays(kernel);
  }

  /**
   * The kernel log, as `dmesg` prints it.
   *
   * @example
   * ```ts
   * import { assertStringIncludes } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(), { append: "quiet" });
   * assertStringIncludes(vm.dmesg(), "Kernel command line: quiet\n");
   * ```
   */
  dmesg(): string {
    return this.kernel.log.dmesg();
  }

  /**
   * The disk or partition `name`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * assertEquals(vm.block("vda").sectors, 2048);
   * ```
   */
  block(name: string): BlockHandle {
    return new BlockHandle(this.kernel, name);
  }

  /**
   * The terminal `name`: `"hvc0"`, `"ttyAMA0"`. The same handle at each call.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * await vm.console("hvc0").write("hello\n");
   * assertEquals(new TextDecoder().decode(vm.chardev("term").read()), "hello\r\n");
   * ```
   */
  console(name: string): ConsoleHandle {
    return handle(this.#consoles, name, () => new ConsoleHandle(this.kernel, name));
  }

  /**
   * The event device `name`: `"event0"`. The same handle at each call.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * await vm.input("event0").open();
   * const press = { type: "key", data: { down: true, key: { type: "qcode", data: "a" } } };
   * await vm.qmp("input-send-event", { events: [press] });
   * assertEquals((await vm.input("event0").next()).code, 30);
   * ```
   */
  input(name: string): InputHandle {
    return handle(this.#inputs, name, () => new InputHandle(this.kernel, name));
  }

  /**
   * The network interface `name`: `"eth0"`. The same handle at each call.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * assertEquals(vm.net("eth0").address, "52:54:00:12:34:56");
   * ```
   */
  net(name: string): NetHandle {
    return handle(this.#nets, name, () => new NetHandle(this.kernel, name));
  }

  /**
   * The host's end of the `-chardev script` called `id`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-device virtio-serial-device
   *   -chardev script,id=term -device virtconsole,chardev=term`));
   * vm.chardev("term").write("ada\r");
   * assertEquals(await vm.console("hvc0").read(), "ada\n");
   * ```
   */
  chardev(id: string): CharEnd {
    return this.machine.chardev(id);
  }

  /**
   * A command of QEMU's machine protocol: `block_resize`, `input-send-event`, `set_link`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * await vm.net("eth0").up();
   * await vm.qmp("set_link", { name: "n0", up: false });
   * await vm.settle();
   * assertEquals(await vm.sh("cat /sys/class/net/eth0/carrier"), "0\n");
   * ```
   */
  qmp(command: string, args?: Record<string, unknown>): Promise<unknown> {
    return this.machine.qmp(command, args);
  }

  /**
   * The guest's shell; loaded when it is first asked for.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const { stdout, code } = await (await vm.shell()).run("echo $((6 * 7)); exit 3");
   * assertEquals(stdout, "42\n");
   * assertEquals(code, 3);
   * ```
   */
  shell(): Promise<GuestShell> {
    return this.#shell ??= import("../shell/mod.ts").then(({ GuestShell }) =>
      new GuestShell(this.kernel)
    );
  }

  /**
   * Runs a shell command in the guest and gives what it prints, errors included.
   *
   * @throws {ShellError} When it ends with another code than 0.
   *
   * @example
   * ```ts
   * import { assertEquals, assertRejects } from "@std/assert";
   * import { boot, embedded, ShellError } from "../mod.ts";
   * await using vm = await boot(embedded());
   * assertEquals(await vm.sh("echo $((6 * 7))"), "42\n");
   * await assertRejects(() => vm.sh("cat /nothing"), ShellError, "No such file or directory");
   * ```
   */
  async sh(command: string): Promise<string> {
    const result = await (await this.shell()).run(command);
    if (result.code !== 0) throw new ShellError(command, result);
    return result.output;
  }

  /**
   * Runs a function as a task of the guest: it may use everything of the kernel that sleeps.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const beforeNs = vm.kernel.nowNs;
   * const afterNs = await vm.run(async (kernel) => {
   *   await kernel.sched.sleep(5_000_000);
   *   return kernel.nowNs;
   * });
   * assert(afterNs - beforeNs >= 5_000_000);
   * ```
   */
  run<T>(body: (kernel: Kernel) => Promise<T>): Promise<T> {
    return this.kernel.sched.run("script", () => body(this.kernel));
  }

  /**
   * Lets virtual time pass.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded());
   * const beforeNs = vm.kernel.nowNs;
   * await vm.sleep(1000); // takes no real time
   * assert(vm.kernel.nowNs - beforeNs >= 1_000_000_000);
   * ```
   */
  sleep(ms: number): Promise<undefined> {
    return this.kernel.sched.run("sleep", () => this.kernel.sched.sleep(ms * 1_000_000));
  }

  /**
   * Lets machine and guest finish what they have begun.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * const written = vm.block("vda").write(0, new Uint8Array(512).fill(1));
   * await vm.settle();
   * await written;
   * assertEquals((await vm.block("vda").read(0))[0], 1);
   * ```
   */
  settle(): Promise<undefined> {
    return this.kernel.sched.run("settle", () => this.kernel.sched.settle());
  }

  /**
   * The answers of the chooser so far.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(), {
   *   chooser: ({ kind, count }) => kind === "initcall" ? count - 1 : 0,
   * });
   * const { count, taken } = vm.choices.find(({ kind }) => kind === "initcall")!;
   * assertEquals(taken, count - 1);
   * ```
   */
  get choices(): readonly Choice[] {
    return this.kernel.choices.taken;
  }

  /**
   * Everything that one side did wrong so far, a line each: rules of the wire that were broken, and
   * writes to memory that had been given back. Empty when all is well.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.block("vda").read(0);
   * assertEquals(vm.check(), []);
   * ```
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

  /**
   * Why a device has its driver, or none: who made it, which drivers fit or nearly do, each attempt to bind it,
   * what keeps it from being bound and what would change that. `renderBinding()` makes a text of it.
   *
   * @param device Its name: `"virtio0"`, `"a003e00.virtio_mmio"`.
   * @throws {NoDeviceError} When no device has this name.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-rng-device"), { modules: ["virtio_rng"] });
   * const { driver, blockedBy, unblockedBy } = vm.explain("virtio0");
   * assertEquals(driver, undefined);
   * assertEquals(blockedBy, "its driver is in module virtio_rng, not loaded");
   * assertEquals(unblockedBy, "modprobe virtio_rng");
   * ```
   */
  explain(device: string): BindingExplanation {
    return explainBinding(this.kernel, device);
  }

  /**
   * Everything in which a driver and its device differ about status, features and rings, a line each;
   * empty when all is well. On QEMU the devices' side is QEMU's own account of them.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded("-device virtio-keyboard-device"));
   * assertEquals(await vm.crossCheck(), []);
   * ```
   */
  async crossCheck(): Promise<string[]> {
    await this.settle();
    return compareViews(this.kernel, await this.machine.deviceViews());
  }

  /**
   * Puts the machine to sleep, as `echo freeze > /sys/power/state` does; resolves when its devices sleep.
   *
   * @throws {KernelError} What kept it awake.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.block("vda").write(0, new Uint8Array(512).fill(7));
   * await vm.suspend();
   * await vm.resume();
   * assertEquals((await vm.block("vda").read(0))[0], 7);
   * ```
   */
  suspend(): Promise<undefined> {
    return this.kernel.sched.run("suspend", () => this.kernel.get(SUSPEND).begin());
  }

  /** Wakes the machine that {@linkcode suspend} put to sleep; resolves when its devices are awake. */
  resume(): Promise<undefined> {
    return this.kernel.sched.run("resume", () => this.kernel.get(SUSPEND).end());
  }

  /**
   * Shuts all devices down, as `poweroff -f` does. The guest is of no use afterwards.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
   * await using vm = await boot(embedded(disk, { images: { "disk.img": new Uint8Array(1 << 20) } }));
   * await vm.poweroff();
   * assertEquals(vm.check(), []);
   * ```
   */
  poweroff(): Promise<undefined> {
    return this.kernel.sched.run("poweroff", () => deviceShutdown(this.kernel));
  }

  /** Switches the machine off. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }
}
