/**
 * Programs for IPv4 addresses, routes and neighbours: parts of `ip`, and `route`.
 *
 * @module
 */
import { IFF_BROADCAST } from "../../kernel/net/if.ts";
import { formatMac } from "../../kernel/net/eth.ts";
import { INET6 } from "../../kernel/net/addrconf.ts";
import {
  formatIpv4,
  INADDR_BROADCAST,
  makeMask,
  maskLength,
  networkOf,
  parseIpv4,
} from "../../kernel/net/ipv4/address.ts";
import { ARP } from "../../kernel/net/ipv4/arp.ts";
import { INET, type Route } from "../../kernel/net/ipv4/inet.ts";
import { routeFlags } from "../../kernel/net/ipv4/proc.ts";
import type { NetDevice } from "../../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../../kernel/net/registry.ts";
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";

const STATUS_FAILED = 2;
const ADDRESS_BITS = 32;
const LOOPBACK_NETWORK = 127;

async function fail(process: Process, text: string, status = STATUS_FAILED): Promise<never> {
  await process.complain(text);
  throw new ExitStatus(status);
}

/** Runs a change under the lock; the kernel's refusal ends the program. */
async function request(process: Process, body: () => unknown, what: string, status = 2) {
  try {
    await process.kernel.get(NET_DEVICES).rtnl.with(async () => await body());
  } catch (error) {
    await fail(process, `${what}: ${strerror(error)}`, status);
  }
}

const ANSWERS = "RTNETLINK answers";

/** `10.0.2.15/24`, `default`; without a slash all bits count. */
async function parsePrefix(process: Process, text: string): Promise<[number, number]> {
  if (text === "default") return [0, 0];
  const [host, bits = `${ADDRESS_BITS}`] = text.split("/");
  const address = parseIpv4(host);
  const prefix = bits.includes(".") ? maskLength(parseIpv4(bits) ?? 0) : Number(bits);
  if (address !== undefined && prefix >= 0 && prefix <= ADDRESS_BITS) return [address, prefix];
  return await fail(process, `invalid argument '${text}' to 'ip'`, 1);
}

/** Words in pairs behind the one without a name. */
function wordsOf(words: readonly string[]): { first?: string; named: Map<string, string> } {
  const named = new Map<string, string>();
  let first: string | undefined;
  for (let at = 0; at < words.length; at++) {
    if (!KEYWORDS.includes(words[at])) first ??= words[at];
    else named.set(words[at], words[++at]);
  }
  return { first, named };
}

const KEYWORDS = "dev via src brd broadcast label scope local metric gw netmask".split(" ");

async function deviceOf(process: Process, name: string | undefined): Promise<NetDevice> {
  const dev = process.kernel.get(NET_DEVICES).find(name ?? "");
  return dev ?? await fail(process, `can't find device '${name ?? ""}'`, 1);
}

/** The lines of an interface's addresses. */
export function addressLines(dev: NetDevice, family: string | undefined): string {
  const lifetime = "       valid_lft forever preferred_lft forever\n";
  const inet = dev.kernel.get(INET).addresses(dev).map((address) => {
    const { local, prefix, broadcast, scope, secondary, label } = address;
    const brd = broadcast === 0 ? "" : ` brd ${formatIpv4(broadcast)}`;
    const second = secondary ? " secondary" : "";
    return `    inet ${
      formatIpv4(local)
    }/${prefix}${brd} scope ${scope}${second} ${label}\n${lifetime}`;
  });
  const inet6 = dev.kernel.get(INET6).addresses(dev).map((address) => {
    const tentative = address.tentative ? "tentative " : "";
    return `    inet6 ${address.text}/${address.prefix} scope ${address.scope} ${tentative}\n${lifetime}`;
  });
  return [...family === "6" ? [] : inet, ...family === "4" ? [] : inet6].join("");
}

/** `ip addr add|del|flush …` */
export async function addressChange(
  process: Process,
  command: string,
  words: readonly string[],
): Promise<number> {
  const inet = process.kernel.get(INET);
  const { first, named } = wordsOf(words);
  const dev = await deviceOf(
    process,
    named.get("dev") ?? (command === "flush" ? first : undefined),
  );
  if (command === "flush") {
    await request(process, () => inet.flush(dev), ANSWERS);
    return 0;
  }
  const [local, prefix] = await parsePrefix(process, first ?? named.get("local") ?? "");
  if (command === "del") {
    const exact = first?.includes("/") ? prefix : undefined;
    await request(process, () => inet.deleteAddress(dev, local, exact), ANSWERS);
    return 0;
  }
  const brd = named.get("brd") ?? named.get("broadcast");
  const broadcast = brd === undefined || brd === "-"
    ? 0
    : parseIpv4(brd) ?? (local | ~makeMask(prefix)) >>> 0;
  const label = named.get("label") ?? dev.name;
  const scope = local >>> 24 === LOOPBACK_NETWORK ? "host" : "global";
  const address = { local, prefix, broadcast, label, scope } as const;
  await request(process, () => inet.addAddress(dev, address), ANSWERS);
  return 0;
}

function routeLine({ network, prefix, gateway, dev, source }: Route): string {
  const to = prefix === 0
    ? "default"
    : prefix === ADDRESS_BITS
    ? formatIpv4(network)
    : `${formatIpv4(network)}/${prefix}`;
  const via = gateway === 0 ? "" : `via ${formatIpv4(gateway)} `;
  const scope = gateway === 0 ? "scope link " : "";
  const src = source === 0 ? "" : ` src ${formatIpv4(source)} `;
  return `${to} ${via}dev ${dev.name} ${scope}${src}\n`;
}

/** `ip route [show | add | del …]` */
export async function ipRoute(
  process: Process,
  command: string,
  words: readonly string[],
): Promise<number> {
  const inet = process.kernel.get(INET);
  if (command === "show" || command === "list") {
    for (const route of inet.routes) await process.out(routeLine(route));
    return 0;
  }
  const { first, named } = wordsOf(words);
  const [network, prefix] = await parsePrefix(process, first ?? "");
  const name = named.get("dev");
  const dev = name === undefined ? undefined : await deviceOf(process, name);
  const gateway = parseIpv4(named.get("via") ?? "") ?? 0;
  const source = parseIpv4(named.get("src") ?? "") ?? 0;
  await request(
    process,
    () =>
      command === "del"
        ? inet.deleteRoute(network, prefix)
        : inet.addRoute({ network, prefix, gateway, dev, source }),
    ANSWERS,
  );
  return 0;
}

/** `ip neigh`. The times are always 0: busybox divides by a clock rate that is far too high. */
export async function ipNeighbours(process: Process): Promise<number> {
  for (const { ip, dev, mac, probes, state } of process.kernel.get(ARP).list) {
    const lladdr = mac === undefined ? "" : `lladdr ${formatMac(mac)}`;
    const rest = `ref 1 used 0/0/0 probes ${probes} ${state}`;
    await process.out(`${formatIpv4(ip)} dev ${dev.name} ${lladdr} ${rest}\n`);
  }
  return 0;
}

/** `ip -6 route`: what the addresses that interfaces give themselves bring along. */
export async function ip6Route(process: Process): Promise<number> {
  const inet6 = process.kernel.get(INET6);
  for (const dev of process.kernel.get(NET_DEVICES).list) {
    for (const { scope } of inet6.addresses(dev)) {
      if (scope !== "link") continue;
      await process.out(
        `fe80::/64 dev ${dev.name}  metric 256 \nmulticast ff00::/8 dev ${dev.name}  metric 256 \n`,
      );
    }
  }
  return 0;
}

/** The lines of addresses in what `ifconfig` prints. */
export function ifconfigAddresses(dev: NetDevice): string {
  const indent = " ".repeat(10);
  const [first] = dev.kernel.get(INET).addresses(dev);
  const inet6 = dev.kernel.get(INET6).addresses(dev).map(({ text, prefix, scope }) =>
    `${indent}inet6 addr: ${text}/${prefix} Scope:${scope === "host" ? "Host" : "Link"}\n`
  ).join("");
  if (first === undefined) return inet6;
  const brd = (dev.flags & IFF_BROADCAST) === 0 ? "" : `  Bcast:${formatIpv4(first.broadcast)}`;
  const mask = formatIpv4(makeMask(first.prefix));
  return `${indent}inet addr:${formatIpv4(first.local)}${brd}  Mask:${mask}\n${inet6}`;
}

/** `ifconfig DEV ADDRESS`, `… netmask MASK`: the first address is another one. Linux: devinet_ioctl() */
export function setFirstAddress(dev: NetDevice, local: number, prefix: number): undefined {
  const inet = dev.kernel.get(INET);
  const [old] = inet.addresses(dev);
  if (old !== undefined) inet.deleteAddress(dev, old.local, old.prefix);
  if (local === 0) return;
  const broadcast = (dev.flags & IFF_BROADCAST) === 0 ? 0 : (local | ~makeMask(prefix)) >>> 0;
  inet.addAddress(dev, { local, prefix, broadcast, label: dev.name, scope: "global" });
}

const ROUTE_FLAGS: readonly [bit: number, name: string][] = [[1, "U"], [4, "H"], [2, "G"]];

/** Shows the routes as `route` does. */
async function showRoutes(process: Process, numeric: boolean): Promise<number> {
  await process.out(
    "Kernel IP routing table\n" +
      "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
  );
  for (const route of process.kernel.get(INET).routes) {
    const { network, gateway, prefix, dev } = route;
    const to = numeric || network !== 0 ? formatIpv4(network) : "default";
    const via = numeric || gateway !== 0 ? formatIpv4(gateway) : "*";
    const flags = ROUTE_FLAGS.filter(([bit]) => (routeFlags(route) & bit) !== 0)
      .map(([, name]) => name).join("").replace("UHG", "UGH");
    const columns = [to, via, formatIpv4(makeMask(prefix))].map((text) => text.padEnd(16)).join("");
    await process.out(`${columns}${flags.padEnd(5)} 0      0        0 ${dev.name}\n`);
  }
  return 0;
}

/** `route [-n] [add|del [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [[dev] DEV]]` */
export async function route(process: Process): Promise<number> {
  const words = process.args.slice(1).filter((word) => word !== "-net" && word !== "-host");
  const command = words.find((word) => word === "add" || word === "del");
  if (command === undefined) return await showRoutes(process, words.includes("-n"));
  const rest = words.slice(words.indexOf(command) + 1);
  const { first, named } = wordsOf(rest);
  const [target, bits] = await parsePrefix(process, first ?? "");
  const mask = parseIpv4(named.get("netmask") ?? "");
  const prefix = mask === undefined ? bits : maskLength(mask);
  const gateway = parseIpv4(named.get("gw") ?? "") ?? 0;
  const name = named.get("dev");
  const dev = name === undefined ? undefined : await deviceOf(process, name);
  const inet = process.kernel.get(INET);
  const network = networkOf(target, prefix);
  await request(
    process,
    () =>
      command === "del"
        ? inet.deleteRoute(network, prefix)
        : inet.addRoute({ network, prefix, gateway, dev, source: 0 }),
    command === "del" ? "SIOCDELRT" : "SIOCADDRT",
    1,
  );
  return 0;
}

/** An address that is sent to everybody is none for an interface. */
export function isHostAddress(address: number | undefined): address is number {
  return address !== undefined && address !== INADDR_BROADCAST;
}
