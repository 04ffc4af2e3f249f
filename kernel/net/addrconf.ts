/**
 * IPv6 addresses that interfaces give themselves. Nothing is sent for them: that nobody else has an address is
 * taken for granted after the time that Linux asks for.
 *
 * Linux: net/ipv6/addrconf.c
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import { Slot } from "../slot.ts";
import { textFile } from "../vfs/node.ts";
import { devGetFlags } from "./dev_flags.ts";
import { IFF_LOOPBACK, IFF_RUNNING } from "./if.ts";
import type { NetDevice } from "./netdevice.ts";
import { NET_DEVICES, type NetdevEvent } from "./registry.ts";

/** How long it takes to find out that nobody else has an address. Linux: RETRANS_TIMER */
const DAD_NS = 1_000_000_000;
/** Smaller frames do not carry IPv6. */
const IPV6_MIN_MTU = 1280;
/** After these events an interface may have an address, or none. */
const CONFIGURING: readonly NetdevEvent[] = ["up", "change", "down", "changemtu"];

/** An address. Linux: struct inet6_ifaddr */
export interface Inet6Addr {
  readonly words: readonly number[];
  /** As people write it. */
  readonly text: string;
  readonly prefix: number;
  readonly scope: "link" | "host";
  /** Somebody else may have it too. */
  readonly tentative: boolean;
}

/** Four words that an interface makes of its Ethernet address. Linux: addrconf_ifid_eui48() */
function interfaceId(mac: Uint8Array): number[] {
  const id = [mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]];
  return [0, 2, 4, 6].map((at) => id[at] << 8 | id[at + 1]);
}

const LOOPBACK_WORDS = [0, 0, 0, 0, 0, 0, 0, 1];

/** The addresses of one kernel, and which interfaces may have none. */
export class Inet6 {
  readonly #readyNs = new Map<NetDevice, number>();
  readonly #disabled = new WeakMap<NetDevice, number>();
  /** What interfaces begin with. Linux: net.ipv6.conf.default.disable_ipv6 */
  defaultDisabled = 0;

  disabled(dev: NetDevice): number {
    return this.#disabled.get(dev) ?? this.defaultDisabled;
  }

  /** Linux: addrconf_sysctl_disable() */
  disable(dev: NetDevice, value: number): undefined {
    this.#disabled.set(dev, value);
    this.#configure(dev);
  }

  addresses(dev: NetDevice): readonly Inet6Addr[] {
    const readyNs = this.#readyNs.get(dev);
    if (readyNs === undefined) return [];
    if ((dev.flags & IFF_LOOPBACK) !== 0) {
      return [
        { words: LOOPBACK_WORDS, text: "::1", prefix: 128, scope: "host", tentative: false },
      ];
    }
    const tentative = dev.kernel.clock.nowNs < readyNs;
    const id = interfaceId(dev.devAddr);
    // The zeros behind the first word are left out, also those of the second half.
    const rest = id.slice(id.findIndex((word) => word !== 0));
    const text = `fe80::${rest.map((word) => word.toString(16)).join(":")}`;
    return [{ words: [0xfe80, 0, 0, 0, ...id], text, prefix: 64, scope: "link", tentative }];
  }

  /** An interface has an address while it is up, has a link, carries IPv6 packets, and may. Linux: addrconf_notify() */
  #configure(dev: NetDevice): undefined {
    const running = (devGetFlags(dev) & IFF_RUNNING) !== 0;
    const ready = running && dev.mtu >= IPV6_MIN_MTU && this.disabled(dev) === 0;
    if (!ready) this.#readyNs.delete(dev);
    else if (!this.#readyNs.has(dev)) this.#readyNs.set(dev, dev.kernel.clock.nowNs + DAD_NS);
  }

  onEvent(event: NetdevEvent, dev: NetDevice): undefined {
    if (event === "unregister") this.#readyNs.delete(dev);
    else if (CONFIGURING.includes(event)) this.#configure(dev);
  }
}

/** The IPv6 addresses of a kernel. */
export const INET6: Slot<Inet6> = new Slot("inet6", () => new Inet6());

const SCOPES = { link: 0x20, host: 0x10 } as const;
const IFA_F_PERMANENT = 0x80;
const IFA_F_TENTATIVE = 0x40;

/** Linux: if6_seq_show() */
function line(dev: NetDevice, { words, prefix, scope, tentative }: Inet6Addr): string {
  const flags = IFA_F_PERMANENT | (tentative ? IFA_F_TENTATIVE : 0);
  const numbers = [dev.ifindex, prefix, SCOPES[scope], flags]
    .map((value) => value.toString(16).padStart(2, "0"));
  const address = words.map((word) => word.toString(16).padStart(4, "0")).join("");
  return `${address} ${numbers.join(" ")} ${dev.name.padStart(8)}\n`;
}

/** Makes `/proc/net/if_inet6`. Linux: if6_proc_init() */
export function if6ProcInit(kernel: Kernel): undefined {
  const inet6 = kernel.get(INET6);
  const lines = () =>
    kernel.get(NET_DEVICES).list.flatMap((dev) =>
      inet6.addresses(dev).map((address) => line(dev, address))
    );
  kernel.procfs.dir("net").add("if_inet6", textFile(() => lines().join("")));
}
