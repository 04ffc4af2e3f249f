/** Experiment 6: three disks are probed beside each other. Any of them may be vda; their serial numbers stay. */
import { coreScenario, explore } from "../../mod.ts";

export const sources = ["recording async-names"];
export const expected = `
one after the other, vda, vdb and vdc are always:
D2 D1 D0
with driver_async_probe=, in 400 orders at random, they are one of:
D0 D1 D2, D0 D2 D1, D1 D0 D2, D1 D2 D0, D2 D0 D1, D2 D1 D0
of which a real Linux gave these within 40 tries:
  D2 D1 D0
  D1 D0 D2`;

/** In the order of the tree; each is called by its serial number. */
const disks = ["D2", "D1", "D0"];

function boot(async: boolean) {
  const driver = { name: "virtio_blk", fits: disks, numbers: "vd", async };
  return coreScenario({
    name: `three disks, probed ${async ? "beside each other" : "one after the other"}`,
    vary: { async: true },
    initcalls: [
      ["disks", "arch", (bench) => Promise.all(disks.map((disk) => bench.addDevice(disk)))],
      ["virtio_blk_init", "device", (bench) => bench.addDriver(driver)],
    ],
    look: ({ facts }) => ({ names: [0, 1, 2].map((n) => facts.get(`vd${n}`)).join(" ") }),
  });
}

const sample = { sample: { runs: 400 } };
export async function experiment(): Promise<string> {
  const usual = (await explore(boot(false))).outcomes.map(({ views }) => views.names);
  const any = (await explore(boot(true), sample)).outcomes.map(({ views }) => views.names).sort();
  const seen = ["D2 D1 D0", "D1 D0 D2"].filter((names) => any.includes(names));
  return `one after the other, vda, vdb and vdc are always:\n${usual}
with driver_async_probe=, in 400 orders at random, they are one of:\n${any.join(", ")}
of which a real Linux gave these within 40 tries:\n  ${seen.join("\n  ")}`;
}

if (import.meta.main) console.log(await experiment());
