import { assertEquals, assertThrows } from "@std/assert";
import { MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { FileBlock, MemoryBlock, NullBlock, openDrive } from "./blockdev.ts";
import type { HostFile } from "../host.ts";
import { guessGeometry } from "./disk_geometry.ts";
import { VirtioBlk, type VirtioBlkProps } from "./virtio_blk.ts";

const READ_SECTOR_7 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0);
const WRITE_SECTOR_7 = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0);
const FLUSH = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

function disk(props: VirtioBlkProps = {}, sectors = 64) {
  const drive = new MemoryBlock(new Uint8Array(512 * sectors), { id: "d0" });
  const blk = new VirtioBlk(props, drive);
  const bench = new SlotBench(blk);
  const driver = new MiniDriver(bench);
  return { drive, blk, bench, driver };
}

/** A file that fails, is cut off, or says in which order it was used. */
class FakeFile implements HostFile {
  readonly calls: string[] = [];
  constructor(readonly bytes: Uint8Array) {}
  size = () => this.bytes.length;
  readAt(offset: number, into: Uint8Array) {
    const part = this.bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }
  writeAt(offset: number, data: Uint8Array): undefined {
    this.calls.push(`write ${offset} ${data.length}`);
    this.bytes.set(data, offset);
  }
  sync(): undefined {
    this.calls.push("sync");
  }
  truncate(size: number): undefined {
    this.calls.push(`truncate ${size}`);
  }
  close(): undefined {
    this.calls.push("close");
  }
}

// Latency

Deno.test("VirtioBlk completes the requests of one notification together, one latency later", () => {
  const { driver, bench } = disk();
  driver.init(1);
  bench.interrupts = 0;
  driver.add(0, [READ_SECTOR_7], [512, 1]);
  driver.add(0, [READ_SECTOR_7], [512, 1]);
  driver.write(0x50, 0);
  assertEquals(driver.used(0).length, 0);
  bench.settle();
  assertEquals(bench.nowNs, 20_000);
  assertEquals(driver.used(0).length, 2);
  assertEquals(bench.interrupts, 1);
});

Deno.test("VirtioBlk without latency completes inside the notification", () => {
  const drive = new MemoryBlock(new Uint8Array(65536), { id: "d0" });
  const bench = new SlotBench(new VirtioBlk({}, drive, { blkTransfer: 0, blkFlush: 0 }));
  const driver = new MiniDriver(bench);
  driver.init(1);
  driver.add(0, [READ_SECTOR_7], [512, 1]);
  driver.write(0x50, 0);
  assertEquals(driver.used(0).map(({ len }) => len), [513]);
});

Deno.test("VirtioBlk forgets what is under way at a reset", () => {
  const { driver, bench, drive } = disk();
  driver.init(1);
  driver.add(0, [WRITE_SECTOR_7, new Uint8Array(512).fill(1)], [1]);
  driver.write(0x50, 0);
  driver.init(1);
  bench.settle();
  assertEquals(drive.bytes.every((byte) => byte === 0), true);
  assertEquals(driver.request(0, [READ_SECTOR_7], [512, 1]).len, 513);
});

// The image

Deno.test("VirtioBlk flush reaches the file, and only write-through syncs each write", () => {
  const file = new FakeFile(new Uint8Array(65536));
  const blk = new VirtioBlk({}, new FileBlock(file, { id: "d0", file: "disk.img" }));
  const driver = new MiniDriver(new SlotBench(blk));
  driver.init(1);
  driver.request(0, [WRITE_SECTOR_7, new Uint8Array(512)], [1]);
  driver.request(0, [FLUSH], [1]);
  driver.write(0x100 + 32, 0, 1);
  driver.request(0, [WRITE_SECTOR_7, new Uint8Array(512)], [1]);
  assertEquals(file.calls, ["write 3584 512", "sync", "write 3584 512", "sync"]);
});

Deno.test("VirtioBlk turns the cache off for a driver that cannot flush", () => {
  const { driver, drive } = disk();
  driver.init(1, ~(1n << 9n | 1n << 11n));
  assertEquals([drive.writeback, driver.read(0x100 + 32, 1)], [false, 0]);
  driver.write(0x70, 0);
  assertEquals([drive.writeback, driver.read(0x100 + 32, 1)], [true, 1]);
});

Deno.test("VirtioBlk answers IOERR when the host cannot read", () => {
  const file = new FakeFile(new Uint8Array(65536));
  const drive = new FileBlock(file, { id: "d0", file: "disk.img" });
  const driver = new MiniDriver(new SlotBench(new VirtioBlk({}, drive)));
  driver.init(1);
  file.readAt = () => {
    throw new Error("disk.img: Input/output error");
  };
  assertEquals(driver.request(0, [READ_SECTOR_7], [512, 1]).data[512], 1);
  assertEquals(drive.lastError?.message, "disk.img: Input/output error");
});

Deno.test("BlockBackend.resize() rounds up, tells the driver and bumps the generation", () => {
  const { driver, drive, bench } = disk();
  driver.init(1);
  const before = driver.read(0xfc);
  drive.resize(512 * 100 - 1);
  assertEquals(driver.read(0x100), 100);
  assertEquals([driver.read(0xfc) - before, driver.acknowledge()], [1, 3]);
  assertEquals(bench.level, false);
});

Deno.test("BlockBackend.resize() refuses read-only images and bad sizes", () => {
  const drive = new MemoryBlock(new Uint8Array(512), { id: "d0", readonly: true });
  assertThrows(() => drive.resize(1024), Error, "Cannot resize 'd0': the image is read-only");
  assertThrows(() => drive.resize(-1), Error, "Parameter 'size' expects a >0 size");
});

Deno.test("openDrive() refuses what it cannot open and names it", () => {
  const message = (options: Parameters<typeof openDrive>[0]) =>
    assertThrows(() => openDrive(options, undefined), Error).message;
  assertEquals(message({ id: "d0" }), "Device needs media, but drive is empty");
  assertEquals(
    message({ id: "d0", format: "qcow2" }),
    "Unknown driver 'qcow2'; known: raw, null-co",
  );
  assertEquals(
    message({ id: "d0", file: "a.img" }),
    "Could not open 'a.img': this program has no files",
  );
});

Deno.test("An image that ends within a sector reads as zeros behind its end", () => {
  const file = new FakeFile(new Uint8Array(1000).fill(7));
  const host = { openFile: () => file } as unknown as Parameters<typeof openDrive>[1];
  const drives = [
    openDrive({ id: "d0", file: "a.img" }, host),
    new MemoryBlock(new Uint8Array(1000).fill(7), { id: "d1" }),
  ];
  for (const drive of drives) {
    const ram = new Uint8Array(512).fill(1);
    drive.read(512, ram, 0, 512);
    assertEquals([drive.size, ram[487], ram[488], ram[511]], [1024, 7, 0, 0]);
  }
});

// Options: every message was read off QEMU 7.2

const REFUSED: readonly [VirtioBlkProps, string][] = [
  [{ numQueues: 0 }, "num-queues property must be larger than 0"],
  [{ queueSize: 2 }, "invalid queue-size property (2), must be > 2"],
  [{ queueSize: 7 }, "invalid queue-size property (7), must be a power of 2 (max 1024)"],
  [{ queueSize: 2048 }, "invalid queue-size property (2048), must be a power of 2 (max 1024)"],
  [{ logicalBlockSize: 4096 }, "logical_block_size > physical_block_size not supported"],
  [
    { logicalBlockSize: 1000 },
    "Property .logical_block_size doesn't take value '1000', it's not a power of 2",
  ],
  [
    { logicalBlockSize: 4194304 },
    "Property .logical_block_size doesn't take value 4194304 (minimum: 512, maximum: 2097152)",
  ],
  [{ minIoSize: 1000 }, "min_io_size must be a multiple of logical_block_size"],
  [{ optIoSize: 1000 }, "opt_io_size must be a multiple of logical_block_size"],
  [{ discardGranularity: 1000 }, "discard_granularity must be a multiple of logical_block_size"],
  [
    { maxDiscardSectors: 0 },
    "invalid max-discard-sectors property (0), must be between 1 and 4194303",
  ],
  [
    { maxWriteZeroesSectors: 99999999 },
    "invalid max-write-zeroes-sectors property (99999999), must be between 1 and 4194303",
  ],
  [{ cyls: 70000, heads: 1, secs: 1 }, "cyls must be between 1 and 65535"],
  [{ cyls: 7 }, "heads must be between 1 and 255"],
];

Deno.test("VirtioBlk refuses impossible properties in QEMU's words", () => {
  for (const [props, message] of REFUSED) {
    assertEquals(assertThrows(() => disk(props), Error).message, message);
  }
});

Deno.test("VirtioBlk refuses a drive that another disk has", () => {
  const drive = new NullBlock({ id: "d0" });
  new VirtioBlk({}, drive);
  assertEquals(
    assertThrows(() => new VirtioBlk({}, drive), Error).message,
    "Drive 'd0' is already in use by another device",
  );
});

Deno.test("guessGeometry() believes a partition table with at most 16 heads", () => {
  const boot = new Uint8Array(512);
  boot.set([0x55, 0xaa], 510);
  boot.set([0x80, 0, 1, 0, 0x83, 7, 32, 100, 1, 0, 0, 0, 255, 0, 0, 0], 0x1be);
  assertEquals(guessGeometry(boot, 8 * 32 * 50), { cyls: 50, heads: 8, secs: 32 });
  boot[0x1be + 5] = 254;
  assertEquals(guessGeometry(boot, 16 * 63 * 50), { cyls: 50, heads: 16, secs: 63 });
  assertEquals(guessGeometry(new Uint8Array(512), 10), { cyls: 2, heads: 16, secs: 63 });
});
