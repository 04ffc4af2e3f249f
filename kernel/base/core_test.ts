import { assert, assertEquals, assertRejects } from "@std/assert";
import { BareMachine, seededChooser } from "../../tests/bare_machine.ts";
import { footprint } from "../../tests/probe_failure.ts";
import type { Errno } from "../errno.ts";
import { KernelBug, KernelError } from "../errors.ts";
import { Kernel, type KernelOptions } from "../kernel.ts";
import type { MightSleep } from "../might_sleep.ts";
import { BUSES } from "./bus.ts";
import { deviceAdd, deviceDel, deviceShutdown } from "./core.ts";
import { DEFERRED } from "./dd.ts";
import { type Class, classRegister, classUnregister, devErrProbe, Device } from "./device.ts";
import { type DeviceDriver, driverRegister, driverUnregister } from "./driver.ts";
import {
  platformBusInit,
  PlatformDevice,
  platformDeviceAdd,
  type PlatformDriver,
} from "./platform.ts";
import { UEVENTS } from "./uevent.ts";
import type { Inode, SpecialFile } from "../vfs/node.ts";

/** A kernel with a platform bus and nothing on it. */
class Bench {
  readonly kernel: Kernel;
  readonly log: string[] = [];

  constructor(options: KernelOptions = {}) {
    this.kernel = new Kernel(new BareMachine(1 << 16), options);
  }

  static async make(options: KernelOptions = {}): Promise<Bench> {
    const bench = new Bench(options);
    await bench.run(() => platformBusInit(bench.kernel));
    return bench;
  }

  run<T>(body: () => MightSleep<T>): Promise<T> {
    return this.kernel.sched.run("test", async () => await body());
  }

  async device(name: string, parent?: Device): Promise<PlatformDevice> {
    const dev = new PlatformDevice(this.kernel, name);
    await this.run(() => platformDeviceAdd(dev, parent));
    return dev;
  }

  /** A driver that writes down what it is asked, and answers what `answer` says. */
  driver(
    name: string,
    idTable: readonly string[],
    answer: (dev: PlatformDevice) => Errno | undefined = () => undefined,
  ): Promise<DeviceDriver> {
    const ops: PlatformDriver = {
      name,
      idTable,
      probe: async (dev) => {
        const code = answer(dev);
        this.log.push(`${name} probes ${dev.name}${code === undefined ? "" : `: ${code}`}`);
        if (code !== undefined) throw devErrProbe(dev, code, "the reason");
        return undefined;
      },
      remove: async (dev) => void this.log.push(`${name} removes ${dev.name}`) as undefined,
      shutdown: async (dev) => void this.log.push(`${name} stops ${dev.name}`) as undefined,
    };
    return this.run(() => driverRegister(this.kernel, "platform", ops));
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }

  /** Writes a file of sysfs; the errno when that fails. */
  async echo(text: string, path: string): Promise<string> {
    const file = this.lookup(path);
    assert(file?.kind === "file" && "write" in file);
    try {
      const data = new TextEncoder().encode(text);
      await this.run(() => file.write!(data, { append: false }));
      return "";
    } catch (error) {
      return (error as KernelError).code;
    }
  }

  async cat(path: string): Promise<string> {
    const file = this.lookup(path);
    assert(file?.kind === "file" && "read" in file, path);
    return new TextDecoder().decode(await this.run(() => file.read!()));
  }

  lookup(path: string): Inode | undefined {
    let at: Inode | undefined = this.kernel.sysfs;
    for (const name of path.split("/")) at = at?.kind === "dir" ? at.lookup(name) : undefined;
    return at;
  }

  /** Events since the last call: `ACTION DEVPATH`. */
  events(): string[] {
    const { sent } = this.kernel.get(UEVENTS);
    return sent.splice(0).map(({ action, devpath }) => `${action} ${devpath}`);
  }
}

// Adding and removing

Deno.test("a device whose bus is not there: a null pointer in 6.1, a device without a bus in 6.6", async () => {
  const add = async (profile: string) => {
    const kernel = new Kernel(new BareMachine(1 << 16), { profile });
    const dev = new PlatformDevice(kernel, "dev.0");
    await kernel.sched.run("test", async () => void await platformDeviceAdd(dev));
    return dev;
  };
  const bug = await assertRejects(() => add("6.1"), KernelBug);
  assertEquals(
    bug.message,
    "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000060: " +
      "bus_add_device() on 'platform', which is not registered",
  );
  const dev = await add("6.6");
  assertEquals([dev.registered, dev.bus], [true, undefined]);
});

Deno.test("a device whose name is taken leaves nothing behind, and the other as it was", async () => {
  const bench = await Bench.make();
  const a = await bench.device("a");
  const b = await bench.device("b");
  await bench.device("dev.0", a);
  const before = footprint(bench.kernel);
  for (const parent of [a, b]) {
    const error = await assertRejects(() => bench.device("dev.0", parent), KernelError);
    assertEquals(error.code, "EEXIST");
    assertEquals(footprint(bench.kernel), before);
  }
  assertEquals((await assertRejects(() => bench.device(""), KernelError)).code, "EINVAL");
});

const GADGETS: Class = { name: "gadgets", devnode: (dev) => `gadget/${dev.name}` };

function gadget(kernel: Kernel, name: string, minor: number, parent?: Device): Device {
  const dev = new Device(kernel, name);
  dev.cls = GADGETS;
  dev.parentDevice = parent;
  const open = () => Promise.reject(new KernelError("ENXIO", "nothing there"));
  const node: SpecialFile = { kind: "char", mode: 0o600, major: 99, minor, open };
  dev.devt = { major: 99, minor, node };
  return dev;
}

Deno.test("a class device comes and goes with folder, links, number and node", async () => {
  const bench = await Bench.make();
  const { kernel } = bench;
  classRegister(kernel, GADGETS);
  const parent = await bench.device("card");
  const before = footprint(kernel);
  const first = gadget(kernel, "g0", 0, parent);
  const second = gadget(kernel, "g1", 1, parent);
  await bench.run(() => deviceAdd(first));
  await bench.run(() => deviceAdd(second));
  assertEquals(first.path, "/devices/platform/card/gadgets/g0");
  const link = (path: string) => (bench.lookup(path) as { target: string }).target;
  assertEquals(link("class/gadgets/g0"), "../../devices/platform/card/gadgets/g0");
  assertEquals(link("devices/platform/card/gadgets/g0/subsystem"), "../../../../../class/gadgets");
  assertEquals(link("devices/platform/card/gadgets/g0/device"), "../../../card");
  assertEquals(link("dev/char/99:1"), "../../devices/platform/card/gadgets/g1");
  assertEquals(await bench.cat("devices/platform/card/gadgets/g0/dev"), "99:0\n");
  assertEquals(
    await bench.cat(
      "class/gadgets/g0/uevent".replace("class/gadgets", "devices/platform/card/gadgets"),
    ),
    "MAJOR=99\nMINOR=0\nDEVNAME=gadget/g0\n",
  );
  assertEquals([...kernel.devtmpfs.dir("gadget").names()], ["g0", "g1"]);
  // A third one with a number, and one with a name, that are taken.
  for (const bad of [gadget(kernel, "g2", 1, parent), gadget(kernel, "g1", 2)]) {
    const now = footprint(kernel);
    const error = await assertRejects(() => bench.run(() => deviceAdd(bad)), KernelError);
    assertEquals(error.code, "EEXIST");
    assertEquals(footprint(kernel), now);
  }
  await bench.run(() => deviceDel(first));
  assert(bench.lookup("devices/platform/card/gadgets") !== undefined);
  await bench.run(() => deviceDel(second));
  assertEquals(footprint(kernel), before);
  classUnregister(kernel, GADGETS);
  assertEquals(bench.lookup("class/gadgets"), undefined);
});

Deno.test("a device of no class and no bus sends no event and has an empty uevent file", async () => {
  const bench = await Bench.make();
  bench.events();
  const dev = new Device(bench.kernel, "plain");
  await bench.run(() => deviceAdd(dev));
  assertEquals(await bench.cat("devices/plain/uevent"), "");
  assertEquals(await bench.echo("add", "devices/plain/uevent"), "");
  await bench.run(() => deviceDel(dev));
  assertEquals(bench.events(), []);
});

Deno.test("events come in Linux's order when drivers and devices come and go", async () => {
  const bench = await Bench.make();
  bench.events();
  const dev = await bench.device("dev.0");
  const driver = await bench.driver("drv", ["dev"]);
  assertEquals(bench.events(), [
    "add /devices/platform/dev.0",
    "bind /devices/platform/dev.0",
    "add /bus/platform/drivers/drv",
  ]);
  await bench.run(() => deviceDel(dev));
  await bench.run(() => driverUnregister(driver));
  assertEquals(bench.events(), [
    "unbind /devices/platform/dev.0",
    "remove /devices/platform/dev.0",
    "remove /bus/platform/drivers/drv",
  ]);
});

Deno.test("what is written to a uevent file is checked as in the reference", async () => {
  const bench = await Bench.make();
  await bench.driver("drv", ["dev"]);
  await bench.device("dev.0");
  const uuid = "12345678-1234-1234-1234-123456789abc";
  const path = "devices/platform/dev.0/uevent";
  const { sent } = bench.kernel.get(UEVENTS);
  const good: readonly (readonly [string, readonly string[]])[] = [
    ["change\n", ["SYNTH_UUID=0"]],
    ["add", ["SYNTH_UUID=0"]],
    [`change ${uuid} A=1 bc=xyz\n`, [`SYNTH_UUID=${uuid}`, "SYNTH_ARG_A=1", "SYNTH_ARG_bc=xyz"]],
    [`change ${uuid.toUpperCase()}\n`, [`SYNTH_UUID=${uuid.toUpperCase()}`]],
  ];
  for (const [text, words] of good) {
    assertEquals(await bench.echo(text, path), "");
    const { action, env, seqnum } = sent.at(-1)!;
    assertEquals(env, [
      `ACTION=${action}`,
      "DEVPATH=/devices/platform/dev.0",
      "SUBSYSTEM=platform",
      ...words,
      "DRIVER=drv",
      "MODALIAS=platform:dev",
      `SEQNUM=${seqnum}`,
    ]);
  }
  // Recorded: these are refused.
  const arguments_ = [
    `${uuid} A_=1`,
    `${uuid} A=1-2`,
    `${uuid}  A=1`,
    `${uuid} `,
    "",
    `${uuid} A=`,
  ];
  for (const words of arguments_) {
    assertEquals(await bench.echo(`change ${words}\n`, path), "EINVAL", words);
  }
  assertEquals(
    bench.kernel.log.records.slice(-2).map(({ level, text }) => `${level} ${text}`),
    [
      "4 synth uevent: /devices/platform/dev.0: incorrect uevent action arguments",
      "3 drv dev.0: uevent: failed to send synthetic uevent: -22",
    ],
  );
  for (const word of ["rubbish", "", "\n", "ad", "addd"]) {
    assertEquals(await bench.echo(word, path), "EINVAL", word);
  }
  assertEquals(await bench.echo("foo\n", "bus/platform/drivers/drv/uevent"), "EINVAL");
  assertEquals(
    bench.kernel.log.records.at(-1)?.text,
    "synth uevent: /bus/platform/drivers/drv: unknown uevent action string",
  );
  assertEquals(await bench.echo("unbind\n", path), "");
  assert(!sent.at(-1)!.env.some((word) => word.startsWith("MODALIAS=")));
});

// Bringing together

Deno.test("a driver's failure lets the next driver try; a missing device is not talked about", async () => {
  const bench = await Bench.make();
  await bench.driver("first", ["dev"], () => "EIO");
  await bench.driver("second", ["dev"], () => "ENODEV");
  await bench.driver("third", ["dev"]);
  const dev = await bench.device("dev.0");
  assertEquals(bench.takeLog(), [
    "first probes dev.0: EIO",
    "second probes dev.0: ENODEV",
    "third probes dev.0",
  ]);
  assertEquals(dev.driver?.name, "third");
  const warnings = bench.kernel.log.records.filter(({ level }) => level === 4);
  assertEquals(warnings.map(({ text }) => text), [
    "first: probe of dev.0 failed with error -5",
  ]);
});

Deno.test("a probe that fails gives back what the driver acquired, newest first", async () => {
  const bench = await Bench.make();
  const before = footprint(bench.kernel);
  const released: string[] = [];
  await bench.driver("drv", ["dev"], (dev) => {
    for (const name of ["a", "b", "c"]) {
      dev.devres.add(name, () => void released.push(name) as undefined);
    }
    dev.drvdata = "data";
    return "EIO";
  });
  const dev = await bench.device("dev.0");
  assertEquals(released, ["c", "b", "a"]);
  assertEquals([dev.driver, dev.drvdata, dev.devres.size], [undefined, undefined, 0]);
  assertEquals(bench.lookup("devices/platform/dev.0/driver"), undefined);
  assertEquals(bench.lookup("bus/platform/drivers/drv/dev.0"), undefined);
  await bench.run(() => deviceDel(dev));
  await bench.run(() => driverUnregister([...bench.kernel.get(BUSES).get("platform")!.drivers][0]));
  assertEquals(footprint(bench.kernel), before);
});

Deno.test("resources that are held before the probe keep the driver away", async () => {
  const bench = await Bench.make();
  const dev = await bench.device("dev.0");
  dev.devres.add("early", () => undefined);
  await bench.driver("drv", ["dev"]);
  assertEquals(bench.takeLog(), []);
  assertEquals(
    bench.kernel.log.records.at(-1)?.text,
    "platform dev.0: Resources present before probing",
  );
});

Deno.test("a driver lets go of its devices newest first, and its name may be used again", async () => {
  const bench = await Bench.make();
  for (const n of [0, 1, 2]) await bench.device(`dev.${n}`);
  const driver = await bench.driver("drv", ["dev"]);
  const twice = await assertRejects(() => bench.driver("drv", ["dev"]), KernelError);
  assertEquals(twice.code, "EBUSY");
  bench.takeLog();
  await bench.run(() => driverUnregister(driver));
  assertEquals(bench.takeLog(), [2, 1, 0].map((n) => `drv removes dev.${n}`));
  await bench.driver("drv", ["dev"]);
  assertEquals(bench.takeLog(), [0, 1, 2].map((n) => `drv probes dev.${n}`));
});

Deno.test("a driver of a bus that is not there is refused in Linux's words", async () => {
  const bench = new Bench();
  const error = await assertRejects(() => bench.driver("drv", []), KernelError);
  assertEquals(error.code, "EINVAL");
  assertEquals(
    bench.kernel.log.records.at(-1)?.text,
    "Driver 'drv' was unable to register with bus_type 'platform' because the bus was not initialized.",
  );
});

Deno.test("bind, unbind, drivers_probe and driver_override answer as recorded", async () => {
  const bench = await Bench.make();
  await bench.device("dev.0");
  await bench.device("other.0");
  let answer: Errno | undefined;
  await bench.driver("drv", ["dev"], () => answer);
  const drv = "bus/platform/drivers/drv";
  const bind = (name: string) => bench.echo(name, `${drv}/bind`);
  const unbind = (name: string) => bench.echo(name, `${drv}/unbind`);
  assertEquals(await bind("dev.0\n"), "EBUSY");
  assertEquals(await unbind("dev.0\n"), "");
  assertEquals(await unbind("dev.0"), "ENODEV");
  for (const name of ["nosuch", "other.0", "\n", "dev.0 "]) {
    assertEquals(await bind(name), "ENODEV");
  }
  answer = "EIO";
  assertEquals(await bind("dev.0"), "EIO");
  answer = "EPROBE_DEFER";
  assertEquals(await bind("dev.0"), "EAGAIN");
  assertEquals(bench.kernel.get(DEFERRED).pending.size, 0);
  answer = "ENODEV";
  assertEquals(await bench.echo("dev.0", "bus/platform/drivers_probe"), "");
  answer = undefined;
  assertEquals(await bench.echo("nosuch", "bus/platform/drivers_probe"), "ENODEV");
  const override = "devices/platform/dev.0/driver_override";
  assertEquals(await bench.cat(override), "(null)\n");
  assertEquals(await bench.echo("nosuch\n", override), "");
  assertEquals(await bind("dev.0"), "ENODEV");
  assertEquals(await bench.echo("\n", override), "");
  assertEquals(await bench.cat(override), "(null)\n");
  assertEquals(await bench.echo("drv", "devices/platform/other.0/driver_override"), "");
  assertEquals(await bind("other.0"), "");
  assertEquals(await bench.echo("dev.0", "bus/platform/drivers_probe"), "");
  assertEquals(await bench.echo("dev.0", "bus/platform/drivers_probe"), "");
});

Deno.test("drivers_autoprobe 0 keeps drivers and devices apart until somebody binds", async () => {
  const bench = await Bench.make();
  const autoprobe = "bus/platform/drivers_autoprobe";
  await bench.echo("0\n", autoprobe);
  await bench.device("dev.0");
  await bench.driver("drv", ["dev"]);
  await bench.device("dev.1");
  assertEquals(bench.takeLog(), []);
  await bench.echo("dev.1", "bus/platform/drivers_probe");
  for (const word of ["2", "abc"]) {
    await bench.echo(word, autoprobe);
    assertEquals(await bench.cat(autoprobe), "1\n");
  }
  await bench.device("dev.2");
  assertEquals(bench.takeLog(), ["drv probes dev.1", "drv probes dev.2"]);
});

// Deferral

Deno.test("a deferred device is tried again when another one was bound, after late initcalls began", async () => {
  const bench = await Bench.make();
  const { kernel } = bench;
  const deferred = kernel.get(DEFERRED);
  let ready = false;
  await bench.driver("consumer", ["consumer"], () => ready ? undefined : "EPROBE_DEFER");
  await bench.driver("supplier", ["supplier"]);
  await bench.device("consumer.0");
  await bench.device("supplier.0");
  assertEquals(bench.takeLog(), [
    "consumer probes consumer.0: EPROBE_DEFER",
    "supplier probes supplier.0",
  ]);
  await bench.run(() => deferred.initcall());
  // Once for the start of the retries, once because all initcalls are done.
  assertEquals(bench.takeLog(), Array(2).fill("consumer probes consumer.0: EPROBE_DEFER"));
  assertEquals(deferred.show(), "consumer.0\tconsumer: the reason\n");
  ready = true;
  await bench.device("supplier.1");
  await bench.run(() => deferred.wait());
  assertEquals(bench.takeLog(), ["supplier probes supplier.1", "consumer probes consumer.0"]);
  assertEquals(deferred.show(), "");
});

Deno.test("a device that nobody matches is not deferred, nor one whose driver is gone", async () => {
  const bench = await Bench.make();
  const deferred = bench.kernel.get(DEFERRED);
  await bench.device("lonely");
  await bench.driver("consumer", ["consumer"], () => "EPROBE_DEFER");
  const dev = await bench.device("consumer.0");
  assertEquals([...deferred.pending].map(({ name }) => name), ["consumer.0"]);
  await bench.run(() => deviceDel(dev));
  assertEquals(deferred.pending.size, 0);
});

Deno.test("something that is bound while a device defers makes it try again", async () => {
  const bench = await Bench.make();
  const deferred = bench.kernel.get(DEFERRED);
  await bench.run(() => deferred.initcall());
  await bench.driver("supplier", ["supplier"]);
  let tries = 0;
  const ops: PlatformDriver = {
    name: "consumer",
    idTable: ["consumer"],
    async probe(dev) {
      if (++tries > 1) return undefined;
      // The supplier comes between the look for it and the answer.
      await platformDeviceAdd(new PlatformDevice(bench.kernel, "supplier.0"));
      throw devErrProbe(dev, "EPROBE_DEFER", "no supplier");
    },
  };
  await bench.run(() => driverRegister(bench.kernel, "platform", ops));
  const dev = await bench.device("consumer.0");
  await bench.run(() => deferred.wait());
  assertEquals([tries, dev.driver?.name], [2, "consumer"]);
});

Deno.test("a chain in the worst order is bound in as many rounds as it is long", async () => {
  const bench = await Bench.make();
  const deferred = bench.kernel.get(DEFERRED);
  const bound = new Set<number>();
  await bench.driver("link", ["link"], (dev) => {
    const n = Number(dev.name.split(".")[1]);
    if (n > 0 && !bound.has(n - 1)) return "EPROBE_DEFER";
    bound.add(n);
    return undefined;
  });
  for (const n of [4, 3, 2, 1, 0]) await bench.device(`link.${n}`);
  await bench.run(() => deferred.initcall());
  assertEquals([...bound], [0, 1, 2, 3, 4]);
  assertEquals(deferred.pending.size, 0);
});

Deno.test("after the timeout what still waits is named, and each new driver puts it off", async () => {
  const bench = await Bench.make({ append: "deferred_probe_timeout=2" });
  const { kernel } = bench;
  await bench.driver("consumer", ["consumer"], () => "EPROBE_DEFER");
  await bench.device("consumer.0");
  await bench.run(() => kernel.get(DEFERRED).initcall());
  const sleep = (s: number) => bench.run(() => kernel.sched.sleep(s * 1e9));
  const pending = () => kernel.log.records.filter(({ text }) => text.includes("probe pending"));
  await sleep(1.5);
  await bench.driver("unrelated", []);
  await sleep(1.5);
  assertEquals(pending().length, 0);
  await sleep(1);
  assertEquals(pending().map(({ text }) => text), ["platform consumer.0: deferred probe pending"]);
});

Deno.test("initcall_debug shows what each probe answered, positive when the driver failed", async () => {
  const bench = await Bench.make({ costs: { probe: 5_000 } });
  bench.kernel.initcallDebug = true;
  let answer: Errno | undefined = "EPROBE_DEFER";
  await bench.driver("drv", ["dev"], () => answer);
  await bench.device("dev.0");
  answer = "ENODEV";
  await bench.echo("dev.0", "bus/platform/drivers/drv/bind");
  answer = undefined;
  await bench.echo("dev.0", "bus/platform/drivers/drv/bind");
  const lines = bench.kernel.log.records.map(({ text }) => text).filter((t) =>
    t.startsWith("probe")
  );
  assertEquals(lines, [517, 19, 0].map((n) => `probe of dev.0 returned ${n} after 5 usecs`));
});

// Shutdown

Deno.test("deviceShutdown() walks from the newest device, retried ones are newer, and ends probing", async () => {
  const bench = await Bench.make();
  const { kernel } = bench;
  let ready = false;
  await bench.driver(
    "drv",
    ["dev"],
    (dev) => ready || dev.name !== "dev.0" ? undefined : "EPROBE_DEFER",
  );
  for (const n of [0, 1, 2]) await bench.device(`dev.${n}`);
  ready = true;
  await bench.run(() => kernel.get(DEFERRED).initcall());
  bench.takeLog();
  await bench.run(() => deviceShutdown(kernel));
  assertEquals(bench.takeLog(), [0, 2, 1].map((n) => `drv stops dev.${n}`));
  await bench.device("dev.9");
  assertEquals(bench.takeLog(), []);
});

// Several at once

Deno.test("a device is bound or released by one task at a time", async () => {
  const bench = await Bench.make();
  const { kernel } = bench;
  const log: string[] = [];
  const ops: PlatformDriver = {
    name: "slow",
    idTable: ["dev"],
    async probe(dev) {
      log.push(`begin ${dev.name}`);
      await kernel.sched.sleep(1_000_000);
      log.push(`end ${dev.name}`);
      return undefined;
    },
    remove: async (dev) => void log.push(`remove ${dev.name}`) as undefined,
  };
  await bench.run(() => driverRegister(kernel, "platform", ops));
  const dev = new PlatformDevice(kernel, "dev.0");
  const adding = bench.run(() => platformDeviceAdd(dev));
  const answers = Promise.all([
    bench.echo("dev.0", "bus/platform/drivers/slow/bind"),
    bench.echo("dev.0", "bus/platform/drivers/slow/unbind"),
  ]);
  await adding;
  // The unbinding waits for the end of the probe, as the driver is set while it runs.
  assertEquals(await answers, ["EBUSY", ""]);
  assertEquals(log.splice(0), ["begin dev.0", "end dev.0", "remove dev.0"]);
  const binding = bench.echo("dev.0", "bus/platform/drivers/slow/bind");
  const removing = bench.run(() => deviceDel(dev));
  await Promise.all([binding, removing]);
  assertEquals(log, ["begin dev.0", "end dev.0", "remove dev.0"]);
  assertEquals(bench.lookup("devices/platform/dev.0"), undefined);
});

Deno.test("drivers that are probed beside their caller may finish in any order", async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 30; seed++) {
    const bench = await Bench.make({ append: "driver_async_probe=drv" });
    for (const n of [0, 1, 2]) await bench.device(`dev.${n}`);
    if (seed > 0) {
      const choose = seededChooser(seed);
      bench.kernel.choices.chooser = (point) => point.kind === "fault" ? 0 : choose(point);
    }
    await bench.run(async () => {
      const ops: PlatformDriver = {
        name: "drv",
        idTable: ["dev"],
        probe: async (dev) => void bench.log.push(dev.name) as undefined,
      };
      await driverRegister(bench.kernel, "platform", ops);
      bench.log.push("registered");
      await bench.kernel.get(DEFERRED).wait();
    });
    if (seed === 0) assertEquals(bench.log, ["dev.0", "dev.1", "dev.2", "registered"]);
    assertEquals([...bench.log].sort(), ["dev.0", "dev.1", "dev.2", "registered"]);
    orders.add(bench.log.join());
  }
  assert(orders.size > 8, `${orders.size} orders`);
});

Deno.test("driver_async_probe with a star names the exceptions", async () => {
  const bench = await Bench.make({ append: "driver_async_probe=*,sync" });
  const { sched } = bench.kernel;
  await bench.device("dev.0");
  await bench.device("other.0");
  await bench.run(async () => {
    for (const [name, id] of [["sync", "dev"], ["free", "other"]]) {
      const ops: PlatformDriver = {
        name,
        idTable: [id],
        async probe() {
          await sched.sleep(1_000_000);
          bench.log.push(`${name} probes`);
          return undefined;
        },
      };
      await driverRegister(bench.kernel, "platform", ops);
      bench.log.push(`${name} registered`);
    }
    await bench.kernel.get(DEFERRED).wait();
  });
  assertEquals(bench.log, ["sync probes", "sync registered", "free registered", "free probes"]);
});
