/**
 * Each entry of the quirk table: what QEMU answers, that the embedded machine answers the same, and what it
 * answers by the specification when just this quirk is off.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { NO_QUIRKS, QEMU_7_2, type Quirks } from "../hypervisor/embedded/quirks.ts";
import type { Machine } from "../hypervisor/platform.ts";
import { embedded, qemu } from "../vm/machines.ts";
import { BareGuest } from "./conformance.ts";
import { lacks } from "./peers.ts";

const DISK = "-drive if=none,id=d0,file=d.img,format=raw -device virtio-blk-device,drive=d0";
const LEGACY = `-global virtio-mmio.force-legacy=true ${DISK}`;
const SECTOR = 512;

const STATUS = 0x70;
const INTERRUPT_STATUS = 0x60;
const QUEUE_READY = 0x44;
const CONFIG_GENERATION = 0xfc;
const CONFIG = 0x100;

/** What shows one quirk. */
interface Case {
  /** QEMU's options. Default: one disk. */
  readonly args?: string;
  /** What the specification says. */
  readonly clause: string;
  /** Asks the device in the last slot. */
  ask(guest: BareGuest): unknown | Promise<unknown>;
  /** What QEMU 7.2 answers. */
  readonly qemu: unknown;
}

const grow = (guest: BareGuest) =>
  guest.machine.qmp("block_resize", { device: "d0", size: 64 * SECTOR });

/** Header of a request that reads sector 0. */
const READ_HEADER = new Uint8Array(16);

const CASES: Readonly<Record<keyof Quirks, Case>> = {
  queueSizeMax: {
    args: `${DISK},queue-size=8`,
    clause: "VIRTIO 1.4, 4.2.2: QueueSizeMax is the maximum size of the queue",
    ask: (guest) => guest.driver().read(0x34),
    qemu: 1024,
  },
  configSetsRingBit: {
    clause: "VIRTIO 1.4, 4.2.2: bit 0 of InterruptStatus means used buffers",
    async ask(guest) {
      const driver = guest.driver();
      driver.init(1);
      await grow(guest);
      guest.settle();
      return driver.read(INTERRUPT_STATUS);
    },
    qemu: 3,
  },
  generationOnlyLive: {
    clause: "VIRTIO 1.4, 2.5.2: the generation changes with the configuration",
    async ask(guest) {
      const driver = guest.driver();
      const before = driver.read(CONFIG_GENERATION);
      await grow(guest);
      guest.settle();
      return driver.read(CONFIG_GENERATION) - before;
    },
    qemu: 0,
  },
  featuresSelClamped: {
    clause: "VIRTIO 1.4, 4.2.2: DeviceFeatures shows bits 32 * DeviceFeaturesSel and up",
    ask(guest) {
      const driver = guest.driver();
      driver.write(0x14, 2);
      return driver.read(0x10) & 1;
    },
    // Bit 32, VERSION_1, once more.
    qemu: 1,
  },
  featuresOkAlways: {
    clause: "VIRTIO 1.4, 2.2.2: a device does not take features that it has not offered",
    ask(guest) {
      const driver = guest.driver();
      for (const status of [0, 1, 3]) driver.write(STATUS, status);
      for (const [word, features] of [[0, 0x8000_0000], [1, 1]]) {
        driver.write(0x24, word);
        driver.write(0x20, features);
      }
      driver.write(STATUS, 11);
      return driver.read(STATUS);
    },
    qemu: 11,
  },
  ringResetOffered: {
    clause: "VIRTIO 1.4, 6.1: who offers RING_RESET has the register",
    ask: (guest) => Number(guest.driver().offered >> 40n & 1n),
    qemu: 1,
  },
  readyKeepsRings: {
    clause: "VIRTIO 1.4, 4.2.2.1: a queue that is not ready is not accessed",
    ask(guest) {
      const driver = guest.driver();
      driver.init(1);
      driver.write(0x30, 0);
      driver.write(QUEUE_READY, 0);
      driver.add(0, [READ_HEADER], [SECTOR, 1]);
      driver.kick(0);
      guest.settle();
      return [driver.read(QUEUE_READY), driver.used(0).length];
    },
    qemu: [0, 1],
  },
  pfnZeroResets: {
    args: LEGACY,
    clause: "VIRTIO 1.4, 4.2.4: writing 0 to QueuePFN stops this queue",
    ask(guest) {
      const driver = guest.driver();
      driver.write(0x28, 4096);
      for (const status of [1, 3, 7]) driver.write(STATUS, status);
      driver.write(0x30, 0);
      driver.write(0x40, 0);
      return driver.read(STATUS);
    },
    qemu: 0,
  },
  configPastEndOnes: {
    clause: "VIRTIO 1.4, 4.2.2.2: configuration space ends where its fields end",
    ask: (guest) => guest.driver().read(CONFIG + 0xf0),
    qemu: 0xffff_ffff,
  },
};

async function answer({ ask }: Case, machine: Machine): Promise<unknown> {
  await using switchedOn = machine;
  return await ask(new BareGuest(switchedOn));
}

const images = () => ({ "d.img": new Uint8Array(8 * SECTOR) });

for (const [name, row] of Object.entries(CASES)) {
  const args = row.args ?? DISK;
  Deno.test({
    name: `quirk ${name} on qemu (${row.clause})`,
    ignore: lacks("qemu-system-aarch64"),
    fn: async () => assertEquals(await answer(row, qemu(args, { images: images() })), row.qemu),
  });
  Deno.test(`quirk ${name} on the embedded machine, and without it`, async () => {
    assertEquals(await answer(row, embedded(args, { images: images() })), row.qemu);
    const key = name as keyof Quirks;
    const quirks = { ...QEMU_7_2, [key]: NO_QUIRKS[key] };
    const machine = embedded(args, { images: images(), quirks });
    assertNotEquals(await answer(row, machine), row.qemu);
  });
}
