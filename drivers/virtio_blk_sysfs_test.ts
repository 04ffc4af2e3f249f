import { assertEquals } from "@std/assert";
import { bootDisks, type Booted, disk, recorded, recordedImage } from "./_virtio_blk_testing.ts";

/** Lines `PATH MODE: TEXT`, `PATH/` and `PATH -> TARGET` below the disk's folder in the recording. */
function recordedEntries(): Map<string, string> {
  const entries = new Map<string, string>();
  let last = "";
  for (const line of recorded("disk-attributes/stdout.txt").split("\n")) {
    if (line === "async") break;
    const [, path, rest] = /^\/sys\/block\/vda\/(\S*?)(\/$| -> .*| \d+: .*|$)/.exec(line) ?? [];
    if (path === undefined) entries.set(last, `${entries.get(last)}\n${line}`);
    else if (path !== "" && path !== "/") entries.set(last = path, rest);
  }
  return entries;
}

async function linkTarget({ fs }: Booted, path: string): Promise<string | undefined> {
  return await fs.readlink(path).catch(() => undefined);
}

async function show(booted: Booted, path: string): Promise<string> {
  const full = `/sys/block/vda/${path}`;
  const target = await linkTarget(booted, full);
  if (target !== undefined) return ` -> ${target}`;
  const { kind, mode } = await booted.fs.stat(full);
  if (kind === "dir") return "/";
  const text = await booted.text(full);
  return ` ${(mode & 0o777).toString(8)}: ${text.replace(/\n+$/, "")}`;
}

async function walk(booted: Booted, path = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of await booted.fs.readdir(`/sys/block/vda/${path}`)) {
    const at = path === "" ? name : `${path}/${name}`;
    if (name === "power") continue;
    found.push(at);
    const full = `/sys/block/vda/${at}`;
    if (await linkTarget(booted, full) !== undefined) continue;
    if ((await booted.fs.stat(full)).kind === "dir") found.push(...await walk(booted, at));
  }
  return found;
}

Deno.test("a disk's folder shows what the reference kernel shows", async () => {
  const booted = await bootDisks(
    ["-m", "512", ...disk("d0", ",serial=SER123")],
    { "d0.img": new Uint8Array(1 << 20) },
  );
  const expected = recordedEntries();
  assertEquals((await walk(booted)).sort(), [...expected.keys()].sort());
  for (const [path, text] of expected) {
    if (text === "") continue; // a counter
    assertEquals(`${path}${await show(booted, path)}`, `${path}${text}`);
  }
});

/** `name: value` lines of a section that begins with `## NAME`. */
function section(text: string, name: string): Map<string, string> {
  const part = text.split(/^## /m).find((lines) => lines.startsWith(`${name} `)) ?? "";
  const values = new Map<string, string>();
  for (const line of part.split("\n")) {
    const [, key, value] = /^([a-z_/0-9]+): (.*)$/.exec(line) ?? [];
    if (key !== undefined && key !== "dd") {
      values.set(key.replace(/^iosched/, "queue/iosched"), value);
    }
  }
  return values;
}

async function compareSection(booted: Booted, text: string, name: string): Promise<void> {
  const values = section(text, name);
  if (values.size < 15) throw new Error(`${name}: the recording has ${values.size} values`);
  for (const [path, value] of values) {
    const shown = await booted.text(`/sys/block/${name}/${path}`);
    assertEquals(`${name}/${path}: ${shown}`.trimEnd(), `${name}/${path}: ${value}`.trimEnd());
  }
}

Deno.test("three disks of different options show what the reference kernel shows", async () => {
  const args = recorded("disks-three/args").trim().split(/\s+/);
  const booted = await bootDisks(["-m", "512", ...args], {
    "a.img": new Uint8Array(1 << 20),
    "b.img": new Uint8Array(65536),
    "c.img": new Uint8Array(3 << 20),
  });
  const text = recorded("disks-three/stdout.txt");
  for (const name of ["vda", "vdb", "vdc"]) await compareSection(booted, text, name);
});

Deno.test("disks with caches, rings and limits of all kinds show the same as the reference", async () => {
  const args = recorded("disk-variants/args").trim().split(/\s+/);
  const sizes = { a: 1 << 20, b: 512, c: 1536, d: 1024, e: 10 << 20, f: 0 };
  const images = Object.entries(sizes).map(([name, size]) =>
    [`${name}.img`, new Uint8Array(size)] as const
  );
  const booted = await bootDisks(["-m", "512", ...args], Object.fromEntries(images));
  const text = recorded("disk-variants/stdout.txt");
  assertEquals(await booted.text("/proc/partitions"), text.slice(0, text.indexOf("##")));
  for (const name of ["vda", "vdb", "vdc", "vdd", "vde", "vdf"]) {
    await compareSection(booted, text, name);
  }
  const lines = recorded("disk-variants/dmesg.virtio.txt").split("\n");
  assertEquals(booted.log(/^virtio_blk/), lines.filter((line) => line.startsWith("virtio_blk")));
});

Deno.test("partitions of MBR and GPT are those that the reference kernel finds", async () => {
  const args = recorded("partitions/args").trim().split(/\s+/);
  const booted = await bootDisks(["-m", "512", ...args], {
    "mbr.img": await recordedImage("partitions/mbr.img.gz"),
    "gpt.img": await recordedImage("partitions/gpt.img.gz"),
  });
  const text = recorded("partitions/stdout.txt");
  const table = text.slice(0, text.indexOf("/dev/"));
  assertEquals(await booted.text("/proc/partitions"), table);
  assertEquals(booted.log(/^ vd/), [
    " vda: vda1 vda2 vda3 < vda5 vda6 >",
    " vdb: vdb1 vdb2 vdb4",
  ]);
  const uevents = [...text.matchAll(/^uevent: ([^/#]*?)^(?=\/|#)/gm)].map(([, keys]) => keys);
  const names = ["vda1", "vda2", "vda3", "vda5", "vda6", "vdb1", "vdb2", "vdb4"];
  assertEquals(uevents.length, names.length);
  for (const [index, name] of names.entries()) {
    assertEquals(await booted.text(`/sys/class/block/${name}/uevent`), uevents[index]);
  }
  const entries = [...text.matchAll(/^\/sys\/block\/vda\/vda1\/(\S+)$/gm)].map(([, path]) => path)
    .filter((path) => !path.startsWith("power") && !/[/:]/.test(path));
  const shown = await booted.fs.readdir("/sys/block/vda/vda1");
  assertEquals(shown.filter((name) => name !== "power").sort(), entries.sort());
});
