/**
 * The embedded machine: QEMU's `virt` in one object, as far as virtio needs it. RAM, one serial
 * port, 32 virtio-mmio slots, virtual time, and the outer ends of the backends.
 *
 * @module
 */
import type { VirtioMmioVersion } from "../../uapi/virtio_mmio.ts";
import type { Host } from "../host.ts";
import type { AccessWidth, CharEnd, DeviceView, Guest, Machine, Violation } from "../platform.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";
import type { DeviceCosts } from "./costs.ts";
import type { DeviceModel } from "./device.ts";
import { buildDeviceTree } from "./device_tree.ts";
import { viewDevice } from "./device_view.ts";
import { EventQueue } from "./event_queue.ts";
import {
  RAM_BASE,
  SLOT_BASE,
  SLOT_COUNT,
  SLOT_SIZE,
  SLOT_SPI,
  UART_BASE,
  UART_SIZE,
  UART_SPI,
} from "./memory_map.ts";
import { EMPTY_SLOT_CLAUSE, emptySlotFault } from "./mmio_rules.ts";
import { MmioTrace, type TraceSink } from "./mmio_trace.ts";
import { runMonitorCommand } from "./monitor.ts";
import { Hubs } from "./netdev.ts";
import { OptionError } from "./option_list.ts";
import type { DeviceKind } from "./own_device.ts";
import { createParts, type Parts } from "./parts.ts";
import { Pl011 } from "./pl011.ts";
import { readPrimecellId } from "./primecell.ts";
import { QEMU_7_2, type Quirks } from "./quirks.ts";
import { readEmptySlot, type SlotMachine, VirtioMmioSlot } from "./virtio_mmio.ts";

/** Size of RAM without `-m`, as in QEMU. */
const RAM_SIZE_DEFAULT = 128 * 2 ** 20;
/** Most violations that are kept; a driver that loops must not fill the memory. */
const VIOLATIONS_MAX = 10_000;
const SLOT_SHIFT = 9;

/** What {@linkcode embedded} takes beside QEMU's options. */
export interface EmbeddedOptions {
  /** Where files, terminals and sockets are. Without it, only backends in memory work. */
  readonly host?: Host;
  /** Images in memory: `-drive file=NAME` takes the one of that name instead of a file, in place. */
  readonly images?: Readonly<Record<string, Uint8Array>>;
  /** RAM to use instead of new RAM; its size counts if there is no `-m`. It is not cleared. */
  readonly ram?: ArrayBuffer;
  /** The device tree to hand to the kernel instead of the machine's own, or what makes it of that one. */
  readonly dtb?: Uint8Array | ((own: Uint8Array) => Uint8Array) | undefined;
  /** Number of virtio-mmio slots. Default 32. */
  readonly slots?: number;
  /** Where the slots differ from the specification. Default {@linkcode QEMU_7_2}. */
  readonly quirks?: Quirks;
  /** Takes the register trace in QEMU's words, line by line. Default none, at no cost. */
  readonly trace?: TraceSink;
  /** Devices of one's own that `-device` then knows by their names: `device.ts` makes them. */
  readonly devices?: readonly DeviceKind[];
  /** The hubs of `-netdev hubport`; machines that are given the same set are wired together. */
  readonly hubs?: Hubs;
  /** How long devices take, in virtual time. */
  readonly costs?: DeviceCosts;
}

/** What machines of one command line have in common: it is looked at once, for any number of them. */
export class EmbeddedModel {
  readonly #args: readonly string[];
  readonly #commandLine: CommandLine;
  readonly #options: EmbeddedOptions;
  #dtb: Uint8Array | undefined;
  #text: string | undefined;

  /**
   * Takes QEMU's options apart. What they name is opened when a machine is made.
   *
   * @throws {OptionError} When an option is unknown or malformed; one line that names it.
   */
  constructor(args: readonly string[], options: EmbeddedOptions = {}) {
    this.#args = args;
    this.#commandLine = parseCommandLine(args);
    this.#options = options;
  }

  /** What the machines are: QEMU's options, and what else they are made with. The same text is the same machine. */
  get text(): string {
    if (this.#text !== undefined) return this.#text;
    const dtb = this.#options.dtb === undefined ? undefined : this.dtb;
    return this.#text = describeModel(this.#args, this.#options, dtb);
  }

  /** The device tree of its machines: the one given, or their own, made when it is first asked for. */
  get dtb(): Uint8Array {
    return this.#dtb ??= this.#makeTree();
  }

  #makeTree(): Uint8Array {
    const { dtb, ram, slots = SLOT_COUNT } = this.#options;
    if (dtb instanceof Uint8Array) return dtb;
    const own = buildDeviceTree({
      ramSize: this.#commandLine.ramSize ?? ram?.byteLength ?? RAM_SIZE_DEFAULT,
      slots,
      processors: this.#commandLine.processors,
    });
    return dtb?.(own) ?? own;
  }

  /** Physical addresses of the slots with a device, lowest first. */
  occupiedSlots(): readonly number[] {
    const machine = this.machine();
    const slots = [...machine.slots.entries()].filter(([, slot]) => slot !== undefined);
    machine.close();
    return slots.map(([index]) => SLOT_BASE + index * SLOT_SIZE);
  }

  /**
   * Makes a machine, its devices empty-handed.
   *
   * @param ram RAM to use, all zeros. Default: that of the options, or new RAM.
   * @throws {OptionError} When what an option names is not there or not possible; one line that names it.
   */
  machine(ram: ArrayBuffer | undefined = this.#options.ram): EmbeddedMachine {
    const options = ram === undefined ? this.#options : { ...this.#options, ram };
    return new EmbeddedMachine(this, this.#commandLine, options);
  }
}

/** A machine in this process. */
export class EmbeddedMachine implements Machine, SlotMachine {
  readonly name = "embedded";
  readonly ram: ArrayBuffer;
  readonly ramBase: number = RAM_BASE;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly quirks: Quirks;
  readonly version: VirtioMmioVersion;
  readonly #model: EmbeddedModel;
  readonly #options: EmbeddedOptions;
  readonly #events = new EventQueue();
  readonly #violations: Violation[] = [];
  readonly #slotBytes: number;
  readonly #slots: (VirtioMmioSlot | undefined)[];
  readonly #slotExits: number[];
  readonly #uart: Pl011;
  readonly #parts: Parts;
  #uartExits = 0;
  #guest: Guest | undefined;

  /** Made by {@linkcode EmbeddedModel.machine}. */
  constructor(model: EmbeddedModel, commandLine: CommandLine, options: EmbeddedOptions) {
    const slotCount = options.slots ?? SLOT_COUNT;
    this.#model = model;
    this.#options = options;
    this.quirks = options.quirks ?? QEMU_7_2;
    this.version = commandLine.forceLegacy ? 1 : 2;
    this.ram = allocateRam(commandLine.ramSize, options.ram);
    this.bytes = new Uint8Array(this.ram);
    this.view = new DataView(this.ram);
    this.#slotBytes = slotCount * SLOT_SIZE;
    this.#slots = new Array<VirtioMmioSlot | undefined>(slotCount).fill(undefined);
    this.#slotExits = new Array<number>(slotCount).fill(0);
    this.#parts = createParts(commandLine, {
      slotCount,
      host: options.host,
      images: options.images ?? {},
      costs: options.costs,
      devices: options.devices ?? [],
      hubs: options.hubs ?? new Hubs(),
      nowNs: () => this.nowNs(),
      plug: (slot, model) => this.#plug(slot, model),
    });
    this.#uart = new Pl011(
      (level) => this.setInterrupt(UART_SPI, level),
      this.#parts.serial,
    );
  }

  get dtb(): Uint8Array {
    return this.#model.dtb;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** The slots with their devices, for tests and tools; `undefined` where a slot is empty. */
  get slots(): readonly (VirtioMmioSlot | undefined)[] {
    return this.#slots;
  }

  attach(guest: Guest): undefined {
    if (this.#guest) throw new Error("embedded: a guest is attached already; make a new machine");
    this.#guest = guest;
    if (this.#options.trace) this.#startTrace(this.#options.trace);
  }

  read(address: number, width: AccessWidth): number {
    const offset = address - SLOT_BASE;
    if (offset >= 0 && offset < this.#slotBytes) {
      const index = offset >>> SLOT_SHIFT;
      const slot = this.#slots[index];
      this.#slotExits[index]++;
      if (slot !== undefined) return slot.read(offset & (SLOT_SIZE - 1), width);
      return this.#readEmpty(index, offset & (SLOT_SIZE - 1), width);
    }
    const uartOffset = address - UART_BASE;
    if (uartOffset < 0 || uartOffset >= UART_SIZE) return readPrimecellId(address);
    this.#uartExits++;
    return this.#uart.read(uartOffset) % 2 ** (8 * width);
  }

  write(address: number, width: AccessWidth, value: number): undefined {
    const offset = address - SLOT_BASE;
    if (offset >= 0 && offset < this.#slotBytes) {
      const index = offset >>> SLOT_SHIFT;
      const slot = this.#slots[index];
      this.#slotExits[index]++;
      if (slot !== undefined) return slot.write(offset & (SLOT_SIZE - 1), width, value);
      return this.#writeEmpty(index, offset & (SLOT_SIZE - 1), value);
    }
    const uartOffset = address - UART_BASE;
    if (uartOffset < 0 || uartOffset >= UART_SIZE) return;
    this.#uartExits++;
    this.#uart.write(uartOffset, value);
  }

  nextEventNs(): number {
    return this.#events.nextNs;
  }

  runDue(): undefined {
    this.#events.runDue(this.nowNs());
  }

  waitExternal(): Promise<void> | undefined {
    return this.#parts.waitExternal();
  }

  qmp(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    return Promise.try(() => runMonitorCommand(this.#parts, command, args));
  }

  chardev(id: string): CharEnd {
    return this.#parts.charEnd(id);
  }

  deviceViews(): Promise<readonly DeviceView[]> {
    const views: DeviceView[] = [];
    for (const [index, slot] of this.#slots.entries()) {
      if (slot !== undefined) views.push(viewDevice(SLOT_BASE + index * SLOT_SIZE, slot));
    }
    return Promise.resolve(views);
  }

  /**
   * Returns how many register accesses each device has cost so far, by the name that Linux gives the
   * platform device: `"a003e00.virtio_mmio"`, `"9000000.pl011"`. On hardware with virtualisation, each
   * is an exit from the guest to the hypervisor.
   */
  exits(): Map<string, number> {
    const exits = new Map<string, number>();
    if (this.#uartExits > 0) exits.set("9000000.pl011", this.#uartExits);
    for (const [index, count] of this.#slotExits.entries()) {
      const address = SLOT_BASE + index * SLOT_SIZE;
      if (count > 0) exits.set(`${address.toString(16)}.virtio_mmio`, count);
    }
    return exits;
  }

  /** Lets go of files, sockets and terminals. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => this.close());
  }

  /** Closes everything of the host that it had opened. */
  close(): undefined {
    this.#parts.close();
  }

  // What the slots ask

  nowNs(): number {
    return this.#guest === undefined ? 0 : this.#guest.nowNs;
  }

  schedule(atNs: number, work: () => undefined): () => undefined {
    return this.#events.schedule(atNs, work);
  }

  setInterrupt(spi: number, level: boolean): undefined {
    this.#guest?.interrupt(spi, level);
  }

  violation(device: string, clause: string, message: string): undefined {
    if (this.#violations.length >= VIOLATIONS_MAX) return;
    this.#violations.push({ side: "driver", clause, device, message });
  }

  choose(kind: string, count: number): number {
    return this.#guest === undefined ? 0 : this.#guest.choose(kind, count);
  }

  #plug(index: number, model: DeviceModel): undefined {
    this.#slots[index] = new VirtioMmioSlot(index, SLOT_SPI + index, model, this);
  }

  /** QEMU's devices are reset twice on the way to the first instruction. */
  #startTrace(sink: TraceSink): undefined {
    const slots = this.#parts.models.map(({ slot }) => this.#slots[slot]!);
    for (const slot of slots) {
      slot.trace = new MmioTrace(sink, SLOT_BASE + this.#slots.indexOf(slot) * SLOT_SIZE);
      slot.trace.setStatus(0);
      slot.trace.settingIrq(false);
    }
    for (const slot of slots) slot.trace?.setStatus(0);
  }

  #readEmpty(index: number, offset: number, width: AccessWidth): number {
    this.#options.trace?.(`virtio_mmio_read virtio_mmio_read offset 0x${offset.toString(16)}`);
    this.#checkEmpty(index, offset);
    return readEmptySlot(offset, width, this.version);
  }

  #writeEmpty(index: number, offset: number, value: number): undefined {
    this.#options.trace?.(
      `virtio_mmio_write_offset virtio_mmio_write offset 0x${offset.toString(16)} value 0x${
        value.toString(16)
      }`,
    );
    this.#checkEmpty(index, offset);
  }

  #checkEmpty(index: number, offset: number): undefined {
    const fault = emptySlotFault(offset);
    if (fault === undefined) return;
    this.violation(`virtio-mmio slot ${index} (empty)`, EMPTY_SLOT_CLAUSE, fault);
  }
}

/**
 * Makes a machine from QEMU's options, the devices empty-handed at first: the guest is attached by
 * `boot()`.
 *
 * @param args QEMU's options, for example `["-device", "virtio-keyboard-device"]`.
 * @throws {OptionError} When an option is unknown or impossible; one line that names it.
 */
export function embedded(
  args: readonly string[] = [],
  options: EmbeddedOptions = {},
): EmbeddedMachine {
  return new EmbeddedModel(args, options).machine();
}

/** Bytes in a text: how many, and a checksum (FNV-1a). */
function describeBytes(bytes: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return `${bytes.length} bytes ${(sum >>> 0).toString(16)}`;
}

function describeModel(
  args: readonly string[],
  { images = {}, slots, quirks, costs, devices = [] }: EmbeddedOptions,
  dtb: Uint8Array | undefined,
): string {
  const lines = [
    args.join(" "),
    ...Object.entries(images).map(([name, bytes]) => `${name}: ${describeBytes(bytes)}`),
    ...devices.map(({ name, text }) => `${name}: ${text}`),
    ...dtb === undefined ? [] : [`device tree: ${describeBytes(dtb)}`],
    ...Object.entries({ slots, quirks, costs }).filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
  return lines.join("\n");
}

function allocateRam(size: number | undefined, ram: ArrayBuffer | undefined): ArrayBuffer {
  if (ram) {
    if (size !== undefined && size !== ram.byteLength) {
      throw new OptionError(`-m: ${size} bytes asked for, the given RAM has ${ram.byteLength}`);
    }
    return ram;
  }
  try {
    return new ArrayBuffer(size ?? RAM_SIZE_DEFAULT);
  } catch (cause) {
    throw new OptionError(`-m: cannot allocate ${size} bytes of RAM`, { cause });
  }
}
