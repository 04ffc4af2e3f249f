/** Modules in an odd order: drivers wait for devices, devices for drivers, and numbers follow the slots. */
import { boot, embedded } from "../mod.ts";

const machine = embedded([
  ...["-device", "virtio-keyboard-device"],
  ...[
    "-drive",
    "if=none,id=a,file=a.img,format=raw",
    "-device",
    "virtio-blk-device,drive=a,serial=FIRST",
  ],
  ...[
    "-drive",
    "if=none,id=b,file=b.img,format=raw",
    "-device",
    "virtio-blk-device,drive=b,serial=SECOND",
  ],
], { images: { "a.img": new Uint8Array(1 << 20), "b.img": new Uint8Array(2 << 20) } });
await using vm = await boot(machine, { modules: "all" });

const names = 'for d in vda vdb; do echo "$d $(cat /sys/block/$d/serial)"; done';
console.log(await vm.sh("modprobe virtio_blk; cat /proc/partitions"));
console.log(await vm.sh(`modprobe virtio_mmio; ${names}; lsmod`));
console.log(
  await vm.sh(`echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/unbind
echo virtio1 > /sys/bus/virtio/drivers/virtio_blk/bind
echo virtio0 > /sys/bus/virtio/drivers/virtio_blk/bind
${names}`),
);
