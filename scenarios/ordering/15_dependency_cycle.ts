/** Experiment 15: three slots that need each other in a circle. Linux cuts all of these links, and then any order will do. */
import { addDts, boot, embedded, type Ordering } from "../../mod.ts";

export const sources = ["recording devlink-cycle", "recording devlink-cycle-reversed"];
export const expected = `
slots in the tree's order:
  /virtio_mmio@a003c00: Fixed dependency cycle(s) with /virtio_mmio@a003e00
  /virtio_mmio@a003e00: Fixed dependency cycle(s) with /virtio_mmio@a003a00
  a003a00.virtio_mmio is virtio0
  a003c00.virtio_mmio is virtio1
  a003e00.virtio_mmio is virtio2
slots in another order:
  /virtio_mmio@a003e00: Fixed dependency cycle(s) with /virtio_mmio@a003a00
  /virtio_mmio@a003a00: Fixed dependency cycle(s) with /virtio_mmio@a003c00
  a003a00.virtio_mmio is virtio2
  a003c00.virtio_mmio is virtio1
  a003e00.virtio_mmio is virtio0`;

const keyboards = "-device virtio-keyboard-device ".repeat(3);
const circle = `&{/virtio_mmio@a003a00} { x-supply = <&{/virtio_mmio@a003c00}>; };
  &{/virtio_mmio@a003c00} { x-supply = <&{/virtio_mmio@a003e00}>; };
  &{/virtio_mmio@a003e00} { x-supply = <&{/virtio_mmio@a003a00}>; };`;

async function look(ordering: Ordering): Promise<string> {
  const machine = embedded(keyboards, { dtb: (own) => addDts(own, circle) });
  await using vm = await boot(machine, { ordering });
  return await vm.sh(`dmesg | sed 's/^\\[[ 0-9.]*\\] /  /' | grep dependency
    cd /sys/devices/platform; for d in a003*/virtio*; do echo "  $(dirname $d) is $(basename $d)"; done`);
}

export async function experiment(): Promise<string> {
  const slots = ["a003e00", "a003c00", "a003a00"].map((slot) => `${slot}.virtio_mmio`);
  return `slots in the tree's order:\n${await look({})}slots in another order:\n${await look({
    slots,
  })}`;
}

if (import.meta.main) console.log(await experiment());
