/**
 * Buses: the lists of devices and drivers, and the files through which user space binds them.
 *
 * Linux: drivers/base/bus.c
 *
 * @module
 */
import type { Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";
import type { MightSleep } from "../might_sleep.ts";
import { Slot } from "../slot.ts";
import {
  deviceAttach,
  deviceDriverAttach,
  driverAttach,
  driverDetach,
  matchDevice,
  releaseDriver,
} from "./dd.ts";
import { type Device, SYSFS } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";
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
  /** Words of its own for events. */
  uevent?(dev: Device): readonly string[];
  readonly devGroups?: readonly AttributeGroup<never>[];
}

/** The registered buses by name. */
export const BUSES: Slot<Map<string, Bus>> = new Slot("buses", () => new Map());

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
  return bus;
}

/**
 * Puts a device into its bus's list.
 *
 * Linux: bus_add_device()
 *
 * @throws {KernelError} `EEXIST` when the bus has a device of this name; nothing is left behind then.
 */
export function busAddDevice(dev: Device): undefined {
  const { bus } = dev;
  if (bus === undefined) return;
  bus.devicesDir.addLink(dev.name, dev);
  dev.addLink("subsystem", bus);
  dev.kernel.access?.("bus devices", bus.name, "append");
  bus.devices.add(dev);
}

/** Takes a device out of its bus's list; its driver lets go of it then. Linux: bus_remove_device() */
export async function busRemoveDevice(dev: Device): Promise<undefined> {
  busDropDevice(dev);
  await releaseDriver(dev);
}

/** Undoes {@linkcode busAddDevice} for a device that no driver has seen. */
export function busDropDevice(dev: Device): undefined {
  const { bus } = dev;
  if (bus === undefined) return;
  dev.removeEntry("subsystem");
  bus.devicesDir.removeEntry(dev.name);
  bus.devices.delete(dev);
}

/** Puts a driver into its bus's list, and only then looks for devices. Linux: bus_add_driver() */
export async function busAddDriver(driver: DeviceDriver): Promise<undefined> {
  const { bus, kernel } = driver;
  kernel.failable(`a sysfs folder for the driver ${driver.name}`);
  driver.addTo(bus.driversDir);
  kernel.access?.("bus drivers", bus.name, "append");
  bus.drivers.add(driver);
  if (bus.autoprobe) await driverAttach(driver);
  driver.module?.addDriver(driver);
}

/** Takes a driver out of its bus. Linux: bus_remove_driver() */
export async function busRemoveDriver(driver: DeviceDriver): Promise<undefined> {
  const { bus, kernel } = driver;
  kernel.access?.("bus drivers", bus.name, "write");
  bus.drivers.delete(driver);
  await driverDetach(driver);
  driver.module?.removeDriver(driver);
  kernel.get(UEVENTS).send("remove", driver.path, "drivers", [], () => []);
  driver.remove();
}

/** `echo DEVICE > bind`: probes now. Linux: bind_store() */
async function bindStore(driver: DeviceDriver, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = driver.bus.findDevice(name);
  if (dev === undefined || matchDevice(driver, dev) === false) {
    throw new KernelError("ENODEV", `${driver.name}: no device '${name}' that it fits`);
  }
  await deviceDriverAttach(driver, dev);
}

/** `echo DEVICE > unbind`. Linux: unbind_store() */
async function unbindStore(driver: DeviceDriver, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = driver.bus.findDevice(name);
  if (dev === undefined || dev.driver !== driver) {
    throw new KernelError("ENODEV", `${driver.name}: is not bound to '${name}'`);
  }
  await releaseDriver(dev);
}

/** `echo DEVICE > drivers_probe`: looks for a driver again. Linux: drivers_probe_store(), bus_rescan_devices_helper() */
async function driversProbe(bus: Bus, value: string): Promise<undefined> {
  const name = sysfsName(value);
  const dev = bus.findDevice(name);
  if (dev === undefined) throw new KernelError("ENODEV", `${bus.name}: no device '${name}'`);
  if (dev.driver === undefined) await deviceAttach(dev);
}

/** What was written without the newline at its end. Linux: sysfs_streq() */
export function sysfsName(value: string): string {
  return value.endsWith("\n") ? value.slice(0, -1) : value;
}
