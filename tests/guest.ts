/**
 * A booted kernel in the hands of a test: the reference configuration, every driver left to `modprobe`.
 *
 * @module
 */
import { INITCALLS, MODULE_IMAGES } from "../drivers/mod.ts";
import type { Machine } from "../hypervisor/platform.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { type KernelConfig, startKernel } from "../kernel/main.ts";
import { type ModuleObject, MODULES } from "../kernel/module.ts";
import { GuestFs } from "../kernel/vfs/api.ts";

/** A kernel that runs on a machine. */
export class TestGuest<M extends Machine = Machine> {
  readonly fs: GuestFs;

  constructor(readonly kernel: Kernel, readonly machine: M) {
    this.fs = new GuestFs(kernel);
  }

  /** Runs `body` as a task of the guest. */
  run<T>(body: () => Promise<T>): Promise<T> {
    return this.kernel.sched.run("test", body);
  }

  /** Loads modules and what they need. */
  async modprobe(...names: readonly string[]): Promise<undefined> {
    const modules = this.kernel.get(MODULES);
    for (const name of names) {
      const image = modules.images.get(name)!;
      for (const needed of [...modules.dependencies(image), image]) {
        if (modules.find(needed.name) === undefined) await this.insmod(needed.name);
      }
    }
  }

  /** Loads one module with `name=value` words. */
  insmod(name: string, args = ""): Promise<ModuleObject> {
    const modules = this.kernel.get(MODULES);
    return this.run(() => modules.insert(modules.images.get(name)!, args));
  }

  /** Unloads one module. */
  rmmod(name: string): Promise<undefined> {
    return this.run(() => this.kernel.get(MODULES).remove(name));
  }

  /** `echo TEXT > PATH`. */
  echo(text: string, path: string): Promise<undefined> {
    return this.fs.write(path, `${text}\n`);
  }

  /** The text of a file. */
  cat(path: string): Promise<string> {
    return this.fs.readText(path);
  }

  /** The kernel log, without stamps. */
  get log(): string[] {
    return this.kernel.log.records.map(({ text }) => text);
  }
}

/** Boots the reference configuration on `machine`. */
export async function bootGuest<M extends Machine>(
  machine: M,
  options: KernelOptions = {},
  config: Partial<KernelConfig> = {},
): Promise<TestGuest<M>> {
  const kernel = new Kernel(machine, { append: "", ...options });
  await kernel.sched.run("swapper/0", () =>
    startKernel(kernel, {
      initcalls: INITCALLS,
      images: MODULE_IMAGES,
      modules: "all",
      ...config,
    }), 1);
  return new TestGuest(kernel, machine);
}
