/** Experiment 12, in every order: modules come after 13 seconds, one a second. How long must the time-out be? */
import { addDts, boot, embedded } from "../../mod.ts";

export const sources = [
  "Linux drivers/base/driver.c: driver_register(): newer kernels begin a running time-out anew",
];
export const expected = `
6.1: virtio_mmio first 15 seconds, second 15, third 15
5.15: virtio_mmio first 15 seconds, second 16, third 17`;

const disk = "-drive if=none,id=d0,file=d0.img,format=raw -device virtio-blk-device,drive=d0";
const images = { "d0.img": new Uint8Array(1 << 20) };
const supply = "&{/pl031@9010000} { first-supply = <&{/virtio_mmio@a003e00}>; };";

/** True when the clock still waits when the driver of its supplier comes. */
async function waits(seconds: number, modules: string, profile: string): Promise<boolean> {
  const machine = embedded(disk, { images, dtb: (own) => addDts(own, supply) });
  const append = `deferred_probe_timeout=${seconds}`;
  await using vm = await boot(machine, { append, modules: "all", profile });
  const said = await vm.sh(`sleep 13; for m in ${modules}; do sleep 1
    [ $m = virtio_mmio ] && ls /sys/bus/amba/devices/9010000.pl031 | grep driver$; modprobe $m; done`);
  return said === "";
}

async function shortest(modules: string, profile: string): Promise<number> {
  for (let seconds = 10;; seconds++) if (await waits(seconds, modules, profile)) return seconds;
}

export async function experiment(): Promise<string> {
  const lines: string[] = [];
  for (const profile of ["6.1", "5.15"]) {
    const first = await shortest("virtio_mmio virtio_blk virtio_net", profile);
    const second = await shortest("virtio_blk virtio_mmio virtio_net", profile);
    const third = await shortest("virtio_blk virtio_net virtio_mmio", profile);
    lines.push(`${profile}: virtio_mmio first ${first} seconds, second ${second}, third ${third}`);
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await experiment());
