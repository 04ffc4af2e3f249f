/** Experiment 22: nobody is probed but who is told to be, by the driver that is named, and not before its supplier. */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = ["recording override", "recording devlink-chain"];
export const expected = `
  $ echo wrong > /sys/devices/platform/a003c00.virtio_mmio/driver_override
  $ echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind
  sh: write error: No such device
  $ echo virtio-mmio > /sys/devices/platform/a003c00.virtio_mmio/driver_override
  $ echo a003c00.virtio_mmio > /sys/bus/platform/drivers/virtio-mmio/bind
its driver: virtio-mmio
a003a00 needs a003e00, which has no driver yet:
  sh: write error: Resource temporarily unavailable
  code 1
the other one first:
  code 0
`;

const keyboards = "-device virtio-keyboard-device ".repeat(3);
const need = "&{/virtio_mmio@a003a00} { first-supply = <&{/virtio_mmio@a003e00}>; };";

export async function experiment(): Promise<string> {
  const machine = embedded(keyboards, { dtb: (own) => addDts(own, need) });
  await using vm = await boot(machine, { modules: "all" });
  return await vm.sh(`b=/sys/bus/platform; p=/sys/devices/platform
    try() { echo "  $ $1"; sh -c "$1" 2>&1 | sed 's/^/  /'; }
    echo 0 > $b/drivers_autoprobe; modprobe virtio_mmio
    try "echo wrong > $p/a003c00.virtio_mmio/driver_override"
    try "echo a003c00.virtio_mmio > $b/drivers/virtio-mmio/bind"
    try "echo virtio-mmio > $p/a003c00.virtio_mmio/driver_override"
    try "echo a003c00.virtio_mmio > $b/drivers/virtio-mmio/bind"
    echo "its driver: $(basename $(readlink $p/a003c00.virtio_mmio/driver))"
    cd $b/drivers/virtio-mmio; echo "a003a00 needs a003e00, which has no driver yet:"
    { echo a003a00.virtio_mmio > bind; echo "code $?"; } 2>&1 | sed 's/^/  /'
    echo a003e00.virtio_mmio > bind; echo "the other one first:"
    { echo a003a00.virtio_mmio > bind; echo "code $?"; } 2>&1 | sed 's/^/  /'`);
}

if (import.meta.main) console.log(await experiment());
