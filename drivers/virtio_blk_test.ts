import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Bio } from "../kernel/block/bio.ts";
import { REQ_OP_WRITE } from "../kernel/block/status.ts";
import { UEVENTS } from "../kernel/base/uevent.ts";
import { KernelError } from "../kernel/errors.ts";
import { MODULES } from "../kernel/module.ts";
import { DeadlockError } from "../kernel/task.ts";
import { Completion } from "../kernel/wait.ts";
import type { SpecialFile } from "../kernel/vfs/node.ts";
import { type VirtioDevice, virtioDeviceFreeze, virtioDeviceRestore } from "./virtio/virtio.ts";
import { bootDisks, type Booted, disk, recorded } from "./_virtio_blk_testing.ts";
import { virtblkNameFormat } from "./virtio_blk.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Sector n begins with its number. */
function numbered(bytes: number): Uint8Array {
  const image = new Uint8Array(bytes);
  const view = new DataView(image.buffer);
  for (let sector = 0; sector < bytes / 512; sector++) view.setUint32(sector * 512, sector, true);
  return image;
}

function firstNumber(data: Uint8Array, sector = 0): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(sector * 512, true);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, KernelError)).code;
}

function node({ kernel }: Booted, name: string): SpecialFile {
  return kernel.devtmpfs.lookup(name) as SpecialFile;
}

// Names

Deno.test("virtblkNameFormat() counts in letters", () => {
  const names = [0, 1, 25, 26, 27, 51, 52, 701, 702].map((i) => virtblkNameFormat("vd", i));
  assertEquals(names, ["vda", "vdb", "vdz", "vdaa", "vdab", "vdaz", "vdba", "vdzz", "vdaaa"]);
});

// Register order

/** What of a trace does not depend on where queues lie. */
function comparable(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(/v(dev|q) 0x\w+/g, "v$1").replace(/(offset 0x[89a][04] value) .*/, "$1")
  );
}

Deno.test("virtio_blk accesses registers in the order of the reference kernel", async () => {
  const lines: string[] = [];
  const trace = (line: string): undefined => void lines.push(line);
  const args = ["-m", "512", ...disk("d0", ",serial=SER123")];
  await bootDisks(args, { "d0.img": new Uint8Array(MIB) }, { machine: { trace } });
  const ours = comparable(lines);
  const reference = new URL("../tests/data/virt-basic-blk.trace", import.meta.url);
  const theirs = comparable(Deno.readTextFileSync(reference).trimEnd().split("\n"));
  const start = ours.findIndex((line) => line.includes("offset 0x70 value 0x3"));
  assertEquals(ours.slice(start, start + theirs.length), theirs);
});

// Reading and writing

Deno.test("read() and write() move sectors", async () => {
  const image = numbered(MIB);
  const booted = await bootDisks(disk("d0"), { "d0.img": image });
  const vda = booted.bdev("vda");
  await booted.run(async () => {
    assertEquals(firstNumber(await vda.read(2047)), 2047);
    const sent = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
    await vda.write(7, sent);
    assertEquals(await vda.read(7, 2), sent);
    assertEquals(image.slice(7 * 512, 9 * 512), sent);
    assertEquals(await codeOf(vda.read(2048)), "EINVAL");
    assertEquals(await codeOf(vda.write(2047, sent)), "ENOSPC");
    assertEquals(await codeOf(vda.write(0, new Uint8Array(100))), "EINVAL");
  });
  assertEquals(booted.machine.violations, []);
});

Deno.test("read() cuts what is too large for one request", async () => {
  const booted = await bootDisks(["-m", "64", ...disk("d0")], { "d0.img": numbered(4 * MIB) });
  const vda = booted.bdev("vda");
  const data = await booted.run(() => vda.read(1, 8191));
  for (let sector = 0; sector < 8191; sector++) assertEquals(firstNumber(data, sector), sector + 1);
  // The table's page, then three chunks of at most 1 MiB in requests of at most 1280 KiB.
  assertEquals(vda.stats.columns(0).slice(0, 3), [1 + 4, 0, 8 + 8191]);
});

Deno.test("submit() cuts segments that are too many or too large", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": numbered(MIB) });
  const { kernel } = booted;
  const vda = booted.bdev("vda");
  vda.disk.queue.limits.maxSegments = 3;
  vda.disk.queue.limits.maxSegmentSize = 1536;
  const memory = kernel.mem.alloc(64 * 512, "test");
  const done = new Completion(kernel.sched, "test");
  const bio = new Bio(vda, () => done.complete());
  bio.sector = 100;
  bio.sectors = 64;
  // Pieces of 256 and 768 bytes in turn: no piece alone is a whole number of sectors.
  for (let at = 0; at < 64 * 512; at += 1024) {
    bio.segments.push(memory.address + at, 256, memory.address + at + 256, 768);
  }
  await booted.run(async () => {
    vda.submit(bio);
    await done.wait();
  });
  const data = kernel.mem.bytes.slice(memory.offset, memory.offset + 64 * 512);
  for (let sector = 0; sector < 64; sector++) assertEquals(firstNumber(data, sector), sector + 100);
  assert(vda.stats.columns(0)[0] > 20, "the I/O was cut");
  assertEquals(booted.machine.violations, []);
});

Deno.test("a batch is announced with one register write, more requests than tags wait", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": numbered(MIB) }, { module: true });
  await booted.insert("queue_depth=4");
  const { kernel, machine } = booted;
  const vda = booted.bdev("vda");
  const exits = () => machine.exits().get("a003e00.virtio_mmio") ?? 0;
  const memory = kernel.mem.alloc(32 * 512, "test");
  const done = new Completion(kernel.sched, "test");
  let left = 32;
  await booted.run(async () => {
    const before = exits();
    vda.disk.queue.plug();
    for (let i = 0; i < 32; i++) {
      const bio = new Bio(vda, () => {
        if (--left === 0) done.complete();
      });
      bio.sector = 31 - i;
      bio.sectors = 1;
      bio.segments = [memory.address + i * 512, 512];
      vda.submit(bio);
    }
    vda.disk.queue.unplug();
    assertEquals(exits() - before, 1);
    await done.wait();
    // 8 batches of 4: a notification, and reading and acknowledging an interrupt for each.
    assertEquals(exits() - before, 8 * 3);
  });
  const data = kernel.mem.bytes.slice(memory.offset, memory.offset + 32 * 512);
  for (let i = 0; i < 32; i++) assertEquals(firstNumber(data, i), 31 - i);
});

Deno.test("requests that find the ring full are given to it later", async () => {
  const args = disk("d0", ",indirect_desc=off,event_idx=off");
  const booted = await bootDisks(args, { "d0.img": numbered(MIB) }, { module: true });
  await booted.insert("queue_depth=1024");
  const { kernel } = booted;
  const vda = booted.bdev("vda");
  const count = 1000;
  const memory = kernel.mem.alloc(count * 512, "test");
  const done = new Completion(kernel.sched, "test");
  let left = count;
  await booted.run(async () => {
    for (let i = 0; i < count; i++) {
      const bio = new Bio(vda, ({ status }) => {
        assertEquals(status, 0);
        if (--left === 0) done.complete();
      });
      bio.sector = i;
      bio.sectors = 1;
      bio.segments = [memory.address + i * 512, 512];
      vda.submit(bio);
    }
    // Three descriptors each: 341 of 1000 fit into 1024.
    assertEquals(vda.disk.queue.hctxs[0].dispatch.length, count - 341);
    await done.wait();
  });
  const data = kernel.mem.bytes.slice(memory.offset, memory.offset + count * 512);
  for (let i = 0; i < count; i++) assertEquals(firstNumber(data, i), i);
  assertEquals(booted.machine.violations, []);
});

Deno.test("a disk works over the legacy transport", async () => {
  const image = numbered(MIB);
  const legacy = ["-global", "virtio-mmio.force-legacy=true"];
  const booted = await bootDisks([...legacy, ...disk("d0", ",serial=OLD")], { "d0.img": image });
  const vda = booted.bdev("vda");
  await booted.run(async () => {
    assertEquals(firstNumber(await vda.read(77)), 77);
    await vda.write(78, new Uint8Array(512).fill(1));
    await vda.flush();
  });
  assertEquals(image[78 * 512], 1);
  assertEquals(await booted.text("/sys/block/vda/serial"), "OLD");
  assertEquals(await booted.text("/sys/block/vda/queue/max_segments"), "254\n");
  assertEquals(booted.machine.violations, []);
});

Deno.test("flush(), discard() and writeZeroes() reach the device", async () => {
  const image = numbered(MIB);
  const booted = await bootDisks(disk("d0", "", ",discard=unmap"), { "d0.img": image });
  const vda = booted.bdev("vda");
  await booted.run(async () => {
    await vda.writeZeroes(8, 8);
    await vda.flush();
    await vda.discard(16, 8);
    assertEquals((await vda.read(8, 8)).every((byte) => byte === 0), true);
    assertEquals(firstNumber(await vda.read(24)), 24);
    assertEquals(await codeOf(vda.secureErase(0, 8)), "EOPNOTSUPP");
  });
  const [, , , , writes, , , , , , , discards, , , , flushes] = vda.stats.columns(0);
  // A flush is a write of nothing, too.
  assertEquals([writes, discards, flushes], [2, 1, 1]);
  assertEquals(booted.machine.violations, []);
});

Deno.test("flush() does nothing without a cache, and the cache can be switched", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  const vda = booted.bdev("vda");
  const file = "/sys/block/vda/cache_type";
  await booted.fs.write(file, "write through\n");
  assertEquals(await booted.text(file), "write through\n");
  await booted.run(() => vda.flush());
  assertEquals(vda.stats.columns(0)[15], 0);
  await booted.fs.write(file, "write back\n");
  await booted.run(() => vda.flush());
  assertEquals(vda.stats.columns(0)[15], 1);
  assertEquals(await codeOf(booted.fs.write(file, "rubbish\n")), "EINVAL");
});

// The node in /dev

Deno.test("the node reads short at the end and merges partial sectors", async () => {
  const image = numbered(64 * KIB);
  const booted = await bootDisks(disk("d0"), { "d0.img": image });
  await booted.run(async () => {
    const file = await node(booted, "vda").open({ read: true, write: true });
    assertEquals(file.size?.(), 64 * KIB);
    assertEquals((await file.read(4096, 64 * KIB - 100)).length, 100);
    assertEquals((await file.read(4096, 64 * KIB)).length, 0);
    assertEquals(await file.write(Uint8Array.of(1, 2, 3), 510), 3);
    await file.fsync?.();
    assertEquals([...image.subarray(508, 516)], [0, 0, 1, 2, 3, 0, 0, 0]);
    assertEquals(await file.write(new Uint8Array(1024), 64 * KIB - 512), 512);
    assertEquals(await codeOf(file.write(Uint8Array.of(1), 64 * KIB)), "ENOSPC");
    assertEquals(await file.ioctl?.("BLKGETSIZE64", []), [64 * KIB]);
    assertEquals(await codeOf(file.ioctl!("TIOCGWINSZ", [])), "ENOTTY");
    await file.ioctl?.("BLKROSET", [1]);
    assertEquals(await codeOf(file.write(Uint8Array.of(1), 0)), "EPERM");
    await file.close();
  });
});

Deno.test("a read-only disk cannot be written", async () => {
  const args = disk("d0", "", ",readonly=on");
  const booted = await bootDisks(args, { "d0.img": new Uint8Array(MIB) });
  const vda = booted.bdev("vda");
  await booted.run(async () => {
    assertEquals(await codeOf(vda.write(0, new Uint8Array(512))), "EPERM");
    const file = await node(booted, "vda").open({ read: true, write: true });
    assertEquals(await codeOf(file.write(Uint8Array.of(1), 0)), "EPERM");
    assertEquals(await codeOf(file.ioctl!("BLKDISCARD", [0, 4096])), "EPERM");
    await file.close();
  });
});

Deno.test("a disk that goes while it is open keeps its letter and reads as empty", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  const driver = "/sys/bus/virtio/drivers/virtio_blk";
  const file = await booted.run(() => node(booted, "vda").open({ read: true, write: true }));
  const module = booted.kernel.get(MODULES).find("virtio_blk");
  assertEquals(module?.refcount, 1);
  await booted.fs.write(`${driver}/unbind`, "virtio0");
  assertEquals((await booted.run(() => file.read(512, 0))).length, 0);
  assertEquals(await codeOf(booted.run(() => file.write(Uint8Array.of(1), 0))), "ENOSPC");
  await booted.fs.write(`${driver}/bind`, "virtio0");
  assertEquals(await booted.fs.readdir("/sys/block"), ["vdb"]);
  await booted.run(() => file.close());
  assertEquals(module?.refcount, 0);
  await booted.fs.write(`${driver}/unbind`, "virtio0");
  await booted.fs.write(`${driver}/bind`, "virtio0");
  assertEquals(await booted.fs.readdir("/sys/block"), ["vda"]);
});

// Changes at run time

Deno.test("a disk that grows says so as the reference kernel does", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  await booted.machine.qmp("block_resize", { device: "d0", size: 2 * MIB });
  await booted.run(() => booted.kernel.sched.settle());
  assertEquals(booted.log(/new size|capacity change/), [
    "virtio_blk virtio0: [vda] new size: 4096 512-byte logical blocks (2.10 MB/2.00 MiB)",
    "vda: detected capacity change from 2048 to 4096",
  ]);
  assertEquals(await booted.text("/sys/block/vda/size"), "4096\n");
  const event = booted.kernel.get(UEVENTS).sent.at(-1);
  assertEquals([event?.action, event?.env.includes("RESIZE=1")], ["change", true]);
});

Deno.test("a disk works on after freezing and restoring", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": numbered(MIB) });
  const vda = booted.bdev("vda");
  const vdev = vda.parentDevice as VirtioDevice;
  let early: Promise<Uint8Array> | undefined;
  await booted.run(async () => {
    await virtioDeviceFreeze(vdev);
    early = booted.run(() => vda.read(5));
    await booted.kernel.sched.yield();
    await virtioDeviceRestore(vdev);
    assertEquals(firstNumber(await vda.read(6)), 6);
  });
  assertEquals(firstNumber(await early as Uint8Array), 5);
  assertEquals(booted.machine.violations, []);
});

Deno.test("loading and unloading leaves nothing behind", async () => {
  const images = { "d0.img": new Uint8Array(MIB) };
  const booted = await bootDisks(disk("d0"), images, { module: true });
  const before = booted.kernel.mem.liveBytes;
  for (const diskseq of [1, 2, 3]) {
    await booted.insert("");
    assertStringIncludes(await booted.text("/proc/devices"), "254 virtblk\n");
    assertEquals(await booted.text("/sys/block/vda/diskseq"), `${diskseq}\n`);
    await booted.remove();
    assertEquals(booted.kernel.mem.liveBytes, before);
  }
  assertEquals((await booted.text("/proc/devices")).includes("virtblk"), false);
});

// Queues

Deno.test("queues follow the processors and the module's parameters", async () => {
  const booted = await bootDisks(
    ["-smp", "2", ...disk("d0"), ...disk("d1", ",num-queues=4")],
    { "d0.img": new Uint8Array(MIB), "d1.img": new Uint8Array(MIB) },
    { module: true },
  );
  const expected = recorded("disk-queues/dmesg.virtio.txt").split("\n").filter((line) =>
    line.includes("default/read/poll")
  );
  for (const args of ["", "num_request_queues=1", "poll_queues=1 queue_depth=32"]) {
    await booted.insert(args);
    if (args.startsWith("poll")) {
      assertEquals(await booted.text("/sys/block/vda/queue/io_poll"), "1\n");
      assertEquals(await booted.text("/sys/block/vda/mq/1/cpu_list"), "0, 1\n");
      assertEquals(await booted.text("/sys/block/vda/mq/1/nr_tags"), "32\n");
      assertEquals(await booted.text("/sys/block/vdb/queue/nr_requests"), "64\n");
      assertEquals(await booted.text("/sys/block/vda/queue/scheduler"), "[none] mq-deadline \n");
    }
    await booted.remove();
  }
  assertEquals(booted.log(/default\/read\/poll/), expected.slice(0, 6));
});

// What goes wrong

Deno.test("a request that the device refuses is logged as the reference kernel logs it", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  const vda = booted.bdev("vda");
  // The kernel believes in more sectors than the device has.
  vda.nrSectors = 4096;
  await booted.run(async () => {
    assertEquals(await codeOf(vda.read(2048, 8)), "EIO");
    assertEquals(await codeOf(vda.write(2048, new Uint8Array(4096))), "EIO");
  });
  assertEquals(booted.log(/error/), [
    "I/O error, dev vda, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2",
    "I/O error, dev vda, sector 2048 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2",
  ]);
});

Deno.test("an I/O past the end is refused before it becomes a request", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  const vda = booted.bdev("vda");
  const bio = new Bio(vda, () => undefined);
  bio.op = REQ_OP_WRITE;
  bio.sector = 2040;
  bio.sectors = 16;
  await booted.run(() => vda.submitWait(bio, "test"));
  assertEquals(booted.log(/rw=/), [
    "vda: rw=1, sector=2040, nr_sectors = 16 limit=2048",
  ]);
});

Deno.test("a request that is never answered leaves its waiter to the deadlock report", async () => {
  const booted = await bootDisks(disk("d0"), { "d0.img": new Uint8Array(MIB) });
  const vda = booted.bdev("vda");
  vda.disk.queue.plug(); // The device never hears of it.
  const error = await assertRejects(() => booted.run(() => vda.read(5)), DeadlockError);
  assertStringIncludes(error.message, "vda: reading sector 5");
});
