/**
 * Drivers: registration and what they show in sysfs.
 *
 * Linux: drivers/base/driver.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type AttributeGroup, Kobject } from "../kobject.ts";
import type { Module } from "../module.ts";
import { UEVENTS } from "./uevent.ts";
import { type Bus, busAddDriver, BUSES, busRemoveDriver } from "./bus.ts";
import { DEFERRED } from "./dd.ts";
import type { BoundDevice, Device } from "./device.ts";
import type { PmOps } from "./power.ts";

/**
 * What a driver is to the core. Each bus adds what it matches by and its own probe function.
 *
 * Linux: struct device_driver
 */
export interface DriverOps {
  /** The name in `/sys/bus/…/drivers` and in messages. */
  readonly name: string;
  /** Hides `bind` and `unbind`. */
  readonly suppressBindAttrs?: boolean;
  /** Prefers to be probed beside other work. Default: as the kernel was told. Linux: enum probe_type */
  readonly probeType?: "asynchronous" | "synchronous";
  /** Hears, once, that every device that needs this one has a driver. Linux: device_driver.sync_state */
  syncState?(dev: BoundDevice): Promise<undefined>;
  /**
   * What its devices do when the machine goes to sleep, unless their type, class or bus does it.
   *
   * @internal
   */
  readonly pm?: PmOps;
  /**
   * Files in the driver's own folder.
   *
   * @internal
   */
  readonly groups?: readonly AttributeGroup<never>[];
  /** Files in the folder of each bound device. */
  readonly devGroups?: readonly AttributeGroup<never>[];
}

/** A driver that its bus knows. Linux: struct device_driver */
export interface RegisteredDriver {
  /** Its name. */
  readonly name: string;
  /** The devices that it has, oldest first. */
  readonly devices: readonly BoundDevice[];
}

/** A registered driver. Linux: struct device_driver with struct driver_private */
export class DeviceDriver<O extends DriverOps = DriverOps> extends Kobject
  implements RegisteredDriver {
  /** What its own events are about. */
  readonly subsystem = "drivers";
  /** Bound devices, oldest first. */
  readonly devices: Device[] = [];

  constructor(
    readonly kernel: Kernel,
    readonly ops: O,
    readonly bus: Bus,
    /** The module that it belongs to. */
    readonly module: Module | undefined,
  ) {
    super(ops.name);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return [...this.bus.driverGroups(this), ...(this.ops.groups ?? [])];
  }
}

/**
 * Makes a driver known on the bus called `busName` and binds it to every device that it fits.
 *
 * Linux: driver_register()
 *
 * @throws {KernelError} `EINVAL` when the bus is not there yet, `EBUSY` when the name is taken.
 */
export async function driverRegister(
  kernel: Kernel,
  busName: string,
  ops: DriverOps,
  module?: Module,
): Promise<DeviceDriver> {
  kernel.access?.("bus", busName, "read");
  const bus = kernel.get(BUSES).get(busName);
  if (bus === undefined) {
    const why =
      `Driver '${ops.name}' was unable to register with bus_type '${busName}' because the bus was not initialized.`;
    kernel.err(why);
    throw new KernelError("EINVAL", why);
  }
  if (bus.findDriver(ops.name) !== undefined) {
    const why = `Error: Driver '${ops.name}' is already registered, aborting...`;
    kernel.err(why);
    throw new KernelError("EBUSY", why);
  }
  const driver = new DeviceDriver(kernel, ops, bus, module);
  await busAddDriver(driver);
  kernel.get(UEVENTS).send("add", driver.path, "drivers", [], () => []);
  kernel.get(DEFERRED).extendTimeout();
  return driver;
}

/** Takes a driver away from all its devices and from its bus. Linux: driver_unregister() */
export async function driverUnregister(driver: DeviceDriver): Promise<undefined> {
  await busRemoveDriver(driver);
}
