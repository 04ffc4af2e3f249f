/** Experiment 13: each new driver starts the ten seconds of `deferred_probe_timeout=` again. */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = ["recording timeout-extended"];
export const expected = `
a driver every nine seconds:
  at the start: clock waits
  9 seconds later: clock waits
  virtio_blk loaded: clock waits
  Extended deferred probe timeout by 10 secs
  9 seconds later: clock waits
  virtio_input loaded: clock waits
  Extended deferred probe timeout by 10 secs
  9 seconds later: clock waits
  virtio_console loaded: clock waits
  Extended deferred probe timeout by 10 secs
  Extended deferred probe timeout by 10 secs
  9 seconds later: clock waits
  2 seconds later: clock bound
  rtc-pl031 9010000.pl031: registered as rtc0
`;

const append = 'dyndbg="file drivers/base/dd.c func deferred_probe_extend_timeout +p"';
const supply = "&{/pl031@9010000} { first-supply = <&{/virtio_mmio@a003e00}>; };";

export async function experiment(): Promise<string> {
  const machine = embedded("", { dtb: (own) => addDts(own, supply) });
  await using vm = await boot(machine, { append, modules: "all" });
  return "a driver every nine seconds:\n" + await vm.sh(`show() {
      echo "  $1: clock $([ -e $clock/driver ] && echo bound || echo waits)"
      dmesg -c | sed 's/^\\[[ 0-9.]*\\] /  /' | grep -e 'deferred probe' -e 'as rtc0'
    }
    clock=/sys/bus/amba/devices/9010000.pl031; dmesg -c >/dev/null; show "at the start"
    for m in virtio_blk virtio_input virtio_console; do
      sleep 9; show "9 seconds later"; modprobe $m; show "$m loaded"
    done
    sleep 9; show "9 seconds later"; sleep 2; show "2 seconds later"`);
}

if (import.meta.main) console.log(await experiment());
