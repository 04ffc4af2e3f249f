/** A machine described by hand: only what the tree names exists, in the order in which it names it. */
import { boot, embedded, flattenDeviceTree, parseDts } from "../mod.ts";

const source = await Deno.readTextFile(new URL("hand_written.dts", import.meta.url));
const dtb = flattenDeviceTree(parseDts(source, { file: "hand_written.dts" }));
const images = { "disk.img": new Uint8Array(1 << 20) };
const devices = `-device virtio-keyboard-device
  -drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0`;
await using vm = await boot(embedded(devices, { dtb, images }));

// Devices without a node of the tree are the kernel's own.
console.log(
  await vm.sh(`dmesg | grep 'Machine model'
ls -d /sys/bus/platform/devices/*/of_node | cut -d/ -f6`),
);
console.log(
  await vm.sh("for d in /sys/bus/virtio/devices/*; do cat $d/modalias; readlink $d; done"),
);
console.log(await vm.sh("grep -e keyboard -e disk -e spare /proc/iomem"));
