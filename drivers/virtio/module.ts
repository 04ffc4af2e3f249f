/**
 * The module around a driver of virtio devices.
 *
 * Linux: include/linux/virtio.h, scripts/mod/file2alias.c
 *
 * @module
 */
import { VIRTIO_DEV_ANY_ID } from "../../uapi/virtio_config.ts";
import type { RegisteredDriver } from "../../kernel/base/driver.ts";
import type { Attribute } from "../../kernel/kobject.ts";
import type { ModuleImage } from "../../kernel/module.ts";
import { canonicalParamName } from "../../kernel/params.ts";
import { Slot } from "../../kernel/slot.ts";
import type { VirtioDevice, VirtioDeviceId, VirtioDriver } from "./driver.ts";
import { registerVirtioDriver, unregisterVirtioDriver } from "./virtio.ts";

/** What a module says of itself; all but its functions. */
export type ModuleInfo = Partial<Omit<ModuleImage, "init" | "exit">>;

/** `d` or `v` with a number, or with whatever there is. Linux: ADD() */
function field(letter: string, value: number): string {
  if (value === VIRTIO_DEV_ANY_ID) return `${letter}*`;
  return letter + value.toString(16).toUpperCase().padStart(8, "0");
}

/** The pattern of the devices that an entry of a driver's table is for. Linux: do_virtio_entry() */
function aliasOf({ device, vendor }: VirtioDeviceId): string {
  const pattern = `virtio:${field("d", device)}${field("v", vendor)}`;
  return pattern.endsWith("*") ? pattern : `${pattern}*`;
}

function codeOfFile({ show, showBytes, store }: Attribute<VirtioDevice>): unknown[] {
  return [show, showBytes, store];
}

/** What decides how a driver behaves, as text. */
function codeOf(driver: VirtioDriver): string {
  const { idTable, featureTable, featureTableLegacy, probeType } = driver;
  const { validate, probe, scan, remove, configChanged, freeze, restore } = driver;
  const { devGroups = [] } = driver;
  const functions = [
    ...[validate, probe, scan, remove, configChanged, freeze, restore],
    ...devGroups.flatMap(({ attrs, isVisible }) => [isVisible, ...attrs.flatMap(codeOfFile)]),
  ];
  const tables = { idTable, featureTable, featureTableLegacy, probeType, devGroups };
  return JSON.stringify(tables) + functions;
}

/**
 * Makes the module of one driver: its init function `NAME_driver_init` registers the driver, at `device` level where the
 * module is built in, and its exit function takes it away.
 *
 * Linux: module_virtio_driver()
 *
 * @param driver The driver; its name is the module's, with `_` for `-`, and its table says which devices the module is loaded for.
 * @param info What differs, and what `modinfo` says.
 *
 * @example A driver that takes a device and does nothing with it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embedded, MODULE_IMAGES } from "../../mod.ts";
 * import {
 *   devInfo,
 *   moduleVirtioDriver,
 *   VIRTIO_DEV_ANY_ID,
 *   virtioResetDevice,
 * } from "../../driver.ts";
 *
 * const IDLE = moduleVirtioDriver({
 *   name: "idle",
 *   idTable: [{ device: 4, vendor: VIRTIO_DEV_ANY_ID }],
 *   featureTable: [],
 *   probe: async (vdev) => devInfo(vdev, "mine"),
 *   remove: async (vdev) => virtioResetDevice(vdev),
 * }, { license: "GPL" });
 *
 * // virtio_rng, which is for the same device, stays a module.
 * await using vm = await boot(embedded("-device virtio-rng-device"), {
 *   images: [...MODULE_IMAGES, IDLE],
 *   modules: ["idle", "virtio_rng"],
 * });
 * assertEquals(await vm.sh("modprobe idle; dmesg | tail -n 1 | cut -c 16-"), "idle virtio0: mine\n");
 * ```
 */
export function moduleVirtioDriver(driver: VirtioDriver, info: ModuleInfo = {}): ModuleImage {
  const name = canonicalParamName(driver.name);
  const registered: Slot<{ driver?: RegisteredDriver }> = new Slot(name, () => ({}));
  return {
    name,
    file: driver.name,
    aliases: driver.idTable.map(aliasOf),
    code: codeOf(driver),
    ...info,
    init: {
      name: `${name}_driver_init`,
      level: "device",
      fn: async (kernel, module) => {
        kernel.get(registered).driver = await registerVirtioDriver(kernel, driver, module);
        return 0;
      },
    },
    exit: {
      name: `${name}_driver_exit`,
      fn: async (kernel) => {
        const { driver } = kernel.get(registered);
        if (driver !== undefined) await unregisterVirtioDriver(driver);
        return 0;
      },
    },
  };
}
