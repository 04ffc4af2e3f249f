/**
 * What every machine has to do for a whole guest: disks, consoles, input, networks, and changes while
 * it runs. Each case ends with both sides' accounts compared.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { boot, type BootOptions } from "../vm/boot.ts";
import type { Vm } from "../vm/vm.ts";
import type { Case, MakeMachine } from "./conformance.ts";

const DISK = "-drive if=none,id=d0,file=d.img,format=raw -device virtio-blk-device,drive=d0";
const SECTOR = 512;

/** Boots, runs the case, and asks both sides whether they agree. */
async function withVm(
  make: MakeMachine,
  args: string,
  body: (vm: Vm) => Promise<void>,
  images: Record<string, Uint8Array> = {},
  options: BootOptions = {},
): Promise<void> {
  await using vm = await boot(make(args, images), options);
  await body(vm);
  assertEquals(await vm.crossCheck(), []);
  assertEquals(vm.check(), []);
}

function pattern(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 17 + (i >>> 9)) & 0xff);
}

function key(data: string, down: boolean): Record<string, unknown> {
  return { events: [{ type: "key", data: { down, key: { type: "qcode", data } } }] };
}

/** An ARP request of 10.0.2.15 for 10.0.2.2, which user-mode networks answer. */
function arpRequest(mac: string): Uint8Array {
  const from = mac.split(":").map((byte) => parseInt(byte, 16));
  const frame = new Uint8Array(60);
  frame.fill(0xff, 0, 6);
  frame.set(from, 6);
  frame.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 1], 12);
  frame.set([...from, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2], 22);
  return frame;
}

/** The cases of the devices. */
export const GUEST_CASES: readonly Case[] = [
  {
    name: "block: what is written is read, in one sector and in many",
    run: (make) =>
      withVm(make, DISK, async (vm) => {
        const vda = vm.block("vda");
        assertEquals(vda.sectors, 4096);
        for (const [sector, count] of [[0, 1], [7, 3], [100, 512], [4095, 1]]) {
          const data = pattern(SECTOR * count, sector);
          await vda.write(sector, data);
          assertEquals(await vda.read(sector, count), data);
        }
        await vda.flush();
      }, { "d.img": new Uint8Array(4096 * SECTOR) }),
  },
  {
    name: "block: many requests at a time, each with its own data",
    run: (make) =>
      withVm(make, DISK, async (vm) => {
        const vda = vm.block("vda");
        const all = Array.from({ length: 64 }, (_, i) => i);
        await Promise.all(all.map((i) => vda.write(8 * i, pattern(8 * SECTOR, i))));
        const read = await Promise.all(all.map((i) => vda.read(8 * i, 8)));
        assertEquals(read.every((data, i) => data.join() === pattern(4096, i).join()), true);
      }, { "d.img": new Uint8Array(4096 * SECTOR) }),
  },
  {
    name: "block: zeroed and discarded sectors, a serial number, a read-only disk",
    run: (make) =>
      withVm(
        make,
        `${DISK},serial=ALPHA -drive if=none,id=d1,file=r.img,format=raw,readonly=on ` +
          "-device virtio-blk-device,drive=d1",
        async (vm) => {
          const [writable, readOnly] = ["vdb", "vda"];
          await vm.block(writable).write(8, pattern(SECTOR, 1));
          await vm.block(writable).writeZeroes(8, 8);
          assertEquals((await vm.block(writable).read(8)).some((byte) => byte !== 0), false);
          await vm.block(writable).discard(16, 8);
          assertEquals(await vm.sh(`cat /sys/block/${writable}/serial`), "ALPHA");
          assertEquals(await vm.sh(`cat /sys/block/${readOnly}/ro`), "1\n");
        },
        { "d.img": new Uint8Array(64 * SECTOR), "r.img": new Uint8Array(64 * SECTOR) },
      ),
  },
  {
    name: "block: the image holds what was written when the machine is off",
    run: async (make) => {
      const image = new Uint8Array(16 * SECTOR);
      await withVm(make, DISK, (vm) => vm.block("vda").write(3, pattern(SECTOR, 3)), {
        "d.img": image,
      });
      assertEquals(image.slice(3 * SECTOR, 4 * SECTOR), pattern(SECTOR, 3));
    },
  },
  {
    name: "block: a disk on version 1 of the transport",
    run: (make) =>
      withVm(make, `-global virtio-mmio.force-legacy=true ${DISK}`, async (vm) => {
        const data = pattern(8 * SECTOR, 5);
        await vm.block("vda").write(8, data);
        assertEquals(await vm.block("vda").read(8, 8), data);
        assertEquals((await vm.sh("cat /sys/block/vda/device/features")).slice(32, 34), "00");
      }, { "d.img": new Uint8Array(64 * SECTOR) }),
  },
  {
    name: "console: bytes both ways, more than fit into a page",
    run: (make) =>
      withVm(
        make,
        "-device virtio-serial-device -chardev script,id=c0 -device virtconsole,chardev=c0",
        async (vm) => {
          const [hvc, host] = [vm.console("hvc0"), vm.chardev("c0")];
          await hvc.setRaw();
          host.read();
          const text = "0123456789abcdef".repeat(512);
          await hvc.write(text);
          await vm.settle();
          assertEquals(new TextDecoder().decode(host.read()), text);
          host.write("hello");
          assertEquals(await hvc.read(), "hello");
        },
        {},
        { append: "quiet" },
      ),
  },
  {
    name: "console: a named port in both directions",
    run: (make) =>
      withVm(
        make,
        "-device virtio-serial-device -chardev script,id=p0 " +
          "-device virtserialport,chardev=p0,name=org.example.port",
        async (vm) => {
          assertEquals(
            await vm.sh("cat /sys/class/virtio-ports/vport0p1/name"),
            "org.example.port\n",
          );
          await vm.sh("echo out > /dev/vport0p1");
          await vm.settle();
          assertEquals(new TextDecoder().decode(vm.chardev("p0").read()), "out\n");
          vm.chardev("p0").write("in\n");
          assertEquals(await vm.sh("head -n 1 /dev/vport0p1"), "in\n");
        },
      ),
  },
  {
    name: "serial port: what the guest prints arrives outside",
    run: (make) =>
      withVm(make, "-chardev script,id=s -serial chardev:s", async (vm) => {
        vm.chardev("s").read();
        await vm.sh("echo over the wire > /dev/ttyAMA0");
        await vm.settle();
        assertEquals(new TextDecoder().decode(vm.chardev("s").read()), "over the wire\r\n");
      }),
  },
  {
    name: "input: keys arrive, and a lamp goes on",
    run: (make) =>
      withVm(make, "-device virtio-keyboard-device", async (vm) => {
        const keyboard = vm.input("event0");
        await keyboard.open();
        const seen: number[][] = [];
        for (const down of [true, false]) {
          await vm.qmp("input-send-event", key("a", down));
          seen.push(
            ...(await keyboard.report()).map(({ type, code, value }) => [type, code, value]),
          );
        }
        assertEquals(seen, [[1, 30, 1], [1, 30, 0]]);
        await vm.sh("echo 1 > /sys/class/leds/input0::capslock/brightness");
        await vm.settle();
        assertEquals(await vm.sh("cat /sys/class/leds/input0::capslock/brightness"), "1\n");
      }),
  },
  {
    name: "input: a tablet reports where it is",
    run: (make) =>
      withVm(make, "-device virtio-tablet-device", async (vm) => {
        const tablet = vm.input("event0");
        await tablet.open();
        const move = (axis: string, value: number) => ({ type: "abs", data: { axis, value } });
        await vm.qmp("input-send-event", { events: [move("x", 1000), move("y", 20000)] });
        const report = (await tablet.report()).map(({ type, code, value }) => [type, code, value]);
        assertEquals(report, [[3, 0, 1000], [3, 1, 20000]]);
      }),
  },
  {
    name: "net: an ARP request is answered by the network",
    run: (make) =>
      withVm(
        make,
        "-netdev user,id=n0 -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56",
        async (vm) => {
          const eth0 = vm.net("eth0");
          await eth0.up();
          await eth0.send(arpRequest(eth0.address));
          for (;;) {
            const frame = await eth0.receive();
            if ((frame[12] << 8 | frame[13]) !== 0x0806) continue;
            assertEquals([...frame.subarray(20, 32)], [0, 2, 0x52, 0x55, 10, 0, 2, 2, 10, 0, 2, 2]);
            return;
          }
        },
      ),
  },
  {
    name: "reconfiguration: a disk grows, and its new end can be used",
    run: (make) =>
      withVm(make, DISK, async (vm) => {
        await vm.qmp("block_resize", { device: "d0", size: 256 * SECTOR });
        await vm.settle();
        assertEquals(await vm.sh("cat /sys/block/vda/size"), "256\n");
        await vm.block("vda").write(255, pattern(SECTOR, 9));
        assertEquals(await vm.block("vda").read(255), pattern(SECTOR, 9));
      }, { "d.img": new Uint8Array(64 * SECTOR) }),
  },
  {
    name: "reconfiguration: a link goes down and up",
    run: (make) =>
      withVm(make, "-netdev user,id=n0 -device virtio-net-device,netdev=n0,id=nic", async (vm) => {
        await vm.net("eth0").up();
        const carriers: string[] = [];
        for (const up of [false, true]) {
          await vm.qmp("set_link", { name: "nic", up });
          await vm.settle();
          carriers.push(await vm.sh("cat /sys/class/net/eth0/carrier"));
        }
        assertEquals(carriers, ["0\n", "1\n"]);
      }),
  },
  {
    name: "modules: drivers come and go, devices are reset in between",
    run: (make) =>
      withVm(
        make,
        `${DISK} -device virtio-keyboard-device`,
        async (vm) => {
          const status = "cat /sys/bus/virtio/devices/virtio*/status";
          const seen = [await vm.sh(`modprobe virtio_mmio; modprobe virtio_blk; ${status}`)];
          seen.push(await vm.sh(`rmmod virtio_blk; modprobe virtio_input; ${status}`));
          seen.push(await vm.sh(`modprobe virtio_blk; ${status}`));
          const [on, off] = ["0x0000000f\n", "0x00000001\n"];
          assertEquals(seen, [off + on, on + off, on + on]);
        },
        { "d.img": new Uint8Array(64 * SECTOR) },
        { modules: "all" },
      ),
  },
];
