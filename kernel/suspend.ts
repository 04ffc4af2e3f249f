/**
 * Putting the machine to sleep.
 *
 * The processor stops, devices sleep, and a wake-up brings all back. What sleeps only for a test comes back by
 * itself, as `/sys/power/pm_test` says.
 *
 * Linux: kernel/power/suspend.c
 *
 * @module
 */
import { dpmPass, dpmResumeEnd, dpmSuspendStart, pmDebug } from "./base/dpm.ts";
import { ERRNO, type Errno } from "./errno.ts";
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { Slot } from "./slot.ts";
import { SuspendStats } from "./suspend_stats.ts";
import { WaitQueue } from "./wait.ts";

/** What can be tested: how far the machine goes to sleep. Linux: pm_test_level */
export const PM_TESTS = ["none", "core", "processors", "platform", "devices", "freezer"] as const;
type PmTest = (typeof PM_TESTS)[number];

/** How long a test lasts. Linux: pm_test_delay */
const PM_TEST_DELAY_S = 5;

/** Whether the machine sleeps. */
export class Suspend {
  test: PmTest = "none";
  /** It sleeps until {@linkcode end}. */
  asleep = false;
  /** How many events came that may wake the machine. Linux: combined_event_count */
  wakeups = 0;
  /** The interrupt that woke it last. */
  wakeupIrq: number | undefined;
  readonly stats = new SuspendStats();
  /** What `/sys/power` was told that has no effect here. */
  readonly numbers = new Map<string, number>();
  readonly #kernel: Kernel;
  readonly #changed: WaitQueue;
  #transition = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#changed = new WaitQueue(kernel.sched, "something that wakes the machine");
  }

  /**
   * Goes to sleep and comes back.
   *
   * Linux: pm_suspend()
   *
   * @throws {KernelError} `EBUSY` when it is on its way already, `EAGAIN` for a test that there is not, or what
   *   kept a device awake.
   */
  async suspend(): Promise<undefined> {
    const kernel = this.#kernel;
    kernel.info("PM: suspend entry (s2idle)");
    const code = await this.#enter();
    if (code === undefined) this.stats.success++;
    else this.stats.failed(ERRNO[code]);
    kernel.info("PM: suspend exit");
    if (code !== undefined) throw new KernelError(code, "the machine does not go to sleep");
  }

  /** Linux: enter_state() */
  async #enter(): Promise<Errno | undefined> {
    const kernel = this.#kernel;
    if (this.test === "core" || this.test === "processors") {
      kernel.warn(
        "PM: Unsupported test mode for suspend to idle, please choose none/freezer/devices/platform.",
      );
      return "EAGAIN";
    }
    if (this.#transition) return "EBUSY";
    this.#transition = true;
    if (this.numbers.get("sync_on_suspend") !== 0) {
      kernel.info("Filesystems sync: 0.000 seconds");
    }
    pmDebug(kernel, "Preparing system for sleep (s2idle)");
    this.#freeze();
    let code: Errno | undefined;
    if (this.test === "freezer") await this.#testDelay();
    else {
      pmDebug(kernel, "Suspending system (s2idle)");
      code = await this.#devicesAndEnter();
    }
    pmDebug(kernel, "Finishing wakeup.");
    this.#thaw();
    this.#transition = false;
    this.#changed.wakeUp();
    return code;
  }

  /** Processes are stopped; here only one runs at a time anyway. Linux: suspend_freeze_processes() */
  #freeze(): undefined {
    const kernel = this.#kernel;
    for (const what of ["user space processes", "remaining freezable tasks"]) {
      kernel.info(`Freezing ${what}`);
      kernel.info(`Freezing ${what} completed (elapsed 0.000 seconds)`);
      if (what === "user space processes") kernel.info("OOM killer disabled.");
    }
  }

  /** Linux: suspend_finish() */
  #thaw(): undefined {
    this.#kernel.info("OOM killer enabled.");
    this.#kernel.info("Restarting tasks ... done.");
    this.#kernel.notice("random: crng reseeded on system resumption");
  }

  /** Linux: suspend_devices_and_enter() */
  async #devicesAndEnter(): Promise<Errno | undefined> {
    const kernel = this.#kernel;
    if (!kernel.params.has("no_console_suspend")) {
      kernel.info("printk: Suspending console(s) (use no_console_suspend to debug)");
    }
    const failed = await dpmSuspendStart(kernel);
    if (failed !== undefined) {
      this.stats.deviceFailed(failed.dev.name, "suspend");
      kernel.err("PM: Some devices failed to suspend, or early wake event detected");
    } else if (this.test === "devices") await this.#testDelay();
    else await this.#enterIdle();
    await dpmResumeEnd(kernel);
    return (Object.keys(ERRNO) as Errno[]).find((code) => ERRNO[code] === failed?.errno);
  }

  /** The devices' last steps, and the processor's sleep. Linux: suspend_enter() */
  async #enterIdle(): Promise<undefined> {
    const kernel = this.#kernel;
    dpmPass(kernel, "suspend_late");
    dpmPass(kernel, "suspend_noirq");
    if (this.test === "platform") await this.#testDelay();
    else await this.#sleep();
    dpmPass(kernel, "resume_noirq");
    dpmPass(kernel, "resume_early");
  }

  /** Linux: suspend_test() */
  async #testDelay(): Promise<undefined> {
    this.#kernel.info(`PM: suspend debug: Waiting for ${PM_TEST_DELAY_S} second(s).`);
    await this.#kernel.sched.sleep(PM_TEST_DELAY_S * 1e9);
  }

  /** Linux: s2idle_loop() */
  async #sleep(): Promise<undefined> {
    this.asleep = true;
    pmDebug(this.#kernel, "suspend-to-idle");
    this.#changed.wakeUp();
    await this.#changed.waitEvent(() => !this.asleep);
    pmDebug(this.#kernel, "resume from suspend-to-idle");
  }

  /** Goes to sleep beside the caller, who goes on when the machine sleeps. Throws what kept it awake. */
  async begin(): Promise<undefined> {
    let outcome: { readonly error?: unknown } | undefined;
    this.#kernel.sched.spawn("suspend", async () => {
      try {
        await this.suspend();
        outcome = {};
      } catch (error) {
        outcome = { error };
      }
      this.#changed.wakeUp();
    });
    await this.#changed.waitEvent(() => this.asleep || outcome !== undefined);
    if (outcome?.error !== undefined) throw outcome.error;
  }

  /** An interrupt that may wake the machine came. Linux: pm_wakeup_event(), pm_system_irq_wakeup() */
  wakeByIrq(irq: number): undefined {
    this.wakeups++;
    if (!this.asleep) return;
    pmDebug(this.#kernel, `Triggering wakeup from IRQ ${irq}`);
    this.wakeupIrq = irq;
    this.#wake();
  }

  #wake(): undefined {
    this.asleep = false;
    this.#changed.wakeUp();
  }

  /** Wakes the machine, and sleeps until all is back. Linux: pm_system_wakeup() */
  async end(): Promise<undefined> {
    this.#wake();
    await this.#changed.waitEvent(() => !this.#transition);
  }
}

/** Whether a kernel's machine sleeps. */
export const SUSPEND: Slot<Suspend> = new Slot("suspend", (kernel) => new Suspend(kernel));
