/**
 * Devices, classes and what they show in sysfs.
 *
 * Linux: include/linux/device.h, drivers/base/core.c, drivers/base/class.c
 *
 * @module
 */
import type { Errno } from "../errno.ts";
import { errnoOf, KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type AttributeGroup, Kobject } from "../kobject.ts";
import type { DeviceNode } from "../of/node.ts";
import { Registry } from "../registry.ts";
import type { DeviceTree } from "../of/tree.ts";
import { ofDeviceUevent } from "../of/device.ts";
import { Slot } from "../slot.ts";
import type { SpecialFile } from "../vfs/node.ts";
import type { WaitQueue } from "../wait.ts";
import type { Bus } from "./bus.ts";
import { Devres } from "./devres.ts";
import { DevicePower, type PmOps, POWER_GROUP } from "./power.ts";
import { kobjectSynthUevent, type UeventAction, UEVENTS } from "./uevent.ts";
import type { DeviceDriver } from "./driver.ts";
import type { Fwnode } from "./fwnode.ts";
import type { DeviceLink } from "./links.ts";

/** A kind of device as user space sees it: `block`, `net`, `tty`. Linux: struct class */
export interface Class {
  readonly name: string;
  /** Groups that every device of the class has. */
  readonly devGroups?: readonly AttributeGroup<never>[];
  /** Words of its own for events. */
  uevent?(dev: Device): readonly string[];
  /** Path below `/dev`, where it differs from the device's name. Linux: class.devnode */
  devnode?(dev: Device): string;
  /** What its devices do when the machine goes to sleep. */
  readonly pm?: PmOps;
  /** Each network namespace has its own names, so a child never hangs directly below a parent of the class. */
  readonly namespaced?: boolean;
}

/** A kind of device within a bus or class: `disk`, `partition`. Linux: struct device_type */
export interface DeviceType {
  readonly name?: string;
  readonly groups?: readonly AttributeGroup<never>[];
  /** What its devices do when the machine goes to sleep. */
  readonly pm?: PmOps;
  uevent?(dev: Device): readonly string[];
}

/** The number and node of a device file. */
export interface Devt {
  readonly major: number;
  readonly minor: number;
  /** What opens when the node does. */
  readonly node: SpecialFile;
}

/** Where things hang in `/sys`. */
export interface SysfsRoots {
  readonly devices: Kobject;
  readonly virtual: Kobject;
  readonly bus: Kobject;
  readonly class: Kobject;
  readonly module: Kobject;
  readonly block: Kobject;
  readonly devChar: Kobject;
  readonly devBlock: Kobject;
  readonly kernel: Kobject;
  readonly firmware: Kobject;
}

/** Makes a folder below an object. Linux: kobject_create_and_add() */
export function addDir(parent: Kobject, name: string): Kobject {
  const kobj = new Kobject(name);
  kobj.addTo(parent);
  return kobj;
}

/** The well-known folders of `/sys`. Linux: devices_init(), buses_init(), classes_init() */
export const SYSFS: Slot<SysfsRoots> = new Slot("sysfs", (kernel) => {
  const devices = addDir(kernel.sysfs, "devices");
  const dev = addDir(kernel.sysfs, "dev");
  const debug = addDir(kernel.sysfs, "kernel");
  debug.addEntry("debug", kernel.debugfs);
  return {
    devices,
    virtual: addDir(devices, "virtual"),
    bus: addDir(kernel.sysfs, "bus"),
    class: addDir(kernel.sysfs, "class"),
    module: addDir(kernel.sysfs, "module"),
    block: addDir(kernel.sysfs, "block"),
    devChar: addDir(dev, "char"),
    devBlock: addDir(dev, "block"),
    kernel: debug,
    firmware: addDir(kernel.sysfs, "firmware"),
  };
});

/** All devices of a kernel in the order in which they would be shut down, last first. Linux: devices_kset */
export const DEVICES: Slot<Set<Device>> = new Slot("devices", () => new Set());

/** The registered classes by name, with their folder. */
export const CLASSES: Slot<Map<string, Kobject>> = new Slot(
  "classes",
  (kernel) => new Registry(kernel, "class"),
);

/** Makes a class known: `/sys/class/NAME`. Linux: class_register() */
export function classRegister(kernel: Kernel, cls: Class): undefined {
  const classes = kernel.get(CLASSES);
  if (classes.has(cls.name)) {
    throw new KernelError("EEXIST", `class ${cls.name} is registered already`);
  }
  const folder = addDir(kernel.get(SYSFS).class, cls.name);
  classes.set(cls.name, folder);
  kernel.get(UEVENTS).send("add", folder.path, "class", [], () => []);
}

/** Takes a class away. Linux: class_unregister() */
export function classUnregister(kernel: Kernel, cls: Class): undefined {
  const folder = kernel.get(CLASSES).get(cls.name);
  if (folder === undefined) return;
  kernel.get(UEVENTS).send("remove", folder.path, "class", [], () => []);
  folder.remove();
  kernel.get(CLASSES).delete(cls.name);
}

const DEVICE_GROUP: AttributeGroup<Device> = {
  attrs: [
    {
      name: "uevent",
      mode: 0o644,
      show: (dev) => dev.subsystem === "" ? "" : dev.ueventKeys().map((key) => `${key}\n`).join(""),
      store: (dev, value) => ueventStore(dev, value),
    },
  ],
};

/** Linux: uevent_store() */
function ueventStore(dev: Device, value: string): undefined {
  try {
    kobjectSynthUevent(dev, value);
  } catch (error) {
    devErr(dev, `uevent: failed to send synthetic uevent: -${errnoOf(error)}`);
    throw error;
  }
}

const DEV_GROUP: AttributeGroup<Device> = {
  attrs: [{ name: "dev", mode: 0o444, show: (dev) => `${dev.devt?.major}:${dev.devt?.minor}\n` }],
};

const STATE_SYNCED_GROUP: AttributeGroup<Device> = {
  attrs: [{ name: "state_synced", mode: 0o444, show: (dev) => `${dev.stateSynced ? 1 : 0}\n` }],
};

/** Where a device stands with its driver, as far as links go. Linux: enum dl_dev_state */
export type LinkStatus = "no driver" | "probing" | "bound" | "unbinding";

/** The links of a device, oldest first. Linux: struct dev_links_info */
export interface DeviceLinks {
  /** To devices that it needs. */
  readonly suppliers: DeviceLink[];
  /** To devices that need it. */
  readonly consumers: DeviceLink[];
}

/** A device in the hands of its driver. Linux: struct device */
export interface BoundDevice {
  /** The kernel that it belongs to. */
  readonly kernel: Kernel;
  /** Its name in `/sys/bus/…/devices`: `virtio0`. Linux: dev_name() */
  readonly name: string;
  /** Its folder below `/sys`: `/devices/platform/a003e00.virtio_mmio/virtio0`. */
  readonly path: string;
  /** What its messages start with: `virtio_rng virtio0`. Linux: dev_driver_string(), dev_name() */
  readonly logName: string;
  /**
   * Name of its bus or class, empty without either.
   *
   * @internal
   */
  readonly subsystem: string;
  /**
   * The driver that it is bound to, or that looks it over right now.
   *
   * @internal
   */
  readonly driver: DeviceDriver | undefined;
  /**
   * Why its probe was put off; {@linkcode devErrProbe} notes it.
   *
   * @internal
   */
  deferReason: string;
  /**
   * What the driver acquired; {@linkcode devmAddAction} adds to it.
   *
   * @internal
   */
  readonly devres: Devres;
}

/**
 * A device. Kinds of devices extend it, as they embed `struct device` in Linux.
 *
 * Linux: struct device
 */
export class Device extends Kobject implements BoundDevice {
  /** The device above it in the tree. */
  parentDevice: Device | undefined;
  bus: Bus | undefined;
  cls: Class | undefined;
  type: DeviceType | undefined;
  /** The driver that it is bound to, or that looks it over right now. */
  driver: DeviceDriver | undefined;
  /** True from the end of a successful probe to the start of the removal. */
  bound = false;
  ofNode: DeviceNode | undefined;
  /** The node whose needs are the device's; that of a device of the device tree. Linux: dev_fwnode() */
  fwnode: Fwnode | undefined;
  /** Where it stands with its driver, for its links. */
  linkStatus: LinkStatus = "no driver";
  /** Its links to other devices; most have none. */
  links: DeviceLinks | undefined;
  /** It heard that all its consumers are there. */
  stateSynced = false;
  /** Devices right below it, oldest first; most have none. Linux: klist_children */
  childDevices: Set<Device> | undefined;
  /** It takes no part in power management. Linux: device_set_pm_not_required() */
  pmNotRequired = false;
  devt: Devt | undefined;
  /** Groups of this device alone, set before `deviceAdd()`. */
  groups: readonly AttributeGroup<never>[] = [];
  /** The driver's own data. Linux: dev_get_drvdata() */
  drvdata: unknown;
  /** What the driver acquired. */
  readonly devres: Devres = new Devres();
  /** Why its probe was put off, for `devices_deferred`. */
  deferReason = "";
  /** It was taken out; nothing may bind to it any more. */
  dead = false;
  /** It matched some driver once. Linux: dev->can_match */
  canMatch = false;
  registered = false;
  /** A task binds or releases it right now. Linux: dev->mutex */
  locked = false;
  /** Tasks that wait for that to end; most devices never have any. */
  lockWaiters: WaitQueue | undefined;
  /** The driver that is about to look at it beside other work. Linux: device_private.async_driver */
  asyncDriver: DeviceDriver | undefined;
  /** Its events are not sent: not everything that they announce is there yet. Linux: dev_set_uevent_suppress() */
  ueventSuppress = false;

  #power: DevicePower | undefined;

  constructor(readonly kernel: Kernel, name = "") {
    super(name);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    const groups: AttributeGroup<never>[] = [DEVICE_GROUP];
    if (!this.pmNotRequired) groups.push(POWER_GROUP);
    if (this.devt !== undefined) groups.push(DEV_GROUP);
    if (this.bus?.type.devGroups !== undefined) groups.push(...this.bus.type.devGroups);
    if (this.cls?.devGroups !== undefined) groups.push(...this.cls.devGroups);
    if (this.type?.groups !== undefined) groups.push(...this.type.groups);
    if (this.bound && this.driver?.ops.devGroups !== undefined) {
      groups.push(...this.driver.ops.devGroups);
    }
    if (this.bound && hasSyncState(this)) groups.push(STATE_SYNCED_GROUP);
    groups.push(...this.groups);
    return groups;
  }

  /** Its power management; most devices never use it. */
  get power(): DevicePower {
    return this.#power ??= new DevicePower();
  }

  /** Name of its bus or class, empty without either. */
  get subsystem(): string {
    return this.cls?.name ?? this.bus?.type.name ?? "";
  }

  /** What its messages start with: `virtio_blk virtio0`. Linux: dev_driver_string(), dev_name() */
  get logName(): string {
    return `${this.driver?.name ?? this.subsystem} ${this.name}`.trimStart();
  }

  /** Path of its node below `/dev`. Linux: device_get_devnode() */
  get devnode(): string {
    return this.cls?.devnode?.(this) ?? this.name.replaceAll("!", "/");
  }

  /** `KEY=value` words of its events. Linux: dev_uevent() */
  ueventKeys(): string[] {
    const keys: string[] = [];
    if (this.devt !== undefined) {
      keys.push(`MAJOR=${this.devt.major}`, `MINOR=${this.devt.minor}`, `DEVNAME=${this.devnode}`);
      if (this.devt.node.mode !== 0o600) keys.push(`DEVMODE=0${this.devt.node.mode.toString(8)}`);
    }
    if (this.type?.name !== undefined) keys.push(`DEVTYPE=${this.type.name}`);
    if (this.driver !== undefined) keys.push(`DRIVER=${this.driver.name}`);
    if (this.ofNode !== undefined) {
      keys.push(...ofDeviceUevent(this.kernel.tree as DeviceTree, this.ofNode));
    }
    if (this.bus?.type.uevent !== undefined) keys.push(...this.bus.type.uevent(this));
    if (this.cls?.uevent !== undefined) keys.push(...this.cls.uevent(this));
    if (this.type?.uevent !== undefined) keys.push(...this.type.uevent(this));
    return keys;
  }

  /** Called when the device is gone. Linux: device_release() */
  release(): undefined {}
}

/** Its driver wants to know when all consumers are there. Linux: dev_has_sync_state() */
export function hasSyncState({ bus, driver }: Device): boolean {
  return driver?.ops.syncState !== undefined || bus?.type.syncState !== undefined;
}

/** Sends an event about a device; one without bus and class sends none. Linux: kobject_uevent() */
export function deviceUevent(
  dev: Device,
  action: UeventAction,
  extra: readonly string[] = [],
): undefined {
  if (dev.subsystem === "" || dev.ueventSuppress) return;
  dev.kernel.get(UEVENTS).sendAbout(dev, action, extra);
}

/**
 * Has something done, newest first, when the probe that runs now fails, and otherwise after the driver let the device
 * go.
 *
 * Linux: devm_add_action()
 */
export function devmAddAction(dev: BoundDevice, action: () => undefined): undefined {
  dev.devres.add("devm_action_release", action);
}

/** Prints a message about a device at a level. Linux: dev_printk() */
export function devPrintk(level: number, dev: BoundDevice, text: string): undefined {
  if (dev.kernel.log.enabled) dev.kernel.log.print(level, `${dev.logName}: ${text}`);
}
/** Prints an error about a device: `virtio_rng virtio0: TEXT`. Linux: dev_err() */
export function devErr(dev: BoundDevice, text: string): undefined {
  devPrintk(3, dev, text);
}
/**
 * Says why a probe cannot go on, and makes the error to throw. A probe that is put off says it in
 * `devices_deferred` instead.
 *
 * Linux: dev_err_probe()
 *
 * @param text Why, for people: `"the clock is not there yet"`.
 */
export function devErrProbe(dev: BoundDevice, code: Errno, text: string): KernelError {
  if (code === "EPROBE_DEFER") setDeferReason(dev, text);
  else devErr(dev, `error -${code}: ${text}`);
  return new KernelError(code, `${dev.name}: ${text}`);
}
/** Notes for `devices_deferred` why a probe is put off. Linux: device_set_deferred_probe_reason() */
export function setDeferReason(dev: BoundDevice, text: string): undefined {
  dev.kernel.access?.("deferred reason", dev.path, "write");
  dev.deferReason = `${dev.driver?.name ?? dev.subsystem}: ${text}`;
  const said = `error -EPROBE_DEFER: ${text}`;
  dev.kernel.dyndbg?.dev("drivers/base/core.c", "__dev_probe_failed", dev, said);
}
/** Prints a warning about a device. Linux: dev_warn() */
export function devWarn(dev: BoundDevice, text: string): undefined {
  devPrintk(4, dev, text);
}
/** Prints a message about a device that is no complaint. Linux: dev_info() */
export function devInfo(dev: BoundDevice, text: string): undefined {
  devPrintk(6, dev, text);
}
