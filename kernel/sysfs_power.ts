/**
 * `/sys/power`: what user space says about sleep.
 *
 * Linux: kernel/power/main.c
 *
 * @module
 */
import { SYSTEM_PM } from "./base/dpm.ts";
import { KernelError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { type Attribute, type AttributeGroup, Kobject } from "./kobject.ts";
import { PM_TESTS, SUSPEND } from "./suspend.ts";
import { textFile } from "./vfs/node.ts";

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

/** A number that may not be larger than `most`. */
function numberOf(value: string, most = Infinity): number {
  const word = wordOf(value);
  if (!/^\d+$/.test(word) || Number(word) > most) throw invalid(word);
  return Number(word);
}

/** One of some words, shown in brackets among the others. */
function chosenFrom(words: readonly string[], chosen: string): string {
  return words.map((word) => word === chosen ? `[${word}]` : word).join(" ");
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

/** Only the machine's own way to sleep is there. Linux: mem_sleep_store() */
function storeMemSleep(_: PowerObject, value: string): undefined {
  if (wordOf(value) !== "s2idle") throw invalid(wordOf(value));
}

/** Linux: pm_wakeup_irq_show() */
function showWakeupIrq({ kernel }: PowerObject): string {
  const { wakeupIrq } = kernel.get(SUSPEND);
  if (wakeupIrq === undefined) {
    throw new KernelError("ENODATA", "power: no interrupt has woken the machine");
  }
  return `${wakeupIrq}\n`;
}

/** A switch of power management. */
function flag(name: string, key: "printTimes" | "debugMessages" | "async"): Attribute<PowerObject> {
  return {
    name,
    mode: 0o644,
    show: ({ kernel }) => `${kernel.get(SYSTEM_PM)[key] ? 1 : 0}\n`,
    store: ({ kernel }, value) => {
      kernel.get(SYSTEM_PM)[key] = numberOf(value, 1) === 1;
    },
  };
}

/** A number that is only kept. */
function kept(name: string, value: number, most: number): Attribute<PowerObject> {
  return {
    name,
    mode: 0o644,
    show: ({ kernel }) => `${kernel.get(SUSPEND).numbers.get(name) ?? value}\n`,
    store: ({ kernel }, text) => {
      kernel.get(SUSPEND).numbers.set(name, numberOf(text, most));
    },
  };
}

const POWER_GROUP: AttributeGroup<PowerObject> = {
  attrs: [
    { name: "state", mode: 0o644, show: () => "freeze mem disk\n", store: storeState },
    {
      name: "pm_test",
      mode: 0o644,
      show: ({ kernel }) => `${chosenFrom(PM_TESTS, kernel.get(SUSPEND).test)}\n`,
      store: storeTest,
    },
    { name: "mem_sleep", mode: 0o644, show: () => "[s2idle]\n", store: storeMemSleep },
    flag("pm_print_times", "printTimes"),
    flag("pm_debug_messages", "debugMessages"),
    flag("pm_async", "async"),
    kept("sync_on_suspend", 1, 1),
    kept("pm_freeze_timeout", 20_000, 0xffff_ffff),
    {
      name: "pm_wakeup_irq",
      mode: 0o444,
      show: showWakeupIrq,
    },
    {
      name: "wakeup_count",
      mode: 0o644,
      show: ({ kernel }) => `${kernel.get(SUSPEND).wakeups}\n`,
      store: ({ kernel }, value) => {
        if (numberOf(value) !== kernel.get(SUSPEND).wakeups) throw invalid(wordOf(value));
      },
    },
  ],
};

/** Linux: suspend_attr_group */
function statsGroup(kernel: Kernel): AttributeGroup<PowerObject> {
  const { stats } = kernel.get(SUSPEND);
  return {
    name: "suspend_stats",
    attrs: stats.rows().map(([name], row): Attribute<PowerObject> => ({
      name,
      mode: 0o444,
      show: () => `${stats.rows()[row][1]}\n`,
    })),
  };
}

/** Linux: pm_init(), pm_debugfs_init() */
export async function pmInit(kernel: Kernel): Promise<number> {
  const power = new PowerObject(kernel);
  power.addGroup(POWER_GROUP);
  power.addGroup(statsGroup(kernel));
  power.addTo(kernel.sysfs);
  kernel.debugfs.add("suspend_stats", textFile(() => kernel.get(SUSPEND).stats.show()));
  return 0;
}
