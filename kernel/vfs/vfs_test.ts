/** Paths and files on a tree that was made by hand. */
import { assertEquals, assertThrows } from "@std/assert";
import { BareMachine } from "../../tests/bare_machine.ts";
import { KernelError } from "../errors.ts";
import { Kernel } from "../kernel.ts";
import { Kobject } from "../kobject.ts";
import { GuestFs } from "./api.ts";
import { textFile } from "./node.ts";
import { VFS, type Vfs } from "./vfs.ts";

/** A kernel with `/tmp/d/f`, links, and an object `/sys/obj` with attributes. */
function makeTree(): { kernel: Kernel; vfs: Vfs; written: string[] } {
  const kernel = new Kernel(new BareMachine(1 << 16));
  const vfs = kernel.get(VFS);
  const written: string[] = [];
  const keep = (value: string): undefined => {
    written.push(value);
  };
  const obj = new Kobject("obj");
  obj.addTo(kernel.sysfs);
  obj.addGroup<Kobject>({
    attrs: [
      { name: "both", mode: 0o644, show: () => "shown\n", store: (_obj, value) => keep(value) },
      { name: "wo", mode: 0o200, store: () => undefined },
      { name: "ro", mode: 0o444, show: () => "ro\n" },
    ],
  });
  obj.addLink("self", obj);
  kernel.procfs.add("text", textFile(() => "text\n"));
  vfs.mkdir("/tmp/d");
  const links = { abs: "/tmp/d", rel: "d", up: "../tmp/d/..", loop: "loop", gone: "nowhere" };
  for (const [name, target] of Object.entries(links)) vfs.symlink(target, `/tmp/${name}`);
  return { kernel, vfs, written };
}

const WALKS: readonly [path: string, expected: string][] = [
  ["/", "/"],
  ["//tmp//d/", "/tmp/d"],
  ["/tmp/./d/..", "/tmp"],
  ["/..", "/"],
  ["/tmp/abs", "/tmp/d"],
  ["/tmp/rel/", "/tmp/d"],
  ["/tmp/up/d", "/tmp/d"],
  ["/sys/obj/self/self", "/sys/obj"],
  ["/sys/kernel/debug", "/sys/kernel/debug"],
  ["/tmp/loop", "ELOOP"],
  ["/tmp/gone", "ENOENT"],
  ["/tmp/nosuch", "ENOENT"],
  ["/tmp/nosuch/..", "ENOENT"],
  ["/proc/text/x", "ENOTDIR"],
  ["/proc/text/", "ENOTDIR"],
  ["", "ENOENT"],
  [`/${"x".repeat(256)}`, "ENAMETOOLONG"],
  [`/${"x/".repeat(2048)}`, "ENAMETOOLONG"],
];

function outcome(body: () => string): string {
  try {
    return body();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
}

Deno.test("Vfs.realpath() follows paths and links as Linux does", () => {
  const { vfs } = makeTree();
  for (const [path, expected] of WALKS) {
    assertEquals([path, outcome(() => vfs.realpath(path))], [path, expected]);
  }
});

async function refusal(body: Promise<unknown>): Promise<string> {
  return await body.then(() => "works", (error) => {
    if (error instanceof KernelError) return error.code;
    throw error;
  });
}

// Recorded with busybox on the reference machine: what it printed was strerror() of these.
const OPENS: readonly [path: string, how: "read" | "write", expected: string][] = [
  ["/sys/obj/both", "read", "works"],
  ["/sys/obj/both", "write", "works"],
  ["/sys/obj/wo", "read", "EACCES"],
  ["/sys/obj/ro", "write", "EACCES"],
  ["/sys/obj/nosuch", "write", "EACCES"],
  ["/sys/obj", "write", "EISDIR"],
  ["/sys/obj", "read", "EISDIR"],
  ["/proc/text", "write", "EIO"],
  ["/proc/nosuch", "write", "ENOENT"],
  ["/tmp/new", "write", "works"],
  ["/tmp/nosuch/new", "write", "ENOENT"],
  ["/tmp/gone", "write", "works"],
];

Deno.test("GuestFs.write() and read() are refused as on Linux", async () => {
  for (const [path, how, expected] of OPENS) {
    const fs = new GuestFs(makeTree().kernel);
    const result = await refusal(how === "read" ? fs.read(path) : fs.write(path, "x"));
    assertEquals([path, how, result], [path, how, expected]);
  }
});

Deno.test("GuestFs.write() gives an attribute all bytes in one call", async () => {
  const { kernel, written } = makeTree();
  await new GuestFs(kernel).write("/sys/obj/both", "one\ntwo");
  assertEquals(written, ["one\ntwo"]);
});

Deno.test("Vfs changes nothing in sysfs, and removes what is empty elsewhere", () => {
  const { vfs } = makeTree();
  const codes = [
    () => vfs.mkdir("/sys/obj/new"),
    () => vfs.unlink("/sys/obj/ro"),
    () => vfs.symlink("/tmp", "/sys/obj/new"),
    () => vfs.mkdir("/tmp/d"),
    () => vfs.rmdir("/tmp"),
    () => vfs.rmdir("/proc"),
    () => vfs.unlink("/tmp/d"),
    () => vfs.rename("/sys/obj/ro", "/tmp/ro"),
  ].map((body) => outcome(() => `${body()}`));
  assertEquals(codes, [
    "EPERM",
    "EPERM",
    "EPERM",
    "EEXIST",
    "ENOTEMPTY",
    "EBUSY",
    "EISDIR",
    "EXDEV",
  ]);
  vfs.rmdir("/tmp/d");
  assertThrows(() => vfs.find("/tmp/d"), KernelError);
});

Deno.test("Vfs.readdir() gives /tmp newest first and /proc by length", () => {
  const { kernel, vfs } = makeTree();
  assertEquals(vfs.readdir("/tmp"), ["gone", "loop", "up", "rel", "abs", "d"]);
  for (const name of ["zz", "b", "a"]) kernel.procfs.add(name, textFile(() => ""));
  assertEquals(vfs.readdir("/proc"), ["a", "b", "zz", "text"]);
});

Deno.test("GuestFs.glob() finds paths by their bytes", async () => {
  const { kernel } = makeTree();
  const fs = new GuestFs(kernel);
  assertEquals(await fs.glob("/tmp/[a-l]*"), ["/tmp/abs", "/tmp/d", "/tmp/gone", "/tmp/loop"]);
  assertEquals(await fs.glob("/sys/ob?/*"), [
    "/sys/obj/both",
    "/sys/obj/ro",
    "/sys/obj/self",
    "/sys/obj/wo",
  ]);
  assertEquals(await fs.glob("/tmp/*/"), ["/tmp/abs/", "/tmp/d/", "/tmp/rel/", "/tmp/up/"]);
  assertEquals(await fs.glob("/nosuch/*"), []);
});
