import { assertEquals } from "@std/assert";
import { boot } from "./boot.ts";
import { compareViews } from "./cross_check.ts";
import { embedded } from "./machines.ts";

const DISK = "-drive if=none,id=d0,file=d.img,format=raw -device virtio-blk-device,drive=d0";

Deno.test("crossCheck() names everything in which a device differs from its driver", async () => {
  const images = { "d.img": new Uint8Array(1 << 16) };
  await using vm = await boot(embedded(DISK, { images }));
  await vm.block("vda").read(0);
  assertEquals(await vm.crossCheck(), []);
  const [view] = await vm.machine.deviceViews();
  const [queue] = view.queues;
  const wrong = {
    ...view,
    status: 7,
    features: view.features | 1n << 40n,
    queues: [{ ...queue, used: 0, usedIdx: 9, lastAvailIdx: 4000 }],
  };
  const words = compareViews(vm.kernel, [wrong]).map((line) => line.split(" for the driver")[0]);
  const features = (await vm.sh("cat /sys/bus/virtio/devices/virtio0/features")).trim();
  const agreed = BigInt(`0b${[...features].reverse().join("")}`);
  assertEquals(words, [
    "virtio0: the status is 15",
    `virtio0: the set of features is ${agreed}`,
    `virtio0: req.0: the address of the used ring is ${queue.used}`,
    `virtio0: req.0: the index of the used ring is ${queue.usedIdx}`,
    `virtio0: req.0: the driver has offered ${queue.usedIdx} buffers, the device took 4000`,
    "virtio0: req.0: the device has 3991 buffers in use",
  ]);
});

Deno.test("crossCheck() notices queues that only one side has, and a missing device", async () => {
  const images = { "d.img": new Uint8Array(1 << 16) };
  await using vm = await boot(embedded(DISK, { images }));
  const [view] = await vm.machine.deviceViews();
  assertEquals(compareViews(vm.kernel, [{ ...view, queues: [] }]), [
    "virtio0: req.0: the device has no such queue",
  ]);
  const two = [...view.queues, { ...view.queues[0], index: 1 }];
  assertEquals(compareViews(vm.kernel, [{ ...view, queues: two }]), [
    "virtio0: the device has 1 queues that the driver has not set up",
  ]);
  assertEquals(compareViews(vm.kernel, []), ["virtio0: the machine has no such device"]);
});
