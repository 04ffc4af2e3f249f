/**
 * `/proc/sys/net/ipv6/conf/NAME/disable_ipv6`. This kernel has no IPv6, so that the switch changes nothing
 * but itself; scripts for Linux use it to keep interfaces quiet.
 *
 * Linux: net/ipv6/addrconf.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { NET_DEVICES } from "../net/registry.ts";
import { type Directory, type Inode, PlainDirectory, textFile } from "../vfs/node.ts";

const decoder = new TextDecoder();

/** A folder for `all`, `default` and each interface. */
export class Ipv6ConfDirectory implements Directory {
  readonly kind = "dir";
  readonly mode = 0o555;
  readonly #disabled = new Map<string, string>();

  constructor(readonly kernel: Kernel) {}

  lookup(name: string): Inode | undefined {
    const general = name === "all" || name === "default";
    if (!general && this.kernel.get(NET_DEVICES).find(name) === undefined) return undefined;
    const dir = new PlainDirectory(0o555);
    const file = textFile(() => `${this.#disabled.get(name) ?? "0"}\n`, 0o644);
    const write = async (data: Uint8Array): Promise<undefined> => {
      const value = decoder.decode(data).trim();
      if (!/^-?\d+$/.test(value)) throw new KernelError("EINVAL", `disable_ipv6: '${value}'`);
      this.#disabled.set(name, value);
    };
    dir.add("disable_ipv6", { ...file, write });
    return dir;
  }

  *names(): Iterable<string> {
    yield "all";
    yield "default";
    for (const { name } of this.kernel.get(NET_DEVICES).list) yield name;
  }
}
