/** Experiment 12: the modules come after 13 seconds. Who waits for one of their devices may have given up by then. */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = ["recording timeout-race-10", "recording timeout-race-20"];
export const expected = `
deferred_probe_timeout=10: too short
  13 seconds later: clock bound, disk missing
  with the modules: clock bound, disk there
deferred_probe_timeout=20: long enough
  13 seconds later: clock waits, disk missing
  with the modules: clock bound, disk there
the shortest that is long enough: 14`;

const disk = "-drive if=none,id=d0,file=d0.img,format=raw -device virtio-blk-device,drive=d0";
const images = { "d0.img": new Uint8Array(1 << 20) };
const supply = "&{/pl031@9010000} { first-supply = <&{/virtio_mmio@a003e00}>; };";

async function look(seconds: number): Promise<string> {
  const machine = embedded(disk, { images, dtb: (own) => addDts(own, supply) });
  const append = `deferred_probe_timeout=${seconds}`;
  await using vm = await boot(machine, { append, modules: "all" });
  const said = await vm.sh(`is() { [ -e $1 ] && echo $2 || echo $3; }
    clock() { is /sys/bus/amba/devices/9010000.pl031/driver bound waits; }
    show() { echo "  $1: clock $(clock), disk $(is /dev/vda there missing)"; }
    sleep 13; show "13 seconds later"
    modprobe virtio_mmio; modprobe virtio_blk; show "with the modules"`);
  return `${append}: ${
    said.includes("bound, disk missing") ? "too short" : "long enough"
  }\n${said}`;
}

export async function experiment(): Promise<string> {
  let least = 10;
  while (least < 20 && (await look(least)).includes("too short")) least++;
  return `${await look(10)}${await look(20)}the shortest that is long enough: ${least}`;
}

if (import.meta.main) console.log(await experiment());
