/** A disk grows while the guest runs: the device says so, the driver looks again, user space hears of it. */
import { boot, embedded } from "../mod.ts";

const images = { "disk.img": new Uint8Array(1 << 20) };
const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
await using vm = await boot(embedded(disk, { images }));

console.log(`before: ${(await vm.sh("cat /sys/block/vda/size")).trim()} sectors`);
await vm.qmp("block_resize", { device: "d0", size: 4 << 20 });
await vm.settle();
console.log(`after:  ${(await vm.sh("cat /sys/block/vda/size")).trim()} sectors`);
console.log((await vm.sh("dmesg | grep vda")).trim());

const vda = vm.block("vda");
await vda.write(vda.sectors - 1, new Uint8Array(512).fill(1));
console.log(
  `the new last sector ${vda.sectors - 1} starts with ${(await vda.read(vda.sectors - 1))[0]}`,
);
