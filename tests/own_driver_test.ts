/**
 * Drivers that a script brings: held against virtio_rng, which drives the same device, against what both sides of the
 * wire and sysfs say, and on a real QEMU.
 */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  boot,
  type BootOptions,
  bootScenario,
  embedded,
  embeddedModel,
  explore,
  KernelBug,
  type Machine,
  MODULE_IMAGES,
  type ModuleImage,
  type OrderOutcome,
  qemu,
  replay,
  type Vm,
} from "../mod.ts";
import {
  Completion,
  devErrProbe,
  devInfo,
  devmAddAction,
  KernelError,
  miscDeregister,
  type MiscDevice,
  miscRegister,
  moduleVirtioDriver,
  thisModule,
  VIRTIO_DEV_ANY_ID,
  VIRTIO_F_VERSION_1,
  virtioClearBit,
  virtioDelVqs,
  type VirtioDevice,
  virtioDeviceReady,
  type VirtioDriver,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
  type Virtqueue,
} from "../driver.ts";
import { seededBytes } from "../hypervisor/embedded/virtio_rng.ts";
import { DICE, DICE_DRIVER } from "./own_driver.ts";
import { lacks } from "./peers.ts";

const RNG = "-device virtio-rng-device";
const BOTH = { images: [...MODULE_IMAGES, DICE], modules: ["virtio_rng", "dice"] };
const DEVICE = "/sys/bus/virtio/devices/virtio0";

/** Boots with one driver more, which is a module, and virtio_rng left out. */
function bootWith(image: ModuleImage, options: BootOptions = {}, args = RNG): Promise<Vm> {
  const images = [...MODULE_IMAGES.filter(({ name }) => name !== "virtio_rng"), image];
  return boot(embedded(args), { images, modules: [image.name], ...options });
}

/** What a module writes and reads while it comes and goes. */
async function traceOf(args: string, name: string): Promise<string> {
  await using vm = await boot(embedded(args), { ...BOTH, trace: true });
  const before = `${vm.trace}`.length;
  await vm.sh(`modprobe ${name}`);
  await vm.settle();
  await vm.sh(`rmmod ${name}`);
  assertEquals(vm.check(), []);
  return `${vm.trace}`.slice(before);
}

for (const legacy of [false, true]) {
  const version = legacy ? 1 : 2;
  Deno.test(`a script's driver touches the registers that virtio_rng touches, version ${version}`, async () => {
    const args = `-global virtio-mmio.force-legacy=${legacy} ${RNG}`;
    const trace = await traceOf(args, "dice");
    assertEquals(trace, await traceOf(args, "virtio_rng"));
    assert(trace.split("\n").length > 30);
  });
}

// On both machines

async function checkOn(machine: Machine): Promise<string> {
  await using vm = await boot(machine, BOTH);
  await vm.sh("modprobe dice");
  const driver = await vm.sh(`basename $(readlink ${DEVICE}/driver); cat ${DEVICE}/status`);
  assertEquals(driver, "dice\n0x0000000f\n");
  const bytes = await vm.sh(`cat ${DEVICE}/bytes`);
  assertEquals(await vm.crossCheck(), []);
  await vm.sh("rmmod dice");
  assertEquals(await vm.sh(`ls ${DEVICE} | grep -c -e driver -e bytes; true`), "0\n");
  // Who comes next finds the device as if nobody had been there.
  await vm.sh("modprobe virtio_rng; dd if=/dev/hwrng bs=64 count=1 2>/dev/null | wc -c");
  assertEquals(await vm.crossCheck(), []);
  await vm.sh("rmmod virtio_rng");
  assertEquals([...vm.kernel.mem.live.values()].map(({ owner }) => owner), []);
  assertEquals(vm.check(), []);
  return bytes;
}

Deno.test("a script's driver reads what the embedded device gives, and leaves nothing behind", async () => {
  const next = seededBytes(0);
  const given = Uint8Array.from({ length: 64 }, () => next());
  assertEquals(await checkOn(embedded(RNG)), `64 ${given.toHex()}\n`);
});

Deno.test({
  name: "a script's driver reads from a real QEMU, and leaves nothing behind",
  ignore: lacks("qemu-system-aarch64"),
  async fn() {
    assert(/^\d+ ([0-9a-f]{2})+\n$/.test(await checkOn(qemu(RNG))));
  },
});

// Beside Linux's own

Deno.test("a script's module is found by the name of the device, as modinfo says", async () => {
  await using vm = await bootWith(DICE);
  assertEquals(await vm.sh("lsmod | grep -c dice; true"), "0\n");
  assertEquals(await vm.sh("modinfo -F alias dice"), "virtio:d00000004v*\n");
  await vm.sh(`modprobe $(cat ${DEVICE}/modalias)`);
  assertEquals(await vm.sh("ls /sys/bus/virtio/drivers/dice | grep virtio0"), "virtio0\n");
  assertEquals(vm.explain("virtio0").driver, "dice");
});

Deno.test("a boot with one more driver differs from one without in nothing else", async () => {
  const files = "find /sys /proc/devices /lib/modules | grep -v -e /dice -e :dice";
  await using without = await boot(embedded(RNG));
  await using beside = await boot(embedded(RNG), { images: [...MODULE_IMAGES, DICE] });
  const messages = (vm: Vm) => vm.dmesg().replaceAll(/^\[.*?\]/gm, "");
  assertEquals(messages(beside), messages(without));
  assertEquals(await beside.sh(files), await without.sh(files));
});

/** Who has the device, as sysfs says. */
async function winner(options: BootOptions): Promise<string> {
  await using vm = await boot(embedded(RNG), { images: [...MODULE_IMAGES, DICE], ...options });
  return await vm.sh(`basename $(readlink ${DEVICE}/driver)`);
}

Deno.test("a built-in driver of a script comes after those of its level, and can be moved", async () => {
  assertEquals(await winner({}), "virtio_rng\n");
  assertEquals(await winner({ modules: ["virtio_rng"] }), "dice\n");
  assertEquals(await winner({ append: "initcall_blacklist=virtio_rng_driver_init" }), "dice\n");
  const initcalls = { dice_driver_init: { before: "virtio_rng_driver_init" } };
  assertEquals(await winner({ ordering: { initcalls } }), "dice\n");
});

function ownerIn({ views }: OrderOutcome): string | undefined {
  return /^\S+ virtio: (\w+)$/m.exec(views.bindings)?.[1];
}

Deno.test("explore() finds the orders in which a script's driver has the device", async () => {
  const scenario = bootScenario(embeddedModel(RNG), {
    images: [...MODULE_IMAGES, DICE],
    only: ["virtio_init", "virtio_mmio_init", "virtio_rng_driver_init", "dice_driver_init"],
  });
  const vary = ["initcalls=virtio_rng_driver_init,dice_driver_init"];
  const { outcomes } = await explore(scenario, { vary, views: ["bindings"] });
  assertEquals(outcomes.map(ownerIn), ["virtio_rng", "dice"]);
  // Either is before the other as often.
  assertEquals(outcomes[0].orders, outcomes[1].orders);
});

Deno.test("explore() finds the orders of a script's module", async () => {
  const scenario = bootScenario(embeddedModel(RNG), BOTH);
  const { outcomes } = await explore(scenario, { vary: ["modules"], views: ["bindings"] });
  assertEquals(outcomes.map(ownerIn), ["virtio_rng", "dice"]);
});

Deno.test("an order found with a driver is not taken for one of another driver", async () => {
  const scenarioWith = (image: ModuleImage) =>
    bootScenario(embeddedModel(RNG), { images: [...MODULE_IMAGES, image], only: ["virtio_init"] });
  const same = moduleVirtioDriver(DICE_DRIVER, { description: "Rolls dice", license: "GPL" });
  const other = withProbe({ probe: async (vdev) => devInfo(vdev, "nothing to roll") });
  const { definition } = scenarioWith(DICE);
  assertEquals(scenarioWith(same).definition, definition);
  assertNotEquals(scenarioWith(other).definition, definition);
  const devGroups = [{ attrs: [{ name: "bytes", mode: 0o444, show: () => "none\n" }] }];
  assertNotEquals(scenarioWith(withProbe({ devGroups })).definition, definition);
  const { outcomes: [{ replayId }] } = await explore(scenarioWith(DICE), { vary: ["initcalls"] });
  await replay(scenarioWith(same), replayId);
  await assertRejects(() => replay(scenarioWith(other), replayId));
});

// What programs open

/** A driver whose device has a node: each read of it has the device fill what is asked for. */
function nodeDriver(): ModuleImage {
  const misc = (vdev: VirtioDevice, vq: Virtqueue, done: Completion): MiscDevice => ({
    name: "dice",
    owner: thisModule(vdev.kernel, "dice"),
    open: async () => ({
      async read(count) {
        const { mem } = vdev.kernel;
        const buffer = mem.alloc(Math.min(count, 64), vdev.name);
        vq.addInbuf([{ address: buffer.address, length: Math.min(count, 64) }], buffer);
        vq.kick();
        await done.wait();
        vq.getBuf();
        const bytes = mem.bytes.slice(buffer.offset, buffer.offset + vq.usedLen);
        mem.free(buffer);
        return bytes;
      },
      write: () => Promise.reject(new KernelError("EINVAL", "dice: takes nothing")),
      close: async () => undefined,
    }),
  });
  return withProbe({
    devGroups: [],
    async probe(vdev) {
      const done = new Completion(vdev.kernel.sched, "the dice");
      const callback = () => done.complete();
      const [vq] = await virtioFindVqs(vdev, [{ name: "input", callback }]);
      virtioDeviceReady(vdev);
      vdev.priv = misc(vdev, vq, done);
      await miscRegister(vdev.kernel, vdev.priv as MiscDevice);
    },
    async remove(vdev) {
      await miscDeregister(vdev.kernel, vdev.priv as MiscDevice);
      virtioResetDevice(vdev);
      virtioDelVqs(vdev);
    },
  });
}

Deno.test("a script's driver has a node that programs open, which pins its module", async () => {
  const misc = "cat /proc/misc; ls /dev /sys/class/misc";
  await using vm = await bootWith(nodeDriver());
  const before = await vm.sh(misc);
  await vm.sh("modprobe dice");
  assertEquals((await vm.sh("stat -c '%A %t' /dev/dice")).trim(), "crw------- a");
  const minor = await vm.sh("cut -d: -f2 /sys/class/misc/dice/dev");
  assertEquals(await vm.sh("grep dice /proc/misc"), `${minor.trim().padStart(3)} dice\n`);
  const next = seededBytes(0);
  const given = Uint8Array.from({ length: 80 }, () => next());
  const read = "dd if=/dev/dice bs=16 count=5 2>/dev/null | hexdump -v -e '1/1 \"%02x\"'";
  assertEquals(await vm.sh(read), given.toHex());
  assertEquals(
    await vm.sh("exec 3</dev/dice; lsmod | grep dice; rmmod dice 2>&1; exec 3<&-"),
    "dice                       0  1 \nrmmod: can't unload module 'dice': Resource temporarily unavailable\n",
  );
  assertEquals(
    await vm.sh("echo 1 2>&1 >/dev/dice || true"),
    "sh: write error: Invalid argument\n",
  );
  await vm.sh("rmmod dice");
  assertEquals(await vm.sh(misc), before);
  assertEquals(vm.check(), []);
  assertEquals([...vm.kernel.mem.live.values()], []);
});

Deno.test("a script's module has parameters, built in and loaded", async () => {
  const driver: VirtioDriver = {
    ...DICE_DRIVER,
    async probe(vdev) {
      devInfo(vdev, `${thisModule(vdev.kernel, "dice").param("sides")} sides`);
      await DICE_DRIVER.probe(vdev);
    },
  };
  const params = [{ name: "sides", mode: 0o444, default: "6" }];
  const sides = async (options: BootOptions, command: string) => {
    await using vm = await bootWith(moduleVirtioDriver(driver, { params }), options);
    await vm.sh(command);
    const file = await vm.sh("cat /sys/module/dice/parameters/sides");
    assertStringIncludes(vm.dmesg(), `dice virtio0: ${file.trim()} sides\n`);
    return file.trim();
  };
  assertEquals(await sides({}, "modprobe dice"), "6");
  assertEquals(await sides({}, "modprobe dice sides=20"), "20");
  assertEquals(await sides({ append: "dice.sides=12", modules: [] }, "true"), "12");
});

// Errors

function withProbe(change: Partial<VirtioDriver>): ModuleImage {
  return moduleVirtioDriver({ ...DICE_DRIVER, ...change });
}

for (const where of ["validate", "probe"] as const) {
  Deno.test(`${where}() puts a device off until another device has its driver`, async () => {
    let tries = 0;
    const image = withProbe({
      async [where](vdev: VirtioDevice) {
        if (tries++ === 0) throw devErrProbe(vdev, "EPROBE_DEFER", "no hand is free");
        await DICE_DRIVER[where]?.(vdev);
      },
    });
    const args = `${RNG} -device virtio-keyboard-device`;
    await using vm = await bootWith(image, { modules: ["dice", "virtio_input"] }, args);
    await vm.sh("modprobe dice");
    const deferred = "cat /sys/kernel/debug/devices_deferred";
    assertEquals(await vm.sh(deferred), "virtio1\tdice: no hand is free\n");
    await vm.sh("modprobe virtio_input");
    assertEquals(await vm.sh(deferred), "");
    const { attempts } = vm.explain("virtio1");
    assertEquals(attempts.map(({ result }) => result), ["EPROBE_DEFER", "bound"]);
    // Linux does not reset a device between two probes.
    const again = vm.check().filter((line) => !line.includes("DriverFeatures written after"));
    assertEquals(again, []);
    assertEquals(vm.check().length > 0, where === "probe");
  });
}

Deno.test("a driver that gives up what version 2 must have gets no device", async () => {
  const validate = async (vdev: VirtioDevice) => virtioClearBit(vdev, VIRTIO_F_VERSION_1);
  await using vm = await bootWith(withProbe({ validate }));
  await vm.sh("modprobe dice");
  assertStringIncludes(vm.dmesg(), "New virtio-mmio devices (version 2) must provide");
  // ACKNOWLEDGE, DRIVER, FAILED.
  assertEquals(await vm.sh(`cat ${DEVICE}/status`), "0x00000083\n");
  assertEquals(vm.check(), []);
});

Deno.test("a driver that asks for a feature outside of its table is a bug", async () => {
  const probe = async (vdev: VirtioDevice): Promise<undefined> => {
    virtioHasFeature(vdev, 3);
  };
  await using vm = await bootWith(withProbe({ probe }));
  await assertRejects(() => vm.sh("modprobe dice"), KernelBug, "asks for feature 3");
});

Deno.test("a driver's files are those of one device, as long as it is bound", async () => {
  await using vm = await bootWith(DICE, { modules: [] }, `${RNG} ${RNG}`);
  const [one, two] = (await vm.sh("cat /sys/bus/virtio/devices/virtio*/bytes")).trim().split("\n");
  assertEquals([one.slice(0, 3), two.slice(0, 3)], ["64 ", "64 "]);
  await vm.sh("echo virtio0 > /sys/bus/virtio/drivers/dice/unbind");
  const files = await vm.sh("cd /sys/bus/virtio/devices; ls -d */bytes");
  assertEquals(files, "virtio1/bytes\n");
});

Deno.test("moduleVirtioDriver() names devices as Linux's file2alias does", () => {
  const [any, made] = [VIRTIO_DEV_ANY_ID, 0x1af4];
  const idTable = [[4, any], [any, any], [4, made], [any, made]]
    .map(([device, vendor]) => ({ device, vendor }));
  assertEquals(moduleVirtioDriver({ ...DICE_DRIVER, idTable }).aliases, [
    "virtio:d00000004v*",
    "virtio:d*v*",
    "virtio:d00000004v00001AF4*",
    "virtio:d*v00001AF4*",
  ]);
  for (const image of MODULE_IMAGES) {
    const id = /^virtio:d(\w+)v\*$/.exec(image.aliases?.[0] ?? "")?.[1];
    if (id === undefined || image.name === "virtio_console") continue;
    const table = [{ device: parseInt(id, 16), vendor: any }];
    assertEquals(moduleVirtioDriver({ ...DICE_DRIVER, idTable: table }).aliases, image.aliases);
  }
});

Deno.test("a probe that fails is logged, and the device hears of it", async () => {
  const image = withProbe({
    async probe(vdev) {
      const { mem } = vdev.kernel;
      const memory = mem.alloc(64, vdev.name);
      devmAddAction(vdev, () => mem.free(memory));
      throw new KernelError("EIO", `${vdev.name}: no luck today`);
    },
  });
  await using vm = await bootWith(image);
  await vm.sh("modprobe dice");
  assertStringIncludes(vm.dmesg(), "dice: probe of virtio0 failed with error -5\n");
  assertEquals(await vm.sh(`cat ${DEVICE}/status`), "0x0000008b\n");
  assertEquals([...vm.kernel.mem.live.values()], []);
});

Deno.test("a driver whose remove() throws lets its device go all the same", async () => {
  const image = withProbe({
    devGroups: [],
    probe: async () => undefined,
    remove: () => Promise.reject(new TypeError("no such thing")),
  });
  await using vm = await bootWith(image);
  await vm.sh("modprobe dice");
  await assertRejects(() => vm.sh(`echo virtio0 > ${DEVICE}/driver/unbind`), TypeError);
  assertEquals(await vm.sh("ls /sys/bus/virtio/drivers/dice | grep virtio0; true"), "");
  await vm.sh("rmmod dice");
});

Deno.test("a driver's name may have dashes, its module's has not", async () => {
  const image = moduleVirtioDriver({ ...DICE_DRIVER, name: "my-dice" });
  await using vm = await bootWith(image, { modules: ["my-dice"] });
  await vm.sh("modprobe my-dice");
  assertEquals(
    await vm.sh("basename $(readlink /sys/bus/virtio/devices/virtio0/driver)"),
    "my-dice\n",
  );
  assertStringIncludes(await vm.sh("lsmod"), "my_dice ");
  assertEquals(image.init.name, "my_dice_driver_init");
  await vm.sh("rmmod my_dice");
});

Deno.test("a module that is to be left to modprobe must be there", async () => {
  await assertRejects(
    () => bootWith(DICE, { modules: ["dise"] }),
    KernelError,
    "Cannot leave 'dise' to modprobe: there is no such module",
  );
});
