/** Each step of a driver's probe fails once. Afterwards nothing is left of it, and the next try works. */
import { boot, embedded } from "../mod.ts";

const images = { "disk.img": new Uint8Array(1 << 20) };
const disk = "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0";
await using vm = await boot(embedded(disk, { images }), { modules: ["virtio_blk"] });
const { choices, mem, irq } = vm.kernel;
const held = () => {
  const handlers = [...irq.descs.values()].flatMap(({ actions }) => actions);
  return `${mem.live.size} pieces of memory, ${handlers.length} interrupt handlers`;
};
const before = held();
console.log(`before: ${before}`);

let step = 0;
for (let failed = true; failed; step++) {
  let opportunity = 0;
  failed = false;
  choices.chooser = ({ kind, describe }) => {
    if (kind !== "fault" || opportunity++ !== step) return 0;
    failed = true;
    console.log(`step ${step + 1}: ${describe(1)}`);
    return 1;
  };
  await vm.sh("insmod /lib/modules/*/virtio_blk.ko >/dev/null 2>&1; true");
  choices.chooser = undefined;
  await vm.sh("rmmod virtio_blk 2>/dev/null; true");
  if (held() !== before) console.log(`  left behind: ${held()}`);
}
console.log(`after:  ${held()}`);
console.log(await vm.sh("modprobe virtio_blk && cat /proc/partitions"));
