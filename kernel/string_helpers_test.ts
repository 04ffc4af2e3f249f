import { assertEquals } from "@std/assert";
import { stringGetSize } from "./string_helpers.ts";

/** Blocks, block size, and what the reference kernel printed for disks of that size. */
const RECORDED: readonly (readonly [bigint, number, string, string])[] = [
  [2048n, 512, "1.05 MB", "1.00 MiB"],
  [768n, 4096, "3.15 MB", "3.00 MiB"],
  [128n, 512, "65.5 kB", "64.0 KiB"],
  [256n, 512, "131 kB", "128 KiB"],
  [20480n, 512, "10.5 MB", "10.0 MiB"],
  [0n, 512, "0 B", "0 B"],
  [1n, 512, "512 B", "512 B"],
  [2n, 512, "1.02 kB", "1.00 KiB"],
  [3n, 512, "1.54 kB", "1.50 KiB"],
  [18n, 512, "9.22 kB", "9.00 KiB"],
  [44n, 512, "22.5 kB", "22.0 KiB"],
];

Deno.test("stringGetSize() prints sizes as the reference kernel does", () => {
  for (const [blocks, size, decimal, binary] of RECORDED) {
    assertEquals(stringGetSize(blocks, size, 10), decimal);
    assertEquals(stringGetSize(blocks, size, 2), binary);
  }
});

Deno.test("stringGetSize() carries a rounded digit on", () => {
  assertEquals(stringGetSize(2047n, 512, 2), "1024 KiB");
  assertEquals(stringGetSize(2047n, 512, 10), "1.05 MB");
  assertEquals(stringGetSize(999_999n, 1, 10), "1000 kB");
});
