/**
 * The port between the two sides of the wire: what a guest kernel sees of the machine it runs on, and
 * what a machine sees of the guest. Both machines (`embedded`, `qemu`) implement {@linkcode Machine};
 * the kernel imports nothing else of the hypervisor.
 *
 * @module
 */

/** Width of one register access in bytes. */
export type AccessWidth = 1 | 2 | 4;

/**
 * What the machine sees of the guest that runs on it.
 *
 * All callbacks are synchronous and only note what happened: the guest acts on it at a point of its
 * own choosing, never inside a register access.
 */
export interface Guest {
  /** Virtual time in nanoseconds since power-on. The guest's costs advance it, nothing else does. */
  readonly nowNs: number;
  /**
   * An input of the interrupt controller changed its level.
   *
   * @param spi Number of the shared peripheral interrupt: 0 is the GIC's INTID 32.
   */
  interrupt(spi: number, level: boolean): undefined;
  /**
   * Asks for a decision that could go another way in real life, such as an injected fault.
   *
   * @param kind What is being decided, for example `"fault"`.
   * @param count How many options there are; option 0 is what happens by default.
   * @returns The option taken, from 0 to `count - 1`.
   */
  choose(kind: string, count: number): number;
}

/** What the guest kernel sees of the machine: memory, registers, interrupts, time. */
export interface Platform {
  /** Name of the machine for messages (`"embedded"`, `"qemu"`); behaviour never depends on it. */
  readonly name: string;
  /** Guest RAM; both sides read and write it directly, little-endian written out. */
  readonly ram: ArrayBuffer;
  /** Guest physical address of the first byte of {@linkcode ram}. */
  readonly ramBase: number;
  /**
   * Makes what the guest has written to RAM visible before it reads on. Absent where devices never work
   * while the guest does. Linux: mb()
   */
  readonly barrier?: () => undefined;
  /** The flattened device tree that the machine hands to the kernel. */
  readonly dtb: Uint8Array;

  /** Powers the machine on for `guest`. Called once, before any access. */
  attach(guest: Guest): undefined;
  /** Reads a register at a guest physical address. Addresses without a device read as 0. */
  read(address: number, width: AccessWidth): number;
  /** Writes a register at a guest physical address. Writes to nowhere are dropped. */
  write(address: number, width: AccessWidth, value: number): undefined;

  /** Virtual time of the machine's next own event (a device finishing a request), `Infinity` if none. */
  nextEventNs(): number;
  /** Lets the machine do all work that is due at {@linkcode Guest.nowNs}. */
  runDue(): undefined;
  /**
   * Waits for something from the world outside (a key on the terminal, a frame on a socket, a
   * request of a real device). The scheduler calls it only when nothing else can run.
   *
   * @returns A promise that settles when something may have happened, or `undefined` when no event can come.
   * @throws {Error} When the machine has broken down and nothing can come any more: who waits hears why.
   */
  waitExternal(): Promise<void> | undefined;
}

/** The host's end of a `-chardev script,id=ID`: a terminal in the hands of a script. */
export interface CharEnd {
  /** Sends bytes (or UTF-8 text) towards the guest. They are kept until the guest takes them. */
  write(data: Uint8Array | string): undefined;
  /** Takes everything that the guest has sent since the last call. */
  read(): Uint8Array;
}

/** A queue as its device sees it. */
export interface QueueView {
  /** Number of the queue, from 0. */
  readonly index: number;
  /** Number of entries. */
  readonly size: number;
  /** Guest physical address of the descriptor table. */
  readonly desc: number;
  /** Guest physical address of the available ring. */
  readonly avail: number;
  /** Guest physical address of the used ring. */
  readonly used: number;
  /** How many buffers it has taken so far; 16 bits. */
  readonly lastAvailIdx: number;
  /** How many it has given back; 16 bits. */
  readonly usedIdx: number;
}

/** A virtio device as it sees itself, for comparison with what its driver believes. */
export interface DeviceView {
  /** Guest physical address of its registers. */
  readonly address: number;
  /** The kind of device: a `VIRTIO_ID`. */
  readonly deviceId: number;
  /** The device status register. */
  readonly status: number;
  /** Features that it and the driver have agreed on, by value `1n << bit`. */
  readonly features: bigint;
  /** The queues that are set up. */
  readonly queues: readonly QueueView[];
}

/** What a script sees of a machine, beside the guest: QEMU's monitor and the outer ends of backends. */
export interface Machine extends Platform, AsyncDisposable {
  /**
   * Runs a command of QEMU's machine protocol: `block_resize`, `input-send-event`, `set_link`,
   * `query-block`, `query-chardev`. The same names, arguments and results on every machine.
   *
   * @throws {Error} When the command or an argument is unknown, with QEMU's words.
   */
  qmp(command: string, args?: Record<string, unknown>): Promise<unknown>;
  /**
   * The host's end of the character device `id`.
   *
   * @throws {Error} When no `-chardev script` has this id.
   */
  chardev(id: string): CharEnd;
  /**
   * How many register accesses each device has cost so far, by the name that Linux gives the platform
   * device: `"a003e00.virtio_mmio"`. Devices that nobody touched are left out.
   */
  exits(): Map<string, number>;
  /** What the devices believe, by address. It is not looked up through registers. */
  deviceViews(): Promise<readonly DeviceView[]>;
  /** What the guest did wrong so far, oldest first. */
  readonly violations: readonly Violation[];
}

/** A rule of the wire that one side broke. */
export interface Violation {
  /** The side at fault. */
  readonly side: "driver" | "device";
  /** The clause, for example `"VIRTIO 1.4, 4.2.2.2"`. */
  readonly clause: string;
  /** The device in question, for example `"virtio-mmio slot 31 (virtio-blk)"`. */
  readonly device: string;
  /** What was done and what should have been, in one line. */
  readonly message: string;
}
