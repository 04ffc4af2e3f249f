/** Experiment 24: a supplier is unbound. Those that need it go first, the last of the row before all others. */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = ["recording unbind-supplier"];
export const expected = `
  remove block vdc
  unbind virtio virtio2
  unbind platform a003a00.virtio_mmio
  remove block vdb
  unbind virtio virtio1
  unbind platform a003c00.virtio_mmio
  remove block vda
  unbind virtio virtio0
  unbind platform a003e00.virtio_mmio
  bind platform a003e00.virtio_mmio
  bind platform a003c00.virtio_mmio
  bind platform a003a00.virtio_mmio
`;

const chain = `
  &{/virtio_mmio@a003a00} { first-supply = <&{/virtio_mmio@a003c00}>; };
  &{/virtio_mmio@a003c00} { first-supply = <&{/virtio_mmio@a003e00}>; };`;
const disks = [0, 1, 2].map((n) =>
  `-drive if=none,id=d${n},file=d${n}.img -device virtio-blk-device,drive=d${n}`
);
const images = Object.fromEntries([0, 1, 2].map((n) => [`d${n}.img`, new Uint8Array(1 << 20)]));

export async function experiment(): Promise<string> {
  const dtb = (own: Uint8Array) => addDts(own, chain);
  await using vm = await boot(embedded(disks.join(" "), { images, dtb }));
  return await vm.sh(`
    uevent sh -c 'echo "  $ACTION $SUBSYSTEM \${DEVPATH##*/}"' > /tmp/log & sleep 1
    cd /sys/bus/platform/drivers/virtio-mmio
    echo a003e00.virtio_mmio > unbind; sleep 2
    grep "unbind\\|remove block" /tmp/log; : > /tmp/log
    echo a003e00.virtio_mmio > bind; sleep 2; kill %1; grep "bind platform" /tmp/log`);
}

if (import.meta.main) console.log(await experiment());
