/**
 * A driver for buses that need none: nodes whose children are devices by themselves, and buses that a
 * driver must bring up before theirs are.
 *
 * Linux: drivers/bus/simple-pm-bus.c
 *
 * @module
 */
import type { PlatformDriver } from "../kernel/base/platform.ts";
import { platformDriverRegister } from "../kernel/base/platform.ts";
import { pmRuntimeDisable, pmRuntimeEnable } from "../kernel/base/power.ts";
import type { Initcall } from "../kernel/initcall.ts";
import { type OfDeviceId, ofMatchNode } from "../kernel/of/base.ts";
import type { DeviceNode } from "../kernel/of/node.ts";
import { ofPlatformPopulate } from "../kernel/of_platform.ts";

/** The row's `data` is true for buses whose children are devices without this driver. */
const MATCHES: readonly OfDeviceId<boolean>[] = [
  { compatible: "simple-pm-bus", data: false },
  { compatible: "simple-bus", data: true },
  { compatible: "simple-mfd", data: true },
  { compatible: "isa", data: true },
  { compatible: "arm,amba-bus", data: true },
];

/** Linux: simple_pm_bus_driver */
const SIMPLE_PM_BUS_DRIVER: PlatformDriver = {
  name: "simple-pm-bus",
  ofMatchTable: MATCHES,
  async probe(dev) {
    if (dev.driverOverride !== undefined) return undefined;
    const np = dev.ofNode as DeviceNode;
    const match = ofMatchNode(MATCHES, np);
    if (match?.data === true) {
      // A bus that is something else first waits for a driver of that.
      return np.compatible[0] === match.compatible ? undefined : "ENODEV";
    }
    pmRuntimeEnable(dev);
    await ofPlatformPopulate(dev.kernel, np, dev);
    return undefined;
  },
  async remove(dev) {
    if (dev.driverOverride === undefined && ofMatchNode(MATCHES, dev.ofNode as DeviceNode)?.data) {
      return;
    }
    pmRuntimeDisable(dev);
  },
};

/** Linux: module_platform_driver(simple_pm_bus_driver) */
export const SIMPLE_PM_BUS_INITCALLS: readonly Initcall[] = [{
  name: "simple_pm_bus_driver_init",
  level: "device",
  fn: async (kernel) => {
    await platformDriverRegister(kernel, SIMPLE_PM_BUS_DRIVER);
    return 0;
  },
}];
