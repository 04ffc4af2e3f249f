/**
 * Starting the kernel: from a device tree to the end of the initcalls.
 *
 * Linux: init/main.c, arch/arm64/kernel/setup.c, drivers/base/init.c
 *
 * @module
 */
import { ASYNC } from "./async.ts";
import { DEFERRED } from "./base/dd.ts";
import { SYSFS } from "./base/device.ts";
import { fwnodeDevInitialized } from "./base/fwnode.ts";
import { devlinkClassInit } from "./base/links.ts";
import { platformBusInit } from "./base/platform.ts";
import { syncStateResume } from "./base/sync_state.ts";
import { RNG_CORE } from "./char/hw_random_dev.ts";
import { MEM_INITCALLS } from "./char/mem.ts";
import { MISC_INITCALLS } from "./char/misc.ts";
import { prepareNamespace } from "./do_mounts.ts";
import {
  consoleInit,
  doInitcalls,
  type Initcall,
  INITCALL_LEVELS,
  type LinkOrder,
  reportBlacklist,
  SymbolTable,
} from "./initcall.ts";
import { irqchipInit, timerProbe } from "./irqchip.ts";
import type { Kernel } from "./kernel.ts";
import { CORE_MODULE, type ModuleImage, MODULES, type Modules } from "./module.ts";
import { parseBool } from "./module_param.ts";
import { ofAddressCount, ofAddressToResource } from "./of/address.ts";
import { ofNodeIsType } from "./of/base.ts";
import { unflattenDeviceTree } from "./of/fdt.ts";
import type { FdtReader } from "./of/fdt_reader.ts";
import { ofClkInit } from "./of/platform.ts";
import { ofPropertyReadString } from "./of/property.ts";
import { type OfPrintk, Property } from "./of/node.ts";
import type { DeviceTree } from "./of/tree.ts";
import { moveInitcalls } from "./ordering.ts";
import { canonicalParamName, Params } from "./params.ts";
import { ofPlatformDefaultPopulateInit } from "./of_platform.ts";
import { procRootInit } from "./procfs.ts";
import { CONSOLE_LOGLEVEL_DEBUG, CONSOLE_LOGLEVEL_QUIET } from "./printk.ts";
import { dynamicDebugInit } from "./dyndbg.ts";
import { KernelError } from "./errors.ts";
import { consoleOnRootfs } from "./tty/tty_io.ts";
import { pmInit } from "./sysfs_power.ts";
import { showSurroundings, type Surroundings } from "./surroundings.ts";
import { addSurroundingInitcalls } from "./surroundings_initcalls.ts";
import { VERSION_BANNER } from "./uts.ts";
import { sysfsFirmwareInit } from "./sysfs_firmware.ts";

/** What the kernel is made of. */
export interface KernelConfig {
  /** Initcalls of what is always built in. */
  readonly initcalls: readonly Initcall[];
  /** Code that may be a module. */
  readonly images: readonly ModuleImage[];
  /** The link order of all initcalls. Default: as they stand, those of images last. */
  readonly linkOrder?: LinkOrder;
  /** What user space sees beside what is modelled. Default: nothing. */
  readonly surroundings?: Surroundings | undefined;
  /** Names of images that are left to `modprobe`; `"all"` leaves all. Default: none. */
  readonly modules?: readonly string[] | "all";
  /** Reads the device tree. Kernels that are given the same one share what they do not change. Default: each reads it anew. */
  readonly trees?: FdtReader;
}

/** Initcalls of the core itself. */
export const CORE_INITCALLS: readonly Initcall[] = [
  ...MEM_INITCALLS,
  ...MISC_INITCALLS,
  {
    name: "of_platform_default_populate_init",
    level: "arch_sync",
    fn: ofPlatformDefaultPopulateInit,
  },
  { name: "pm_init", level: "core", fn: pmInit },
  { name: "devlink_class_init", level: "postcore", fn: devlinkClassInit },
  {
    name: "sync_state_resume_initcall",
    level: "late",
    fn: async (kernel) => await syncStateResume(kernel) ?? 0,
  },
  {
    name: "of_platform_sync_state_init",
    level: "late_sync",
    fn: async (kernel) => await syncStateResume(kernel) ?? 0,
  },
  {
    name: "deferred_probe_initcall",
    level: "late",
    fn: (kernel) => kernel.get(DEFERRED).initcall(),
  },
];

/** Parameters of the core: on the command line they have no module's name before them. Linux: core_param() */
const CORE_PARAMS: ModuleImage = {
  name: CORE_MODULE,
  init: { name: "", level: "early", fn: () => Promise.resolve(0) },
  params: [{
    name: "initcall_debug",
    mode: 0o644,
    default: "N",
    parse: parseBool,
    set: async (kernel, value) => {
      kernel.initcallDebug = value === "Y";
    },
  }],
};

/** Code with parameters that is always built in. */
export const CORE_IMAGES: readonly ModuleImage[] = [RNG_CORE];

/**
 * Starts a kernel: resolves when init would run.
 *
 * Linux: start_kernel(), kernel_init()
 */
export async function startKernel(kernel: Kernel, config: KernelConfig): Promise<undefined> {
  kernel.log.clockRuns = false;
  if (config.surroundings !== undefined) kernel.notice(VERSION_BANNER);
  const tree = setupArch(kernel, config.trees);
  setupLoglevel(kernel);
  dynamicDebugInit(kernel);
  kernel.notice(`Kernel command line: ${kernel.params.cmdline}`);
  reportBlacklist(kernel);
  const modules = kernel.get(MODULES);
  kernel.symbols = new SymbolTable(config.linkOrder ?? []);
  modules.addBuiltin(CORE_PARAMS);
  const calls = [...CORE_INITCALLS, ...config.initcalls, ...linkModules(kernel, config)];
  await modules.setBuiltinParams(undefined);
  const table = linkInitcalls(kernel, calls, config.surroundings);
  irqchipInit(kernel, tree);
  for (const np of ofClkInit(tree)) fwnodeDevInitialized(kernel, np);
  timerProbe(kernel, tree);
  kernel.log.clockRuns = true;
  await consoleInit(kernel, table);
  procRootInit(kernel);
  await doInitcalls(kernel, table, ["early"], async () => undefined);
  await driverInit(kernel);
  if (config.surroundings !== undefined) showSurroundings(kernel, config.surroundings);
  const levels = INITCALL_LEVELS.filter((level) => level !== "early");
  await doInitcalls(kernel, table, levels, (loop) => modules.setBuiltinParams(loop));
  await consoleOnRootfs(kernel);
  if (kernel.options.initramfs === false) await prepareNamespace(kernel);
  // What runs beside the boot may be code that goes away now.
  await kernel.get(ASYNC).synchronizeFull();
  for (const line of config.surroundings?.beforeInit ?? []) kernel.info(line);
  runInit(kernel);
}

/** Says what would run. Linux: run_init_process() */
function runInit(kernel: Kernel): undefined {
  kernel.info("Run /init as init process");
  for (const line of ["  with arguments:", "    /init", "  with environment:"]) kernel.debug(line);
  for (const line of ["    HOME=/", "    TERM=linux"]) kernel.debug(line);
}

/** Reads the device tree: command line, memory, model. Linux: setup_arch() */
function setupArch(kernel: Kernel, trees: FdtReader | undefined): DeviceTree {
  const { dtb } = kernel.platform;
  const tree = kernel.tree = trees?.read(dtb) ?? unflattenDeviceTree(dtb);
  const printk: OfPrintk = (level, text) => kernel.printk(level, text);
  tree.printk = printk;
  if (kernel.options.append === undefined && tree.chosen?.get("bootargs") !== undefined) {
    kernel.params = new Params(ofPropertyReadString(tree.chosen, "bootargs"));
  }
  setupChosen(kernel, tree);
  const model = ["model", "compatible"].find((name) => tree.root.get(name) !== undefined);
  if (model !== undefined) kernel.info(`Machine model: ${ofPropertyReadString(tree.root, model)}`);
  for (const node of tree.root.children) {
    if (!ofNodeIsType(node, "memory")) continue;
    for (let index = 0; index < ofAddressCount(node); index++) {
      const { start, end } = ofAddressToResource(node, index);
      kernel.io.insertResource("System RAM", Number(start), Number(end));
    }
  }
  return tree;
}

/**
 * What the boot loader says in the tree, and what the kernel makes disappear there because it must stay secret.
 *
 * Linux: early_init_dt_scan_chosen()
 */
function setupChosen({ options, params }: Kernel, { chosen }: DeviceTree): undefined {
  if (chosen === undefined) return;
  chosen.remove("rng-seed");
  if (options.append === undefined) return;
  const bootargs = new TextEncoder().encode(`${params.cmdline}\0`);
  chosen.put(new Property("bootargs", bootargs));
}

/** Linux: loglevel(), quiet_kernel(), debug_kernel() */
function setupLoglevel(kernel: Kernel): undefined {
  for (const { name, value } of kernel.params.all) {
    if (name === "quiet") kernel.log.consoleLoglevel = CONSOLE_LOGLEVEL_QUIET;
    else if (name === "debug") kernel.log.consoleLoglevel = CONSOLE_LOGLEVEL_DEBUG;
    else if (name === "loglevel") kernel.log.consoleLoglevel = Number(value);
    else if (name === "ignore_loglevel") kernel.log.ignoreLoglevel = true;
    else if (name === "printk.time") kernel.log.stamps = !/^(n|f|0|of)/i.test(value ?? "");
    else if (name === "log_buf_len") growLogBuffer(kernel, value ?? "");
  }
}

/**
 * All initcalls in link order, those that are moved in their new places. Those of parts that are not modelled
 * are left out where nobody reads what they say, and where somebody else chooses the order.
 */
function linkInitcalls(
  { symbols, log, choices, initcallDebug, ordering }: Kernel,
  calls: readonly Initcall[],
  surroundings: Surroundings | undefined,
): readonly Initcall[] {
  const all = surroundings !== undefined && log.enabled && !choices.active;
  const messages = all && !initcallDebug ? surroundings.messages : [];
  const table = moveInitcalls(symbols.sort([...calls, ...messages]), ordering.initcalls);
  return all && initcallDebug ? addSurroundingInitcalls(table, surroundings.initcalls) : table;
}

/** `4M` and the like; the ring of the log is a power of two and never smaller. Linux: log_buf_len_setup() */
function growLogBuffer(kernel: Kernel, value: string): undefined {
  const [, number = "0", unit = ""] = /^(\d+)([kmg]?)/i.exec(value) ?? [];
  const size = Number(number) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase());
  while (kernel.log.bufferSize < size) kernel.log.bufferSize *= 2;
}

/** Images that are modelled and those that are merely there, in the order of the reference system's list. */
function listedImages({ images, surroundings }: KernelConfig): ModuleImage[] {
  const byFile = new Map(images.map((image) => [image.file ?? image.name, image]));
  return (surroundings?.loadable ?? []).flatMap((listed) =>
    typeof listed === "string" ? byFile.get(listed) ?? [] : listed
  );
}

/** Which modules are left to `modprobe`; `-` and `_` are the same. Throws `ENOENT` for one that is not there. */
function leftModules(
  { images }: Modules,
  asked: KernelConfig["modules"] = [],
): (name: string) => boolean {
  if (asked === "all") return () => true;
  const names = new Set(asked.map(canonicalParamName));
  for (const name of names) {
    if (images.has(name)) continue;
    throw new KernelError("ENOENT", `Cannot leave '${name}' to modprobe: there is no such module`);
  }
  return (name) => names.has(name);
}

/** Initcalls of the built-in images; the others wait for `modprobe`. */
function linkModules(kernel: Kernel, config: KernelConfig): Initcall[] {
  const modules = kernel.get(MODULES);
  const linked = [...CORE_IMAGES];
  for (const image of listedImages(config)) modules.images.set(image.name, image);
  for (const image of config.images) modules.images.set(image.name, image);
  const isLeft = leftModules(modules, config.modules);
  linked.push(...config.images.filter(({ name }) => !isLeft(name)));
  return linked.map((image) => {
    const { name, nameIn, level, fn } = image.init;
    const module = modules.addBuiltin(image);
    const called = nameIn?.(kernel.profile) ?? name;
    return { name: called, linkedAs: name, level, fn: (k) => fn(k, module) };
  });
}

/** The driver core comes to life. Linux: driver_init() */
async function driverInit(kernel: Kernel): Promise<undefined> {
  kernel.get(SYSFS);
  kernel.info("devtmpfs: initialized");
  sysfsFirmwareInit(kernel);
  await platformBusInit(kernel);
}
