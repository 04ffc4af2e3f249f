/** Experiment 11: a slot needs what no driver ever brings. It gives up waiting, but not with every setting. */
import { addDts, boot, embedded, type Kconfig } from "../../mod.ts";

export const sources = [
  ...["recording deferred-default", "recording deferred-0", "recording deferred-never"],
  "Linux drivers/base/dd.c: deferred_probe_initcall(): without modules nobody waits any longer",
];
export const expected = `
the default, ten seconds:
  at the start: a003e00.virtio_mmio\tplatform: supplier nobody not ready
  12 seconds later: bound
deferred_probe_timeout=0:
  12 seconds later: a003e00.virtio_mmio\tplatform: supplier nobody not ready
deferred_probe_timeout=-1:
  12 seconds later: a003e00.virtio_mmio\tplatform: supplier nobody not ready
CONFIG_MODULES=n:
at the start: bound`;

const dts = `/ { nobody { compatible = "vendor,nobody"; }; };
  &{/virtio_mmio@a003e00} { vdd-supply = <&{/nobody}>; };`;
const slot = "/sys/devices/platform/a003e00.virtio_mmio";
const state = `$([ -e ${slot}/driver ] && echo bound || cat /sys/kernel/debug/devices_deferred)`;

async function look(append: string, script: string, kconfig: Kconfig = {}): Promise<string> {
  const machine = embedded("-device virtio-keyboard-device", { dtb: (own) => addDts(own, dts) });
  await using vm = await boot(machine, { append, kconfig });
  return `${append}:\n${await vm.sh(script)}`;
}

export async function experiment(): Promise<string> {
  const start = `echo "  at the start: ${state}"`;
  const later = `sleep 12; echo "  12 seconds later: ${state}"`;
  return `the default, ten seconds${await look("", `${start}; ${later}`)}` +
    await look("deferred_probe_timeout=0", later) + await look("deferred_probe_timeout=-1", later) +
    `CONFIG_MODULES=n${await look("", start.replace("  ", ""), { MODULES: false })}`;
}

if (import.meta.main) console.log(await experiment());
