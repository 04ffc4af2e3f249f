import { assertEquals } from "@std/assert";
import * as config from "./virtio_config.ts";
import * as ids from "./virtio_ids.ts";
import * as ring from "./virtio_ring.ts";

Deno.test("VIRTIO_CONFIG_S_* are the bits of VIRTIO 1.4, 2.1, and spare one", () => {
  const bits = Object.entries(config)
    .filter(([name]) => name.startsWith("VIRTIO_CONFIG_S_"))
    .map(([, value]) => value)
    .sort((a, b) => a - b);
  assertEquals(bits, [1, 2, 4, 8, 16, 64, 128]);
});

Deno.test("status passes through the values that QEMU saw Linux write", () => {
  let status = 0;
  const written = [
    config.VIRTIO_CONFIG_S_ACKNOWLEDGE,
    config.VIRTIO_CONFIG_S_DRIVER,
    config.VIRTIO_CONFIG_S_FEATURES_OK,
    config.VIRTIO_CONFIG_S_DRIVER_OK,
  ].map((bit) => status |= bit);
  assertEquals(written, [0x1, 0x3, 0xb, 0xf]);
});

Deno.test("VIRTIO_F_* and VIRTIO_RING_F_* share no bit and are those of VIRTIO 1.4, 6", () => {
  const bits = [...Object.entries(config), ...Object.entries(ring)]
    .filter(([name]) => /^VIRTIO_(RING_)?F_/.test(name) && name !== "VIRTIO_F_IOMMU_PLATFORM")
    .map(([, value]) => Number(value))
    .sort((a, b) => a - b);
  assertEquals(bits, [24, 27, 28, 29, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 43]);
});

Deno.test("VIRTIO_ID_* number the device types of VIRTIO 1.4, 5", () => {
  const numbers = Object.entries(ids)
    .filter(([name]) => name.startsWith("VIRTIO_ID_"))
    .map(([, value]) => value)
    .sort((a, b) => a - b);
  const expected = Array.from({ length: 49 }, (_, index) => index + 1)
    .filter((number) => number !== 14 && number !== 15);
  assertEquals(numbers, expected);
  assertEquals(
    [ids.VIRTIO_ID_NET, ids.VIRTIO_ID_BLOCK, ids.VIRTIO_ID_CONSOLE, ids.VIRTIO_ID_RNG],
    [1, 2, 3, 4],
  );
  assertEquals([ids.VIRTIO_ID_INPUT, ids.VIRTIO_ID_GPU], [0x12, 16]);
});
