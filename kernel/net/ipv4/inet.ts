/**
 * IPv4 addresses of interfaces, and routes.
 *
 * Linux: net/ipv4/devinet.c, net/ipv4/fib_frontend.c, net/ipv4/fib_trie.c
 *
 * @module
 */
import { KernelError } from "../../errors.ts";
import { Slot } from "../../slot.ts";
import { IFF_LOOPBACK, IFF_UP } from "../if.ts";
import type { NetDevice } from "../netdevice.ts";
import type { NetdevEvent } from "../registry.ts";
import { formatIpv4, networkOf } from "./address.ts";

const LOOPBACK_ADDRESS = 0x7f00_0001;
const LOOPBACK_PREFIX = 8;
const ADDRESS_BITS = 32;

/** An address of an interface. Linux: struct in_ifaddr */
export interface IfAddr {
  readonly local: number;
  /** Bits of the network. */
  readonly prefix: number;
  /** 0: none. */
  readonly broadcast: number;
  /** The interface's name, or one with a colon and more. */
  readonly label: string;
  readonly scope: "global" | "host";
  /** Another address of the interface is in the same network and was first. Linux: IFA_F_SECONDARY */
  readonly secondary: boolean;
}

/** Where packets for a network go. Linux: struct fib_info, struct fib_alias */
export interface Route {
  readonly network: number;
  readonly prefix: number;
  /** 0: the network is on the interface's own wire. */
  readonly gateway: number;
  readonly dev: NetDevice;
  /** The address that packets come from, where it was given. Linux: fib_prefsrc */
  readonly source: number;
}

function sameNetwork(a: { local: number; prefix: number }, b: IfAddr): boolean {
  return a.prefix === b.prefix && networkOf(a.local, a.prefix) === networkOf(b.local, b.prefix);
}

/** Addresses and routes of one kernel. */
export class Inet {
  readonly #addresses = new Map<NetDevice, IfAddr[]>();
  /** By network, shorter prefixes first. */
  readonly routes: Route[] = [];

  /** The addresses of an interface: those that are first in their network, then the others. */
  addresses(dev: NetDevice): readonly IfAddr[] {
    return this.#addresses.get(dev) ?? [];
  }

  /**
   * Gives an interface an address, and a route for its network while it is up.
   *
   * Linux: __inet_insert_ifa(), fib_add_ifaddr()
   *
   * @throws {KernelError} `EEXIST` when it has it.
   */
  addAddress(dev: NetDevice, wanted: Omit<IfAddr, "secondary">): undefined {
    const list = this.#addresses.get(dev) ?? [];
    const known = list.filter((each) => sameNetwork(wanted, each));
    if (known.some(({ local }) => local === wanted.local)) {
      throw new KernelError("EEXIST", `${dev.name}: has ${formatIpv4(wanted.local)} already`);
    }
    const added = { ...wanted, secondary: known.length > 0 };
    const primaries = list.filter(({ secondary }) => !secondary).length;
    list.splice(added.secondary ? list.length : primaries, 0, added);
    this.#addresses.set(dev, list);
    if ((dev.flags & IFF_UP) !== 0) this.#addNetwork(dev, added);
  }

  /**
   * Takes an address from an interface; with one that was first in its network the others of it go.
   *
   * Linux: __inet_del_ifa(), fib_del_ifaddr()
   *
   * @throws {KernelError} `EADDRNOTAVAIL` when it has no such address.
   */
  deleteAddress(dev: NetDevice, local: number, prefix?: number): undefined {
    const list = this.addresses(dev);
    const gone = list.find((each) =>
      each.local === local && (prefix === undefined || each.prefix === prefix)
    );
    if (gone === undefined) {
      throw new KernelError("EADDRNOTAVAIL", `${dev.name}: has no ${formatIpv4(local)}`);
    }
    const left = list.filter((each) =>
      each !== gone && (gone.secondary || !sameNetwork(gone, each))
    );
    this.#addresses.set(dev, left);
    const network = networkOf(gone.local, gone.prefix);
    this.#dropRoutes((route) =>
      route.dev === dev && (left.length === 0 ||
        (!gone.secondary && route.network === network && route.prefix === gone.prefix))
    );
  }

  /** Takes all addresses from an interface. */
  flush(dev: NetDevice): undefined {
    this.#addresses.delete(dev);
    this.#dropRoutes((route) => route.dev === dev);
  }

  /** The interface that has this address. Linux: the table `local` */
  ownerOf(address: number): NetDevice | undefined {
    for (const [dev, list] of this.#addresses) {
      if (list.some(({ local }) => local === address)) return dev;
    }
    return undefined;
  }

  #addNetwork(dev: NetDevice, { local, prefix, secondary }: IfAddr): undefined {
    const network = networkOf(local, prefix);
    const alone = network === local && prefix === ADDRESS_BITS;
    if (secondary || alone || network === 0 || (dev.flags & IFF_LOOPBACK) !== 0) return;
    this.#insert({ network, prefix, gateway: 0, dev, source: local });
  }

  #insert(route: Route): undefined {
    const at = this.routes.findIndex(({ network, prefix }) =>
      network > route.network || (network === route.network && prefix > route.prefix)
    );
    this.routes.splice(at < 0 ? this.routes.length : at, 0, route);
  }

  #dropRoutes(which: (route: Route) => boolean): undefined {
    for (const route of this.routes.filter(which)) {
      this.routes.splice(this.routes.indexOf(route), 1);
    }
  }

  /**
   * Adds a route; one by a gateway finds its interface itself.
   *
   * Linux: fib_table_insert(), fib_check_nh()
   *
   * @throws {KernelError} `EEXIST` when there is one for the network, `ENETUNREACH` when nothing leads to the
   *   gateway, `ENETDOWN` when the interface is down, `ENODEV` without both.
   */
  addRoute(wanted: Omit<Route, "dev"> & { readonly dev?: NetDevice }): undefined {
    const { network, prefix, gateway } = wanted;
    const way = gateway === 0 ? undefined : this.lookup(gateway);
    if (gateway !== 0 && (way === undefined || way.gateway !== 0)) {
      throw new KernelError("ENETUNREACH", `nothing leads to ${formatIpv4(gateway)}`);
    }
    const dev = wanted.dev ?? way?.dev;
    if (dev === undefined) throw new KernelError("ENODEV", "a route needs an interface");
    if ((dev.flags & IFF_UP) === 0) throw new KernelError("ENETDOWN", `${dev.name}: is down`);
    if (this.routes.some((each) => each.network === network && each.prefix === prefix)) {
      throw new KernelError("EEXIST", `there is a route to ${formatIpv4(network)}/${prefix}`);
    }
    this.#insert({ ...wanted, dev });
  }

  /** Takes a route away. Throws `ESRCH` when there is none. Linux: fib_table_delete() */
  deleteRoute(network: number, prefix: number): undefined {
    const at = this.routes.findIndex((each) => each.network === network && each.prefix === prefix);
    if (at < 0) throw new KernelError("ESRCH", `no route to ${formatIpv4(network)}/${prefix}`);
    this.routes.splice(at, 1);
  }

  /** The route with the longest prefix. Linux: fib_lookup() */
  lookup(address: number): Route | undefined {
    let best: Route | undefined;
    for (const route of this.routes) {
      if (networkOf(address, route.prefix) !== route.network) continue;
      if (best === undefined || route.prefix > best.prefix) best = route;
    }
    return best;
  }

  /** The address that packets on this route come from. Linux: inet_select_addr() */
  sourceOf(route: Route): number {
    return route.source || (this.addresses(route.dev)[0]?.local ?? 0);
  }

  /** Linux: inetdev_event(), fib_netdev_event() */
  onEvent(event: NetdevEvent, dev: NetDevice): undefined {
    if (event === "up") {
      const list = this.addresses(dev);
      if ((dev.flags & IFF_LOOPBACK) !== 0 && list.length === 0) {
        const [local, prefix] = [LOOPBACK_ADDRESS, LOOPBACK_PREFIX];
        this.addAddress(dev, { local, prefix, broadcast: 0, label: dev.name, scope: "host" });
      } else for (const address of list) this.#addNetwork(dev, address);
    } else if (event === "down") this.#dropRoutes((route) => route.dev === dev);
    else if (event === "unregister") this.flush(dev);
  }
}

/** Addresses and routes of a kernel. */
export const INET: Slot<Inet> = new Slot("inet", () => new Inet());
