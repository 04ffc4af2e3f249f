import { assertEquals, assertRejects } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { KernelError } from "./errors.ts";
import { namedFirst, type Ordering, OrderingError, parseOrdering } from "./ordering.ts";

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

Deno.test("modules are loaded in an order, each after those that it needs", async () => {
  const loaded = async (modules: string[]) => {
    await using vm = await boot(embedded([]), { modules: "all", ordering: { modules } });
    const text = await vm.sh("cut -d' ' -f1 /proc/modules");
    return text.trim().split("\n").reverse().join(" ");
  };
  assertEquals(
    await loaded(["virtio_net", "virtio_mmio"]),
    "failover net_failover virtio_net virtio_mmio",
  );
  assertEquals(await loaded(["virtio-mmio", "failover"]), "virtio_mmio failover");
  await assertRejects(() => loaded(["nosuch"]), KernelError, "nosuch: there is no such module");
});

Deno.test("parseOrdering() names what is unknown or of another form", () => {
  const says = (text: string) => {
    try {
      parseOrdering(text);
      return "";
    } catch (error) {
      return error instanceof OrderingError ? error.message : String(error);
    }
  };
  assertEquals(says('{ "slots": ["a"], "initcalls": { "x": { "level": "late" } } }'), "");
  assertEquals(says("[]"), "ordering: is not an object");
  assertEquals(says('{ "slots": "a" }'), "ordering: 'slots' must be a list of names");
  assertEquals(
    says('{ "probeDelayMs": { "a": "1" } }'),
    "ordering: 'probeDelayMs' must be an object of numbers",
  );
  assertEquals(
    says('{ "initcalls": { "x": { "level": "later" } } }'),
    "ordering: initcall x: 'level' must be a level",
  );
  assertEquals(
    says('{ "initcalls": { "x": { "at": 1 } } }'),
    "ordering: initcall x: unknown 'at'; known: level, before, after",
  );
  assertEquals(says("{").startsWith("ordering: "), true);
});

Deno.test("drivers/char/virtio_console.c: older kernels call its init function init, in the same place", async () => {
  const calls = async (profile: string) => {
    const append = "initcall_debug log_buf_len=1M";
    await using vm = await boot(embedded([]), { append, profile });
    const names = [...vm.dmesg().matchAll(/calling {2}(\S+) @/g)].map(([, name]) => name);
    return [names.indexOf("init+0x0/0x114"), names.indexOf("virtio_console_init+0x0/0x114")];
  };
  const [[old, none], [gone, now]] = [await calls("5.15"), await calls("6.1")];
  assertEquals([old, none, gone], [now, -1, -1]);
});
