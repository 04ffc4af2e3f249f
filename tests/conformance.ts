/**
 * What every machine has to do, said as functions of a machine: registers, rings and interrupts without
 * a kernel here, whole guests in `conformance_guests.ts`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { AccessWidth, Guest, Machine } from "../hypervisor/platform.ts";
import { DRIVER_MEMORY, MiniDriver, type Registers } from "./mini_driver.ts";

/** Makes a machine from QEMU's options, with images in memory. */
export type MakeMachine = (args: string, images?: Record<string, Uint8Array>) => Machine;

/** One thing that a machine has to do. */
export interface Case {
  readonly name: string;
  run(make: MakeMachine): Promise<void>;
}

/** Where the driver's memory begins: behind the device tree that QEMU leaves in RAM. */
const DRIVER_OFFSET = 0x40_0000;
const SLOT_BASE = 0x0a00_0000;
const SLOT_SIZE = 0x200;
/** The first device of a command line sits in the last slot. */
const LAST_SLOT = 31;
const LAST_SPI = 16 + LAST_SLOT;

/** A guest without a kernel: registers, memory, and a note of each interrupt line. */
export class BareGuest implements Guest, Registers {
  nowNs = 0;
  /** Lines that are high. */
  readonly raised = new Set<number>();
  /** How often a line rose. */
  readonly rises = new Map<number, number>();
  readonly #bytes: Uint8Array;

  constructor(readonly machine: Machine) {
    machine.attach(this);
    this.#bytes = new Uint8Array(machine.ram);
  }

  interrupt(spi: number, level: boolean): undefined {
    if (!level) this.raised.delete(spi);
    else if (!this.raised.has(spi)) {
      this.raised.add(spi);
      this.rises.set(spi, (this.rises.get(spi) ?? 0) + 1);
    }
  }

  choose(): number {
    return 0;
  }

  read(address: number, width: AccessWidth): number {
    return this.machine.read(address, width);
  }

  write(address: number, width: AccessWidth, value: number): undefined {
    this.machine.write(address, width, value);
  }

  readMemory(address: number, length: number): Uint8Array {
    const offset = address - this.machine.ramBase;
    return this.#bytes.slice(offset, offset + length);
  }

  writeMemory(address: number, data: Uint8Array): undefined {
    this.#bytes.set(data, address - this.machine.ramBase);
  }

  /** Lets the machine finish what it has begun. */
  settle(): undefined {
    for (let next = this.machine.nextEventNs(); next < Infinity;) {
      this.nowNs = Math.max(this.nowNs, next);
      this.machine.runDue();
      next = this.machine.nextEventNs();
    }
    this.machine.runDue();
  }

  /** Drives the device in a slot. */
  driver(slot = LAST_SLOT, entries = 16): MiniDriver {
    const memory = this.machine.ramBase + DRIVER_OFFSET + (LAST_SLOT - slot) * DRIVER_MEMORY;
    return new MiniDriver(this, SLOT_BASE + SLOT_SIZE * slot, entries, memory);
  }
}

const DISK = "-drive if=none,id=d0,file=d.img,format=raw -device virtio-blk-device,drive=d0";
const KEYBOARD = "-device virtio-keyboard-device";

function disk(sectors: number): Record<string, Uint8Array> {
  const image = new Uint8Array(512 * sectors);
  for (let sector = 0; sector < sectors; sector++) image[512 * sector] = sector;
  return { "d.img": image };
}

async function withGuest(
  machine: Machine,
  body: (guest: BareGuest) => Promise<void>,
): Promise<void> {
  await using switchedOn = machine;
  await body(new BareGuest(switchedOn));
}

function key(data: string, down: boolean): Record<string, unknown> {
  return { events: [{ type: "key", data: { down, key: { type: "qcode", data } } }] };
}

/** Header of a disk request. */
function blkHeader(type: number, sector: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

/** The cases of the transport and the rings. */
export const TRANSPORT_CASES: readonly Case[] = [
  {
    name: "an empty slot has magic, version, vendor, and device id 0 (VIRTIO 1.4, 4.2.2.2)",
    run: (make) =>
      withGuest(make(""), async (guest) => {
        const driver = guest.driver(7);
        assertEquals([0, 4, 8, 12].map((at) => driver.read(at)), [
          0x74726976,
          2,
          0,
          0x554d4551,
        ]);
      }),
  },
  {
    name: "devices fill the slots from the last one down",
    run: (make) =>
      withGuest(make(`${KEYBOARD} ${DISK}`, disk(8)), async (guest) => {
        assertEquals([31, 30, 29].map((slot) => guest.driver(slot).read(8)), [18, 2, 0]);
      }),
  },
  {
    name: "a device of version 1 says so, and has its page-numbered queues (VIRTIO 1.4, 4.2.4)",
    run: (make) =>
      withGuest(make(`-global virtio-mmio.force-legacy=true ${KEYBOARD}`), async (guest) => {
        const driver = guest.driver();
        assertEquals(driver.read(4), 1);
        driver.write(0x28, 4096);
        driver.write(0x30, 0);
        driver.write(0x38, 16);
        driver.write(0x3c, 4096);
        driver.write(0x40, 0x40400);
        assertEquals(driver.read(0x40), 0x40400);
      }),
  },
  {
    name: "a reset clears status, interrupt and queues (VIRTIO 1.4, 2.4, 4.2.2.1)",
    run: (make) =>
      withGuest(make(KEYBOARD), async (guest) => {
        const driver = guest.driver();
        driver.init(2);
        driver.write(0x30, 0);
        assertEquals([driver.read(0x70), driver.read(0x44)], [15, 1]);
        driver.write(0x70, 0);
        driver.write(0x30, 0);
        assertEquals([driver.read(0x70), driver.read(0x44), driver.read(0x60)], [0, 0, 0]);
      }),
  },
  {
    name: "features come in two words, VERSION_1 among them, and FEATURES_OK stays",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        assertEquals(driver.offered >> 32n & 1n, 1n);
        driver.init(1);
        assertEquals(driver.read(0x70) & 8, 8);
        const [view] = await guest.machine.deviceViews();
        assertEquals(view.features, driver.offered & ~(1n << 29n));
      }),
  },
  {
    name: "a queue that does not exist has no entries (VIRTIO 1.4, 4.2.2.2)",
    run: (make) =>
      withGuest(make(KEYBOARD), async (guest) => {
        const driver = guest.driver();
        const sizes = [0, 1, 2].map((queue) => {
          driver.write(0x30, queue);
          return driver.read(0x34);
        });
        assertEquals(sizes, [1024, 1024, 0]);
      }),
  },
  {
    name: "a used buffer raises the line until it is acknowledged (VIRTIO 1.4, 4.2.3.3)",
    run: (make) =>
      withGuest(make(KEYBOARD), async (guest) => {
        const driver = guest.driver();
        driver.init(2);
        for (let i = 0; i < 4; i++) driver.add(0, [], [8]);
        driver.kick(0);
        assertEquals(guest.raised.has(LAST_SPI), false);
        await guest.machine.qmp("input-send-event", key("a", true));
        guest.settle();
        assertEquals(guest.raised.has(LAST_SPI), true);
        assertEquals(driver.read(0x60), 1);
        driver.write(0x64, 1);
        guest.settle();
        assertEquals([guest.raised.has(LAST_SPI), driver.read(0x60)], [false, 0]);
        const events = driver.used(0);
        assertEquals(events.map(({ len, data }) => [len, data[0], data[2], data[4]]), [
          [8, 1, 30, 1],
          [8, 0, 0, 0],
        ]);
      }),
  },
  {
    name: "InterruptACK of another bit leaves the line up",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        driver.init(1);
        driver.request(0, [blkHeader(0, 3)], [512, 1]);
        driver.write(0x64, 2);
        guest.settle();
        assertEquals([guest.raised.has(LAST_SPI), driver.read(0x60)], [true, 1]);
      }),
  },
  {
    name: "NO_INTERRUPT is respected, the used ring counts on (VIRTIO 1.4, 2.7.7)",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        driver.init(1);
        const flags = guest.machine.ramBase + DRIVER_OFFSET + 0x800;
        guest.writeMemory(flags, Uint8Array.of(1, 0));
        const { len } = driver.request(0, [blkHeader(0, 3)], [512, 1]);
        guest.settle();
        assertEquals([len, guest.rises.get(LAST_SPI)], [513, undefined]);
      }),
  },
  {
    name:
      "a change of configuration is told by generation and interrupt (VIRTIO 1.4, 2.5, 4.2.3.4)",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        driver.init(1);
        const before = driver.read(0xfc);
        assertEquals([driver.read(0x100), driver.read(0x104)], [8, 0]);
        await guest.machine.qmp("block_resize", { device: "d0", size: 512 * 64 });
        guest.settle();
        assertEquals(driver.read(0x60) & 2, 2);
        assertEquals([driver.read(0x100), driver.read(0x104)], [64, 0]);
        assert(driver.read(0xfc) !== before, "ConfigGeneration has not changed");
      }),
  },
  {
    name: "a chain that loops makes the device ask for a reset (VIRTIO 1.4, 2.7.5.1)",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        driver.init(1);
        driver.add(0, [blkHeader(0, 0)], [512, 1]);
        const desc = guest.machine.ramBase + DRIVER_OFFSET;
        // The last descriptor goes on with the first one.
        guest.writeMemory(desc + 2 * 16 + 12, Uint8Array.of(3, 0, 0, 0));
        driver.kick(0);
        assertEquals(driver.read(0x70) & 0x40, 0x40);
        assert(guest.machine.violations.length > 0, "nobody has said what was wrong");
        driver.init(1);
        assertEquals(driver.request(0, [blkHeader(0, 5)], [512, 1]).data[0], 5);
      }),
  },
  {
    name: "deviceViews() follows addresses and indexes of the rings",
    run: (make) =>
      withGuest(make(DISK, disk(8)), async (guest) => {
        const driver = guest.driver();
        driver.init(1);
        for (let i = 0; i < 3; i++) driver.request(0, [blkHeader(0, i)], [512, 1]);
        const [view] = await guest.machine.deviceViews();
        const desc = guest.machine.ramBase + DRIVER_OFFSET;
        assertEquals([view.address, view.deviceId, view.status], [0x0a003e00, 2, 15]);
        assertEquals(view.queues, [{
          index: 0,
          size: 16,
          desc,
          avail: desc + 0x800,
          used: desc + 0x1000,
          lastAvailIdx: 3,
          usedIdx: 3,
        }]);
      }),
  },
];
