/** A disk comes while the kernel runs: an overlay brings its slot, the driver binds, and all goes again. */
import { boot, embedded, flattenDeviceTree, unflattenDeviceTree } from "../mod.ts";

const images = { "disk.img": new Uint8Array(1 << 20) };
const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";

// The board's own tree, without the slot that the disk sits in.
await using bare = embedded(disk, { images });
const tree = unflattenDeviceTree(bare.dtb);
const { children } = tree.root;
children.splice(children.findIndex(({ fullName }) => fullName === "virtio_mmio@a003e00"), 1);
const dtb = flattenDeviceTree(tree);

const overlay = `/dts-v1/;
/ {
  fragment@0 {
    target-path = "/";
    __overlay__ {
      virtio_mmio@a003e00 {
        compatible = "virtio,mmio";
        reg = <0x0 0xa003e00 0x0 0x200>;
        interrupts = <0 47 1>;
        dma-coherent;
      };
    };
  };
};`;

await using vm = await boot(embedded(disk, { dtb, images }));
const look = "cat /proc/partitions; ls /sys/bus/virtio/devices; ls -d /proc/device-tree/*3e00";
const show = async () => (await (await vm.shell()).run(look)).output;
console.log(`before:\n${await show()}`);
const id = await vm.overlays.apply(overlay);
console.log(`overlay ${id}:\n${await show()}`);
await vm.block("vda").write(7, new Uint8Array(512).fill(0xa5));
await vm.overlays.remove(id);
console.log(`after:\n${await show()}`);
console.log(vm.dmesg().split("\n").filter((line) => line.includes("virtio_blk")).join("\n"));
