/**
 * Devices come and go.
 *
 * Linux: drivers/base/core.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { type MightSleep, then } from "../might_sleep.ts";
import { busProbeDevice, DEFERRED, releaseDriver } from "./dd.ts";
import { type Device, DEVICES, devInfo } from "./device.ts";
import { fwDevlinkAddDevice, fwDevlinkProbed, fwDevlinkShow } from "./fw_devlink.ts";
import { debugDevice, deviceHide, deviceJoin, deviceLeave } from "./join.ts";
import { deviceLinksPurge } from "./links.ts";

/**
 * Makes a device known: its folder, links and node, its `add` event, links to those that it needs, and a driver
 * if one fits.
 *
 * Linux: device_add()
 *
 * @throws {KernelError} `EEXIST` when the name is taken, `ENOMEM`; nothing is left behind then.
 */
export function deviceAdd(dev: Device): MightSleep<undefined> {
  fwDevlinkShow(dev);
  deviceJoin(dev);
  fwDevlinkAddDevice(dev);
  return then(busProbeDevice(dev), () => {
    fwDevlinkProbed(dev);
    if (dev.parentDevice !== undefined) (dev.parentDevice.childDevices ??= new Set()).add(dev);
    return undefined;
  });
}

/**
 * Takes a device away: its node goes first, then its driver lets go of it.
 *
 * Linux: device_del()
 */
export async function deviceDel(dev: Device): Promise<undefined> {
  if (!dev.registered) return;
  if (dev.fwnode?.dev === dev) dev.fwnode.dev = undefined;
  deviceHide(dev);
  await releaseDriver(dev);
  dev.kernel.get(DEFERRED).forget(dev);
  deviceLinksPurge(dev);
  await dev.devres.releaseAll();
  deviceLeave(dev);
  dev.release();
}

/** Takes a device away for whom registering it was one step. Linux: device_unregister() */
export async function deviceUnregister(dev: Device): Promise<undefined> {
  debugDevice(dev, "device_unregister");
  await deviceDel(dev);
}

/** Takes a device away that only is a name in a class. Linux: device_destroy(), device_create_release() */
export async function deviceDestroy(dev: Device): Promise<undefined> {
  await deviceUnregister(dev);
  debugDevice(dev, "device_create_release");
}

/**
 * Lets every device come to rest before the machine goes off, the newest first. Nothing is probed from
 * now on.
 *
 * Linux: device_shutdown()
 */
export async function deviceShutdown(kernel: Kernel): Promise<undefined> {
  const deferred = kernel.get(DEFERRED);
  await deferred.wait();
  await deferred.block();
  const devices = kernel.get(DEVICES);
  for (const dev of [...devices].reverse()) {
    const shutdown = dev.bus?.type.shutdown;
    if (!devices.delete(dev) || shutdown === undefined) continue;
    if (kernel.initcallDebug) devInfo(dev, "shutdown");
    await shutdown(dev);
  }
}
