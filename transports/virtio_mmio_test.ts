import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BareMachine, RAM_BASE } from "../tests/bare_machine.ts";
import { footprint } from "../tests/probe_failure.ts";
import type { VirtioDriver } from "../drivers/virtio/driver.ts";
import {
  registerVirtioDriver,
  unregisterVirtioDriver,
  VIRTIO_INITCALLS,
  type VirtioDevice,
  virtioDeviceFreeze,
  virtioDeviceRestore,
} from "../drivers/virtio/virtio.ts";
import {
  virtioCread16,
  virtioCread64,
  virtioCread8,
  virtioCreadFeature,
  virtioCwrite32,
  virtioDelVqs,
  virtioDeviceReady,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
  type VqSpec,
} from "../drivers/virtio/virtio_config.ts";
import type { Virtqueue } from "../drivers/virtio/virtio_ring.ts";
import { BUSES } from "../kernel/base/bus.ts";
import type { BoundDevice } from "../kernel/base/device.ts";
import { deviceDel } from "../kernel/base/core.ts";
import type { RegisteredDriver } from "../kernel/base/driver.ts";
import {
  platformBusInit,
  PlatformDevice,
  platformDeviceAdd,
  platformDriverRegister,
} from "../kernel/base/platform.ts";
import { KernelBug, KernelError } from "../kernel/errors.ts";
import { GIC_SPI_BASE } from "../kernel/irq.ts";
import { Kernel } from "../kernel/kernel.ts";
import { VIRTIO_MMIO_DRIVER } from "./virtio_mmio.ts";

const BASE = 0xa00_0000;
const SPI = 16;
const VERSION_1 = 1n << 32n;

/** A slot as registers and nothing else: it answers what the test says and writes down every access. */
class FakeSlot {
  magic = 0x74726976;
  version = 2;
  deviceId = 5;
  features = VERSION_1 | 1n << 28n | 1n << 29n | 0b101n;
  /** The status bits that it lets the driver set. */
  statusMask = 0xff;
  status = 0;
  queueMax: readonly number[] = [8, 8];
  ready: number[] = [0, 0, 0];
  config = new Uint8Array(16);
  /** Called before each read of the configuration's generation. */
  onGeneration = () => 0;
  interruptStatus = 0;
  #featuresSel = 0;
  #driverSel = 0;
  #queueSel = 0;
  driverFeatures = 0n;
  readonly log: string[] = [];

  readonly start = BASE;
  readonly size = 0x200;

  read(offset: number, width: number): number {
    if (offset >= 0x100) {
      this.log.push(`read ${offset.toString(16)} ${width}`);
      const view = new DataView(this.config.buffer);
      const at = offset - 0x100;
      return width === 1
        ? view.getUint8(at)
        : width === 2
        ? view.getUint16(at, true)
        : view.getUint32(at, true);
    }
    this.log.push(`read ${offset.toString(16)}`);
    assertEquals(width, 4);
    return this.#register(offset);
  }

  #register(offset: number): number {
    switch (offset) {
      case 0x00:
        return this.magic;
      case 0x04:
        return this.version;
      case 0x08:
        return this.deviceId;
      case 0x0c:
        return 0x554d4551;
      case 0x10:
        return Number(this.features >> BigInt(32 * this.#featuresSel) & 0xffffffffn);
      case 0x34:
        return this.queueMax[this.#queueSel] ?? 0;
      case 0x40:
      case 0x44:
        return this.ready[this.#queueSel];
      case 0x60:
        return this.interruptStatus;
      case 0x70:
        return this.status;
      case 0xfc:
        return this.onGeneration();
    }
    throw new Error(`read of register ${offset.toString(16)}`);
  }

  write(offset: number, width: number, value: number): undefined {
    const hidden = offset >= 0x80 && offset <= 0xa4 || (offset === 0x40 && value !== 0);
    const shown = hidden ? "" : ` ${value.toString(16)}`;
    this.log.push(`write ${offset.toString(16)}${shown}${offset >= 0x100 ? ` ${width}` : ""}`);
    if (offset === 0x14) this.#featuresSel = value;
    else if (offset === 0x24) this.#driverSel = value;
    else if (offset === 0x20) this.#takeFeatures(value);
    else if (offset === 0x30) this.#queueSel = value;
    else if (offset === 0x40 || offset === 0x44) this.ready[this.#queueSel] = value;
    else if (offset === 0x64) this.interruptStatus &= ~value;
    else if (offset === 0x70) this.status = value === 0 ? 0 : value & this.statusMask;
    if (offset === 0x70 && value === 0) this.ready = [0, 0, 0];
  }

  #takeFeatures(value: number): undefined {
    const shift = BigInt(32 * this.#driverSel);
    this.driverFeatures = this.driverFeatures & ~(0xffffffffn << shift) | BigInt(value) << shift;
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}

interface Bench {
  readonly kernel: Kernel;
  readonly slot: FakeSlot;
  readonly pdev: PlatformDevice;
  run<T>(body: () => Promise<T>): Promise<T>;
  /** The device in the slot. */
  vdev(): VirtioDevice;
  bind(driver: Partial<VirtioDriver>): Promise<RegisteredDriver>;
  interrupt(status: number): Promise<undefined>;
  messages(): string[];
}

async function bench(change: Partial<FakeSlot> = {}): Promise<Bench> {
  const machine = new BareMachine(4 << 20);
  const slot = Object.assign(new FakeSlot(), change);
  machine.devices.push(slot);
  const kernel = new Kernel(machine);
  const run = <T>(body: () => Promise<T>) => kernel.sched.run("test", body);
  const pdev = new PlatformDevice(kernel, "a000000.virtio_mmio");
  const { irq } = kernel.irq.createMapping(GIC_SPI_BASE + SPI, "edge");
  pdev.resources = [
    { name: "virtio_mmio@a000000", start: BASE, end: BASE + 0x1ff, type: "mem" },
    { name: "irq", start: irq, end: irq, type: "irq" },
  ];
  const driver = { ...VIRTIO_MMIO_DRIVER, idTable: ["a000000.virtio_mmio"] };
  await run(async () => {
    await platformBusInit(kernel);
    for (const { fn } of VIRTIO_INITCALLS) await fn(kernel);
    await platformDriverRegister(kernel, driver);
    await platformDeviceAdd(pdev);
  });
  return {
    kernel,
    slot,
    pdev,
    run,
    vdev: () => [...kernel.get(BUSES).get("virtio")!.devices][0] as VirtioDevice,
    bind: (ops) =>
      run(() =>
        registerVirtioDriver(kernel, {
          name: "test",
          idTable: [{ device: 5, vendor: 0xffffffff }],
          featureTable: [0, 1],
          probe: () => Promise.resolve(undefined),
          remove: async (vdev) => virtioResetDevice(vdev),
          ...ops,
        })
      ),
    interrupt: (status) =>
      run(async (): Promise<undefined> => {
        slot.interruptStatus |= status;
        machine.guest.interrupt(SPI, true);
        machine.guest.interrupt(SPI, false);
        await kernel.sched.yield();
      }),
    messages: () => kernel.log.records.map(({ level, text }) => `${level} ${text}`),
  };
}

const DISCOVERY = ["read 0", "read 4", "read 8", "read c"];
const REGISTER = ["write 70 0", "read 70", "write 70 1"];
const NEGOTIATION = [
  "read 70",
  "write 70 3",
  ...["write 14 1", "read 10", "write 14 0", "read 10"],
  ...["write 24 1", "write 20 1", "write 24 0", "write 20 30000001"],
  ...["read 70", "write 70 b", "read 70"],
];

function queue(n: number): string[] {
  const addresses = ["80", "84", "90", "94", "a0", "a4"].map((at) => `write ${at}`);
  return [`write 30 ${n}`, "read 44", "read 34", "write 38 8", ...addresses, "write 44 1"];
}

const TWO_QUEUES: readonly VqSpec[] = [{ name: "a", callback: () => undefined }, { name: "b" }];

// Discovery

Deno.test("probe reads what Linux reads; register resets and acknowledges", async () => {
  const { slot, vdev } = await bench();
  assertEquals(slot.takeLog(), [...DISCOVERY, ...REGISTER]);
  assertEquals([vdev().name, vdev().id.vendor], ["virtio0", 0x554d4551]);
});

Deno.test("a legacy slot is told the page size before the reset", async () => {
  const { slot } = await bench({ version: 1 });
  assertEquals(slot.takeLog(), [...DISCOVERY, "write 28 1000", ...REGISTER]);
});

Deno.test("wrong magic, version or an empty slot end the probe where Linux ends it, and leave nothing", async () => {
  const empty = footprint((await bench({ deviceId: 0 })).kernel);
  const cases: readonly (readonly [Partial<FakeSlot>, readonly string[], readonly string[]])[] = [
    [
      { magic: 0x12345678 },
      ["read 0"],
      ["4 virtio-mmio a000000.virtio_mmio: Wrong magic value 0x12345678!"],
    ],
    [
      { version: 3 },
      ["read 0", "read 4"],
      ["3 virtio-mmio a000000.virtio_mmio: Version 3 not supported!"],
    ],
    [
      { version: 0 },
      ["read 0", "read 4"],
      ["3 virtio-mmio a000000.virtio_mmio: Version 0 not supported!"],
    ],
    [{ deviceId: 0 }, ["read 0", "read 4", "read 8"], []],
  ];
  for (const [change, accesses, words] of cases) {
    const { slot, kernel, messages } = await bench(change);
    assertEquals(slot.takeLog(), accesses);
    assertEquals(messages(), words);
    assertEquals(footprint(kernel), empty);
  }
});

// Features

Deno.test("a driver is bound by Linux's sequence, queues and all, and lets go by it", async () => {
  const { slot, bind, vdev, run } = await bench();
  slot.takeLog();
  const driver = await bind({
    probe: (dev) => virtioFindVqs(dev, TWO_QUEUES).then(() => undefined),
    remove: async (dev) => {
      virtioResetDevice(dev);
      virtioDelVqs(dev);
    },
  });
  assertEquals(slot.takeLog(), [
    ...NEGOTIATION,
    ...queue(0),
    ...queue(1),
    ...["read 70", "read 70", "write 70 f"],
  ]);
  assertEquals(slot.driverFeatures, VERSION_1 | 1n << 28n | 1n << 29n | 1n);
  assertEquals(vdev().features, slot.driverFeatures);
  await run(() => unregisterVirtioDriver(driver));
  const stop = (n: number) => [`write 30 ${n}`, "write 44 0", "read 44"];
  assertEquals(slot.takeLog(), [
    "write 70 0",
    ...stop(0),
    ...stop(1),
    "read 70",
    "read 70",
    "write 70 1",
  ]);
});

Deno.test("a legacy queue has one address, and the driver its legacy features", async () => {
  const { slot, bind, vdev } = await bench({ version: 1, features: 0b111n | 1n << 28n });
  slot.takeLog();
  await bind({
    featureTable: [0, 1],
    featureTableLegacy: [2],
    probe: (dev) => virtioFindVqs(dev, TWO_QUEUES).then(() => undefined),
  });
  assertEquals(vdev().features, 0b100n | 1n << 28n);
  assertEquals(slot.takeLog(), [
    ...["read 70", "write 70 3", "write 14 1", "read 10", "write 14 0", "read 10"],
    ...["write 24 1", "write 20 0", "write 24 0", "write 20 10000004"],
    ...[0, 1].flatMap((n) => [
      ...[`write 30 ${n}`, "read 40", "read 34", "write 38 8", "write 3c 1000", "write 40"],
    ]),
    ...["read 70", "read 70", "write 70 7"],
  ]);
});

Deno.test("version 2 without VERSION_1 is refused before the features are written", async () => {
  const { slot, bind, vdev, messages } = await bench({ features: 1n });
  slot.takeLog();
  await bind({});
  assertEquals(vdev().driver, undefined);
  assertEquals(slot.takeLog().slice(-2), ["read 70", "write 70 83"]);
  assertEquals(messages(), [
    "3 test virtio0: New virtio-mmio devices (version 2) must provide VIRTIO_F_VERSION_1 feature!",
    "4 test: probe of virtio0 failed with error -22",
  ]);
});

Deno.test("a device that refuses FEATURES_OK gets no driver", async () => {
  const { slot, bind, vdev, messages } = await bench({ statusMask: 0xff & ~8 });
  let probed = false;
  await bind({ probe: async () => void (probed = true) as undefined });
  assertEquals([probed, vdev().driver, slot.status], [false, undefined, 0x83]);
  assertEquals(messages(), ["3 test virtio0: virtio: device refuses features: 3"]);
});

Deno.test("validate() may clear features, and they are written again then", async () => {
  const { slot, bind } = await bench();
  slot.takeLog();
  await bind({
    validate: async (vdev) => {
      vdev.features &= ~1n;
    },
  });
  const written = slot.takeLog().filter((line) => line.startsWith("write 20"));
  assertEquals(written, ["write 20 1", "write 20 30000001", "write 20 1", "write 20 30000000"]);
});

Deno.test("transport features that this kernel cannot do are dropped, and unknown ones never taken", async () => {
  const { slot, bind } = await bench({ features: (1n << 64n) - 1n });
  await bind({ featureTable: [0, 50] });
  const taken = [0, 28, 29, 32, 33, 36, 50].reduce((sum, bit) => sum | 1n << BigInt(bit), 0n);
  assertEquals(slot.driverFeatures, taken);
});

Deno.test("asking for a feature that is not in the table is a bug of the driver", async () => {
  const { bind } = await bench();
  await bind({
    probe: async (vdev) => {
      assertEquals([0, 1].map((bit) => virtioHasFeature(vdev, bit)), [true, false]);
      assertEquals(virtioCreadFeature(vdev, 1, 4, 0), undefined);
      assertThrows(() => virtioHasFeature(vdev, 2), KernelBug);
      virtioDeviceReady(vdev);
      assertThrows(() => virtioDeviceReady(vdev), KernelBug);
    },
  });
});

// Queues

Deno.test("a queue that is in use or missing makes the setup fail, and the others are stopped", async () => {
  const cases: readonly (readonly [Partial<FakeSlot>, readonly string[]])[] = [
    [{ queueMax: [8, 0] }, ["write 30 1", "read 44", "read 34", "write 44 0", "read 44"]],
    [{ queueMax: [8, 12] }, ["write 30 1", "read 44", "read 34", "write 44 0", "read 44"]],
  ];
  for (const [change, accesses] of cases) {
    const { kernel, slot, bind, vdev } = await bench(change);
    const before = footprint(kernel).memory;
    slot.takeLog();
    let code = "";
    await bind({
      probe: async (dev) => {
        const error = await assertRejects(() => virtioFindVqs(dev, TWO_QUEUES), KernelError);
        code = error.code;
        throw error;
      },
    });
    assertEquals(code, slot.queueMax[1] === 0 ? "ENOENT" : "ENOMEM");
    const rest = ["write 30 0", "write 44 0", "read 44"];
    assertEquals(slot.takeLog(), [
      ...NEGOTIATION,
      ...queue(0),
      ...accesses,
      ...rest,
      "read 70",
      "write 70 8b",
    ]);
    assertEquals(footprint(kernel).memory, before);
    assertEquals(footprint(kernel).interrupts, []);
    assertEquals(vdev().vqs, []);
  }
  const { slot, bind } = await bench();
  slot.ready = [1, 0];
  slot.takeLog();
  await bind({ probe: (dev) => virtioFindVqs(dev, TWO_QUEUES).then(() => undefined) });
  assertEquals(slot.takeLog().slice(-4), ["write 30 0", "read 44", "read 70", "write 70 8b"]);
});

Deno.test("an interrupt is acknowledged before it is handled, and calls the newest queue first", async () => {
  const { kernel, slot, bind, interrupt } = await bench();
  const called: string[] = [];
  let vqs: Virtqueue[] = [];
  await bind({
    probe: async (dev) => {
      vqs = await virtioFindVqs(
        dev,
        ["a", "b"].map((name) => ({
          name,
          callback: () => {
            assertEquals(slot.interruptStatus, 0);
            called.push(name);
            return undefined;
          },
        })),
      );
    },
  });
  slot.takeLog();
  const use = (vq: Virtqueue) => {
    const at = vq.usedAddr - RAM_BASE + 2;
    kernel.mem.view.setUint16(at, kernel.mem.view.getUint16(at, true) + 1, true);
  };
  for (const vq of vqs) use(vq);
  await interrupt(1);
  assertEquals(called, ["b", "a"]);
  assertEquals(slot.takeLog(), ["read 60", "write 64 1"]);
  await interrupt(0);
  assertEquals(called.length, 2);
  assertEquals([...kernel.irq.descs.values()][0].unhandled, 1);
});

// Configuration

Deno.test("the configuration is read in the field's width, or in bytes on a legacy slot", async () => {
  const config = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  for (const version of [1, 2]) {
    const features = version === 1 ? 0n : VERSION_1;
    const { slot, bind } = await bench({ version, config, features });
    await bind({
      probe: async (vdev) => {
        slot.takeLog();
        assertEquals([virtioCread8(vdev, 3), virtioCread16(vdev, 4)], [4, 0x0605]);
        assertEquals(virtioCread64(vdev, 8), 0x100f0e0d0c0b0a09n);
        virtioCwrite32(vdev, 4, 0xaabbccdd);
      },
    });
    const bytes = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `read ${(0x100 + from + i).toString(16)} 1`);
    const log = slot.takeLog();
    assertEquals(
      log.slice(0, log.indexOf("read 70")),
      version === 1
        ? [
          ...bytes(3, 1),
          ...bytes(4, 2),
          ...bytes(8, 8),
          ...["dd", "cc", "bb", "aa"].map((b, i) => `write ${(0x104 + i).toString(16)} ${b} 1`),
        ]
        : [
          ...["read 103 1", "read 104 2", "read fc", "read 108 4", "read 10c 4", "read fc"],
          "write 104 aabbccdd 4",
        ],
    );
  }
});

Deno.test("a 64-bit field is read again until it did not change, but not for ever", async () => {
  const { slot, bind } = await bench();
  let reads = 0;
  slot.onGeneration = () => Math.min(++reads, 4);
  await bind({
    probe: async (vdev) => {
      virtioCread64(vdev, 0);
      assertEquals(reads, 5);
      slot.onGeneration = () => ++reads;
      const error = assertThrows(() => virtioCread64(vdev, 0), KernelError);
      assertEquals(error.code, "EIO");
      assert(reads < 5_000);
    },
  });
});

Deno.test("a change of the configuration waits until the driver is there, and comes once", async () => {
  const { slot, bind, interrupt, vdev, run } = await bench();
  const changes: string[] = [];
  let early = true;
  const driver = await bind({
    probe: async (dev) => {
      await virtioFindVqs(dev, TWO_QUEUES);
      slot.interruptStatus = 2;
      slot.log.length = 0;
      // Two come while the probe runs.
      for (let i = 0; i < 2; i++) {
        dev.kernel.interrupt(SPI, true);
        dev.kernel.interrupt(SPI, false);
        slot.interruptStatus = 2;
        await dev.kernel.sched.yield();
      }
      assertEquals(changes, []);
      early = false;
    },
    configChanged: () => void changes.push(early ? "early" : "in time") as undefined,
    remove: async (dev) => {
      await interrupt2(dev);
      virtioResetDevice(dev);
      virtioDelVqs(dev);
    },
  });
  const interrupt2 = async (dev: BoundDevice) => {
    slot.interruptStatus = 2;
    dev.kernel.interrupt(SPI, true);
    await dev.kernel.sched.yield();
  };
  assertEquals(changes, ["in time"]);
  await interrupt(2);
  assertEquals(changes.length, 2);
  await run(() => unregisterVirtioDriver(driver));
  assertEquals(changes.length, 2);
  assertEquals(vdev().driver, undefined);
});

// Power

Deno.test("freeze and restore go through reset, the same features and a new start", async () => {
  const { slot, bind, vdev, run } = await bench();
  const calls: string[] = [];
  await bind({
    freeze: async (dev) => {
      calls.push("freeze");
      virtioResetDevice(dev);
    },
    restore: async () => void calls.push("restore") as undefined,
  });
  slot.takeLog();
  await run(() => virtioDeviceFreeze(vdev()));
  await run(() => virtioDeviceRestore(vdev()));
  assertEquals(calls, ["freeze", "restore"]);
  assertEquals(slot.takeLog(), [
    ...["read 70", "write 70 0"],
    ...[...REGISTER, "read 70", "write 70 3"],
    ...["write 24 1", "write 20 1", "write 24 0", "write 20 30000001"],
    ...["read 70", "write 70 b", "read 70"],
    ...["read 70", "read 70", "write 70 f"],
  ]);
});

Deno.test("a freeze that fails leaves the device at work", async () => {
  const { bind, vdev, run, interrupt } = await bench();
  let changes = 0;
  await bind({
    probe: (dev) => virtioFindVqs(dev, TWO_QUEUES).then(() => undefined),
    freeze: () => Promise.reject(new KernelError("EBUSY", "busy")),
    configChanged: () => void changes++ as undefined,
  });
  await assertRejects(() => run(() => virtioDeviceFreeze(vdev())), KernelError, "busy");
  await interrupt(2);
  assertEquals(changes, 1);
});

Deno.test("when the slot goes its device goes, and the number is free again", async () => {
  const { kernel, pdev, run, bind } = await bench();
  const log: string[] = [];
  await bind({
    probe: async (vdev) => void log.push(`probe ${vdev.name}`) as undefined,
    remove: async (vdev) => {
      log.push(`remove ${vdev.name}`);
      virtioResetDevice(vdev);
    },
  });
  await run(() => deviceDel(pdev));
  assertEquals(log, ["probe virtio0", "remove virtio0"]);
  assertEquals([...kernel.get(BUSES).get("virtio")!.devices], []);
  assertEquals(kernel.io.mappings.size, 0);
});
