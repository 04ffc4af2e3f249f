/**
 * The AMBA bus: devices of Arm that say in their last registers what they are.
 *
 * Linux: drivers/amba/bus.c
 *
 * @module
 */
import { AMBA_CID, CORESIGHT_CID } from "../../uapi/amba_pl011.ts";
import { BUSES, busRegister, type BusType, parseOverride } from "../base/bus.ts";
import { deviceAdd } from "../base/core.ts";
import { Device, deviceUevent } from "../base/device.ts";
import { type DeviceDriver, type DriverOps, driverRegister } from "../base/driver.ts";
import { PLATFORM_ROOT } from "../base/platform.ts";
import { type PmOps, pmRuntimeDisable, pmRuntimeEnable } from "../base/power.ts";
import { KernelError } from "../errors.ts";
import type { Region, Resource } from "../io.ts";
import { irqOfParseAndMap } from "../irqchip.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup } from "../kobject.ts";
import { attempt, type MightSleep } from "../might_sleep.ts";
import type { Module } from "../module.ts";
import { ofMatchNode } from "../of/base.ts";
import { OF_POPULATED } from "../of/node.ts";
import { isErrno, tryParsePhandleWithArgs } from "../of/phandle.ts";
import { OF_CLOCKS } from "../of/platform.ts";
import { stringIndexOf } from "../of/property.ts";
import type { DeviceTree } from "../of/tree.ts";

/** Offsets of the identification registers from the end of a device's registers. */
const PERIPH_ID_FROM_END = 0x20;
const CELL_ID_FROM_END = 0x10;
/** Interrupts that a device may have. */
const AMBA_NR_IRQS = 9;

/** A device on the AMBA bus. Linux: struct amba_device */
export class AmbaDevice extends Device {
  /** Its registers. */
  resource: Resource | undefined;
  /** What it says it is: part, designer, revision; 0 while that is not known. */
  periphid = 0;
  /** Linux's numbers of its interrupts; 0 where it has none. Set before the driver looks at it. */
  irq: number[] = [];
  driverOverride: string | undefined;
  /** Its range in `/proc/iomem`. */
  region: Region | undefined;

  /** Linux: amba_device_release() */
  override release(): undefined {
    if (this.region !== undefined) this.kernel.io.releaseRegion(this.region);
  }
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
        dev.kernel.access?.("driver override", "amba", "write");
        dev.driverOverride = parseOverride(value);
      },
    },
  ],
};

function lookup(dev: AmbaDevice, driver: AmbaDriver): AmbaId | undefined {
  return driver.idTable.find(({ id, mask }) => ((dev.periphid & mask) >>> 0) === id);
}

/** Nothing that is modelled sleeps. Linux: amba_pm */
const AMBA_PM: PmOps = {
  suspend: { name: "pm_generic_suspend", size: 0x50, run: async () => undefined },
  resume: { name: "pm_generic_resume", size: 0x50, run: async () => undefined },
};

/** Linux: amba_bustype */
export const AMBA_BUS: BusType = {
  name: "amba",
  devGroups: [AMBA_GROUP as AttributeGroup<never>],
  pm: AMBA_PM,
  match(dev, driver) {
    const amba = dev as AmbaDevice;
    if (amba.periphid === 0) {
      const reason = readPeriphid(amba);
      if (reason !== undefined) throw new KernelError("EPROBE_DEFER", reason);
      dev.ueventSuppress = false;
      deviceUevent(dev, "add");
    }
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
    getPclk(amba);
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
  // No driver that is modelled has anything to do then; Linux's bus asks each device.
  shutdown: () => Promise.resolve(undefined),
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

/**
 * The clock without which nobody may touch a device; only those that never change are modelled.
 * Linux: amba_get_enable_pclk()
 *
 * @throws {KernelError} `ENOENT` without such a clock, `EPROBE_DEFER` while it is not there.
 */
function getPclk({ name, kernel, ofNode: np }: AmbaDevice): undefined {
  const index = np === undefined ? -1 : stringIndexOf(np, "clock-names", "apb_pclk");
  const clock = np && index >= 0 &&
    tryParsePhandleWithArgs(kernel.tree as DeviceTree, np, "clocks", "#clock-cells", index);
  if (!clock || isErrno(clock)) throw new KernelError("ENOENT", `${name}: no clock apb_pclk`);
  const there = clock.np.checkFlag(OF_POPULATED) && ofMatchNode(OF_CLOCKS, clock.np) !== undefined;
  kernel.found("clock", clock.np.path, there ? "there" : "not there yet");
  if (there) return;
  throw new KernelError("EPROBE_DEFER", `${name}: waits for clock ${clock.np.path}`);
}

/**
 * Asks a device what it is: two numbers, each in four registers of one byte at the end, lowest byte first.
 * Why it cannot be asked, or is none of Arm's; `undefined` when it answers. Linux: amba_read_periphid()
 */
function readPeriphid(dev: AmbaDevice): string | undefined {
  try {
    getPclk(dev);
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
  const { start, end } = dev.resource as Resource;
  const regs = dev.kernel.io.ioremap(start, end - start + 1);
  const read = (fromEnd: number) => {
    let id = 0;
    for (let i = 0; i < 4; i++) id |= (regs.readl(regs.size - fromEnd + 4 * i) & 255) << (8 * i);
    return id >>> 0;
  };
  const periphid = read(PERIPH_ID_FROM_END);
  const cid = read(CELL_ID_FROM_END);
  dev.kernel.io.iounmap(regs);
  if (cid === AMBA_CID || cid === CORESIGHT_CID) dev.periphid = periphid;
  return dev.periphid === 0 ? `${dev.name}: does not say what it is` : undefined;
}

/**
 * Makes an AMBA device known. One that does not say what it is sends no events and waits, until a
 * driver comes and it says it.
 *
 * Linux: amba_device_add()
 *
 * @throws {KernelError} `EBUSY` when its registers are claimed, `EEXIST` when its name is taken.
 */
export function ambaDeviceAdd(dev: AmbaDevice, parent?: Device): MightSleep<undefined> {
  const { kernel } = dev;
  const { name, start, end } = dev.resource as Resource;
  dev.parentDevice = parent ?? kernel.get(PLATFORM_ROOT);
  dev.bus = kernel.get(BUSES).get("amba");
  const region = kernel.io.requestResource(name, start, end);
  if (dev.periphid === 0 && readPeriphid(dev) !== undefined) dev.ueventSuppress = true;
  return attempt(() => deviceAdd(dev), () => {
    dev.region = region;
    return undefined;
  }, (error) => {
    kernel.io.releaseRegion(region);
    throw error;
  });
}

/** Linux: amba_driver_register() */
export function ambaDriverRegister(
  kernel: Kernel,
  driver: AmbaDriver,
  module?: Module,
): Promise<DeviceDriver> {
  return driverRegister(kernel, "amba", driver, module);
}
