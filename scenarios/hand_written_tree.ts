/** A machine described by hand: only what the tree names exists, in the order in which it names it. */
import { boot, embedded, flattenDeviceTree, parseDts } from "../mod.ts";

const file = new URL("hand_written.dts", import.meta.url);
const tree = parseDts(await Deno.readTextFile(file), { file: "hand_written.dts" });
await using vm = await boot(embedded([
  ...["-device", "virtio-keyboard-device"],
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw", "-device", "virtio-blk-device,drive=d0"],
], { dtb: flattenDeviceTree(tree), images: { "disk.img": new Uint8Array(1 << 20) } }));

console.log(
  await vm.sh("tr '\\0' '\\n' < /sys/firmware/devicetree/base/model; ls /sys/bus/platform/devices | cat"),
);
console.log(
  await vm.sh(`for d in /sys/bus/virtio/devices/*; do
  echo "$(basename $d) $(cat $d/modalias) $(readlink $d)"
done`),
);
console.log(await vm.sh("grep virtio_mmio /proc/iomem || grep -e keyboard -e disk /proc/iomem"));
