import { assertEquals } from "@std/assert";
import { readPrimecellId } from "./primecell.ts";

/** Read from QEMU 7.2's `virt` through its qtest protocol, from offset 0xfe0 on. */
const QEMU_IDS = [
  { base: 0x9010000, bytes: [0x31, 0x10, 0x14, 0x0, 0xd, 0xf0, 0x5, 0xb1] },
  { base: 0x9030000, bytes: [0x61, 0x10, 0x4, 0x0, 0xd, 0xf0, 0x5, 0xb1] },
];

for (const { base, bytes } of QEMU_IDS) {
  Deno.test(`readPrimecellId() says at 0x${base.toString(16)} what QEMU says`, () => {
    assertEquals(bytes.map((_, i) => readPrimecellId(base + 0xfe0 + 4 * i)), bytes);
  });
}

Deno.test("readPrimecellId() knows nothing else", () => {
  assertEquals([0x9010000, 0x9010fdc, 0x9020fe0, 0x8000000].map(readPrimecellId), [0, 0, 0, 0]);
});
