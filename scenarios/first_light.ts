/**
 * First light: the device tree that a real QEMU made, four virtio devices, the kernel's log, and a short
 * tour of what it found. Run it with `deno task boot`.
 */
import { boot, embedded } from "../mod.ts";

const dtb = await Deno.readFile(new URL("../tests/data/virt.dtb", import.meta.url));
const devices = `-m 512
  -device virtio-serial-device -chardev null,id=c0 -device virtconsole,chardev=c0
  -device virtio-keyboard-device
  -netdev user,id=n0 -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56
  -drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0,serial=SER123`;
const images = { "disk.img": new Uint8Array(1 << 20) };

await using vm = await boot(embedded(devices, { dtb, images }), { append: "console=hvc0" });
console.log(vm.dmesg());

console.log("The last device on the command line sits in the lowest slot, so it is virtio0:");
console.log(
  await vm.sh(`for d in /sys/bus/virtio/devices/*; do
  echo "$(basename $d): $(basename $(readlink $d/driver)) in slot $(basename $(dirname $(readlink $d)))"
done`),
);
console.log("A disk, an interface, a keyboard, a port:");
console.log(await vm.sh("cat /proc/partitions /sys/class/net/eth0/address"));
console.log(await vm.sh("grep Name /proc/bus/input/devices; ls /sys/class/virtio-ports"));

await vm.block("vda").write(7, new Uint8Array(512).fill(0x58));
console.log("Sector 7 after a write, through the driver, the ring and the device:");
console.log(await vm.sh("dd if=/dev/vda bs=512 skip=7 count=1 2>/dev/null | hexdump -C"));
console.log(vm.check().length === 0 ? "Nobody broke a rule of the wire." : vm.check().join("\n"));
