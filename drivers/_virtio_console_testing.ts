/**
 * A machine with consoles for the tests of the terminals and their drivers.
 *
 * @module
 */
import { embedded, type EmbeddedOptions } from "../hypervisor/embedded/machine.ts";
import { ambaInit } from "../kernel/amba/bus.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { MODULES } from "../kernel/module.ts";
import { PROCFS_INITCALLS } from "../kernel/procfs.ts";
import { TtyHandle } from "../kernel/tty/tty_handle.ts";
import { TTY_INITCALLS } from "../kernel/tty/tty_io.ts";
import { GuestFs } from "../kernel/vfs/api.ts";
import { VIRTIO_MMIO } from "../transports/virtio_mmio.ts";
import { PL011_INITCALLS } from "./tty/amba_pl011.ts";
import { HVC_INITCALLS } from "./tty/hvc_console.ts";
import { VIRTIO_INITCALLS } from "./virtio/virtio.ts";
import { VIRTIO_CONSOLE } from "./virtio_console.ts";

/** A booted kernel with its machine. */
export class ConsoleMachine {
  readonly fs: GuestFs;

  constructor(readonly kernel: Kernel, readonly machine: ReturnType<typeof embedded>) {
    this.fs = new GuestFs(kernel);
  }

  /** Runs `body` as a task of the guest. */
  run<T>(body: () => Promise<T>): Promise<T> {
    return this.kernel.sched.run("test", body);
  }

  /** Lets everything that is under way finish. */
  settle(): Promise<undefined> {
    return this.run(() => this.kernel.sched.settle());
  }

  /** A file's text. */
  async text(path: string): Promise<string> {
    return new TextDecoder("latin1").decode(await this.fs.read(path));
  }

  /** What the host has received on a script chardev. */
  received(id: string): string {
    return new TextDecoder().decode(this.machine.chardev(id).read());
  }

  /** Opens a terminal. */
  open(name: string): Promise<TtyHandle> {
    return this.run(() => TtyHandle.open(this.kernel, name));
  }

  insert(): Promise<unknown> {
    return this.run(() => this.kernel.get(MODULES).insert(VIRTIO_CONSOLE));
  }

  remove(): Promise<unknown> {
    return this.run(() => this.kernel.get(MODULES).remove("virtio_console"));
  }

  /** Messages of the kernel that contain `part`, without stamps. */
  log(part: RegExp): string[] {
    const lines = this.kernel.log.dmesg().split("\n");
    return lines.map((line) => line.replace(/^\[ *[\d.]+\] /, "")).filter((line) =>
      part.test(line)
    );
  }
}

/** What differs between tests. */
export interface BootOptions extends KernelOptions {
  readonly machine?: EmbeddedOptions;
  /** Leaves the console driver to {@linkcode ConsoleMachine.insert}. */
  readonly module?: boolean;
  /** Sees the kernel before it starts. */
  readonly onKernel?: (kernel: Kernel) => void;
}

/** Boots a machine with `args`, one string with blanks between them. */
export async function bootConsoles(
  args: string,
  options: BootOptions = {},
): Promise<ConsoleMachine> {
  const machine = embedded(args.split(" ").filter((arg) => arg !== ""), { ...options.machine });
  const kernel = new Kernel(machine, { append: "console=ttyAMA0 quiet", ...options });
  options.onKernel?.(kernel);
  await kernel.sched.run("swapper/0", () =>
    startKernel(kernel, {
      initcalls: [
        { name: "amba_init", level: "postcore", fn: ambaInit },
        ...PROCFS_INITCALLS,
        ...VIRTIO_INITCALLS,
        ...TTY_INITCALLS,
        ...HVC_INITCALLS,
        ...PL011_INITCALLS,
      ],
      images: [VIRTIO_MMIO, VIRTIO_CONSOLE],
      modules: options.module === true ? ["virtio_console"] : [],
    }), 1);
  await kernel.sched.run("settle", () => kernel.sched.settle());
  return new ConsoleMachine(kernel, machine);
}
