/** Experiment 23: disks and slots are unbound and bound again. The lowest free letter is the next one, whoever had it. */
import { boot, embedded } from "../../mod.ts";

export const sources = ["recording name-reuse"];
export const expected = `
  at first: vda is D2, virtio0
  at first: vdb is D1, virtio1
  at first: vdc is D0, virtio2
  virtio0 unbound: vdb is D1, virtio1
  virtio0 unbound: vdc is D0, virtio2
  virtio1 unbound and bound: vda is D1, virtio1
  virtio1 unbound and bound: vdc is D0, virtio2
  virtio0 bound: vda is D1, virtio1
  virtio0 bound: vdb is D2, virtio0
  virtio0 bound: vdc is D0, virtio2
  two slots gone: vda is D1, virtio1
  two slots back: vda is D1, virtio1
  two slots back: vdb is D0, virtio0
  two slots back: vdc is D2, virtio2
`;

const disks = [0, 1, 2].map((n) =>
  `-drive if=none,id=d${n},file=d${n}.img -device virtio-blk-device,drive=d${n},serial=D${n}`
);
const images = Object.fromEntries([0, 1, 2].map((n) => [`d${n}.img`, new Uint8Array(1 << 20)]));

export async function experiment(): Promise<string> {
  await using vm = await boot(embedded(disks.join(" "), { images }));
  return await vm.sh(`show() { for b in vda vdb vdc; do [ -e /sys/block/$b ] &&
      echo "  $1: $b is $(cat /sys/block/$b/serial), $(basename $(readlink /sys/block/$b/device))"
    done; }
    show "at first"; cd /sys/bus/virtio/drivers/virtio_blk
    echo virtio0 > unbind; show "virtio0 unbound"
    echo virtio1 > unbind; echo virtio1 > bind; show "virtio1 unbound and bound"
    echo virtio0 > bind; show "virtio0 bound"; cd /sys/bus/platform/drivers/virtio-mmio
    for s in a003a00 a003e00; do echo $s.virtio_mmio > unbind; done; show "two slots gone"
    for s in a003e00 a003a00; do echo $s.virtio_mmio > bind; done; show "two slots back"`);
}

if (import.meta.main) console.log(await experiment());
