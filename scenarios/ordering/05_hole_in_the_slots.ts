/** Experiment 5: an empty slot between two disks. It is passed over without a word, and the numbers have no hole. */
import { boot, embedded } from "../../mod.ts";

export const sources = ["recording slot-hole"];
export const expected = `
what is in each slot:
  a003a00: virtio0 vda
  a003c00: no driver
  a003e00: virtio1 vdb
what the log says of the empty one, in lines:
  0
what its registers answer: magic 0x74726976, version 2, device 0
`;

const disks = `
  -drive if=none,id=d0,file=d0.img -device virtio-blk-device,drive=d0,bus=virtio-mmio-bus.31
  -drive if=none,id=d1,file=d1.img -device virtio-blk-device,drive=d1,bus=virtio-mmio-bus.29`;
const images = { "d0.img": new Uint8Array(1 << 20), "d1.img": new Uint8Array(2 << 20) };

export async function experiment(): Promise<string> {
  await using vm = await boot(embedded(disks, { images }));
  const slots = await vm.sh(`for slot in a003a00 a003c00 a003e00; do
    cd /sys/devices/platform/$slot.virtio_mmio
    echo "  $slot:" $(if [ -e driver ]; then ls -d virtio*; ls virtio*/block; else echo no driver; fi)
  done`);
  const said = vm.dmesg().split("\n").filter((line) => line.includes("a003c00")).length;
  const read = (offset: number) => vm.machine.read(0xa003c00 + offset, 4);
  return `what is in each slot:\n${slots}what the log says of the empty one, in lines:\n  ${said}
what its registers answer: magic 0x${read(0).toString(16)}, version ${read(4)}, device ${read(8)}`;
}

if (import.meta.main) console.log(await experiment());
