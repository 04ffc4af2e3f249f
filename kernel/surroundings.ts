/**
 * What user space sees of the reference kernel's parts that are not modelled: names, and no behaviour. They
 * stand behind what is modelled and are made when somebody looks, so that a boot does not pay for them, and
 * no part of the kernel ever meets them.
 *
 * @module
 */
import { Bus, BUSES, type BusType } from "./base/bus.ts";
import { type Class, CLASSES, Device } from "./base/device.ts";
import { parseStrangers, SYSTEM_PM } from "./base/dpm.ts";
import { DeviceDriver } from "./base/driver.ts";
import { fwDevlinkShow } from "./base/fw_devlink.ts";
import { PLATFORM_ROOT, PlatformDevice } from "./base/platform.ts";
import { UEVENTS } from "./base/uevent.ts";
import type { Initcall } from "./initcall.ts";
import type { Kernel } from "./kernel.ts";
import { ATTRIBUTE_SIZE, Kobject } from "./kobject.ts";
import { KernelError } from "./errors.ts";
import { type ModuleImage, ModuleObject, MODULES } from "./module.ts";
import { type ModuleParam, parseBool } from "./module_param.ts";
import { cpuCount } from "./proc/interrupts.ts";
import {
  type FileRow,
  fileRows,
  fillPlainDirectories,
  refuse,
  shownFile,
  type SurroundingFiles,
  unmodelledNode,
  wordsOf,
} from "./surroundings_files.ts";
import { rtcFiles, wakeupFiles } from "./rtc.ts";
import type { Directory, Inode, RegularFile } from "./vfs/node.ts";

/** The names, in the forms that `drivers/surroundings/` describes. */
export interface Surroundings extends SurroundingFiles {
  readonly busDrivers: Readonly<Record<string, string>>;
  readonly classes: string;
  readonly builtinModules: string;
  readonly builtinParameters: string;
  readonly sysFiles: string;
  /** All initcalls, for the log of `initcall_debug`. */
  readonly initcalls: string;
  /** How many events for user space they send before it starts, and how many more for each further processor. */
  readonly uevents: { readonly base: number; readonly perCpu: number };
  /** Devices that go to sleep and come back. */
  readonly sleepers: string;
  /** Modules that can be loaded, among those that are modelled, which are named by their files. */
  readonly loadable: readonly (ModuleImage | string)[];
  /** Initcalls that leave a line in every log. */
  readonly messages: readonly Initcall[];
  /** What every log says between the last initcall and init. */
  readonly beforeInit: readonly string[];
}

/** `/sys/kernel/btf`: types of the kernel and of each loaded module. Linux: btf_module_notify() */
class BtfDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o755;

  constructor(readonly kernel: Kernel) {}

  lookup(name: string): Inode | undefined {
    if (![...this.names()].includes(name)) return undefined;
    return shownFile({ path: name, mode: 0o444, content: "" });
  }

  *names(): Iterable<string> {
    yield "vmlinux";
    for (const { name } of this.kernel.get(MODULES).loaded) yield name;
  }
}

/** Devices that stand for the node of the platform device that they are a part of. */
const SHARE_NODES = ["bus/gpio", "class/pci_bus"];

/** Modules that only group parameters of the core. Linux: core_param(), early_param() */
const CORE_MODULES = ["kernel", "printk"];

/** Parameters of the core that have an effect here. Linux: kernel/printk/printk.c, kernel/module/main.c */
const LIVE_PARAMETERS: Readonly<Record<string, Pick<ModuleParam, "get" | "set">>> = {
  "module.async_probe": {
    get: (kernel) => kernel.get(MODULES).asyncProbe ? "Y" : "N",
    set: async (kernel, value) => {
      kernel.get(MODULES).asyncProbe = value === "Y";
    },
  },
  "printk.time": {
    get: ({ log }) => log.stamps ? "Y" : "N",
    set: async ({ log }, value) => {
      log.stamps = value === "Y";
    },
  },
  "printk.ignore_loglevel": {
    get: ({ log }) => log.ignoreLoglevel ? "Y" : "N",
    set: async ({ log }, value) => {
      log.ignoreLoglevel = value === "Y";
    },
  },
};

/** Makes the tree that stands behind `/sys`. Its objects have the paths that they would have there. */
class Shadow {
  readonly root = new Kobject("sys");
  readonly #buses = new Map<string, Bus>();
  readonly #drivers = new Map<string, DeviceDriver>();

  constructor(readonly kernel: Kernel, readonly names: Surroundings) {
    for (const name of wordsOf(names.classes)) this.#folder(`class/${name}`);
    for (const [bus, drivers] of Object.entries(names.busDrivers)) this.#addBus(bus, drivers);
    for (const row of names.devices.trim().split("\n")) this.#addDevice(row.split(" "));
    for (const row of names.builtinParameters.trim().split("\n")) this.#addModule(row);
    this.#folder("kernel").addEntry("btf", new BtfDirectory(kernel));
    this.#addCpus(cpuCount(kernel));
    for (const row of fileRows(names.sysFiles)) {
      if (row.path.endsWith("/")) this.#folder(row.path.slice(0, -1));
      else this.#addFile(row);
    }
  }

  /** The folder at a path; missing ones are made. */
  #folder(path: string): Kobject {
    return path.split("/").reduce((above: Kobject, name) => {
      const found = above.entry(name);
      if (found instanceof Kobject) return found;
      const made = new Kobject(name);
      made.addTo(above);
      return made;
    }, this.root);
  }

  /** Linux: drivers/base/cpu.c */
  #addCpus(count: number): undefined {
    const content = count === 1 ? "0\n" : `0-${count - 1}\n`;
    for (const name of ["online", "possible", "present"]) {
      this.#addFile({ path: `devices/system/cpu/${name}`, mode: 0o444, content });
    }
    for (let cpu = 0; cpu < count; cpu++) this.#addDevice([`system/cpu/cpu${cpu}`, "bus/cpu"]);
  }

  #addFiles(kobj: Kobject, files: Readonly<Record<string, RegularFile>>): undefined {
    for (const [name, file] of Object.entries(files)) {
      kobj.addEntry(name, { ...file, size: ATTRIBUTE_SIZE });
    }
  }

  #addFile(row: FileRow): undefined {
    const at = row.path.lastIndexOf("/");
    const inode = { ...shownFile(row), size: ATTRIBUTE_SIZE };
    this.#folder(row.path.slice(0, at)).addEntry(row.path.slice(at + 1), inode);
  }

  #addBus(name: string, drivers: string): undefined {
    const known = this.kernel.get(BUSES).get(name);
    const type: BusType = {
      name,
      match: () => false,
      probe: async () => refuse(),
      remove: async () => undefined,
    };
    const bus = known ?? new Bus(this.kernel, type);
    if (known === undefined) {
      bus.addTo(this.#folder("bus"));
      bus.devicesDir.addTo(bus);
      bus.driversDir.addTo(bus);
    }
    this.#buses.set(name, bus);
    for (const word of wordsOf(drivers)) this.#addDriver(bus, word.replaceAll("~", " "));
  }

  #addDriver(bus: Bus, word: string): undefined {
    const name = word.replace(/^-/, "");
    const ops = {
      name,
      suppressBindAttrs: word.startsWith("-"),
      idTable: [],
      probe: async () => refuse(),
    };
    const driver = new DeviceDriver(this.kernel, ops, bus, undefined);
    driver.addTo(this.#folder(`bus/${bus.name}/drivers`));
    this.#drivers.set(`${bus.name}/${name}`, driver);
  }

  /** Adds a device and its links, if what it sits on is there. */
  #addDevice([path, subsystem = "-", driver = "-", devt]: string[]): undefined {
    const names = path.split("/");
    const name = names.pop() as string;
    const above = names.join("/");
    if (names.length > 1 && names[0] === "platform" && !this.#hasPlatformDevice(names[1])) return;
    const [kind, of] = subsystem.split("/");
    if (driver !== "-" && kind === "-") return this.#bindReal(name, driver);
    const bus = kind === "bus" ? this.#buses.get(of) : undefined;
    const dev = bus?.name === "platform"
      ? new PlatformDevice(this.kernel, name)
      : new Device(this.kernel, name);
    dev.addTo(this.#folder(above === "" ? "devices" : `devices/${above}`));
    if (SHARE_NODES.includes(subsystem)) this.#shareNode(dev, names[1]);
    if (devt !== undefined) this.#addNumber(dev, devt);
    if (bus !== undefined) this.#addToBus(dev, bus, driver);
    if (kind === "class") this.#addToClass(dev, of, names);
    if (subsystem === "class/rtc") this.#addFiles(dev, rtcFiles(this.kernel));
    if (subsystem === "class/wakeup") {
      dev.pmNotRequired = true;
      this.#addFiles(dev, wakeupFiles(this.kernel, names.at(-2) as string));
    }
  }

  /** Linux: gpiochip_add_data(), pci_set_bus_of_node() */
  #shareNode(dev: Device, platformDevice: string): undefined {
    const owner = this.kernel.get(PLATFORM_ROOT).entry(platformDevice);
    if (!(owner instanceof Device)) return;
    dev.fwnode = owner.fwnode;
    fwDevlinkShow(dev);
  }

  #hasPlatformDevice(name: string): boolean {
    return this.kernel.get(PLATFORM_ROOT).entry(name) !== undefined ||
      this.#folder("devices/platform").entry(name) !== undefined;
  }

  #addNumber(dev: Device, devt: string): undefined {
    const [major, minor] = devt.split(":").map(Number);
    dev.devt = { major, minor, node: unmodelledNode(major, minor) };
    this.#folder("dev/char").addLink(devt, dev);
  }

  #addToBus(dev: Device, bus: Bus, driver: string): undefined {
    dev.bus = bus;
    dev.addLink("subsystem", bus);
    this.#folder(`bus/${bus.name}/devices`).addLink(dev.name, dev);
    if (driver !== "-") this.#bind(dev, driver);
  }

  /** Links of a device that is modelled, though its driver is not. */
  #bindReal(name: string, driver: string): undefined {
    if (this.kernel.get(PLATFORM_ROOT).entry(name) === undefined) return;
    this.#bind(this.#folder(`devices/platform/${name}`), driver);
  }

  #bind(dev: Kobject, name: string): undefined {
    const driver = this.#drivers.get(`platform/${name}`);
    if (driver === undefined) return;
    dev.addLink("driver", driver);
    driver.addLink(dev.name, dev);
    if (dev instanceof Device) dev.driver = driver;
  }

  #addToClass(dev: Device, name: string, above: readonly string[]): undefined {
    const cls: Class = { name };
    dev.cls = cls;
    const folder = this.kernel.get(CLASSES).get(name) ?? this.#folder(`class/${name}`);
    this.#folder(`class/${name}`).addLink(dev.name, dev);
    dev.addLink("subsystem", folder);
    if (above[0] === "virtual") return;
    const parent = above.at(-1) === name ? above.slice(0, -1) : above;
    dev.addLink("device", this.#folder(["devices", ...parent].join("/")));
  }

  #addModule(row: string): undefined {
    const [name, ...parameters] = row.split("|");
    const params = parameters.map((parameter): ModuleParam => {
      const [param, mode, ...words] = parameter.split(" ");
      const value = words.join(" ");
      return {
        name: param,
        mode: parseInt(mode, 8),
        default: value,
        ...(/^[YN]$/.test(value) ? { parse: parseBool } : {}),
        ...LIVE_PARAMETERS[`${name}.${param}`],
      };
    });
    const init: ModuleImage["init"] = { name, level: "device", fn: async () => 0 };
    const module = new ModuleObject(this.kernel, { name, init, params }, true);
    for (const { name: param, parse } of params) {
      const { params: given } = this.kernel;
      // Parameters of the core have no module's name before them.
      const core = CORE_MODULES.includes(name) && given.has(param)
        ? given.get(param) ?? "Y"
        : undefined;
      const value = core ?? given.get(`${name}.${param}`);
      if (value !== undefined) {
        module.values.set(param, accepted(value, parse) ?? module.param(param));
      }
    }
    module.addTo(this.#folder("module"));
  }
}

/** A value as it is shown; `undefined` for one that the parameter does not take. */
function accepted(value: string, parse: ModuleParam["parse"]): string | undefined {
  try {
    return parse === undefined ? value : parse(value);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/** The tree behind `/sys`, made at the first look. */
class LazyShadow {
  #shadow: Shadow | undefined;

  constructor(readonly kernel: Kernel, readonly names: Surroundings) {}

  get root(): Kobject {
    return (this.#shadow ??= new Shadow(this.kernel, this.names)).root;
  }
}

/**
 * Puts the surroundings behind what is modelled. Nothing is made before somebody looks, but the events that they
 * sent have their numbers.
 */
export function showSurroundings(kernel: Kernel, names: Surroundings): undefined {
  const { base, perCpu } = names.uevents;
  kernel.get(UEVENTS).seqnum += base + perCpu * (cpuCount(kernel) - 1);
  kernel.get(SYSTEM_PM).strangers = parseStrangers(names.sleepers);
  kernel.get(MODULES).builtinNames = ` ${wordsOf(names.builtinModules).join(" ")} `;
  kernel.sysfs.behind = new LazyShadow(kernel, names);
  fillPlainDirectories(kernel, names);
}
