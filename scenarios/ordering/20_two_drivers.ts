/** Experiment 20 with two drivers: modules come in any order, and the names eth0, eth1, eth2 with them. */
import { type BenchDriver, coreScenario, explore } from "../../mod.ts";

export const sources = [
  "enumeration",
  "Linux net/core/dev.c: dev_alloc_name(): who registers gets the lowest free number",
];
export const expected = `
eth0, eth1, eth2: tulip.0 tulip.1 wifi.0 in 1 of 2 orders
eth0, eth1, eth2: wifi.0 tulip.0 tulip.1 in 1 of 2 orders, wifi_init before tulip_init
wifi_init takes a number from ida "eth" before tulip_init takes a number from it; wifi_init changes fact "eth0" before tulip_init changes it
the cards of one driver keep their order`;

const cards = ["tulip.0", "wifi.0", "tulip.1"];
const tulip: BenchDriver = { name: "tulip", fits: ["tulip"], numbers: "eth" };
const wifi: BenchDriver = { name: "wifi", fits: ["wifi"], numbers: "eth" };

export const scenario = coreScenario({
  name: "three cards, two drivers",
  vary: { initcall: { only: ["tulip_init", "wifi_init"] } },
  initcalls: [
    ["pci_init", "subsys", (bench) => Promise.all(cards.map((card) => bench.addDevice(card)))],
    ["tulip_init", "device", (bench) => bench.addDriver(tulip)],
    ["wifi_init", "device", (bench) => bench.addDriver(wifi)],
  ],
  look: ({ facts }) => ({ names: [0, 1, 2].map((n) => facts.get(`eth${n}`)).join(" ") }),
});

export async function experiment(): Promise<string> {
  const { outcomes, orders: all } = await explore(scenario);
  const lines = outcomes.map(({ views, orders, change }) =>
    [`eth0, eth1, eth2: ${views.names} in ${orders} of ${all} orders`, ...change].join(", ")
  );
  const kept = outcomes.every(({ views: { names } }) => /tulip.0.*tulip.1/.test(names));
  const which = kept ? "keep their order" : "come in any order";
  return `${lines.join("\n")}\n${outcomes[1].staleRead}\nthe cards of one driver ${which}`;
}

if (import.meta.main) console.log(await experiment());
