/**
 * Putting devices to sleep, the newest first, and waking them, the oldest first. Nothing is probed meanwhile.
 *
 * Linux: drivers/base/power/main.c
 *
 * @module
 */
import { errnoOf } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { DEFERRED } from "./dd.ts";
import { devErr, type Device, DEVICES, devInfo } from "./device.ts";
import type { PmCallback, PmOps } from "./power.ts";

/** What power management of a whole kernel is set to. */
class SystemPm {
  /** Each callback is logged. Linux: pm_print_times */
  printTimes: boolean;
  /** Asleep, the first that was put to sleep first. Linux: dpm_suspended_list */
  suspended: Device[] = [];

  constructor(kernel: Kernel) {
    this.printTimes = kernel.initcallDebug;
  }
}

/** What power management of a kernel is set to. */
export const SYSTEM_PM: Slot<SystemPm> = new Slot("pm", (kernel) => new SystemPm(kernel));

/** What the device's type, class or bus does for it, else its driver. Linux: __device_suspend(), device_resume() */
function callbackOf(dev: Device, op: keyof PmOps): PmCallback | undefined {
  const ops = dev.type?.pm ?? dev.cls?.pm ?? dev.bus?.type.pm;
  return ops?.[op] ?? (dev.driver?.ops.pm?.[op]);
}

/**
 * Linux: dpm_run_callback()
 *
 * @returns 0 or the errno by which it failed.
 */
async function runCallback(dev: Device, op: keyof PmOps): Promise<number> {
  const callback = callbackOf(dev, op);
  if (callback === undefined) return 0;
  const { kernel } = dev;
  const { printTimes } = kernel.get(SYSTEM_PM);
  const symbol = kernel.symbols.describe(callback);
  const pid = kernel.sched.current?.pid;
  const above = dev.parentDevice?.name ?? "none";
  if (printTimes) devInfo(dev, `PM: calling ${symbol} @ ${pid}, parent: ${above}`);
  const startNs = kernel.clock.nowNs;
  let errno = 0;
  try {
    await callback.run(dev);
  } catch (error) {
    errno = errnoOf(error);
  }
  const micros = Math.floor((kernel.clock.nowNs - startNs) / 1000);
  const result = errno === 0 ? 0 : -errno;
  if (printTimes) devInfo(dev, `PM: ${symbol} returned ${result} after ${micros} usecs`);
  if (errno !== 0) devErr(dev, `PM: dpm_run_callback(): ${symbol} returns ${result}`);
  return errno;
}

/**
 * Puts all devices to sleep. When one cannot, those that sleep by then are left to {@linkcode dpmResumeEnd}.
 *
 * Linux: dpm_suspend_start()
 *
 * @returns 0 or the errno of the device that could not.
 */
export async function dpmSuspendStart(kernel: Kernel): Promise<number> {
  const deferred = kernel.get(DEFERRED);
  await deferred.wait();
  await deferred.block();
  const pm = kernel.get(SYSTEM_PM);
  pm.suspended = [];
  kernel.access?.("device order", "", "read");
  for (const dev of [...kernel.get(DEVICES)].reverse()) {
    if (dev.pmNotRequired) continue;
    const errno = await runCallback(dev, "suspend");
    if (errno !== 0) {
      devErr(dev, `PM: failed to suspend: error -${errno}`);
      return errno;
    }
    pm.suspended.push(dev);
  }
  return 0;
}

/** Wakes all devices that sleep, and lets devices be probed again. Linux: dpm_resume_end() */
export async function dpmResumeEnd(kernel: Kernel): Promise<undefined> {
  const pm = kernel.get(SYSTEM_PM);
  let dev: Device | undefined;
  while ((dev = pm.suspended.pop()) !== undefined) {
    const errno = dev.registered ? await runCallback(dev, "resume") : 0;
    if (errno !== 0) devErr(dev, `PM: failed to resume: error -${errno}`);
  }
  kernel.get(DEFERRED).unblock();
}
