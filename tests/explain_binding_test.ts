/**
 * Why a device has its driver or none: `vm.explain()` and `paraguest explain`.
 */
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  addDts,
  type BindingExplanation,
  boot,
  embedded,
  NoDeviceError,
  renderBinding,
} from "../mod.ts";
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
    const only = ["--only", "virtio_init,virtio_mmio_init,virtio_rng_driver_init"];
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

/** What the attempts of a device saw of a kind of thing, by its key. */
function seen({ attempts }: BindingExplanation, object: string): [string, string][][] {
  return attempts.map(({ found }) =>
    found.filter((each) => each.object === object).map(({ key, value }) => [key, value])
  );
}

Deno.test("explain() says which supplier a device missed, in what state, and what made it be tried again", async () => {
  const need = (by: string, whom: string) =>
    `&{/virtio_mmio@a003${by}} { x-supply = <&{/virtio_mmio@a003${whom}}>; };`;
  const source = `${need("c00", "e00")} ${need("a00", "c00")}`;
  const machine = embedded(`${RNG} ${RNG} ${RNG}`, { dtb: (own) => addDts(own, source) });
  await using vm = await boot(machine, { append: 'dyndbg="file drivers/base/* +p"' });
  const [c00, a00] = ["a003c00.virtio_mmio", "a003a00.virtio_mmio"].map((name) => vm.explain(name));
  assertEquals(seen(c00, "supplier"), [
    [["a003e00.virtio_mmio", "no driver has looked at it so far"]],
    [["a003e00.virtio_mmio", "bound"]],
  ]);
  assertEquals(c00.attempts.map(({ trigger, result }) => [trigger, result]), [
    ["virtio_mmio_init", "EPROBE_DEFER"],
    ["tried again: deferred_probe_initcall", "bound"],
  ]);
  // Linux says the same of each attempt in vain.
  const said = vm.dmesg().match(/platform \S+: error -EPROBE_DEFER: supplier \S+ not ready/g);
  const told = [c00, a00].flatMap(({ device, attempts }) =>
    attempts.filter(({ result }) => result === "EPROBE_DEFER").map(({ found }) =>
      `platform ${device}: error -EPROBE_DEFER: supplier ${found.at(-1)!.key} not ready`
    )
  );
  assertEquals(told.toSorted(), said?.toSorted());
});

Deno.test("explain() says what a driver read of its device, and what it was given", async () => {
  const machine = embedded(
    "-drive if=none,id=d0,file=d0,format=raw -device virtio-blk-device,drive=d0,event_idx=off " +
      "-device virtio-serial-device,max_ports=5",
    { images: { d0: new Uint8Array(1 << 20) } },
  );
  await using vm = await boot(machine);
  const [console, disk] = [vm.explain("virtio0"), vm.explain("virtio1")];
  assertEquals(seen(console, "config"), [[["max_nr_ports", "5"]]]);
  assertEquals(seen(disk, "config")[0].filter(([key]) => key === "capacity"), [
    ["capacity", "0x800"],
  ]);
  assertEquals(seen(disk, "name"), [[["disk", "vda"]]]);
  const [[, [, wanted]]] = seen(disk, "features");
  const bits = await vm.sh("cat /sys/bus/virtio/devices/virtio1/features");
  assertEquals([...bits.trim()].reverse().join(""), BigInt(wanted).toString(2).padStart(64, "0"));
  // VIRTIO_F_EVENT_IDX
  assertEquals(BigInt(wanted) >> 29n & 1n, 0n);
  assertEquals(seen(vm.explain("a003e00.virtio_mmio"), "register"), [
    [["Version", "2"], ["DeviceID", "2"]],
  ]);
  assertEquals(seen(vm.explain("a000000.virtio_mmio"), "register"), [
    [["Version", "2"], ["DeviceID", "0"]],
  ]);
});

Deno.test("explain() names the clock and the interrupt controller that a driver missed", async () => {
  const source = `/ {
    gone: gone { compatible = "acme,intc"; interrupt-controller; #interrupt-cells = <1>; };
    clk: clk { compatible = "acme,clk"; #clock-cells = <0>; };
  };
  &{/virtio_mmio@a003e00} { interrupt-parent = <&gone>; interrupts = <1>; };
  &{/pl011@9000000} { clocks = <&clk>, <&clk>; };`;
  const machine = embedded(RNG, { dtb: (own) => addDts(own, source) });
  await using vm = await boot(machine, { append: "fw_devlink=off" });
  const [first] = seen(vm.explain("virtio0"), "interrupt controller");
  assertEquals(first, [["/gone", "not there yet"]]);
  assertEquals(vm.explain("virtio0").attempts[0].result, "EPROBE_DEFER");
  assertEquals(seen(vm.explain("9000000.pl011"), "error")[0], [
    ["", "9000000.pl011: waits for clock /clk"],
  ]);
});

Deno.test("explain() says what made a driver look: a hand, a module, a probe beside the boot", async () => {
  await using vm = await boot(embedded(RNG), {
    append: "driver_async_probe=virtio_rng",
    modules: ["virtio_rng"],
  });
  await vm.sh("modprobe virtio_rng; cd /sys/bus/virtio/drivers/virtio_rng; echo virtio0 > unbind");
  await vm.sh("echo virtio0 > /sys/bus/virtio/drivers/virtio_rng/bind");
  assertEquals(vm.explain("virtio0").attempts.map(({ trigger }) => trigger), [
    "virtio_rng_driver_init, asynchronously",
    "sh",
  ]);
});
