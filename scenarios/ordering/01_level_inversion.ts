/** Experiment 1: the virtio bus comes at the late level. Its drivers are refused, and a slot with a device kills the kernel. */
import { boot, bootScenario, embedded, embeddedModel, explore } from "../../mod.ts";

export const sources = [
  "recording level-inversion",
  "Linux drivers/base/bus.c: bus_add_device(): reads through the bus's private part",
];
export const expected = `
without a device:
  Driver 'virtio_balloon' was unable to register with bus_type 'virtio' because the bus was not initialized.
  Driver 'virtio_input' was unable to register with bus_type 'virtio' because the bus was not initialized.
  Driver 'virtio_console' was unable to register with bus_type 'virtio' because the bus was not initialized.
  Error -22 registering virtio driver
  Driver 'virtio_rng' was unable to register with bus_type 'virtio' because the bus was not initialized.
  Driver 'virtio_blk' was unable to register with bus_type 'virtio' because the bus was not initialized.
  Driver 'virtio_net' was unable to register with bus_type 'virtio' because the bus was not initialized.
what would help: virtio_init before virtio_balloon_driver_init
with a device: Unable to handle kernel NULL pointer dereference at virtual address 0000000000000060
what would help: virtio_init before virtio_mmio_init`;

const ordering = { initcalls: { virtio_init: { level: "late" } } } as const;

/** The smallest change after which nothing fails. */
async function remedy(devices: string): Promise<string> {
  const scenario = bootScenario(embeddedModel(devices), { ordering, views: ["errors"] });
  const { outcomes } = await explore(scenario, { vary: ["levels=virtio_init"] });
  return outcomes.find(({ views }) => views.errors === "")?.change.join() ?? "nothing";
}

export async function experiment(): Promise<string> {
  await using vm = await boot(embedded(), { ordering });
  const refused = vm.dmesg().split("\n").filter((line) => /bus_type|Error/.test(line))
    .map((line) => line.replace(/^\[.{12}\]/, " "));
  const death = await boot(embedded("-device virtio-keyboard-device"), { ordering }).catch(String);
  return `without a device:\n${refused.join("\n")}\nwhat would help: ${await remedy("")}
with a device: ${String(death).split(": ")[1]}
what would help: ${await remedy("-device virtio-keyboard-device")}`;
}

if (import.meta.main) console.log(await experiment());
