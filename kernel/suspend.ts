/**
 * Putting the machine to sleep: `/sys/power`.
 *
 * The processor stops, devices sleep, and a wake-up brings all back. What sleeps only for a test comes back by
 * itself, as `/sys/power/pm_test` says.
 *
 * Linux: kernel/power/main.c, kernel/power/suspend.c
 *
 * @module
 */
import { dpmResumeEnd, dpmSuspendStart, SYSTEM_PM } from "./base/dpm.ts";
import { ERRNO, type Errno } from "./errno.ts";
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { type AttributeGroup, Kobject } from "./kobject.ts";
import { Slot } from "./slot.ts";
import { WaitQueue } from "./wait.ts";

/** What can be tested: how far the machine goes to sleep. Linux: pm_test_level */
const PM_TESTS = ["none", "core", "processors", "platform", "devices", "freezer"] as const;
type PmTest = (typeof PM_TESTS)[number];

/** How long a test lasts. Linux: pm_test_delay */
const PM_TEST_DELAY_S = 5;

/** Whether the machine sleeps. */
export class Suspend {
  test: PmTest = "none";
  /** It sleeps until {@linkcode end}. */
  asleep = false;
  success = 0;
  fail = 0;
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
    if (code === undefined) this.success++;
    else this.fail++;
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
    kernel.info("Filesystems sync: 0.000 seconds");
    this.#freeze();
    let code: Errno | undefined;
    if (this.test === "freezer") await this.#testDelay();
    else code = await this.#devicesAndEnter();
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
    const errno = await dpmSuspendStart(kernel);
    if (errno !== 0) {
      kernel.err("PM: Some devices failed to suspend, or early wake event detected");
    } else if (this.test === "none") await this.#sleep();
    else await this.#testDelay();
    await dpmResumeEnd(kernel);
    return (Object.keys(ERRNO) as Errno[]).find((code) => ERRNO[code] === errno);
  }

  /** Linux: suspend_test() */
  async #testDelay(): Promise<undefined> {
    this.#kernel.info(`PM: suspend debug: Waiting for ${PM_TEST_DELAY_S} second(s).`);
    await this.#kernel.sched.sleep(PM_TEST_DELAY_S * 1e9);
  }

  /** Linux: s2idle_loop() */
  async #sleep(): Promise<undefined> {
    this.asleep = true;
    this.#changed.wakeUp();
    await this.#changed.waitEvent(() => !this.asleep);
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

  /** Wakes the machine, and sleeps until all is back. Linux: pm_system_wakeup() */
  async end(): Promise<undefined> {
    this.asleep = false;
    this.#changed.wakeUp();
    await this.#changed.waitEvent(() => !this.#transition);
  }
}

/** Whether a kernel's machine sleeps. */
export const SUSPEND: Slot<Suspend> = new Slot("suspend", (kernel) => new Suspend(kernel));

/** `/sys/power`. */
class PowerObject extends Kobject {
  constructor(readonly kernel: Kernel) {
    super("power");
  }
}

function invalid(what: string): KernelError {
  return new KernelError("EINVAL", `power: ${what} is not one of the words`);
}

/** A word without the line feed behind it. */
function wordOf(value: string): string {
  return value.endsWith("\n") ? value.slice(0, -1) : value;
}

/** Linux: state_store() */
async function storeState({ kernel }: PowerObject, value: string): Promise<undefined> {
  const word = wordOf(value);
  if (word === "disk") throw new KernelError("ENODEV", "power: there is no room for an image");
  if (word !== "freeze" && word !== "mem") throw invalid(word);
  await kernel.get(SUSPEND).suspend();
}

/** Linux: pm_test_store() */
function storeTest({ kernel }: PowerObject, value: string): undefined {
  const test = PM_TESTS.find((name) => name === wordOf(value));
  if (test === undefined) throw invalid(wordOf(value));
  kernel.get(SUSPEND).test = test;
}

/** Linux: pm_print_times_store() */
function storePrintTimes({ kernel }: PowerObject, value: string): undefined {
  const number = Number(wordOf(value));
  if (number !== 0 && number !== 1) throw invalid(wordOf(value));
  kernel.get(SYSTEM_PM).printTimes = number === 1;
}

function showTest({ kernel }: PowerObject): string {
  const { test } = kernel.get(SUSPEND);
  return `${PM_TESTS.map((name) => name === test ? `[${name}]` : name).join(" ")}\n`;
}

const POWER_GROUP: AttributeGroup<PowerObject> = {
  attrs: [
    { name: "state", mode: 0o644, show: () => "freeze mem disk\n", store: storeState },
    { name: "pm_test", mode: 0o644, show: showTest, store: storeTest },
    {
      name: "pm_print_times",
      mode: 0o644,
      show: ({ kernel }) => `${kernel.get(SYSTEM_PM).printTimes ? 1 : 0}\n`,
      store: storePrintTimes,
    },
  ],
};

const STATS_GROUP: AttributeGroup<PowerObject> = {
  name: "suspend_stats",
  attrs: [
    { name: "success", mode: 0o444, show: ({ kernel }) => `${kernel.get(SUSPEND).success}\n` },
    { name: "fail", mode: 0o444, show: ({ kernel }) => `${kernel.get(SUSPEND).fail}\n` },
  ],
};

/** Linux: pm_init() */
export async function pmInit(kernel: Kernel): Promise<number> {
  const power = new PowerObject(kernel);
  power.addGroup(POWER_GROUP);
  power.addGroup(STATS_GROUP);
  power.addTo(kernel.sysfs);
  return 0;
}
