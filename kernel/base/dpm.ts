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
import { devErr, Device, DEVICES, devInfo } from "./device.ts";
import type { PmCallback, PmOps } from "./power.ts";

/** What is called on the way to sleep and back, in this order. */
export type DpmPhase =
  | "suspend"
  | "suspend_late"
  | "suspend_noirq"
  | "resume_noirq"
  | "resume_early"
  | "resume";

/** What messages call a phase. Linux: dpm_show_time() */
const PHASE_NAMES: Readonly<Record<DpmPhase, string>> = {
  suspend: "suspend",
  suspend_late: "late suspend",
  suspend_noirq: "noirq suspend",
  resume_noirq: "noirq resume",
  resume_early: "early resume",
  resume: "resume",
};

/** A device that is not modelled: it only says what it does. */
export interface DpmStranger {
  /** Driver or class, and name. */
  readonly logName: string;
  readonly parent: string;
  /** The device behind which it stands in the list; empty for the first. */
  readonly after: string;
  /** The function of a phase with its size. */
  readonly callbacks: Readonly<Partial<Record<DpmPhase, Pick<PmCallback, "name" | "size">>>>;
}

/** Reads a line for each: see `drivers/surroundings/devices.ts`. */
export function parseStrangers(lines: string): readonly DpmStranger[] {
  return lines.trim().split("\n").map((line) => {
    const [after, driver, name, parent, ...words] = line.split(" ");
    const callbacks = words.map((word) => {
      const [phase, symbol, size] = word.split(/[=+]/);
      return [phase, { name: symbol, size: parseInt(size, 16) }];
    });
    return {
      logName: `${driver} ${name}`,
      parent,
      after: after === "-" ? "" : after,
      callbacks: Object.fromEntries(callbacks),
    };
  });
}

/** What power management of a whole kernel is set to. */
class SystemPm {
  /** Each callback is logged. Linux: pm_print_times */
  printTimes: boolean;
  /** Steps of the whole machine are logged. Linux: pm_debug_messages_on */
  debugMessages: boolean;
  /** Devices are put to sleep beside each other where they allow it; here one after the other. Linux: pm_async_enabled */
  async = true;
  /** Asleep, the first that was put to sleep first. Linux: dpm_suspended_list */
  suspended: (Device | DpmStranger)[] = [];
  /** Devices that are not modelled, in the order of the list. */
  strangers: readonly DpmStranger[] = [];

  constructor(kernel: Kernel) {
    this.printTimes = kernel.initcallDebug;
    this.debugMessages = kernel.params.has("pm_debug_messages");
  }
}

/** A device that could not be put to sleep. */
export interface DpmFailure {
  readonly dev: Device;
  readonly errno: number;
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
  const symbol = kernel.symbols.describe(callback);
  const above = dev.parentDevice?.name ?? "none";
  const { printTimes } = kernel.get(SYSTEM_PM);
  if (printTimes) devInfo(dev, calling(kernel, symbol, above));
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

function calling({ sched }: Kernel, symbol: string, parent: string): string {
  return `PM: calling ${symbol} @ ${sched.current?.pid}, parent: ${parent}`;
}

/** A device that is not modelled says what it would do. */
function runStranger(kernel: Kernel, stranger: DpmStranger, phase: DpmPhase): undefined {
  const callback = stranger.callbacks[phase];
  if (callback === undefined || !kernel.get(SYSTEM_PM).printTimes) return;
  const symbol = kernel.symbols.describe(callback);
  kernel.info(`${stranger.logName}: ${calling(kernel, symbol, stranger.parent)}`);
  kernel.info(`${stranger.logName}: PM: ${symbol} returned 0 after 0 usecs`);
}

/** A line about the whole machine that is off by default. Linux: pm_pr_dbg() */
export function pmDebug(kernel: Kernel, text: string): undefined {
  if (kernel.get(SYSTEM_PM).debugMessages) kernel.debug(`PM: ${text}`);
}

/** Linux: dpm_show_time() */
function showTime(kernel: Kernel, what: string, startNs: number, aborted = false): undefined {
  const ms = ((kernel.clock.nowNs - startNs) / 1e6).toFixed(3);
  pmDebug(kernel, `${what} of devices ${aborted ? "aborted" : "complete"} after ${ms} msecs`);
}

/** All devices, the oldest first, also those that are not modelled. Linux: dpm_list */
function dpmList(kernel: Kernel): (Device | DpmStranger)[] {
  const { strangers } = kernel.get(SYSTEM_PM);
  const behind = (name: string) => strangers.filter(({ after }) => after === name);
  return [...behind(""), ...[...kernel.get(DEVICES)].flatMap((dev) => [dev, ...behind(dev.name)])];
}

/**
 * Puts all devices to sleep. When one cannot, those that sleep by then are left to {@linkcode dpmResumeEnd}.
 *
 * Linux: dpm_suspend_start()
 *
 * @returns The device that could not, if there was one.
 */
export async function dpmSuspendStart(kernel: Kernel): Promise<DpmFailure | undefined> {
  const deferred = kernel.get(DEFERRED);
  await deferred.wait();
  await deferred.block();
  const startNs = kernel.clock.nowNs;
  const failed = await dpmSuspend(kernel);
  showTime(kernel, "suspend", startNs, failed !== undefined);
  showTime(kernel, "start suspend", startNs, failed !== undefined);
  return failed;
}

/** Linux: dpm_suspend() */
async function dpmSuspend(kernel: Kernel): Promise<DpmFailure | undefined> {
  const pm = kernel.get(SYSTEM_PM);
  pm.suspended = [];
  kernel.access?.("device order", "", "read");
  for (const dev of dpmList(kernel).reverse()) {
    if (!(dev instanceof Device)) runStranger(kernel, dev, "suspend");
    else if (dev.pmNotRequired) continue;
    else {
      const errno = await runCallback(dev, "suspend");
      if (errno !== 0) {
        devErr(dev, `PM: failed to suspend: error -${errno}`);
        return { dev, errno };
      }
    }
    pm.suspended.push(dev);
  }
}

/**
 * One of the phases between, in which nothing that is modelled has anything to do.
 *
 * Linux: dpm_suspend_late(), dpm_suspend_noirq(), dpm_resume_noirq(), dpm_resume_early()
 */
export function dpmPass(
  kernel: Kernel,
  phase: Exclude<DpmPhase, "suspend" | "resume">,
): undefined {
  const startNs = kernel.clock.nowNs;
  for (const dev of kernel.get(SYSTEM_PM).suspended) {
    if (!(dev instanceof Device)) runStranger(kernel, dev, phase);
  }
  showTime(kernel, PHASE_NAMES[phase], startNs);
}

/** Wakes all devices that sleep, and lets devices be probed again. Linux: dpm_resume_end() */
export async function dpmResumeEnd(kernel: Kernel): Promise<undefined> {
  const pm = kernel.get(SYSTEM_PM);
  const startNs = kernel.clock.nowNs;
  let dev: Device | DpmStranger | undefined;
  while ((dev = pm.suspended.pop()) !== undefined) {
    if (!(dev instanceof Device)) runStranger(kernel, dev, "resume");
    else if (dev.registered) {
      const errno = await runCallback(dev, "resume");
      if (errno !== 0) devErr(dev, `PM: failed to resume: error -${errno}`);
    }
  }
  kernel.get(DEFERRED).unblock();
  showTime(kernel, "resume", startNs);
}
