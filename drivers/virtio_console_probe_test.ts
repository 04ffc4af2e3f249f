import { assert, assertEquals } from "@std/assert";
import type { Chooser } from "../kernel/choice.ts";
import { KernelError } from "../kernel/errors.ts";
import { bootConsoles, type ConsoleMachine } from "./_virtio_console_testing.ts";

/** Fails the `nth` operation that may fail, from 1; counts them. */
class FaultPlan {
  seen = 0;
  nth = 0;
  what = "";

  readonly chooser: Chooser = ({ kind, describe }) => {
    if (kind !== "fault" || this.nth === 0) return 0;
    if (++this.seen !== this.nth) return 0;
    this.what = describe(1);
    return 1;
  };
}

/** Everything that a probe could leave behind, as text. */
async function traces(vm: ConsoleMachine): Promise<string> {
  const { kernel, fs } = vm;
  const lines: string[] = [];
  for (
    const folder of [
      "/dev",
      "/sys/class/virtio-ports",
      "/sys/class/tty",
      "/sys/dev/char",
      "/sys/kernel/debug/virtio-ports",
      "/sys/bus/virtio/devices/virtio0",
    ]
  ) lines.push(`${folder}: ${(await fs.readdir(folder)).sort().join(" ")}`);
  lines.push(`interrupts: ${(await vm.text("/proc/interrupts")).match(/virtio\d+/g)}`);
  lines.push(`numbers: ${(await vm.text("/proc/devices")).match(/^.*virtio.*$/m)}`);
  const held = [...kernel.mem.live.values()].map(({ memory, owner }) => `${owner} ${memory.size}`);
  lines.push(`memory: ${held.sort().join(", ")}`);
  lines.push(`tasks: ${kernel.sched.tasks.map(({ name }) => name).sort().join(" ")}`);
  return lines.join("\n");
}

const DRIVER = "/sys/bus/virtio/drivers/virtio_console";

for (const ports of ["max_ports=1", "max_ports=2"]) {
  Deno.test(`a probe that fails at any step leaves nothing behind (${ports})`, async () => {
    const plan = new FaultPlan();
    const vm = await bootConsoles(
      `-device virtio-serial-device,${ports} -chardev script,id=c0` +
        " -device virtconsole,chardev=c0,name=one",
      { chooser: plan.chooser },
    );
    await vm.fs.readdir("/sys/class/tty");
    await vm.fs.write(`${DRIVER}/unbind`, "virtio0");
    const clean = await traces(vm);
    let failed = 0;
    for (let nth = 1;; nth++) {
      Object.assign(plan, { nth, seen: 0, what: "" });
      const error = await vm.fs.write(`${DRIVER}/bind`, "virtio0").catch((error) => error);
      await vm.settle();
      const { what } = plan;
      plan.nth = 0;
      const step = `step ${nth}: ${what}`;
      if (error instanceof KernelError) failed++;
      else await vm.fs.write(`${DRIVER}/unbind`, "virtio0");
      assertEquals(await traces(vm), clean, `after ${step}`);
      await vm.fs.write(`${DRIVER}/bind`, "virtio0");
      await vm.settle();
      await vm.fs.write("/dev/hvc0", `${nth}\n`);
      assertEquals(vm.received("c0"), `${nth}\r\n`, `after ${step}`);
      await vm.fs.write(`${DRIVER}/unbind`, "virtio0");
      assertEquals(await traces(vm), clean, `after unbinding, ${step}`);
      if (what === "") break;
    }
    assert(failed >= 5, `only ${failed} steps failed a probe`);
    vm.kernel.mem.checkFreed();
    assertEquals(vm.kernel.mem.usesAfterFree, []);
    // Linux does not reset a device between a probe that failed and the next one.
    const other = vm.machine.violations.filter(({ message }) =>
      !/^(DriverFeatures written after FEATURES_OK|DRIVER set before ACKNOWLEDGE)/.test(message)
    );
    assertEquals(other, []);
  });
}

Deno.test("loading fails at any step without leaving anything, and works the next time", async () => {
  const plan = new FaultPlan();
  const vm = await bootConsoles("", { chooser: plan.chooser, module: true });
  const state = async () => [
    (await vm.fs.readdir("/sys/class")).join(" "),
    (await vm.fs.readdir("/sys/bus/virtio/drivers")).join(" "),
    (await vm.fs.readdir("/sys/kernel/debug")).join(" "),
    (await vm.fs.readdir("/sys/module")).join(" "),
  ];
  const clean = await state();
  let failed = 0;
  for (let nth = 1;; nth++) {
    Object.assign(plan, { nth, seen: 0, what: "" });
    const error = await vm.insert().catch((error) => error);
    const { what } = plan;
    plan.nth = 0;
    if (error instanceof KernelError) failed++;
    else await vm.remove();
    assertEquals(await state(), clean, `after step ${nth}: ${what}`);
    if (what === "") break;
  }
  assert(failed >= 2, `only ${failed} steps failed`);
});
