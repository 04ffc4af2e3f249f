import { assertEquals } from "@std/assert";
import { MachineBench } from "../../tests/machine_bench.ts";
import { VIRTIO_MMIO_REGISTERS } from "../../uapi/virtio_mmio.ts";
import { RAM_BASE } from "./memory_map.ts";

const BASE = 0x0a003e00;
const EMPTY = 0x0a000000;
const RING = RAM_BASE + 0x1000;

/** Makes single accesses, and the sequences that a driver must follow. */
class Driver {
  readonly bench: MachineBench;

  constructor(legacy = false, device = "blk") {
    const args = device === "blk"
      ? ["-drive", "if=none,id=d0,format=null-co,size=1M", "-device", "virtio-blk-device,drive=d0"]
      : ["-device", "virtio-serial-device"];
    this.bench = new MachineBench(["-global", `virtio-mmio.force-legacy=${legacy}`, ...args]);
  }

  read(offset: number, width: 1 | 2 | 4 = 4): number {
    return this.bench.read(BASE + offset, width);
  }

  write(offset: number, value: number, width: 1 | 2 | 4 = 4): this {
    this.bench.write(BASE + offset, width, value);
    return this;
  }

  identify(): this {
    for (const offset of [0, 4, 8, 12]) this.read(offset);
    return this;
  }

  /** Up to and without FEATURES_OK. */
  begin(): this {
    this.identify();
    for (const status of [0, 1, 3]) this.write(0x70, status);
    return this;
  }

  features(mask = ~0n): this {
    for (const word of [1, 0]) {
      this.write(0x14, word);
      const offered = BigInt(this.read(0x10));
      const wanted = offered & (mask >> BigInt(32 * word)) & 0xffff_ffffn;
      this.write(0x24, word).write(0x20, Number(wanted));
    }
    this.write(0x70, 11);
    this.read(0x70);
    return this;
  }

  queue(): this {
    this.write(0x30, 0);
    this.read(0x44);
    this.read(0x34);
    this.write(0x38, 8).write(0x80, RING).write(0x84, 0).write(0x90, RING + 0x400);
    return this.write(0x94, 0).write(0xa0, RING + 0x800).write(0xa4, 0).write(0x44, 1);
  }

  /** The whole initialisation. */
  ready(): this {
    return this.begin().features().queue().write(0x70, 15);
  }
}

function check(name: string, run: (driver: Driver) => void, expected: readonly string[]): void {
  Deno.test(`MmioRules: ${name}`, () => {
    const driver = new Driver();
    run(driver);
    assertEquals(driver.bench.violations, expected.map((line) => `VIRTIO 1.4, ${line}`));
  });
}

check("a driver that keeps the rules is not accused", (driver) => {
  driver.ready().write(0x50, 0);
  driver.read(0x60);
  driver.write(0x64, 3);
  driver.read(0x100);
  driver.read(0x104);
  driver.read(0x120, 1);
  driver.write(0x120, 1, 1).write(0x30, 0).write(0x44, 0);
  driver.read(0x44);
  driver.write(0x70, 0).begin();
}, []);

// 4.2.2.2: registers

Deno.test("MmioRules: every register knows its direction, width and version", () => {
  for (const legacy of [false, true]) {
    for (let offset = 0; offset < 0x100; offset += 4) {
      const register = VIRTIO_MMIO_REGISTERS.find((register) =>
        register.offset === offset && register.versions.includes(legacy ? 1 : 2)
      );
      const driver = new Driver(legacy).identify().write(0x14, 0).write(0x24, 0);
      driver.read(offset);
      const readable = register !== undefined && register.direction !== "W";
      assertEquals(driver.bench.violations.length === 0, readable, `read ${offset.toString(16)}`);
      const writer = new Driver(legacy).identify().write(0x24, 0);
      if (legacy) writer.write(0x28, 4096);
      writer.write(offset, 0);
      const writable = register !== undefined && register.direction !== "R";
      const faults = writer.bench.violations.filter((line) =>
        /where there is no register|which is read-only/.test(line)
      );
      assertEquals(faults.length === 0, writable, `write ${offset.toString(16)}`);
    }
  }
});

check("4.2.2.2 no access where there is no register", (driver) => {
  driver.identify().read(0x18);
  driver.read(0x02);
  driver.write(0x28, 4096);
}, [
  "4.2.2.2: read at 0x18, where there is no register",
  "4.2.2.2: read at 0x2, where there is no register",
  "4.2.2.2: write at 0x28, where there is no register",
]);

check("4.2.2.2 read-only registers are not written", (driver) => {
  driver.identify().write(0x00, 1).write(0x34, 1);
}, [
  "4.2.2.2: write of MagicValue, which is read-only",
  "4.2.2.2: write of QueueSizeMax, which is read-only",
]);

check("4.2.2.2 write-only registers are not read", (driver) => {
  driver.identify().read(0x50);
  driver.read(0x64);
}, [
  "4.2.2.2: read of QueueNotify, which is write-only",
  "4.2.2.2: read of InterruptACK, which is write-only",
]);

check("4.2.2.2 control registers are accessed with 32 bits", (driver) => {
  driver.identify().read(0x70, 1);
  driver.write(0x70, 1, 2);
}, [
  "4.2.2.2: read of Status is 1 bytes wide instead of 4",
  "4.2.2.2: write of Status is 2 bytes wide instead of 4",
]);

check("4.2.2.2 feature words are selected before they are accessed", (driver) => {
  driver.begin().read(0x10);
  driver.write(0x20, 0);
}, [
  "4.2.2.2: DeviceFeatures accessed before DeviceFeaturesSel was written",
  "4.2.2.2: DriverFeatures accessed before DriverFeaturesSel was written",
]);

check("4.2.2.2 QueueSize is at most QueueSizeMax", (driver) => {
  driver.begin().features().write(0x30, 0).write(0x38, 2048);
}, ["4.2.2.2: QueueSize 2048 is larger than QueueSizeMax 1024"]);

check("4.2.2.2 a queue in use is not set up anew", (driver) => {
  driver.ready().write(0x38, 16).write(0x80, 0);
}, [
  "4.2.2.2: QueueSize of queue 0 accessed while QueueReady is 1",
  "4.2.2.2: QueueDescLow of queue 0 accessed while QueueReady is 1",
]);

check("4.2.2.2 a queue that was stopped is read back", (driver) => {
  driver.ready().write(0x44, 0).write(0x44, 1);
}, ["4.2.2.2: queue 0 was stopped without reading QueueReady back"]);

check("4.2.2.2 QueueReady is 0 or 1", (driver) => {
  driver.begin().features().queue().write(0x44, 0).read(0x44);
  driver.write(0x44, 2);
}, ["4.2.2.2: QueueReady 0x2 is neither 0 nor 1"]);

check("4.2.2.2 only defined bits are acknowledged", (driver) => {
  driver.ready().write(0x64, 0x80000001);
}, ["4.2.2.2: InterruptACK of 0x80000001 has undefined bits 0x80000000"]);

check("4.2.2.2 configuration fields are accessed in their width", (driver) => {
  driver.begin().features().read(0x100, 1);
  driver.read(0x102, 4);
  driver.read(0x120, 2);
  driver.write(0x100, 0);
}, [
  "4.2.2.2: read of 1 bytes at 0x0 of Config, capacity takes 4",
  "4.2.2.2: read of 4 bytes at 0x2 of Config, capacity takes 4",
  "4.2.2.2: read of 2 bytes at 0x20 of Config, writeback takes 1",
  "4.2.2.2: write of 4 bytes at 0x0 of Config, capacity is read-only",
]);

check("4.2.2.2 nothing is read past the end of configuration", (driver) => {
  driver.begin().features().read(0x1fc);
}, ["4.2.2.2: read of 4 bytes at 0xfc of Config, which has 57 bytes"]);

check("2.5.1 fields of features that are not offered are left alone", (driver) => {
  driver.begin().features().read(0x108);
}, ["2.5.1: read of 4 bytes at 0x8 of Config, feature 1 of size_max is not offered"]);

// 4.2.3: identification, queues, notification

check("4.2.3.1.1 the driver looks who is there first", (driver) => {
  driver.read(0x00);
  driver.write(0x70, 0).write(0x70, 1);
}, ["4.2.3.1.1: Status accessed before MagicValue, Version and DeviceID were read"]);

check("4.2.3.1.1 a slot without a device is left alone", ({ bench }) => {
  for (const offset of [0, 4, 8, 12]) bench.read(EMPTY + offset, 4);
  bench.write(EMPTY + 0x70, 4, 0);
}, [
  "4.2.3.1.1: access at 0xc of a slot whose DeviceID is 0",
  "4.2.3.1.1: access at 0x70 of a slot whose DeviceID is 0",
]);

check("4.2.3.2 a queue that does not exist is not set up", (driver) => {
  driver.begin().features().write(0x30, 7).write(0x38, 8).write(0x44, 1);
}, [
  "4.2.3.2: QueueSize of queue 7, which does not exist",
  "4.2.3.2: QueueReady of queue 7, which does not exist",
]);

check("4.2.3.3 only queues that are ready are notified", (driver) => {
  driver.begin().features().write(0x70, 15).write(0x50, 0).write(0x50, 9);
}, [
  "4.2.3.3: QueueNotify of queue 0, whose QueueReady is 0",
  "4.2.3.3: QueueNotify of queue 9, the device has 1",
]);

// 3.1.1, 2.1.1, 2.2.1, 6.1: initialisation

check("3.1.1 no notification before DRIVER_OK", (driver) => {
  driver.begin().features().queue().write(0x50, 0);
}, ["3.1.1: QueueNotify of queue 0 before DRIVER_OK"]);

check("3.1.1 configuration is not written before FEATURES_OK", (driver) => {
  driver.begin().write(0x120, 1, 1);
}, ["3.1.1: Config written at 0x20 before FEATURES_OK"]);

check("3.1.1 FEATURES_OK is read back before DRIVER_OK", (driver) => {
  driver.begin().features(1n << 32n).write(0x70, 0).write(0x70, 1).write(0x70, 3);
  driver.write(0x24, 1).write(0x20, 1).write(0x70, 11).write(0x70, 15);
}, ["3.1.1: DRIVER_OK set before Status was re-read for FEATURES_OK"]);

check("3.1.1 no features are written after FEATURES_OK", (driver) => {
  driver.ready().write(0x20, 0);
}, ["3.1.1: DriverFeatures written after FEATURES_OK"]);

check("3.1.1 steps are taken in order, one at a time", (driver) => {
  driver.identify().write(0x70, 0).write(0x70, 2);
}, ["3.1.1: DRIVER set before ACKNOWLEDGE"]);

check("3.1.1 a jump over all steps breaks each of them", (driver) => {
  driver.identify().write(0x24, 1).write(0x20, 1).write(0x70, 15);
}, [
  "3.1.1: DRIVER set before ACKNOWLEDGE",
  "3.1.1: FEATURES_OK set before DRIVER",
  "3.1.1: DRIVER_OK set before DRIVER",
  "3.1.1: DRIVER_OK set before FEATURES_OK",
]);

check("2.1.1 status bits are not cleared", (driver) => {
  driver.begin().write(0x70, 1);
}, ["2.1.1: Status 0x1 clears 0x2 of 0x3"]);

check("2.2.1 only offered features are accepted", (driver) => {
  driver.begin().write(0x24, 1).write(0x20, 1).write(0x24, 0).write(0x20, 1 << 1 | 1 << 2);
  driver.write(0x70, 11);
}, ["2.2.1: features 0x2 accepted but not offered"]);

check("6.1 VERSION_1 is accepted", (driver) => {
  driver.begin().features(0xffff_ffffn);
}, ["6.1: VERSION_1 is offered and must be accepted"]);

// 4.2.4: the legacy layout

Deno.test("MmioRules: 4.2.4 a legacy driver gives its page size before a queue", () => {
  const driver = new Driver(true).identify().write(0x30, 0).write(0x38, 8).write(0x3c, 100);
  driver.write(0x3c, 4096).write(0x40, RING).write(0x28, 1000);
  assertEquals(driver.bench.violations, [
    "VIRTIO 1.4, 4.2.4: QueueAlign 100 is not a power of two",
    "VIRTIO 1.4, 4.2.4: QueuePFN written before GuestPageSize",
    "VIRTIO 1.4, 4.2.4: GuestPageSize 1000 is not a power of two",
  ]);
});

Deno.test("MmioRules: a legacy driver needs neither FEATURES_OK nor VERSION_1 nor wide fields", () => {
  const driver = new Driver(true).identify().write(0x28, 4096);
  for (const status of [0, 1, 3]) driver.write(0x70, status);
  driver.write(0x14, 0);
  driver.write(0x24, 0).write(0x20, driver.read(0x10));
  driver.write(0x30, 0).write(0x38, 8).write(0x3c, 4096).write(0x40, RING / 4096);
  driver.read(0x100, 1);
  driver.write(0x70, 7).write(0x50, 0);
  assertEquals(driver.bench.violations, []);
});
