import type { Attribute, AttributeGroup } from "../kobject.ts";
import { KernelError } from "../errors.ts";
import type { Device } from "./device.ts";

/** A function of power management with the name and size that messages say. */
export interface PmCallback {
  readonly name: string;
  readonly size: number;
  readonly run: (dev: Device) => Promise<undefined>;
}

/** What happens when the machine goes to sleep and comes back. Linux: struct dev_pm_ops */
export interface PmOps {
  readonly suspend?: PmCallback;
  readonly resume?: PmCallback;
}

/** What power management knows of a device. Linux: struct dev_pm_info */
export class DevicePower {
  /** Users that keep it on. */
  usage = 0;
  /** Its driver lets it sleep when nobody uses it. */
  enabled = false;
  /** User space keeps it on. */
  forbidden = false;
  /** It may be put to sleep beside others. */
  async = false;
  /** It should wake the machine. Linux: device_may_wakeup() */
  mayWakeup = false;
}

/** Linux: pm_runtime_get_noresume(), pm_runtime_set_active(), pm_runtime_enable() */
export function pmRuntimeEnable(dev: Device): undefined {
  dev.power.usage++;
  dev.power.enabled = true;
}

/** Undoes {@linkcode pmRuntimeEnable}. Linux: pm_runtime_disable(), pm_runtime_put_noidle() */
export function pmRuntimeDisable(dev: Device): undefined {
  dev.power.usage--;
  dev.power.enabled = false;
}

/** One of two words, with or without a newline: true for the first. */
function parseWord(value: string, yes: string, no: string): boolean {
  const word = value.endsWith("\n") ? value.slice(0, -1) : value;
  if (word !== yes && word !== no) {
    throw new KernelError("EINVAL", `'${word}' is neither '${yes}' nor '${no}'`);
  }
  return word === yes;
}

/** `on` keeps the device awake. Linux: control_store(), pm_runtime_forbid(), pm_runtime_allow() */
function forbid({ power }: Device, forbidden: boolean): undefined {
  if (power.forbidden !== forbidden) power.usage += forbidden ? 1 : -1;
  power.forbidden = forbidden;
}

function runtimeEnabled({ power }: Device): string {
  const words = power.enabled ? "enabled" : "disabled";
  if (!power.forbidden) return words;
  return power.enabled ? "forbidden" : "disabled & forbidden";
}

function noAutosuspend(dev: Device): never {
  throw new KernelError("EIO", `${dev.name}: does not use autosuspend`);
}

/** The `power` folder of a device. Linux: drivers/base/power/sysfs.c */
export const POWER_GROUP: AttributeGroup<Device> = {
  name: "power",
  attrs: [
    {
      name: "control",
      mode: 0o644,
      show: ({ power }) => power.forbidden ? "on\n" : "auto\n",
      store: (dev, value) => forbid(dev, parseWord(value, "on", "auto")),
    },
    {
      name: "runtime_status",
      mode: 0o444,
      show: ({ power }) => power.enabled ? "active\n" : "unsupported\n",
    },
    { name: "runtime_active_time", mode: 0o444, show: () => "0\n" },
    { name: "runtime_suspended_time", mode: 0o444, show: () => "0\n" },
    { name: "runtime_usage", mode: 0o444, show: ({ power }) => `${power.usage}\n` },
    { name: "runtime_active_kids", mode: 0o444, show: () => "0\n" },
    { name: "runtime_enabled", mode: 0o444, show: (dev) => `${runtimeEnabled(dev)}\n` },
    {
      name: "async",
      mode: 0o644,
      show: ({ power }) => power.async ? "enabled\n" : "disabled\n",
      store: ({ power }, value) => {
        power.async = parseWord(value, "enabled", "disabled");
      },
    },
    {
      name: "autosuspend_delay_ms",
      mode: 0o644,
      show: noAutosuspend,
      store: noAutosuspend,
    },
  ],
};

/** A counter of wake-ups, which never come here: empty as long as the device is not to wake anybody. */
function wakeupCounter(name: string): Attribute<Device> {
  return { name, mode: 0o444, show: ({ power }) => power.mayWakeup ? "0\n" : "\n" };
}

/**
 * What the `power` folder has beside that where the device could wake the machine: give it as one of the
 * device's groups.
 *
 * Linux: device_set_wakeup_capable(), pm_wakeup_attr_group
 */
export const WAKEUP_GROUP: AttributeGroup<Device> = {
  name: "power",
  attrs: [
    {
      name: "wakeup",
      mode: 0o644,
      show: ({ power }) => power.mayWakeup ? "enabled\n" : "disabled\n",
      store: ({ power }, value) => {
        power.mayWakeup = parseWord(value, "enabled", "disabled");
      },
    },
    ...["wakeup_count", "wakeup_active_count", "wakeup_abort_count", "wakeup_expire_count"]
      .map(wakeupCounter),
    ...["wakeup_active", "wakeup_total_time_ms", "wakeup_max_time_ms", "wakeup_last_time_ms"]
      .map(wakeupCounter),
  ],
};
