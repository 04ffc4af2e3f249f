import { assert, assertEquals, assertRejects } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { seededBytes } from "../hypervisor/embedded/virtio_rng.ts";
import { KernelError } from "../kernel/errors.ts";
import { DeadlockError } from "../kernel/task.ts";
import { bootGuest, type TestGuest } from "../tests/guest.ts";
import { sweepProbeFailures } from "../tests/probe_failure.ts";

const ARGS = ["-global", "virtio-mmio.force-legacy=false"];
const RNG = [...ARGS, "-device", "virtio-rng-device"];

async function readHwrng(guest: TestGuest, count: number): Promise<Uint8Array> {
  const node = guest.kernel.devtmpfs.lookup("hwrng");
  if (node?.kind !== "char") throw new Error("there is no /dev/hwrng");
  return await guest.run(async () => {
    const file = await node.open({ read: true, write: false });
    try {
      return await file.read(count, 0);
    } finally {
      await file.close();
    }
  });
}

/** What a device with seed 0 gives. */
function deviceBytes(count: number): number[] {
  const next = seededBytes(0);
  return Array.from({ length: count }, () => next());
}

Deno.test("virtio_rng reads what the device gives, each byte once", async () => {
  const guest = await bootGuest(embedded(RNG));
  await guest.modprobe("virtio_mmio", "virtio_rng");
  const read: number[] = [];
  for (const count of [1, 63, 64, 100, 1000]) read.push(...await readHwrng(guest, count));
  assertEquals(read.length, 1228);
  // Every read of the source gives its bytes from the end; none may come twice.
  const given = deviceBytes(4096);
  const windows = new Set(given.map((_, at) => given.slice(at, at + 8).join()));
  const inOrder = read.filter((_, at) => windows.has(read.slice(at, at + 8).join()));
  assert(inOrder.length > 800, `${inOrder.length} of ${read.length} bytes are the device's`);
  const seen = read.map((_, at) => read.slice(at, at + 8).join()).slice(0, -8);
  assertEquals(new Set(seen).size, seen.length);
});

Deno.test("a read of /dev/hwrng waits for a source that has no more to give", async () => {
  const guest = await bootGuest(embedded([...ARGS, "-device", "virtio-rng-device,max-bytes=128"]));
  await guest.modprobe("virtio_mmio", "virtio_rng");
  const before = guest.kernel.clock.nowNs;
  assertEquals((await readHwrng(guest, 200)).length, 200);
  // A period has 65,536 ms.
  assert(guest.kernel.clock.nowNs - before > 60e9);
});

Deno.test("a machine with a source of random bytes comes to rest", async () => {
  const guest = await bootGuest(embedded(RNG));
  await guest.modprobe("virtio_mmio", "virtio_rng");
  await assertRejects(
    () => guest.run(() => guest.kernel.sched.block("nothing at all")),
    DeadlockError,
  );
});

Deno.test("virtio_rng lets readers go when its device goes", async () => {
  const guest = await bootGuest(
    embedded([...ARGS, "-device", "virtio-rng-device,max-bytes=1,period=4000000000"]),
  );
  await guest.modprobe("virtio_mmio", "virtio_rng");
  const reading = readHwrng(guest, 100).catch((error: unknown) => error);
  await guest.echo("virtio0", "/sys/bus/virtio/drivers/virtio_rng/unbind");
  const result = await reading;
  const code = result instanceof KernelError ? result.code : result;
  assertEquals(code, "ENODEV");
  assertEquals(guest.kernel.sched.tasks.map(({ name }) => name), []);
});

Deno.test("virtio_rng: each step of its probes may fail and leaves nothing behind", async () => {
  const count = await sweepProbeFailures({
    machine: () => embedded([...RNG, "-device", "virtio-rng-device"]),
    before: ["virtio_mmio"],
    module: "virtio_rng",
    works: async (guest) => {
      const available = await guest.cat("/sys/class/misc/hw_random/rng_available");
      assertEquals(available, "virtio_rng.0 virtio_rng.1 \n");
      assertEquals((await readHwrng(guest, 70)).length, 70);
    },
  });
  assert(count > 8, `${count} steps`);
});
