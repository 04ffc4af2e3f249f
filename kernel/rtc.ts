/**
 * The clock that goes on while the machine is off, and its alarm, which wakes a machine that sleeps:
 * `/sys/class/rtc/rtc0`. What the device would do is a timer of the kernel.
 *
 * Linux: drivers/rtc/sysfs.c
 *
 * @module
 */
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { Slot } from "./slot.ts";
import { SUSPEND } from "./suspend.ts";
import type { Timer } from "./timers.ts";
import { type RegularFile, textFile } from "./vfs/node.ts";

const NS_PER_SECOND = 1_000_000_000;
/** The clock's interrupt on the reference machine. */
const IRQ = 16;

/** The clock's device. */
const CLOCK = "9010000.pl031";

/** The alarm of one kernel's clock. */
class RtcAlarm {
  #timer: Timer | undefined;

  constructor(readonly kernel: Kernel) {}

  /** Seconds since the epoch at which it goes off, or nothing. Linux: wakealarm_show() */
  show(): string {
    return this.#timer === undefined ? "" : `${this.#timer.atNs / NS_PER_SECOND}\n`;
  }

  /**
   * Sets it to a time, or with a plus to so many seconds from now; a time that is over switches it off.
   *
   * Linux: wakealarm_store()
   */
  store(text: string): undefined {
    const { sched } = this.kernel;
    const [, plus, digits] = /^(\+?)(\d+)\n?$/.exec(text) ?? [];
    if (digits === undefined) throw new KernelError("EINVAL", `wakealarm: '${text}' is no time`);
    const now = nowSeconds(this.kernel);
    const at = plus === "+" ? now + Number(digits) : Number(digits);
    if (at > now && this.#timer !== undefined) {
      throw new KernelError("EBUSY", "wakealarm: another time is set");
    }
    if (this.#timer !== undefined) sched.deleteTimer(this.#timer);
    this.#timer = undefined;
    if (at <= now) return;
    this.#timer = sched.addTimer(at * NS_PER_SECOND, "the clock's alarm", () => this.#goOff());
  }

  /** Linux: rtc_update_irq(), pm_system_irq_wakeup() */
  #goOff(): undefined {
    this.#timer = undefined;
    this.kernel.get(SUSPEND).wakeByIrq(IRQ);
  }
}

function nowSeconds(kernel: Kernel): number {
  return Math.floor(kernel.nowNs / NS_PER_SECOND);
}

const RTC_ALARM: Slot<RtcAlarm> = new Slot("rtc alarm", (kernel) => new RtcAlarm(kernel));

/** The time of day, as the clock counts it. Linux: time_show() */
function timeOfDay(kernel: Kernel): string {
  const seconds = nowSeconds(kernel);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => `${part}`.padStart(2, "0")).join(":");
}

/** Files of the clock by name. Linux: rtc_attrs */
export function rtcFiles(kernel: Kernel): Readonly<Record<string, RegularFile>> {
  const alarm = kernel.get(RTC_ALARM);
  return {
    date: textFile(() => "1970-01-01\n"),
    hctosys: textFile(() => "1\n"),
    max_user_freq: textFile(() => "64\n", 0o644),
    name: textFile(() => `rtc-pl031 ${CLOCK}\n`),
    range: textFile(() => "[0,4294967295]\n"),
    time: textFile(() => `${timeOfDay(kernel)}\n`),
    since_epoch: textFile(() => `${nowSeconds(kernel)}\n`),
    wakealarm: {
      ...textFile(() => alarm.show(), 0o644),
      write: async (data) => alarm.store(new TextDecoder().decode(data)),
    },
  };
}

/** What only the clock's own source counts. */
const EVENT_COUNTERS = ["active_count", "event_count"];
const OTHER_COUNTERS = [
  "active_time_ms",
  "expire_count",
  "last_change_ms",
  "max_time_ms",
  "prevent_suspend_time_ms",
  "total_time_ms",
  "wakeup_count",
];

/**
 * Files of what may wake the machine, by name. Of all that there is only the clock does.
 *
 * Linux: wakeup_source_attrs
 *
 * @param device Whose it is.
 */
export function wakeupFiles(
  kernel: Kernel,
  device: string,
): Readonly<Record<string, RegularFile>> {
  const events = textFile(() => `${device === CLOCK ? kernel.get(SUSPEND).wakeups : 0}\n`);
  const none = textFile(() => "0\n");
  return {
    name: textFile(() => `${device}\n`),
    ...Object.fromEntries(EVENT_COUNTERS.map((name) => [name, events])),
    ...Object.fromEntries(OTHER_COUNTERS.map((name) => [name, none])),
  };
}
