/**
 * Modules: code that a kernel has built in or loads later, bound together by the symbols it exports
 * and needs.
 *
 * Linux: kernel/module/
 *
 * @module
 */
import { ASYNC } from "./async.ts";
import { SYSFS } from "./base/device.ts";
import type { DeviceDriver } from "./base/driver.ts";
import { kobjectSynthUevent, UEVENTS } from "./base/uevent.ts";
import { ERRNO, type Errno } from "./errno.ts";
import { KernelError } from "./errors.ts";
import { doOneInitcall, type Initcall, type InitcallLevel } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";
import { type Attribute, type AttributeGroup, Kobject } from "./kobject.ts";
import { type ModuleParam, parseBool } from "./module_param.ts";
import { NOTES_GROUP } from "./module_notes.ts";
import { sectionsGroup } from "./module_sections.ts";
import type { Profile } from "./profile.ts";
import { canonicalParamName, parseCmdline } from "./params.ts";
import { Slot } from "./slot.ts";

/** Where modules of the reference machine start; each follows the one before. */
const MODULES_START = 0xffffb000_00000000n;

/** The module that only groups parameters of the core. */
export const CORE_MODULE = "kernel";

/** A module in the kernel, as its own code sees it. Linux: struct module, THIS_MODULE */
export interface Module {
  /** The kernel that it is in. */
  readonly kernel: Kernel;
  /** Its name as `lsmod` shows it. */
  readonly name: string;
  /** It is a part of the kernel, not loaded. */
  readonly builtin: boolean;
  /** The code that it is. */
  readonly image: ModuleImage;
  /** What keeps it from being unloaded: open files and the like. Linux: try_module_get(), module_put() */
  refs: number;
  /** The value of one of its parameters, as its file shows it; empty for one that it does not have. */
  param(name: string): string;
  /**
   * Its drivers are probed beside other work, as somebody asked when it was loaded. Linux: async_probe_requested
   *
   * @internal
   */
  readonly asyncProbeRequested: boolean;
  /**
   * Links a driver and its module. Linux: module_add_driver()
   *
   * @internal
   */
  addDriver(driver: DeviceDriver): undefined;
  /**
   * Linux: module_remove_driver()
   *
   * @internal
   */
  removeDriver(driver: DeviceDriver): undefined;
}

/** A function of a module with its Linux name. */
export interface NamedInit {
  /** The name that messages and `initcall_blacklist=` use. */
  readonly name: string;
  /** Its name in kernels that call it otherwise. */
  readonly nameIn?: (profile: Profile) => string;
  /** Resolves to Linux's return value; a `KernelError` counts as its negative errno. */
  readonly fn: (kernel: Kernel, module: Module) => Promise<number | undefined>;
}

/** Code that can be built in or loaded: one `.ko`. */
export interface ModuleImage {
  /** Its name as `lsmod` shows it, with `_`. */
  readonly name: string;
  /** Name of its file without `.ko`. Default: its own. */
  readonly file?: string;
  /** Its init function, and the level at which that runs when it is built in. Linux: module_init() */
  readonly init: NamedInit & { readonly level: InitcallLevel };
  /** Undoes init; a module without one cannot be unloaded. Linux: module_exit() */
  readonly exit?: NamedInit;
  /** Symbols that others may use. */
  readonly exports?: readonly string[];
  /** Symbols that it needs of other modules. */
  readonly imports?: readonly string[];
  /** Modules that should come before and after it if there are any: `"pre: a post: b"`. Linux: MODULE_SOFTDEP() */
  readonly softdep?: string;
  /** Modules that it needs, in the order to load them, where that is not the order of its imports. */
  readonly needs?: readonly string[];
  /** Patterns of device names that it serves: `virtio:d00000002v*`. */
  readonly aliases?: readonly string[];
  /** What may be set when it is loaded, or as `NAME.PARAM=` on the command line when it is built in. */
  readonly params?: readonly ModuleParam[];
  /** Bytes it takes in memory, as `lsmod` shows. */
  readonly size?: number;
  /** What `modinfo` says that it is. Linux: MODULE_DESCRIPTION() */
  readonly description?: string;
  /** Who wrote what it follows. Linux: MODULE_AUTHOR() */
  readonly author?: string;
  /** The licence that `modinfo` shows. Linux: MODULE_LICENSE() */
  readonly license?: string;
  /**
   * What it does beside its init function, as text, so that an order found with other code is not taken for one of this.
   *
   * @internal
   */
  readonly code?: string;
}

/** A module in the kernel, loaded or built in. Linux: struct module */
export class ModuleObject extends Kobject implements Module {
  /** What its own events are about. */
  readonly subsystem = "module";
  /** Values of parameters that were set. */
  readonly values: Map<string, string> = new Map();
  /** Modules that use its symbols, oldest first. */
  readonly users: Set<ModuleObject> = new Set();
  /** References held by open devices and the like. */
  refs = 0;
  state: "coming" | "live" | "going" = "coming";
  /** Its drivers are probed beside other work, as somebody asked when it was loaded. Linux: async_probe_requested */
  asyncProbeRequested = false;
  readonly holders: Kobject = new Kobject("holders");
  readonly #driversDir = new Kobject("drivers");

  constructor(readonly kernel: Kernel, readonly image: ModuleImage, readonly builtin: boolean) {
    super(image.name);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    const groups: AttributeGroup<never>[] = this.builtin
      ? [BUILTIN_GROUP]
      : [MODULE_GROUP, NOTES_GROUP];
    const params = this.params.filter((param) => param.mode !== 0);
    if (params.length > 0) groups.push({ name: "parameters", attrs: params.map(paramAttribute) });
    return groups;
  }

  /** The parameters that it has in this kernel. */
  get params(): readonly ModuleParam[] {
    const { params = [] } = this.image;
    return this.builtin ? params : params.filter((param) => param.builtinOnly !== true);
  }

  /** What `lsmod` shows as "used by": users and references. Linux: module_refcount() */
  get refcount(): number {
    return this.users.size + this.refs;
  }

  /** Where it lies, as the kernel prints it. */
  get address(): string {
    let at = MODULES_START;
    for (const other of this.kernel.get(MODULES).loaded.reverse()) {
      if (other === this) break;
      at += BigInt(other.image.size ?? 0);
    }
    return `0x${at.toString(16).padStart(16, "0")}`;
  }

  /** The value of a parameter, as its file shows it. */
  param(name: string): string {
    const found = this.image.params?.find((param) => param.name === name);
    return found?.get?.(this.kernel) ?? this.values.get(name) ?? found?.default ?? "";
  }

  /** Makes its folder appear in `/sys/module`. */
  show(): undefined {
    if (this.parent === undefined) this.addTo(this.kernel.get(SYSFS).module);
  }

  /** Links a driver and its module. Linux: module_add_driver() */
  addDriver(driver: DeviceDriver): undefined {
    this.show();
    driver.addLink("module", this);
    if (this.#driversDir.parent === undefined) this.#driversDir.addTo(this);
    this.#driversDir.addLink(`${driver.bus.name}:${driver.name}`, driver);
  }

  /** Linux: module_remove_driver() */
  removeDriver(driver: DeviceDriver): undefined {
    driver.removeEntry("module");
    this.#driversDir.removeEntry(`${driver.bus.name}:${driver.name}`);
  }
}

const UEVENT_ATTR: Attribute<ModuleObject> = {
  name: "uevent",
  mode: 0o200,
  store: (module, value) => kobjectSynthUevent(module, value),
};

const BUILTIN_GROUP: AttributeGroup<ModuleObject> = { attrs: [UEVENT_ATTR] };

const MODULE_GROUP: AttributeGroup<ModuleObject> = {
  attrs: [
    UEVENT_ATTR,
    { name: "initstate", mode: 0o444, show: (module) => `${module.state}\n` },
    { name: "coresize", mode: 0o444, show: (module) => `${module.image.size ?? 0}\n` },
    { name: "initsize", mode: 0o444, show: () => "0\n" },
    { name: "taint", mode: 0o444, show: () => "\n" },
    { name: "refcnt", mode: 0o444, show: (module) => `${module.refcount}\n` },
  ],
};

function paramAttribute(param: ModuleParam): Attribute<ModuleObject> {
  return {
    name: param.name,
    mode: param.mode,
    show: (module) => {
      const value = module.param(param.name);
      return value.endsWith("\n") ? value : `${value}\n`;
    },
    store: (module, value) => setParam(module, param, value.trim()),
  };
}

async function setParam(
  module: ModuleObject,
  param: ModuleParam,
  value: string,
): Promise<undefined> {
  const parsed = param.parse?.(value) ?? value;
  module.values.set(param.name, parsed);
  await param.set?.(module.kernel, parsed);
}

/** It says no; anything else, even what is no answer, is a yes. */
function isNo(value: string | undefined): boolean {
  return value !== undefined && /^(n|0|of)/i.test(value);
}

/** The modules of one kernel. */
export class Modules {
  /** Everything that could be loaded, by name. */
  readonly images = new Map<string, ModuleImage>();
  /** Names of modules that are built in beside those that are modelled, each between blanks. Linux: modules.builtin */
  builtinNames = "";
  /** What is in the kernel: built in first, then loaded, oldest first. */
  readonly present = new Map<string, ModuleObject>();

  /** Drivers of modules are probed beside other work unless a module says otherwise. Linux: async_probe */
  asyncProbe: boolean;

  readonly #kernel: Kernel;
  #disabled = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const asked = kernel.params.all.findLast(({ name }) => name === "module.async_probe");
    this.asyncProbe = asked !== undefined && /^(y|t|1|on)/i.test(asked.value ?? "y");
  }

  /** Loaded modules, newest first, as `/proc/modules` lists them. */
  get loaded(): ModuleObject[] {
    return [...this.present.values()].filter((module) => !module.builtin).reverse();
  }

  /** The built-in or loaded module `name`; `-` and `_` are the same. */
  find(name: string): ModuleObject | undefined {
    return this.present.get(canonicalParamName(name));
  }

  /** The name is that of a module which is built in. */
  isBuiltin(name: string): boolean {
    const { builtin } = this.find(name) ?? {};
    return builtin ?? this.builtinNames.includes(` ${canonicalParamName(name)} `);
  }

  /** Makes a built-in module known. Its folder appears when it has something to show. */
  addBuiltin(image: ModuleImage): ModuleObject {
    const module = new ModuleObject(this.#kernel, image, true);
    module.state = "live";
    this.present.set(image.name, module);
    if (image.params?.some((param) => param.mode !== 0)) module.show();
    return module;
  }

  /** Modules whose symbols `image` needs, in the order to load them. Linux: depmod's modules.dep */
  dependencies(image: ModuleImage): ModuleImage[] {
    if (image.needs !== undefined) {
      return image.needs.flatMap((name) => this.images.get(name) ?? []);
    }
    const order: ModuleImage[] = [];
    const visit = (from: ModuleImage) => {
      for (const symbol of from.imports ?? []) {
        const provider = this.#provider(symbol);
        if (provider === undefined || order.includes(provider)) continue;
        visit(provider);
        order.push(provider);
      }
    };
    visit(image);
    return order;
  }

  #provider(symbol: string): ModuleImage | undefined {
    for (const image of this.images.values()) if (image.exports?.includes(symbol)) return image;
    return undefined;
  }

  #checkAllowed(): undefined {
    this.#kernel.access?.("modules disabled", "", "read");
    if (!this.disabled) return;
    throw new KernelError("EPERM", "this kernel was told to load and unload no more modules");
  }

  /** No module comes or goes any more, as `nomodule` or `/proc/sys/kernel/modules_disabled` said. Linux: modules_disabled */
  get disabled(): boolean {
    return this.#disabled ||= this.#kernel.params.has("nomodule");
  }

  /** For ever. */
  disable(): undefined {
    this.#kernel.access?.("modules disabled", "", "write");
    this.#disabled = true;
  }

  /**
   * Loads one module and runs its init function.
   *
   * Linux: init_module()
   *
   * @param args `name=value` words.
   * @throws {KernelError} `EPERM` with `nomodule` or when `module_blacklist=` names it, `EEXIST` when it is loaded, `ENOENT` when a symbol is missing, `EINVAL` for a
   *   bad parameter, or what init returned.
   */
  async insert(image: ModuleImage, args = ""): Promise<ModuleObject> {
    const kernel = this.#kernel;
    if (kernel.kconfig.MODULES === false) {
      throw new KernelError("ENOSYS", `${image.name}: this kernel loads no modules`);
    }
    this.#checkAllowed();
    kernel.access?.("module", image.name, "write");
    if (kernel.params.getAll("module_blacklist").at(-1)?.split(",").includes(image.name)) {
      kernel.err(`Module ${image.name} is blacklisted`);
      throw new KernelError("EPERM", `${image.name}: module_blacklist= names it`);
    }
    if (this.present.has(image.name)) {
      throw new KernelError("EEXIST", `${image.name}: is loaded already`);
    }
    const used = this.#resolve(image);
    kernel.failable(`memory for the module ${image.name}`);
    kernel.clock.advanceByNs(kernel.costs.moduleLoad);
    const module = new ModuleObject(kernel, image, false);
    module.asyncProbeRequested = this.asyncProbe;
    kernel.access?.("module list", "", "append");
    this.present.set(image.name, module);
    module.show();
    module.holders.addTo(module);
    module.addGroup(sectionsGroup(image.name));
    for (const user of new Set(used)) {
      user.users.add(module);
      user.holders.addLink(module.name, module);
    }
    try {
      await this.#setParams(module, args);
      await this.#init(module);
    } catch (error) {
      this.#drop(module);
      throw error;
    }
    module.state = "live";
    module.noteState("insert");
    kernel.get(UEVENTS).send("add", module.path, "module", [], () => []);
    if (!module.asyncProbeRequested) await kernel.get(ASYNC).synchronizeFull();
    return module;
  }

  /** The modules that have the symbols; each symbol that none has is named. Linux: simplify_symbols() */
  #resolve(image: ModuleImage): ModuleObject[] {
    const { imports = [] } = image;
    for (const symbol of imports) this.#kernel.access?.("symbol", symbol, "read");
    const providers = imports.map((symbol) => this.present.get(this.#provider(symbol)?.name ?? ""));
    const missing = imports.filter((_, i) => providers[i] === undefined);
    for (const symbol of missing) {
      this.#kernel.warn(`${image.name}: Unknown symbol ${symbol} (err -2)`);
    }
    if (missing.length > 0) {
      throw new KernelError("ENOENT", `${image.name}: needs the symbol ${missing.join(", ")}`);
    }
    return providers as ModuleObject[];
  }

  async #setParams(module: ModuleObject, args: string): Promise<undefined> {
    const { image } = module;
    for (const { name, value } of parseCmdline(args)) {
      const param = module.params.find((known) => known.name === name);
      if (param === undefined) this.#unknownParam(module, name, value);
      else await this.#setParam(module, param, value, image.name, name);
    }
  }

  /** What every module takes, and what none does. Linux: unknown_module_param_cb() */
  #unknownParam(module: ModuleObject, name: string, value: string | undefined): undefined {
    if (name === "async_probe") module.asyncProbeRequested = !isNo(value);
    else if (name !== "dyndbg") {
      this.#kernel.warn(`${module.name}: unknown parameter '${name}' ignored`);
    }
  }

  /**
   * Sets a parameter that was given in a list of words.
   *
   * Linux: parse_one(), parse_args()
   *
   * @param doing What the message about a bad value starts with.
   * @param given The parameter as it was named.
   */
  async #setParam(
    module: ModuleObject,
    param: ModuleParam,
    value: string | undefined,
    doing: string,
    given: string,
  ): Promise<undefined> {
    try {
      if (value === undefined && param.parse !== parseBool) {
        throw new KernelError("EINVAL", `${module.name}: ${param.name} needs a value`);
      }
      await setParam(module, param, value ?? "1");
    } catch (error) {
      if (error instanceof KernelError) {
        this.#kernel.err(`${doing}: \`${value ?? ""}' invalid for parameter \`${given}'`);
      }
      throw error;
    }
  }

  async #init(module: ModuleObject): Promise<undefined> {
    const { init } = module.image;
    let failure: unknown;
    const call: Initcall = {
      name: init.nameIn?.(this.#kernel.profile) ?? init.name,
      linkedAs: init.name,
      level: init.level,
      module: module.name,
      fn: async (kernel) => {
        try {
          return await init.fn(kernel, module);
        } catch (error) {
          failure = error;
          throw error;
        }
      },
    };
    const result = await doOneInitcall(this.#kernel, call);
    if (failure !== undefined) throw failure;
    if (result < 0) {
      const code = (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === -result);
      throw new KernelError(code ?? "EINVAL", `${module.name}: ${init.name} answered ${result}`);
    }
    if (result > 0) {
      this.#kernel.warn(
        `do_init_module: '${module.name}'->init suspiciously returned ${result}, it should follow 0/-E convention\n` +
          "do_init_module: loading module anyway...",
      );
    }
  }

  #drop(module: ModuleObject): undefined {
    for (const other of this.present.values()) {
      if (other.users.delete(module)) other.holders.removeEntry(module.name);
    }
    this.#kernel.access?.("module list", "", "write");
    this.present.delete(module.name);
    // A module whose init failed was never announced.
    if (module.state === "going") {
      this.#kernel.get(UEVENTS).send("remove", module.path, "module", [], () => []);
    }
    module.remove();
  }

  /**
   * Unloads one module.
   *
   * Linux: delete_module()
   *
   * @throws {KernelError} `EPERM` with `nomodule`, `ENOENT` when it is not loaded, `EAGAIN` while somebody uses it, `EBUSY`
   *   without an exit function, or while it comes or goes; one whose exit function threw goes for ever.
   */
  async remove(name: string): Promise<undefined> {
    this.#checkAllowed();
    const module = this.find(name);
    if (module === undefined || module.builtin) {
      throw new KernelError("ENOENT", `${name}: is not loaded`);
    }
    if (module.users.size > 0) throw new KernelError("EAGAIN", `${name}: others need it`);
    if (module.state !== "live") throw new KernelError("EBUSY", `${name}: is ${module.state}`);
    if (module.image.exit === undefined) {
      throw new KernelError("EBUSY", `${name}: cannot be unloaded`);
    }
    if (module.refs > 0) throw new KernelError("EAGAIN", `${name}: is in use`);
    module.state = "going";
    this.#kernel.access?.("module", module.name, "write");
    await module.image.exit.fn(this.#kernel, module);
    await this.#kernel.get(ASYNC).synchronizeFull();
    this.#drop(module);
  }

  /**
   * Sets the parameters of built-in modules whose turn it is, in the order of the command line.
   *
   * Linux: parse_args() in start_kernel() and do_initcall_level()
   *
   * @param level The level that begins; `undefined` long before the first one.
   */
  async setBuiltinParams(level: string | undefined): Promise<undefined> {
    for (const { name: given, value } of this.#kernel.params.all) {
      const dot = given.indexOf(".");
      const module = this.present.get(dot < 0 ? CORE_MODULE : given.slice(0, dot));
      const param = module?.image.params?.find(({ name }) => name === given.slice(dot + 1));
      if (module?.builtin !== true || param === undefined || param.level !== level) continue;
      const doing = level ?? "Booting kernel";
      await this.#setParam(module, param, value, doing, given).catch(ignoreKernelError);
    }
  }
}

/** A bad parameter of built-in code is logged, not fatal. */
function ignoreKernelError(error: unknown): undefined {
  if (!(error instanceof KernelError)) throw error;
}

/** The modules of a kernel. */
export const MODULES: Slot<Modules> = new Slot("modules", (kernel) => new Modules(kernel));

/**
 * The module called `name`, built in or loaded.
 *
 * Linux: THIS_MODULE
 *
 * @throws {KernelError} `ENOENT` when there is none.
 */
export function thisModule(kernel: Kernel, name: string): Module {
  const module = kernel.get(MODULES).find(name);
  if (module === undefined) {
    throw new KernelError("ENOENT", `${name}: no such module in this kernel`);
  }
  return module;
}
