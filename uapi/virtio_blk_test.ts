import { assertEquals, assertThrows } from "@std/assert";
import { encodedHex, fromHex, layOut, places } from "./_testing.ts";
import { findConfigField } from "./register.ts";
import * as blk from "./virtio_blk.ts";

// VIRTIO 1.4, 5.2.4
const CONFIG = `
  le64 capacity; le32 size_max; le32 seg_max;
  le16 geometry.cylinders; u8 geometry.heads; u8 geometry.sectors; le32 blk_size;
  u8 topology.physical_block_exp; u8 topology.alignment_offset; le16 topology.min_io_size;
  le32 topology.opt_io_size; u8 writeback; u8 unused0; le16 num_queues;
  le32 max_discard_sectors; le32 max_discard_seg; le32 discard_sector_alignment;
  le32 max_write_zeroes_sectors; le32 max_write_zeroes_seg; u8 write_zeroes_may_unmap; u8 unused1[3];
  le32 max_secure_erase_sectors; le32 max_secure_erase_seg; le32 secure_erase_sector_alignment;`;

Deno.test("VIRTIO_BLK_CONFIG is the specification's structure", () => {
  assertEquals(places(blk.VIRTIO_BLK_CONFIG), layOut(CONFIG));
  const last = layOut(CONFIG).at(-1);
  assertEquals(last && last.offset + last.size, blk.VIRTIO_BLK_CONFIG_SIZE);
});

Deno.test("VIRTIO_BLK_CONFIG explains what Linux reads while it probes", () => {
  // From QEMU's trace: the reads between FEATURES_OK and DRIVER_OK, without the space's base 0x100.
  const read = [0x0c, 0x20, 0x14, 0x18, 0x19, 0x1a, 0x1c, 0x2c, 0x24, 0x28, 0x30, 0x00];
  const names = read.map((offset) => findConfigField(blk.VIRTIO_BLK_CONFIG, offset)?.name);
  assertEquals(names, [
    "seg_max",
    "writeback",
    "blk_size",
    "topology.physical_block_exp",
    "topology.alignment_offset",
    "topology.min_io_size",
    "topology.opt_io_size",
    "discard_sector_alignment",
    "max_discard_sectors",
    "max_discard_seg",
    "max_write_zeroes_sectors",
    "capacity",
  ]);
});

Deno.test("VIRTIO_BLK_F_* name the bits that Linux accepts from QEMU", () => {
  // Linux 6.1 wrote 0x30006e54 to DriverFeatures; bits 28 and 29 belong to the ring.
  const accepted = [
    blk.VIRTIO_BLK_F_SEG_MAX,
    blk.VIRTIO_BLK_F_GEOMETRY,
    blk.VIRTIO_BLK_F_BLK_SIZE,
    blk.VIRTIO_BLK_F_FLUSH,
    blk.VIRTIO_BLK_F_TOPOLOGY,
    blk.VIRTIO_BLK_F_CONFIG_WCE,
    blk.VIRTIO_BLK_F_DISCARD,
    blk.VIRTIO_BLK_F_WRITE_ZEROES,
  ];
  assertEquals(accepted.reduce((mask, bit) => mask | (1 << bit), 0), 0x00006e54);
});

Deno.test("VIRTIO_BLK_T_* set bit 0 exactly when data goes to the device", () => {
  const { VIRTIO_BLK_T_OUT, VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES } = blk;
  assertEquals([VIRTIO_BLK_T_OUT, VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES], [1, 11, 13]);
  assertEquals([blk.VIRTIO_BLK_T_IN, blk.VIRTIO_BLK_T_FLUSH, blk.VIRTIO_BLK_T_GET_ID], [0, 4, 8]);
});

// Golden bytes: the C structures of Linux 6.1's header, filled by a compiled program.

const OUTHDR = "0b000000070000000807060504030201";

Deno.test("VirtioBlkOuthdr has the C structure's bytes", () => {
  const header = { type: 11, ioprio: 7, sector: 0x0102030405060708n };
  assertEquals(
    encodedHex(blk.VIRTIO_BLK_OUTHDR_SIZE, (view) => blk.encodeVirtioBlkOuthdr(view, 0, header)),
    OUTHDR,
  );
  assertEquals(blk.decodeVirtioBlkOuthdr(fromHex("ff" + OUTHDR), 1), header);
});

Deno.test("decodeVirtioBlkOuthdr() throws past the end", () => {
  assertThrows(() => blk.decodeVirtioBlkOuthdr(fromHex(OUTHDR), 1), RangeError);
});

Deno.test("VirtioBlkDiscardWriteZeroes has the C structure's bytes", () => {
  const hex = "11223344556677880001000001000000";
  const segment = { sector: 0x8877665544332211n, numSectors: 0x100, flags: 1 };
  assertEquals(
    encodedHex(
      blk.VIRTIO_BLK_DISCARD_WRITE_ZEROES_SIZE,
      (view) => blk.encodeVirtioBlkDiscardWriteZeroes(view, 0, segment),
    ),
    hex,
  );
  assertEquals(blk.decodeVirtioBlkDiscardWriteZeroes(fromHex("ff" + hex), 1), segment);
});
