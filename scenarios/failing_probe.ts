/** Each step of a driver's probe fails once. Afterwards nothing is left of it, and the next try works. */
import { boot, embedded } from "../mod.ts";

await using vm = await boot(
  embedded([
    ...["-drive", "if=none,id=d0,file=disk.img,format=raw"],
    ...["-device", "virtio-blk-device,drive=d0"],
  ], { images: { "disk.img": new Uint8Array(1 << 20) } }),
  { modules: ["virtio_blk"], append: "quiet" },
);
const { choices, mem, irq } = vm.kernel;
const held = () =>
  `${mem.live.size} pieces of memory, ${
    [...irq.descs.values()].flatMap((d) => d.actions).length
  } interrupts`;
const before = held();

let step = 0;
for (let failed = true; failed; step++) {
  let opportunity = 0;
  failed = false;
  choices.chooser = (kind, _count, describe) => {
    if (kind !== "fault" || opportunity++ !== step) return 0;
    failed = true;
    console.log(`step ${step + 1}: ${describe(1)}`);
    return 1;
  };
  await vm.sh("modprobe virtio_blk; true");
  choices.chooser = undefined;
  const bound = await vm.fs.exists("/dev/vda");
  await vm.sh("rmmod virtio_blk 2>/dev/null; true");
  if (bound === failed || held() !== before) console.log(`  left: ${held()}, before: ${before}`);
}
console.log(await vm.sh("modprobe virtio_blk && cat /proc/partitions"));
