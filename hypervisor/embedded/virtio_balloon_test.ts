import { assertEquals } from "@std/assert";
import { MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { RAM_BASE } from "../../tests/qtest_client.ts";
import { encodeVirtioBalloonStat } from "../../uapi/virtio_balloon.ts";
import { VirtioBalloon } from "./virtio_balloon.ts";

const RAM_SIZE = 1 << 20;

/** Page numbers as the driver writes them. */
function pfns(...numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

function start(balloon: VirtioBalloon): { bench: SlotBench; driver: MiniDriver } {
  const bench = new SlotBench(balloon);
  const driver = new MiniDriver(bench);
  driver.init(3);
  return { bench, driver };
}

Deno.test("VirtioBalloon clears pages that it gets, and only those", () => {
  const { bench, driver } = start(new VirtioBalloon());
  const first = RAM_SIZE - 3 * 4096;
  bench.ram.fill(0x55, first);
  const pfn = (RAM_BASE + first) / 4096;
  assertEquals(driver.request(0, [pfns(pfn, pfn + 2)], []).len, 0);
  const filled = [0, 1, 2].map((page) => bench.ram[first + page * 4096 + 100]);
  assertEquals(filled, [0, 0x55, 0]);
});

Deno.test("VirtioBalloon passes over page numbers that mean no memory", () => {
  const { driver } = start(new VirtioBalloon());
  driver.request(0, [pfns(0, 0xffff_ffff, (RAM_BASE + RAM_SIZE) / 4096)], []);
  driver.request(0, [Uint8Array.of(1, 2)], []);
  // Neither broken nor in need of a reset.
  assertEquals(driver.read(0x70), 15);
});

Deno.test("VirtioBalloon tells its target and hears the size", () => {
  const balloon = new VirtioBalloon();
  const { bench, driver } = start(balloon);
  assertEquals(balloon.actual, RAM_SIZE);
  balloon.setTarget(RAM_SIZE - 5 * 4096 - 1);
  assertEquals([driver.read(0x100), bench.level], [5, true]);
  driver.write(0x104, 3);
  assertEquals(balloon.actual, RAM_SIZE - 3 * 4096);
  balloon.setTarget(2 * RAM_SIZE);
  assertEquals(driver.read(0x100), 0);
});

Deno.test("VirtioBalloon takes the poison value only where that was agreed on", () => {
  const { driver } = start(new VirtioBalloon());
  driver.write(0x10c, 0xaa);
  driver.write(0x100, 0xaa);
  assertEquals([driver.read(0x10c), driver.read(0x100)], [0xaa, 0]);
  driver.init(3, ~(1n << 4n));
  driver.write(0x10c, 0xbb);
  assertEquals(driver.read(0x10c), 0);
});

Deno.test("VirtioBalloon keeps the buffer of statistics until it wants new ones", () => {
  const balloon = new VirtioBalloon();
  const { driver } = start(balloon);
  const stats = new Uint8Array(20);
  const view = new DataView(stats.buffer);
  encodeVirtioBalloonStat(view, 0, { tag: 4, val: 1n << 40n });
  encodeVirtioBalloonStat(view, 10, { tag: 5, val: 77n });
  driver.add(2, [stats], []);
  driver.kick(2);
  assertEquals([...balloon.stats], [[4, 1n << 40n], [5, 77n]]);
  assertEquals(driver.used(2), []);
  balloon.requestStats();
  assertEquals(driver.used(2).length, 1);
  balloon.requestStats();
  assertEquals(driver.used(2), []);
});
