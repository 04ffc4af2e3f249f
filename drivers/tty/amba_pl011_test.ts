import { assertEquals } from "@std/assert";
import { bootConsoles, type ConsoleMachine } from "../_virtio_console_testing.ts";

const SERIAL = "-chardev script,id=ser -serial chardev:ser";
const PL011_BASE = 0x0900_0000;

/** Accesses to the serial port as `r30=300` and `w38=0`. */
function traceUart(vm: ConsoleMachine): string[] {
  const accesses: string[] = [];
  vm.kernel.io.onAccess = (write, address, _width, value) => {
    const offset = (address - PL011_BASE).toString(16);
    if (address - PL011_BASE < 0x1000) {
      accesses.push(`${write ? "w" : "r"}${offset}=${value.toString(16)}`);
    }
    return undefined;
  };
  return accesses;
}

// What QEMU 7.2 traced (-trace 'pl011_*') while Linux 6.1 wrote "@@@ stdout\n" to the open console.
Deno.test("a write to ttyAMA0 costs a look at the flags for each character", async () => {
  const vm = await bootConsoles(SERIAL);
  const tty = await vm.open("ttyAMA0");
  const accesses = traceUart(vm);
  await vm.run(() => tty.write("@@@ stdout\n"));
  const text = [..."@@@ stdout"].flatMap((c) => [`r18=90`, `w0=${c.charCodeAt(0).toString(16)}`]);
  assertEquals(accesses, [
    ...text,
    "w38=50",
    "r18=90",
    "w0=d",
    "r18=90",
    "w0=a",
    "w38=50",
    "w38=50",
  ]);
});

// The same trace, from the driver's first access to the first character. Linux was quiet then.
Deno.test("probe and first open access the registers as Linux does", async () => {
  const accesses: string[] = [];
  await bootConsoles(SERIAL, {
    onKernel: (kernel) => {
      kernel.log.consoleLoglevel = 0;
      kernel.io.onAccess = (write, address, width, value) => {
        const offset = address - PL011_BASE;
        if (offset < 0 || offset >= 0xfe0) return;
        assertEquals(width, 2);
        accesses.push(`${write ? "w" : "r"}${offset.toString(16)}=${value.toString(16)}`);
      };
    },
    append: "console=ttyAMA0 loglevel=0",
  });
  assertEquals(
    accesses.join(" "),
    [
      "w38=0 w44=ffff r30=300 w30=300 r30=300 r30=300 w28=4 w24=27 w2c=70 w30=300", // probe
      "w44=7d0 r38=0 w38=50 w38=0 w34=12 r30=300 w30=301 r18=90 w44=50 r18=90 w38=50", // startup
      "r30=301 w28=4 w24=27 w2c=70 w30=301 r30=301 w30=f01", // settings, modem lines
    ].join(" "),
  );
});

Deno.test("ttyAMA0 shows in sysfs what it showed on Linux", async () => {
  const vm = await bootConsoles(SERIAL);
  const recorded = new TextDecoder().decode(
    Deno.readFileSync(new URL("../../tests/recordings/pl011/stdout.txt", import.meta.url)),
  );
  const expected = recorded.slice(
    recorded.indexOf("close_delay: "),
    recorded.indexOf("driver_override:"),
  );
  let shown = "";
  for (const line of expected.trimEnd().split("\n").filter((line) => line.includes(": "))) {
    const name = line.slice(0, line.indexOf(":"));
    shown += `${name}: ${await vm.text(`/sys/class/tty/ttyAMA0/${name}`)}`;
  }

  assertEquals(shown, expected);
  const first = recorded.indexOf("/sys/class/tty/ttyAMA0:\n") + "/sys/class/tty/ttyAMA0:\n".length;
  const names = recorded.slice(first, recorded.indexOf("\n\n", first)).split("\n");
  assertEquals((await vm.fs.readdir("/sys/class/tty/ttyAMA0")).sort(), names);
  assertEquals(await vm.text("/proc/consoles"), "ttyAMA0              -W- (EC p a)  204:64\n");
  const driver = await vm.text("/proc/tty/driver/ttyAMA");
  assertEquals(
    driver.replace(/[tr]x:\d+/g, "N"),
    "serinfo:1.0 driver revision:\n0: uart:PL011 rev1 mmio:0x09000000 irq:13 N N RTS|DTR\n",
  );
});

Deno.test("characters that arrive interrupt, are echoed and read", async () => {
  const vm = await bootConsoles(SERIAL, { append: "console=ttyAMA0 loglevel=0" });
  const tty = await vm.open("ttyAMA0");
  vm.machine.chardev("ser").write("hello\r");
  assertEquals(await vm.run(() => tty.readText()), "hello\n");
  await vm.settle();
  assertEquals(vm.received("ser"), "hello\r\n");
  assertEquals(vm.machine.violations, []);
});

Deno.test("a port that is no console is switched off by the last close and on again", async () => {
  const vm = await bootConsoles(SERIAL, { append: "console=hvc0 loglevel=0" });
  const irqs = () => vm.text("/proc/interrupts").then((text) => text.includes("uart-pl011"));
  assertEquals(await irqs(), false);
  const first = await vm.open("ttyAMA0");
  const second = await vm.open("ttyAMA0");
  await vm.run(() => second.write("one\n"));
  await vm.run(() => first.close());
  assertEquals(await irqs(), true);
  await vm.run(() => second.close());
  assertEquals(await irqs(), false);
  await vm.fs.write("/dev/ttyAMA0", "two\n");
  assertEquals([vm.received("ser"), await irqs()], ["one\r\ntwo\r\n", false]);
});

Deno.test("the kernel log reaches the console from its first line", async () => {
  const vm = await bootConsoles(SERIAL, { append: "console=ttyAMA0" });
  const log = vm.kernel.log.records.filter(({ level }) => level < 7).map(({ text }) => text);
  const printed = vm.received("ser").split("\r\n").slice(0, -1).map((line) => line.slice(15));
  assertEquals(printed, log);
});
