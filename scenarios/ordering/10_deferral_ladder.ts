/** Experiment 10: a needs b, b needs c. Drivers that look for themselves are called in vain; links between devices save that. */
import { addDts, boot, coreScenario, embedded, explore } from "../../mod.ts";

export const sources = ["recording deferral-ladder-on", "enumeration"];
export const expected = `
slots with fw_devlink=on, attempts in vain, none of which called a driver:
  2 probe of a003a00.virtio_mmio returned -517
  1 probe of a003c00.virtio_mmio returned -517
drivers that look for themselves: a,b,c: 3 calls in vain; a,c,b: 1; b,a,c: 2; c,b,a: 0`;

const slots = "-device virtio-keyboard-device ".repeat(3);
const needs = `&{/virtio_mmio@a003a00} { x-supply = <&{/virtio_mmio@a003c00}>; };
  &{/virtio_mmio@a003c00} { x-supply = <&{/virtio_mmio@a003e00}>; };`;
const attempts = `dmesg | grep -o 'probe of a003[ace].*returned -517' | sort | uniq -c`;

const driver = (name: string, needs?: string) => ({ name, fits: [name], needs, provides: name });
export const scenario = coreScenario({
  name: "a chain of three",
  vary: { initcall: { only: ["a", "b", "c"] } },
  initcalls: [
    ["devices", "arch", (bench) => Promise.all(["a", "b", "c"].map((n) => bench.addDevice(n)))],
    ["a", "device", (bench) => bench.addDriver(driver("a", "b"))],
    ["b", "device", (bench) => bench.addDriver(driver("b", "c"))],
    ["c", "device", (bench) => bench.addDriver(driver("c"))],
  ],
  look: (bench) => ({ vain: `${bench.callsInVain}` }),
});

export async function experiment(): Promise<string> {
  const machine = embedded(slots, { dtb: (own) => addDts(own, needs) });
  await using vm = await boot(machine, { append: "initcall_debug fw_devlink=on" });
  const tried = (await vm.sh(attempts)).replaceAll(/^ +/gm, "  ");
  const ways = (await explore(scenario)).outcomes.map(({ views, witness }) =>
    `${witness.filter((step) => step.length === 1)}: ${views.vain}`
  );
  return `slots with fw_devlink=on, attempts in vain, none of which called a driver:\n${tried}` +
    `drivers that look for themselves: ${ways.join("; ").replace(";", " calls in vain;")}`;
}

if (import.meta.main) console.log(await experiment());
