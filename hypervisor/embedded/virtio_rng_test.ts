import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { seededBytes, VirtioRng, type VirtioRngProps } from "./virtio_rng.ts";

function fill(props: VirtioRngProps): Uint8Array {
  const driver = new MiniDriver(new SlotBench(new VirtioRng(props)));
  driver.init(1);
  return driver.request(0, [], [40, 24]).data;
}

Deno.test("VirtioRng fills buffers with bytes that its seed decides", () => {
  const bytes = fill({ seed: 7 });
  assertEquals(bytes.length, 64);
  assertEquals(bytes, fill({ seed: 7 }));
  assertNotEquals(bytes, fill({ seed: 8 }));
});

Deno.test("seededBytes() gives every byte about equally often", () => {
  const counts = new Array<number>(256).fill(0);
  const next = seededBytes(1);
  for (let i = 0; i < 256 * 400; i++) counts[next()]++;
  // 400 expected, standard deviation 20.
  assertEquals(counts.filter((count) => Math.abs(count - 400) > 120), []);
});

Deno.test("VirtioRng gives at most max-bytes in a period", () => {
  const bench = new SlotBench(new VirtioRng({ maxBytes: 50, period: 10 }));
  const driver = new MiniDriver(bench);
  driver.init(1);
  for (let i = 0; i < 4; i++) driver.add(0, [], [20]);
  driver.write(0x50, 0);
  assertEquals(driver.used(0).map(({ len }) => len), [20, 20, 10]);
  bench.settle();
  assertEquals(driver.used(0).map(({ len }) => len), [20]);
  assertEquals(bench.nowNs % 10_000_000, 0);
});

Deno.test("VirtioRng refuses a period of no length", () => {
  assertThrows(
    () => new VirtioRng({ period: 0 }),
    Error,
    "'period' parameter expects a positive integer",
  );
});
