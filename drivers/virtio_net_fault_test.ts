import { assert, assertEquals } from "@std/assert";
import type { DeviceDriver } from "../kernel/base/driver.ts";
import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Kobject } from "../kernel/kobject.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { VIRTIO_NET_F_STANDBY } from "../uapi/virtio_net.ts";
import { bootNet, frameOf, type NetVm, writeFile } from "./_virtio_net_testing.ts";

/** Paths of all objects and entries in sysfs. */
function sysfsPaths(from: Kobject): string[] {
  const paths: string[] = [];
  const visit = (kobj: Kobject, path: string) => {
    for (const name of kobj.names()) {
      const below = kobj.entry(name);
      paths.push(`${path}/${name}`);
      if (below instanceof Kobject) visit(below, `${path}/${name}`);
    }
  };
  visit(from, "");
  return paths.sort();
}

/** What must be the same before and after a failed probe. */
function holdings(kernel: Kernel): unknown {
  return {
    memory: [...kernel.mem.live.values()].map(({ owner, memory }) => `${owner} ${memory.size}`)
      .sort(),
    handlers: [...kernel.irq.descs.values()].flatMap((desc) =>
      desc.actions.map(({ name }) => name)
    ),
    sysfs: sysfsPaths(kernel.sysfs),
    devices: kernel.get(NET_DEVICES).list.map(({ name }) => name),
  };
}

/** Makes the operation number `failing` fail, from 0; returns how many were asked about. */
function failNth(kernel: Kernel, failing: number): () => number {
  let asked = 0;
  kernel.choices.chooser = ({ kind }) => kind === "fault" && asked++ === failing ? 1 : 0;
  return () => asked;
}

function driverOf(vm: NetVm): DeviceDriver {
  const driver = vm.dev("eth0").parentDevice?.driver;
  assert(driver !== undefined);
  return driver;
}

/** Fails each operation of a bind once. */
async function sweep(extraHigh = 0): Promise<number> {
  const vm = await bootNet(["-device", "virtio-net-device"], { extraHigh });
  const { kernel } = vm;
  const driver = driverOf(vm);
  const bind = () => vm.run(() => writeFile(driver, "bind", "virtio0"));
  const unbind = () => vm.run(() => writeFile(driver, "unbind", "virtio0"));
  await vm.run(() => kernel.sched.sleep(2e9));
  await unbind();
  const before = holdings(kernel);
  for (let failing = 0;; failing++) {
    const asked = failNth(kernel, failing);
    const error = await bind().then(() => undefined, (reason) => reason);
    kernel.choices.chooser = undefined;
    await vm.run(() => kernel.sched.sleep(2e9));
    if (asked() <= failing) {
      assertEquals(error, undefined);
      return failing;
    }
    assert(error === undefined || error instanceof KernelError, `${failing}: ${error}`);
    if (error === undefined) await unbind();
    assertEquals(holdings(kernel), before, `operation ${failing} left something behind`);
    await bind();
    await unbind();
    assertEquals(holdings(kernel), before, `the bind after operation ${failing}`);
  }
}

Deno.test("virtnetProbe() leaves nothing behind, whichever operation fails", async () => {
  const count = await sweep();
  assert(count > 10, `${count} operations`);
});

Deno.test("virtnetProbe() leaves nothing behind of a card with a failover device", async () => {
  const count = await sweep(2 ** (VIRTIO_NET_F_STANDBY - 32));
  assert(count > 20, `${count} operations`);
});

Deno.test("virtnetOpen() receives whichever of its allocations failed", async () => {
  const hub = [1, 2].flatMap((n) => [
    "-netdev",
    `hubport,id=n${n},hubid=0`,
    "-device",
    `virtio-net-device,netdev=n${n}`,
  ]);
  const vm = await bootNet(hub);
  const { kernel } = vm;
  await vm.setFlags("eth0", 0x1003);
  for (let failing = 0;; failing++) {
    const asked = failNth(kernel, failing);
    await vm.setFlags("eth1", 0x1003);
    kernel.choices.chooser = undefined;
    await vm.run(() => kernel.sched.sleep(2e9));
    const [from, to] = [vm.dev("eth0"), vm.dev("eth1")];
    await vm.run(async () => {
      const socket = new PacketSocket(to);
      await new PacketSocket(from).write(frameOf(to.devAddr, from.devAddr));
      assertEquals((await socket.read()).length, 60);
    });
    if (asked() <= failing) break;
    await vm.run(() => writeFile(driverOf(vm), "unbind", "virtio1"));
    await vm.run(() => writeFile(driverOf(vm), "bind", "virtio1"));
    await vm.run(() => kernel.sched.sleep(2e9));
  }
});
