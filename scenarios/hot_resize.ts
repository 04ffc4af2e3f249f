/** A disk grows while the guest runs: the device says so, the driver looks again, user space hears of it. */
import { boot, embedded } from "../mod.ts";

await using vm = await boot(embedded([
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw"],
  ...["-device", "virtio-blk-device,drive=d0"],
], { images: { "disk.img": new Uint8Array(1 << 20) } }));

console.log(`before: ${await vm.sh("cat /sys/block/vda/size")}`);
await vm.qmp("block_resize", { device: "d0", size: 4 << 20 });
await vm.settle();
console.log(`after:  ${await vm.sh("cat /sys/block/vda/size")}`);
console.log(await vm.sh("dmesg | grep vda | sed 's/^.*] virtio/virtio/'"));

const vda = vm.block("vda");
await vda.write(vda.sectors - 1, new Uint8Array(512).fill(1));
console.log(
  `the new last sector ${vda.sectors - 1} starts with ${(await vda.read(vda.sectors - 1))[0]}`,
);
