/**
 * The order in which devices are shut down, and that the logs of `initcall_debug` read as Linux's do.
 */
import { assertEquals } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

/** The machine whose power-off was recorded on Linux 6.1 with `initcall_debug`. */
const DEVICES = [
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw", "-device", "virtio-blk-device,drive=d0"],
  ...["-device", "virtio-keyboard-device", "-netdev", "hubport,id=n0,hubid=0"],
  ...["-device", "virtio-net-device,netdev=n0", "-device", "virtio-serial-device"],
  ...["-chardev", "null,id=c0", "-device", "virtconsole,chardev=c0"],
  ...["-device", "virtio-rng-device", "-device", "virtio-balloon-device"],
];
const MODULES = ["virtio_mmio", "virtio_blk", "virtio_net", "virtio_console", "virtio_input"]
  .concat(["virtio_rng", "virtio_balloon"]);

function shutdownLines(log: string): string[] {
  const lines = log.split("\n").map((line) => line.replace(/^\[[ 0-9.]*\] /, ""));
  return lines.filter((line) => line.endsWith(": shutdown"));
}

async function powerOff(append: string): Promise<string[]> {
  const images = { "disk.img": new Uint8Array(1 << 20) };
  const options = { modules: "all", append, ordering: { modules: MODULES } } as const;
  await using vm = await boot(embedded(DEVICES, { images }), options);
  await vm.poweroff();
  return shutdownLines(vm.dmesg());
}

Deno.test("drivers/base/core.c: devices are shut down in the order of a recorded power-off", async () => {
  const recorded = await Deno.readTextFile(new URL("data/shutdown.txt", import.meta.url));
  assertEquals(await powerOff("initcall_debug log_buf_len=1M"), shutdownLines(recorded));
  assertEquals(await powerOff(""), []);
});
