/**
 * Somebody does not wait, or waits for the wrong thing: bugs of deferral and of what comes after it.
 *
 * @module
 */
import type { Errno } from "../../kernel/errno.ts";
import type { CoreBench } from "../../lab/core_bench.ts";
import type { BenchInitcall } from "../../lab/core_scenario.ts";
import { devices, LINK_ORDER, type SeededBug, unbound, unless, type Variant } from "./bug.ts";

/** The keyboard's hub may come later than the keyboard. */
function hub(without: Errno): Variant {
  return {
    initcalls: [
      devices("hub", "keyboard"),
      [
        "hub_init",
        "device",
        (bench) => bench.addDriver({ name: "hub-drv", fits: ["hub"], provides: "hub" }),
      ],
      [
        "keyboard_init",
        "device",
        (bench) =>
          bench.addDriver({ name: "keyboard-drv", fits: ["keyboard"], needs: "hub", without }),
      ],
    ],
  };
}

const DISPLAY: readonly BenchInitcall[] = [
  devices("display"),
  [
    "display_init",
    "device",
    (bench) =>
      bench.addDriver({
        name: "display-drv",
        fits: ["display"],
        async: true,
        provides: "clock user",
      }),
  ],
];

/** Clocks that nobody uses are switched off at the end of the initcalls. */
function clockCleanup(waits: boolean): BenchInitcall {
  return ["clk_disable_unused", "late_sync", async (bench) => {
    if (waits) await bench.waitForProbes();
    bench.tell("clock", bench.facts.has("clock user") ? "on" : "off");
  }];
}

/** As long as everybody waits for suppliers by default. */
const TEN_SECONDS_NS = 10e9;

/** A card that can do without its IOMMU asks the core whether to wait for it. */
async function addCardDriver(bench: CoreBench): Promise<undefined> {
  await bench.addDriver({
    name: "card-drv",
    fits: ["card"],
    probe: (device) => {
      if (!bench.facts.has("iommu")) throw bench.waitOrGiveUp(device);
    },
  });
}

/** User space takes ten seconds to load the module. */
function slowModules(append: string): Variant {
  return {
    kernel: { append },
    initcalls: [devices("card", "iommu"), ["card_init", "device", addCardDriver]],
    tasks: {
      "modprobe iommu": async (bench) => {
        await bench.kernel.sched.sleep(TEN_SECONDS_NS);
        await bench.addDriver({ name: "iommu-drv", fits: ["iommu"], provides: "iommu" });
      },
    },
  };
}

/** Network set-up begins when udev has nothing to do any more. */
function settle(waits: boolean): Variant {
  return {
    initcalls: [
      devices("switch", "firmware"),
      ["init starts", "late_sync", async (bench) => {
        await bench.addDriver({
          name: "switch-drv",
          fits: ["switch"],
          needs: "firmware",
          provides: "port",
        });
        await bench.addDriver({ name: "firmware-drv", fits: ["firmware"], provides: "firmware" });
        if (waits) await bench.waitForProbes();
        bench.tell("network", bench.facts.has("port"));
      }],
    ],
  };
}

/** The root file system's disk is probed beside the boot. */
function root(waits: boolean): Variant {
  return {
    initcalls: [
      devices("disk"),
      [
        "virtio_blk_init",
        "device",
        (bench) =>
          bench.addDriver({ name: "virtio_blk", fits: ["disk"], numbers: "vd", async: true }),
      ],
      ["prepare_namespace", "late_sync", async (bench) => {
        if (waits) await bench.waitForProbes();
        bench.tell("root", bench.facts.get("vd0"));
      }],
    ],
  };
}

/** A driver adds its card, which udev hears of, and then writes down what udev wants to read. */
function card(attributesFirst: boolean): Variant {
  return {
    initcalls: [],
    tasks: {
      "modprobe card": async (bench) => {
        if (attributesFirst) bench.tell("speed", 1000);
        bench.tell("add event");
        await bench.pause();
        if (!attributesFirst) bench.tell("speed", 1000);
      },
      "udev": async (bench) => {
        await bench.until("add event");
        bench.tell("rule", bench.facts.get("speed"));
      },
    },
  };
}

/** Bugs of waiting. */
export const WAITING_BUGS: readonly SeededBug[] = [
  {
    name: "a driver refuses where it should be put off",
    after: "linux-surface #2219: -EINVAL instead of a deferral",
    vary: LINK_ORDER,
    wrong: unbound("keyboard"),
    broken: hub("EINVAL"),
    fixed: hub("EPROBE_DEFER"),
  },
  {
    name: "an unused clock is switched off before its user is probed",
    after:
      "clocks and regulators that late_initcall_sync cleans up; sync_state() waits for consumers",
    vary: { async: true },
    wrong: unless("clock", "on"),
    broken: { initcalls: [...DISPLAY, clockCleanup(false)] },
    fixed: { initcalls: [...DISPLAY, clockCleanup(true)] },
  },
  {
    name: "modules are loaded when the time to wait for suppliers is over",
    after: "KernelCI #2009 and #2518: 10 seconds are too short",
    vary: { timer: true },
    wrong: unbound("card"),
    broken: slowModules("deferred_probe_timeout=10"),
    fixed: slowModules("deferred_probe_timeout=20"),
  },
  {
    name: "udevadm settle returns while a probe is put off",
    after: "infix #831",
    vary: { work: true, task: true },
    wrong: unless("network", true),
    broken: settle(false),
    fixed: settle(true),
  },
  {
    name: "the root device is looked for while it is probed",
    after: "libguestfs #69, virtme-ng #504: no root device under load",
    vary: { async: true },
    wrong: unless("root", "disk"),
    broken: root(false),
    fixed: root(true),
  },
  {
    name: "a rule reads an attribute that comes after the event",
    after: "vyos T3871",
    vary: { task: true },
    wrong: unless("rule", 1000),
    broken: card(false),
    fixed: card(true),
  },
];
