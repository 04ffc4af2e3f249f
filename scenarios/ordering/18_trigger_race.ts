/** Experiment 18: the supplier is bound while its consumer is being put off. Only who counts triggers notices. */
import { coreScenario, explore, type Scenario } from "../../mod.ts";

export const sources = ["enumeration", "Linux drivers/base/dd.c: driver_probe_device(): it counts"];
export const expected = `
kernel 3.2: bound in 56 orders
kernel 3.2: waits for ever in 3 orders, one/83#1 after other/84#1
kernel 6.1: bound in 71 orders
`;

const consumer = { name: "consumer-drv", fits: ["consumer"], needs: "supply", pauses: true };
const supplier = { name: "supplier-drv", fits: ["supplier"], provides: "supply" };

function race(profile: string): Scenario {
  return coreScenario({
    name: `trigger race, kernel ${profile}`,
    kernel: { profile },
    vary: { task: true, work: true },
    initcalls: [
      ["consumer_init", "device", (bench) => bench.addDriver(consumer)],
      ["supplier_init", "device", (bench) => bench.addDriver(supplier)],
    ],
    tasks: { one: (b) => b.addDevice("consumer"), other: (b) => b.addDevice("supplier") },
    look: (bench) => ({ consumer: bench.driverOf("consumer") ? "bound" : "waits for ever" }),
  });
}
export const scenario = race("3.2");

async function ends(profile: string): Promise<string[]> {
  return (await explore(race(profile))).outcomes.map(({ views, orders, change }) =>
    [`kernel ${profile}: ${views.consumer} in ${orders} orders`, ...change].join(", ")
  );
}

export async function experiment(): Promise<string> {
  return [...await ends("3.2"), ...await ends("6.1")].join("\n");
}

if (import.meta.main) console.log(await experiment());
