/**
 * Scripts of requests that a small driver puts to one device, and what the device answers, line by
 * line. `device_scripts.json` keeps the answers of QEMU 7.2; running this file makes it anew:
 *
 * ```sh
 * deno run -A tests/device_scripts.ts > tests/device_scripts.json
 * ```
 *
 * @module
 */
import { Activity } from "../hypervisor/embedded/activity.ts";
import { MemoryBlock } from "../hypervisor/embedded/blockdev.ts";
import { RingbufChardev, ScriptChardev } from "../hypervisor/embedded/chardev.ts";
import type { DeviceModel } from "../hypervisor/embedded/device.ts";
import { VirtioBlk } from "../hypervisor/embedded/virtio_blk.ts";
import { QCODE_TO_LINUX } from "../hypervisor/embedded/input_keycodes.ts";
import { InputHub, parseInputEvents } from "../hypervisor/embedded/input_hub.ts";
import {
  type InputKind,
  VirtioInput,
  type VirtioInputProps,
} from "../hypervisor/embedded/virtio_input.ts";
import { HubPort, Hubs, type Netdev } from "../hypervisor/embedded/netdev.ts";
import { internetChecksum, UserNetdev } from "../hypervisor/embedded/netdev_user.ts";
import { VirtioNet } from "../hypervisor/embedded/virtio_net.ts";
import { VirtioSerial } from "../hypervisor/embedded/virtio_console.ts";
import { DRIVER_MEMORY, MiniDriver, SlotBench, type UsedBuffer } from "./mini_driver.ts";
import { QtestMachine, RAM_BASE, slotAddress } from "./qtest_client.ts";

/** One script, and the device that it runs against on both machines. */
export interface DeviceScript {
  /** Name for the table. */
  readonly name: string;
  /** QEMU's options; `IMAGE` stands for the path of an image of 1 MiB of sevens, `PIPE` for that of a pipe. */
  readonly args: readonly string[];
  /** The same device, embedded, and what the world outside sees of it. */
  readonly embed: () => { readonly model: DeviceModel; readonly host: HostSide };
  /** Puts the requests; returns a line for each. */
  readonly run: (driver: MiniDriver, host: HostSide) => string[];
}

/** The world outside the machine. */
export interface HostSide {
  /** Sends text into the character device `in`. */
  type(text: string): undefined;
  /** Takes what came out of the ring buffer `out`. */
  output(): string;
  /** Runs `input-send-event`. */
  input(events: readonly unknown[]): undefined;
  /** The driver of a second device. */
  readonly peer: MiniDriver;
  /** Runs `set_link` on the first card. */
  setLink(up: boolean): undefined;
  /** Runs `announce-self`. */
  announce(): undefined;
}

const IMAGE_SIZE = 1 << 20;

/** What an embedded device has outside. */
class EmbeddedHost implements HostSide {
  readonly in = new ScriptChardev("in", new Activity());
  readonly out = new RingbufChardev("out");
  type(text: string): undefined {
    this.in.end.write(text);
  }
  output(): string {
    return new TextDecoder().decode(this.out.read(65536));
  }
  readonly hub = new InputHub();
  input(events: readonly unknown[]): undefined {
    this.hub.send(parseInputEvents({ events }));
  }
  readonly cards: VirtioNet[] = [];
  #peer: MiniDriver | undefined;
  get peer(): MiniDriver {
    return this.#peer ??= new MiniDriver(new SlotBench(this.cards[1]));
  }
  setLink(up: boolean): undefined {
    this.cards[0].netdev?.setLink(up);
  }
  announce(): undefined {
    for (const card of this.cards) card.announce();
  }
}

/** What a QEMU has outside. */
class QemuHost implements HostSide {
  readonly #machine: QtestMachine;
  readonly #pipe: Deno.FsFile;
  constructor(machine: QtestMachine, pipe: Deno.FsFile) {
    this.#machine = machine;
    this.#pipe = pipe;
  }
  type(text: string): undefined {
    this.#pipe.writeSync(new TextEncoder().encode(text));
    this.#machine.settle(30);
  }
  output(): string {
    const args = { device: "out", size: 65536, format: "base64" };
    return atob(String(this.#machine.qmp("ringbuf-read", args)));
  }
  input(events: readonly unknown[]): undefined {
    this.#machine.qmp("input-send-event", { events });
    this.#machine.settle(5);
  }
  #peer: MiniDriver | undefined;
  get peer(): MiniDriver {
    const memory = RAM_BASE + DRIVER_MEMORY;
    return this.#peer ??= new MiniDriver(this.#machine, slotAddress(1), undefined, memory);
  }
  setLink(up: boolean): undefined {
    this.#machine.qmp("set_link", { name: "n0", up });
    this.#machine.settle(5);
  }
  announce(): undefined {
    this.#machine.qmp("announce-self", { initial: 1, max: 1, rounds: 1, step: 1 });
    this.#machine.settle(30);
  }
}

function checksum(data: Uint8Array): number {
  return data.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0);
}

// The disk

const SERIAL = "SERIAL-0123456789-ABCDEF";

function header(type: number, sector: bigint | number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

function segment(sector: number, sectors: number, flags: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt(sector), true);
  view.setUint32(8, sectors, true);
  view.setUint32(12, flags, true);
  return new Uint8Array(view.buffer);
}

type BlkRequest = readonly [
  name: string,
  out: readonly Uint8Array[],
  into: readonly number[],
];

const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const fill = (length: number, value: number) => new Uint8Array(length).fill(value);

const BLK_REQUESTS: readonly BlkRequest[] = [
  ["read", [header(0, 0)], [512, 1]],
  ["read, data and status in one buffer", [header(0, 0)], [513]],
  ["read, header in two buffers", [header(0, 0).subarray(0, 5), header(0, 0).subarray(5)], [
    100,
    412,
    1,
  ]],
  ["write", [header(1, 3), fill(512, 9)], [1]],
  ["write, header and data in one buffer", [join(header(1, 4), fill(1024, 5))], [1]],
  ["write, status behind room", [header(1, 6), fill(512, 1)], [8]],
  ["read back", [header(0, 2)], [3072, 1]],
  ["read of 511 bytes", [header(0, 2)], [511, 1]],
  ["read across the end", [header(0, 2047)], [1024, 1]],
  ["read of the last sector", [header(0, 2047)], [512, 1]],
  ["read of nothing at the end", [header(0, 2048)], [1]],
  ["read of nothing past the end", [header(0, 2049)], [1]],
  ["read at 2^64 - 1", [header(0, 0xffffffffffffffffn)], [512, 1]],
  ["write across the end", [header(1, 2047), fill(1024, 1)], [1]],
  ["write of nothing", [header(1, 3)], [1]],
  ["flush", [header(4, 0)], [1]],
  ["flush with the direction bit", [header(5, 0)], [1]],
  ["read with BARRIER", [header(0x80000000, 0)], [512, 1]],
  ["get id", [header(8, 0)], [20, 1]],
  ["get id, 3 bytes", [header(8, 0)], [3, 1]],
  ["get id, 40 bytes", [header(8, 0)], [40, 1]],
  ["scsi without a command", [header(2, 0)], [1]],
  ["scsi", [header(2, 0), new Uint8Array(6)], [16, 16, 1]],
  ...[3, 6, 7, 9, 10, 12, 14, 15, 16, 20, 100, 0x7fffffff].map((type): BlkRequest => [
    `type ${type}`,
    [header(type, 0)],
    [512, 1],
  ]),
  ["discard", [header(11, 0), segment(0, 8, 0)], [1]],
  ["read after discard", [header(0, 0)], [512, 1]],
  ["discard of nothing", [header(11, 0), segment(0, 0, 0)], [1]],
  ["discard with UNMAP", [header(11, 0), segment(0, 8, 1)], [1]],
  ["discard across the end", [header(11, 0), segment(2040, 9, 0)], [1]],
  ["discard of too much", [header(11, 0), segment(0, 0xffffffff, 0)], [1]],
  ["discard of two segments", [header(11, 0), segment(0, 1, 0), segment(2, 1, 0)], [1]],
  ["write zeroes", [header(13, 0), segment(8, 8, 0)], [1]],
  ["write zeroes with UNMAP", [header(13, 0), segment(16, 8, 1)], [1]],
  ["write zeroes with an unknown flag", [header(13, 0), segment(16, 8, 2)], [1]],
  ["write zeroes of nothing", [header(13, 0), segment(16, 0, 0)], [1]],
  ["write zeroes of nothing at the end", [header(13, 0), segment(2048, 0, 0)], [1]],
  ["write zeroes across the end", [header(13, 0), segment(2047, 2, 0)], [1]],
  ["read after write zeroes", [header(0, 0)], [32 * 512, 1]],
  ["write zeroes without the direction bit", [header(12, 0), segment(8, 8, 0)], [1]],
  ["discard with a short segment", [header(11, 0), new Uint8Array(4)], [1]],
  ["read after a reset", [header(0, 0)], [512, 1]],
  ["no writable buffer", [header(0, 0)], []],
  ["no readable buffer", [], [512, 1]],
  ["short header", [header(0, 0).subarray(0, 15)], [512, 1]],
  ["read after a reset", [header(0, 0)], [512, 1]],
];

function answer(driver: MiniDriver, request: () => UsedBuffer, queues = 1): string {
  try {
    const { len, data } = request();
    return `len ${len}, status ${data.at(-1)}, sum ${checksum(data)}`;
  } catch (error) {
    driver.init(queues);
    return (error as Error).message;
  }
}

function runBlk(driver: MiniDriver): string[] {
  driver.init(1);
  return BLK_REQUESTS.map(([name, out, into]) =>
    `${name}: ${answer(driver, () => driver.request(0, out, into))}`
  );
}

function blkScript(
  name: string,
  [drive, device]: readonly [drive: string, device: string],
  options: Record<string, unknown>,
  props: Record<string, unknown>,
): DeviceScript {
  return {
    name,
    args: [
      ...["-drive", `if=none,id=d0,file=IMAGE,format=raw${drive}`],
      ...["-device", `virtio-blk-device,drive=d0,serial=${SERIAL}${device}`],
    ],
    embed: () => {
      const drive = new MemoryBlock(fill(IMAGE_SIZE, 7), { id: "d0", ...options });
      return {
        model: new VirtioBlk({ serial: SERIAL, ...props }, drive),
        host: new EmbeddedHost(),
      };
    },
    run: runBlk,
  };
}

const BLK_SCRIPTS = [
  blkScript("blk", ["", ""], {}, {}),
  blkScript("blk read-only", [",readonly=on", ""], { readonly: true }, {}),
  blkScript("blk discard=unmap", [",discard=unmap", ""], { discard: "unmap" }, {}),
  blkScript("blk read-only discard=unmap", [",readonly=on,discard=unmap", ""], {
    readonly: true,
    discard: "unmap",
  }, {}),
  blkScript(
    "blk 4096-byte blocks",
    [
      "",
      ",logical_block_size=4096,physical_block_size=4096,max-discard-sectors=4",
    ],
    {},
    { logicalBlockSize: 4096, physicalBlockSize: 4096, maxDiscardSectors: 4 },
  ),
  blkScript("blk write-through", ["", ",write-cache=off,config-wce=off"], {}, {
    writeCache: "off",
    configWce: false,
  }),
];

// Consoles

const [DEVICE_READY, PORT_READY, PORT_OPEN] = [0, 3, 6];

function control(id: number, event: number, value: number): Uint8Array {
  return Uint8Array.of(id, 0, 0, 0, event, 0, value, 0);
}

function show(buffers: readonly UsedBuffer[]): string {
  if (buffers.length === 0) return "nothing";
  const hex = (data: Uint8Array) =>
    [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return buffers.map(({ len, data }) => `${len} [${hex(data.subarray(0, len))}]`).join(" ");
}

/** Remembers what happened, one line each. */
class Notes {
  readonly lines: string[] = [];
  readonly driver: MiniDriver;
  readonly host: HostSide;
  constructor(driver: MiniDriver, host: HostSide) {
    this.driver = driver;
    this.host = host;
  }
  give(queue: number, ...lengths: number[]): undefined {
    for (const length of lengths) this.driver.add(queue, [], [length]);
    this.driver.kick(queue, 10);
  }
  send(queue: number, ...out: Uint8Array[]): undefined {
    this.driver.add(queue, out, []);
    this.driver.kick(queue, 10);
    this.lines.push(`queue ${queue} gave back ${show(this.driver.used(queue))}`);
  }
  took(what: string, queue: number): undefined {
    this.lines.push(`${what}: ${show(this.driver.used(queue))}`);
  }
  printed(): undefined {
    this.lines.push(`printed ${JSON.stringify(this.host.output())}`);
  }
}

const text = (words: string) => new TextEncoder().encode(words);

function runMultiport(driver: MiniDriver, host: HostSide): string[] {
  driver.init(10);
  const notes = new Notes(driver, host);
  notes.took("before DEVICE_READY", 2);
  notes.give(2, ...Array(10).fill(64));
  notes.send(3, control(0xff, DEVICE_READY, 0));
  notes.took("DEVICE_READY of a driver that failed", 2);
  notes.send(3, Uint8Array.of(255, 255, 255, 255, 0, 0, 1, 0));
  notes.took("DEVICE_READY", 2);
  for (const nr of [0, 1, 2, 3]) {
    notes.send(3, control(nr, PORT_READY, 1));
    notes.took(`PORT_READY of port ${nr}`, 2);
  }
  notes.send(3, control(0, PORT_READY, 0));
  notes.send(3, control(0, PORT_READY, 1).subarray(0, 7));
  notes.send(3, control(0, 99, 1), control(0, PORT_READY, 1));
  notes.took("failed, short and unknown messages", 2);
  host.type("hello");
  notes.give(6, 3, 10);
  notes.took("input of a port that is not open", 6);
  notes.send(3, control(2, PORT_OPEN, 1));
  notes.took("input of a port that was opened", 6);
  host.type("0123456789abcdef");
  notes.took("input without buffers", 6);
  notes.give(6, 4, 4, 4, 4, 4);
  notes.took("input of a port with buffers again", 6);
  notes.send(3, control(2, PORT_OPEN, 0));
  host.type("later");
  notes.took("input of a port that was closed", 6);
  notes.send(3, control(2, PORT_OPEN, 1));
  notes.took("input of a port that was opened again", 6);
  notes.send(1, text("abc"));
  notes.send(1, text("two "), text("pieces"));
  notes.send(5, text("nobody listens"));
  notes.send(9, text("no port"));
  notes.printed();
  driver.write(0x108, 0x145);
  driver.write(0x108, 0x46, 1);
  driver.write(0x109, 0x47, 1);
  driver.write(0x108, 0, 4);
  notes.printed();
  notes.took("rest of the control buffers", 2);
  notes.give(2, ...Array(12).fill(64));
  for (let i = 0; i < 8; i++) notes.send(3, control(0, PORT_READY, 1));
  notes.took("more messages than buffers", 2);
  notes.give(2, 4, 64);
  notes.send(3, control(0, PORT_READY, 1));
  notes.took("a control buffer of 4 bytes", 2);
  return notes.lines;
}

function runSinglePort(driver: MiniDriver, host: HostSide): string[] {
  host.type("early");
  driver.init(2, ~2n);
  const notes = new Notes(driver, host);
  notes.give(0, 100);
  notes.took("input before the driver came", 0);
  host.type("one");
  notes.give(0, 2, 2);
  notes.took("input", 0);
  driver.init(2, ~2n);
  host.type("two");
  notes.took("input without buffers", 0);
  notes.give(0, 20);
  notes.took("input after a reset", 0);
  return notes.lines;
}

const CONSOLE_SCRIPTS: readonly DeviceScript[] = [{
  name: "console with control messages",
  args: [
    ...["-chardev", "ringbuf,id=out", "-chardev", "pipe,id=in,path=PIPE"],
    ...["-device", "virtio-serial-device,max_ports=4", "-device", "virtconsole,chardev=out"],
    ...["-device", "virtserialport,nr=2,name=org.test,chardev=in", "-device", "virtserialport"],
  ],
  embed: () => {
    const host = new EmbeddedHost();
    const model = new VirtioSerial({ maxPorts: 4 });
    model.addPort({ kind: "virtconsole" }, host.out);
    model.addPort({ kind: "virtserialport", nr: 2, name: "org.test" }, host.in);
    model.addPort({ kind: "virtserialport" });
    return { model, host };
  },
  run: runMultiport,
}, {
  name: "console without control messages",
  args: [
    ...["-chardev", "pipe,id=in,path=PIPE"],
    ...["-device", "virtio-serial-device", "-device", "virtconsole,chardev=in"],
  ],
  embed: () => {
    const host = new EmbeddedHost();
    const model = new VirtioSerial();
    model.addPort({ kind: "virtconsole" }, host.in);
    return { model, host };
  },
  run: runSinglePort,
}];

// Input devices

const key = (data: string | number, down: boolean) => ({
  type: "key",
  data: { down, key: { type: typeof data === "string" ? "qcode" : "number", data } },
});
const button = (name: string, down: boolean) => ({ type: "btn", data: { button: name, down } });
const move = (type: "rel" | "abs", axis: "x" | "y", value: number) => ({
  type,
  data: { axis, value },
});

class InputNotes extends Notes {
  /** Sends events that belong together, with enough buffers for them, and notes what arrived. */
  events(what: string, ...events: unknown[]): undefined {
    try {
      this.host.input(events);
      this.took(what, 0);
    } catch (error) {
      this.lines.push(`${what}: ${(error as Error).message}`);
    }
  }
  config(select: number, subsel: number): undefined {
    this.driver.write(0x100, select, 1);
    this.driver.write(0x101, subsel, 1);
    this.lines.push(`config ${select} ${subsel}: ${this.driver.config(16)}`);
  }
}

function runKeyboard(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  notes.events("before the driver", key("a", true));
  driver.init(2);
  notes.events("without buffers", key("a", true));
  notes.give(0, 8, 8, 8, 8);
  notes.events("one key", key("a", true));
  notes.events("its release", key("a", false));
  notes.give(0, 8, 8, 8, 8, 8, 8);
  notes.events("two keys at once", key("shift", true), key("b", true));
  notes.events("a key without code", key("unmapped", true));
  notes.events("no event");
  notes.events("too few buffers", key("c", true), key("d", true), key("e", true));
  notes.events("enough buffers again", key("f", true));
  notes.give(0, 4, 16);
  notes.events("a short and a long buffer", key("g", true));
  for (const number of [30, 84, 85, 88, 89, 90, 0xb8, 300]) {
    notes.give(0, 8, 8);
    notes.events(`key number ${number}`, key(number, true));
    driver.init(2);
  }
  notes.events("a button", button("left", true));
  notes.events("a movement", move("rel", "x", 1));
  const led = (code: number, value: number) => Uint8Array.of(17, 0, code, 0, value, 0, 0, 0);
  notes.send(1, led(1, 1));
  notes.send(1, led(1, 0).subarray(0, 4));
  notes.send(1, new Uint8Array([...led(0, 1), ...led(0, 0)]));
  for (const [select, subsel] of [[1, 0], [5, 0], [0x11, 17], [1, 1], [0, 0]]) {
    notes.config(select, subsel);
  }
  driver.read(0x100, 1);
  driver.write(0x101, 17, 1);
  notes.lines.push(`after a read of nothing: ${driver.config(16)}`);
  notes.lines.push(`generation ${driver.read(0xfc)}`);
  return notes.lines;
}

/** Every key by name and by number, seven to a report. */
function runKeys(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  const names = Object.keys(QCODE_TO_LINUX);
  const numbers = Array.from({ length: 256 }, (_, number) => number);
  const keys: (string | number)[] = [...names, ...numbers];
  for (let from = 0; from < keys.length; from += 7) {
    const part = keys.slice(from, from + 7);
    driver.init(2);
    notes.give(0, ...Array(8).fill(8));
    notes.events(part.join(" "), ...part.map((data) => key(data, true)));
  }
  return notes.lines;
}

const BUTTONS = ["left", "middle", "right", "side", "extra"];

function runMouse(driver: MiniDriver, host: HostSide): string[] {
  const notes = new InputNotes(driver, host);
  driver.init(2);
  const events = (what: string, ...all: unknown[]) => {
    notes.give(0, 8, 8, 8, 8);
    notes.events(what, ...all);
    driver.init(2);
  };
  for (const name of BUTTONS) events(name, button(name, true));
  for (const name of ["wheel-up", "wheel-down", "wheel-left", "wheel-right"]) {
    events(`${name} down`, button(name, true));
    events(`${name} up`, button(name, false));
  }
  events("relative", move("rel", "x", -5), move("rel", "y", 70000));
  events("absolute", move("abs", "x", 0x7fff), move("abs", "y", 12));
  events("beyond the axis", move("abs", "x", 0x8000), move("abs", "y", -12));
  events("button and movement", button("left", false), move("rel", "x", 1));
  events("a key", key("a", true));
  return notes.lines;
}

function inputScript(
  kind: InputKind,
  run: DeviceScript["run"],
  option = "",
  props: VirtioInputProps = {},
): DeviceScript {
  return {
    name: `${kind}${option}`,
    args: ["-device", `${kind}${option}`],
    embed: () => {
      const host = new EmbeddedHost();
      return { model: new VirtioInput(kind, props, host.hub), host };
    },
    run,
  };
}

const INPUT_SCRIPTS: readonly DeviceScript[] = [
  inputScript("virtio-keyboard-device", runKeyboard),
  { ...inputScript("virtio-keyboard-device", runKeys), name: "every key" },
  inputScript("virtio-mouse-device", runMouse),
  inputScript("virtio-mouse-device", runMouse, ",wheel-axis=off", { wheelAxis: false }),
  inputScript("virtio-tablet-device", runMouse),
];

// Network cards

const MAC_A = "52:54:00:12:34:56";
const MAC_B = "52:54:00:12:34:57";
const TO_B = [0x52, 0x54, 0, 0x12, 0x34, 0x57];
const FROM_A = [0x52, 0x54, 0, 0x12, 0x34, 0x56];
const BROADCAST = Array(6).fill(0xff);

/** A frame of `size` bytes from A, its bytes counting up. */
function frame(to: readonly number[], size: number, type = 0x88b5): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
  bytes.set([...to, ...FROM_A, type >> 8, type & 0xff]);
  return bytes;
}

/** A header of `size` zero bytes and a frame. */
function packet(data: Uint8Array, size = 12): Uint8Array {
  return join(new Uint8Array(size), data);
}

class NetNotes extends Notes {
  get peer(): MiniDriver {
    return this.host.peer;
  }
  /** Buffers that the peer has given and not got back. */
  spare = 0;
  /** Lets the peer have buffers of these lengths. */
  room(...lengths: number[]): undefined {
    this.spare += lengths.length;
    for (const length of lengths) this.peer.add(0, [], [length]);
    this.peer.kick(0, 5);
  }
  /** Sends a packet and notes what both cards have to say. */
  tx(what: string, ...out: Uint8Array[]): undefined {
    this.driver.add(1, out, []);
    this.driver.kick(1, 5);
    this.seen(what);
  }
  seen(what: string): undefined {
    const got = this.peer.used(0).map(({ len, data }) =>
      `${len} [${data.subarray(0, 14)}] ${checksum(data.subarray(0, len))}`
    );
    this.spare -= got.length;
    this.lines.push(`${what}: sent ${show(this.driver.used(1))}, received ${got.join("; ")}`);
  }
  /** Gives the peer a control command. */
  control(what: string, ...bytes: number[]): undefined {
    const { len, data } = this.peer.request(2, [Uint8Array.from(bytes)], [1]);
    this.lines.push(`${what}: len ${len}, answer ${data}`);
  }
  config(what: string): undefined {
    this.lines.push(
      `${what}: config ${this.driver.config(8)}, interrupt ${this.driver.acknowledge()}`,
    );
  }
}

function runCards(driver: MiniDriver, host: HostSide): string[] {
  const notes = new NetNotes(driver, host);
  driver.init(3);
  notes.tx("nobody there", packet(frame(TO_B, 60)));
  notes.peer.init(3);
  notes.seen("the peer is ready, without buffers");
  notes.room(100);
  notes.seen("the peer has a buffer");
  notes.room(...Array(10).fill(300));
  notes.tx("60 bytes", packet(frame(TO_B, 60)));
  notes.tx("14 bytes", packet(frame(TO_B, 14)));
  notes.tx("header apart", new Uint8Array(12), frame(TO_B, 100));
  notes.tx(
    "in five pieces",
    ...[0, 7, 20, 50, 60].map((from, i, all) =>
      packet(frame(TO_B, 100)).subarray(from, all[i + 1] ?? 112)
    ),
  );
  notes.tx("1514 bytes in merged buffers", packet(frame(TO_B, 1514)));
  notes.tx("1514 bytes without room", packet(frame(TO_B, 1514)));
  notes.room(500);
  notes.seen("still without room");
  notes.room(500, 500, 500);
  notes.seen("with room");
  notes.peer.init(3);
  notes.spare = 0;
  runFilter(notes);
  host.setLink(false);
  notes.config("link down");
  notes.tx("while the link is down", packet(frame(TO_B, 60)));
  host.setLink(true);
  notes.config("link up");
  notes.tx("after the link came back", packet(frame(TO_B, 60)));
  host.announce();
  notes.config("announce");
  notes.seen("announcement");
  const { data } = driver.request(2, [Uint8Array.of(3, 0)], [1]);
  notes.config(`acknowledged: ${data}`);
  notes.lines.push(`again: ${driver.request(2, [Uint8Array.of(3, 0)], [1]).data}`);
  for (const bytes of [[1, 1, 2, 4, 6, 8, 10, 12], [1, 1, 2, 4, 6]]) {
    notes.lines.push(`own address: ${driver.request(2, [Uint8Array.from(bytes)], [1]).data}`);
    notes.config("own address");
  }
  driver.write(0x100, 0x77, 1);
  notes.config("address written");
  driver.init(3);
  notes.config("after a reset");
  for (const [out, into] of [[[Uint8Array.of(0)], [1]], [[Uint8Array.of(0, 0)], []]] as const) {
    notes.lines.push(`malformed command: ${answer(driver, () => driver.request(2, out, into), 3)}`);
  }
  driver.init(3);
  notes.lines.push(`no readable buffer: ${answer(driver, () => driver.request(1, [], [100]), 3)}`);
  return notes.lines;
}

function runFilter(notes: NetNotes): undefined {
  const other = [2, 0, 0, 0, 0, 9];
  const group = [0x33, 0x33, 0, 0, 0, 1];
  const all = (what: string) => {
    notes.room(...Array(8 - notes.spare).fill(100));
    for (const to of [TO_B, other, group, BROADCAST]) {
      notes.tx(`${what}, to ${to}`, packet(frame(to, 60)));
    }
  };
  const le32 = (value: number) => [value & 0xff, value >> 8 & 0xff, 0, 0];
  all("promiscuous");
  notes.control("promiscuous off", 0, 0, 0);
  all("not promiscuous");
  notes.control("all multicast", 0, 1, 1);
  notes.control("all unicast", 0, 2, 1);
  all("all unicast and multicast");
  notes.control("no multicast", 0, 3, 1);
  notes.control("no unicast", 0, 4, 1);
  notes.control("no broadcast", 0, 5, 7);
  all("nothing");
  for (let mode = 1; mode <= 5; mode++) notes.control(`mode ${mode} off`, 0, mode, 0);
  notes.control("unknown mode", 0, 6, 0);
  notes.control("mode without data", 0, 0);
  notes.control("table", 1, 0, ...le32(1), ...other, ...le32(1), ...group);
  all("with a table");
  notes.control("table with a byte too many", 1, 0, ...le32(0), ...le32(0), 0);
  notes.control("table that is cut off", 1, 0, ...le32(2), ...other);
  notes.control("table without an end", 1, 0, ...le32(1), ...other);
  const many = Array.from({ length: 65 }, () => group).flat();
  notes.control("large tables", 1, 0, ...le32(65), ...many, ...le32(65), ...many);
  all("with large tables");
  notes.control("empty tables", 1, 0, ...le32(0), ...le32(0));
  const vlan = (id: number) => {
    const bytes = frame(TO_B, 60, 0x8100);
    bytes.set([id >> 8 | 0xe0, id & 0xff], 14);
    return packet(bytes);
  };
  notes.tx("vlan 5 of none", vlan(5));
  notes.control("vlan 5", 2, 0, 5, 0);
  notes.tx("vlan 5", vlan(5));
  notes.tx("vlan 6", vlan(6));
  notes.control("vlan 5 no more", 2, 1, 5, 0);
  notes.tx("vlan 5 no more", vlan(5));
  notes.control("vlan 4096", 2, 0, 0, 16);
  notes.control("vlan of one byte", 2, 0, 5);
  notes.control("unknown vlan command", 2, 2, 5, 0);
  notes.control("one pair", 4, 0, 1, 0);
  notes.control("two pairs", 4, 0, 2, 0);
  notes.control("offloads", 5, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  notes.control("unknown class", 9, 0, 0);
  notes.control("promiscuous again", 0, 0, 1);
}

const MRG_RXBUF = 1n << 15n;
const CTRL_VLAN = 1n << 19n;

function runPlainCards(driver: MiniDriver, host: HostSide): string[] {
  const notes = new NetNotes(driver, host);
  driver.init(3, ~MRG_RXBUF);
  notes.peer.init(3, ~(MRG_RXBUF | CTRL_VLAN));
  notes.room(100, 2000, 50, 80);
  notes.tx("60 bytes", packet(frame(TO_B, 60)));
  notes.tx("1514 bytes", packet(frame(TO_B, 1514)));
  notes.tx("too large", packet(frame(TO_B, 60)));
  notes.tx("again", packet(frame(TO_B, 38)));
  notes.control("promiscuous off", 0, 0, 0);
  const tagged = frame(TO_B, 60, 0x8100);
  notes.tx("a vlan without a filter for it", packet(tagged));
  return notes.lines;
}

function runUser(driver: MiniDriver, host: HostSide): string[] {
  const notes = new Notes(driver, host);
  driver.init(3);
  notes.give(0, ...Array(8).fill(200));
  const send = (what: string, ...bytes: number[]) => {
    driver.add(1, [packet(Uint8Array.from(bytes))], []);
    driver.kick(1, 20);
    notes.lines.push(`sent ${show(driver.used(1))}`);
    notes.took(what, 0);
  };
  const arp = (last: number, operation = 1) => [
    ...[...BROADCAST, ...FROM_A, 8, 6],
    ...[0, 1, 8, 0, 6, 4, 0, operation, ...FROM_A, 10, 0, 2, 15],
    ...[0, 0, 0, 0, 0, 0, 10, 0, 2, last],
  ];
  const ping = (last: number, type = 8) => {
    const ip = [0x45, 0, 0, 32, 0x12, 0x34, 0, 0, 64, 1, 0, 0, 10, 0, 2, 15, 10, 0, 2, last];
    const icmp = [type, 0, 0, 0, 0x56, 0x78, 0, 1, 1, 2, 3, 4];
    for (const [part, at] of [[ip, 10], [icmp, 2]] as const) {
      const sum = internetChecksum(Uint8Array.from(part));
      part.splice(at, 2, sum >> 8, sum & 0xff);
    }
    return [0x52, 0x55, 10, 0, 2, last, ...FROM_A, 8, 0, ...ip, ...icmp];
  };
  for (const last of [2, 3, 9]) send(`who has 10.0.2.${last}`, ...arp(last));
  send("an ARP answer", ...arp(2, 2));
  for (const last of [2, 3]) send(`ping 10.0.2.${last}`, ...ping(last));
  send("ping of another kind", ...ping(2, 9));
  send("something else", ...frame(BROADCAST, 60));
  return notes.lines;
}

function cards(host: EmbeddedHost, ...netdevs: Netdev[]): { model: DeviceModel; host: HostSide } {
  const macs = [MAC_A, MAC_B];
  host.cards.push(...netdevs.map((netdev, i) => new VirtioNet({ mac: macs[i] }, netdev)));
  return { model: host.cards[0], host };
}

const HUB_SCRIPT = {
  args: [MAC_A, MAC_B].flatMap((mac, i) => [
    ...["-netdev", `hubport,id=n${i},hubid=0`],
    ...["-device", `virtio-net-device,netdev=n${i},mac=${mac}`],
  ]),
  embed: () => {
    const hub = new Hubs().get(0);
    const [first, second] = ["n0", "n1"].map((id) => new HubPort(id, hub, new Activity()));
    return cards(new EmbeddedHost(), first, second);
  },
};

const NET_SCRIPTS: readonly DeviceScript[] = [
  { name: "two cards on a hub", ...HUB_SCRIPT, run: runCards },
  { name: "two cards without merged buffers", ...HUB_SCRIPT, run: runPlainCards },
  {
    name: "a card on the user network",
    args: ["-netdev", "user,id=n0", "-device", `virtio-net-device,netdev=n0,mac=${MAC_A}`],
    embed: () => cards(new EmbeddedHost(), new UserNetdev("n0")),
    run: runUser,
  },
];

/** All scripts. */
export const SCRIPTS: readonly DeviceScript[] = [
  ...BLK_SCRIPTS,
  ...CONSOLE_SCRIPTS,
  ...INPUT_SCRIPTS,
  ...NET_SCRIPTS,
];

/** Runs one script on the installed QEMU, in a folder of its own. */
function runOnQemu({ args, run }: DeviceScript, folder: string): string[] {
  const image = `${folder}/disk.img`;
  Deno.writeFileSync(image, fill(IMAGE_SIZE, 7));
  const pipe = `${folder}/pipe`;
  for (const name of [`${pipe}.in`, `${pipe}.out`]) {
    new Deno.Command("mkfifo", { args: [name] }).outputSync();
  }
  using file = Deno.openSync(`${pipe}.in`, { read: true, write: true });
  using machine = new QtestMachine(
    args.map((word) => word.replace("IMAGE", image).replace("PIPE", pipe)),
  );
  return run(new MiniDriver(machine), new QemuHost(machine, file));
}

/** Runs every script on the installed QEMU; returns the lines by name. */
export function askQemu(scripts: readonly DeviceScript[] = SCRIPTS): Record<string, string[]> {
  return Object.fromEntries(scripts.map((script) => {
    const folder = Deno.makeTempDirSync();
    try {
      return [script.name, runOnQemu(script, folder)];
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }));
}

/** Runs one script on the embedded device. */
export function askEmbedded({ embed, run }: DeviceScript): string[] {
  const { model, host } = embed();
  return run(new MiniDriver(new SlotBench(model)), host);
}

if (import.meta.main) console.log(JSON.stringify(askQemu(), null, 1));
