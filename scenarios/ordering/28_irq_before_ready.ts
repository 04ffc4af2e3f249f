/** Experiment 28: a disk grows while its driver comes up, once behind each register access. When does the guest miss it? */
import { boot, embedded } from "../../mod.ts";

export const sources = [
  "Linux drivers/block/virtio_blk.c: virtblk_probe(): it reads the capacity, then sets DRIVER_OK",
  "Linux drivers/virtio/virtio_mmio.c: vm_interrupt(): it reads, then acknowledges: no new edge",
];
export const expected = `
behind the read of Status, or later: 4096 sectors
behind the read of capacity, or later: 2048 sectors
behind the write of QueueNotify, or later: 4096 sectors
behind the read of InterruptStatus, or later: 2048 sectors
`;

const NAMES = { 0x50: "QueueNotify", 0x60: "InterruptStatus", 0x70: "Status", 0x100: "capacity" };
const disk = "-drive if=none,id=d0,file=d,format=raw -device virtio-blk-device,drive=d0";

async function grownBehind(n: number, access = ""): Promise<[access: string, sectors: string]> {
  const machine = embedded(disk, { images: { d: new Uint8Array(1 << 20) } });
  await using vm = await boot(machine, { modules: ["virtio_blk"] });
  vm.kernel.io.onAccess = (write, address) => {
    if (address < 0xa003e00 || --n !== 0) return;
    access = `the ${write ? "write" : "read"} of ${Reflect.get(NAMES, address - 0xa003e00)}`;
    vm.qmp("block_resize", { device: "d0", size: 2 << 20 });
  };
  const size = await vm.sh("modprobe virtio_blk; sleep 1; cat /sys/block/vda/size");
  return [access, size.trim()];
}

export async function experiment(): Promise<string> {
  const lines: string[] = [];
  for (let n = 1, last = ""; lines.length < 4; n++) {
    const [access, sectors] = await grownBehind(n);
    if (sectors !== last) lines.push(`behind ${access}, or later: ${sectors} sectors`);
    last = sectors;
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
