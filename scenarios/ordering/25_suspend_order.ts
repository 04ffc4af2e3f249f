/** Experiment 25: the order of sleep and shutdown is not the registration backwards: who was put off has moved. */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = [
  "recording sleep-deferred",
  "Linux drivers/base/core.c: device_shutdown(): from the tail of devices_kset",
];
export const expected = `
  a003e00.virtio_mmio is virtio0
  a003c00.virtio_mmio is virtio1
  a003a00.virtio_mmio is virtio2
  virtio-mmio a003a00.virtio_mmio: PM: calling platform_pm_suspend
  virtio-mmio a003c00.virtio_mmio: PM: calling platform_pm_suspend
  virtio-mmio a003e00.virtio_mmio: PM: calling platform_pm_suspend
  virtio-mmio a003e00.virtio_mmio: PM: calling platform_pm_resume
  virtio-mmio a003c00.virtio_mmio: PM: calling platform_pm_resume
  virtio-mmio a003a00.virtio_mmio: PM: calling platform_pm_resume
registered last first: a003e00 a003c00 a003a00
shut down: a003a00 a003c00 a003e00
`;

const chain = `
  &{/virtio_mmio@a003a00} { first-supply = <&{/virtio_mmio@a003c00}>; };
  &{/virtio_mmio@a003c00} { first-supply = <&{/virtio_mmio@a003e00}>; };`;
const cards = "-device virtio-keyboard-device ".repeat(3);

export async function experiment(): Promise<string> {
  const machine = embedded(cards, { dtb: (own) => addDts(own, chain) });
  await using vm = await boot(machine, { append: "initcall_debug", modules: "all" });
  const slept = await vm.sh(`modprobe virtio_mmio; sleep 1
    for d in /sys/bus/virtio/devices/*; do echo "  $(readlink $d | cut -d/ -f6) is $(basename $d)"; done
    dmesg -c > /dev/null; echo devices > /sys/power/pm_test; echo freeze > /sys/power/state
    dmesg | sed -n 's/^\\[[ 0-9.]*\\] \\(virtio-mmio [a-z0-9._]*: PM: calling [a-z_]*\\).*/  \\1/p'`);
  await vm.poweroff();
  const stopped = [...vm.dmesg().matchAll(/virtio-mmio (a003[ace]00)\S+ shutdown/g)];
  const registered = "registered last first: a003e00 a003c00 a003a00";
  return `${slept}${registered}\nshut down: ${stopped.map(([, slot]) => slot).join(" ")}`;
}

if (import.meta.main) console.log(await experiment());
