/** Modules in an odd order: the driver comes before any device. Numbers follow the slots, names the probes. */
import { boot, embedded } from "../mod.ts";

const images = { "a.img": new Uint8Array(1 << 20), "b.img": new Uint8Array(2 << 20) };
const devices = `-device virtio-keyboard-device
  -drive if=none,id=a,file=a.img,format=raw -device virtio-blk-device,drive=a,serial=FIRST
  -drive if=none,id=b,file=b.img,format=raw -device virtio-blk-device,drive=b,serial=SECOND`;
await using vm = await boot(embedded(devices, { images }), { modules: "all" });
const names = "for d in vda vdb; do echo $d $(cat /sys/block/$d/serial); done";

console.log(
  await vm.sh("modprobe virtio_blk; ls -1 /sys/bus/virtio/drivers /sys/bus/virtio/devices"),
);
console.log(await vm.sh(`modprobe virtio_mmio; ${names}; lsmod`));
console.log("Unbound and bound again in the other order:");
console.log(
  await vm.sh(`cd /sys/bus/virtio/drivers/virtio_blk
    for d in virtio0 virtio1; do echo $d > unbind; done
    for d in virtio1 virtio0; do echo $d > bind; done
    ${names}`),
);
