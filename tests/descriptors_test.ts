/**
 * The descriptors of the first buffers of each kind against those of Linux, which were read from its memory:
 * shape, direction, length (`data/chains/README.md`).
 */
import { assertEquals } from "@std/assert";
import type { Machine } from "../hypervisor/platform.ts";
import { boot } from "../vm/boot.ts";
import { embedded, qemu } from "../vm/machines.ts";
import { lacks } from "./peers.ts";
import { RingWatch } from "./ring_watch.ts";

const DEVICES = [
  "-device virtio-serial-device -chardev null,id=c0 -device virtconsole,chardev=c0",
  "-device virtio-keyboard-device",
  "-netdev user,id=n0 -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56",
  "-drive if=none,id=d0,file=disk.img,format=raw -device virtio-blk-device,drive=d0",
].join(" ");
/** Slots of the devices: the first one of a command line is in the last slot. */
const [CONSOLE, KEYBOARD, NETWORK, DISK] = [31, 30, 29, 28];
const ARP_SIZE = 42;

async function offered(machine: Machine): Promise<string[]> {
  await using vm = await boot(machine, { modules: "all", log: false });
  const rings = new RingWatch(machine, vm.kernel);
  const lines: string[] = [];
  const keep = (what: string, chains: readonly string[]) =>
    lines.push(...chains.map((chain) => `${what}: ${chain}`));
  const added = async (slot: number, queue: number, script: string) => {
    const before = rings.chains(slot, queue).length;
    await vm.sh(script);
    return rings.chains(slot, queue).slice(before, before + 1);
  };
  const modules = "virtio_mmio virtio_input evdev virtio_console virtio_net";
  await vm.sh(`for m in ${modules}; do modprobe $m; done; sleep 1`);
  keep("input events", rings.chains(KEYBOARD, 0).slice(0, 2));
  keep("console receive", rings.chains(CONSOLE, 0).slice(0, 2));
  keep("console control receive", rings.chains(CONSOLE, 2).slice(0, 2));
  await vm.sh("echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6; ip link set eth0 up; sleep 2");
  keep("network receive", rings.chains(NETWORK, 0).slice(0, 2));
  await vm.net("eth0").send(new Uint8Array(ARP_SIZE));
  keep("network send", rings.chains(NETWORK, 1).slice(0, 1));
  await vm.sh("modprobe virtio_blk");
  keep("first block read", rings.chains(DISK, 0).slice(0, 1));
  keep("block read ahead", await added(DISK, 0, "dd if=/dev/vda of=/dev/null bs=512 count=1"));
  const direct = "bs=4096 count=1";
  keep("block read", await added(DISK, 0, `dd if=/dev/vda of=/dev/null ${direct} iflag=direct`));
  keep("block write", await added(DISK, 0, `dd if=/dev/zero of=/dev/vda ${direct} oflag=direct`));
  keep("console send", await added(CONSOLE, 1, "echo 0123456789 > /dev/hvc0"));
  return lines;
}

const MAKE = { embedded, qemu } as const;

for (const name of ["embedded", "qemu"] as const) {
  const ignore = name === "qemu" && lacks("qemu-system-aarch64");
  Deno.test({
    name: `${name}: the first descriptors of each queue are Linux's`,
    ignore,
    async fn() {
      const images = { "disk.img": new Uint8Array(1 << 20) };
      const ours = await offered(MAKE[name](DEVICES, { images }));
      const theirs = await Deno.readTextFile(
        new URL("data/chains/descriptors.txt", import.meta.url),
      );
      assertEquals(ours, theirs.trimEnd().split("\n"));
    },
  });
}
