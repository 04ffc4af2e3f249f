/**
 * Why a device has its driver or none: `vm.explain()` and `paraguest explain`.
 */
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { addDts, boot, embedded, NoDeviceError, renderBinding } from "../mod.ts";
import { inFolder, paraguest } from "./cli_process.ts";

const RNG = "-device virtio-rng-device";

Deno.test("explain() tells of a bound device who made it, what fits, and the attempt in its initcall", async () => {
  await using vm = await boot(embedded(RNG));
  const { driver, createdBy, drivers, attempts, blockedBy } = vm.explain("virtio0");
  assertEquals([driver, blockedBy], ["virtio_rng", undefined]);
  assertEquals(createdBy, "driver virtio-mmio of a003e00.virtio_mmio");
  // VIRTIO 1.4, 5: device 4 is the entropy source.
  assertEquals(drivers, [{ name: "virtio_rng", fits: true, key: "4" }]);
  assertEquals(attempts.map(({ trigger, result }) => [trigger, result]), [
    ["virtio_rng_driver_init", "bound"],
  ]);
});

Deno.test("explain() knows an empty slot, a module that is missing, and a device that nobody knows", async () => {
  await using vm = await boot(embedded(RNG), { modules: ["virtio_rng"] });
  assertEquals(
    vm.explain("a003c00.virtio_mmio").blockedBy,
    "virtio-mmio found that it is not there (ENODEV)",
  );
  assertEquals(vm.explain("virtio0").unblockedBy, "modprobe virtio_rng");
  await vm.sh(vm.explain("virtio0").unblockedBy!);
  assertEquals(vm.explain("virtio0").driver, "virtio_rng");
  assertEquals(vm.explain("virtio0").attempts[0].trigger, "virtio_rng_driver_init");
  assertEquals(vm.explain("timer").unblockedBy, "a driver that knows it");
  assertThrows(() => vm.explain("virtio1"), NoDeviceError, "is it virtio0?");
});

Deno.test("what explain() says would unblock a device that was unbound does so", async () => {
  await using vm = await boot(embedded(RNG));
  await vm.sh("echo virtio0 > /sys/bus/virtio/drivers/virtio_rng/unbind");
  const { driver, unblockedBy } = vm.explain("virtio0");
  assertEquals(driver, undefined);
  await vm.sh(unblockedBy!);
  assertEquals(vm.explain("virtio0").driver, "virtio_rng");
});

Deno.test("explain() finds a compatible word that is nearly a driver's", async () => {
  const source = '/ { near { compatible = "virtio,mmi0"; }; };';
  await using vm = await boot(embedded(RNG, { dtb: (own) => addDts(own, source) }));
  const { drivers, blockedBy } = vm.explain("near");
  assertEquals(drivers, [{ name: "virtio-mmio", fits: false, key: "virtio,mmio" }]);
  assertStringIncludes(blockedBy!, "virtio,mmi0");
});

Deno.test("paraguest explain: exit code 0 for a bound device, 1 for others; orders in which it binds", async () => {
  await inFolder(async (folder) => {
    const only = ["--only", "virtio_init,virtio_mmio_init,virtio_rng_driver_init,hwrng_modinit"];
    const orders = ["--orders", "--vary", "levels=virtio_rng_driver_init", ...only];
    const words = ["explain", "virtio0", ...orders, "--", ...RNG.split(" ")];
    const { code, stdout } = await paraguest(folder, words);
    assertEquals(code, 0);
    assertMatch(stdout, /bound in \d+ orders, \d+ classes; not in \d+ orders, 1 class/);
    await using vm = await boot(embedded(RNG));
    const first = renderBinding(vm.explain("virtio0")).split("\n")[0];
    assertStringIncludes(stdout, first);
    const empty = await paraguest(folder, ["explain", "a003c00.virtio_mmio"]);
    assertEquals(empty.code, 1);
    const mistakes = [["explain"], ["explain", "virtio9"], ["explain", "--frob", "x"]];
    const codes = [];
    for (const mistake of mistakes) codes.push((await paraguest(folder, mistake)).code);
    assertEquals(codes, [2, 1, 2]);
  });
});
