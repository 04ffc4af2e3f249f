/**
 * Asynchronous functions and probes, where no recording can show them: their order is open in Linux.
 */
import { assertEquals } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { bootGuest } from "../tests/guest.ts";
import { ASYNC } from "./async.ts";
import { DynamicDebug } from "./dyndbg.ts";
import { Kernel, type KernelOptions } from "./kernel.ts";

const DISKS = ["a", "b"].flatMap((name) => [
  ...["-drive", `if=none,id=${name},file=${name},format=raw`],
  ...["-device", `virtio-blk-device,drive=${name},serial=${name}`],
]);

async function guest(options: KernelOptions = {}) {
  const images = { a: new Uint8Array(512), b: new Uint8Array(512) };
  const probeDelayMs = { virtio_blk: 5 };
  const made = await bootGuest(embedded(DISKS, { images }), {
    ...options,
    ordering: { probeDelayMs, ...options.ordering },
  });
  await made.modprobe("virtio_mmio");
  return made;
}

/** The names of disks that are there when `insmod` returns. */
async function disksAfterLoad(args: string, options?: KernelOptions): Promise<string> {
  const made = await guest(options);
  await made.insmod("virtio_blk", args);
  return (await made.fs.readdir("/sys/class/block")).sort().join(" ");
}

Deno.test("kernel/module/main.c: loading waits for asynchronous probes unless the module asked for them", async () => {
  assertEquals(await disksAfterLoad(""), "vda vdb");
  const append = "driver_async_probe=virtio_blk";
  assertEquals(await disksAfterLoad("", { append }), "vda vdb");
  assertEquals(await disksAfterLoad("async_probe"), "");
  assertEquals(await disksAfterLoad("async_probe=1"), "");
  assertEquals(await disksAfterLoad("async_probe=what"), "");
  assertEquals(await disksAfterLoad("async_probe=0", { append }), "vda vdb");
  // Only modprobe looks at the command line for parameters of modules.
  assertEquals(await disksAfterLoad("", { append: "virtio_blk.async_probe=1" }), "vda vdb");
  assertEquals(await disksAfterLoad("", { append: "module.async_probe=1" }), "");
});

Deno.test("drivers/base/dd.c: driver_async_probe=* names all drivers but those in its list", async () => {
  const asked = async (append: string, ordering = {}) => {
    const made = await guest({ append, ordering: { probeDelayMs: {}, ...ordering } });
    made.kernel.dyndbg = new DynamicDebug(made.kernel);
    made.kernel.dyndbg.query("func __driver_attach +p");
    await made.insmod("virtio_blk");
    return made.log.filter((line) => line.includes("asynchronously")).length;
  };
  assertEquals(await asked(""), 0);
  assertEquals(await asked("driver_async_probe=virtio_blk,virtio_net"), 2);
  assertEquals(await asked("driver_async_probe=virtio_net"), 0);
  assertEquals(await asked("driver_async_probe=*"), 2);
  assertEquals(await asked("driver_async_probe=*,virtio_blk"), 0);
  assertEquals(await asked("", { async: ["virtio_blk"] }), 2);
  // What does not fit into 255 characters is lost.
  assertEquals(await asked(`driver_async_probe=${"x".repeat(250)},virtio_blk`), 0);
});

Deno.test("kernel/async.c: numbers count up from 1, waiting for one is waiting for all before it", async () => {
  const kernel = new Kernel(new BareMachine(1 << 16));
  kernel.dyndbg = new DynamicDebug(kernel);
  kernel.dyndbg.query("file kernel/async.c +p");
  const done: string[] = [];
  await kernel.sched.run("test", async () => {
    const functions = kernel.get(ASYNC);
    const sleepy = (name: string, ms: number) =>
      functions.schedule(`${name}_fn`, name, async () => {
        await kernel.sched.sleep(ms * 1e6);
        done.push(name);
      });
    const cookies = [await sleepy("slow", 9), await sleepy("fast", 1), await sleepy("last", 20)];
    assertEquals(cookies, [1, 2, 3]);
    await functions.synchronizeCookie(2);
    assertEquals(done, ["fast", "slow"]);
    await functions.synchronizeFull();
  });
  assertEquals(done, ["fast", "slow", "last"]);
  const lines = kernel.log.records.map(({ text }) => text.replace(/\d+ usec/, "N usec"));
  assertEquals(lines, [
    "calling  1_slow_fn+0x0/0x1000 @ 84",
    "calling  2_fast_fn+0x0/0x1000 @ 85",
    "calling  3_last_fn+0x0/0x1000 @ 86",
    "async_waiting @ 83",
    "initcall 2_fast_fn+0x0/0x1000 returned after N usecs",
    "initcall 1_slow_fn+0x0/0x1000 returned after N usecs",
    "async_continuing @ 83 after N usec",
    "async_waiting @ 83",
    "initcall 3_last_fn+0x0/0x1000 returned after N usecs",
    "async_continuing @ 83 after N usec",
  ]);
});

Deno.test("drivers/base/bus.c: older kernels look at all devices of an asynchronous driver in one go", async () => {
  const order = async (profile: string) => {
    const made = await guest({
      profile,
      append: "driver_async_probe=virtio_blk",
      ordering: { probeDelayMs: { virtio0: 9, virtio1: 1 } },
    });
    await made.insmod("virtio_blk");
    return (await made.cat("/sys/class/block/vda/serial")).trim();
  };
  assertEquals([await order("6.1"), await order("4.19"), await order("3.2")], ["a", "b", "b"]);
});
