import { assert, assertEquals } from "@std/assert";
import type { Chooser } from "../kernel/choice.ts";
import { BLOCK_DEVICES } from "../kernel/block/blkdev.ts";
import { KernelError } from "../kernel/errors.ts";
import { bootDisks, type Booted, disk } from "./_virtio_blk_testing.ts";

/** Everything that a probe could leave behind, as text. */
async function traces(booted: Booted): Promise<string> {
  const { kernel, fs } = booted;
  const lines: string[] = [];
  for (const folder of ["/sys/block", "/sys/class/block", "/sys/class/bdi", "/sys/dev/block"]) {
    lines.push(`${folder}: ${(await fs.readdir(folder)).join(" ")}`);
  }
  const device = "/sys/bus/virtio/devices/virtio0";
  lines.push(`device: ${(await fs.readdir(device)).sort().join(" ")}`);
  lines.push(`dev: ${(await fs.readdir("/dev")).join(" ")}`);
  lines.push(`interrupts: ${(await booted.text("/proc/interrupts")).match(/virtio\d+/g)}`);
  const held = [...kernel.mem.live.values()].map(({ memory, owner }) => `${owner} ${memory.size}`);
  lines.push(`memory: ${held.sort().join(", ")}`);
  lines.push(`disks: ${kernel.get(BLOCK_DEVICES).disks.size}`);
  lines.push(`numbers: ${[...kernel.get(BLOCK_DEVICES).byNumber.keys()].join(" ")}`);
  return lines.join("\n");
}

/** Fails the `nth` operation that may fail, from 1; counts them. */
class FaultPlan {
  seen = 0;
  nth = 0;
  what = "";

  readonly chooser: Chooser = ({ kind, describe }) => {
    if (kind !== "fault" || this.nth === 0) return 0;
    if (++this.seen !== this.nth) return 0;
    this.what = describe(1);
    return 1;
  };
}

/** An MBR with one partition of 16 sectors at sector 8. */
function partitioned(): Uint8Array {
  const image = new Uint8Array(1 << 16);
  image.set([0, 0, 0, 0, 0x83, 0, 0, 0, 8, 0, 0, 0, 16, 0, 0, 0], 446);
  image.set([0x55, 0xaa], 510);
  return image;
}

Deno.test("a probe that fails at any step leaves nothing behind, and the next one works", async () => {
  const plan = new FaultPlan();
  const booted = await bootDisks(disk("d0"), { "d0.img": partitioned() }, {
    chooser: plan.chooser,
  });
  const { fs } = booted;
  const driver = "/sys/bus/virtio/drivers/virtio_blk";
  await fs.write(`${driver}/unbind`, "virtio0");
  const clean = await traces(booted);
  let failed = 0;
  for (plan.nth = 1;; plan.nth++) {
    plan.seen = 0;
    plan.what = "";
    const error = await fs.write(`${driver}/bind`, "virtio0").catch((error) => error);
    const { what } = plan;
    const nth = plan.nth;
    plan.nth = 0;
    if (error instanceof KernelError) {
      failed++;
      assertEquals(await traces(booted), clean, `after step ${nth}: ${what}`);
      await fs.write(`${driver}/bind`, "virtio0");
    }
    assertEquals(await booted.text("/sys/block/vda/size"), "128\n", `after step ${nth}: ${what}`);
    const sector = await booted.run(() => booted.bdev("vda").read(0));
    assertEquals(sector[511], 0xaa);
    await fs.write(`${driver}/unbind`, "virtio0");
    assertEquals(await traces(booted), clean, `after unbinding, step ${nth}: ${what}`);
    if (what === "") break;
    plan.nth = nth;
  }
  assert(failed >= 10, `only ${failed} steps failed a probe`);
  booted.kernel.mem.checkFreed();
  assertEquals(booted.kernel.mem.usesAfterFree, []);
});
