/** Experiment 21: `udevadm settle` waits for events. A probe that was put off sends none, and may come later. */
import { coreScenario, explore, type Scenario } from "../../mod.ts";

export const sources = ["enumeration", "Linux drivers/base/dd.c: driver_bound(): a worker retries"];
export const expected = `
settle: port, settled (3)
settle: settled, port (1)
settle and wait_for_device_probe(): port, settled (4)
`;

const port = { name: "switch-drv", fits: ["switch"], needs: "firmware", provides: "port" };
const firmware = { name: "firmware-drv", fits: ["firmware"], provides: "firmware" };

function boot(name: string, waits: boolean): Scenario {
  return coreScenario({
    name,
    vary: { work: true },
    initcalls: [
      ["firmware_device", "arch", (bench) => bench.addDevice("firmware")],
      ["switch_device", "arch", (bench) => bench.addDevice("switch")],
      ["switch_driver", "device", (bench) => bench.addDriver(port)],
      ["udev loads the firmware's driver", "late_sync", (bench) => bench.addDriver(firmware)],
      ["udev waits", "late_sync", (bench) => waits ? bench.waitForProbes() : undefined],
      ["udev has settled", "late_sync", (bench) => bench.tell("settled")],
    ],
    look: ({ facts }) => ({ order: [...facts.keys()].slice(1).join(", ") }),
  });
}
export const scenario = boot("settle", false);

export async function experiment(): Promise<string> {
  const careful = boot("settle and wait_for_device_probe()", true);
  const results = [await explore(scenario), await explore(careful)];
  return results.flatMap(({ title, outcomes }) =>
    outcomes.map(({ views, orders }) => `${title}: ${views.order} (${orders})`)
  ).join("\n");
}

if (import.meta.main) console.log(await experiment());
