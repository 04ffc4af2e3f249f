import { assert, assertEquals, assertRejects } from "@std/assert";
import { BareMachine } from "../tests/bare_machine.ts";
import { bootGuest } from "../tests/guest.ts";
import { embedded } from "../hypervisor/embedded/machine.ts";
import { KernelError } from "./errors.ts";
import type { Initcall, InitcallLevel } from "./initcall.ts";
import { Kernel, type KernelOptions } from "./kernel.ts";
import { type KernelConfig, startKernel } from "./main.ts";
import { type Ordering, OrderingError } from "./ordering.ts";
import { GuestFs } from "./vfs/api.ts";
import { type ModuleImage, MODULES, thisModule } from "./module.ts";
import { type ModuleParam, parseBool, parseUint } from "./module_param.ts";
import { UEVENTS } from "./base/uevent.ts";

const DTB = await Deno.readFile(new URL("../tests/data/virt.dtb", import.meta.url));

async function start(config: Partial<KernelConfig>, options: KernelOptions = {}): Promise<Kernel> {
  const kernel = new Kernel(new BareMachine(4 << 20, DTB), { append: "", ...options });
  await kernel.sched.run(
    "swapper/0",
    () => startKernel(kernel, { initcalls: [], images: [], ...config }),
    1,
  );
  return kernel;
}

function calls(log: string[], names: readonly (readonly [string, InitcallLevel])[]): Initcall[] {
  return names.map(([name, level]) => ({
    name,
    level,
    fn: async () => {
      log.push(name);
      return 0;
    },
  }));
}

/** The order of the sections in Linux's link script, written down again from it. */
const LINK_SCRIPT: readonly InitcallLevel[] = [
  ...["console", "early", "pure", "core", "core_sync", "postcore", "postcore_sync"] as const,
  ...["arch", "arch_sync", "subsys", "subsys_sync", "fs", "fs_sync", "rootfs"] as const,
  ...["device", "device_sync", "late", "late_sync"] as const,
];

// Order

Deno.test("initcalls run by level, and in link order within a level", async () => {
  const log: string[] = [];
  const table = [...LINK_SCRIPT].reverse().flatMap((level) =>
    [[`${level} a`, level], [`${level} b`, level]] as const
  );
  await start({ initcalls: calls(log, table) });
  assertEquals(log, LINK_SCRIPT.flatMap((level) => [`${level} a`, `${level} b`]));
});

Deno.test("early calls run before the driver core is there, core calls after", async () => {
  const seen: Record<string, boolean> = {};
  const call = (level: InitcallLevel): Initcall => ({
    name: level,
    level,
    fn: async (kernel) => {
      seen[level] = kernel.log.dmesg().includes("devtmpfs: initialized");
      return 0;
    },
  });
  await start({ initcalls: [call("console"), call("early"), call("core")] });
  assertEquals(seen, { console: false, early: false, core: true });
});

Deno.test("a chooser may run the calls of one level in any order, never across levels", async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const log: string[] = [];
    let state = seed;
    await start(
      {
        initcalls: calls(log, [["a", "subsys"], ["b", "subsys"], ["c", "subsys"], ["z", "late"]]),
      },
      {
        chooser: ({ kind, count }) => {
          if (kind !== "initcall") return 0;
          state = (Math.imul(state, 1103515245) + 12345) >>> 0;
          return (state >>> 16) % count;
        },
      },
    );
    assertEquals(log[3], "z");
    orders.add(log.join(""));
  }
  assertEquals(orders.size, 6);
});

Deno.test("initcalls can be moved to another level or next to another one", async () => {
  const table: [string, InitcallLevel][] = [
    ["a", "core"],
    ["b", "device"],
    ["c", "device"],
    ["d", "late"],
  ];
  const order = async (initcalls: Ordering["initcalls"]) => {
    const log: string[] = [];
    await start({ initcalls: calls(log, table) }, { ordering: { initcalls } });
    return log.join("");
  };
  assertEquals(await order({}), "abcd");
  assertEquals(await order({ a: { level: "late" } }), "bcad");
  assertEquals(await order({ a: { level: "late_sync" } }), "bcda");
  assertEquals(await order({ c: { before: "b" } }), "acbd");
  assertEquals(await order({ b: { after: "c" } }), "acbd");
  assertEquals(await order({ a: { after: "b" }, d: { before: "a" } }), "bdac");
  assertEquals(await order({ c: { before: "b", level: "core" } }), "acbd");
  const error = await assertRejects(() => order({ nosuch: { level: "late" } }), OrderingError);
  assertEquals(error.message, "ordering: no initcall 'nosuch' is built in");
});

Deno.test("initcall_debug may be given as 0, and is a file while the kernel runs", async () => {
  const fs = async (append: string) => new GuestFs(await start({}, { append }));
  const path = "/sys/module/kernel/parameters/initcall_debug";
  assertEquals(await (await fs("initcall_debug=0")).readText(path), "N\n");
  const on = await fs("initcall_debug");
  assertEquals(await on.readText(path), "Y\n");
  assertEquals((await assertRejects(() => on.write(path, "x\n"), KernelError)).code, "EINVAL");
  await on.write(path, "0\n");
  assertEquals(await on.readText(path), "N\n");
});

Deno.test("a failing built-in initcall does not keep the others from running", async () => {
  const log: string[] = [];
  const bad: Initcall = {
    name: "bad_init",
    level: "device",
    fn: () => Promise.reject(new KernelError("ENODEV", "no device")),
  };
  await start({ initcalls: [bad, ...calls(log, [["good", "device"]])] });
  assertEquals(log, ["good"]);
});

// Command line

function debugLines(kernel: Kernel): string[] {
  return kernel.log.records.filter(({ level }) => level === 7).map(({ text }) => text);
}

Deno.test("initcall_debug and initcall_blacklist print what the reference prints", async () => {
  const log: string[] = [];
  const table = calls(log, [["con_init", "console"], ["a_init", "device"], ["b_init", "device"]]);
  const kernel = await start(
    { initcalls: table },
    {
      append: "initcall_blacklist=b_init,con_init initcall_blacklist=c_init initcall_debug",
      costs: { initcall: 3_000 },
    },
  );
  assertEquals(log, ["con_init", "a_init"]);
  const lines = debugLines(kernel);
  assertEquals(
    lines.slice(0, 3),
    ["b_init", "con_init", "c_init"].map((n) => `blacklisting initcall ${n}`),
  );
  const of = (name: string) => lines.slice(3).filter((line) => line.includes(name));
  assertEquals(of("a_init"), [
    "calling  a_init+0x0/0x1000 @ 1",
    "initcall a_init+0x0/0x1000 returned 0 after 3 usecs",
  ]);
  assertEquals(of("con_init")[0], "calling  con_init+0x0/0x1000 @ 0");
  assertEquals(of("b_init"), ["initcall b_init blacklisted"]);
});

/** A module that writes down its loading. */
function image(name: string, change: Partial<ModuleImage> = {}): ModuleImage {
  return {
    name,
    init: { name: `${name}_init`, level: "device", fn: () => Promise.resolve(0) },
    exit: { name: `${name}_exit`, fn: () => Promise.resolve(0) },
    ...change,
  };
}

Deno.test("a parameter of a level is set just before that level, the others before all", async () => {
  const log: string[] = [];
  const set = async (_kernel: Kernel, value: string): Promise<undefined> => {
    log.push(value);
  };
  const params: readonly ModuleParam[] = [
    { name: "plain", mode: 0o444, default: "", set },
    { name: "at_device", mode: 0o444, default: "", set, level: "device" },
    { name: "at_fs", mode: 0o444, default: "", set, level: "fs" },
  ];
  await start({
    images: [image("mod", { params })],
    initcalls: calls(log, LINK_SCRIPT.map((level) => [level, level])),
  }, { append: "mod.at_device=DEVICE mod.at_fs=FS mod.plain=PLAIN mod.at-fs=FS2 mod.nosuch=1" });
  const expected: string[] = ["PLAIN", ...LINK_SCRIPT];
  expected.splice(expected.indexOf("fs"), 0, "FS", "FS2");
  expected.splice(expected.indexOf("device"), 0, "DEVICE");
  assertEquals(log, expected);
});

Deno.test("a bad parameter of built-in code is named with its stage, and is not fatal", async () => {
  const params: readonly ModuleParam[] = [
    { name: "depth", mode: 0o444, default: "7", parse: parseUint },
    { name: "late", mode: 0o444, default: "8", parse: parseUint, level: "device" },
    { name: "flag", mode: 0o444, default: "N", parse: parseBool },
  ];
  const kernel = await start({ images: [image("mod", { params })] }, {
    append: "mod.depth=x mod.late=-1 mod.depth mod.flag",
  });
  const errors = kernel.log.records.filter(({ level, text }) =>
    level === 3 && text.includes("mod.")
  );
  assertEquals(errors.map(({ text }) => text), [
    "Booting kernel: `x' invalid for parameter `mod.depth'",
    "Booting kernel: `' invalid for parameter `mod.depth'",
    "device: `-1' invalid for parameter `mod.late'",
  ]);
  const module = thisModule(kernel, "mod");
  assertEquals(["depth", "late", "flag"].map((name) => module.param(name)), ["7", "8", "Y"]);
});

// Modules

async function modules(...images: readonly ModuleImage[]) {
  const kernel = await start({ images, modules: "all" });
  const registry = kernel.get(MODULES);
  const run = <T>(body: () => Promise<T>) => kernel.sched.run("test", body);
  return {
    kernel,
    registry,
    insert: (name: string, args = "") =>
      run(() => registry.insert(registry.images.get(name)!, args)),
    remove: (name: string) => run(() => registry.remove(name)),
    code: async (act: () => Promise<unknown>) => (await assertRejects(act, KernelError)).code,
    events: () =>
      kernel.get(UEVENTS).sent.splice(0).map(({ action, devpath }) => `${action} ${devpath}`),
  };
}

Deno.test("modules are bound by symbols: needed ones first, used ones stay", async () => {
  const m = await modules(
    image("top", { imports: ["mid_fn", "low_fn"] }),
    image("mid", { imports: ["low_fn"], exports: ["mid_fn"] }),
    image("low", { exports: ["low_fn"] }),
  );
  const top = m.registry.images.get("top")!;
  assertEquals(m.registry.dependencies(top).map(({ name }) => name), ["low", "mid"]);
  assertEquals(await m.code(() => m.insert("top")), "ENOENT");
  assert(m.kernel.log.dmesg().includes("top: Unknown symbol mid_fn (err -2)"));
  for (const name of ["low", "mid", "top"]) await m.insert(name);
  assertEquals(await m.code(() => m.insert("top")), "EEXIST");
  assertEquals(m.registry.loaded.map(({ name, refcount }) => `${name} ${refcount}`), [
    "top 0",
    "mid 1",
    "low 2",
  ]);
  assertEquals(await m.code(() => m.remove("low")), "EAGAIN");
  assertEquals(await m.code(() => m.remove("nosuch")), "ENOENT");
  for (const name of ["top", "mid", "low"]) await m.remove(name);
  assertEquals(m.registry.loaded, []);
});

Deno.test("a module whose init fails is gone without a trace, and its code is the answer", async () => {
  const answers: (number | Error)[] = [new KernelError("EIO", "broken"), -19, 5, 0];
  const init: ModuleImage["init"] = {
    name: "mod_init",
    level: "device",
    fn: async () => {
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const m = await modules(
    image("mod", { init, imports: ["low_fn"] }),
    image("low", { exports: ["low_fn"] }),
  );
  await m.insert("low");
  m.events();
  const folder = m.kernel.sysfs.lookup("module");
  assert(folder?.kind === "dir");
  const before = [...folder.names()];
  assertEquals(await m.code(() => m.insert("mod")), "EIO");
  assertEquals(await m.code(() => m.insert("mod")), "ENODEV");
  assertEquals([m.registry.find("mod"), m.registry.find("low")?.refcount], [undefined, 0]);
  assertEquals([...folder.names()], before);
  assertEquals(m.events(), []);
  // A positive answer is strange, but no error.
  await m.insert("mod");
  assert(
    m.kernel.log.dmesg().includes(
      "do_init_module: 'mod'->init suspiciously returned 5, it should follow 0/-E convention",
    ),
  );
  await m.remove("mod");
  assertEquals(m.events(), ["add /module/mod", "remove /module/mod"]);
});

Deno.test("parameters of a module: unknown ones are ignored, bad ones keep it out", async () => {
  const params: readonly ModuleParam[] = [
    { name: "depth", mode: 0o444, default: "0", parse: parseUint },
    { name: "flag", mode: 0o644, default: "N", parse: parseBool },
  ];
  const m = await modules(image("mod", { params }));
  for (const bad of ["depth=x", "depth", "depth=", "flag=maybe"]) {
    assertEquals(await m.code(() => m.insert("mod", bad)), "EINVAL");
    const [name, value = ""] = bad.split("=");
    assertEquals(
      m.kernel.log.records.at(-1)?.text,
      `mod: \`${value}' invalid for parameter \`${name}'`,
    );
  }
  const module = await m.insert("mod", "nosuch=1 flag depth=12");
  assertEquals(m.kernel.log.records.at(-1)?.text, "mod: unknown parameter 'nosuch' ignored");
  assertEquals([module.param("flag"), module.param("depth")], ["Y", "12"]);
});

Deno.test("a module without exit function, or in use, cannot be unloaded", async () => {
  const m = await modules(image("mod"), image("stuck", { exit: undefined }));
  await m.insert("mod");
  await m.insert("stuck");
  thisModule(m.kernel, "mod").refs++;
  assertEquals(await m.code(() => m.remove("mod")), "EAGAIN");
  thisModule(m.kernel, "mod").refs--;
  await m.remove("mod");
  assertEquals(await m.code(() => m.remove("stuck")), "EBUSY");
});

Deno.test("a module that comes or goes cannot be unloaded", async () => {
  const seen: unknown[] = [];
  const again = async () => {
    seen.push(await m.code(() => m.registry.remove("mod")));
    return 0;
  };
  const init = { name: "mod_init", level: "device", fn: again } as const;
  const m = await modules(image("mod", { init, exit: { name: "mod_exit", fn: again } }));
  await m.insert("mod");
  await m.remove("mod");
  assertEquals(seen, ["EBUSY", "EBUSY"]);
});

Deno.test("a blacklisted init function of a module answers EPERM, as recorded", async () => {
  const guest = await bootGuest(embedded([]), { append: "initcall_blacklist=evdev_init" });
  const error = await assertRejects(() => guest.insmod("evdev"), KernelError);
  assertEquals(error.code, "EPERM");
  assertEquals(guest.log.at(-1), "initcall evdev_init blacklisted");
});
