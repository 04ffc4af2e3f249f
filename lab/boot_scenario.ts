/**
 * A whole boot as a scenario: a kernel on a fresh machine for each run.
 *
 * @module
 */
import { INITCALLS, MODULE_IMAGES } from "../drivers/mod.ts";
import { LINK_ORDER } from "../drivers/link_order.ts";
import type { Platform } from "../hypervisor/platform.ts";
import { UEVENTS } from "../kernel/base/uevent.ts";
import type { ChoiceKind, Vary } from "../kernel/choice.ts";
import type { Initcall } from "../kernel/initcall.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { FdtReader } from "../kernel/of/fdt_reader.ts";
import type { ModuleImage } from "../kernel/module.ts";
import type { Ordering } from "../kernel/ordering.ts";
import type { Outcome, Scenario, Steering } from "./explore/scenario.ts";
import { Steered } from "./steered.ts";
import { type BootNotes, VIEWS } from "./views.ts";

/** What is booted, and what about it may go another way. */
export interface BootScenarioOptions {
  /** For people. */
  readonly name: string;
  /** Makes a fresh machine. */
  readonly machine: () => Platform;
  /** What the machine is, as text: the same text is the same machine. */
  readonly machineText: string;
  /** What may go another way. */
  readonly vary: Vary;
  /** The views that outcomes have. Default: bindings, names and errors. */
  readonly views?: readonly string[];
  /** The kernel command line. Default: what the device tree says. */
  readonly append?: string;
  /** What is done in another order than Linux's before anything varies. */
  readonly ordering?: Ordering;
  /** Only these initcalls are built in, beside what the core itself has. Default: all. */
  readonly initcalls?: readonly string[];
  /** Modules left out: their names, or all of them. Default: all are built in. */
  readonly modules?: readonly string[] | "all";
}

/** The views that count unless others are asked for. */
export const DEFAULT_VIEWS: readonly string[] = ["bindings", "names", "errors"];

/** A view is asked for that nobody knows. */
export class ViewError extends Error {
  /** The name of the class. */
  override name = "ViewError";
}

/** Kinds of what may come between two steps of a boot. */
const INTERLEAVED: readonly ChoiceKind[] = ["irq", "timer", "async", "work", "task"];

/** A boot that can be explored, and run by hand. */
export interface BootScenario extends Scenario {
  /** Boots once with the log on and gives the kernel; nobody stops the run. */
  boot(steering: Steering): Promise<Kernel>;
}

/**
 * Makes a scenario of a boot.
 *
 * @throws {ViewError} When a view is named that does not exist.
 */
export function bootScenario(options: BootScenarioOptions): BootScenario {
  const views = options.views ?? DEFAULT_VIEWS;
  const unknown = views.find((view) => !Object.hasOwn(VIEWS, view));
  if (unknown !== undefined) {
    throw new ViewError(`no view '${unknown}'; there are ${Object.keys(VIEWS).join(", ")}`);
  }
  const { machineText, vary, append, ordering, initcalls, modules } = options;
  const trees = new FdtReader();
  const parts = { machineText, vary, views, append, ordering, initcalls, modules };
  return {
    name: options.name,
    definition: JSON.stringify(parts),
    fixedSteps: INTERLEAVED.every((kind) => vary[kind] === undefined),
    run: (steering) => new BootRun(options, trees, views, steering).run(),
    boot: (steering) => new BootRun(options, trees, views, steering, true).boot(),
  };
}

/** One boot. */
class BootRun {
  readonly #options: BootScenarioOptions;
  readonly #trees: FdtReader;
  readonly #views: readonly string[];
  readonly #steered: Steered;
  readonly #kernel: Kernel;
  readonly #failed: { name: string; result: number }[] = [];
  readonly #consoles: { name: string; step: string }[] = [];

  constructor(
    options: BootScenarioOptions,
    trees: FdtReader,
    views: readonly string[],
    steering: Steering,
    log = views.includes("log"),
  ) {
    this.#options = options;
    this.#trees = trees;
    this.#views = views;
    const steered = this.#steered = new Steered(steering, unseenObjects(options.vary, views));
    const kernelOptions: KernelOptions = {
      log,
      vary: options.vary,
      chooser: (point) => steered.choose(point),
      ...options.append === undefined ? {} : { append: options.append },
      ...options.ordering === undefined ? {} : { ordering: options.ordering },
    };
    this.#kernel = new Kernel(options.machine(), kernelOptions);
    steered.attach(this.#kernel);
    if (views.includes("uevents")) this.#hearUevents();
    if (views.includes("log")) {
      this.#kernel.log.listeners.add(() => steered.access("log", "", "append"));
    }
  }

  #hearUevents(): undefined {
    const uevents = this.#kernel.get(UEVENTS);
    uevents.enabled = true;
    uevents.listener = this.#steered.access.bind(this.#steered, "uevents", "", "append");
  }

  async boot(): Promise<Kernel> {
    const { initcalls, modules } = this.#options;
    const wanted = (call: { readonly name: string }) => initcalls?.includes(call.name) ?? true;
    const { sched } = this.#kernel;
    await sched.run("swapper/0", async () => {
      await startKernel(this.#kernel, {
        initcalls: INITCALLS.filter(wanted).map((call) => this.#watched(call)),
        images: MODULE_IMAGES.filter(({ init }) => wanted(init)).map((image) =>
          this.#watchedImage(image)
        ),
        linkOrder: LINK_ORDER,
        trees: this.#trees,
        ...modules === undefined ? {} : { modules },
      });
      // What comes of work that is under way belongs to the outcome, and no later run may meet it.
      await sched.settle();
      sched.stop();
    }, 1);
    return this.#kernel;
  }

  async run(): Promise<Outcome | undefined> {
    const kernel = await Promise.race([this.boot(), this.#steered.stopped]);
    if (kernel === undefined) return undefined;
    const notes: BootNotes = { failed: this.#failed, consoles: this.#consoles };
    return Object.fromEntries(this.#views.map((view) => [view, VIEWS[view].look(kernel, notes)]));
  }

  #watched(call: Initcall): Initcall {
    return { ...call, fn: (kernel) => this.#watch(call.name, () => call.fn(kernel)) };
  }

  #watchedImage(image: ModuleImage): ModuleImage {
    const { init } = image;
    return {
      ...image,
      init: {
        ...init,
        fn: (kernel, module) => this.#watch(init.name, () => init.fn(kernel, module)),
      },
    };
  }

  /** Notes what an initcall returns, and which consoles go live in it. */
  async #watch(
    name: string,
    fn: () => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const live = this.#kernel.log.consoles.length;
    try {
      const result = await fn();
      if ((result ?? 0) !== 0) this.#failed.push({ name, result: result as number });
      return result;
    } catch (error) {
      this.#failed.push({ name, result: (error as { errno?: number }).errno ?? 0 });
      throw error;
    } finally {
      for (const console of this.#kernel.log.consoles.slice(live)) {
        this.#consoles.push({ name: console.name, step: name });
      }
    }
  }
}

/** What only views show that nobody wants, and what only steps have in common that may be interleaved. */
function unseenObjects(vary: Vary, views: readonly string[]): Set<string> {
  const unseen = new Set(Object.values(VIEWS).flatMap(({ shows = [] }) => shows));
  for (const view of views) for (const object of VIEWS[view].shows ?? []) unseen.delete(object);
  if (INTERLEAVED.every((kind) => vary[kind] === undefined)) {
    for (const object of ["wait queue", "work queue"]) unseen.add(object);
  }
  return unseen;
}
