import { assertEquals } from "@std/assert";
import {
  VIRTIO_BLK_CONFIG_BLK_SIZE,
  VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG,
  VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS,
  VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG,
  VIRTIO_BLK_CONFIG_NUM_QUEUES,
  VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT,
  VIRTIO_BLK_CONFIG_SEG_MAX,
  VIRTIO_BLK_CONFIG_SIZE_MAX,
  VIRTIO_BLK_F_MQ,
  VIRTIO_BLK_F_SECURE_ERASE,
  VIRTIO_BLK_F_SIZE_MAX,
} from "../uapi/virtio_blk.ts";
import type { AccessWidth } from "../hypervisor/platform.ts";
import { bootDisks, type Booted, disk } from "./_virtio_blk_testing.ts";

const SLOT = 0xa003e00;
const DEVICE_FEATURES = SLOT + 0x10;
const DEVICE_FEATURES_SEL = SLOT + 0x14;
const CONFIG = SLOT + 0x100;

/** What a disk claims beyond the truth. */
interface Claims {
  /** Feature bits below 32 in addition. */
  readonly features?: readonly number[];
  /** Fields of the configuration by offset. */
  readonly config?: Readonly<Record<number, number>>;
}

/** Boots with a disk that claims things. */
async function bootClaiming({ features = [], config = {} }: Claims): Promise<Booted> {
  const bits = features.reduce((sum, bit) => sum | 1 << bit, 0);
  return await bootDisks(disk("d0"), { "d0.img": new Uint8Array(1 << 20) }, {
    patch: (machine) => {
      const read = machine.read.bind(machine);
      const write = machine.write.bind(machine);
      let selected = 0;
      machine.write = (address: number, width: AccessWidth, value: number) => {
        if (address === DEVICE_FEATURES_SEL) selected = value;
        return write(address, width, value);
      };
      machine.read = (address: number, width: AccessWidth) => {
        const value = read(address, width);
        if (address === DEVICE_FEATURES && selected === 0) return (value | bits) >>> 0;
        return config[address - CONFIG] ?? value;
      };
    },
  });
}

/** What the driver says of a disk that it refuses. */
async function refusal(claims: Claims): Promise<string[]> {
  const booted = await bootClaiming(claims);
  assertEquals(await booted.fs.readdir("/sys/block"), []);
  return booted.log(/^virtio_blk/).filter((line) => !line.includes("default/read/poll"));
}

Deno.test("a block size that cannot be is refused", async () => {
  for (const size of [0, 1, 256, 513, 8192]) {
    const lines = await refusal({ config: { [VIRTIO_BLK_CONFIG_BLK_SIZE]: size } });
    const hex = size.toString(16);
    assertEquals(lines, [
      `virtio_blk virtio0: virtio_blk: invalid block size: 0x${hex}`,
      "virtio_blk: probe of virtio0 failed with error -22",
    ]);
  }
});

Deno.test("multi-queue without a queue is refused", async () => {
  const claims = { features: [VIRTIO_BLK_F_MQ], config: { [VIRTIO_BLK_CONFIG_NUM_QUEUES]: 0 } };
  assertEquals(await refusal(claims), [
    "virtio_blk virtio0: MQ advertised but zero queues reported",
    "virtio_blk: probe of virtio0 failed with error -22",
  ]);
});

Deno.test("secure erase without limits is refused, and narrows discard with them", async () => {
  const config: Record<number, number> = {
    [VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT]: 4,
    [VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS]: 64,
    [VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG]: 3,
    [VIRTIO_BLK_CONFIG_DISCARD_SECTOR_ALIGNMENT]: 8,
    [VIRTIO_BLK_CONFIG_MAX_DISCARD_SECTORS]: 0,
    [VIRTIO_BLK_CONFIG_MAX_DISCARD_SEG]: 1000,
  };
  const features = [VIRTIO_BLK_F_SECURE_ERASE];
  const names = {
    [VIRTIO_BLK_CONFIG_SECURE_ERASE_SECTOR_ALIGNMENT]: "secure_erase_sector_alignment",
    [VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SECTORS]: "max_secure_erase_sectors",
    [VIRTIO_BLK_CONFIG_MAX_SECURE_ERASE_SEG]: "max_secure_erase_seg",
  };
  for (const [offset, name] of Object.entries(names)) {
    const [line] = await refusal({ features, config: { ...config, [Number(offset)]: 0 } });
    assertEquals(line.endsWith(`virtio_blk: ${name} can't be 0`), true, line);
  }
  const booted = await bootClaiming({ features, config });
  const { limits } = booted.bdev("vda").disk.queue;
  assertEquals(limits.discardGranularity, 4 * 512);
  assertEquals(limits.maxDiscardSegments, 3);
  assertEquals(limits.maxDiscardSectors, 0xffffffff);
});

Deno.test("segment limits come from the device, absurd ones are bent", async () => {
  const limitsOf = async (config: Record<number, number>) => {
    const booted = await bootClaiming({ features: [VIRTIO_BLK_F_SIZE_MAX], config });
    const { maxSegments, maxSegmentSize } = booted.bdev("vda").disk.queue.limits;
    return [maxSegments, maxSegmentSize];
  };
  const limits = (count: number, size: number) =>
    limitsOf({ [VIRTIO_BLK_CONFIG_SEG_MAX]: count, [VIRTIO_BLK_CONFIG_SIZE_MAX]: size });
  assertEquals(await limits(10, 8192), [10, 8192]);
  assertEquals(await limits(0, 0), [1, 4096]);
  assertEquals(await limits(0xffffffff, 0xffffffff), [32766, 0xffffffff]);
});
