import { assertEquals } from "@std/assert";
import {
  findVirtioMmioRegister,
  VIRTIO_MMIO_MAGIC,
  VIRTIO_MMIO_REGISTERS,
  VIRTIO_MMIO_VENDOR_QEMU,
  type VirtioMmioVersion,
} from "./virtio_mmio.ts";
import * as mmio from "./virtio_mmio.ts";

// VIRTIO 1.4, 4.2.2
const MODERN = `
  000 R MagicValue      004 R Version           008 R DeviceID        00c R VendorID
  010 R DeviceFeatures  014 W DeviceFeaturesSel 020 W DriverFeatures  024 W DriverFeaturesSel
  030 W QueueSel        034 R QueueSizeMax      038 W QueueSize       044 RW QueueReady
  050 W QueueNotify     060 R InterruptStatus   064 W InterruptACK    070 RW Status
  080 W QueueDescLow    084 W QueueDescHigh     090 W QueueDriverLow  094 W QueueDriverHigh
  0a0 W QueueDeviceLow  0a4 W QueueDeviceHigh   0ac W SHMSel          0b0 R SHMLenLow
  0b4 R SHMLenHigh      0b8 R SHMBaseLow        0bc R SHMBaseHigh     0c0 RW QueueReset
  0fc R ConfigGeneration  100 RW Config`;

// VIRTIO 1.4, 4.2.4; there Device and Driver are called Host and Guest.
const LEGACY = `
  000 R MagicValue      004 R Version           008 R DeviceID        00c R VendorID
  010 R DeviceFeatures  014 W DeviceFeaturesSel 020 W DriverFeatures  024 W DriverFeaturesSel
  028 W GuestPageSize   030 W QueueSel          034 R QueueSizeMax    038 W QueueSize
  03c W QueueAlign      040 RW QueuePFN         050 W QueueNotify     060 R InterruptStatus
  064 W InterruptACK    070 RW Status           100 RW Config`;

// What QEMU saw Linux 6.1 do to a console, a keyboard, a network card and a disk.
const READ = `0x0 0x10 0x34 0x4 0x44 0x60 0x70 0x8 0xc 0xfc 0x100 0x102 0x12c 0x130`;
const WRITTEN = `0x14 0x20 0x24 0x30 0x38 0x44 0x50 0x64 0x70 0x80 0x84 0x90 0x94 0xa0 0xa4 0x101`;

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function describe(version: VirtioMmioVersion): string[] {
  return VIRTIO_MMIO_REGISTERS
    .filter((register) => register.versions.includes(version))
    .flatMap(({ offset, direction, specName }) => [
      offset.toString(16).padStart(3, "0"),
      direction,
      specName,
    ]);
}

Deno.test("VIRTIO_MMIO_REGISTERS is the specification's table of version 2", () => {
  assertEquals(describe(2), words(MODERN));
});

Deno.test("VIRTIO_MMIO_REGISTERS is the specification's table of version 1", () => {
  assertEquals(describe(1), words(LEGACY));
});

Deno.test("VIRTIO_MMIO_REGISTERS name the constants that hold their offsets", () => {
  const constants = new Map(Object.entries(mmio) as [string, unknown][]);
  for (const { name, offset } of VIRTIO_MMIO_REGISTERS) assertEquals(constants.get(name), offset);
});

Deno.test("VIRTIO_MMIO_REGISTERS allow what Linux does", () => {
  const at = (text: string) => findVirtioMmioRegister(Number(text), 2)?.direction ?? "none";
  assertEquals(words(READ).filter((offset) => !at(offset).includes("R")), []);
  assertEquals(words(WRITTEN).filter((offset) => !at(offset).includes("W")), []);
});

Deno.test("findVirtioMmioRegister() finds each register by its offset alone", () => {
  for (const version of [1, 2] as const) {
    for (let offset = 0; offset < 0x100; offset++) {
      const expected = VIRTIO_MMIO_REGISTERS.find((register) =>
        register.offset === offset && register.versions.includes(version)
      );
      assertEquals(findVirtioMmioRegister(offset, version), expected);
    }
    for (const offset of [0x100, 0x101, 0x1ff]) {
      assertEquals(findVirtioMmioRegister(offset, version)?.specName, "Config");
    }
  }
});

Deno.test("VIRTIO_MMIO_MAGIC and VIRTIO_MMIO_VENDOR_QEMU spell words in little-endian bytes", () => {
  const spell = (value: number) =>
    String.fromCharCode(...new Uint8Array([0, 8, 16, 24].map((n) => value >> n)));
  assertEquals([spell(VIRTIO_MMIO_MAGIC), spell(VIRTIO_MMIO_VENDOR_QEMU)], ["virt", "QEMU"]);
});
