/**
 * Who comes first gets the first name: bugs of numbers that are given out in the order of probes.
 *
 * @module
 */
import type { BenchDriver, CoreBench } from "../../lab/core_bench.ts";
import type { BenchInitcall, BenchStep } from "../../lab/core_scenario.ts";
import { devices, LINK_ORDER, type SeededBug, unless, type Variant } from "./bug.ts";

function driver(ops: BenchDriver): BenchInitcall {
  return [`${ops.name}_init`, "device", (bench) => bench.addDriver(ops)];
}

/** User space, when all is probed, finds what it wants by its number. */
function byNumber(user: string, name: string): BenchInitcall {
  return [`${user} starts`, "late_sync", async (bench) => {
    await bench.waitForProbes();
    bench.tell(user, bench.facts.get(name));
  }];
}

/** The same, but it asks every one who it is: a serial, a label, a path. */
function byItself(user: string, numbers: string, wanted: string): BenchInitcall {
  return [`${user} starts`, "late_sync", async (bench) => {
    await bench.waitForProbes();
    for (let i = 0; bench.facts.has(`${numbers}${i}`); i++) {
      if (bench.facts.get(`${numbers}${i}`) === wanted) bench.tell(user, wanted);
    }
  }];
}

const SCSI = [
  devices("scsi.0", "scsi.1"),
  driver({ name: "sd", fits: ["scsi"], numbers: "sd", async: true }),
];

function mmc(aliases?: BenchDriver["aliases"]): Variant {
  const host = { name: "mmc_host", fits: ["mmc"], numbers: "mmcblk", async: true };
  return {
    initcalls: [
      devices("mmc.0", "mmc.1"),
      driver(aliases === undefined ? host : { ...host, aliases }),
      byNumber("root", "mmcblk0"),
    ],
  };
}

/** The fan's chip needs a clock, and is put off without it. */
const PWM = [
  devices("pwmfan", "pwmled", "clk"),
  driver({ name: "clk-drv", fits: ["clk"], provides: "clock" }),
  driver({ name: "pwm-fan", fits: ["pwmfan"], needs: "clock", numbers: "pwmchip" }),
  driver({ name: "pwm-led", fits: ["pwmled"], numbers: "pwmchip" }),
];

/** A card gets the next name, and a worker of udev then gives it the one that its rule says. */
function nic(card: string, ruled: string): BenchStep {
  return async (bench) => {
    const name = `eth${bench.takeNumber("eth")}`;
    bench.tell(name, card);
    await bench.pause();
    if (name === ruled) return;
    if (bench.facts.has(ruled)) return bench.tell("refused", "EEXIST");
    bench.facts.delete(name);
    bench.tell(ruled, card);
  };
}

function nics(prefix: string): Variant {
  return {
    initcalls: [],
    tasks: {
      "modprobe e1000": nic("e1000", `${prefix}0`),
      "modprobe igb": nic("igb", `${prefix}1`),
    },
  };
}

function loadAdapter(bench: CoreBench): undefined {
  if (bench.facts.has("adapter")) return;
  bench.tell("adapter");
  bench.tell(`i2c-${bench.takeNumber("i2c")}`, "adapter");
}

/** A softdep makes modprobe load the adapter before the multiplexer. */
function i2c(softdep: boolean): Variant {
  return {
    initcalls: [],
    tasks: {
      "modprobe i2c_adapter": loadAdapter,
      "modprobe i2c_mux": (bench) => {
        if (softdep) loadAdapter(bench);
        bench.tell(`i2c-${bench.takeNumber("i2c")}`, "mux");
      },
    },
  };
}

/** Bugs of names. */
export const NAME_BUGS: readonly SeededBug[] = [
  {
    name: "the installer takes the first disk",
    after: "flatcar/Flatcar #222, rear #2254: SCSI disks are probed beside each other since 5.3",
    vary: { async: true },
    wrong: unless("installer", "scsi.0"),
    broken: { initcalls: [...SCSI, byNumber("installer", "sd0")] },
    fixed: { initcalls: [...SCSI, byItself("installer", "sd", "scsi.0")] },
  },
  {
    name: "memory cards are numbered as their hosts are probed",
    after: "LibreELEC amlogic #57, meta-st #113: aliases of the device tree since",
    vary: { async: true },
    wrong: unless("root", "mmc.0"),
    broken: mmc(),
    fixed: mmc({ "mmc.0": 0, "mmc.1": 1 }),
  },
  {
    name: "a deferral changes the numbers of those that come after it",
    after: "DietPi #7933: the order of pwmchips",
    vary: LINK_ORDER,
    wrong: unless("fan", "pwmfan"),
    broken: { initcalls: [...PWM, byNumber("fan", "pwmchip0")] },
    fixed: { initcalls: [...PWM, byItself("fan", "pwmchip", "pwmfan")] },
  },
  {
    name: "cards are to swap their names",
    after: "systemd #29957: EEXIST when eth0 and eth1 change places",
    vary: { task: true },
    wrong: unless("refused", undefined),
    broken: nics("eth"),
    fixed: nics("lan"),
  },
  {
    name: "a multiplexer's module takes the bus number of its adapter",
    after: "sonic-buildimage #2440: a softdep orders the two modules",
    vary: { task: true },
    wrong: unless("i2c-0", "adapter"),
    broken: i2c(false),
    fixed: i2c(true),
  },
];
