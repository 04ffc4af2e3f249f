/**
 * Which driver fits which device, and which lists that question looks at.
 *
 * @module
 */
import type { AccessKind } from "../choice.ts";
import { KernelError } from "../errors.ts";
import type { Bus } from "./bus.ts";
import type { Device } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";

const ALL: readonly string[] = [""];

/** Whether the driver fits, or why that cannot be said, such as EPROBE_DEFER. Linux: driver_match_device() */
export function matchDevice(driver: DeviceDriver, dev: Device): boolean | KernelError {
  try {
    return driver.bus.type.match(dev, driver);
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
}

/** Somebody looks which drivers fit: `driver_override` has a say in that. */
function noteOverride({ name, kernel }: Bus, kind: AccessKind): undefined {
  if (kind === "read") kernel.access?.("driver override", name, "read");
}

/**
 * Says for the ordering lab that the part of a bus's list in which `dev` can meet drivers is touched. Devices and
 * drivers that share no key never meet, so their order means nothing.
 */
export function noteDevice(
  list: "bus devices" | "bus drivers",
  dev: Device,
  kind: AccessKind,
): undefined {
  const { kernel: { access }, bus } = dev;
  if (access === undefined || bus === undefined) return;
  noteOverride(bus, kind);
  for (const key of bus.type.deviceKeys?.(dev) ?? ALL) access(list, `${bus.name} ${key}`, kind);
}

/** The same for the part in which `driver` can meet devices. */
export function noteDriver(
  list: "bus devices" | "bus drivers",
  driver: DeviceDriver,
  kind: AccessKind,
): undefined {
  const { kernel: { access }, bus } = driver;
  if (access === undefined) return;
  noteOverride(bus, kind);
  for (const key of bus.type.driverKeys?.(driver) ?? ALL) access(list, `${bus.name} ${key}`, kind);
}
