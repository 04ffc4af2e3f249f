/**
 * The AMBA bus: devices of Arm that say in their last registers what they are.
 *
 * Linux: drivers/amba/bus.c
 *
 * @module
 */
import { AMBA_CID } from "../../uapi/amba_pl011.ts";
import { BUSES, busRegister, type BusType, sysfsName } from "../base/bus.ts";
import { deviceAdd } from "../base/core.ts";
import { Device } from "../base/device.ts";
import { type DeviceDriver, type DriverOps, driverRegister } from "../base/driver.ts";
import { PLATFORM_ROOT } from "../base/platform.ts";
import { pmRuntimeDisable, pmRuntimeEnable } from "../base/power.ts";
import { KernelError } from "../errors.ts";
import type { Region, Resource } from "../io.ts";
import { irqOfParseAndMap } from "../irqchip.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import type { MightSleep } from "../might_sleep.ts";
import type { ModuleObject } from "../module.ts";

/** Offsets of the identification registers from the end of a device's registers. */
const PERIPH_ID_FROM_END = 0x20;
const CELL_ID_FROM_END = 0x10;
/** Interrupts that a device may have. */
const AMBA_NR_IRQS = 9;

/** A device on the AMBA bus. Linux: struct amba_device */
export class AmbaDevice extends Device {
  /** Its registers. */
  resource: Resource | undefined;
  /** What it says it is: part, designer, revision. */
  periphid = 0;
  cid = 0;
  /** Linux's numbers of its interrupts; 0 where it has none. Set before the driver looks at it. */
  irq: number[] = [];
  driverOverride: string | undefined;
  /** Its range in `/proc/iomem`. */
  region: Region | undefined;
}

/** A row of a driver's match table. Linux: struct amba_id */
export interface AmbaId {
  readonly id: number;
  readonly mask: number;
}

/** A driver for AMBA devices. Linux: struct amba_driver */
export interface AmbaDriver extends DriverOps {
  readonly idTable: readonly AmbaId[];
  probe(dev: AmbaDevice, id: AmbaId): Promise<undefined>;
  remove?(dev: AmbaDevice): Promise<undefined>;
}

function hexId(value: number): string {
  return value.toString(16).padStart(8, "0");
}

const AMBA_GROUP: AttributeGroup<AmbaDevice> = {
  attrs: [
    { name: "id", mode: 0o444, show: (dev) => `${hexId(dev.periphid)}\n` },
    {
      name: "resource",
      mode: 0o444,
      show: (dev) => {
        const { start, end } = dev.resource as Resource;
        const hex = (value: number) => value.toString(16).padStart(16, "0");
        return `\t${hex(start)}\t${hex(end)}\t${hex(0x200)}\n`;
      },
    },
    {
      name: "driver_override",
      mode: 0o644,
      show: (dev) => `${dev.driverOverride ?? "(null)"}\n`,
      store: (dev, value) => {
        dev.driverOverride = sysfsName(value) || undefined;
      },
    },
  ],
};

function lookup(dev: AmbaDevice, driver: AmbaDriver): AmbaId | undefined {
  return driver.idTable.find(({ id, mask }) => ((dev.periphid & mask) >>> 0) === id);
}

/** Linux: amba_bustype */
export const AMBA_BUS: BusType = {
  name: "amba",
  devGroups: [AMBA_GROUP as AttributeGroup<never>],
  match(dev, driver) {
    const amba = dev as AmbaDevice;
    if (amba.driverOverride !== undefined) return amba.driverOverride === driver.name;
    return lookup(amba, driver.ops as AmbaDriver) !== undefined;
  },
  async probe(dev) {
    const amba = dev as AmbaDevice;
    const driver = (dev.driver as DeviceDriver).ops as AmbaDriver;
    if (amba.ofNode !== undefined && amba.irq.length === 0) {
      for (let index = 0; index < AMBA_NR_IRQS; index++) {
        amba.irq.push(irqOfParseAndMap(dev.kernel, amba.ofNode, index));
      }
    }
    pmRuntimeEnable(dev);
    try {
      await driver.probe(amba, lookup(amba, driver) ?? { id: amba.periphid, mask: 0xffffffff });
    } catch (error) {
      pmRuntimeDisable(dev);
      throw error;
    }
  },
  async remove(dev) {
    await ((dev.driver as DeviceDriver).ops as AmbaDriver).remove?.(dev as AmbaDevice);
    pmRuntimeDisable(dev);
  },
  uevent: (dev) => {
    const id = hexId((dev as AmbaDevice).periphid).toUpperCase();
    return [`AMBA_ID=${hexId((dev as AmbaDevice).periphid)}`, `MODALIAS=amba:d${id}`];
  },
};

/** Linux: amba_init(), at postcore */
export async function ambaInit(kernel: Kernel): Promise<number> {
  busRegister(kernel, AMBA_BUS);
  return await Promise.resolve(0);
}

/** Four registers of one byte each, lowest first. */
function readId(dev: AmbaDevice, fromEnd: number): number {
  const { start, end } = dev.resource as Resource;
  const regs = dev.kernel.io.ioremap(start, end - start + 1);
  let id = 0;
  for (let i = 0; i < 4; i++) id |= (regs.readl(regs.size - fromEnd + 4 * i) & 255) << (8 * i);
  dev.kernel.io.iounmap(regs);
  return id >>> 0;
}

/**
 * Makes an AMBA device known, if its registers say that it is one.
 *
 * Linux: amba_device_add()
 *
 * @throws {KernelError} `EINVAL` without registers, `EBUSY` when they are claimed, `ENODEV` when no
 *   AMBA device answers.
 */
export function ambaDeviceAdd(dev: AmbaDevice, parent?: Device): MightSleep<undefined> {
  const { kernel, resource } = dev;
  if (resource === undefined) throw new KernelError("EINVAL", `${dev.name}: has no registers`);
  dev.parentDevice = parent ?? kernel.get(PLATFORM_ROOT);
  dev.bus = kernel.get(BUSES).get("amba");
  const size = resource.end - resource.start + 1;
  dev.region = kernel.io.insertResource(resource.name, resource.start, resource.end);
  dev.cid = readId(dev, CELL_ID_FROM_END);
  if (dev.cid !== AMBA_CID) {
    kernel.io.releaseRegion(dev.region);
    throw new KernelError("ENODEV", `${dev.name}: no AMBA device answers in its ${size} bytes`);
  }
  dev.periphid = readId(dev, PERIPH_ID_FROM_END);
  return deviceAdd(dev);
}

/** Linux: amba_driver_register() */
export function ambaDriverRegister(
  kernel: Kernel,
  driver: AmbaDriver,
  module?: ModuleObject,
): Promise<DeviceDriver> {
  return driverRegister(kernel, "amba", driver, module);
}
