/**
 * Sleep: the order in which devices go and come, and what is left when one cannot.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { boot } from "../vm/boot.ts";
import { embedded } from "../vm/machines.ts";
import { deviceLinkAdd } from "./base/links.ts";
import { PlatformDevice, platformDeviceAdd, platformDriverRegister } from "./base/platform.ts";
import { KernelError } from "./errors.ts";

const DEVICES = [
  ...["-drive", "if=none,id=d0,file=disk.img,format=raw", "-device", "virtio-blk-device,drive=d0"],
  ...["-device", "virtio-keyboard-device", "-device", "virtio-rng-device"],
  ...["-device", "virtio-serial-device", "-chardev", "ringbuf,id=c0,size=64"],
  ...["-device", "virtconsole,chardev=c0", "-device", "virtio-balloon-device"],
];

function start(append = "") {
  const images = { "disk.img": new Uint8Array(1 << 20) };
  return boot(embedded(DEVICES, { images }), { append });
}

Deno.test("drivers/base/power/main.c: devices go to sleep newest first, with those that need them, and wake oldest first", async () => {
  await using vm = await start();
  const log: string[] = [];
  let fails = false;
  await vm.run(async (kernel) => {
    await platformDriverRegister(kernel, {
      name: "nap",
      idTable: ["nap"],
      probe: async () => undefined,
      suspend: async (dev) => {
        if (fails && dev.name === "nap.2") throw new KernelError("EBUSY", "not now");
        log.push(`-${dev.name}`);
        return undefined;
      },
      resume: async (dev) => void log.push(`+${dev.name}`) as undefined,
    });
    const devices = [1, 2, 3].map((n) => new PlatformDevice(kernel, `nap.${n}`));
    for (const dev of devices) await platformDeviceAdd(dev);
    deviceLinkAdd(devices[0], devices[1], 0);
  });
  await vm.suspend();
  assertEquals(log.splice(0).join(" "), "-nap.1 -nap.3 -nap.2");
  await vm.resume();
  assertEquals(log.splice(0).join(" "), "+nap.2 +nap.3 +nap.1");
  fails = true;
  assertEquals((await assertRejects(() => vm.suspend(), KernelError)).code, "EBUSY");
  assertEquals(log.splice(0).join(" "), "-nap.1 -nap.3 +nap.3 +nap.1");
  assert(vm.dmesg().includes("nap nap.2: PM: failed to suspend: error -16"));
  assertEquals(
    await vm.sh("cat /sys/power/suspend_stats/success /sys/power/suspend_stats/fail"),
    "1\n1\n",
  );
});

Deno.test("kernel/power/suspend.c: every driver works after a sleep, whatever it did before", async () => {
  await using vm = await start();
  await vm.block("vda").write(3, new Uint8Array(512).fill(0x5a));
  for (let round = 0; round < 2; round++) {
    await vm.suspend();
    await vm.resume();
    assertEquals((await vm.block("vda").read(3))[0], 0x5a);
    await vm.sh(`echo round ${round} > /dev/hvc0`);
    await vm.settle();
    assert((await vm.sh("head -c 4 /dev/hwrng | wc -c")).trim() === "4");
  }
  // Linux's balloon gives a buffer away before the device may work.
  assertEquals(vm.check().filter((fault) => !/balloon.*queue 2 before DRIVER_OK/.test(fault)), []);
});

Deno.test("kernel/power/main.c: what /sys/power takes, and what it refuses", async () => {
  await using vm = await start();
  const code = async (path: string, word: string) =>
    (await assertRejects(() => vm.fs.write(`/sys/power/${path}`, `${word}\n`), KernelError)).code;
  assertEquals(await code("state", "sleep"), "EINVAL");
  assertEquals(await code("pm_test", "all"), "EINVAL");
  await vm.fs.write("/sys/power/pm_test", "core\n");
  const tests = await vm.fs.readText("/sys/power/pm_test");
  assertEquals(tests, "none [core] processors platform devices freezer\n");
  assertEquals(await code("state", "freeze"), "EAGAIN");
  await vm.fs.write("/sys/power/pm_test", "devices\n");
  await vm.fs.write("/sys/power/state", "mem\n");
});
