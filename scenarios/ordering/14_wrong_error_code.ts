/** Experiment 14: a driver misses its supplier. Only who says EPROBE_DEFER is asked again; with others the order decides. */
import { coreScenario, type Errno, explore } from "../../mod.ts";
const enodev = "Linux drivers/base/dd.c: call_driver_probe(): of -ENODEV nobody hears";
export const sources = ["enumeration", enodev];
export const expected = `
EPROBE_DEFER: hub-drv in 2 of 2 orders
EINVAL: none and a line in the log in 1 of 2 orders
EINVAL: hub-drv in 1 of 2 orders,pmic_init before hub_init
ENODEV: none in 1 of 2 orders
ENODEV: hub-drv in 1 of 2 orders,pmic_init before hub_init`;

const pmic = { name: "pmic-drv", fits: ["pmic"], provides: "power" };
const hubDriver = { name: "hub-drv", fits: ["hub"], needs: "power" };
const hub = (without: Errno) =>
  coreScenario({
    name: `a hub that answers ${without}`,
    vary: { initcall: { only: ["hub_init", "pmic_init"] } },
    kernel: { log: true },
    initcalls: [
      ["devices", "arch", (bench) => Promise.all(["pmic", "hub"].map((d) => bench.addDevice(d)))],
      ["hub_init", "device", (bench) => bench.addDriver({ ...hubDriver, without })],
      ["pmic_init", "device", (bench) => bench.addDriver(pmic)],
    ],
    look: (bench) => ({ hub: bench.driverOf("hub") ?? "none", log: bench.kernel.log.dmesg() }),
  });
export const scenario = hub("EINVAL");

export async function experiment(): Promise<string> {
  const lines = [];
  for (const code of ["EPROBE_DEFER", "EINVAL", "ENODEV"] as const) {
    const { outcomes, orders: all } = await explore(hub(code));
    for (const { views, orders, change } of outcomes) {
      const said = views.log.includes("probe of hub failed") ? " and a line in the log" : "";
      lines.push([`${code}: ${views.hub}${said} in ${orders} of ${all} orders`, ...change].join());
    }
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
