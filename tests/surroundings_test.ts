/**
 * Names of parts that are not modelled: they stand behind what is, and nothing meets them.
 */
import { assert, assertEquals } from "@std/assert";
import { INITCALLS } from "../drivers/mod.ts";
import { KernelError } from "../kernel/errors.ts";
import { BUSES } from "../kernel/base/bus.ts";
import { DEVICES } from "../kernel/base/device.ts";
import { platformDriverRegister } from "../kernel/base/platform.ts";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";

/** The errno with which something is refused; empty when it works. */
async function refusal(write: () => Promise<unknown>): Promise<string> {
  try {
    await write();
    return "";
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return error.code;
  }
}

Deno.test("surroundings are shown to who looks, and are in no registry", async () => {
  await using vm = await boot(embedded([]));
  const [buses, devices] = [vm.kernel.get(BUSES).size, vm.kernel.get(DEVICES).size];
  assert((await vm.fs.readdir("/sys/bus")).includes("spi"));
  assert((await vm.fs.readdir("/sys/bus/platform/drivers")).includes("syscon"));
  assert((await vm.fs.readdir("/sys/devices/platform")).includes("serial8250"));
  assert((await vm.fs.readdir("/proc")).includes("kallsyms"));
  assert((await vm.fs.readdir("/dev")).includes("rtc0"));
  assertEquals(vm.kernel.get(BUSES).size, buses);
  assertEquals(vm.kernel.get(DEVICES).size, devices);
});

Deno.test("a driver that is modelled takes the place of a name", async () => {
  await using vm = await boot(embedded([]));
  assert((await vm.fs.readdir("/sys/bus/platform/drivers")).includes("syscon"));
  const driver = { name: "syscon", probe: async () => undefined };
  await vm.run((kernel) => platformDriverRegister(kernel, driver));
  const names = (await vm.fs.readdir("/sys/bus/platform/drivers")).filter((name) =>
    name === "syscon"
  );
  assertEquals(names, ["syscon"]);
});

Deno.test("what only has a name refuses: drivers bind nothing, nodes do not open", async () => {
  await using vm = await boot(embedded([]));
  const bind = "/sys/bus/platform/drivers/syscon/bind";
  assertEquals(await refusal(() => vm.fs.write(bind, "psci")), "ENODEV");
  assertEquals(await refusal(() => vm.fs.read("/dev/rtc0")), "ENODEV");
});

Deno.test("a kernel of one's own choice has no surroundings", async () => {
  await using vm = await boot(embedded([]), { initcalls: INITCALLS });
  assertEquals((await vm.fs.readdir("/sys/bus")).filter((name) => name === "spi"), []);
  assert(!vm.dmesg().includes("Serial: AMBA driver"));
});
