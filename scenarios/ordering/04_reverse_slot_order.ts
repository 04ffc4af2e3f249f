/** Experiment 4: the tree lists the slots, so the tree decides which disk is vda; `-device` fills them from the other end. */
import { boot, embedded, type Ordering } from "../../mod.ts";

export const sources = ["recording slot-order", "recording slot-order-reversed"];
export const expected = `
slots in the tree's order:
  vda: SECOND, a003c00.virtio_mmio/virtio0
  vdb: FIRST, a003e00.virtio_mmio/virtio1
slots in the order of -device:
  vda: FIRST, a003e00.virtio_mmio/virtio0
  vdb: SECOND, a003c00.virtio_mmio/virtio1
`;

const disks = `
  -drive if=none,id=d0,file=d0.img,format=raw -device virtio-blk-device,drive=d0,serial=FIRST
  -drive if=none,id=d1,file=d1.img,format=raw -device virtio-blk-device,drive=d1,serial=SECOND`;
const images = { "d0.img": new Uint8Array(1 << 20), "d1.img": new Uint8Array(2 << 20) };

async function look(ordering: Ordering): Promise<string> {
  await using vm = await boot(embedded(disks, { images }), { ordering });
  return await vm.sh(`for d in vda vdb; do
    echo "  $d: $(cat /sys/block/$d/serial), $(readlink /sys/block/$d | cut -d/ -f4,5)"
  done`);
}

export async function experiment(): Promise<string> {
  const tree = await look({});
  const reversed = await look({ slots: ["a003e00.virtio_mmio", "a003c00.virtio_mmio"] });
  return `slots in the tree's order:\n${tree}slots in the order of -device:\n${reversed}`;
}

if (import.meta.main) console.log(await experiment());
