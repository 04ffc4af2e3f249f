import { assert, assertEquals, assertRejects } from "@std/assert";
import { KernelError } from "../kernel/errors.ts";
import {
  VIRTIO_CONSOLE_CONSOLE_PORT,
  VIRTIO_CONSOLE_F_EMERG_WRITE,
  VIRTIO_CONSOLE_F_MULTIPORT,
  VIRTIO_CONSOLE_F_SIZE,
  VIRTIO_CONSOLE_PORT_ADD,
  VIRTIO_CONSOLE_PORT_NAME,
  VIRTIO_CONSOLE_PORT_OPEN,
  VIRTIO_CONSOLE_PORT_REMOVE,
  VIRTIO_CONSOLE_RESIZE,
} from "../uapi/virtio_console.ts";
import { ScriptedConsole } from "./_scripted_console.ts";
import { bootConsoles, type ConsoleMachine } from "./_virtio_console_testing.ts";
import {
  unregisterVirtioDevice,
  virtioDeviceFreeze,
  virtioDeviceRestore,
} from "./virtio/virtio.ts";
import { findPort, virtconsEmergWrite } from "./virtio_console.ts";

/** A machine with one scripted console; with `ports`, one with MULTIPORT. */
async function plugged(
  bits: readonly number[],
  ports?: number,
): Promise<[ConsoleMachine, ScriptedConsole]> {
  const vm = await bootConsoles("");
  const device = new ScriptedConsole(vm.kernel, bits);
  device.config.setUint32(4, ports ?? 0, true);
  await device.plug();
  return [vm, device];
}

const MULTIPORT = [VIRTIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_F_MULTIPORT];

// Sizes

Deno.test("a console without MULTIPORT takes its size from the configuration", async () => {
  const [vm, device] = await plugged([VIRTIO_CONSOLE_F_SIZE]);
  const tty = await vm.open("hvc0");
  const signals: string[] = [];
  tty.onSignal((signal) => {
    signals.push(signal);
  });
  device.config.setUint16(0, 100, true);
  device.config.setUint16(2, 40, true);
  await device.configChanged();
  assertEquals([tty.size, signals], [{ cols: 100, rows: 40 }, ["SIGWINCH"]]);
  await device.configChanged();
  assertEquals(signals.length, 1);
});

Deno.test("a console with MULTIPORT is resized by message, rows first as Linux reads it", async () => {
  const [vm, device] = await plugged(MULTIPORT, 4);
  await device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
  await device.control(0, VIRTIO_CONSOLE_RESIZE, 0, [25, 0, 80, 0]);
  const tty = await vm.open("hvc0");
  await vm.settle();
  assertEquals(tty.size, { rows: 25, cols: 80 });
  device.config.setUint16(0, 100, true);
  await device.configChanged();
  assertEquals(tty.size, { rows: 25, cols: 80 });
});

// Control messages

Deno.test("the driver says when it and each port are ready, in Linux's order", async () => {
  const [, device] = await plugged(MULTIPORT, 4);
  assertEquals(device.takeControl(), ["-1 0 1"]);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  assertEquals(device.takeControl(), ["1 3 1"]);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  assertEquals(device.takeControl(), ["1 3 1"]);
  await device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
  assertEquals(device.takeControl(), ["0 3 1", "0 6 1"]);
});

Deno.test("messages about no port, for no port, unknown ones and cut ones are dropped", async () => {
  const [vm, device] = await plugged(MULTIPORT, 2);
  device.takeControl();
  for (let event = 0; event < 10; event++) {
    if (event !== VIRTIO_CONSOLE_PORT_ADD) await device.control(1, event, 1, [1, 2, 3, 4]);
  }
  await device.control(2, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0xffffffff, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.deliver(2, Uint8Array.of(1, 0, 0, 0, 1));
  assertEquals(device.takeControl(), []);
  assertEquals(await vm.fs.readdir("/sys/class/virtio-ports"), []);
  assertEquals(vm.log(/out-of-bound/), [
    "virtio_console virtio0: Request for adding port with out-of-bound id 2, max. supported id: 1",
    "virtio_console virtio0: Request for adding port with out-of-bound id 4294967295, max. supported id: 1",
  ]);
});

Deno.test("a name ends at its zero byte and at the end of the message; a second one is ignored", async () => {
  const [vm, device] = await plugged(MULTIPORT, 2);
  await device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0, VIRTIO_CONSOLE_PORT_NAME, 1, [0x61, 0x62, 0, 0x63]);
  await device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, [0x78, 0x79]);
  await device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, [0x7a]);
  assertEquals(await vm.text("/sys/class/virtio-ports/vport0p0/name"), "ab\n");
  assertEquals(await vm.text("/sys/class/virtio-ports/vport0p1/name"), "xy\n");
});

Deno.test("any sequence of messages leaves a driver that can be removed without a trace", async () => {
  const events = [0, 1, 2, 3, 4, 5, 6, 7, 99];
  let seed = 1;
  for (let round = 0; round < 20; round++) {
    const [vm, device] = await plugged(MULTIPORT, 2);
    const held = vm.kernel.mem.live.size;
    assert(held > 0);
    for (let i = 0; i < 30; i++) {
      seed = (seed * 1103515245 + 12345) % 0x80000000;
      const event = events[(seed >> 8) % events.length];
      await device.control((seed >> 4) % 3, event, seed % 2, [seed & 255, 0, 80, 0]);
    }
    await vm.run(() => unregisterVirtioDevice(device.vdev));
    assertEquals(
      [...vm.kernel.mem.live.values()].filter(({ owner }) => /virtio|vport/.test(owner)),
      [],
    );
    assertEquals(await vm.fs.readdir("/sys/class/virtio-ports"), []);
    vm.kernel.mem.checkFreed();
    assertEquals(vm.kernel.mem.usesAfterFree, []);
  }
});

// Unplugging

Deno.test("a port that is unplugged while open gives ENODEV, and its console hangs up", async () => {
  const [vm, device] = await plugged(MULTIPORT, 2);
  await device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
  const tty = await vm.open("hvc0");
  const node = vm.kernel.devtmpfs.lookup("vport0p1");
  assert(node?.kind === "char");
  const file = await vm.run(() => node.open({ read: true, write: true }));
  await device.control(1, VIRTIO_CONSOLE_PORT_REMOVE, 1);
  await device.control(0, VIRTIO_CONSOLE_PORT_REMOVE, 1);
  const error = await assertRejects(() => vm.run(() => file.read(1, 0)), KernelError);
  assertEquals(error.code, "ENODEV");
  assertEquals(await vm.run(() => tty.readText()), "");
  await assertRejects(() => vm.run(() => tty.write("x")), KernelError);
  device.takeControl();
  await vm.run(() => file.close());
  await vm.run(() => tty.close());
  assertEquals(device.takeControl(), []);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  assertEquals(device.takeControl(), ["1 3 1"]);
});

// Data

Deno.test("a used length beyond the buffer hands out no more than the buffer", async () => {
  const [vm, device] = await plugged([]);
  const tty = await vm.open("hvc0");
  tty.setRaw();
  await device.deliver(0, Uint8Array.of(0x61), 0xffffffff);
  assertEquals((await vm.run(() => tty.read(100_000))).length <= 4096, true);
});

Deno.test("a full queue makes a port wait until the device takes something", async () => {
  const [vm, device] = await plugged(MULTIPORT, 2);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
  const node = vm.kernel.devtmpfs.lookup("vport0p1");
  assert(node?.kind === "char");
  const file = await vm.run(() => node.open({ read: true, write: true, nonblock: true }));
  device.silent = true;
  device.takeText();
  for (let i = 0; i < 16; i++) await vm.run(() => file.write(Uint8Array.of(0x41 + i), 0));
  const error = await assertRejects(
    () => vm.run(() => file.write(Uint8Array.of(1), 0)),
    KernelError,
  );
  assertEquals([error.code, findPort(vm.kernel, "vport0p1")?.outvqFull], ["EAGAIN", true]);
  await device.resume(5);
  assertEquals(device.takeText(), "ABCDEFGHIJKLMNOP");
  assertEquals(await vm.run(() => file.write(Uint8Array.of(1), 0)), 1);
});

Deno.test("a console whose device never answers does not hang the kernel", async () => {
  const [vm, device] = await plugged([]);
  device.silent = true;
  await vm.fs.write("/dev/hvc0", "nobody\n");
  device.silent = false;
  await vm.run(() => unregisterVirtioDevice(device.vdev));
  vm.kernel.mem.checkFreed();
  assertEquals(vm.kernel.mem.usesAfterFree, []);
});

// Sleep

Deno.test("freeze and restore keep ports, names and what is open", async () => {
  const [vm, device] = await plugged(MULTIPORT, 2);
  await device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
  await device.control(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
  await device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
  const held = vm.kernel.mem.liveBytes;
  await vm.run(() => virtioDeviceFreeze(device.vdev));
  device.takeControl();
  await vm.run(() => virtioDeviceRestore(device.vdev));
  assertEquals(device.takeControl(), ["0 3 1", "0 6 1", "1 3 1"]);
  assertEquals(vm.kernel.mem.liveBytes, held);
  await vm.fs.write("/dev/hvc0", "back\n");
  assertEquals(device.takeText(), "back\r\n");
});

// Emergency writes. VIRTIO 1.4, 5.3.4

Deno.test("virtconsEmergWrite() prints without a driver, which does not accept the feature", async () => {
  const vm = await bootConsoles("", { module: true });
  const device = new ScriptedConsole(vm.kernel, [VIRTIO_CONSOLE_F_EMERG_WRITE]);
  await device.plug();
  virtconsEmergWrite(device.vdev, "help");
  assertEquals(device.takeText(), "help");
  await vm.insert();
  assertEquals(device.vdev.features >> BigInt(VIRTIO_CONSOLE_F_EMERG_WRITE) & 1n, 0n);
});

Deno.test("a device that claims no port, or too many, is refused", async () => {
  for (const ports of [0, 0x8001, 0xffffffff]) {
    const [vm, device] = await plugged(MULTIPORT, ports);
    assertEquals(device.vdev.driver, undefined);
    assertEquals(vm.log(/Invalidate/), [
      `virtio_console virtio0: Invalidate max_nr_ports ${ports | 0}`,
    ]);
  }
});
