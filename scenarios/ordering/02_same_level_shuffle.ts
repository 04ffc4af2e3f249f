/** Experiment 2: subsystems and drivers, each in any order within their level. Nobody sees a difference but in the log. */
import { bootScenario, embeddedModel, explore } from "../../mod.ts";

export const sources = [
  "enumeration",
  "Linux drivers/base/bus.c: bus_add_driver(): devices and drivers find each other, whoever is first",
];
export const expected = `
the drivers: 360 orders, 1 outcome
the drivers and their subsystems: 4320 orders, 1 outcome
what the log says then: 2 outcomes, with the same lines`;

const devices = `-device virtio-keyboard-device
  -netdev hubport,id=n0,hubid=0 -device virtio-net-device,netdev=n0
  -drive if=none,id=d0,file=d0.img -device virtio-blk-device,drive=d0`;
const images = { "d0.img": new Uint8Array(1 << 16) };
const virtio = ["virtio_input_driver_init", "virtio_blk_init", "virtio_net_driver_init"];
const drivers = ["virtio_mmio_init", ...virtio];
const subsystems = ["genhd_device_init", "net_dev_init"];
const only = [...drivers, ...subsystems, "virtio_init", "bdi_class_init", "input_init"];
const vary = { initcall: { only: drivers } };
const machine = embeddedModel(devices, { slots: 3, images });
export const scenario = bootScenario(machine, { only, vary });

export async function experiment(): Promise<string> {
  const first = await explore(scenario);
  const more = { initcall: { only: [...drivers, ...subsystems] } };
  const both = await explore(scenario, { vary: more });
  const log = await explore(scenario, { vary: more, views: ["log"] });
  const lines = log.outcomes.map(({ views }) => views.log.split("\n").sort().join());
  return `the drivers: ${first.orders} orders, ${first.outcomes.length} outcome
the drivers and their subsystems: ${both.orders} orders, ${both.outcomes.length} outcome
what the log says then: ${lines.length} outcomes, with ${
    new Set(lines).size === 1 ? "the same" : "other"
  } lines`;
}

if (import.meta.main) console.log(await experiment());
