import { assertEquals } from "@std/assert";
import { getInitRaSize, getNextRaSize } from "./readahead.ts";

// Windows of the reference kernel for 128 KiB, seen in its requests.

Deno.test("getInitRaSize() is four times a page, twice a few pages, or all", () => {
  const sizes = [1, 2, 3, 5, 8, 9, 16, 32, 50].map((size) => getInitRaSize(size, 32));
  assertEquals(sizes, [4, 4, 8, 16, 16, 32, 32, 32, 32]);
  assertEquals(getInitRaSize(256, 256), 256);
});

Deno.test("getNextRaSize() grows four- and twofold up to the limit", () => {
  assertEquals([1, 2, 4, 8, 16, 17, 32].map((size) => getNextRaSize(size, 32)), [
    4,
    4,
    8,
    16,
    32,
    32,
    32,
  ]);
});
