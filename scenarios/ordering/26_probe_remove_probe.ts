/** Experiment 26: CONFIG_DEBUG_TEST_DRIVER_REMOVE. Each device is probed, let go and probed again: what was kept shows. */
import { boot, embedded } from "../../mod.ts";

export const sources = ["recording rebind-names", "Linux drivers/base/dd.c: really_probe(): twice"];
export const expected = `
probed once: vda input0 input1 eth0
probed twice: vda input1 input3 eth0
the numbers of inputs do not come back, nor when a driver is loaded again:
  input2 QEMU Virtio Mouse virtio3
  input3 QEMU Virtio Keyboard virtio5
`;

const disk = "-drive if=none,id=d,file=d -device virtio-blk-device,drive=d ";
const net = "-netdev hubport,hubid=0,id=n -device virtio-net-device,netdev=n ";
const rng = "-device virtio-rng-device ";
const devices = `${disk} -device virtio-keyboard-device ${rng}
  -device virtio-mouse-device ${rng} ${rng} ${net}`;
const images = { d: new Uint8Array(1 << 20) };

async function names(DEBUG_TEST_DRIVER_REMOVE: boolean): Promise<string> {
  const kconfig = { DEBUG_TEST_DRIVER_REMOVE };
  await using vm = await boot(embedded(devices, { images }), { kconfig });
  return await vm.sh("cd /sys/class; echo $(basename -a block/vd* input/input* net/eth*)");
}

async function reloaded(): Promise<string> {
  await using vm = await boot(embedded(devices, { images }), { modules: "all" });
  return await vm.sh(`modprobe virtio_mmio; modprobe virtio_input; rmmod virtio_input
    modprobe virtio_input; for i in /sys/class/input/input*; do
      echo "  $(basename $i) $(cat $i/name) $(basename $(readlink -f $i/device))"; done`);
}

export async function experiment(): Promise<string> {
  return `probed once: ${await names(false)}probed twice: ${await names(
    true,
  )}the numbers of inputs do not come back, nor when a driver is loaded again:
${await reloaded()}`;
}

if (import.meta.main) console.log(await experiment());
