/**
 * How often the machine went to sleep, and what kept it awake: `/sys/power/suspend_stats` and
 * `/sys/kernel/debug/suspend_stats`.
 *
 * Linux: kernel/power/main.c
 *
 * @module
 */

/** Steps that can fail, in the order in which they are shown. Linux: enum suspend_stat_step */
const STEPS = [
  "freeze",
  "prepare",
  "suspend",
  "suspend_late",
  "suspend_noirq",
  "resume",
  "resume_early",
  "resume_noirq",
] as const;

/** A step that can fail. */
export type SuspendStep = (typeof STEPS)[number];

/** How many of the last failures are kept. Linux: REC_FAILED_NUM */
const KEPT = 2;

/** The newest values, the newest first. */
class Newest<T> {
  readonly values: T[];

  constructor(empty: T) {
    this.values = new Array(KEPT).fill(empty);
  }

  add(value: T): undefined {
    this.values.unshift(value);
    this.values.length = KEPT;
  }
}

/** What is counted. Linux: struct suspend_stats */
export class SuspendStats {
  success = 0;
  fail = 0;
  readonly #failed = new Map<SuspendStep, number>();
  readonly #devices = new Newest("");
  readonly #errnos = new Newest(0);
  readonly #steps = new Newest<SuspendStep | "">("");

  /** A device failed in a step. Linux: dpm_save_failed_dev(), dpm_save_failed_step() */
  deviceFailed(device: string, step: SuspendStep): undefined {
    this.#failed.set(step, (this.#failed.get(step) ?? 0) + 1);
    this.#devices.add(device);
    this.#steps.add(step);
  }

  /** The machine did not go to sleep. Linux: dpm_save_failed_errno() */
  failed(errno: number): undefined {
    this.fail++;
    this.#errnos.add(-errno);
  }

  /** The files of the folder and their texts. Linux: suspend_attrs */
  rows(): readonly (readonly [name: string, value: string])[] {
    return [
      ...this.#counters(),
      ["last_failed_dev", this.#devices.values[0]],
      ["last_failed_errno", `${this.#errnos.values[0]}`],
      ["last_failed_step", this.#steps.values[0]],
    ];
  }

  #counters(): (readonly [name: string, value: string])[] {
    return [
      ["success", `${this.success}`],
      ["fail", `${this.fail}`],
      ...STEPS.map((step) => [`failed_${step}`, `${this.#failed.get(step) ?? 0}`] as const),
    ];
  }

  /** Linux: suspend_stats_show() */
  show(): string {
    const list = (name: string, values: readonly unknown[]) =>
      `  ${name}:\t${values.join("\n\t\t\t")}\n`;
    return [
      ...this.#counters().map(([name, value]) => `${name}: ${value}\n`),
      "failures:\n",
      list("last_failed_dev", this.#devices.values),
      list("last_failed_errno", this.#errnos.values),
      list("last_failed_step", this.#steps.values),
    ].join("");
  }
}
