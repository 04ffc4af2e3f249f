import { EmbeddedModel, type EmbeddedOptions } from "../hypervisor/embedded/machine.ts";
import { denoHost } from "../hypervisor/host_deno.ts";
import type { Machine } from "../hypervisor/platform.ts";
import { qemu as qemuMachine, type QemuOptions } from "../hypervisor/qemu/machine.ts";

/** What a script holds of a machine in this program. */
export interface Embedded extends Machine {
  /**
   * How many register accesses each device has cost so far, by the name that Linux gives the platform
   * device: `"a003e00.virtio_mmio"`, `"9000000.pl011"`. Devices that nobody touched are left out. On
   * hardware with virtualisation, each access is an exit from the guest to the hypervisor.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { boot, embedded } from "../mod.ts";
   * const machine = embedded("-device virtio-keyboard-device");
   * await using vm = await boot(machine);
   * const before = machine.exits().get("a003e00.virtio_mmio") ?? 0;
   * await vm.sh("cat /sys/bus/virtio/devices/virtio0/status"); // one register
   * assertEquals(machine.exits().get("a003e00.virtio_mmio"), before + 1);
   * ```
   */
  exits(): Map<string, number>;
}

/** The words of a command line without quotes. */
function splitArgs(args: string | readonly string[]): readonly string[] {
  return typeof args === "string" ? args.split(/\s+/).filter((word) => word !== "") : args;
}

/**
 * Makes a machine in this program: QEMU's `virt` board with the devices that QEMU's own options name.
 * Under Deno, images, terminals and sockets are the host's; elsewhere only backends in memory work.
 *
 * @param args QEMU's options: `-device`, `-drive`, `-netdev`, `-chardev`, `-serial`, `-m`, …; a text is
 *   split at blanks, a list is taken as it is.
 * @throws {OptionError} When an option is unknown or impossible; one line that names it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embedded } from "../mod.ts";
 * await using machine = embedded("-drive if=none,id=d0,file=disk.img -device virtio-blk-device,drive=d0", {
 *   images: { "disk.img": new Uint8Array(1 << 20) },
 * });
 * assertEquals(machine.name, "embedded");
 * ```
 */
export function embedded(
  args: string | readonly string[] = [],
  options: EmbeddedOptions = {},
): Embedded {
  return embeddedModel(args, options).machine();
}

/** Makes machines of one command line. */
export interface Model {
  /** What the machines are: QEMU's options, and what else they are made with. The same text is the same machine. */
  readonly text: string;
  /** The device tree that they all have. */
  readonly dtb: Uint8Array;
  /** Physical addresses of the slots with a device, lowest first. */
  occupiedSlots(): readonly number[];
  /**
   * Makes the next machine. They share the bytes of their device tree.
   *
   * @param ram RAM to use, all zeros. Default: that of the options, or new RAM.
   * @throws {OptionError} When what an option names is not there or not possible; one line that names it.
   */
  machine(ram?: ArrayBuffer): Embedded;
}

/**
 * Looks at QEMU's options once, for a script that boots the same machine many times. Together with an
 * {@linkcode FdtReader} a boot saves what comes out the same each time.
 *
 * RAM that is given in `options` is used by all of its machines, one after the other: before the next one
 * the script clears what the last kernel used, which is `kernel.mem.touchedBytes` from the start.
 *
 * @throws {OptionError} When an option is unknown or malformed; one line that names it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, embeddedModel, FdtReader } from "../mod.ts";
 * const model = embeddedModel("-device virtio-keyboard-device");
 * const trees = new FdtReader();
 * for (let run = 0; run < 3; run++) {
 *   await using vm = await boot(model.machine(), { trees, log: false });
 *   assertEquals(vm.check(), []);
 * }
 * ```
 */
export function embeddedModel(
  args: string | readonly string[] = [],
  options: EmbeddedOptions = {},
): Model {
  const host = options.host ?? ("Deno" in globalThis ? denoHost() : undefined);
  return new EmbeddedModel(splitArgs(args), { ...options, host });
}

/**
 * Makes a machine in a QEMU that it starts: the real devices behind the same options, for the same
 * guest. Needs Linux, Deno and `qemu-system-aarch64`.
 *
 * QEMU starts when `boot()` first needs it, and ends with the machine or with this program, however
 * that ends.
 *
 * @param args QEMU's options, as for {@linkcode embedded}.
 * @throws {OptionError} When an option cannot be used with this machine.
 * @throws {QemuUnavailableError} When QEMU is not installed, with what to install.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boot, qemu, qemuInstalled } from "../mod.ts";
 * if (qemuInstalled()) {
 *   await using vm = await boot(qemu("-device virtio-keyboard-device"));
 *   assertEquals(await vm.sh("cat /sys/bus/virtio/devices/virtio0/device"), "0x0012\n");
 * }
 * ```
 */
export function qemu(args: string | readonly string[] = [], options: QemuOptions = {}): Machine {
  return qemuMachine(splitArgs(args), options);
}
