/**
 * A bus or a subsystem is not there yet when somebody needs it: bugs of levels and of link order.
 *
 * @module
 */
import type { CoreBench } from "../../lab/core_bench.ts";
import type { BenchInitcall } from "../../lab/core_scenario.ts";
import { devices, LINK_ORDER, type SeededBug, unbound, unless } from "./bug.ts";

type Level = BenchInitcall[1];

/** A bus, and a device that it finds when it comes up. */
async function addBus(bench: CoreBench, bus: string, device: string): Promise<undefined> {
  bench.addBus(bus);
  await bench.addDevice(device, bus);
}

function busInit(level: Level, bus: string, device: string): BenchInitcall {
  return [`${bus}_init`, level, (bench) => addBus(bench, bus, device)];
}

function driverInit(level: Level, name: string, bus: string, fits: string): BenchInitcall {
  return [`${name}_init`, level, (bench) => bench.addDriver({ name, bus, fits: [fits] })];
}

const M10_DRIVER = driverInit("device", "intel_m10_bmc", "dfl", "m10");
const HID_BUS = busInit("device", "hid", "corsair");
const AMBA_DRIVER = driverInit("device", "pl011", "amba", "uart");
/** Nothing but the level keeps the bus before its driver. */
const WITHOUT_LEVELS: SeededBug["vary"] = {
  initcall: { only: ["amba_init", "pl011_init"], levels: "ignored" },
};

/** A security module looks for the TPM once; the TPM waits for the clock of its bus. */
const TPM: readonly BenchInitcall[] = [
  devices("spi", "clk"),
  [
    "spi_driver_init",
    "device",
    (bench) => bench.addDriver({ name: "spi-drv", fits: ["spi"], needs: "clock", provides: "tpm" }),
  ],
  [
    "clk_driver_init",
    "device",
    (bench) => bench.addDriver({ name: "clk-drv", fits: ["clk"], provides: "clock" }),
  ],
];

function imaInit(level: Level): BenchInitcall {
  return ["init_ima", level, (bench) => bench.tell("ima", bench.facts.has("tpm"))];
}

/** Bugs of buses. */
export const BUS_BUGS: readonly SeededBug[] = [
  {
    name: "a bus and its driver at one level",
    after: "fpga dfl and intel-m10-bmc, built in: the bus moved to subsys_initcall in 2025",
    vary: LINK_ORDER,
    wrong: unbound("m10"),
    broken: { initcalls: [busInit("device", "dfl", "m10"), M10_DRIVER] },
    fixed: { initcalls: [busInit("subsys", "dfl", "m10"), M10_DRIVER] },
  },
  {
    name: "a monitor is linked before its bus",
    after: "corsair-psu and HID: hwmon links before hid; late_initcall since",
    vary: LINK_ORDER,
    wrong: unbound("corsair"),
    broken: { initcalls: [HID_BUS, driverInit("device", "corsair_psu", "hid", "corsair")] },
    fixed: { initcalls: [HID_BUS, driverInit("late", "corsair_psu", "hid", "corsair")] },
  },
  {
    name: "a console's driver registers before its bus when no level holds it back",
    after: "PL011 tried at console_initcall before the AMBA bus",
    vary: WITHOUT_LEVELS,
    wrong: unbound("uart"),
    broken: { initcalls: [busInit("postcore", "amba", "uart"), AMBA_DRIVER] },
    // One function does both: no order can part them.
    fixed: {
      initcalls: [["pl011_init", "device", async (bench) => {
        await addBus(bench, "amba", "uart");
        await AMBA_DRIVER[2](bench);
      }]],
    },
  },
  {
    name: "the security module looks for the TPM before deferred probes ran",
    after: "raspberrypi/linux #3297: the TPM must come before IMA",
    vary: LINK_ORDER,
    wrong: unless("ima", true),
    broken: { initcalls: [...TPM, imaInit("late")] },
    fixed: { initcalls: [...TPM, imaInit("late_sync")] },
  },
];
