import { KernelError } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PacketSocket } from "../kernel/net/af_packet.ts";
import { devClose, devOpen } from "../kernel/net/dev_flags.ts";
import type { NetDevice } from "../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../kernel/net/registry.ts";

/**
 * A network interface: `vm.net("eth0")`.
 *
 * Each call runs as a task of the guest, so that virtual time passes while it waits.
 */
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

  /**
   * Its address as text: `52:54:00:12:34:56`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * assertEquals(vm.net("eth0").address, "52:54:00:12:34:56");
   * ```
   */
  get address(): string {
    return [...this.device.devAddr].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  }

  /**
   * `ip link set NAME up`. Frames are kept for {@linkcode receive} from now on.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * await vm.net("eth0").up();
   * assertEquals(await vm.sh("cat /sys/class/net/eth0/carrier"), "1\n");
   * ```
   */
  up(): Promise<undefined> {
    return this.#run((dev) => {
      this.#packets();
      return this.#kernel.get(NET_DEVICES).rtnl.with(() => devOpen(dev));
    });
  }

  /**
   * `ip link set NAME down`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * await vm.net("eth0").up();
   * await vm.net("eth0").down();
   * assertEquals(await vm.sh("cat /sys/class/net/eth0/operstate"), "down\n");
   * ```
   */
  down(): Promise<undefined> {
    return this.#run((dev) => this.#kernel.get(NET_DEVICES).rtnl.with(() => devClose(dev)));
  }

  /**
   * Sends a whole Ethernet frame.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded, Hubs } from "../mod.ts";
   * const hubs = new Hubs();
   * const card = (mac: number) =>
   *   embedded(
   *     `-netdev hubport,id=n,hubid=0 -device virtio-net-device,netdev=n,mac=52:54:00:00:00:0${mac}`,
   *     { hubs },
   *   );
   * await using one = await boot(card(1));
   * await using two = await boot(card(2));
   * await one.net("eth0").up();
   * await two.net("eth0").up();
   * const frame = new Uint8Array(60).fill(0xff, 0, 6); // to everybody
   * await one.net("eth0").send(frame);
   * assertEquals(await two.net("eth0").receive(), frame);
   * ```
   */
  send(frame: Uint8Array): Promise<undefined> {
    return this.#run(() => this.#packets().write(frame));
  }

  /**
   * Waits for the next frame.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * await using vm = await boot(embedded(`-netdev user,id=n0
   *   -device virtio-net-device,netdev=n0,mac=52:54:00:12:34:56`));
   * const eth0 = vm.net("eth0");
   * await eth0.up();
   * // Who has 10.0.2.2? QEMU's user network answers.
   * const ask = [
   *   ...Array(6).fill(0xff), 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
   *   0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2,
   * ];
   * await eth0.send(Uint8Array.from({ length: 60 }, (_, i) => ask[i] ?? 0));
   * assertEquals([...(await eth0.receive()).subarray(28, 32)], [10, 0, 2, 2]);
   * ```
   */
  receive(): Promise<Uint8Array> {
    return this.#run(() => this.#packets().read());
  }
}
