/** Experiment 27: each initcall is left out in turn: what is missing then, and what the log says. */
import { boot, embeddedModel, type KernelBug } from "../../mod.ts";

const kernel = "Linux drivers/base/bus.c: bus_add_device(): it follows bus->p, which is NULL";
export const sources = ["recording blacklist", "recording blacklist-some", kernel];
export const expected = `
without virtio_blk_init: no vda
  blacklisting initcall virtio_blk_init
  initcall virtio_blk_init blacklisted
without virtio_mmio_init: no vda eth0 event0
  blacklisting initcall virtio_mmio_init
  initcall virtio_mmio_init blacklisted
without virtio_input_driver_init: no event0
without virtio_init: no kernel, NULL pointer dereference in bus_add_device()
`;

const machine = embeddedModel(
  "-device virtio-mouse-device -drive if=none,id=d,file=d -device virtio-blk-device,drive=d " +
    "-netdev hubport,hubid=0,id=n -device virtio-net-device,netdev=n",
  { images: { d: new Uint8Array(1 << 20) } },
);

async function without(call: string): Promise<string> {
  try {
    await using vm = await boot(machine.machine(), { append: `initcall_blacklist=${call}` });
    return await vm.sh(`echo without ${call}: no \`for file in block/vda net/eth0 input/event0; do
      [ -e /sys/class/$file ] || basename $file; done\`
      dmesg | sed -n 's/^.*] \\(.*initcall virtio_[bm].*\\)/  \\1/p'`);
  } catch (error) {
    const [, why, where] = /kernel (NULL.*) at.*: (\w+\(\))/.exec((error as KernelBug).message)!;
    return `without ${call}: no kernel, ${why} in ${where}`;
  }
}

const calls = ["virtio_blk_init", "virtio_mmio_init", "virtio_input_driver_init", "virtio_init"];
export const experiment = async () => (await Promise.all(calls.map(without))).join("");

if (import.meta.main) console.log(await experiment());
