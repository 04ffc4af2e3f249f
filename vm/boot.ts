import type { Machine } from "../hypervisor/platform.ts";
import { INITCALLS, MODULE_IMAGES } from "../drivers/mod.ts";
import { LINK_ORDER } from "../drivers/link_order.ts";
import { SURROUNDINGS } from "../drivers/surroundings/mod.ts";
import type { Initcall, LinkOrder } from "../kernel/initcall.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { insertInOrder } from "../kernel/kmod.ts";
import type { ModuleImage } from "../kernel/module.ts";
import type { FdtReader } from "../kernel/of/fdt_reader.ts";
import { RegisterTrace } from "./trace.ts";
import { Vm } from "./vm.ts";

/** How a guest is booted. */
export interface BootOptions extends KernelOptions {
  /** Drivers left to `modprobe`: their module names, or `"all"`. Default: all are built in. */
  readonly modules?: readonly string[] | "all";
  /** Keep every register access in {@linkcode Vm.trace}. Default: false. */
  readonly trace?: boolean;
  /** Initcalls of what is always built in, and nothing beside it. Default: those of `drivers/mod.ts`, with surroundings. */
  readonly initcalls?: readonly Initcall[];
  /**
   * Code that may be a module. Default: that of `drivers/mod.ts`. Drivers of one's own stand beside Linux's as
   * `[...MODULE_IMAGES, MY_DRIVER]`; `driver.ts` has what they are made of. Built in, they come after all others of their
   * level unless `ordering.initcalls` or `linkOrder` says otherwise.
   */
  readonly images?: readonly ModuleImage[];
  /** The link order of initcalls. Default: Linux's, from `drivers/link_order.ts`. */
  readonly linkOrder?: LinkOrder;
  /** Reads the device tree; boots that are given the same one read the same blob once. Default: each reads it anew. */
  readonly trees?: FdtReader;
}

/** Number of the first task. */
const INIT_PID = 1;

/**
 * Boots a guest kernel on a machine. The machine belongs to the guest from now on.
 *
 * @param machine A fresh machine: `embedded([...])`.
 * @throws What keeps a kernel from booting, for example an `FdtError` for a damaged device tree, a `KernelError` for a
 *   name in `modules` that no module has, or what a driver of one's own throws by mistake. The machine is switched off
 *   then.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { boot, embedded } from "../mod.ts";
 * await using vm = await boot(embedded([]), { append: "quiet" });
 * assertStringIncludes(vm.dmesg(), "Kernel command line: quiet");
 * ```
 */
export async function boot(machine: Machine, options: BootOptions = {}): Promise<Vm> {
  try {
    const kernel = new Kernel(machine, options);
    const trace = options.trace === true ? new RegisterTrace(kernel) : undefined;
    const config = {
      initcalls: options.initcalls ?? INITCALLS,
      images: options.images ?? MODULE_IMAGES,
      linkOrder: options.linkOrder ?? LINK_ORDER,
      // A kernel of one's own choice has nothing beside that choice.
      surroundings: options.initcalls === undefined ? SURROUNDINGS : undefined,
      modules: options.modules,
      ...options.trees === undefined ? {} : { trees: options.trees },
    };
    await kernel.sched.run("swapper/0", () => startKernel(kernel, config), INIT_PID);
    const load = options.ordering?.modules;
    if (load !== undefined) {
      await kernel.sched.run("modprobe", () => insertInOrder(kernel, load));
    }
    return new Vm(kernel, machine, trace);
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}
