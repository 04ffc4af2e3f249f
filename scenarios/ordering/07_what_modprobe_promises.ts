/** Experiment 7: the disk is there when `modprobe` returns, unless modules are probed beside other work. */
import { bootScenario, embeddedModel, explore } from "../../mod.ts";

export const sources = ["recording async-module", "enumeration"];
export const expected = `
modprobe virtio_blk, and what is there when it returns:
  all disks are there
the same with module.async_probe, in one of all orders:
  disks are missing
  all disks are there`;

const disk = "-drive if=none,id=d0,file=d0.img -device virtio-blk-device,drive=d0";
const machine = embeddedModel(disk, { images: { "d0.img": new Uint8Array(1 << 16) }, slots: 1 });
const subsystems = ["virtio_init", "bdi_class_init", "genhd_device_init"];

function load(append: string) {
  let there = false;
  const look = () => there ? "  all disks are there" : "  disks are missing";
  return bootScenario(machine, {
    append,
    only: [...subsystems, "virtio_mmio_init", "virtio_blk_init"],
    modules: ["virtio_blk"],
    ordering: { modules: ["virtio_blk"] },
    script: async ({ devtmpfs }) => there = devtmpfs.entries.has("vda"),
    vary: { async: true },
    moreViews: { promised: { summary: "what is there when modprobe returns", look } },
    views: ["promised"],
  });
}
export const scenario = load("module.async_probe=1");

export async function experiment(): Promise<string> {
  const usual = await explore(load(""));
  const beside = await explore(scenario);
  const ends = [usual, beside].map(({ outcomes }) => outcomes.map(({ views }) => views.promised));
  return `modprobe virtio_blk, and what is there when it returns:\n${ends[0]}
the same with module.async_probe, in one of all orders:\n${ends[1].join("\n")}`;
}

if (import.meta.main) console.log(await experiment());
