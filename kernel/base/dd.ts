/**
 * Bringing devices and drivers together: match, probe, deferral, release.
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
import { textFile } from "../vfs/node.ts";
import { WaitQueue } from "../wait.ts";
import type { Timer } from "../task.ts";
import { SYSTEM_WQ, Work, WorkQueue } from "../workqueue.ts";
import { type Device, DEVICES, deviceUevent, devInfo, devPrintk } from "./device.ts";
import type { DeviceDriver } from "./driver.ts";

const { EPROBE_DEFER, ENODEV, ENXIO } = ERRNO;
/** Seconds after which a kernel with modules stops waiting for suppliers. */
const DEFERRED_PROBE_TIMEOUT_S = 10;

/** What happened in one attempt to bind, for `explain`. */
export interface ProbeAttempt {
  readonly device: string;
  readonly driver: string;
  /** 0, or the errno by which the attempt ended, negative when the driver was not even called. */
  readonly result: number;
  readonly atNs: number;
}

/** Devices whose probe was put off. */
export class DeferredProbes {
  /** Waiting for something to change, oldest first. Linux: deferred_probe_pending_list */
  readonly pending = new Set<Device>();
  /** Probed again by the worker. Linux: deferred_probe_active_list */
  readonly active = new Set<Device>();
  /** How often something changed. Linux: deferred_trigger_count */
  triggerCount = 0;
  /** All attempts so far. */
  readonly attempts: ProbeAttempt[] = [];
  /** Linux: initcalls_done */
  initcallsDone = false;

  readonly #kernel: Kernel;
  readonly #queue: WorkQueue;
  readonly #work: Work;
  readonly #timeoutWork: Work;
  readonly #idle: WaitQueue;
  #enabled = false;
  #probing = 0;
  /** Every probe is put off: the machine is going down. Linux: defer_all_probes */
  blocked = false;
  #timeoutS: number;
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#queue = new WorkQueue(kernel.sched, "events_unbound");
    this.#work = new Work("deferred_probe_work_func", () => this.#retry());
    this.#timeoutWork = new Work("deferred_probe_timeout_work", () => this.#expire());
    this.#idle = new WaitQueue(kernel.sched, "devices that are being probed");
    this.#timeoutS = Number(
      kernel.params.get("deferred_probe_timeout") ?? kernel.ordering.deferredProbeTimeoutS ??
        DEFERRED_PROBE_TIMEOUT_S,
    );
  }

  /** Puts a device on the waiting list. Linux: driver_deferred_probe_add() */
  add(dev: Device): undefined {
    if (!dev.canMatch || this.pending.has(dev)) return;
    this.#kernel.access?.("deferred", "", "append");
    this.pending.add(dev);
  }

  /** Takes a device off both lists. Linux: driver_deferred_probe_del() */
  forget(dev: Device): undefined {
    this.pending.delete(dev);
    this.active.delete(dev);
    dev.deferReason = "";
  }

  /** Something changed: everything that waits is tried again. Linux: driver_deferred_probe_trigger() */
  trigger(): undefined {
    if (!this.#enabled) return;
    this.triggerCount++;
    for (const dev of this.pending) this.active.add(dev);
    this.pending.clear();
    if (this.active.size > 0) this.#queue.queue(this.#work);
  }

  /** Linux: deferred_probe_work_func() */
  async #retry(): Promise<undefined> {
    for (const dev of this.active) {
      this.active.delete(dev);
      dev.deferReason = "";
      moveToTail(dev);
      await busProbeDevice(dev);
    }
  }

  /** Counts a probe that is under way. Linux: probe_count */
  enter(): undefined {
    this.#probing++;
  }
  leave(): undefined {
    this.#probing--;
    this.#idle.wakeUp();
  }

  /** Linux: deferred_probe_initcall(), at late_initcall */
  async initcall(): Promise<number> {
    this.#kernel.debugfs.add("devices_deferred", textFile(() => this.show()));
    this.#enabled = true;
    this.trigger();
    await this.#queue.flush(this.#work);
    this.initcallsDone = true;
    this.trigger();
    await this.#queue.flush(this.#work);
    this.#armTimeout();
    return 0;
  }

  /** The text of `devices_deferred`. Linux: deferred_devs_show() */
  show(): string {
    return [...this.pending].map((dev) => `${dev.name}\t${dev.deferReason}\n`).join("");
  }

  #armTimeout(): undefined {
    if (!(this.#timeoutS > 0)) return;
    const at = this.#kernel.clock.nowNs + this.#timeoutS * 1e9;
    this.#timer = this.#kernel.sched.addTimer(
      at,
      "deferred_probe_timeout_work",
      () => void this.#kernel.get(SYSTEM_WQ).queue(this.#timeoutWork) as undefined,
    );
  }

  /** Each new driver restarts a timeout that runs. Linux: deferred_probe_extend_timeout() */
  extendTimeout(): undefined {
    if (this.#timer === undefined || !this.#kernel.sched.deleteTimer(this.#timer)) return;
    this.#armTimeout();
  }

  /** Tries a last time, and names what still waits. Linux: deferred_probe_timeout_work_func() */
  async #expire(): Promise<undefined> {
    this.#timer = undefined;
    this.#timeoutS = 0;
    this.trigger();
    await this.#queue.flush(this.#work);
    for (const dev of this.pending) devInfo(dev, "deferred probe pending");
  }

  /** Sleeps until no device is being probed and none waits to be. Linux: wait_for_device_probe() */
  async wait(): Promise<undefined> {
    await this.#queue.flush(this.#work);
    await this.#idle.waitEvent(() => this.#probing === 0);
    await this.#kernel.get(ASYNC).synchronizeFull();
  }
}

/** The deferred probes of a kernel. */
export const DEFERRED: Slot<DeferredProbes> = new Slot(
  "deferred probes",
  (k) => new DeferredProbes(k),
);

/** A device that is tried again is shut down earlier. Linux: device_pm_move_to_tail() */
function moveToTail(dev: Device): undefined {
  const devices = dev.kernel.get(DEVICES);
  if (devices.delete(dev)) devices.add(dev);
}

/** Whether the driver fits: a boolean, or -EPROBE_DEFER. Linux: driver_match_device() */
export function matchDevice(driver: DeviceDriver, dev: Device): boolean | number {
  try {
    return driver.bus.type.match(dev, driver);
  } catch (error) {
    return -errnoOf(error);
  }
}

/** Tasks that wait until a device is neither bound nor released by another one. */
const DEVICE_LOCKS: Slot<WaitQueue> = new Slot(
  "device locks",
  (k) => new WaitQueue(k.sched, "the lock of a device"),
);

/** Runs `body` while nobody else binds or releases the device. Linux: device_lock() … device_unlock() */
function withDeviceLock<T>(dev: Device, body: () => MightSleep<T>): MightSleep<T> {
  const waiters = dev.kernel.get(DEVICE_LOCKS);
  if (dev.locked) {
    return waiters.waitEvent(() => !dev.locked).then(() => withDeviceLock(dev, body));
  }
  const unlock = (): undefined => {
    dev.locked = false;
    waiters.wakeUp();
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
function cmdlineRequestedAsync(driver: DeviceDriver): boolean {
  const names = driver.kernel.params.get("driver_async_probe")?.split(",");
  if (names === undefined) return false;
  return names.includes(driver.name) !== names.includes("*");
}

/** Linux: driver_allows_async_probing() */
function allowsAsync(driver: DeviceDriver): boolean {
  const { probeType } = driver.ops;
  if (probeType !== undefined) return probeType === "asynchronous";
  if (driver.kernel.ordering.async?.includes(driver.name) === true) return true;
  return cmdlineRequestedAsync(driver);
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
  dev.kernel.access?.("bus drivers", dev.bus.name, "read");
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
    dev.canMatch = true;
    if (match === -EPROBE_DEFER) return dev.kernel.get(DEFERRED).add(dev);
    if (match !== true) return;
    if (!wanted(driver)) continue;
    return then(driverProbeDevice(driver, dev), (result) => {
      if (result > 0) return attachFirstOf(dev, drivers, wanted);
    });
  }
}

/**
 * Looks for a driver for a new device: first among those that are probed at once, then, beside the caller,
 * among the others.
 *
 * Linux: bus_probe_device(), device_initial_probe()
 */
export function busProbeDevice(dev: Device): MightSleep<undefined> {
  if (dev.bus === undefined || !dev.bus.autoprobe) return;
  let someAsync = false;
  const attached = withDeviceLock(dev, () =>
    attachOneOf(dev, (driver) => {
      const later = allowsAsync(driver);
      someAsync ||= later;
      return !later;
    }));
  return then(attached, () => {
    if (!someAsync || dev.driver !== undefined) return;
    return dev.kernel.get(ASYNC).schedule(
      dev.name,
      () => withDeviceLock(dev, () => attachOneOf(dev, allowsAsync)),
    );
  });
}

/** Looks for devices for a driver, oldest first; never stops on an error. Linux: driver_attach() */
export async function driverAttach(driver: DeviceDriver): Promise<undefined> {
  const { bus, kernel } = driver;
  kernel.access?.("bus devices", bus.name, "read");
  const later = allowsAsync(driver);
  for (const dev of bus.devices) {
    const match = matchDevice(driver, dev);
    if (match === false) continue;
    dev.canMatch = true;
    if (match === -EPROBE_DEFER) kernel.get(DEFERRED).add(dev);
    else if (match === true && dev.driver === undefined) {
      const probe = () => withDeviceLock(dev, () => driverProbeDevice(driver, dev));
      const probing = later ? kernel.get(ASYNC).schedule(dev.name, probe) : probe();
      if (probing instanceof Promise) await probing;
    }
  }
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
  const deferred = dev.kernel.get(DEFERRED);
  const triggers = deferred.triggerCount;
  deferred.enter();
  return then(probeDevice(driver, dev), (result) => {
    if (Math.abs(result) === EPROBE_DEFER) {
      deferred.add(dev);
      if (triggers !== deferred.triggerCount) deferred.trigger();
    }
    deferred.leave();
    // Work that the probe queued runs before the next device is looked at, as Linux's mutexes let it.
    return then(dev.kernel.sched.condResched(), () => result);
  });
}

/** Linux: __driver_probe_device() */
function probeDevice(driver: DeviceDriver, dev: Device): MightSleep<number> {
  if (dev.dead || !dev.registered) return -ENODEV;
  if (dev.driver !== undefined) return -ERRNO.EBUSY;
  dev.canMatch = true;
  const startNs = dev.kernel.clock.nowNs;
  return then(reallyProbe(driver, dev), (result) => {
    noteAttempt(driver, dev, result, startNs);
    return result;
  });
}

/** Keeps what happened, and says it with `initcall_debug`. Linux: really_probe_debug() */
function noteAttempt(
  driver: DeviceDriver,
  { kernel, name }: Device,
  result: number,
  atNs: number,
): undefined {
  kernel.get(DEFERRED).attempts.push({ device: name, driver: driver.name, result, atNs });
  if (!kernel.initcallDebug) return;
  const micros = Math.floor((kernel.clock.nowNs - atNs) / 1000);
  kernel.debug(`probe of ${name} returned ${result} after ${micros} usecs`);
}

/** Binds one device to one driver, or leaves no trace. Linux: really_probe() */
function reallyProbe(driver: DeviceDriver, dev: Device): MightSleep<number> {
  const { kernel } = dev;
  if (kernel.get(DEFERRED).blocked) return -EPROBE_DEFER;
  if (dev.devres.size > 0) {
    devPrintk(KERN_CRIT, dev, "Resources present before probing");
    return -ERRNO.EBUSY;
  }
  kernel.clock.advanceByNs(kernel.costs.probe);
  dev.driver = driver;
  try {
    driverSysfsAdd(driver, dev);
  } catch (error) {
    kernel.err(`really_probe: driver_sysfs_add(${dev.name}) failed`);
    return then(unbindCleanup(dev, driver), () => -errnoOf(error));
  }
  return attempt(() => callDriverProbe(driver, dev), (refusal) => {
    if (refusal === undefined) return driverBound(driver, dev);
    return then(unbindCleanup(dev, driver), () => ERRNO[refusal]);
  }, (error) => {
    const errno = errnoOf(error);
    noteFailure(driver, dev, errno);
    return then(unbindCleanup(dev, driver), () => errno);
  });
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

/** Linux: driver_sysfs_add() */
function driverSysfsAdd(driver: DeviceDriver, dev: Device): undefined {
  dev.kernel.failable(`sysfs links between ${dev.name} and ${driver.name}`);
  driver.addLink(dev.name, dev);
  dev.addLink("driver", driver);
}

/** A device that is not there and one that waits for others are nothing to talk about. */
function noteFailure(driver: DeviceDriver, dev: Device, errno: number): undefined {
  if (errno === EPROBE_DEFER || errno === ENODEV || errno === ENXIO) return;
  dev.kernel.warn(`${driver.name}: probe of ${dev.name} failed with error -${errno}`);
}

/** Linux: driver_bound() */
function driverBound(driver: DeviceDriver, dev: Device): 0 {
  driver.devices.push(dev);
  dev.bound = dev.everBound = true;
  const deferred = dev.kernel.get(DEFERRED);
  deferred.forget(dev);
  deferred.trigger();
  deviceUevent(dev, "bind");
  return 0;
}

/** Linux: device_unbind_cleanup(), driver_sysfs_remove() */
function unbindCleanup(dev: Device, driver: DeviceDriver): MightSleep<undefined> {
  driver.removeEntry(dev.name);
  dev.removeEntry("driver");
  return then(dev.devres.releaseAll(), () => {
    dev.driver = undefined;
    dev.drvdata = undefined;
    return undefined;
  });
}

/** Makes a device's driver let go of it. Linux: device_release_driver() */
export function releaseDriver(dev: Device): MightSleep<undefined> {
  return withDeviceLock(dev, () => release(dev));
}

/** Linux: __device_release_driver() */
async function release(dev: Device): Promise<undefined> {
  const { driver } = dev;
  if (driver === undefined || !dev.bound) return;
  dev.bound = false;
  driver.removeEntry(dev.name);
  dev.removeEntry("driver");
  await driver.bus.type.remove(dev);
  await dev.devres.releaseAll();
  dev.driver = undefined;
  dev.drvdata = undefined;
  driver.devices.splice(driver.devices.indexOf(dev), 1);
  deviceUevent(dev, "unbind");
}

/** Makes a driver let go of all its devices, newest first. Linux: driver_detach() */
export async function driverDetach(driver: DeviceDriver): Promise<undefined> {
  if (allowsAsync(driver)) await driver.kernel.get(ASYNC).synchronizeFull();
  let dev: Device | undefined;
  while ((dev = driver.devices.at(-1)) !== undefined) await releaseDriver(dev);
}
