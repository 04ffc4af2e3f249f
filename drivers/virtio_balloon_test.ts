import { assert, assertEquals, assertRejects } from "@std/assert";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { bootGuest, type TestGuest } from "../tests/guest.ts";
import { sweepProbeFailures } from "../tests/probe_failure.ts";
import { boot } from "../vm/boot.ts";
import { embedded as machine } from "../vm/machines.ts";

const MIB = 2 ** 20;
const ARGS = ["-m", "64", "-global", "virtio-mmio.force-legacy=false"];
const BALLOON = [...ARGS, "-device", "virtio-balloon-device"];

/** How many pages the guest holds for its balloon. */
function balloonPages({ kernel }: TestGuest): number {
  return [...kernel.mem.live.values()].filter(({ owner }) => owner === "virtio0 balloon").length;
}

/** Lets the guest do what the host asked for; time goes on while somebody sleeps. */
function settle(guest: TestGuest): Promise<undefined> {
  return guest.run(() => guest.kernel.sched.settle());
}

Deno.test("virtio_balloon gives pages up and takes them back as the host asks", async () => {
  const guest = await bootGuest(embedded(BALLOON));
  await guest.modprobe("virtio_mmio", "virtio_balloon");
  const { machine } = guest;
  const actual = () => machine.qmp("query-balloon");
  assertEquals(await actual(), { actual: 64 * MIB });
  for (const [kept, pages] of [[61, 768], [60, 1024], [63, 256], [64, 0]]) {
    await machine.qmp("balloon", { value: kept * MIB });
    await settle(guest);
    assertEquals([await actual(), balloonPages(guest)], [{ actual: kept * MIB }, pages]);
  }
});

Deno.test("virtio_balloon empties its balloon when it goes, and fills it when it comes", async () => {
  const guest = await bootGuest(embedded(BALLOON));
  await guest.machine.qmp("balloon", { value: 62 * MIB });
  await guest.modprobe("virtio_mmio", "virtio_balloon");
  await settle(guest);
  assertEquals(balloonPages(guest), 512);
  await guest.rmmod("virtio_balloon");
  assertEquals(balloonPages(guest), 0);
  assertEquals(await guest.machine.qmp("query-balloon"), { actual: 64 * MIB });
  await guest.modprobe("virtio_balloon");
  await settle(guest);
  assertEquals(balloonPages(guest), 512);
});

Deno.test("virtio_balloon says so when there is no memory left, and goes on trying", async () => {
  const guest = await bootGuest(embedded(BALLOON));
  await guest.modprobe("virtio_mmio", "virtio_balloon");
  const { kernel } = guest;
  kernel.choices.chooser = ({ kind, describe }) =>
    kind === "fault" && describe(1).includes("balloon") ? 1 : 0;
  await guest.machine.qmp("balloon", { value: 63 * MIB });
  await guest.run(() => kernel.sched.sleep(300_000_000));
  assertEquals(
    guest.log.filter((line) => line.includes("puff")),
    Array(2).fill("virtio_balloon virtio0: Out of puff! Can't get 1 pages"),
  );
  kernel.choices.chooser = undefined;
  await guest.run(() => kernel.sched.sleep(300_000_000));
  assertEquals(balloonPages(guest), 256);
});

/** What Linux does from DRIVER_OK to the reset with a target of 3 MiB less: recorded on QEMU 7.2. */
const INFLATED_AND_UNBOUND = [
  "read 0x100",
  ...["read 0x100", "write 0x50 0x0", "write 0x104 0x100"],
  ...["read 0x100", "write 0x50 0x0", "write 0x104 0x200"],
  ...["read 0x100", "write 0x50 0x0", "write 0x104 0x300"],
  ...["write 0x50 0x1", "write 0x50 0x1", "write 0x50 0x1", "write 0x104 0x0"],
];

Deno.test("virtio_balloon inflates and deflates with the register accesses of Linux", async () => {
  await using vm = await boot(machine(BALLOON), { modules: "all", trace: true });
  await vm.machine.qmp("balloon", { value: 61 * MIB });
  await vm.sh("modprobe virtio_mmio; modprobe virtio_balloon; sleep 1");
  await vm.sh("echo virtio0 > /sys/bus/virtio/drivers/virtio_balloon/unbind");
  const trace = String(vm.trace);
  const accesses = [
    ...trace.slice(trace.indexOf("offset 0x70 value 0xf")).matchAll(
      /virtio_mmio_(read|write) offset (0x50|0x10[04])(?: value (\w+))?/g,
    ),
  ];
  assertEquals(
    accesses.map(([, access, ...rest]) => [access, ...rest].join(" ").trimEnd()),
    INFLATED_AND_UNBOUND,
  );
});

Deno.test("virtio_balloon: each step of its probe may fail and leaves nothing behind", async () => {
  const count = await sweepProbeFailures({
    machine: () => embedded(BALLOON),
    before: ["virtio_mmio"],
    module: "virtio_balloon",
    linuxFault: "QueueNotify of queue 2 before DRIVER_OK",
    works: async (guest) => {
      await guest.machine.qmp("balloon", { value: 63 * MIB });
      await settle(guest);
      assertEquals(balloonPages(guest), 256);
      await guest.machine.qmp("balloon", { value: 64 * MIB });
      await settle(guest);
    },
  });
  assert(count > 5, `${count} steps`);
});

Deno.test("balloon commands fail as QEMU's do", async () => {
  const without = embedded(ARGS);
  await assertRejects(() => without.qmp("query-balloon"), Error, "No balloon device has been");
  await assertRejects(() => without.qmp("balloon", {}), Error, "Parameter 'value' is missing");
  await assertRejects(() => without.qmp("balloon", { value: 0 }), Error, "No balloon device has");
  const balloon = embedded(BALLOON);
  await assertRejects(
    () => balloon.qmp("balloon", { value: -5 }),
    Error,
    "'target' expects a size",
  );
  await assertRejects(() => balloon.qmp("balloon", { value: "x" }), Error, "expected: integer");
});
