import { assertEquals } from "@std/assert";
import { embedded, type EmbeddedOptions } from "../hypervisor/embedded/machine.ts";
import { BLOCK_INITCALLS } from "../kernel/block/proc.ts";
import { findBlockDevice } from "../kernel/block/blkdev.ts";
import type { BlockDevice } from "../kernel/block/bdev.ts";
import { Kernel, type KernelOptions } from "../kernel/kernel.ts";
import { startKernel } from "../kernel/main.ts";
import { PROCFS_INITCALLS } from "../kernel/procfs.ts";
import { VIRTIO_MMIO } from "../transports/virtio_mmio.ts";
import { VIRTIO_INITCALLS } from "./virtio/virtio.ts";
import { VIRTIO_BLK, virtblkNameFormat } from "./virtio_blk.ts";

interface Booted {
  readonly kernel: Kernel;
  readonly machine: ReturnType<typeof embedded>;
}

async function bootWith(
  args: readonly string[],
  machineOptions: EmbeddedOptions,
  options: KernelOptions = {},
): Promise<Booted> {
  const machine = embedded(args, machineOptions);
  const kernel = new Kernel(machine, { append: "quiet", ...options });
  await kernel.sched.run("swapper/0", () =>
    startKernel(kernel, {
      initcalls: [...PROCFS_INITCALLS, ...VIRTIO_INITCALLS, ...BLOCK_INITCALLS],
      images: [VIRTIO_MMIO, VIRTIO_BLK],
    }), 1);
  return { kernel, machine };
}

function disk(id: string, more = ""): string[] {
  return [
    "-drive",
    `if=none,id=${id},file=${id}.img,format=raw`,
    "-device",
    `virtio-blk-device,drive=${id}${more}`,
  ];
}

function find(kernel: Kernel, name: string): BlockDevice {
  const bdev = findBlockDevice(kernel, name);
  if (bdev === undefined) throw new Error(`no ${name}`);
  return bdev;
}

Deno.test("virtio_blk reads and writes sectors", async () => {
  const image = new Uint8Array(1 << 20);
  const { kernel, machine } = await bootWith(disk("d0"), { images: { "d0.img": image } });
  const vda = find(kernel, "vda");
  await kernel.sched.run("test", async () => {
    const sent = new Uint8Array(1024).map((_, i) => i & 0xff);
    await vda.write(7, sent);
    assertEquals(await vda.read(7, 2), sent);
    assertEquals(image.slice(7 * 512, 9 * 512), sent);
  });
  console.log(kernel.log.dmesg());
  assertEquals(machine.violations, []);
});

Deno.test("virtblkNameFormat() counts in letters", () => {
  const names = [0, 1, 25, 26, 27, 51, 52, 701, 702].map((i) => virtblkNameFormat("vd", i));
  assertEquals(names, ["vda", "vdb", "vdz", "vdaa", "vdab", "vdaz", "vdba", "vdzz", "vdaaa"]);
});
