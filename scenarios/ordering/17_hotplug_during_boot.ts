/** Experiment 17: a device is added while its driver registers. Old kernels put the driver into its list too late. */
import { coreScenario, explore, type Scenario } from "../../mod.ts";

export const sources = [
  "enumeration",
  "Linux drivers/base/bus.c: bus_add_driver(): the list comes before driver_attach() since 190888ac01d0",
];
export const expected = `
kernel 3.2: card-drv in 2 orders
kernel 3.2: no driver in 1 orders, modprobe/84 before hotplug/83
kernel 6.1: card-drv in 2 orders
`;

function hotplug(profile: string): Scenario {
  return coreScenario({
    name: `hotplug, kernel ${profile}`,
    kernel: { profile },
    vary: { task: true },
    initcalls: [],
    tasks: {
      hotplug: (bench) => bench.addDevice("card.1"),
      modprobe: (bench) => bench.addDriver({ name: "card-drv", fits: ["card"] }),
    },
    look: (bench) => ({ driver: bench.driverOf("card.1") ?? "no driver" }),
  });
}
export const scenario = hotplug("3.2");

export async function experiment(): Promise<string> {
  const lines: string[] = [];
  for (const profile of ["3.2", "6.1"]) {
    for (const { views, orders, change } of (await explore(hotplug(profile))).outcomes) {
      lines.push([`kernel ${profile}: ${views.driver} in ${orders} orders`, ...change].join(", "));
    }
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
