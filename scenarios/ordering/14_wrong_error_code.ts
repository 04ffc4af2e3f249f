/** Experiment 14: a driver misses its supplier. Only who says EPROBE_DEFER is asked again; with others the order decides. */
import { coreScenario, type Errno, explore, type Scenario } from "../../mod.ts";

const why = "Linux drivers/base/dd.c: driver_probe_device(): only -EPROBE_DEFER is tried again";
export const sources = ["enumeration", why];
export const expected = `
EPROBE_DEFER: bound in 2 of 2 orders
EINVAL: without a driver in 1 of 2 orders
EINVAL: bound in 1 of 2 orders, pmic_init before hub_init`;

const pmic = { name: "pmic-drv", fits: ["pmic"], provides: "power" };

function hub(without: Errno): Scenario {
  const driver = { name: "hub-drv", fits: ["hub"], needs: "power", without };
  return coreScenario({
    name: `a hub that answers ${without}`,
    vary: { initcall: { only: ["hub_init", "pmic_init"] } },
    initcalls: [
      ["add_pmic", "arch", (bench) => bench.addDevice("pmic")],
      ["add_hub", "arch", (bench) => bench.addDevice("hub")],
      ["hub_init", "device", (bench) => bench.addDriver(driver)],
      ["pmic_init", "device", (bench) => bench.addDriver(pmic)],
    ],
    look: (bench) => ({ hub: bench.driverOf("hub") ? "bound" : "without a driver" }),
  });
}
export const scenario = hub("EINVAL");

export async function experiment(): Promise<string> {
  const lines: string[] = [];
  for (const code of ["EPROBE_DEFER", "EINVAL"] as const) {
    const { outcomes, orders: all } = await explore(hub(code));
    for (const { views, orders, change } of outcomes) {
      lines.push([`${code}: ${views.hub} in ${orders} of ${all} orders`, ...change].join(", "));
    }
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
