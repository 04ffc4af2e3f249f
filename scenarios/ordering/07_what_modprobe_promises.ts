/** Experiment 7: the disk is there when `modprobe` returns, unless modules are probed beside other work. */
import { bootScenario, embeddedModel, explore } from "../../mod.ts";

export const sources = ["recording async-module"];
export const expected = `
modprobe virtio_blk, and what is there when it returns:
  all disks are there
the same with module.async_probe, with at most 2 steps out of order:
  disks are missing
  all disks are there`;

const disk = "-drive if=none,id=d0,file=d0.img -device virtio-blk-device,drive=d0";
const machine = embeddedModel(disk, { images: { "d0.img": new Uint8Array(1 << 16) }, slots: 1 });
const subsystems = ["virtio_init", "bdi_class_init", "genhd_device_init"];

async function ends(append: string): Promise<string> {
  let there = false;
  const look = () => there ? "  all disks are there" : "  disks are missing";
  const scenario = bootScenario(machine, {
    append,
    only: [...subsystems, "virtio_mmio_init", "virtio_blk_init"],
    modules: ["virtio_blk"],
    ordering: { modules: ["virtio_blk"] },
    script: async ({ devtmpfs }) => there = devtmpfs.entries.has("vda"),
    moreViews: { promised: { summary: "what is there when modprobe returns", look } },
  });
  const found = await explore(scenario, { vary: ["async"], views: ["promised"], bound: 2 });
  return found.outcomes.map(({ views }) => views.promised).join("\n");
}

export async function experiment(): Promise<string> {
  return `modprobe virtio_blk, and what is there when it returns:\n${await ends("")}
the same with module.async_probe, with at most 2 steps out of order:
${await ends("module.async_probe=1")}`;
}

if (import.meta.main) console.log(await experiment());
