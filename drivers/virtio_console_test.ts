import { assert, assertEquals, assertRejects } from "@std/assert";
import { KernelError } from "../kernel/errors.ts";
import { bootConsoles, type ConsoleMachine } from "./_virtio_console_testing.ts";
import { findPort } from "./virtio_console.ts";

/** The devices of the recording `console-ports`, with files in the hands of the test. */
const PORTS = "-device virtio-serial-device,max_ports=8" +
  " -chardev script,id=c0 -device virtconsole,chardev=c0,name=console.0" +
  " -chardev null,id=c1 -device virtserialport,chardev=c1,name=org.example.null" +
  " -chardev script,id=c2 -device virtserialport,chardev=c2,name=org.example.file" +
  " -chardev ringbuf,id=c3,size=1024 -device virtserialport,chardev=c3";

const RECORDINGS = new URL("../tests/recordings/", import.meta.url);

function recorded(path: string): string {
  return new TextDecoder().decode(Deno.readFileSync(new URL(path, RECORDINGS)));
}

async function recordedTrace(name: string): Promise<string> {
  const packed = Deno.readFileSync(new URL(`${name}/mmio.trace.gz`, RECORDINGS));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

/** What is the same in every run: from the first access to DRIVER_OK, without addresses and timing. */
function comparable(lines: string[]): string[] {
  const kept = lines
    .filter((line) => /^virtio_(mmio_read|mmio_write|mmio_queue|set_status)/.test(line))
    .map((line) => line.replace(/vdev 0x[0-9a-f]+ /, ""))
    .map((line) => line.replace(/(offset 0x(?:8|9|a)[04] value) .*/, "$1"))
    .filter((line) => !/read offset 0x60|write offset 0x(64|50) /.test(line));
  const first = kept.findIndex((line) => line.includes("mmio_read"));
  const last = kept.findIndex((line) => line.endsWith("write offset 0x70 value 0xf"));
  assert(last > 0, "the trace does not reach DRIVER_OK");
  return kept.slice(first, last + 1);
}

function task<T>(vm: ConsoleMachine, body: () => Promise<T>): Promise<T> {
  return vm.run(body);
}

/** The errno that opening a node gives. */
async function openError(vm: ConsoleMachine, path: string): Promise<string> {
  const error = await assertRejects(() => vm.fs.write(path, "x"), KernelError);
  return error.code;
}

// Against recordings

for (const name of ["console-ports", "console-hvc0"]) {
  Deno.test(`probe accesses the registers as in the recording ${name}`, async () => {
    const lines: string[] = [];
    const args = name === "console-ports"
      ? PORTS
      : "-device virtio-serial-device -chardev script,id=c0 -device virtconsole,chardev=c0";
    await bootConsoles(args, {
      machine: {
        trace: (line) => {
          lines.push(line);
        },
      },
    });
    assertEquals(comparable(lines), comparable((await recordedTrace(name)).split("\n")));
  });
}

Deno.test("ports show in sysfs and debugfs what they showed on Linux", async () => {
  const vm = await bootConsoles(PORTS);
  const expected = recorded("console-ports/stdout.txt");
  let shown = "";
  for (let p = 0; p < 4; p++) {
    const path = `/sys/class/virtio-ports/vport0p${p}`;
    shown += `## ${path} -> ${await vm.fs.readlink(path)}\n`;
    const names = (await vm.fs.readdir(path)).sort();
    shown += names.map((name) => `${name}\n`).join("");
    shown += await vm.text(`${path}/dev`) + await vm.text(`${path}/uevent`);
    if (names.includes("name")) shown += await vm.text(`${path}/name`);
  }
  assert(expected.includes(shown.slice(0, shown.lastIndexOf("##"))), shown);
  let debug = "";
  for (let p = 0; p < 4; p++) {
    const path = `/sys/kernel/debug/virtio-ports/vport0p${p}`;
    debug += `# ${path}\n${await vm.text(path)}`;
  }
  assert(expected.includes(debug), debug);
  assertEquals((await vm.fs.readdir("/dev")).filter((name) => name.startsWith("hvc")).length, 8);
});

Deno.test("writing, opening twice and unloading go as in the recording console-ports", async () => {
  const vm = await bootConsoles(PORTS, { module: true });
  await vm.insert();
  await vm.settle();
  await vm.fs.write("/dev/hvc0", "hello console\n");
  await vm.fs.write("/dev/vport0p2", "into file\n");
  await vm.fs.write("/dev/vport0p2", "more\n");
  await vm.fs.write("/dev/vport0p3", "ring\n");
  for (const hvc of ["hvc1", "hvc7"]) assertEquals(await openError(vm, `/dev/${hvc}`), "ENODEV");
  assertEquals(await openError(vm, "/dev/vport0p0"), "ENXIO");
  assertEquals(vm.received("c0"), "hello console\r\n");
  assertEquals(vm.received("c2"), recorded("console-ports/files/port.txt"));
  const port = findPort(vm.kernel, "vport0p3")!;
  const node = vm.kernel.devtmpfs.lookup("vport0p3");
  assert(node?.kind === "char");
  const open = await task(vm, () => node.open({ read: true, write: true }));
  assertEquals(await openError(vm, "/dev/vport0p3"), "EBUSY");
  assertEquals([port.stats.bytesSent, port.guestConnected], [5, true]);
  assertEquals((await assertRejects(() => vm.remove(), KernelError)).code, "EAGAIN");
  await task(vm, () => open.close());
  await vm.remove();
  const names = await vm.fs.readdir("/dev");
  assertEquals(names.filter((name) => name.startsWith("vport")), []);
  assertEquals(names.filter((name) => name.startsWith("hvc")).length, 8);
  const numbers = await vm.text("/proc/devices");
  assertEquals([numbers.includes("229 hvc"), numbers.includes("virtio-ports")], [true, false]);
  await vm.insert();
  await vm.settle();
  assertEquals(await vm.text("/sys/class/virtio-ports/vport0p2/dev"), "238:2\n");
  assertEquals(vm.machine.violations, []);
});

Deno.test("two controllers share the hvc numbers as in the recording console-two", async () => {
  const vm = await bootConsoles(
    "-device virtio-serial-device,id=s0,max_ports=1 -chardev script,id=c0" +
      " -device virtconsole,bus=s0.0,chardev=c0 -device virtio-serial-device,id=s1" +
      " -chardev script,id=c1 -device virtconsole,bus=s1.0,nr=3,chardev=c1,name=tty.three" +
      " -chardev script,id=c2 -device virtserialport,bus=s1.0,nr=5,chardev=c2,name=five",
  );
  const expected = recorded("console-two/stdout.txt").split("# /sys/kernel/debug/virtio-ports/");
  const debug = async (name: string) =>
    `${name}\n${await vm.text(`/sys/kernel/debug/virtio-ports/${name}`)}`;
  const shows = async (name: string, section: number) => {
    const got = await debug(name);
    assertEquals(expected[section].slice(0, got.length), got);
  };
  await shows("vport0p3", 1);
  await shows("vport0p5", 2);
  await shows("vport1p0", 3);
  await vm.fs.write("/dev/hvc0", "plain\n");
  await vm.fs.write("/dev/hvc1", "multi\n");
  assertEquals(await openError(vm, "/dev/hvc2"), "ENODEV");
  assertEquals([vm.received("c0"), vm.received("c1")], ["plain\r\n", "multi\r\n"]);
  const driver = "/sys/bus/virtio/drivers/virtio_console";
  await vm.fs.write(`${driver}/unbind`, "virtio0");
  assertEquals(await openError(vm, "/dev/hvc1"), "ENODEV");
  await vm.fs.write(`${driver}/bind`, "virtio0");
  await vm.settle();
  await shows("vport0p3", 4);
  await shows("vport0p5", 5);
  await shows("vport1p0", 6);
  await vm.fs.write("/dev/hvc1", "once more\n");
  assertEquals(vm.received("c1"), "once more\r\n");
});

Deno.test("a kernel console on hvc0 comes late and loses what was before, as in the recording", async () => {
  const vm = await bootConsoles(
    "-device virtio-serial-device -chardev script,id=c0 -device virtconsole,chardev=c0",
    { append: "console=ttyAMA0 console=hvc0 console=ttyAMA0", module: true },
  );
  const states = recorded("console-hvc0/stdout.txt").split("\n");
  const [before, , bound, active] = states.slice(1);
  assertEquals(await vm.text("/proc/consoles"), `${before}\n`);
  await vm.insert();
  await vm.settle();
  assertEquals(await vm.text("/proc/consoles"), `${states[2]}\n${bound}\n`);
  assertEquals(await vm.text("/sys/class/tty/console/active"), `${active}\n`);
  vm.kernel.err("seen on the console");
  assertEquals(vm.received("c0").slice(15), "seen on the console\r\n");
  await vm.fs.write("/sys/bus/virtio/drivers/virtio_console/unbind", "virtio0");
  vm.kernel.err("not seen");
  assertEquals(
    await vm.text("/proc/consoles"),
    `${states[2]}\nhvc0                 -W- (E  p  )\n`,
  );
  await vm.fs.write("/sys/bus/virtio/drivers/virtio_console/bind", "virtio0");
  await vm.settle();
  vm.kernel.err("seen again");
  assertEquals(vm.received("c0").slice(15), "seen again\r\n");
});

// The data path

Deno.test("what the host types is echoed and read, whole and in order", async () => {
  const vm = await bootConsoles(PORTS);
  const tty = await vm.open("hvc0");
  tty.setRaw();
  const text = "0123456789abcdef".repeat(1000);
  vm.machine.chardev("c0").write(text);
  let got = "";
  while (got.length < text.length) got += await task(vm, () => tty.readText());
  assertEquals(got, text);
});

Deno.test("a port gets what the host sends, also what was sent before it was opened", async () => {
  const vm = await bootConsoles(PORTS);
  vm.machine.chardev("c2").write("early ");
  await vm.settle();
  const node = vm.kernel.devtmpfs.lookup("vport0p2");
  assert(node?.kind === "char");
  const file = await task(vm, () => node.open({ read: true, write: true }));
  vm.machine.chardev("c2").write("late");
  let text = "";
  while (text.length < 10) text += String.fromCharCode(...await task(vm, () => file.read(3, 0)));
  assertEquals(text, "early late");
  assertEquals(findPort(vm.kernel, "org.example.file")?.stats.bytesReceived, 10);
  await task(vm, () => file.close());
});

Deno.test("a port whose host end is closed reads nothing and never blocks in non-blocking mode", async () => {
  const vm = await bootConsoles(PORTS);
  const node = vm.kernel.devtmpfs.lookup("vport0p1");
  assert(node?.kind === "char");
  const file = await task(vm, () => node.open({ read: true, write: true, nonblock: true }));
  assertEquals((await task(vm, () => file.read(10, 0))).length, 0);
  const error = await assertRejects(
    () => task(vm, () => file.write(Uint8Array.of(1), 0)),
    KernelError,
  );
  assertEquals(error.code, "EAGAIN");
});
