/**
 * A whole boot as a scenario: a kernel on a fresh machine for each run.
 *
 * @module
 */
import type { Platform } from "../hypervisor/platform.ts";
import { INITCALLS, MODULE_IMAGES } from "../drivers/mod.ts";
import { type ChoiceKind, freedomOf, isInterleaved, type Vary } from "../kernel/choice.ts";
import type { Initcall, LinkOrder } from "../kernel/initcall.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { CORE_IMAGES, CORE_INITCALLS } from "../kernel/main.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { tryAddressToResource } from "../kernel/of/address.ts";
import { unflattenDeviceTree } from "../kernel/of/fdt.ts";
import { FdtReader } from "../kernel/of/fdt_reader.ts";
import { ofPlatformPopulateOrder } from "../kernel/of/platform.ts";
import type { Ordering } from "../kernel/ordering.ts";
import type { Kconfig } from "../kernel/profile.ts";
import { BootRun } from "./boot_run.ts";
import {
  type Outcome,
  type Scenario,
  type Steering,
  type Varied,
  ViewError,
} from "./explore/scenario.ts";
import { isExact, QUEUES } from "./steered.ts";
import { checkNames } from "./vary.ts";
import { type View, VIEWS } from "./views.ts";

/** Makes machines that are all alike: an `embeddedModel()` is one. */
export interface MachineModel {
  /** What the machines are, as text: the same text is the same machine. */
  readonly text: string;
  /** The device tree of its machines. */
  readonly dtb: Uint8Array;
  /** Physical addresses of the virtio slots with a device, where they are known. */
  occupiedSlots?(): readonly number[];
  /**
   * Makes a fresh machine.
   *
   * @param ram RAM of a machine before it, cleared, to use instead of new RAM.
   */
  machine(ram?: ArrayBuffer): Platform & AsyncDisposable;
}

/** What is booted, what about it may go another way, and how it is looked at. */
export interface BootScenarioOptions {
  /** For people. Default: the options of the machine, which are the first line of its text. */
  readonly name?: string;
  /** What may go another way, unless who explores says it. Default: initcalls, within their levels. */
  readonly vary?: Vary;
  /** The views that outcomes have, unless who explores says them. Default: {@linkcode DEFAULT_VIEWS}. */
  readonly views?: readonly string[];
  /** More ways of looking at a booted kernel, by their names. */
  readonly moreViews?: Readonly<Record<string, View>>;
  /** The kernel command line. Default: what the device tree says. */
  readonly append?: string;
  /** What is done in another order than Linux's before anything varies. */
  readonly ordering?: Ordering;
  /** Which year's kernel it is. Default: `"6.1"`. */
  readonly profile?: string;
  /** Its configuration where that changes orders. */
  readonly kconfig?: Kconfig;
  /** Modules left out: their names, or all of them. Default: all are built in. */
  readonly modules?: readonly string[] | "all";
  /** Initcalls of what is always built in. Default: those of `drivers/mod.ts`. */
  readonly initcalls?: readonly Initcall[];
  /** Code that may be a module: `[...MODULE_IMAGES, MY_DRIVER]` with a driver of one's own. Default: that of `drivers/mod.ts`. */
  readonly images?: readonly ModuleImage[];
  /** The link order of initcalls. Default: Linux's. */
  readonly linkOrder?: LinkOrder;
  /** Of all these only the code with these initcalls is there, beside what the core itself has. Default: all. */
  readonly only?: readonly string[];
  /**
   * What user space does after the boot and the modules of `ordering`; it may vary too. Its errors are part of
   * the outcome.
   */
  readonly script?: (kernel: Kernel) => Promise<unknown>;
}

/** The views that count unless others are asked for. */
export const DEFAULT_VIEWS: readonly string[] = ["bindings", "names", "errors"];

/** A boot that can be explored. */
export interface BootScenario extends Scenario {
  /** The same boot with something else that varies or is looked at. */
  varied(what: Varied): BootScenario;
}

/** What is the same for all runs of a scenario. */
export interface BootSetup extends BootScenarioOptions {
  readonly model: MachineModel;
  readonly vary: Vary;
  /** What is looked at, by name. */
  readonly looks: Readonly<Record<string, View>>;
  /** Objects whose accesses are passed over: nobody looks at what their order changes. */
  readonly unseen: ReadonlySet<string>;
  readonly trees: FdtReader;
}

/**
 * Makes a scenario of a boot: from the device tree to init, the modules that `ordering` loads, a script, and until
 * all work is done.
 *
 * @throws {ViewError} When a view is named that does not exist.
 * @throws {VaryError} When something is to vary that is not there.
 *
 * @example Does it matter whether the bus or its driver comes first?
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bootScenario, embeddedModel, explore } from "../mod.ts";
 * const card = embeddedModel("-netdev user,id=n0 -device virtio-net-device,netdev=n0");
 * const small = bootScenario(card, { only: ["virtio_init", "virtio_mmio_init"] });
 * const { outcomes } = await explore(small, { vary: ["levels=virtio_init,virtio_mmio_init"] });
 * assertEquals(outcomes[0].views.bindings.includes("a003e00.virtio_mmio virtio: "), true);
 * assertEquals(outcomes[1].views.bindings.includes("a003e00.virtio_mmio virtio: "), false);
 * ```
 */
export function bootScenario(
  model: MachineModel,
  options: BootScenarioOptions = {},
): BootScenario {
  return scenarioOf(model, options, { trees: new FdtReader(), memory: new SpareMemory() });
}

/** What boots of one machine have in common, whatever varies. */
interface Shared {
  readonly trees: FdtReader;
  readonly memory: SpareMemory;
}

function scenarioOf(
  model: MachineModel,
  options: BootScenarioOptions,
  shared: Shared,
): BootScenario {
  const vary = withSlots(options.vary ?? { initcall: true }, model);
  const known: Readonly<Record<string, View>> = { ...VIEWS, ...options.moreViews };
  const looks: Record<string, View> = {};
  for (const name of options.views ?? DEFAULT_VIEWS) {
    if (!Object.hasOwn(known, name)) {
      throw new ViewError(`no view '${name}'; there are ${Object.keys(known).join(", ")}`);
    }
    looks[name] = known[name];
  }
  const unseen = unseenObjects(vary, Object.values(looks), Object.values(known));
  if (options.script === undefined) { for (const object of FILES) unseen.add(object); }
  checkVaryNames(vary, options, model);
  const { trees, memory } = shared;
  const setup = { ...options, model, vary, looks, unseen, trees };
  const fixedSteps = !isInterleaved(vary);
  return {
    name: options.name ?? model.text.split("\n", 1)[0],
    definition: definitionOf(setup),
    fixedSteps,
    exact: isExact(vary),
    varied: (what) => scenarioOf(model, { ...options, ...what }, shared),
    run: (steering, look) => runOnce(setup, memory, steering, look),
  };
}

/** What is named is there. */
function checkVaryNames(
  vary: Vary,
  { initcalls = INITCALLS, images = MODULE_IMAGES, only }: BootScenarioOptions,
  { dtb }: MachineModel,
): undefined {
  const core = [...CORE_INITCALLS, ...CORE_IMAGES.map(({ init }) => init)].map(({ name }) => name);
  const code = [...initcalls, ...images.map(({ init }) => init)];
  const names = [...core, ...code.map(({ name }) => name)];
  checkNames("initcall", only ?? [], names);
  const namedOf = (kind: ChoiceKind) => freedomOf(vary[kind]).only ?? [];
  checkNames("initcall", namedOf("initcall"), only === undefined ? names : [...core, ...only]);
  checkNames("module", namedOf("module"), images.map(({ name }) => name));
  if (namedOf("slot").length === 0) return;
  const devices = ofPlatformPopulateOrder(unflattenDeviceTree(dtb)).map(({ name }) => name);
  checkNames("device of the tree", namedOf("slot"), devices);
}

/** Slots that change places are those with a device, unless they are named: nothing is in the others. */
function withSlots(vary: Vary, model: MachineModel): Vary {
  const { slot } = vary;
  if (typeof slot !== "object" || slot.places !== "own" || slot.only !== undefined) return vary;
  const occupied = model.occupiedSlots?.();
  return occupied === undefined
    ? vary
    : { ...vary, slot: { ...slot, only: devicesAt(model.dtb, occupied) } };
}

/** Names of the platform devices with registers at these addresses, in the order of the tree. */
function devicesAt(dtb: Uint8Array, addresses: readonly number[]): string[] {
  return ofPlatformPopulateOrder(unflattenDeviceTree(dtb)).flatMap(({ np, name }) => {
    const start = tryAddressToResource(np, 0)?.start;
    return start !== undefined && addresses.includes(Number(start)) ? [name] : [];
  });
}

/** RAM of runs that are over. */
class SpareMemory {
  readonly #spare: ArrayBuffer[] = [];

  take(): ArrayBuffer | undefined {
    return this.#spare.pop();
  }

  give({ ram }: Platform, touchedBytes: number): undefined {
    new Uint8Array(ram, 0, touchedBytes).fill(0);
    this.#spare.push(ram);
  }
}

async function runOnce(
  setup: BootSetup,
  memory: SpareMemory,
  steering: Steering,
  look: ((kernel: Kernel) => undefined) | undefined,
): Promise<Outcome | undefined> {
  await using machine = setup.model.machine(memory.take());
  // What a console takes time for is part of the run where that can change an order.
  const log = look !== undefined || "log" in setup.looks || isInterleaved(setup.vary);
  const run = new BootRun(setup, machine, steering, log);
  const booted = await run.bootUnlessStopped();
  look?.(run.kernel);
  memory.give(machine, run.kernel.mem.touchedBytes);
  return booted?.outcome;
}

/** Everything that decides how runs go; how they are looked at is no part of it. */
function definitionOf({ model, vary, ...options }: BootSetup): string {
  const { append, ordering, profile, kconfig, modules, initcalls, images, linkOrder, only } =
    options;
  const code = [
    ...[...initcalls ?? [], ...images?.map(({ init }) => init) ?? []].map(({ name, level, fn }) =>
      `${name} ${level} ${fn}`
    ),
    ...images?.flatMap(({ code = [] }) => code) ?? [],
    `${options.script}`,
  ];
  const values = { append, ordering, profile, kconfig, modules, linkOrder, only };
  return JSON.stringify({ machine: model.text, vary, ...values, code });
}

/** What only scripts look at. */
const FILES: readonly string[] = ["file", "folder", "attributes", "module list"];

/** What only views show that nobody wants, and what only steps have in common that may be interleaved. */
function unseenObjects(
  vary: Vary,
  looks: readonly View[],
  known: readonly View[],
): Set<string> {
  const unseen = new Set(known.flatMap(({ shows = [] }) => shows));
  for (const { shows = [] } of looks) for (const object of shows) unseen.delete(object);
  for (const object of isInterleaved(vary) ? [] : QUEUES) unseen.add(object);
  return unseen;
}
