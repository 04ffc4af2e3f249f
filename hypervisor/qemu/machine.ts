/**
 * The machine in a QEMU: registers over the qtest protocol, memory shared, interrupts as QEMU reports
 * them. QEMU's devices work in their own process and in the host's time; the guest sees that as a
 * machine whose next event is now for as long as a device works on a request.
 *
 * @module
 */
import {
  VIRTIO_MMIO_DEVICE_FEATURES_SEL,
  VIRTIO_MMIO_DRIVER_FEATURES,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL,
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_QUEUE_ALIGN,
  VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
  VIRTIO_MMIO_QUEUE_DESC_HIGH,
  VIRTIO_MMIO_QUEUE_DESC_LOW,
  VIRTIO_MMIO_QUEUE_NOTIFY,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_SEL,
  VIRTIO_MMIO_QUEUE_USED_HIGH,
  VIRTIO_MMIO_QUEUE_USED_LOW,
} from "../../uapi/virtio_mmio.ts";
import { UART01x_DR } from "../../uapi/amba_pl011.ts";
import { RAM_BASE, SLOT_BASE, SLOT_COUNT, SLOT_SIZE, UART_BASE } from "../embedded/memory_map.ts";
import type { AccessWidth, CharEnd, DeviceView, Guest, Machine, Violation } from "../platform.ts";
import {
  type ConnectionOptions,
  ConnectionPlan,
  OWN_CHARDEVS,
  QemuConnection,
} from "./connection.ts";
import { queryDeviceViews } from "./device_views.ts";
import type { QemuProcess } from "./process.ts";
import { ExitCounter } from "./exits.ts";
import { QueueWatch } from "./queue_watch.ts";
import { complaints } from "./complaints.ts";

/** How long a guest that does not wait for the outside stays for a request, keeping the thread. */
const BUSY_MS = 1000;
/** How long a request may take at all, when nothing else can happen. */
const REQUEST_MS = 30_000;
/** How long a network that answers only when asked may take. */
const NETWORK_MS = 2000;
/** Steps of a wait for a device. */
const STEP_FIRST_US = 50;
const STEP_LAST_US = 2000;
/** A wait in the background looks around after this time. */
const OUTSIDE_MS = 500;
/** Round trips after which QEMU has looked at all its sockets for certain. */
const LOOKS = 2;
const SLOT_SHIFT = 9;
const FDT_MAGIC = 0xd00dfeed;
/** Inputs of the interrupt controller from here on are private to a processor. */
const SPI_COUNT = 256;

/**
 * Registers whose writes nobody has to wait for: after the others, the driver relies on the effect. It
 * takes rings away when a reset or a queue's end is written, and looks at them when an interrupt is
 * acknowledged.
 */
const POSTED: ReadonlySet<number> = new Set([
  VIRTIO_MMIO_DEVICE_FEATURES_SEL,
  VIRTIO_MMIO_DRIVER_FEATURES,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL,
  VIRTIO_MMIO_GUEST_PAGE_SIZE,
  VIRTIO_MMIO_QUEUE_SEL,
  VIRTIO_MMIO_QUEUE_NUM,
  VIRTIO_MMIO_QUEUE_ALIGN,
  VIRTIO_MMIO_QUEUE_NOTIFY,
  VIRTIO_MMIO_QUEUE_DESC_LOW,
  VIRTIO_MMIO_QUEUE_DESC_HIGH,
  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
  VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
  VIRTIO_MMIO_QUEUE_USED_LOW,
  VIRTIO_MMIO_QUEUE_USED_HIGH,
]);

/** What {@linkcode qemu} takes beside QEMU's options. */
export interface QemuOptions extends ConnectionOptions {
  /** The device tree to hand to the kernel instead of QEMU's own. */
  readonly dtb?: Uint8Array;
}

/** A machine in a QEMU. It is switched on when it is first needed. */
export class QemuMachine implements Machine {
  readonly name = "qemu";
  readonly ramBase: number = RAM_BASE;
  /** QEMU's devices run on other processors, which see writes late and reads early. */
  readonly barrier: () => undefined;
  readonly #plan: ConnectionPlan;
  #connection: QemuConnection | undefined;
  #process: QemuProcess | undefined;
  #watch!: QueueWatch;
  readonly #exits = new ExitCounter();
  #dtb: Uint8Array | undefined;
  #guest: Guest | undefined;
  /** Why the machine does not work any more. */
  #failure: unknown;
  #off = false;
  /** The guest has asked for the next event and was told that it is now. */
  #asked = false;
  /** Round trips to make because QEMU has something to look at. */
  #looks = 0;
  #stepUs = STEP_FIRST_US;
  #lastProgress = 0;
  /** When something happened last, in the host's milliseconds. */
  #activeMs = 0;
  #outside: Promise<void> | undefined;
  /** Inputs of the interrupt controller that are high. */
  readonly #raised = new Set<number>();

  /** Makes the machine; see {@linkcode qemu}. */
  constructor(args: readonly string[], options: QemuOptions) {
    this.#plan = new ConnectionPlan(args, options);
    this.#dtb = options.dtb;
    const fence = new Int32Array(1);
    // An atomic operation orders all accesses around it.
    this.barrier = (): undefined => void Atomics.add(fence, 0, 0);
  }

  /** The running QEMU; started here. */
  #on(): QemuConnection {
    if (this.#connection !== undefined) return this.#connection;
    if (this.#off) throw new Error("qemu: the machine is switched off; make a new one");
    const connection = new QemuConnection(
      this.#plan,
      (line, level) => this.#irq(line, level),
      () => this.#scriptWrote(),
    );
    this.#connection = connection;
    this.#process = connection.process;
    this.#watch = new QueueWatch(connection.ram.buffer, this.ramBase, SLOT_COUNT);
    connection.greet(this.#plan);
    return connection;
  }

  get ram(): ArrayBuffer {
    return this.#on().ram.buffer;
  }

  /** The device tree: the one given, or the one that QEMU has put at the start of RAM. */
  get dtb(): Uint8Array {
    return this.#dtb ??= copyTree(this.ram);
  }

  /** The connection, for tests and tools. */
  get connection(): QemuConnection {
    return this.#on();
  }

  get violations(): readonly Violation[] {
    return complaints(this.#process?.stderr() ?? "");
  }

  attach(guest: Guest): undefined {
    if (this.#guest) throw new Error("qemu: a guest is attached already; make a new machine");
    this.#on();
    this.dtb;
    this.#guest = guest;
  }

  // Registers

  read(address: number, width: AccessWidth): number {
    const value = this.#on().qtest.read(address, width);
    const offset = address - SLOT_BASE;
    if (offset >= 0 && offset < SLOT_COUNT * SLOT_SIZE) {
      this.#exits.slot(offset >>> SLOT_SHIFT);
      this.#watch.read(offset >>> SLOT_SHIFT, offset & (SLOT_SIZE - 1), value);
    } else {
      this.#exits.other(address);
    }
    return value;
  }

  write(address: number, width: AccessWidth, value: number): undefined {
    const { qtest } = this.#on();
    const offset = address - SLOT_BASE;
    if (offset < 0 || offset >= SLOT_COUNT * SLOT_SIZE) {
      this.#exits.other(address);
      // Characters of the serial port only have to keep their order.
      if (address === UART_BASE + UART01x_DR) return qtest.post(address, width, value);
      return qtest.write(address, width, value);
    }
    const register = offset & (SLOT_SIZE - 1);
    this.#exits.slot(offset >>> SLOT_SHIFT);
    this.#watch.wrote(offset >>> SLOT_SHIFT, register, value);
    if (!POSTED.has(register)) return qtest.write(address, width, value);
    qtest.post(address, width, value);
    if (register !== VIRTIO_MMIO_QUEUE_NOTIFY) return;
    this.#active();
    // The device may start at once.
    qtest.push();
  }

  exits(): Map<string, number> {
    return this.#exits.counts();
  }

  // Time

  nextEventNs(): number {
    if (this.#guest === undefined || !this.#working()) return Infinity;
    this.#asked = true;
    return this.#guest.nowNs;
  }

  /** Whether QEMU does something now that the guest should see the end of. */
  #working(): boolean {
    const qtest = this.#connection?.qtest;
    if (qtest === undefined || qtest.closed || this.#failure !== undefined) return false;
    if (qtest.openCount > 0 || this.#looks > 0) return true;
    const open = this.#watch.requestsOpen();
    if (this.#watch.progress !== this.#lastProgress) {
      // What was finished a moment ago is in memory already, but its interrupt may be under way.
      this.#lastProgress = this.#watch.progress;
      this.#looks = 1;
      this.#active();
      return true;
    }
    return open && performance.now() - this.#activeMs < BUSY_MS;
  }

  runDue(): undefined {
    const connection = this.#connection;
    if (connection === undefined || this.#failure !== undefined) return;
    const asked = this.#asked;
    this.#asked = false;
    try {
      connection.attendant?.attend();
      if (asked) this.#stay(connection);
      else connection.qtest.poll();
      if (connection.qtest.closed) throw connection.process.exitError();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whoever waits hears of it: see {@linkcode waitExternal}. Nothing asks for attention any more. */
  #fail(error: unknown): undefined {
    this.#failure = error;
    for (const line of this.#raised) this.#guest?.interrupt(line, false);
    this.#raised.clear();
  }

  /** The guest can do nothing but wait: gives QEMU the time it needs, a little more each time. */
  #stay({ qtest, libc }: QemuConnection): undefined {
    if (qtest.openCount > 0) return qtest.finish();
    if (this.#looks > 0) {
      this.#looks--;
      return qtest.flush();
    }
    if (qtest.poll()) return;
    libc.waitReadable([qtest.fd], this.#stepUs);
    this.#stepUs = Math.min(2 * this.#stepUs, STEP_LAST_US);
    qtest.poll();
  }

  waitExternal(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    if (!connection.process.isAlive()) throw connection.process.exitError();
    if (performance.now() - this.#activeMs > this.#patienceMs()) return undefined;
    const { qtest, attendant, libc } = connection;
    const fds = [qtest.fd, ...attendant?.fds ?? []];
    this.#outside ??= libc.untilReadable(fds, OUTSIDE_MS).then(() => (this.#outside = undefined));
    return this.#outside;
  }

  /** How long the guest may go on waiting when QEMU says nothing. */
  #patienceMs(): number {
    const { outside } = this.#plan.args;
    if (outside === "somebody") return Infinity;
    if (this.#watch.requestsOpen()) return REQUEST_MS;
    return outside === "network" ? NETWORK_MS : 0;
  }

  #active(): undefined {
    this.#activeMs = performance.now();
    this.#stepUs = STEP_FIRST_US;
  }

  #irq(line: number, level: boolean): undefined {
    this.#active();
    if (line >= SPI_COUNT) return;
    if (level) this.#raised.add(line);
    else this.#raised.delete(line);
    this.#guest?.interrupt(line, level);
  }

  // The outer ends

  qmp(command: string, args?: Record<string, unknown>): Promise<unknown> {
    return Promise.try(() => {
      const { qmp, qtest } = this.#on();
      qtest.finish();
      const result = qmp.run(command, args);
      for (let i = 0; i < LOOKS; i++) qtest.flush();
      return command === "query-chardev" ? this.#ownChardevs(result) : result;
    });
  }

  deviceViews(): Promise<readonly DeviceView[]> {
    return Promise.try(() => {
      const { qmp, qtest } = this.#on();
      qtest.finish();
      return queryDeviceViews(qmp);
    });
  }

  /** Leaves out the connections of this program, and says `script` where the caller did. */
  #ownChardevs(result: unknown): unknown {
    const list = result as { readonly label: string }[];
    return list.filter(({ label }) => !OWN_CHARDEVS.includes(label)).map((entry) =>
      this.#connection?.scripts.has(entry.label) ? { ...entry, filename: "script" } : entry
    );
  }

  chardev(id: string): CharEnd {
    const { scripts } = this.#on();
    const end = scripts.get(id);
    if (end !== undefined) return end;
    const known = [...scripts.keys()].join(", ") || "none";
    throw new Error(`No -chardev script has the id '${id}'; known: ${known}`);
  }

  #scriptWrote(): undefined {
    this.#looks = LOOKS;
    this.#active();
  }

  /** Ends QEMU; its disks are complete then, and nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#off) return;
    this.#off = true;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close(this.#outside);
  }
}

function copyTree(ram: ArrayBuffer): Uint8Array {
  const view = new DataView(ram);
  if (view.getUint32(0) !== FDT_MAGIC) {
    throw new Error("qemu: there is no device tree at the start of RAM");
  }
  return new Uint8Array(ram, 0, view.getUint32(4)).slice();
}

/**
 * Makes a machine in a QEMU that it starts: the real devices, for the same guest and the same scripts.
 *
 * @param args QEMU's options, the same as for the embedded machine.
 * @throws {OptionError} When an option cannot be used here.
 * @throws {QemuUnavailableError} When QEMU is not installed, with what to install.
 */
export function qemu(args: readonly string[] = [], options: QemuOptions = {}): QemuMachine {
  return new QemuMachine(args, options);
}
