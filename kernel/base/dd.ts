/**
 * Bringing devices and drivers together: match, probe, release.
 *
 * Results inside this file are Linux's: 0 bound, a positive errno when the driver itself failed, a
 * negative one when something kept the driver from running.
 *
 * Linux: drivers/base/dd.c
 *
 * @module
 */
import { ASYNC } from "../async.ts";
import { ERRNO, type Errno } from "../errno.ts";
import { errnoOf, KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { attempt, type MightSleep, then } from "../might_sleep.ts";
import { KERN_CRIT } from "../printk.ts";
import { Slot } from "../slot.ts";
import { WaitQueue } from "../wait.ts";
import { becauseOf, causeOf, noteAttempt, noteUndecided } from "./attempt.ts";
import { DeferredProbes } from "./deferred.ts";
import { devErr, type Device, deviceUevent, devPrintk, setDeferReason } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";
import { fwDevlinkDriverBound, fwDevlinkMissing } from "./fw_devlink.ts";
import {
  linkIsOptional,
  linksBusy,
  linksDriverBound,
  linksDriverCleanup,
  linksMissing,
  linksNoDriver,
  linksUnbindConsumers,
} from "./link_states.ts";
import { suppliersOf } from "./links.ts";
import { matchDevice, noteDevice, noteDriver } from "./match.ts";
import { syncStateFlush } from "./sync_state.ts";

const DD = "drivers/base/dd.c";
const { EPROBE_DEFER, ENODEV, ENXIO, EBUSY } = ERRNO;
/** Characters of `driver_async_probe=` that count. Linux: ASYNC_DRV_NAMES_MAX_LEN */
const ASYNC_NAMES_MAX = 255;

/** The deferred probes of a kernel. */
export const DEFERRED: Slot<DeferredProbes> = new Slot(
  "deferred probes",
  (kernel) => new DeferredProbes(kernel, busProbeDevice),
);

/** Looks whether somebody binds or releases the device. */
function isLocked(dev: Device): boolean {
  dev.kernel.access?.("device lock", dev.name, "read");
  return dev.locked;
}

/** Runs `body` while nobody else binds or releases the device. Linux: device_lock() … device_unlock() */
function withDeviceLock<T>(dev: Device, body: () => MightSleep<T>): MightSleep<T> {
  dev.kernel.access?.("device lock", dev.name, "write");
  if (dev.locked) {
    const waiters = dev.lockWaiters ??= new WaitQueue(dev.kernel.sched, `the lock of ${dev.name}`);
    return waiters.waitEvent(() => !isLocked(dev)).then(() => withDeviceLock(dev, body));
  }
  const unlock = (): undefined => {
    dev.kernel.access?.("device lock", dev.name, "write");
    dev.locked = false;
    dev.lockWaiters?.wakeUp();
  };
  dev.locked = true;
  return attempt(body, (result) => {
    unlock();
    return result;
  }, (error) => {
    unlock();
    throw error;
  });
}

/** `driver_async_probe=` names drivers; with a `*` it names the exceptions. Linux: cmdline_requested_async_probing() */
function cmdlineRequestedAsync({ kernel, name }: DeviceDriver): boolean {
  const words = kernel.params.get("driver_async_probe")?.slice(0, ASYNC_NAMES_MAX).split(",") ?? [];
  const names = [...words, ...kernel.ordering.async ?? []];
  return names.includes(name) !== names.includes("*");
}

/** Linux: driver_allows_async_probing() */
function allowsAsync(driver: DeviceDriver): boolean {
  if (driver.kernel.profile.asyncProbe === "none") return false;
  const { probeType } = driver.ops;
  if (probeType !== undefined) return probeType === "asynchronous";
  return cmdlineRequestedAsync(driver) || driver.module?.asyncProbeRequested === true;
}

/** Looks for a driver among those of the device's bus, oldest first. Linux: device_attach() */
export function deviceAttach(dev: Device): MightSleep<undefined> {
  return withDeviceLock(dev, () => attachOneOf(dev, () => true));
}

/** Linux: __device_attach() */
function attachOneOf(
  dev: Device,
  wanted: (driver: DeviceDriver) => boolean,
): MightSleep<undefined> {
  if (dev.dead || dev.driver !== undefined || dev.bus === undefined) return;
  noteDevice("bus drivers", dev, "read");
  return attachFirstOf(dev, dev.bus.drivers.values(), wanted);
}

/** Linux: bus_for_each_drv() with __device_attach_driver() */
function attachFirstOf(
  dev: Device,
  drivers: Iterator<DeviceDriver>,
  wanted: (driver: DeviceDriver) => boolean,
): MightSleep<undefined> {
  for (let next = drivers.next(); next.done !== true; next = drivers.next()) {
    const driver = next.value;
    const match = matchDevice(driver, dev);
    if (match === false) continue;
    if (match !== true) return deferMatch(driver, dev, match);
    if (!wanted(driver)) continue;
    return then(driverProbeDevice(driver, dev), (result) => {
      if (result <= 0) return;
      // Others may have come while the driver looked at the device.
      noteDevice("bus drivers", dev, "read");
      return attachFirstOf(dev, drivers, wanted);
    });
  }
}

/** It cannot be said whether a driver fits; perhaps later. */
function deferMatch(driver: DeviceDriver, dev: Device, error: KernelError): undefined {
  if (error.code !== "EPROBE_DEFER") return;
  noteUndecided(driver, dev, error);
  const text = "Device match requests probe deferral";
  dev.kernel.dyndbg?.dev(DD, "__device_attach_driver", dev, text);
  dev.canMatch = true;
  dev.kernel.get(DEFERRED).add(dev);
}

/**
 * Looks for a driver for a new device: first among those that are probed at once, then, beside the caller,
 * among the others.
 *
 * Linux: bus_probe_device(), device_initial_probe()
 */
export function busProbeDevice(dev: Device): MightSleep<undefined> {
  if (dev.bus === undefined) return;
  dev.bus.noteState("read");
  if (!dev.bus.autoprobe) return;
  let someAsync = false;
  const attached = withDeviceLock(dev, () =>
    attachOneOf(dev, (driver) => {
      const later = allowsAsync(driver);
      someAsync ||= later;
      return !later;
    }));
  return then(attached, () => {
    if (someAsync && dev.driver === undefined) return probeLater(dev);
  });
}

/** What makes a task probe beside the one that asked for it. */
function besideOf(kernel: Kernel): string {
  return `${causeOf(kernel)}, asynchronously`;
}

/** Linux: __device_attach_async_helper() */
async function probeLater(dev: Device): Promise<undefined> {
  const { kernel } = dev;
  kernel.dyndbg?.dev(DD, "__device_attach", dev, "scheduling asynchronous probe");
  const cause = besideOf(kernel);
  await kernel.get(ASYNC).schedule("__device_attach_async_helper", dev.name, async () => {
    const attach = () => withDeviceLock(dev, () => attachOneOf(dev, allowsAsync));
    await becauseOf(kernel, cause, attach);
    kernel.dyndbg?.dev(DD, "__device_attach_async_helper", dev, "async probe completed");
  });
}

/** Looks for devices for a driver; all at once beside the caller where that is this kernel's way. Linux: bus_add_driver() */
export async function driverAttach(driver: DeviceDriver): Promise<undefined> {
  const { kernel } = driver;
  const whole = kernel.profile.asyncProbe === "driver" && allowsAsync(driver);
  if (!whole) return await attachEach(driver, allowsAsync(driver));
  const cause = besideOf(kernel);
  const attach = () => becauseOf(kernel, cause, () => attachEach(driver, false));
  await kernel.get(ASYNC).schedule("driver_attach_async", driver.name, attach);
}

/** Offers each device to a driver, oldest first; never stops on an error. Linux: driver_attach(), __driver_attach() */
async function attachEach(driver: DeviceDriver, later: boolean): Promise<undefined> {
  noteDriver("bus devices", driver, "read");
  for (const dev of driver.bus.devices) {
    const match = matchDevice(driver, dev);
    if (match instanceof KernelError) deferMatch(driver, dev, match);
    else if (match) {
      const probe = () => driverProbeDevice(driver, dev);
      const probing = later ? attachLater(driver, dev) : withDeviceLock(dev, probe);
      if (probing instanceof Promise) await probing;
      // Others may have come while the driver looked at this one.
      noteDriver("bus devices", driver, "read");
    }
  }
}

/** Probes beside the caller, unless somebody else is about to. Linux: __driver_attach() */
async function attachLater(driver: DeviceDriver, dev: Device): Promise<undefined> {
  const { kernel } = dev;
  const text = `probing driver ${driver.name} asynchronously`;
  kernel.dyndbg?.dev(DD, "__driver_attach", dev, text);
  const claimed = await withDeviceLock(dev, () => {
    if (dev.driver !== undefined || dev.asyncDriver !== undefined) return false;
    dev.asyncDriver = driver;
    return true;
  });
  if (!claimed) return;
  const cause = besideOf(kernel);
  await kernel.get(ASYNC).schedule("__driver_attach_async_helper", dev.name, async () => {
    const attach = () =>
      withDeviceLock(dev, () => {
        dev.asyncDriver = undefined;
        return driverProbeDevice(driver, dev);
      });
    const result = await becauseOf(kernel, cause, attach);
    const done = `driver ${driver.name} async attach completed: ${result}`;
    kernel.dyndbg?.dev(DD, "__driver_attach_async_helper", dev, done);
  });
}

/**
 * Binds a device to a driver because user space asked. A driver that would like to be asked again later
 * makes this fail with `EAGAIN`.
 *
 * Linux: device_driver_attach()
 */
export async function deviceDriverAttach(driver: DeviceDriver, dev: Device): Promise<undefined> {
  const result = await withDeviceLock(dev, () => probeDevice(driver, dev));
  if (result === 0) return;
  const errno = Math.abs(result) === EPROBE_DEFER ? ERRNO.EAGAIN : Math.abs(result);
  const code = (Object.keys(ERRNO) as (keyof typeof ERRNO)[]).find((name) => ERRNO[name] === errno);
  throw new KernelError(code ?? "EINVAL", `${driver.name}: cannot bind ${dev.name}`);
}

/** Probes; puts the device off when it was told to. Linux: driver_probe_device() */
function driverProbeDevice(driver: DeviceDriver, dev: Device): MightSleep<number> {
  const { kernel } = dev;
  const deferred = kernel.get(DEFERRED);
  if (kernel.profile.triggerCounter) kernel.access?.("deferred triggers", "", "read");
  const triggers = deferred.triggerCount;
  deferred.enter();
  return then(probeDevice(driver, dev), (result) => {
    if (Math.abs(result) === EPROBE_DEFER) {
      deferred.add(dev);
      if (kernel.profile.triggerCounter) kernel.access?.("deferred triggers", "", "read");
      const missed = kernel.profile.triggerCounter && triggers !== deferred.triggerCount;
      if (missed && !deferred.blocked) deferred.trigger("another device was bound meanwhile");
    }
    deferred.leave();
    // Work that the driver queued runs before the next device is looked at, as Linux's mutexes let it.
    return result < 0 ? result : then(kernel.sched.condResched(), () => result);
  });
}

/** Linux: __driver_probe_device() */
function probeDevice(driver: DeviceDriver, dev: Device): MightSleep<number> {
  if (dev.dead || !dev.registered) return -ENODEV;
  if (dev.driver !== undefined) return -EBUSY;
  dev.canMatch = true;
  const matched = `matched device ${dev.name} with driver ${driver.name}`;
  debugBus(driver, "__driver_probe_device", matched);
  const { kernel } = dev;
  const startNs = kernel.clock.nowNs;
  return then(noteAttempt(driver, dev, () => reallyProbe(driver, dev)), (result) => {
    if (kernel.initcallDebug) {
      const micros = Math.floor((kernel.clock.nowNs - startNs) / 1000);
      const shown = kernel.profile.probeReturnsErrno ? result : oldResult(result);
      kernel.debug(`probe of ${dev.name} returned ${shown} after ${micros} usecs`);
    }
    return result;
  });
}

/** What older kernels answered: 1 for success, 0 for a driver that failed. */
function oldResult(result: number): number {
  if (result > 0) return 0;
  return result === 0 ? 1 : result;
}

function debugBus(driver: DeviceDriver, func: string, text: string): undefined {
  driver.kernel.dyndbg?.print(DD, func, `bus: '${driver.bus.name}': ${func}: ${text}`);
}

/** Whether all that the device needs is there; if not, it knows why. Linux: device_links_check_suppliers() */
function suppliersReady(dev: Device): boolean {
  const { kernel } = dev;
  const node = fwDevlinkMissing(dev);
  if (node !== undefined) kernel.found("supplier", node.path, "no device of this node yet");
  if (node !== undefined && dev.fwnode?.bestEffort !== true) {
    setDeferReason(dev, `wait for supplier ${node.name}`);
    return false;
  }
  const supplier = linksMissing(dev);
  if (supplier === undefined) return true;
  kernel.found("supplier", supplier.name, whyNotBound(supplier));
  setDeferReason(dev, `supplier ${supplier.name} not ready`);
  return false;
}

/** It was probed without a supplier, and perhaps that is why it failed. Linux: -EAGAIN of device_links_check_suppliers() */
function lacksSupplier(dev: Device): boolean {
  if (dev.fwnode?.bestEffort !== true) return false;
  return fwDevlinkMissing(dev) !== undefined ||
    suppliersOf(dev).some((link) => link.state !== "consumer probing" && linkIsOptional(link));
}

function whyNotBound(dev: Device): string {
  if (dev.linkStatus !== "no driver") return dev.linkStatus;
  if (!dev.canMatch) return "no driver has looked at it so far";
  return dev.kernel.get(DEFERRED).waits(dev)
    ? "its own probe was put off"
    : "its driver refused it";
}

/** Binds one device to one driver, or leaves no trace. Linux: really_probe() */
function reallyProbe(driver: DeviceDriver, dev: Device): MightSleep<number> {
  const { kernel } = dev;
  if (kernel.get(DEFERRED).blocked) {
    kernel.dyndbg?.dev(DD, "really_probe", dev, `Driver ${driver.name} force probe deferral`);
    return -EPROBE_DEFER;
  }
  if (!suppliersReady(dev)) return -EPROBE_DEFER;
  debugBus(driver, "really_probe", `probing driver ${driver.name} with device ${dev.name}`);
  if (dev.devres.size > 0) {
    devPrintk(KERN_CRIT, dev, "Resources present before probing");
    return -EBUSY;
  }
  const twice = kernel.kconfig.DEBUG_TEST_DRIVER_REMOVE === true &&
    driver.ops.suppressBindAttrs !== true;
  const probed = twice ? probeTwice(driver, dev) : probeOnce(driver, dev);
  return then(probed, (result) => {
    if (result === 0) return driverBound(driver, dev);
    const answer = lacksSupplier(dev) ? EPROBE_DEFER : result;
    linksNoDriver(dev);
    return then(unbindCleanup(dev), () => answer);
  });
}

/** From the sysfs links to the driver's answer. What it acquired is there still when it fails. */
function probeOnce(driver: DeviceDriver, dev: Device): MightSleep<number> {
  const { kernel } = dev;
  kernel.clock.advanceByNs(kernel.costs.probe);
  dev.driver = driver;
  dev.noteState("insert");
  try {
    driverSysfsAdd(driver, dev);
  } catch (error) {
    kernel.err(`really_probe: driver_sysfs_add(${dev.name}) failed`);
    driverSysfsRemove(driver, dev);
    return -errnoOf(error);
  }
  const failed = (errno: number) => {
    noteFailure(driver, dev, errno);
    driverSysfsRemove(driver, dev);
    return errno;
  };
  return attempt(
    () => callDriverProbe(driver, dev),
    (refusal) => refusal === undefined ? 0 : failed(ERRNO[refusal]),
    (error) => {
      kernel.found("error", "", (error as Error).message);
      return failed(errnoOf(error));
    },
  );
}

/** A probe, its undoing, and a probe: does the driver leave something behind? Linux: CONFIG_DEBUG_TEST_DRIVER_REMOVE */
async function probeTwice(driver: DeviceDriver, dev: Device): Promise<number> {
  const result = await probeOnce(driver, dev);
  if (result !== 0) return result;
  await driver.bus.type.remove(dev);
  driverSysfsRemove(driver, dev);
  await unbindCleanup(dev);
  return await probeOnce(driver, dev);
}

/** Linux: driver_sysfs_add() */
function driverSysfsAdd(driver: DeviceDriver, dev: Device): undefined {
  dev.kernel.failable(`sysfs links between ${dev.name} and ${driver.name}`);
  driver.addLink(dev.name, dev);
  dev.addLink("driver", driver);
}

/** Linux: driver_sysfs_remove() */
function driverSysfsRemove(driver: DeviceDriver, dev: Device): undefined {
  driver.removeEntry(dev.name);
  dev.removeEntry("driver");
}

/** Looks the device over, later if that was asked for. Linux: call_driver_probe() */
function callDriverProbe(driver: DeviceDriver, dev: Device): MightSleep<Errno | undefined> {
  const { ordering: { probeDelayMs }, sched } = dev.kernel;
  const delayMs = probeDelayMs?.[dev.name] ?? probeDelayMs?.[driver.name] ?? 0;
  return then(
    delayMs > 0 ? sched.sleep(delayMs * 1e6) : undefined,
    () => driver.bus.type.probe(dev),
  );
}

/** A device that is not there and one that waits for others are nothing to talk about. */
function noteFailure(driver: DeviceDriver, dev: Device, errno: number): undefined {
  const { kernel } = dev;
  if (errno === EPROBE_DEFER) {
    const text = `Driver ${driver.name} requests probe deferral`;
    kernel.dyndbg?.dev(DD, "call_driver_probe", dev, text);
  } else if (errno === ENODEV || errno === ENXIO) {
    const text = `${driver.name}: probe of ${dev.name} rejects match -${errno}`;
    kernel.dyndbg?.print(DD, "call_driver_probe", text);
  } else if (kernel.profile.probeFailure === "device") {
    devErr(dev, `probe with driver ${driver.name} failed with error -${errno}`);
  } else kernel.warn(`${driver.name}: probe of ${dev.name} failed with error -${errno}`);
}

/** Linux: driver_bound() */
function driverBound(driver: DeviceDriver, dev: Device): MightSleep<0> {
  const { kernel } = dev;
  const text = `driver: '${driver.name}': driver_bound: bound to device '${dev.name}'`;
  kernel.dyndbg?.print(DD, "driver_bound", text);
  driver.devices.push(dev);
  dev.bound = true;
  dev.noteState("insert");
  // Work that the driver queued runs first, as the mutex of the links lets it.
  return then(kernel.sched.condResched(), () => announceBound(driver, dev));
}

/** Consumers may be probed now, and user space hears of it. Linux: driver_bound() from device_links_driver_bound() on */
function announceBound(driver: DeviceDriver, dev: Device): MightSleep<0> {
  const deferred = dev.kernel.get(DEFERRED);
  fwDevlinkDriverBound(dev);
  const { probe, sync } = linksDriverBound(dev);
  for (const consumer of probe) deferred.add(consumer);
  return then(sync.length > 0 ? syncStateFlush(sync) : undefined, () => {
    deferred.forget(dev);
    deferred.trigger(`${dev.name} was bound`);
    deviceUevent(dev, "bind");
    debugBus(driver, "really_probe", `bound device ${dev.name} to driver ${driver.name}`);
    return 0 as const;
  });
}

/** Linux: device_unbind_cleanup() */
function unbindCleanup(dev: Device): MightSleep<undefined> {
  return then(dev.devres.releaseAll(), () => {
    dev.driver = undefined;
    dev.drvdata = undefined;
    dev.noteState("insert");
    return undefined;
  });
}

/**
 * Makes a device's driver let go of it, after those of all devices that need it.
 *
 * Linux: device_release_driver(), __device_release_driver()
 */
export async function releaseDriver(dev: Device): Promise<undefined> {
  const { driver, kernel } = dev;
  const settle = () => kernel.get(DEFERRED).wait();
  while (!await withDeviceLock(dev, () => release(dev, driver))) {
    await linksUnbindConsumers(dev, releaseDriver, settle);
  }
}

/** False when somebody still uses the device. */
async function release(dev: Device, driver: DeviceDriver | undefined): Promise<boolean> {
  if (driver === undefined || dev.driver !== driver || !dev.bound) return true;
  if (linksBusy(dev)) return false;
  dev.bound = false;
  driverSysfsRemove(driver, dev);
  try {
    await driver.bus.type.remove(dev);
  } finally {
    // A driver that throws here has a bug, and has lost its device all the same: Linux's remove() cannot fail.
    await unbindCleanup(dev);
    linksDriverCleanup(dev);
    driver.devices.splice(driver.devices.indexOf(dev), 1);
  }
  deviceUevent(dev, "unbind");
  return true;
}

/** Makes a driver let go of all its devices, newest first. Linux: driver_detach() */
export async function driverDetach(driver: DeviceDriver): Promise<undefined> {
  if (allowsAsync(driver)) await driver.kernel.get(ASYNC).synchronizeFull();
  let dev: Device | undefined;
  while ((dev = driver.devices.at(-1)) !== undefined) await releaseDriver(dev);
}
