/**
 * Requests to a disk, right and wrong.
 *
 * @module
 */
import { MemoryBlock } from "../hypervisor/embedded/blockdev.ts";
import { VirtioBlk } from "../hypervisor/embedded/virtio_blk.ts";
import {
  answer,
  type DeviceScript,
  EmbeddedHost,
  fill,
  IMAGE_SIZE,
  join,
} from "./device_script.ts";
import type { MiniDriver } from "./mini_driver.ts";

const SERIAL = "SERIAL-0123456789-ABCDEF";

function header(type: number, sector: bigint | number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

function segment(sector: number, sectors: number, flags: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt(sector), true);
  view.setUint32(8, sectors, true);
  view.setUint32(12, flags, true);
  return new Uint8Array(view.buffer);
}

type BlkRequest = readonly [
  name: string,
  out: readonly Uint8Array[],
  into: readonly number[],
];

const BLK_REQUESTS: readonly BlkRequest[] = [
  ["read", [header(0, 0)], [512, 1]],
  ["read, data and status in one buffer", [header(0, 0)], [513]],
  ["read, header in two buffers", [header(0, 0).subarray(0, 5), header(0, 0).subarray(5)], [
    100,
    412,
    1,
  ]],
  ["write", [header(1, 3), fill(512, 9)], [1]],
  ["write, header and data in one buffer", [join(header(1, 4), fill(1024, 5))], [1]],
  ["write, status behind room", [header(1, 6), fill(512, 1)], [8]],
  ["read back", [header(0, 2)], [3072, 1]],
  ["read of 511 bytes", [header(0, 2)], [511, 1]],
  ["read across the end", [header(0, 2047)], [1024, 1]],
  ["read of the last sector", [header(0, 2047)], [512, 1]],
  ["read of nothing at the end", [header(0, 2048)], [1]],
  ["read of nothing past the end", [header(0, 2049)], [1]],
  ["read at 2^64 - 1", [header(0, 0xffffffffffffffffn)], [512, 1]],
  ["write across the end", [header(1, 2047), fill(1024, 1)], [1]],
  ["write of nothing", [header(1, 3)], [1]],
  ["flush", [header(4, 0)], [1]],
  ["flush with the direction bit", [header(5, 0)], [1]],
  ["read with BARRIER", [header(0x80000000, 0)], [512, 1]],
  ["get id", [header(8, 0)], [20, 1]],
  ["get id, 3 bytes", [header(8, 0)], [3, 1]],
  ["get id, 40 bytes", [header(8, 0)], [40, 1]],
  ["scsi without a command", [header(2, 0)], [1]],
  ["scsi", [header(2, 0), new Uint8Array(6)], [16, 16, 1]],
  ...[3, 6, 7, 9, 10, 12, 14, 15, 16, 20, 100, 0x7fffffff].map((type): BlkRequest => [
    `type ${type}`,
    [header(type, 0)],
    [512, 1],
  ]),
  ["discard", [header(11, 0), segment(0, 8, 0)], [1]],
  ["read after discard", [header(0, 0)], [512, 1]],
  ["discard of nothing", [header(11, 0), segment(0, 0, 0)], [1]],
  ["discard with UNMAP", [header(11, 0), segment(0, 8, 1)], [1]],
  ["discard across the end", [header(11, 0), segment(2040, 9, 0)], [1]],
  ["discard of too much", [header(11, 0), segment(0, 0xffffffff, 0)], [1]],
  ["discard of two segments", [header(11, 0), segment(0, 1, 0), segment(2, 1, 0)], [1]],
  ["write zeroes", [header(13, 0), segment(8, 8, 0)], [1]],
  ["write zeroes with UNMAP", [header(13, 0), segment(16, 8, 1)], [1]],
  ["write zeroes with an unknown flag", [header(13, 0), segment(16, 8, 2)], [1]],
  ["write zeroes of nothing", [header(13, 0), segment(16, 0, 0)], [1]],
  ["write zeroes of nothing at the end", [header(13, 0), segment(2048, 0, 0)], [1]],
  ["write zeroes across the end", [header(13, 0), segment(2047, 2, 0)], [1]],
  ["read after write zeroes", [header(0, 0)], [32 * 512, 1]],
  ["write zeroes without the direction bit", [header(12, 0), segment(8, 8, 0)], [1]],
  ["discard with a short segment", [header(11, 0), new Uint8Array(4)], [1]],
  ["read after a reset", [header(0, 0)], [512, 1]],
  ["no writable buffer", [header(0, 0)], []],
  ["no readable buffer", [], [512, 1]],
  ["short header", [header(0, 0).subarray(0, 15)], [512, 1]],
  ["read after a reset", [header(0, 0)], [512, 1]],
];

function runBlk(driver: MiniDriver): string[] {
  driver.init(1);
  return BLK_REQUESTS.map(([name, out, into]) =>
    `${name}: ${answer(driver, () => driver.request(0, out, into))}`
  );
}

function blkScript(
  name: string,
  [drive, device]: readonly [drive: string, device: string],
  options: Record<string, unknown>,
  props: Record<string, unknown>,
): DeviceScript {
  return {
    name,
    args: [
      ...["-drive", `if=none,id=d0,file=IMAGE,format=raw${drive}`],
      ...["-device", `virtio-blk-device,drive=d0,serial=${SERIAL}${device}`],
    ],
    embed: () => {
      const drive = new MemoryBlock(fill(IMAGE_SIZE, 7), { id: "d0", ...options });
      return {
        model: new VirtioBlk({ serial: SERIAL, ...props }, drive),
        host: new EmbeddedHost(),
      };
    },
    run: runBlk,
  };
}

/** The scripts for disks. */
export const BLK_SCRIPTS = [
  blkScript("blk", ["", ""], {}, {}),
  blkScript("blk read-only", [",readonly=on", ""], { readonly: true }, {}),
  blkScript("blk discard=unmap", [",discard=unmap", ""], { discard: "unmap" }, {}),
  blkScript("blk read-only discard=unmap", [",readonly=on,discard=unmap", ""], {
    readonly: true,
    discard: "unmap",
  }, {}),
  blkScript(
    "blk 4096-byte blocks",
    [
      "",
      ",logical_block_size=4096,physical_block_size=4096,max-discard-sectors=4",
    ],
    {},
    { logicalBlockSize: 4096, physicalBlockSize: 4096, maxDiscardSectors: 4 },
  ),
  blkScript("blk write-through", ["", ",write-cache=off,config-wce=off"], {}, {
    writeCache: "off",
    configWce: false,
  }),
];
