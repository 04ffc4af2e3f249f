import type { AttributeGroup } from "../kobject.ts";
import { KernelError } from "../errors.ts";
import type { Device } from "./device.ts";

/** The `power` folder of a device without runtime power management. Linux: drivers/base/power/sysfs.c */
export const POWER_GROUP: AttributeGroup<Device> = {
  name: "power",
  attrs: [
    { name: "control", mode: 0o644, show: () => "auto\n" },
    { name: "runtime_status", mode: 0o444, show: () => "unsupported\n" },
    { name: "runtime_active_time", mode: 0o444, show: () => "0\n" },
    { name: "runtime_suspended_time", mode: 0o444, show: () => "0\n" },
    { name: "runtime_usage", mode: 0o444, show: () => "0\n" },
    { name: "runtime_active_kids", mode: 0o444, show: () => "0\n" },
    { name: "runtime_enabled", mode: 0o444, show: () => "disabled\n" },
    { name: "async", mode: 0o644, show: () => "disabled\n" },
    {
      name: "autosuspend_delay_ms",
      mode: 0o644,
      show: (dev) => {
        throw new KernelError("EIO", `${dev.name}: does not use autosuspend`);
      },
    },
  ],
};
