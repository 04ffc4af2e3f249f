/**
 * Device models that a script brings: driven by a script's driver, by Linux's own, and over bare registers by the small
 * driver that knows neither.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  boot,
  bootScenario,
  embedded,
  embeddedModel,
  type EmbeddedOptions,
  explore,
  MODULE_IMAGES,
} from "../mod.ts";
import {
  type ConfigField,
  defineDevice,
  hasFeature,
  OptionError,
  type PropertyValues,
  VirtioModel,
} from "../device.ts";
import {
  Completion,
  devInfo,
  devmAddAction,
  moduleVirtioDriver,
  VIRTIO_DEV_ANY_ID,
  virtioCread16,
  virtioCread32,
  virtioCwrite32,
  virtioDelVqs,
  virtioDeviceReady,
  type VirtioDriver,
  virtioFindVqs,
  virtioHasFeature,
  virtioResetDevice,
} from "../driver.ts";
import { MiniDriver, SlotBench } from "./mini_driver.ts";

/** A number of no kind of device. */
const ID_ADDER = 60;
/** The device multiplies what it adds up. */
const ADDER_F_SCALE = 0;
/** Its configuration. */
const CONFIG: readonly ConfigField[] = [
  { offset: 0, width: 4, name: "scale", access: "R", feature: ADDER_F_SCALE },
];
/** How long the device takes, in nanoseconds. */
const LATENCY_NS = 1_000_000;

/** Adds up the numbers that it is given; its configuration holds by what it multiplies them. */
class Adder extends VirtioModel {
  readonly deviceId = ID_ADDER;
  readonly name = "adder-device";
  readonly queueCount = 1;
  readonly configFields = CONFIG;
  protected readonly deviceFeatures = 1n << BigInt(ADDER_F_SCALE);

  constructor(props: PropertyValues = {}) {
    super(props);
    if (props.scale === 0) throw new OptionError("'scale' must not be 0");
    this.config = new DataView(new ArrayBuffer(4));
    this.config.setUint32(0, Number(props.scale ?? 1), true);
  }

  handleOutput(): undefined {
    if (!this.driverOk) return;
    this.bus.schedule(this.bus.nowNs() + LATENCY_NS, () => this.#work());
  }

  #work(): undefined {
    const [queue] = this.queues;
    for (let element = queue.pop(); element !== undefined; element = queue.pop()) {
      if (element.outLength % 4 !== 0 || element.inLength < 4) {
        return this.bus.fail("ADDER 1.0, 2", "a request that is not made of numbers");
      }
      let sum = 0;
      for (let at = 0; at < element.outLength; at += 4) sum += element.outU32(at);
      if (hasFeature(this.negotiated, ADDER_F_SCALE)) sum *= this.config.getUint32(0, true);
      queue.push(element, element.writeIn(0, new Uint8Array(Uint32Array.of(sum).buffer)));
    }
    this.bus.notifyQueue(queue);
  }

  /** The scale changes while the machine runs. */
  setScale(scale: number): undefined {
    this.config.setUint32(0, scale, true);
    this.notifyConfig();
  }
}

const ADDER = defineDevice("adder-device", {
  properties: { scale: "uint32" },
  create: (props) => new Adder(props),
});
const DEVICES: EmbeddedOptions = { devices: [ADDER] };

/** Has 20 and 22 added; `size` bytes of the request are shown to the device. */
function adderDriver(size = 8, change: Partial<VirtioDriver> = {}): VirtioDriver {
  return {
    name: "adder",
    idTable: [{ device: ID_ADDER, vendor: VIRTIO_DEV_ANY_ID }],
    featureTable: [ADDER_F_SCALE],
    configFields: CONFIG,
    async probe(vdev) {
      const { mem, sched } = vdev.kernel;
      const added = new Completion(sched, "the sum");
      const memory = mem.alloc(16, vdev.name);
      devmAddAction(vdev, () => mem.free(memory));
      const { address, offset } = memory;
      const [vq] = await virtioFindVqs(vdev, [{ name: "sum", callback: () => added.complete() }]);
      virtioDeviceReady(vdev);
      mem.view.setUint32(offset, 20, true);
      mem.view.setUint32(offset + 4, 22, true);
      vq.addSgs([{ address, length: size }], [{ address: address + 8, length: 4 }], memory);
      vq.kick();
      if (size !== 8) return;
      await added.wait();
      assertEquals(vq.getBuf(), memory);
      const scale = virtioHasFeature(vdev, ADDER_F_SCALE) ? virtioCread32(vdev, 0) : 1;
      devInfo(vdev, `${mem.view.getUint32(offset + 8, true)} by ${scale}, ${vq.usedLen} bytes`);
    },
    async remove(vdev) {
      virtioResetDevice(vdev);
      virtioDelVqs(vdev);
    },
    configChanged: (vdev) => devInfo(vdev, `now by ${virtioCread32(vdev, 0)}`),
    ...change,
  };
}

function bootAdder(args: string, driver = adderDriver(), options = DEVICES) {
  const images = [...MODULE_IMAGES, moduleVirtioDriver(driver)];
  return boot(embedded(args, options), { images, modules: ["adder"] });
}

/** What the driver said. */
function said(log: string): string[] {
  return [...log.matchAll(/\] adder virtio0: (.*)/g)].map(([, text]) => text);
}

for (const legacy of [false, true]) {
  Deno.test(`a script's device serves a script's driver, ${legacy ? "legacy" : "modern"}`, async () => {
    const global = `-global virtio-mmio.force-legacy=${legacy}`;
    await using vm = await bootAdder(`${global} -device adder-device,scale=3`);
    const beforeNs = vm.kernel.nowNs;
    await vm.sh("modprobe adder");
    assertEquals(said(vm.dmesg()), ["126 by 3, 4 bytes"]);
    assert(vm.kernel.nowNs - beforeNs >= LATENCY_NS);
    assertEquals(
      await vm.sh("cat /sys/bus/virtio/devices/virtio0/modalias"),
      "virtio:d0000003Cv554D4551\n",
    );
    assertEquals(await vm.crossCheck(), []);
    await vm.sh("rmmod adder; modprobe adder; rmmod adder");
    assertEquals([...vm.kernel.mem.live.values()], []);
    assertEquals(vm.check(), []);
  });
}

Deno.test("a script's device serves a driver that knows only registers", () => {
  const driver = new MiniDriver(new SlotBench(new Adder({ scale: 5 })));
  driver.init(1);
  assertEquals(driver.config(4), [5, 0, 0, 0]);
  const numbers = new Uint8Array(Uint32Array.of(1, 2, 3, 4).buffer);
  // Cut in any way.
  for (const cut of [4, 7, 15]) {
    const parts = [numbers.slice(0, cut), numbers.slice(cut)];
    assertEquals([...driver.request(0, parts, [1, 3]).data], [50, 0, 0, 0]);
  }
});

Deno.test("a driver that does not know a feature of a script's device does without", async () => {
  await using vm = await bootAdder(
    "-device adder-device,scale=3",
    adderDriver(8, { featureTable: [], featureTableLegacy: [ADDER_F_SCALE] }),
  );
  await vm.sh("modprobe adder");
  assertEquals(said(vm.dmesg()), ["42 by 1, 4 bytes"]);
});

Deno.test("a script's device tells its driver that its configuration changed", async () => {
  const made: Adder[] = [];
  const create = (props: PropertyValues) => {
    made.push(new Adder(props));
    return made[made.length - 1];
  };
  const devices = [defineDevice("adder-device", { create })];
  await using vm = await bootAdder("-device adder-device", adderDriver(), { devices });
  await vm.sh("modprobe adder");
  made[0].setScale(7);
  await vm.settle();
  assertEquals(said(vm.dmesg()), ["42 by 1, 4 bytes", "now by 7"]);
  assertEquals(vm.check(), []);
});

Deno.test("what a driver did wrong by the rules of a script's device is known", async () => {
  await using vm = await bootAdder("-device adder-device", adderDriver(6));
  await vm.sh("modprobe adder");
  await vm.settle();
  assertEquals(vm.check(), [
    "virtio-mmio slot 31 (adder-device): a request that is not made of numbers (ADDER 1.0, 2, by the driver)",
  ]);
  // DEVICE_NEEDS_RESET.
  assertEquals(await vm.sh("cat /sys/bus/virtio/devices/virtio0/status"), "0x0000004f\n");
});

Deno.test("the fields of a script's device are rules for its driver, and names in explanations", async () => {
  const careless = adderDriver(8, {
    async scan(vdev) {
      virtioCread16(vdev, 2);
      virtioCwrite32(vdev, 0, 9);
      virtioCread32(vdev, 4);
    },
  });
  await using vm = await bootAdder("-device adder-device,scale=3", careless);
  await vm.sh("modprobe adder");
  const where = "virtio-mmio slot 31 (adder-device): ";
  const rule = "(VIRTIO 1.4, 4.2.2.2, by the driver)";
  assertEquals(vm.check(), [
    `${where}read of 2 bytes at 0x2 of Config, scale takes 4 ${rule}`,
    `${where}write of 4 bytes at 0x0 of Config, scale is read-only ${rule}`,
    `${where}read of 4 bytes at 0x4 of Config, which has 4 bytes ${rule}`,
  ]);
  const [{ found }] = vm.explain("virtio0").attempts;
  assertEquals(found.find(({ object }) => object === "config"), {
    object: "config",
    key: "scale",
    value: "3",
  });
});

Deno.test("defineDevice() gives a device the properties of all virtio devices, and its own", async () => {
  await using machine = embedded("-device adder-device,id=sum,event_idx=off,scale=2", DEVICES);
  const [view] = await machine.deviceViews();
  assertEquals(view.deviceId, ID_ADDER);
  const wrong: readonly (readonly [args: string, message: string])[] = [
    ["-device adder-device,size=3", "Property 'adder-device.size' not found"],
    ["-device adder-device,scale=many", "scale"],
    ["-device adder-device,scale=0", "'scale' must not be 0"],
    ["-device subtracter-device", "virtio-rng-device, virtconsole, virtserialport, adder-device"],
  ];
  for (const [args, message] of wrong) {
    assertThrows(() => embedded(args, DEVICES), OptionError, message);
  }
  assertThrows(
    () => embedded("-device adder-device"),
    OptionError,
    "'adder-device' is not a valid",
  );
});

Deno.test("a ring feature of a script's device can be switched off", async () => {
  const ring = async (args: string) => {
    await using vm = await bootAdder(args);
    await vm.sh("modprobe adder");
    assertEquals(said(vm.dmesg()), ["42 by 1, 4 bytes"]);
    // Bits 0, 28 and 29.
    const bits = await vm.sh("cat /sys/bus/virtio/devices/virtio0/features");
    return bits[0] + bits[28] + bits[29];
  };
  assertEquals(await ring("-device adder-device"), "111");
  assertEquals(await ring("-device adder-device,event_idx=off"), "110");
  assertEquals(await ring("-device adder-device,indirect_desc=off"), "101");
});

Deno.test("a script's device stands for QEMU's of the same name, and Linux's driver takes it", async () => {
  /** Says that it wrote more than there was room for. */
  class Boaster extends VirtioModel {
    readonly deviceId = 4;
    readonly name = "virtio-rng-device";
    readonly queueCount = 1;
    protected readonly deviceFeatures = 0n;
    handleOutput(): undefined {
      const [queue] = this.queues;
      const element = queue.pop();
      if (element === undefined) return;
      element.fillIn(0, element.inLength, 0xa5);
      queue.push(element, 1000);
      this.bus.notifyQueue(queue);
    }
  }
  const devices = [defineDevice("virtio-rng-device", { create: (props) => new Boaster(props) })];
  await using vm = await boot(embedded("-device virtio-rng-device", { devices }));
  const read = "dd if=/dev/hwrng bs=200 count=1 2>/dev/null | hexdump -v -e '1/1 \"%02x\"'";
  assert(/^(a5)+$/.test(await vm.sh(read)));
  assertEquals(vm.check(), []);
});

Deno.test("explore() boots a script's device with a script's driver", async () => {
  const images = [...MODULE_IMAGES, moduleVirtioDriver(adderDriver())];
  const model = embeddedModel("-device adder-device", DEVICES);
  const scenario = bootScenario(model, { images });
  const vary = ["levels=virtio_mmio_init,adder_driver_init,virtio_init"];
  assertEquals(scenario.name, "-device adder-device");
  const { outcomes } = await explore(scenario, { vary, views: ["bindings"] });
  assert(outcomes.length > 1);
  assert(/^\S+ virtio: adder$/m.test(outcomes[0].views.bindings));
});

Deno.test("machines with other devices are other machines", () => {
  const other = defineDevice("adder-device", { create: () => new Adder({ scale: 9 }) });
  const texts = [[], [ADDER], [other]].map((devices) => embeddedModel([], { devices }).text);
  assertEquals(new Set(texts).size, 3);
});
