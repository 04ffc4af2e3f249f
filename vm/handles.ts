/**
 * What a script holds of the guest's devices. Each call runs as a task of the guest, so virtual time
 * passes while it waits.
 *
 * @module
 */
import type { BlockDevice } from "../kernel/block/bdev.ts";
import { findBlockDevice } from "../kernel/block/blkdev.ts";
import { KernelError } from "../kernel/errors.ts";
import type { EvdevClient, InputEvent } from "../kernel/input/evdev.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { devClose, devOpen } from "../kernel/net/dev_flags.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";
import { TtyHandle } from "../kernel/tty/tty_handle.ts";

const decoder = new TextDecoder();

/** A disk or partition: `vm.block("vda")`. Sectors have 512 bytes. */
export class BlockHandle {
  readonly #kernel: Kernel;
  readonly #name: string;

  /**
   * Made by `vm.block()`.
   *
   * @throws {KernelError} `ENODEV` when no disk has this name.
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
    this.device;
  }

  /**
   * The kernel's own object. Looked up anew, as a disk may go and come back.
   *
   * @internal
   */
  get device(): BlockDevice {
    const bdev = findBlockDevice(this.#kernel, this.#name);
    if (bdev === undefined) throw new KernelError("ENODEV", `${this.#name}: no such disk`);
    return bdev;
  }

  #run<T>(body: (bdev: BlockDevice) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, () => body(this.device));
  }

  /** Size in sectors. */
  get sectors(): number {
    return this.device.nrSectors;
  }

  /**
   * Reads `count` sectors.
   *
   * @throws {KernelError} `EIO` and what else the device says; `EINVAL` past the end.
   */
  read(sector: number, count = 1): Promise<Uint8Array> {
    return this.#run((bdev) => bdev.read(sector, count));
  }

  /**
   * Writes whole sectors.
   *
   * @throws {KernelError} `EIO`, `EPERM` on a read-only disk, `EINVAL` past the end or for parts of sectors.
   */
  write(sector: number, data: Uint8Array): Promise<undefined> {
    return this.#run((bdev) => bdev.write(sector, data));
  }

  /** Resolves when everything written is on stable storage. */
  flush(): Promise<undefined> {
    return this.#run((bdev) => bdev.flush());
  }

  /** Tells the device that the content of sectors is not needed. `EOPNOTSUPP` when it cannot. */
  discard(sector: number, count: number): Promise<undefined> {
    return this.#run((bdev) => bdev.discard(sector, count));
  }

  /** Makes sectors zero without sending zeros. `EOPNOTSUPP` when the device cannot. */
  writeZeroes(sector: number, count: number): Promise<undefined> {
    return this.#run((bdev) => bdev.writeZeroes(sector, count));
  }
}

/** A terminal: `vm.console("hvc0")`. Opened at the first call. */
export class ConsoleHandle {
  readonly #kernel: Kernel;
  readonly #name: string;
  #opening: Promise<TtyHandle> | undefined;

  /**
   * Made by `vm.console()`.
   *
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
  }

  #run<T>(body: (tty: TtyHandle) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, async () => {
      this.#opening ??= TtyHandle.open(this.#kernel, this.#name);
      return await body(await this.#opening);
    });
  }

  /** Sends text or bytes, as a program in the guest that writes to the terminal. */
  write(data: string | Uint8Array): Promise<undefined> {
    return this.#run((tty) => tty.write(data));
  }

  /** Waits for a line of input, or in raw mode for what comes. */
  read(): Promise<string> {
    return this.#run(async (tty) => decoder.decode(await tty.read()));
  }

  /** From now on bytes pass as they are: no lines, no echo. */
  setRaw(): Promise<undefined> {
    return this.#run(async (tty): Promise<undefined> => tty.setRaw());
  }

  /** Size in characters. */
  size(): Promise<{ readonly rows: number; readonly cols: number }> {
    return this.#run(async (tty) => ({ rows: tty.size.rows, cols: tty.size.cols }));
  }

  /** Closes it; the next call opens it again. */
  async close(): Promise<undefined> {
    if (this.#opening === undefined) return;
    await this.#run((tty) => tty.close());
    this.#opening = undefined;
  }
}

/** An event device: `vm.input("event0")`. Events are kept from the first call on. */
export class InputHandle {
  readonly #kernel: Kernel;
  readonly #name: string;
  #opening: Promise<EvdevClient> | undefined;

  /**
   * Made by `vm.input()`.
   *
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
  }

  #run<T>(body: (client: EvdevClient) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, async () => {
      this.#opening ??= this.#open();
      return await body(await this.#opening);
    });
  }

  async #open(): Promise<EvdevClient> {
    const folder = this.#kernel.devtmpfs.lookup("input");
    const node = folder?.kind === "dir" ? folder.lookup(this.#name) : undefined;
    if (node?.kind !== "char") {
      throw new KernelError(
        "ENOENT",
        `/dev/input/${this.#name}: no such event device; is evdev loaded?`,
      );
    }
    return await node.open({ read: true, write: true }) as EvdevClient;
  }

  /** Opens it, so that events are kept from now on. */
  open(): Promise<undefined> {
    return this.#run(async () => undefined);
  }

  /** Waits for the next event. */
  next(): Promise<InputEvent> {
    return this.#run((client) => client.next());
  }

  /** Waits for all events of one report, without the `SYN_REPORT` that ends it. */
  report(): Promise<InputEvent[]> {
    return this.#run(async (client) => {
      const events: InputEvent[] = [];
      for (let event = await client.next(); event.type !== 0; event = await client.next()) {
        events.push(event);
      }
      return events;
    });
  }

  /** Closes it; the next call opens it again. */
  async close(): Promise<undefined> {
    if (this.#opening === undefined) return;
    await this.#run((client) => client.close());
    this.#opening = undefined;
  }
}

/** A network interface: `vm.net("eth0")`. */
export class NetHandle {
  readonly #kernel: Kernel;
  readonly #name: string;
  #socket: PacketSocket | undefined;

  /**
   * Made by `vm.net()`.
   *
   * @throws {KernelError} `ENODEV` when no interface has this name.
   * @internal
   */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
    this.device;
  }

  /**
   * The kernel's own object. Looked up anew, as an interface may go and come back.
   *
   * @internal
   */
  get device(): NetDevice {
    const dev = this.#kernel.get(NET_DEVICES).find(this.#name);
    if (dev === undefined) throw new KernelError("ENODEV", `${this.#name}: no such interface`);
    return dev;
  }

  #run<T>(body: (dev: NetDevice) => Promise<T>): Promise<T> {
    return this.#kernel.sched.run(this.#name, () => body(this.device));
  }

  #packets(): PacketSocket {
    return this.#socket ??= new PacketSocket(this.device);
  }

  /** Its address as text: `52:54:00:12:34:56`. */
  get address(): string {
    return [...this.device.devAddr].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  }

  /** `ip link set NAME up`. Frames are kept for {@linkcode receive} from now on. */
  up(): Promise<undefined> {
    return this.#run((dev) => {
      this.#packets();
      return this.#kernel.get(NET_DEVICES).rtnl.with(() => devOpen(dev));
    });
  }

  /** `ip link set NAME down`. */
  down(): Promise<undefined> {
    return this.#run((dev) => this.#kernel.get(NET_DEVICES).rtnl.with(() => devClose(dev)));
  }

  /** Sends a whole Ethernet frame. */
  send(frame: Uint8Array): Promise<undefined> {
    return this.#run(() => this.#packets().write(frame));
  }

  /** Waits for the next frame. */
  receive(): Promise<Uint8Array> {
    return this.#run(() => this.#packets().read());
  }
}
