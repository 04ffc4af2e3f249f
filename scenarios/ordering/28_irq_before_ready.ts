/** Experiment 28: a disk grows while its driver comes up, once behind each register access. When does the guest miss it? */
import { boot, embedded } from "../../mod.ts";

const source = "virtblk_probe(): it reads the capacity long before virtio_device_ready()";
export const sources = [`Linux drivers/block/virtio_blk.c: ${source}`];
export const expected = `
grown behind the read of Status, or later: the guest sees 4096
grown behind the read of capacity, or later: the guest sees 2048
grown behind the write of QueueNotify, or later: the guest sees 4096
`;

const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
const SLOT = 0xa003e00;
const REGISTERS = new Map([[0x70, "Status"], [0x100, "capacity"], [0x50, "QueueNotify"]]);

/** The n-th access, and what the guest believes when the disk grows there. */
async function grownBehind(n: number): Promise<[access: string, sectors: string]> {
  const images = { "disk.img": new Uint8Array(1 << 20) };
  await using vm = await boot(embedded(disk, { images }), { modules: ["virtio_blk"] });
  let access = "";
  vm.kernel.io.onAccess = (write, address) => {
    if (address < SLOT || --n !== 0) return;
    access = `the ${write ? "write" : "read"} of ${REGISTERS.get(address - SLOT)}`;
    vm.qmp("block_resize", { device: "d0", size: 2 << 20 });
  };
  await vm.sh("modprobe virtio_blk; sleep 1");
  return [access, (await vm.sh("cat /sys/block/vda/size")).trim()];
}

export async function experiment(): Promise<string> {
  const lines: string[] = [];
  for (let n = 1, last = ""; lines.length < 3; n++) {
    const [access, sectors] = await grownBehind(n);
    if (sectors !== last) lines.push(`grown behind ${access}, or later: the guest sees ${sectors}`);
    last = sectors;
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
