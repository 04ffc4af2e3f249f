/** Experiment 6 with virtio_blk: two disks are probed beside each other. Which names stay, and which do not? */
import { bootScenario, embeddedModel, explore } from "../../mod.ts";

export const sources = ["enumeration"];
export const expected = `
driver_async_probe=virtio_blk, all 17 orders:
a000000.virtio_mmio is virtio0, and vda or vdb
a000200.virtio_mmio is virtio1, and vda or vdb`;

const disk = (id: string) => `-drive if=none,id=${id},file=d -device virtio-blk-device,drive=${id}`;
const images = { d: new Uint8Array(1 << 20) };
const machine = embeddedModel(`${disk("a")} ${disk("b")}`, { images, slots: 2 });
const append = "driver_async_probe=virtio_blk";

export const scenario = bootScenario(machine, {
  name: "two disks, probed beside each other",
  append,
  vary: { async: true },
  views: ["names"],
  only: [
    ...["bdi_class_init", "genhd_device_init"],
    ...["virtio_init", "virtio_mmio_init", "virtio_blk_init"],
  ],
});

export async function experiment(): Promise<string> {
  const { orders, outcomes } = await explore(scenario);
  const lines = outcomes.flatMap(({ views }) => views.names.split("\n"));
  const slots = Map.groupBy(lines, (line) => line.split(": ")[0]);
  const texts = [...slots].map(([slot, lines]) => {
    const names = [...new Set(lines.flatMap((line) => line.split(": ")[1].split(" ")))].sort();
    return `${slot} is ${names.pop()}, and ${names.join(" or ")}`;
  });
  return `${append}, all ${orders} orders:\n${texts.join("\n")}`;
}

if (import.meta.main) console.log(await experiment());
