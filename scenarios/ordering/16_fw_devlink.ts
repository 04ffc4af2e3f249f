/** Experiment 16: three slots, each of which needs the next. What fw_devlink makes of that decides which disk is vda. */
import { addDts, boot, embedded } from "../../mod.ts";

const modes = ["off", "permissive", "on", "rpm"];
export const sources = modes.map((mode) => `recording devlink-row-${mode}`);
export const expected = `
fw_devlink=off:
  vda is D2
fw_devlink=permissive:
  vda is D2
fw_devlink=on:
  vda is D0
  platform:a003c00.virtio_mmio--platform:a003a00.virtio_mmio: active, rpm 0
  platform:a003e00.virtio_mmio--platform:a003c00.virtio_mmio: active, rpm 0
fw_devlink=rpm:
  vda is D0
  platform:a003c00.virtio_mmio--platform:a003a00.virtio_mmio: active, rpm 1
  platform:a003e00.virtio_mmio--platform:a003c00.virtio_mmio: active, rpm 1
`;

const row = `
  &{/virtio_mmio@a003a00} { first-supply = <&{/virtio_mmio@a003c00}>; };
  &{/virtio_mmio@a003c00} { first-supply = <&{/virtio_mmio@a003e00}>; };`;
const disks = [0, 1, 2].map((n) =>
  `-drive if=none,id=d${n},file=d -device virtio-blk-device,drive=d${n},serial=D${n}`
).join(" ");
const images = { d: new Uint8Array(1 << 20) };

async function look(mode: string): Promise<string> {
  const machine = embedded(disks, { images, dtb: (own) => addDts(own, row) });
  await using vm = await boot(machine, { append: `fw_devlink=${mode}`, modules: "all" });
  return await vm.sh(`modprobe virtio_blk; modprobe virtio_mmio; sleep 1; cd /sys/class/devlink
    echo "fw_devlink=${mode}:"; echo "  vda is $(cat /sys/block/vda/serial)"
    for l in platform:a003*; do
      [ -e $l ] && echo "  $l: $(cat $l/status), rpm $(cat $l/runtime_pm)"; done; true`);
}

export const experiment = async () => (await Promise.all(modes.map(look))).join("");

if (import.meta.main) console.log(await experiment());
