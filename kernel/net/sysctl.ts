/**
 * `/proc/sys/net/ipv6/conf`: whether an interface uses IPv6.
 *
 * Linux: net/ipv6/addrconf.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import type { Directory, RegularFile } from "../vfs/node.ts";
import { textFile } from "../vfs/node.ts";
import { INET6 } from "./addrconf.ts";
import type { NetDevice } from "./netdevice.ts";
import { NET_DEVICES, type NetDevices } from "./registry.ts";

/** The switch of all interfaces, as it was set last. */
const ALL_DISABLED: Slot<{ value: number }> = new Slot("disable_ipv6", () => ({ value: 0 }));

/** Linux: proc_dointvec() for a single number */
function parseInteger(text: string): number {
  const match = /^\s*(-?(?:0x[0-9a-fA-F]+|[0-9]+))(?:\s|$)/.exec(text);
  if (match === null) throw new KernelError("EINVAL", `'${text.trim()}' is not a number`);
  return Number(match[1]);
}

function numberFile(get: () => number, set: (value: number) => undefined): RegularFile {
  return {
    ...textFile(() => `${get()}\n`, 0o644),
    write: async (data) => set(parseInteger(new TextDecoder().decode(data))),
  };
}

/** The file `disable_ipv6` of an interface, of `all`, or of `default`. Linux: addrconf_sysctl_disable() */
function disableFile(kernel: Kernel, name: string, dev: NetDevice | undefined): RegularFile {
  const inet6 = kernel.get(INET6);
  if (dev !== undefined) {
    return numberFile(() => inet6.disabled(dev), (value) => inet6.disable(dev, value));
  }
  const setDefault = (value: number): undefined => {
    inet6.defaultDisabled = value;
  };
  if (name === "default") return numberFile(() => inet6.defaultDisabled, setDefault);
  const all = kernel.get(ALL_DISABLED);
  return numberFile(() => all.value, (value) => {
    all.value = value;
    setDefault(value);
    for (const each of kernel.get(NET_DEVICES).list) inet6.disable(each, value);
  });
}

/** A folder for each interface, by the name that it has now. */
function confFolder(kernel: Kernel, devices: NetDevices): Directory {
  return {
    kind: "dir",
    mode: 0o555,
    names: () => ["all", "default", ...devices.list.map(({ name }) => name)],
    lookup: (name) => {
      const dev = devices.find(name);
      if (dev === undefined && name !== "all" && name !== "default") return undefined;
      const file = disableFile(kernel, name, dev);
      return {
        kind: "dir",
        mode: 0o555,
        names: () => ["disable_ipv6"],
        lookup: (entry) => entry === "disable_ipv6" ? file : undefined,
      };
    },
  };
}

/** Makes the folder. Linux: addrconf_init() */
export function addrconfInit(kernel: Kernel): undefined {
  const folder = confFolder(kernel, kernel.get(NET_DEVICES));
  kernel.procfs.dir("sys").dir("net").dir("ipv6").add("conf", folder);
}
