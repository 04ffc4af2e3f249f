import { assert, assertEquals, assertRejects } from "@std/assert";
import { embedded, type EmbeddedMachine } from "../../hypervisor/embedded/machine.ts";
import { bootGuest, type TestGuest } from "../../tests/guest.ts";
import { comparableTrace, readRecording } from "../../tests/recordings.ts";
import * as codes from "../../uapi/input_event_codes.ts";
import { deviceShutdown } from "../base/core.ts";
import { KernelError } from "../errors.ts";
import { Kernel } from "../kernel.ts";
import { classRegister } from "../base/device.ts";
import { BareMachine } from "../../tests/bare_machine.ts";
import { decodeInputEvent, encodeInputEvent, INPUT_EVENT_SIZE } from "./evdev.ts";
import {
  defuzz,
  INPUT,
  InputDev,
  type InputHandler,
  inputRegisterDevice,
  inputRegisterHandler,
  inputSetAbsParams,
  inputUnregisterDevice,
} from "./input.ts";
import { INPUT_CLASS } from "./input_show.ts";

const MODERN = ["-global", "virtio-mmio.force-legacy=false"];
const { EV_KEY, EV_REL, EV_ABS, EV_SYN, EV_LED, EV_SND, EV_MSC, EV_REP } = codes;

// Against recordings

async function bootInputs(name: string, trace?: string[]): Promise<TestGuest<EmbeddedMachine>> {
  const { args } = await readRecording(name);
  const machine = embedded(["-m", "512", ...MODERN, ...args], {
    trace: trace === undefined ? undefined : (line) => void trace.push(line) as undefined,
  });
  return await bootGuest(machine);
}

/** The text between two lines of a recorded run. */
function section(text: string, from: string, to: string): string {
  const start = from === "" ? 0 : text.indexOf(from);
  return text.slice(start, text.indexOf(to, start));
}

Deno.test("/proc/bus/input and sysfs show what Linux shows of keyboard, mouse and tablet", async () => {
  const { stdout } = await readRecording("inputs");
  const guest = await bootInputs("inputs");
  await guest.modprobe("virtio_mmio", "virtio_input");
  let shown = await guest.cat("/proc/bus/input/devices") +
    await guest.cat("/proc/bus/input/handlers");
  assertEquals(shown, section(stdout, "", "/dev/input:"));
  await guest.modprobe("evdev");
  shown = await guest.cat("/proc/bus/input/devices") + await guest.cat("/proc/bus/input/handlers");
  const after = stdout.slice(stdout.indexOf("I: Bus=", stdout.indexOf("/dev/input:")));
  assertEquals(shown, after.slice(0, shown.length));
  for (const name of ["input0", "input1", "input2"]) {
    const from = stdout.indexOf(`## /sys/class/input/${name} `);
    const uevent = await guest.cat(`/sys/class/input/${name}/uevent`);
    assert(stdout.slice(from).includes(uevent), uevent);
  }
});

Deno.test("virtio_input touches the registers that Linux touches, from probe to power-off", async () => {
  const recording = await readRecording("inputs");
  const trace: string[] = [];
  const guest = await bootInputs("inputs", trace);
  const { kernel } = guest;
  await guest.modprobe("virtio_mmio", "virtio_input", "evdev");
  for (const value of ["1", "5"]) {
    await guest.echo(value, "/sys/class/leds/input2::capslock/brightness");
  }
  await guest.echo("1", "/sys/class/input/input0/inhibited");
  await guest.run(() => kernel.sched.settle());
  await guest.run(() => deviceShutdown(kernel));
  assertEquals(comparableTrace(trace.join("\n")), comparableTrace(recording.trace!));
  assertEquals(guest.machine.violations, []);
});

// Events

interface Bench {
  readonly kernel: Kernel;
  readonly dev: InputDev;
  readonly heard: string[];
  readonly sent: string[];
}

/** A device with some of everything, and a listener that writes down each report. */
async function bench(): Promise<Bench> {
  const kernel = new Kernel(new BareMachine(1 << 20));
  classRegister(kernel, INPUT_CLASS);
  const dev = new InputDev(kernel);
  for (const type of [EV_KEY, EV_REL, EV_ABS, EV_LED, EV_SND, EV_MSC]) dev.evbit.add(type);
  for (const key of [30, 31, 272]) dev.keybit.add(key);
  dev.relbit.add(0);
  dev.ledbit.add(1);
  dev.sndbit.add(2);
  dev.mscbit.add(4);
  inputSetAbsParams(dev, 0, { minimum: 0, maximum: 100, fuzz: 0, flat: 0, resolution: 0 });
  const heard: string[] = [];
  const sent: string[] = [];
  dev.event = (...value) => void sent.push(value.join()) as undefined;
  const handler: InputHandler = {
    name: "test",
    match: () => true,
    connect: async (input) => ({
      dev: input,
      handler,
      name: "test",
      events: (values) =>
        void heard.push(values.map((v) => `${v.type},${v.code},${v.value}`).join(" ")) as undefined,
    }),
    disconnect: async () => undefined,
  };
  await kernel.sched.run("t", async () => {
    await inputRegisterHandler(kernel, handler);
    await inputRegisterDevice(dev);
  });
  return { kernel, dev, heard, sent };
}

const SYN = [EV_SYN, 0, 0] as const;

Deno.test("inputEvent() passes on only what is news and what the device said it has", async () => {
  const { dev, heard } = await bench();
  const all: readonly (readonly [number, number, number])[] = [
    [EV_KEY, 30, 1],
    [EV_KEY, 30, 1],
    [EV_KEY, 99, 1],
    [EV_KEY, 30, 2],
    [EV_REL, 0, 0],
    [EV_REL, 0, -5],
    [EV_REL, 1, 7],
    [EV_ABS, 0, 50],
    [EV_ABS, 0, 50],
    [EV_ABS, 7, 1],
    [EV_MSC, 4, 30],
    [EV_SYN, 1, 0],
    [EV_SYN, 3, 0],
    [9, 0, 1],
    [40, 0, 1],
    SYN,
    SYN,
    [EV_KEY, 30, 0],
    SYN,
  ];
  for (const event of all) dev.inputEvent(...event);
  assertEquals(heard, ["1,30,1 1,30,2 2,0,-5 3,0,50 4,4,30 0,1,0 0,0,0", "1,30,0 0,0,0"]);
});

Deno.test("inject() tells the device of lamps that change and of every sound", async () => {
  const { dev, sent } = await bench();
  for (const value of [1, 1, 0]) dev.inject(EV_LED, 1, value);
  for (const value of [1, 1, 0]) dev.inject(EV_SND, 2, value);
  dev.inject(EV_LED, 5, 1);
  assertEquals(sent, ["17,1,1", "17,1,0", "18,2,1", "18,2,1", "18,2,0"]);
});

Deno.test("a report that does not end is cut when it is full", async () => {
  const { dev, heard } = await bench();
  // 1 for the end of the report, one axis of each kind, 7 more.
  for (let i = 1; i <= 10; i++) dev.inputEvent(EV_REL, 0, i);
  assertEquals(heard.length, 1);
  assert(heard[0].endsWith("2,0,10 0,0,1"), heard[0]);
});

Deno.test("a held key repeats after 250 ms, every 33 ms, until it is let go", async () => {
  const { kernel, dev, heard } = await bench();
  dev.evbit.add(EV_REP);
  const ms = (n: number) => kernel.sched.run("t", () => kernel.sched.sleep(n * 1_000_000));
  await kernel.sched.run("t", async () => {
    dev.inputEvent(EV_KEY, 31, 1);
    dev.inputEvent(...SYN);
  });
  await ms(249);
  assertEquals(heard.length, 1);
  await ms(2);
  assertEquals(heard.slice(1), ["1,31,2 0,0,1"]);
  await ms(100);
  assertEquals(heard.length, 5);
  dev.inputEvent(EV_KEY, 31, 0);
  dev.inputEvent(...SYN);
  await ms(500);
  assertEquals(heard.slice(5), ["1,31,0 0,0,0"]);
});

Deno.test("an inhibited device lets go of its keys and is not heard", async () => {
  const { dev, heard } = await bench();
  dev.inputEvent(EV_KEY, 30, 1);
  dev.inputEvent(...SYN);
  dev.releaseKeys();
  dev.inhibited = true;
  dev.inputEvent(EV_KEY, 31, 1);
  dev.inputEvent(...SYN);
  assertEquals(heard, ["1,30,1 0,0,0", "1,30,0 0,0,1"]);
});

Deno.test("a listener that cannot connect is left out, and the device is there", async () => {
  const { kernel } = await bench();
  const dev = new InputDev(kernel);
  const handler: InputHandler = {
    name: "sad",
    match: () => true,
    connect: () => Promise.reject(new KernelError("ENOMEM", "no memory")),
    disconnect: async () => undefined,
  };
  await kernel.sched.run("t", () => inputRegisterHandler(kernel, handler));
  await kernel.sched.run("t", () => inputRegisterDevice(dev));
  assert(
    kernel.log.dmesg().includes(
      "input: failed to attach handler sad to device input1, error: -12",
    ),
  );
  assertEquals(dev.handles.map(({ name }) => name), ["test"]);
  await kernel.sched.run("t", () => inputUnregisterDevice(dev));
  assertEquals(kernel.get(INPUT).devices.length, 1);
});

Deno.test("defuzz() keeps within half the fuzz, and moves by parts within twice", () => {
  // Value, old value, fuzz 8: the rule of Documentation/input, by hand.
  const table = [[3, 0, 0], [4, 0, 1], [7, 0, 1], [8, 0, 4], [15, 0, 7], [16, 0, 16], [-5, 0, -1]];
  for (const [value, old, expected] of table) assertEquals(defuzz(value, old, 8), expected);
  assertEquals(defuzz(17, 3, 0), 17);
});

// Device files

const KEYBOARD = [...MODERN, "-device", "virtio-keyboard-device"];

async function bootKeyboard(): Promise<TestGuest<EmbeddedMachine>> {
  const guest = await bootGuest(embedded(KEYBOARD));
  await guest.modprobe("virtio_mmio", "virtio_input", "evdev");
  return guest;
}

function press(machine: EmbeddedMachine, key: string, down: boolean): Promise<unknown> {
  const event = { type: "key", data: { key: { type: "qcode", data: key }, down } };
  return machine.qmp("input-send-event", { events: [event] });
}

Deno.test("reading an event file gives the events of the device, and ENODEV when it is gone", async () => {
  const guest = await bootKeyboard();
  const { kernel, machine } = guest;
  const node = kernel.devtmpfs.dir("input").lookup("event0");
  assert(node?.kind === "char");
  const file = await guest.run(() => node.open({ read: true, write: true }));
  const polled = await guest.run(() => node.open({ read: true, write: false, nonblock: true }));
  const empty = await assertRejects(() => guest.run(() => polled.read!(24, 0)), KernelError);
  assertEquals(empty.code, "EAGAIN");
  const read = guest.run(() => file.read!(10 * INPUT_EVENT_SIZE, 0));
  await press(machine, "a", true);
  const bytes = await read;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const events = [0, 24].map((at) => decodeInputEvent(view, at));
  assertEquals(events.map(({ type, code, value }) => [type, code, value]), [[1, 30, 1], [0, 0, 0]]);
  assertEquals(bytes.length, 2 * INPUT_EVENT_SIZE);
  for (const count of [1, 23]) {
    const error = await assertRejects(() => guest.run(() => file.read!(count, 0)), KernelError);
    assertEquals(error.code, "EINVAL");
  }
  // Unloading is refused while the file is open; unbinding is not.
  const busy = await assertRejects(() => guest.rmmod("evdev"), KernelError);
  assertEquals(busy.code, "EAGAIN");
  const waiting = guest.run(() => file.read!(24, 0)).catch((error: KernelError) => error.code);
  await guest.echo("virtio0", "/sys/bus/virtio/drivers/virtio_input/unbind");
  assertEquals(await waiting, "ENODEV");
  assertEquals(
    (await assertRejects(() => guest.run(() => file.write!(bytes, 0)), KernelError)).code,
    "ENODEV",
  );
  await guest.run(async () => {
    await file.close?.();
    await polled.close?.();
  });
  await guest.rmmod("evdev");
});

Deno.test("a reader that is 64 events behind loses them, and is told so", async () => {
  const guest = await bootKeyboard();
  const { kernel } = guest;
  const [dev] = kernel.get(INPUT).devices;
  const node = kernel.devtmpfs.dir("input").lookup("event0");
  assert(node?.kind === "char");
  const file = await guest.run(() => node.open({ read: true, write: false }));
  const toggle = (count: number) => {
    for (let i = 0; i < count; i++) {
      dev.inputEvent(EV_KEY, 30, dev.key.has(30) ? 0 : 1);
      dev.inputEvent(...SYN);
    }
  };
  const readAll = async () => {
    const bytes = await guest.run(() => file.read!(100 * INPUT_EVENT_SIZE, 0));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: bytes.length / 24 }, (_, i) => decodeInputEvent(view, 24 * i))
      .map(({ type, code, value }) => `${type},${code},${value}`);
  };
  toggle(31);
  assertEquals((await readAll()).length, 62);
  // The buffer of 64 is full with the 64th event: only the newest stays, behind a note.
  toggle(32);
  assertEquals(await readAll(), ["0,3,0", "0,0,0"]);
});

Deno.test("writing to an event file lights the lamp, and the device hears of it once", async () => {
  const trace: string[] = [];
  const machine = embedded(KEYBOARD, { trace: (line) => void trace.push(line) as undefined });
  const guest = await bootGuest(machine);
  await guest.modprobe("virtio_mmio", "virtio_input", "evdev");
  const bytes = new Uint8Array(2 * INPUT_EVENT_SIZE);
  const view = new DataView(bytes.buffer);
  encodeInputEvent(view, 0, { atNs: 0, type: EV_LED, code: 1, value: 1 });
  encodeInputEvent(view, 24, { atNs: 0, type: EV_SYN, code: 0, value: 0 });
  trace.length = 0;
  await guest.fs.write("/dev/input/event0", bytes);
  await guest.fs.write("/dev/input/event0", bytes);
  await guest.run(() => guest.kernel.sched.settle());
  const notified = trace.filter((line) => line.startsWith("virtio_queue_notify"));
  assertEquals(notified.length, 1);
  assertEquals(guest.kernel.get(INPUT).devices[0].led.has(1), true);
  assertEquals(await guest.cat("/sys/class/leds/input0::capslock/brightness"), "0\n");
});

Deno.test("no memory for the message about a lamp is no harm", async () => {
  const guest = await bootKeyboard();
  guest.kernel.choices.chooser = ({ kind }) => kind === "fault" ? 1 : 0;
  await guest.echo("1", "/sys/class/leds/input0::capslock/brightness");
  guest.kernel.choices.chooser = undefined;
  assertEquals(await guest.cat("/sys/class/leds/input0::capslock/brightness"), "1\n");
  assertEquals(guest.machine.violations, []);
});
