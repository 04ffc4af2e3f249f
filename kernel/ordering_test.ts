import { assertEquals } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { namedFirst, type Ordering } from "./ordering.ts";

/** Two disks of different size: a in the second highest slot, b in the highest. */
const DISKS = ["a", "b"].flatMap((name) => [
  ...["-drive", `if=none,id=${name},file=${name},format=raw`],
  ...["-device", `virtio-blk-device,drive=${name},serial=${name}`],
]);

/** The serial numbers of vda and vdb, and the time that the boot took in milliseconds. */
async function disks(ordering: Ordering, append = "") {
  const images = { a: new Uint8Array(512), b: new Uint8Array(1024) };
  await using vm = await boot(embedded(DISKS, { images }), { ordering, append });
  await vm.sh("sleep 1");
  const serials = (await vm.sh("cat /sys/block/vda/serial /sys/block/vdb/serial")).split("\n");
  const log = vm.dmesg().split("\n").filter((line) => line.includes("512-byte")).map((line) =>
    Number(/^\[ *(\S+)\]/.exec(line)?.[1]) * 1000
  );
  return { names: serials.join(""), tookMs: log[1] - log[0] };
}

Deno.test("namedFirst() takes the named things in the names' order, then the others in theirs", () => {
  const things = ["a", "b", "c", "d"].map((name) => ({ name }));
  const order = (names?: string[]) => namedFirst(things, names).map(({ name }) => name).join("");
  assertEquals(order(), "abcd");
  assertEquals(order(["d", "b", "x"]), "dbac");
});

Deno.test("slots in another order give other names", async () => {
  const plain = await disks({});
  assertEquals(plain.names, "ba");
  assertEquals((await disks({ slots: ["a003e00.virtio_mmio"] })).names, "ab");
});

Deno.test("a probe may take longer; the others wait, unless it is asynchronous", async () => {
  const probeDelayMs = { virtio_blk: 20 };
  assertEquals((await disks({ probeDelayMs })).tookMs >= 20, true);
  const beside = await disks({ probeDelayMs, async: ["virtio_blk"] });
  assertEquals([beside.names, beside.tookMs < 20], ["ba", true]);
  const overtaken = await disks({ probeDelayMs: { virtio0: 20 }, async: ["virtio_blk"] });
  assertEquals(overtaken.names, "ab");
  const named = await disks({ probeDelayMs: { virtio0: 20 } }, "driver_async_probe=virtio_blk");
  assertEquals(named.names, "ab");
});
