/**
 * What scripts read of files while drivers and devices come and go: naive enumeration sees the same outcomes.
 */
import { assert, assertEquals } from "@std/assert";
import { EmbeddedModel } from "../hypervisor/embedded/machine.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ModuleImage } from "../kernel/module.ts";
import { VFS } from "../kernel/vfs/vfs.ts";
import { bootScenario } from "./boot_scenario.ts";
import type { CoreBench } from "./core_bench.ts";
import { type BenchStep, coreScenario } from "./core_scenario.ts";
import { Objects } from "./explore/access.ts";
import { collectOutcomes } from "./explore/collect_outcomes.ts";
import { Naive } from "./explore/naive.ts";
import { execute } from "./explore/run.ts";
import type { Scenario } from "./explore/scenario.ts";

const A = "/sys/devices/platform/a";
const PLATFORM = "/sys/bus/platform";

/** What a program would see, or the code of what keeps it from seeing anything. */
async function see(body: () => string | readonly string[] | Promise<string>): Promise<string> {
  try {
    return String(await body());
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

async function cat({ kernel }: { kernel: Kernel }, path: string): Promise<string> {
  const file = await kernel.get(VFS).open(path, { read: true });
  const text = new TextDecoder().decode(await file.read(4096));
  await file.put();
  return text;
}

async function echo(bench: CoreBench, text: string, path: string): Promise<string> {
  const file = await bench.kernel.get(VFS).open(path, { write: true });
  await file.write(new TextEncoder().encode(text)).finally(() => file.put());
  return "written";
}

/** What a script does to files. */
const LOOKS: Readonly<
  Record<string, (bench: CoreBench) => string | readonly string[] | Promise<string>>
> = {
  "readlink driver": ({ kernel }) => kernel.get(VFS).readlink(`${A}/driver`),
  "cat uevent": (bench) => cat(bench, `${A}/uevent`),
  "ls devices": ({ kernel }) => kernel.get(VFS).readdir(`${PLATFORM}/devices`),
  "ls the driver": ({ kernel }) => kernel.get(VFS).readdir(`${PLATFORM}/drivers/fits-a`),
  "test -e b": ({ kernel }) => kernel.get(VFS).stat("/sys/devices/platform/b").kind,
  "stat devices": ({ kernel }) => String(kernel.get(VFS).stat(`${PLATFORM}/devices`).nlink),
  "test -e b's driver": ({ kernel }) => kernel.get(VFS).stat("/sys/devices/platform/b/driver").kind,
  "cat devices_deferred": (bench) => cat(bench, "/sys/kernel/debug/devices_deferred"),
  "cat drivers_autoprobe": (bench) => cat(bench, `${PLATFORM}/drivers_autoprobe`),
  "echo 0 > drivers_autoprobe": (bench) => echo(bench, "0", `${PLATFORM}/drivers_autoprobe`),
  "echo a > bind": (bench) => echo(bench, "a", `${PLATFORM}/drivers/fits-a/bind`),
  "echo a > unbind": (bench) => echo(bench, "a", `${PLATFORM}/drivers/fits-a/unbind`),
  "echo b > bind": (bench) => echo(bench, "b", `${PLATFORM}/drivers/fits-a/bind`),
  "echo b > drivers_probe": (bench) => echo(bench, "b", `${PLATFORM}/drivers_probe`),
  "echo other > driver_override": (bench) => echo(bench, "other", `${A}/driver_override`),
  "cat driver_override": (bench) => cat(bench, `${A}/driver_override`),
};

const fitsA = { name: "fits-a", fits: ["a"] };

/** What happens meanwhile. */
const CHANGES: Readonly<Record<string, readonly BenchStep[]>> = {
  "a driver for a": [(bench) => bench.addDriver(fitsA)],
  "a driver for a and b, and b": [
    (bench) => bench.addDriver({ name: "fits-a", fits: ["a", "b"] }),
    (bench) => bench.addDevice("b"),
  ],
  "a driver that waits, and its supplier": [
    (bench) => bench.addDriver({ ...fitsA, needs: "rain" }),
    (bench) => bench.addDriver({ name: "rain", fits: ["b"], provides: "rain" }),
    (bench) => bench.addDevice("b"),
  ],
  "a is bound and unbound": [
    (bench) => bench.addDriver(fitsA),
    (bench) => bench.unbind("a"),
  ],
  "autoprobe is switched off, and b comes": [
    (bench) => void echo(bench, "0", `${PLATFORM}/drivers_autoprobe`),
    (bench) => bench.addDevice("b"),
  ],
  "a is overridden": [(bench) => echo(bench, "fits-a", `${A}/driver_override`)],
};

/** Two tasks beside each other: one looks, twice, and one changes things. */
function scenarioOf(look: string, change: string): Scenario {
  const seen: string[] = [];
  return coreScenario({
    name: `${look}; ${change}`,
    vary: { task: true },
    initcalls: [["a", "arch", (bench) => bench.addDevice("a")]],
    tasks: {
      script: async (bench) => {
        seen.length = 0;
        for (let times = 0; times < 2; times++) {
          if (times > 0) await bench.pause();
          seen.push(await see(() => LOOKS[look](bench)));
        }
      },
      kernel: async (bench) => {
        for (const [at, step] of CHANGES[change].entries()) {
          if (at > 0) await bench.pause();
          await step(bench);
        }
      },
    },
    look: (bench) => ({
      all: [...seen, `a: ${bench.driverOf("a")}`].join("\n"),
    }),
  });
}

async function naive(scenario: Scenario): Promise<string[]> {
  const strategy = new Naive();
  const objects = new Objects();
  const outcomes = new Set<string>();
  while (strategy.begin()) outcomes.add((await execute(scenario, strategy, objects)).outcome!.all);
  return [...outcomes].sort();
}

async function found(scenario: Scenario): Promise<string[]> {
  const { views } = await collectOutcomes(scenario);
  return [...views.get("all")!.values()].map(({ text }) => text).sort();
}

for (const change of Object.keys(CHANGES)) {
  Deno.test(`what scripts see while this happens is found as one by one: ${change}`, async () => {
    let different = 0;
    for (const look of Object.keys(LOOKS)) {
      const scenario = scenarioOf(look, change);
      const expected = await naive(scenario);
      assertEquals(await found(scenario), expected, look);
      if (expected.length > 1) different++;
    }
    assert(different > 0);
  });
}

Deno.test("what a script of a boot sees of modules is found as one by one", async () => {
  const names = ["ma", "mb", "mc"];
  const images = names.map((name): ModuleImage => ({
    name,
    init: { name: `${name}_init`, level: "device", fn: () => Promise.resolve(0) },
  }));
  let seen = "";
  const scenario = bootScenario(new EmbeddedModel([]), {
    ...{ images, modules: "all", vary: { module: true }, views: ["all"] },
    only: ["proc_modules_init", ...names.map((name) => `${name}_init`)],
    moreViews: { all: { summary: "modules, newest first", look: () => seen } },
    script: async (kernel) => {
      const text = await cat({ kernel }, "/proc/modules");
      seen = text.replaceAll(/ .*/g, "");
    },
  });
  const expected = await naive(scenario);
  assertEquals(expected.length, 6);
  assertEquals(await found(scenario), expected);
});
