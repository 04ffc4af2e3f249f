import {
  embedded as embeddedMachine,
  type EmbeddedMachine,
  type EmbeddedOptions,
} from "../hypervisor/embedded/machine.ts";
import { denoHost } from "../hypervisor/host_deno.ts";

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
 * import { embedded } from "../mod.ts";
 * await using machine = embedded("-drive if=none,id=d0,file=disk.img -device virtio-blk-device,drive=d0", {
 *   images: { "disk.img": new Uint8Array(1 << 20) },
 * });
 * console.assert(machine.name === "embedded");
 * ```
 */
export function embedded(
  args: string | readonly string[] = [],
  options: EmbeddedOptions = {},
): EmbeddedMachine {
  const host = options.host ?? ("Deno" in globalThis ? denoHost() : undefined);
  return embeddedMachine(splitArgs(args), { ...options, host });
}
