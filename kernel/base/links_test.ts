/**
 * Device links, the device tree's wishes and deferral where no recording of Linux can show them; the file of
 * Linux's source that says so is in each name.
 */
import { assert, assertEquals } from "@std/assert";
import { BareMachine } from "../../tests/bare_machine.ts";
import type { Chooser } from "../choice.ts";
import { ERRNO, type Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import { Kernel, type KernelOptions } from "../kernel.ts";
import { flattenDeviceTree, parseDts } from "../of/mod.ts";
import { startKernel } from "../main.ts";
import { deviceDel, deviceShutdown } from "./core.ts";
import { DEFERRED } from "./dd.ts";
import { type Device, DEVICES } from "./device.ts";
import { type DeviceDriver, driverRegister, driverUnregister } from "./driver.ts";
import {
  consumersOf,
  deviceLinkAdd,
  deviceLinkDel,
  DL_FLAG_AUTOPROBE_CONSUMER,
  DL_FLAG_AUTOREMOVE_CONSUMER,
  DL_FLAG_AUTOREMOVE_SUPPLIER,
  DL_FLAG_STATELESS,
  DL_FLAG_SYNC_STATE_ONLY,
  suppliersOf,
} from "./links.ts";
import { PlatformDevice, platformDeviceAdd, type PlatformDriver } from "./platform.ts";

/** A kernel, past its initcalls, with devices of a tree and drivers that write down what they are asked. */
class Board {
  readonly log: string[] = [];

  constructor(readonly kernel: Kernel) {}

  /** Boots with a tree whose root has this body. */
  static async boot(body = "", options: KernelOptions = {}): Promise<Board> {
    const dtb = flattenDeviceTree(parseDts(`/dts-v1/;\n/ { ${body} };\n`));
    const kernel = new Kernel(new BareMachine(1 << 16, new Uint8Array(dtb)), {
      append: "",
      ...options,
    });
    const board = new Board(kernel);
    await kernel.sched.run(
      "swapper/0",
      () => startKernel(kernel, { initcalls: [], images: [] }),
      1,
    );
    return board;
  }

  run<T>(body: () => Promise<T>): Promise<T> {
    return this.kernel.sched.run("test", body);
  }

  find(name: string): Device {
    const dev = [...this.kernel.get(DEVICES)].find((dev) => dev.name === name);
    assert(dev !== undefined, `no device ${name}`);
    return dev;
  }

  async add(name: string, parent?: Device): Promise<PlatformDevice> {
    const dev = new PlatformDevice(this.kernel, name);
    await this.run(async () => await platformDeviceAdd(dev, parent));
    return dev;
  }

  /** A driver for the devices called `name`, or whose node is compatible with it. */
  driver(
    name: string,
    more: Partial<PlatformDriver> & { answer?: (dev: Device) => Errno | KernelError | undefined } =
      {},
  ): Promise<DeviceDriver> {
    const ops: PlatformDriver = {
      name,
      idTable: [name],
      ofMatchTable: [{ compatible: name }],
      probe: async (dev) => {
        const answer = more.answer?.(dev);
        this.log.push(`+${dev.name}`);
        if (answer instanceof KernelError) throw answer;
        if (answer !== undefined) throw new KernelError(answer, "the answer");
        return undefined;
      },
      remove: async (dev) => void this.log.push(`-${dev.name}`) as undefined,
      shutdown: async (dev) => void this.log.push(`.${dev.name}`) as undefined,
      ...more,
    };
    return this.run(() => driverRegister(this.kernel, "platform", ops));
  }

  take(): string {
    return this.log.splice(0).join(" ");
  }

  states(): string[] {
    return [...this.kernel.get(DEVICES)].flatMap((dev) =>
      suppliersOf(dev).map((link) => `${link.supplier.name}--${link.consumer.name} ${link.state}`)
    );
  }

  sleep(seconds: number): Promise<undefined> {
    return this.run(() => this.kernel.sched.sleep(seconds * 1e9));
  }

  /** Lines of the log that have a word in them. */
  lines(word: string): string[] {
    return this.kernel.log.records.map(({ text }) => text).filter((text) => text.includes(word));
  }
}

// Links that drivers make

Deno.test("drivers/base/core.c: a link that would close a circle is not made, whatever its flags", async () => {
  const board = await Board.boot();
  const [a, b] = [await board.add("a"), await board.add("b")];
  const child = await board.add("child", a);
  assertEquals(deviceLinkAdd(a, a, 0), undefined);
  assert(deviceLinkAdd(b, a, 0) !== undefined);
  assertEquals(deviceLinkAdd(a, b, 0), undefined);
  assertEquals(deviceLinkAdd(a, child, 0), undefined);
  assert(deviceLinkAdd(a, b, DL_FLAG_SYNC_STATE_ONLY) !== undefined);
  assertEquals(deviceLinkAdd(b, child, DL_FLAG_STATELESS | DL_FLAG_AUTOPROBE_CONSUMER), undefined);
  const both = DL_FLAG_AUTOPROBE_CONSUMER | DL_FLAG_AUTOREMOVE_CONSUMER;
  assertEquals(deviceLinkAdd(b, child, both), undefined);
  assertEquals(
    deviceLinkAdd(b, child, DL_FLAG_SYNC_STATE_ONLY | DL_FLAG_AUTOREMOVE_CONSUMER),
    undefined,
  );
});

Deno.test("drivers/base/core.c: a link that its maker looks after counts how often it was made", async () => {
  const board = await Board.boot();
  const [a, b] = [await board.add("a"), await board.add("b")];
  const link = deviceLinkAdd(b, a, DL_FLAG_STATELESS)!;
  assertEquals(deviceLinkAdd(b, a, DL_FLAG_STATELESS), link);
  assertEquals(link.state, "not tracked");
  deviceLinkDel(link);
  assertEquals(consumersOf(a), [link]);
  deviceLinkDel(link);
  assertEquals([consumersOf(a), suppliersOf(b)], [[], []]);
});

Deno.test("drivers/base/core.c: a link may go with the consumer's driver, or with the supplier's", async () => {
  const board = await Board.boot();
  const [a, b, c] = [await board.add("a"), await board.add("b"), await board.add("c")];
  await board.driver("a");
  const [forB, forC] = [await board.driver("b"), await board.driver("c")];
  deviceLinkAdd(b, a, DL_FLAG_AUTOREMOVE_CONSUMER);
  deviceLinkAdd(c, a, DL_FLAG_AUTOREMOVE_SUPPLIER);
  assertEquals(board.states(), ["a--b active", "a--c active"]);
  await board.run(() => driverUnregister(forB));
  await board.run(() => driverUnregister(forC));
  assertEquals(board.states(), ["a--c available"]);
  await board.run(() => deviceDel(a));
  assertEquals(board.states(), []);
});

Deno.test("drivers/base/dd.c: who needs a device is unbound first, also over steps", async () => {
  const board = await Board.boot();
  const [a, b, c] = [await board.add("a"), await board.add("b"), await board.add("c")];
  for (const name of ["a", "b", "c"]) await board.driver(name);
  deviceLinkAdd(b, a, 0);
  deviceLinkAdd(c, b, 0);
  assertEquals(board.take(), "+a +b +c");
  await board.run(() => deviceDel(a));
  assertEquals(board.take(), "-c -b -a");
});

Deno.test("drivers/base/core.c: who needs a device is shut down before it, also when it is older", async () => {
  const board = await Board.boot();
  const [young, old] = [await board.add("old"), await board.add("young")].reverse();
  await board.add("child", old);
  for (const name of ["old", "young", "child"]) await board.driver(name);
  deviceLinkAdd(old, young, 0);
  board.take();
  await board.run(() => deviceShutdown(board.kernel));
  assertEquals(board.take(), ".child .old .young");
});

// What the device tree says

/** A supplier and two consumers, one of them before it. */
const TREE = `
  one { compatible = "con"; x-supply = <&sup>; };
  sup: sup { compatible = "sup"; };
  two { compatible = "con"; x-supply = <&sup>; };
`;

Deno.test("drivers/base/core.c: a supplier hears that all are there, once, and not before late_initcall", async () => {
  const heard: string[] = [];
  const syncState = async (dev: Device) => void heard.push(dev.name) as undefined;
  const board = await Board.boot(TREE);
  const sup = await board.driver("sup", { syncState });
  assertEquals([board.take(), heard.length, board.find("sup").stateSynced], ["+sup", 0, false]);
  const con = await board.driver("con");
  assertEquals([board.take(), heard], ["+one +two", ["sup"]]);
  await board.run(() => driverUnregister(con));
  await board.driver("con");
  assertEquals(heard, ["sup"]);
  await board.run(() => driverUnregister(sup));
});

Deno.test("drivers/base/core.c: fw_devlink.sync_state= says what becomes of suppliers whose consumers never came", async () => {
  const after = async (append: string, profile: string) => {
    const heard: string[] = [];
    const syncState = async (dev: Device) => void heard.push(dev.name) as undefined;
    const board = await Board.boot(TREE, { append: `deferred_probe_timeout=1 ${append}`, profile });
    await board.driver("sup", { syncState });
    await board.sleep(2);
    return [heard.join(" "), ...board.lines("sync_state()")];
  };
  const pending = ["one", "two"].map((name) => `sup sup: sync_state() pending due to ${name}`);
  assertEquals(await after("", "6.6"), ["", ...pending]);
  assertEquals(await after("fw_devlink.sync_state=strict", "6.6"), ["", ...pending]);
  const forced = "sup sup: Timed out. Forcing sync_state()";
  assertEquals(await after("fw_devlink.sync_state=timeout", "6.6"), ["sup", forced]);
  assertEquals(await after("fw_devlink.sync_state=timeout", "6.1"), [""]);
});

Deno.test("drivers/base/dd.c: without modules nobody waits for suppliers behind the initcalls", async () => {
  const tree = 'con { compatible = "con"; x-supply = <&sup>; }; sup: sup { compatible = "sup"; };';
  const waits = async (kconfig: KernelOptions["kconfig"]) => {
    const board = await Board.boot(tree, { kconfig });
    await board.driver("con");
    const before = board.take();
    await board.sleep(60);
    return [before, board.take(), ...board.lines("deferred probe pending")];
  };
  assertEquals(await waits({ MODULES: false }), ["+con", ""]);
  assertEquals(await waits({}), ["", "+con"]);
});

Deno.test("drivers/base/dd.c: driver_deferred_probe_check_state() as the time goes by", async () => {
  const codes = async (options: KernelOptions) => {
    const board = await Board.boot("", options);
    const dev = await board.add("a");
    const code = () => board.kernel.get(DEFERRED).checkState(dev).code;
    const early = code();
    await board.sleep(11);
    return [early, code(), ...board.lines("ignoring dependency")];
  };
  const timeout = "platform a: deferred probe timeout, ignoring dependency";
  assertEquals(await codes({}), ["EPROBE_DEFER", "ETIMEDOUT", timeout]);
  assertEquals(await codes({ append: "deferred_probe_timeout=-1" }), [
    "EPROBE_DEFER",
    "EPROBE_DEFER",
  ]);
  const none = "platform a: ignoring dependency for device, assuming no driver";
  assertEquals(await codes({ kconfig: { MODULES: false } }), ["ENODEV", "ENODEV", none, none]);
  const at = { append: "deferred_probe_timeout=0" };
  assertEquals(await codes(at), ["ETIMEDOUT", "ETIMEDOUT", timeout, timeout]);
});

// Other kernels and configurations

Deno.test("drivers/base/dd.c: DEBUG_TEST_DRIVER_REMOVE probes, removes and probes each device", async () => {
  const board = await Board.boot("", { kconfig: { DEBUG_TEST_DRIVER_REMOVE: true } });
  await board.add("a");
  await board.add("b");
  const released: string[] = [];
  await board.driver("a", {
    answer: (dev) =>
      void dev.devres.add("it", () => void released.push(dev.name) as undefined) as undefined,
  });
  await board.driver("b", { suppressBindAttrs: true });
  assertEquals([board.take(), released], ["+a -a +a +b", ["a"]]);
});

Deno.test("drivers/base/dd.c: what kernels of different years say of a probe that is put off or fails", async () => {
  const says = async (profile: string) => {
    const board = await Board.boot("", {
      profile,
      append: "deferred_probe_timeout=1 initcall_debug",
    });
    const from = board.kernel.log.records.length;
    await board.add("a");
    await board.driver("a", { answer: () => "EPROBE_DEFER" });
    await board.add("b");
    await board.driver("b", { answer: () => "EIO" });
    await board.add("c");
    await board.driver("c");
    await board.sleep(3);
    return board.kernel.log.records.slice(from).map(({ level, text }) =>
      `<${level}>${text.replace(/ after \d+ usecs/, "")}`
    ).filter((text) => /probe/.test(text));
  };
  const errno = ERRNO.EPROBE_DEFER;
  assertEquals(await says("6.1"), [
    `<7>probe of a returned ${errno}`,
    "<4>b: probe of b failed with error -5",
    "<7>probe of b returned 5",
    // What was bound triggers what waits.
    "<7>probe of c returned 0",
    `<7>probe of a returned ${errno}`,
    `<7>probe of a returned ${errno}`,
    "<6>platform a: deferred probe pending",
  ]);
  const old = await says("5.10");
  assertEquals(old.slice(0, 4), [
    "<7>probe of a returned 0",
    "<4>b: probe of b failed with error -5",
    "<7>probe of b returned 0",
    "<7>probe of c returned 1",
  ]);
  const young = await says("6.12");
  assertEquals(young[1], "<3>b b: probe with driver b failed with error -5");
  assertEquals(young.at(-1), "<4>platform a: deferred probe pending: (reason unknown)");
});

Deno.test("drivers/base/bus.c: a kernel that attaches before it lists can miss a device that comes meanwhile", async () => {
  const outcomes = async (profile: string) => {
    const seen = new Set<string>();
    for (let vector = 0; vector < 16; vector++) {
      let decision = 0;
      const chooser: Chooser = ({ kind, count }) =>
        kind === "task" ? (vector >> decision++ & 1) % count : 0;
      const board = await Board.boot("", { profile });
      await board.add("drv");
      let late: Promise<PlatformDevice> | undefined;
      board.kernel.choices.chooser = chooser;
      await board.driver("drv", {
        answer: () => void (late ??= board.add("drv.1")) as undefined,
      });
      seen.add((await late)?.driver === undefined ? "missed" : "bound");
    }
    return [...seen].sort();
  };
  assertEquals(await outcomes("6.1"), ["bound"]);
  assertEquals(await outcomes("3.2"), ["bound", "missed"]);
});
