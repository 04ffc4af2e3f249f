/**
 * The platform bus: devices that cannot be asked what they are.
 *
 * Linux: drivers/base/platform.c
 *
 * @module
 */
import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import type { IoMem, Resource } from "../io.ts";
import { hex8 } from "../io.ts";
import type { IrqAction, IrqHandler } from "../irq.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import type { MightSleep } from "../might_sleep.ts";
import type { Module } from "../module.ts";
import { type OfDeviceId, ofMatchNode } from "../of/base.ts";
import { ofDeviceModalias } from "../of/device.ts";
import { Slot } from "../slot.ts";
import { busRegister, busToJoin, type BusType, parseOverride } from "./bus.ts";
import { deviceAdd } from "./core.ts";
import { devErr, devErrProbe, Device } from "./device.ts";
import { type DeviceDriver, type DriverOps, driverRegister } from "./driver.ts";
import type { PmOps } from "./power.ts";
import { ofIrqGet } from "../irqchip.ts";

/** A device on the platform bus. Linux: struct platform_device */
export class PlatformDevice extends Device {
  /** Memory and interrupts in the order of the device tree. */
  resources: readonly Resource[] = [];
  /** The only driver that may bind, when somebody said so. */
  driverOverride: string | undefined;

  /** The n-th resource of a type. Linux: platform_get_resource() */
  resource(type: Resource["type"], index: number): Resource | undefined {
    return this.resources.filter((resource) => resource.type === type)[index];
  }
}

/** A driver for platform devices. Linux: struct platform_driver */
export interface PlatformDriver extends DriverOps {
  readonly ofMatchTable?: readonly OfDeviceId[];
  /** Names of devices that match without a device tree. */
  readonly idTable?: readonly string[];
  /** Gives an errno for a device that is not there, which is no error. */
  probe(dev: PlatformDevice): MightSleep<Errno | undefined>;
  remove?(dev: PlatformDevice): Promise<undefined>;
  shutdown?(dev: PlatformDevice): Promise<undefined>;
  /** The machine goes to sleep. */
  suspend?(dev: PlatformDevice): Promise<undefined>;
  /** It is awake again. */
  resume?(dev: PlatformDevice): Promise<undefined>;
}

const PLATFORM_GROUP: AttributeGroup<PlatformDevice> = {
  attrs: [
    { name: "modalias", mode: 0o444, show: (dev) => `${modalias(dev)}\n` },
    {
      name: "driver_override",
      mode: 0o644,
      show: (dev) => `${dev.driverOverride ?? "(null)"}\n`,
      store: (dev, value) => {
        dev.kernel.access?.("driver override", "platform", "write");
        dev.driverOverride = parseOverride(value);
      },
    },
  ],
};

function modalias(dev: PlatformDevice): string {
  if (dev.ofNode !== undefined) return ofDeviceModalias(dev.ofNode);
  return `platform:${plainName(dev)}`;
}

/** The name without a number behind it: what drivers look at. Linux: struct platform_device, name */
function plainName({ name, ofNode }: Pick<PlatformDevice, "name" | "ofNode">): string {
  return ofNode === undefined ? name.replace(/\.\d+(\.auto)?$/, "") : name;
}

function opsOf(driver: DeviceDriver): PlatformDriver {
  return driver.ops as PlatformDriver;
}

/** What every device shares with drivers that do not go by what a node is compatible with. */
const ANY_KEY = "any";

/** Linux: platform_dev_pm_ops */
const PLATFORM_PM: PmOps = {
  suspend: {
    name: "platform_pm_suspend",
    size: 0x7c,
    run: async (dev) => {
      if (dev.driver !== undefined) await opsOf(dev.driver).suspend?.(dev as PlatformDevice);
    },
  },
  resume: {
    name: "platform_pm_resume",
    size: 0x70,
    run: async (dev) => {
      if (dev.driver !== undefined) await opsOf(dev.driver).resume?.(dev as PlatformDevice);
    },
  },
};

/** Linux: platform_bus_type */
export const PLATFORM_BUS: BusType = {
  name: "platform",
  devGroups: [PLATFORM_GROUP as AttributeGroup<never>],
  pm: PLATFORM_PM,
  match(dev, driver) {
    return platformMatch(dev as PlatformDevice, opsOf(driver)) !== undefined;
  },
  probe: (dev) => opsOf(dev.driver as DeviceDriver).probe(dev as PlatformDevice),
  async remove(dev) {
    await opsOf(dev.driver as DeviceDriver).remove?.(dev as PlatformDevice);
  },
  async shutdown(dev) {
    if (dev.driver !== undefined) await opsOf(dev.driver).shutdown?.(dev as PlatformDevice);
  },
  uevent: (dev) => [`MODALIAS=${modalias(dev as PlatformDevice)}`],
  deviceKeys(dev) {
    const { ofNode } = dev;
    const names = [plainName(dev as PlatformDevice), ANY_KEY];
    return [...new Set([...ofNode?.compatible ?? [], ...names])];
  },
  driverKeys(driver) {
    const { ofMatchTable = [], idTable = [] } = opsOf(driver);
    const compatible = ofMatchTable.map((row) => row.compatible ?? ANY_KEY);
    return [...new Set([...compatible, ...idTable, driver.name])];
  },
};

/** By what a driver fits a device. */
export type PlatformMatch =
  | { readonly by: "override" | "id" | "name" }
  /** A row of the driver's table fits the device's node. */
  | { readonly by: "of"; readonly row: OfDeviceId };

/** Override first, then the device tree, the id table, the name. Linux: platform_match() */
export function platformMatch(
  dev: Pick<PlatformDevice, "name" | "driverOverride" | "ofNode">,
  driver: Pick<PlatformDriver, "name" | "ofMatchTable" | "idTable">,
): PlatformMatch | undefined {
  const fits = (yes: boolean, by: "override" | "id" | "name") => yes ? { by } : undefined;
  if (dev.driverOverride !== undefined) {
    return fits(dev.driverOverride === driver.name, "override");
  }
  if (driver.ofMatchTable !== undefined && dev.ofNode !== undefined) {
    const row = ofMatchNode(driver.ofMatchTable, dev.ofNode);
    if (row !== undefined) return { by: "of", row };
  }
  if (driver.idTable === undefined) return fits(plainName(dev) === driver.name, "name");
  return fits(driver.idTable.includes(plainName(dev)), "id");
}

/** The device `platform`, above all others of its bus. */
export const PLATFORM_ROOT: Slot<Device> = new Slot(
  "platform",
  (kernel) => new Device(kernel, "platform"),
);

/** Linux: platform_bus_init(), called by driver_init() */
export async function platformBusInit(kernel: Kernel): Promise<undefined> {
  await deviceAdd(kernel.get(PLATFORM_ROOT));
  busRegister(kernel, PLATFORM_BUS);
}

/** Makes a platform device known below `parent`. Linux: platform_device_add(), of_device_add() */
export function platformDeviceAdd(dev: PlatformDevice, parent?: Device): MightSleep<undefined> {
  dev.parentDevice = parent ?? dev.kernel.get(PLATFORM_ROOT);
  dev.bus = busToJoin(dev.kernel, "platform");
  return deviceAdd(dev);
}

/** Linux: platform_driver_register() */
export function platformDriverRegister(
  kernel: Kernel,
  driver: PlatformDriver,
  module?: Module,
): Promise<DeviceDriver> {
  return driverRegister(kernel, "platform", driver, module);
}

/**
 * Claims and maps a device's n-th memory resource; given back when the driver lets go.
 *
 * Linux: devm_platform_ioremap_resource()
 *
 * @throws {KernelError} `EINVAL` without such a resource, `EBUSY` when it is claimed, `ENOMEM`.
 */
export function devmPlatformIoremapResource(dev: PlatformDevice, index: number): IoMem {
  const resource = dev.resource("mem", index);
  if (resource === undefined) {
    devErr(dev, "invalid resource");
    throw new KernelError("EINVAL", `${dev.name}: no memory resource ${index}`);
  }
  return devmIoremapResource(dev, resource);
}

/** Linux: devm_ioremap_resource() */
export function devmIoremapResource(dev: Device, resource: Resource): IoMem {
  const { io } = dev.kernel;
  const { start, end } = resource;
  const range = `[mem 0x${hex8(start)}-0x${hex8(end)}]`;
  try {
    dev.kernel.failable(`the registers of ${dev.name}`, "EBUSY");
    const region = io.requestMemRegion(`${dev.name} ${resource.name}`, start, end - start + 1);
    dev.devres.add("devm_region_release", () => io.releaseRegion(region));
  } catch (error) {
    devErr(dev, `can't request region for resource ${range}`);
    throw error;
  }
  dev.kernel.failable(`a mapping of the registers of ${dev.name}`);
  const mapping = io.ioremap(start, end - start + 1);
  dev.devres.add("devm_ioremap_release", () => io.iounmap(mapping));
  return mapping;
}

/**
 * Linux's number of a device's n-th interrupt.
 *
 * Linux: platform_get_irq()
 *
 * @throws {KernelError} `ENXIO` without such an interrupt, `EPROBE_DEFER` while its controller is missing.
 */
export function platformGetIrq(dev: PlatformDevice, index: number): number {
  dev.kernel.failable(`the number of the interrupt of ${dev.name}`, "ENXIO");
  const irq = dev.ofNode === undefined ? -ERRNO.ENXIO : ofIrqGet(dev.kernel, dev.ofNode, index);
  if (irq > 0) {
    dev.kernel.found("interrupt", String(index), irq);
    return irq;
  }
  const resource = dev.resource("irq", index);
  if (irq !== -ERRNO.EPROBE_DEFER && resource !== undefined) return resource.start;
  const code = irq === -ERRNO.EPROBE_DEFER ? "EPROBE_DEFER" : "ENXIO";
  throw devErrProbe(dev, code, `IRQ index ${index} not found`);
}

/**
 * Adds an interrupt handler on behalf of a device.
 *
 * Linux: request_irq()
 */
export function requestIrq(
  kernel: Kernel,
  irq: number,
  handler: IrqHandler,
  options: { readonly name: string; readonly shared?: boolean },
): IrqAction {
  kernel.failable(`the interrupt of ${options.name}`, "EBUSY");
  const action = { irq, handler, name: options.name, shared: options.shared ?? false };
  kernel.irq.requestIrq(action);
  return action;
}
