import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { MachineBench } from "../../tests/machine_bench.ts";
import { MiniDriver } from "../../tests/mini_driver.ts";
import { embedded } from "./machine.ts";
import { Hubs } from "./netdev.ts";
import { NO_QUIRKS } from "./quirks.ts";

const slot = (index: number) => 0x0a000000 + 0x200 * index;
const UART = 0x09000000;
const DISK = ["-drive", "if=none,id=d0,file=disk", "-device", "virtio-blk-device,drive=d0"];
const SECTOR_0 = new Uint8Array(16);
const image = () => ({ images: { disk: new Uint8Array(1 << 16).fill(7) } });

Deno.test("embedded() fills the slots from the top, named slots as they are named", () => {
  const { machine } = new MachineBench([
    ...["-device", "virtio-keyboard-device"],
    ...["-device", "virtio-rng-device,bus=virtio-mmio-bus.30"],
    ...["-device", "virtio-mouse-device"],
  ]);
  const ids = machine.slots.map((_, i) => machine.read(slot(i) + 8, 4));
  assertEquals(ids.slice(28), [0, 18, 4, 18]);
  assertEquals(machine.slots[30]?.name, "virtio-mmio slot 30 (virtio-rng-device)");
});

Deno.test("embedded() serves a disk, and raises the interrupt of its slot", () => {
  const bench = new MachineBench(DISK, image());
  const driver = new MiniDriver(bench, slot(31));
  driver.init(1);
  const { len, data } = driver.request(0, [SECTOR_0], [512, 1]);
  assertEquals([len, data[0], data[511], data[512]], [513, 7, 7, 0]);
  assertEquals([bench.guest.edges, bench.guest.levels.get(47)], [[47], true]);
  assertEquals(driver.acknowledge(), 1);
  assertEquals(bench.guest.levels.get(47), false);
});

Deno.test("embedded() is deaf and silent where there is nothing", () => {
  const { machine } = new MachineBench([]);
  for (const address of [0, 0x0900ffff, slot(-1), slot(32), 0x40000000, 2 ** 40]) {
    machine.write(address, 4, 1);
    assertEquals(machine.read(address, 4), 0);
  }
  assertEquals([machine.exits().size, machine.violations.length], [0, 0]);
});

Deno.test("exits() counts the accesses of each device", () => {
  const { machine } = new MachineBench(["-device", "virtio-keyboard-device"]);
  for (const offset of [0, 4, 8]) machine.read(slot(31) + offset, 4);
  machine.write(UART, 4, 65);
  machine.read(slot(0), 4);
  assertEquals([...machine.exits()], [
    ["9000000.pl011", 1],
    ["a000000.virtio_mmio", 1],
    ["a003e00.virtio_mmio", 3],
  ]);
});

Deno.test("embedded() connects -serial to the PL011", () => {
  const args = ["-chardev", "script,id=t0", "-serial", "chardev:t0"];
  const { machine, guest } = new MachineBench(args);
  machine.write(UART, 1, 0x6f);
  assertEquals(new TextDecoder().decode(machine.chardev("t0").read()), "o");
  machine.write(UART + 0x38, 2, 0x10);
  machine.chardev("t0").write("k");
  assertEquals([guest.edges, machine.read(UART, 1)], [[1], 0x6b]);
  assertThrows(() => machine.chardev("t1"), Error, "known: t0");
});

Deno.test("embedded() takes RAM that is given, and as much as -m says", () => {
  const ram = new ArrayBuffer(8 << 20);
  assertEquals(embedded([], { ram }).ram, ram);
  assertEquals(embedded(["-m", "3"]).ram.byteLength, 3 << 20);
  assertThrows(() => embedded(["-m", "3"], { ram }), Error, "the given RAM has 8388608");
});

Deno.test("embedded() can be switched on once", () => {
  const bench = new MachineBench([]);
  assertThrows(() => bench.machine.attach(bench.guest), Error, "attached already");
});

Deno.test("embedded() keeps its machines apart, but for shared hubs", () => {
  const hubs = new Hubs();
  const args = ["-netdev", "hubport,id=h0,hubid=0", "-device", "virtio-net-device,netdev=h0"];
  const cards = [0, 1].map(() => {
    const bench = new MachineBench(args, { hubs });
    const driver = new MiniDriver(bench, slot(31));
    driver.init(2);
    return { bench, driver };
  });
  const other = new MachineBench(args);
  const [from, to] = cards;
  to.driver.add(0, [], [100]);
  to.driver.kick(0);
  const frame = new Uint8Array(72).fill(0xff, 12, 18);
  from.driver.add(1, [frame], []);
  from.driver.kick(1);
  const [received] = to.driver.used(0);
  assertEquals([received.len, received.data[12], received.data[17]], [72, 0xff, 0xff]);
  assertEquals(to.bench.guest.edges.includes(47), true);
  assertEquals(other.guest.edges, []);
});

Deno.test("embedded() keeps a bounded number of violations", () => {
  const { machine } = new MachineBench([]);
  for (let i = 0; i < 20_000; i++) machine.write(slot(3) + 0x70, 4, 0);
  assertEquals(machine.violations.length, 10_000);
  assertEquals(machine.violations[0], {
    side: "driver",
    clause: "VIRTIO 1.4, 4.2.3.1.1",
    device: "virtio-mmio slot 3 (empty)",
    message: "access at 0x70 of a slot whose DeviceID is 0",
  });
});

Deno.test("embedded() without quirks follows the specification", () => {
  const bench = new MachineBench(DISK, { ...image(), quirks: NO_QUIRKS });
  const driver = new MiniDriver(bench, slot(31));
  driver.write(0x30, 0);
  assertEquals(driver.read(0x34), 256);
  driver.write(0x14, 2);
  assertEquals([driver.read(0x10), driver.offered >> 40n & 1n], [0, 0n]);
  // Unknown features are refused.
  for (const status of [0, 1, 3]) driver.write(0x70, status);
  driver.write(0x24, 0);
  driver.write(0x20, 1 << 23);
  driver.write(0x70, 11);
  assertEquals(driver.read(0x70), 3);
  driver.init(1);
  driver.write(0x30, 0);
  driver.write(0x44, 0);
  driver.add(0, [SECTOR_0], [512, 1]);
  driver.kick(0);
  assertEquals(driver.used(0).length, 0);
  bench.machine.qmp("block_resize", { device: "d0", size: 4096 });
  assertEquals(driver.acknowledge(), 2);
});

Deno.test("embedded() lets nobody negotiate what a device behind an IOMMU needs away", () => {
  const bench = new MachineBench([...DISK.slice(0, 3), `${DISK[3]},iommu_platform=on`], image());
  const driver = new MiniDriver(bench, slot(31));
  driver.init(1);
  assertEquals(driver.read(0x70) & 8, 0);
});

// The monitor

Deno.test("qmp() answers in QEMU's forms", async () => {
  const bench = new MachineBench([...DISK, "-chardev", "null,id=c0"], image());
  const { machine } = bench;
  assertEquals(await machine.qmp("query-status"), {
    status: "running",
    singlestep: false,
    running: true,
  });
  assertEquals(await machine.qmp("query-chardev"), [
    { label: "c0", filename: "null", "frontend-open": false },
  ]);
  const [block] = await machine.qmp("query-block") as [Record<string, unknown>];
  const { inserted, ...rest } = block;
  assertEquals(rest, {
    device: "d0",
    locked: false,
    removable: false,
    type: "unknown",
    qdev: "/machine/peripheral-anon/device[0]",
    "io-status": "ok",
  });
  assertEquals((inserted as Record<string, unknown>).image, {
    filename: "disk",
    format: "raw",
    "virtual-size": 65536,
  });
  assertEquals(await machine.qmp("block_resize", { device: "d0", size: 1024 }), {});
  assertEquals(machine.read(slot(31) + 0x100, 4), 2);
});

Deno.test("qmp() refuses in QEMU's words", async () => {
  const { machine } = new MachineBench(DISK, image());
  const cases: [string, Record<string, unknown>, string][] = [
    ["foo", {}, "The command foo has not been found"],
    ["block_resize", { device: "d0" }, "Parameter 'size' is missing"],
    ["block_resize", { device: "d0", size: 1, foo: 1 }, "Parameter 'foo' is unexpected"],
    ["block_resize", { device: "d9", size: 1 }, "Cannot find device='d9' nor node-name=''"],
    [
      "block_resize",
      { device: "d0", size: "1" },
      "Invalid parameter type for 'size', expected: integer",
    ],
    ["block_resize", { size: 1 }, "Cannot find device='' nor node-name=''"],
    ["block_resize", { device: "d0", size: -1 }, "Parameter 'size' expects a >0 size"],
    ["announce-self", {}, "Parameter 'initial' is missing"],
    ["ringbuf-read", { device: "zz", size: 1 }, "Device 'zz' not found"],
    ["set_link", { name: "n0" }, "Parameter 'up' is missing"],
    ["set_link", { name: "n0", up: true }, "Device 'n0' not found"],
  ];
  for (const [command, args, message] of cases) {
    const error = await assertRejects(() => machine.qmp(command, args), Error);
    assertStringIncludes(error.message, message);
  }
});

Deno.test("qmp() pulls the cable of a card and of a network", async () => {
  const { machine } = new MachineBench([
    ...["-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0,id=card"],
  ]);
  const status = () => machine.read(slot(31) + 0x106, 2);
  assertEquals(status(), 1);
  await machine.qmp("set_link", { name: "card", up: false });
  assertEquals(status(), 0);
  await machine.qmp("set_link", { name: "n0", up: true });
  assertEquals(status(), 1);
});

Deno.test("qmp() types on the keyboard", async () => {
  const bench = new MachineBench(["-device", "virtio-keyboard-device"]);
  const driver = new MiniDriver(bench, slot(31));
  driver.init(2);
  for (let i = 0; i < 4; i++) driver.add(0, [], [8]);
  driver.kick(0);
  const key = { type: "qcode", data: "a" };
  await bench.machine.qmp("input-send-event", {
    events: [{ type: "key", data: { key, down: true } }],
  });
  assertEquals(driver.used(0).map(({ data }) => [...data]), [
    [1, 0, 30, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ]);
});

Deno.test("waitExternal() settles when a script types, and is nothing when nobody can", async () => {
  assertEquals(new MachineBench(DISK, image()).machine.waitExternal(), undefined);
  const { machine } = new MachineBench(["-chardev", "script,id=t0"]);
  const woken = machine.waitExternal();
  machine.chardev("t0").write("x");
  assertEquals(await woken, undefined);
});
