/**
 * Buses: the lists of devices and drivers, and the files through which user space binds them.
 *
 * Linux: drivers/base/bus.c
 *
 * @module
 */
import type { Errno } from "../errno.ts";
import { KernelBug, KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";
import type { MightSleep } from "../might_sleep.ts";
import { KERN_ALERT } from "../printk.ts";
import { Registry } from "../registry.ts";
import { Slot } from "../slot.ts";
import {
  deviceAttach,
  deviceDriverAttach,
  driverAttach,
  driverDetach,
  releaseDriver,
} from "./dd.ts";
import { type Device, SYSFS } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";
import { matchDevice, noteDriver } from "./match.ts";
import type { PmOps } from "./power.ts";
import { kobjectSynthUevent, UEVENTS } from "./uevent.ts";

/** What a bus does. Linux: struct bus_type */
export interface BusType {
  readonly name: string;
  /** True when the driver fits. Throws `EPROBE_DEFER` when that cannot be said yet. */
  match(dev: Device, driver: DeviceDriver): boolean;
  /**
   * Looks a matched device over.
   *
   * @returns An errno when the device is not what it seemed and that is no error worth a word.
   * @throws {KernelError} When the probe fails.
   */
  probe(dev: Device): MightSleep<Errno | undefined>;
  remove(dev: Device): Promise<undefined>;
  shutdown?(dev: Device): Promise<undefined>;
  /** Hears in place of the drivers that every device that needs this one has a driver. */
  syncState?(dev: Device): Promise<undefined>;
  /** Words of its own for events. */
  uevent?(dev: Device): readonly string[];
  readonly devGroups?: readonly AttributeGroup<never>[];
  /** What its devices do when the machine goes to sleep. */
  readonly pm?: PmOps;
  /** Words by which drivers know the device: it can only meet a driver that shares one. Default: any driver. */
  deviceKeys?(dev: Device): readonly string[];
  /** Words by which the driver knows devices. */
  driverKeys?(driver: DeviceDriver): readonly string[];
}

const BUS = "drivers/base/bus.c";

/** The registered buses by name. */
export const BUSES: Slot<Map<string, Bus>> = new Slot(
  "buses",
  (kernel) => new Registry(kernel, "bus"),
);

/** What `echo 0 >` and other words mean to a switch. Linux: kstrtobool() is not used here */
function parseSwitch(value: string): boolean {
  return !value.startsWith("0");
}

const BUS_GROUP: AttributeGroup<Bus> = {
  attrs: [
    {
      name: "drivers_autoprobe",
      mode: 0o644,
      show: (bus) => `${bus.autoprobe ? 1 : 0}\n`,
      store: (bus, value) => {
        bus.autoprobe = parseSwitch(value);
      },
    },
    { name: "drivers_probe", mode: 0o200, store: (bus, value) => driversProbe(bus, value) },
    { name: "uevent", mode: 0o200, store: (bus, value) => kobjectSynthUevent(bus, value) },
  ],
};

const UEVENT_ATTR: Attribute<DeviceDriver> = {
  name: "uevent",
  mode: 0o200,
  store: (driver, value) => kobjectSynthUevent(driver, value),
};

const DRIVER_GROUP: AttributeGroup<DeviceDriver> = { attrs: [UEVENT_ATTR] };

const BIND_GROUP: AttributeGroup<DeviceDriver> = {
  attrs: [
    { name: "bind", mode: 0o200, store: (driver, value) => bindStore(driver, value) },
    { name: "unbind", mode: 0o200, store: (driver, value) => unbindStore(driver, value) },
  ],
};

/** A registered bus. Linux: struct bus_type with struct subsys_private */
export class Bus extends Kobject {
  /** What its own events are about. */
  readonly subsystem = "bus";
  /** Devices in the order in which they were added. */
  readonly devices: Set<Device> = new Set();
  /** Drivers in the order in which they were added. */
  readonly drivers: Set<DeviceDriver> = new Set();
  /** New devices and drivers are brought together at once. */
  autoprobe = true;
  readonly devicesDir: Kobject = new Kobject("devices");
  readonly driversDir: Kobject = new Kobject("drivers");

  constructor(readonly kernel: Kernel, readonly type: BusType) {
    super(type.name);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [BUS_GROUP];
  }

  /** Files in the folder of a driver of this bus. */
  driverGroups(driver: DeviceDriver): readonly AttributeGroup<never>[] {
    return driver.ops.suppressBindAttrs === true ? [DRIVER_GROUP] : [DRIVER_GROUP, BIND_GROUP];
  }

  /** The device called `name`. Linux: bus_find_device_by_name() */
  findDevice(name: string): Device | undefined {
    for (const dev of this.devices) if (dev.name === name) return dev;
    return undefined;
  }

  /** The driver called `name`. Linux: driver_find() */
  findDriver(name: string): DeviceDriver | undefined {
    for (const driver of this.drivers) if (driver.name === name) return driver;
    return undefined;
  }
}

/**
 * Makes a bus known: `/sys/bus/NAME`.
 *
 * Linux: bus_register()
 *
 * @throws {KernelError} `EEXIST` when the name is taken.
 */
export function busRegister(kernel: Kernel, type: BusType): Bus {
  kernel.access?.("bus", type.name, "write");
  const bus = new Bus(kernel, type);
  bus.addTo(kernel.get(SYSFS).bus);
  bus.devicesDir.addTo(bus);
  bus.driversDir.addTo(bus);
  kernel.get(BUSES).set(type.name, bus);
  kernel.get(UEVENTS).send("add", bus.path, "bus", [], () => []);
  kernel.dyndbg?.print(BUS, "bus_register", `bus: '${type.name}': registered`);
  return bus;
}

/**
 * The bus that a device is about to join.
 *
 * Linux: bus_add_device()
 *
 * @returns `undefined` when there is none of that name, in kernels that go on without.
 * @throws {KernelBug} In kernels that do not look.
 */
export function busToJoin(kernel: Kernel, name: string): Bus | undefined {
  const bus = kernel.get(BUSES).get(name);
  if (bus === undefined && !kernel.profile.addsWithoutBus) {
    const why =
      "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000060";
    kernel.printk(KERN_ALERT, why);
    throw new KernelBug(`${why}: bus_add_device() on '${name}', which is not registered`);
  }
  return bus;
}

/** Puts a driver into its bus's list, and only then looks for devices; older kernels looked first. Linux: bus_add_driver() */
export async function busAddDriver(driver: DeviceDriver): Promise<undefined> {
  const { bus, kernel } = driver;
  const { listBeforeAttach } = kernel.profile;
  kernel.dyndbg?.print(BUS, "bus_add_driver", `bus: '${bus.name}': add driver ${driver.name}`);
  kernel.failable(`a sysfs folder for the driver ${driver.name}`);
  driver.addTo(bus.driversDir);
  if (listBeforeAttach) joinDrivers(driver);
  bus.noteState("read");
  if (bus.autoprobe) await driverAttach(driver);
  if (!listBeforeAttach) {
    // A device that comes here meets the driver nowhere.
    await kernel.sched.condResched();
    joinDrivers(driver);
  }
  driver.module?.addDriver(driver);
}

function joinDrivers(driver: DeviceDriver): undefined {
  noteDriver("bus drivers", driver, "append");
  driver.bus.drivers.add(driver);
}

/** Takes a driver out of its bus. Linux: bus_remove_driver() */
export async function busRemoveDriver(driver: DeviceDriver): Promise<undefined> {
  const { bus, kernel } = driver;
  kernel.dyndbg?.print(
    BUS,
    "bus_remove_driver",
    `bus: '${bus.name}': remove driver ${driver.name}`,
  );
  noteDriver("bus drivers", driver, "write");
  bus.drivers.delete(driver);
  await driverDetach(driver);
  driver.module?.removeDriver(driver);
  kernel.get(UEVENTS).send("remove", driver.path, "drivers", [], () => []);
  driver.remove();
  kernel.dyndbg?.print(BUS, "driver_release", `driver: '${driver.name}': driver_release`);
}

/** The device of that name, if there is one: what a script asks for. */
function askedFor(bus: Bus, name: string): Device | undefined {
  bus.kernel.access?.("file", `/sys${bus.devicesDir.path}/${name}`, "read");
  return bus.findDevice(name);
}

/** `echo DEVICE > bind`: probes now. Linux: bind_store() */
async function bindStore(driver: DeviceDriver, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = askedFor(driver.bus, name);
  noteDriver("bus devices", driver, "read");
  if (dev === undefined || matchDevice(driver, dev) === false) {
    throw new KernelError("ENODEV", `${driver.name}: no device '${name}' that it fits`);
  }
  await deviceDriverAttach(driver, dev);
}

/** `echo DEVICE > unbind`. Linux: unbind_store() */
async function unbindStore(driver: DeviceDriver, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = askedFor(driver.bus, name);
  dev?.noteState("read");
  if (dev === undefined || dev.driver !== driver) {
    throw new KernelError("ENODEV", `${driver.name}: is not bound to '${name}'`);
  }
  await releaseDriver(dev);
}

/** `echo DEVICE > drivers_probe`: looks for a driver again. Linux: drivers_probe_store(), bus_rescan_devices_helper() */
async function driversProbe(bus: Bus, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = askedFor(bus, name);
  if (dev === undefined) throw new KernelError("ENODEV", `${bus.name}: no device '${name}'`);
  dev.noteState("read");
  if (dev.driver === undefined) await deviceAttach(dev);
}

/** What was written without the newline at its end. Linux: sysfs_streq() */
export function sysfsName(value: string): string {
  return value.endsWith("\n") ? value.slice(0, -1) : value;
}

/** The only driver that a device may have from now on, `undefined` for any. Linux: driver_set_override() */
export function parseOverride(value: string): string | undefined {
  return value.split("\n", 1)[0] || undefined;
}
