/**
 * One boot under the steering of who explores.
 *
 * @module
 */
import { INITCALLS, MODULE_IMAGES } from "../drivers/mod.ts";
import { LINK_ORDER } from "../drivers/link_order.ts";
import type { Platform } from "../hypervisor/platform.ts";
import { UEVENTS } from "../kernel/base/uevent.ts";
import { KernelBug, KernelError } from "../kernel/errors.ts";
import type { Initcall } from "../kernel/initcall.ts";
import { Kernel } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { insertInOrder } from "../kernel/kmod.ts";
import { DeadlockError } from "../kernel/task.ts";
import type { BootSetup } from "./boot_scenario.ts";
import { DEATH } from "./differences.ts";
import type { Outcome, Steering } from "./explore/scenario.ts";
import { Steered } from "./steered.ts";

/** Ends that are part of what a kernel does. */
const KERNEL_ENDS = [KernelBug, KernelError, DeadlockError];

/** A kernel whose run has ended. */
interface Booted {
  readonly kernel: Kernel;
  readonly outcome: Outcome;
}

/** One boot. */
export class BootRun {
  readonly kernel: Kernel;
  readonly #setup: BootSetup;
  readonly #steered: Steered;
  readonly #failed: { name: string; result: number }[] = [];
  readonly #consoles: { name: string; step: string }[] = [];
  /** Of what the kernel died. */
  #end = "";

  constructor(setup: BootSetup, machine: Platform, steering: Steering, log: boolean) {
    this.#setup = setup;
    const { vary, append, ordering, profile, kconfig, looks, unseen } = setup;
    const steered = this.#steered = new Steered(steering, unseen);
    this.kernel = new Kernel(machine, {
      log,
      vary,
      chooser: (point) => steered.choose(point),
      ...append === undefined ? {} : { append },
      ...ordering === undefined ? {} : { ordering },
      ...profile === undefined ? {} : { profile },
      ...kconfig === undefined ? {} : { kconfig },
    });
    steered.attach(this.kernel);
    // What nobody would hear need not be put into words.
    if (unseen.has("file")) this.kernel.sysfs.listener = undefined;
    this.kernel.aroundInitcall = this.#watch.bind(this);
    if ("uevents" in looks) this.#hearUevents();
    if ("log" in looks) {
      this.kernel.log.listeners.add(() => steered.access("log", "", "append"));
    }
  }

  #hearUevents(): undefined {
    const uevents = this.kernel.get(UEVENTS);
    uevents.enabled = true;
    uevents.listener = this.#steered.access.bind(this.#steered, "uevents", "", "append");
  }

  /** Boots, or gives `undefined` when the steering stops it before the end. */
  bootUnlessStopped(): Promise<Booted | undefined> {
    return Promise.race([this.boot(), this.#steered.stopped]);
  }

  /** Boots. A kernel that dies on the way has an outcome too. */
  async boot(): Promise<Booted> {
    const { kernel } = this;
    try {
      await kernel.sched.run("swapper/0", () => this.#bootTask(), 1);
    } catch (error) {
      if (!KERNEL_ENDS.some((kind) => error instanceof kind)) throw error;
      this.#die(error as Error);
    }
    // What comes of work that is under way belongs to the outcome, and no later run may meet it.
    while (kernel.sched.busy) await undefined;
    kernel.sched.stop();
    this.#steered.end();
    return { kernel, outcome: this.#look() };
  }

  async #bootTask(): Promise<undefined> {
    const { only, initcalls = INITCALLS, images = MODULE_IMAGES, linkOrder = LINK_ORDER } =
      this.#setup;
    const { modules, trees, script } = this.#setup;
    // What may fail before anything else varies is part of a step too.
    this.kernel.sched.barrier("fault", "start of the kernel");
    const wanted = ({ name }: { readonly name: string }) => only?.includes(name) ?? true;
    await startKernel(this.kernel, {
      initcalls: initcalls.filter(wanted),
      images: images.filter(({ init }) => wanted(init)),
      linkOrder,
      trees,
      ...modules === undefined ? {} : { modules },
    });
    if (this.#end === "") {
      await insertInOrder(this.kernel, this.#wantedModules());
      await script?.(this.kernel);
    }
  }

  /** Where their order varies, modules that are left out are loaded: all that are not said otherwise. */
  #wantedModules(): readonly string[] {
    const { ordering, modules = [], vary, images = MODULE_IMAGES } = this.#setup;
    if (ordering?.modules !== undefined) return ordering.modules;
    if ((vary.module ?? false) === false) return [];
    return modules === "all" ? images.map(({ name }) => name) : modules;
  }

  #die(error: Error): undefined {
    this.#end = `${DEATH}${error.message}\n`;
  }

  #look(): Outcome {
    const notes = { failed: this.#failed, consoles: this.#consoles };
    const died = this.#end !== "";
    const looks = Object.entries(this.#setup.looks);
    return Object.fromEntries(looks.map(([view, { look, afterDeath = false }]) => {
      const seen = died && !afterDeath ? "" : look(this.kernel, notes);
      return [view, this.#end + seen];
    }));
  }

  /**
   * Notes what an initcall returns, and which consoles go live in it. When the kernel dies in one, those behind it do
   * nothing, so that all orders are orders of the same steps.
   */
  async #watch({ name, fn }: Initcall): Promise<number | undefined> {
    this.#steered.access("whether the kernel lives", "", "read");
    if (this.#end !== "") return 0;
    const live = this.kernel.log.consoles.length;
    try {
      const result = await fn(this.kernel);
      if ((result ?? 0) !== 0) this.#failed.push({ name, result: result as number });
      return result;
    } catch (error) {
      if (error instanceof KernelBug) {
        this.#steered.access("whether the kernel lives", "", "write");
        return this.#die(error);
      }
      this.#failed.push({ name, result: (error as { errno?: number }).errno ?? 0 });
      throw error;
    } finally {
      for (const console of this.kernel.log.consoles.slice(live)) {
        this.#consoles.push({ name: console.name, step: name });
      }
    }
  }
}
