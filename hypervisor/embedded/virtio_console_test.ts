import { assertEquals, assertThrows } from "@std/assert";
import { MiniDriver, SlotBench } from "../../tests/mini_driver.ts";
import { Activity } from "./activity.ts";
import { Chardev, NullChardev, ScriptChardev } from "./chardev.ts";
import { VirtioSerial } from "./virtio_console.ts";

/** Takes a few bytes at a time. */
class NarrowChardev extends Chardev {
  readonly filename = "narrow";
  text = "";
  room = 3;
  write(data: Uint8Array): number {
    const taken = data.subarray(0, this.room);
    this.room -= taken.length;
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }
  drain(room: number): undefined {
    this.room = room;
    this.becomeWritable();
  }
}

const text = (words: string) => new TextEncoder().encode(words);

Deno.test("SerialPort keeps what its character device did not take", () => {
  const serial = new VirtioSerial({ maxPorts: 2 });
  const narrow = new NarrowChardev("c0");
  serial.addPort({ kind: "virtserialport", nr: 1 }, narrow);
  const driver = new MiniDriver(new SlotBench(serial));
  driver.init(6);
  driver.add(5, [text("ab"), text("cdef")], []);
  driver.add(5, [text("gh")], []);
  driver.kick(5);
  assertEquals([narrow.text, driver.used(5).length], ["abc", 0]);
  narrow.drain(2);
  assertEquals([narrow.text, driver.used(5).length], ["abcde", 0]);
  narrow.drain(9);
  assertEquals([narrow.text, driver.used(5).length], ["abcdefgh", 2]);
});

Deno.test("SerialPort of a console loses what its character device did not take", () => {
  const serial = new VirtioSerial();
  const narrow = new NarrowChardev("c0");
  serial.addPort({ kind: "virtconsole" }, narrow);
  const driver = new MiniDriver(new SlotBench(serial));
  driver.init(2);
  driver.add(1, [text("abcdef")], []);
  driver.kick(1);
  assertEquals([narrow.text, driver.used(1).length], ["abc", 1]);
});

Deno.test("SerialPort reports a receive buffer without writable bytes and goes on", () => {
  const serial = new VirtioSerial();
  const script = new ScriptChardev("c0", new Activity());
  serial.addPort({ kind: "virtconsole" }, script);
  const bench = new SlotBench(serial);
  const driver = new MiniDriver(bench);
  driver.init(2, ~2n);
  driver.add(0, [text("wrong")], []);
  driver.add(0, [], [8]);
  driver.kick(0);
  script.end.write("hi");
  assertEquals(driver.used(0).map(({ len }) => len), [0, 2]);
  assertEquals(
    bench.violations.at(-1),
    "VIRTIO 1.4, 5.3.6.2: port 0: receive buffer of no writable bytes",
  );
});

Deno.test("SerialPort says in frontendOpen whether the guest has it open", () => {
  const serial = new VirtioSerial({ maxPorts: 2 });
  const console = new NullChardev("c0");
  const port = new NullChardev("c1");
  serial.addPort({ kind: "virtconsole" }, console);
  serial.addPort({ kind: "virtserialport" }, port);
  const driver = new MiniDriver(new SlotBench(serial));
  driver.init(6);
  assertEquals([console.frontendOpen, port.frontendOpen], [true, false]);
  driver.request(3, [Uint8Array.of(1, 0, 0, 0, 6, 0, 1, 0)], []);
  assertEquals([console.frontendOpen, port.frontendOpen], [true, true]);
  driver.write(0x70, 0);
  assertEquals([console.frontendOpen, port.frontendOpen], [true, false]);
});

Deno.test("VirtioSerial with a size offers SIZE and tells a new one", () => {
  const serial = new VirtioSerial({ size: { cols: 80, rows: 25 }, maxPorts: 1 });
  serial.addPort({ kind: "virtconsole" });
  const driver = new MiniDriver(new SlotBench(serial));
  driver.init(2);
  assertEquals(driver.offered & 3n, 1n);
  assertEquals(driver.config(4), [80, 0, 25, 0]);
  serial.resize(0, { cols: 132, rows: 43 });
  assertEquals([driver.config(4), driver.acknowledge()], [[132, 0, 43, 0], 3]);
});

Deno.test("VirtioSerial.resize() sends a control message with columns first", () => {
  const serial = new VirtioSerial();
  serial.addPort({ kind: "virtconsole" });
  const driver = new MiniDriver(new SlotBench(serial));
  driver.init(4);
  driver.add(2, [], [64]);
  serial.resize(0, { cols: 132, rows: 43 });
  const [{ len, data }] = driver.used(2);
  assertEquals([...data.subarray(0, len)], [0, 0, 0, 0, 5, 0, 0, 0, 132, 0, 43, 0]);
});

Deno.test("VirtioSerial refuses impossible ports in QEMU's words", () => {
  const message = (action: () => unknown) => assertThrows(action, Error).message;
  const serial = new VirtioSerial({ maxPorts: 3 });
  const taken = new NullChardev("c0");
  serial.addPort({ kind: "virtserialport", nr: 2, name: "a" }, taken);
  assertEquals(
    message(() => serial.addPort({ kind: "virtserialport", nr: 2 })),
    "virtio-serial-bus: A port already exists at id 2",
  );
  assertEquals(
    message(() => serial.addPort({ kind: "virtserialport", name: "a" })),
    "virtio-serial-bus: A port already exists by name a",
  );
  assertEquals(
    message(() => serial.addPort({ kind: "virtserialport", nr: 0 })),
    "Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.",
  );
  assertEquals(
    message(() => serial.addPort({ kind: "virtserialport", nr: 40 })),
    "virtio-serial-bus: Out-of-range port id specified, max. allowed: 2",
  );
  assertEquals(
    message(() => serial.addPort({ kind: "virtconsole" }, taken)),
    "Property 'virtconsole.chardev' can't take value 'c0': Device 'c0' is in use",
  );
  assertEquals(
    message(() => new VirtioSerial({ maxPorts: 0 })),
    "Maximum number of serial ports not specified",
  );
  assertEquals(message(() => new VirtioSerial({ maxPorts: 512 })), "maximum ports supported: 511");
});

Deno.test("VirtioSerial gives the first console number 0 and others the first free number", () => {
  const serial = new VirtioSerial();
  const kinds = ["virtserialport", "virtconsole", "virtconsole", "virtserialport"] as const;
  assertEquals(kinds.map((kind) => serial.addPort({ kind }).nr), [1, 0, 2, 3]);
});
