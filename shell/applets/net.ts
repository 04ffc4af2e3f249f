/**
 * Programs for network interfaces.
 *
 * @module
 */
import { KernelError } from "../../kernel/errors.ts";
import { compareBytes } from "../../kernel/vfs/order.ts";
import { devChangeFlags, devGetFlags } from "../../kernel/net/dev_flags.ts";
import { devChangeName, devSetMacAddress, devSetMtu } from "../../kernel/net/dev_set.ts";
import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from "../../kernel/net/if.ts";
import { classLength, maskLength, parseIpv4 } from "../../kernel/net/ipv4/address.ts";
import { INET } from "../../kernel/net/ipv4/inet.ts";
import type { NetDevice } from "../../kernel/net/netdevice.ts";
import { NET_DEVICES } from "../../kernel/net/registry.ts";
import { ExitStatus, strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import {
  addressChange,
  addressLines,
  ifconfigAddresses,
  ip6Route,
  ipNeighbours,
  ipRoute,
  isHostAddress,
  setFirstAddress,
} from "./inet.ts";
import { showUsage } from "./options.ts";

const STATUS_FAILED = 2;

const macText = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/** Names of flags in the order in which `ip` prints them. */
const IP_FLAGS: readonly [bit: number, name: string][] = [
  [IFF_LOOPBACK, "LOOPBACK"],
  [IFF_BROADCAST, "BROADCAST"],
  [IFF_POINTOPOINT, "POINTOPOINT"],
  [IFF_MULTICAST, "MULTICAST"],
  [IFF_NOARP, "NOARP"],
  [IFF_UP, "UP"],
  [IFF_LOWER_UP, "LOWER_UP"],
];

/** `BROADCAST,MULTICAST,UP,LOWER_UP`; what has no name stands as a number right behind. */
function ipFlags(flags: number): string {
  let rest = flags & ~IFF_RUNNING;
  const names: string[] = [];
  if ((flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0) names.push("NO-CARRIER");
  for (const [bit, name] of IP_FLAGS) {
    if ((rest & bit) === 0) continue;
    rest &= ~bit;
    names.push(name);
  }
  return names.join(",") + (rest === 0 ? "" : rest.toString(16));
}

/** How `ip` was told to print. */
interface IpStyle {
  /** `4`, `6`, or all. */
  readonly family?: string;
  readonly oneLine: boolean;
}

function linkText(dev: NetDevice, { family, oneLine }: IpStyle): string {
  const kind = (dev.flags & IFF_LOOPBACK) !== 0 ? "loopback" : "ether";
  const queue = dev.txQueueLen === 0 ? "" : ` qlen ${dev.txQueueLen}`;
  const qdisc = family === "6" ? "" : ` qdisc ${dev.qdisc}`;
  const head = `${dev.ifindex}: ${dev.name}: <${
    ipFlags(devGetFlags(dev))
  }> mtu ${dev.mtu}${qdisc}${queue}`;
  if (family !== undefined) return `${head}\n`;
  return `${head}${oneLine ? "\\" : "\n"}` +
    `    link/${kind} ${macText(dev.devAddr)} brd ${macText(dev.broadcast)}\n`;
}

function find(process: Process, name: string): NetDevice | undefined {
  return process.kernel.get(NET_DEVICES).find(name);
}

async function fail(process: Process, text: string): Promise<never> {
  await process.complain(text);
  throw new ExitStatus(STATUS_FAILED);
}

/** Runs an operation under the lock; a failure is printed with the name of its system call. */
async function ioctl(process: Process, name: string, body: () => Promise<unknown>) {
  try {
    await process.kernel.get(NET_DEVICES).rtnl.with(body);
  } catch (error) {
    await process.complain(`${name}: ${strerror(error)}`);
    throw new ExitStatus(STATUS_FAILED);
  }
}

async function known(process: Process, name: string, call: string): Promise<NetDevice> {
  const dev = find(process, name);
  if (dev === undefined) return await fail(process, `${call}: No such device`);
  return dev;
}

function parseMac(text: string): Uint8Array {
  return Uint8Array.from(text.split(":").map((part) => parseInt(part, 16)));
}

/** `ip link set [dev] NAME WORD…` */
async function linkSet(process: Process, words: readonly string[]): Promise<number> {
  const rest = words[0] === "dev" ? words.slice(1) : [...words];
  if (rest.length === 0) await fail(process, '"dev" requires an argument');
  const name = rest[0];
  let mask = 0;
  let flags = 0;
  const changes: (() => Promise<unknown>)[] = [];
  const flag = (bit: number, on: boolean) => {
    mask |= bit;
    flags = on ? flags | bit : flags & ~bit;
  };
  for (let at = 1; at < rest.length; at++) {
    const word = rest[at];
    const value = rest[at + 1];
    if (word === "up" || word === "down") {
      flag(IFF_UP, word === "up");
      continue;
    }
    at++;
    if (word === "mtu") {
      changes.push(async () => {
        const dev = await known(process, name, "SIOCSIFMTU");
        await ioctl(process, "SIOCSIFMTU", () => devSetMtu(dev, Number(value)));
      });
    } else if (word === "address" || word === "addr") {
      changes.push(async () => {
        const dev = await known(process, name, "SIOCGIFHWADDR");
        await ioctl(process, "SIOCSIFHWADDR", () => devSetMacAddress(dev, parseMac(value)));
      });
    } else if (word === "name") {
      changes.push(async () => {
        const dev = await known(process, name, "SIOCSIFNAME");
        await ioctl(process, "SIOCSIFNAME", () => devChangeName(dev, value));
      });
    } else if (word === "promisc") flag(IFF_PROMISC, value === "on");
    else if (word === "multicast") flag(IFF_MULTICAST, value === "on");
    else if (word === "arp") flag(IFF_NOARP, value !== "on");
    else {
      await process.complain(`either "dev" is duplicate, or "${word}" is garbage`);
      throw new ExitStatus(STATUS_FAILED);
    }
  }
  for (const change of changes) await change();
  if (mask !== 0) {
    const dev = await known(process, name, "SIOCGIFFLAGS");
    const next = (devGetFlags(dev) & ~mask) | flags;
    await ioctl(process, "SIOCSIFFLAGS", () => devChangeFlags(dev, next));
  }
  return 0;
}

/** `ip link`, and with addresses `ip addr`. */
async function linkShow(
  process: Process,
  words: readonly string[],
  style: IpStyle,
  addresses: boolean,
): Promise<number> {
  const name = words[0] === "dev" ? words[1] : words[0];
  if (name !== undefined && find(process, name) === undefined) {
    await process.complain(`can't find device '${name}'`);
    return 1;
  }
  for (const dev of process.kernel.get(NET_DEVICES).list) {
    if (name !== undefined && dev.name !== name) continue;
    const lines = addresses ? addressLines(dev, style.family) : "";
    if (style.family !== undefined && lines === "") continue;
    await process.out(linkText(dev, style) + lines);
  }
  return 0;
}

/** The first of `names` that begins with `word`, as `ip` abbreviates its words. */
function abbreviated(word: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.startsWith(word));
}

/** `ip [-4|-6] [-o] link|addr|route|neigh [show|set|add|del|flush …]` */
export async function ip(process: Process): Promise<number> {
  const options = process.args.slice(1).filter((word) => word.startsWith("-"));
  const words = process.args.slice(1).filter((word) => !word.startsWith("-"));
  const style = {
    family: options.find((word) => word === "-4" || word === "-6")?.slice(1),
    oneLine: options.some((word) => word === "-o" || word === "-oneline"),
  };
  const object = abbreviated(words[0] ?? "", ["address", "route", "link", "neigh"]);
  const command = abbreviated(words[1] ?? "show", ["show", "list", "set", "add", "del", "flush"]);
  const rest = words.slice(2);
  if (object === undefined || command === undefined) {
    return await showUsage(process, "[OPTIONS] address|route|link|neigh [ARGS]");
  }
  if (object === "link" && command === "set") return await linkSet(process, rest);
  const showing = command === "show" || command === "list";
  if ((object === "link" || object === "address") && showing) {
    return await linkShow(process, rest, style, object === "address");
  }
  if (object === "address") return await addressChange(process, command, rest);
  if (object === "route") {
    return style.family === "6" && showing
      ? await ip6Route(process)
      : await ipRoute(process, command, rest);
  }
  if (object === "neigh" && showing) return await ipNeighbours(process);
  return await fail(process, `${words.join(" ")}: not supported by this guest`);
}

const IFCONFIG_FLAGS: readonly [bit: number, name: string][] = [
  [IFF_UP, "UP"],
  [IFF_BROADCAST, "BROADCAST"],
  [IFF_DEBUG, "DEBUG"],
  [IFF_LOOPBACK, "LOOPBACK"],
  [IFF_POINTOPOINT, "POINTOPOINT"],
  [IFF_RUNNING, "RUNNING"],
  [IFF_NOARP, "NOARP"],
  [IFF_PROMISC, "PROMISC"],
  [IFF_ALLMULTI, "ALLMULTI"],
  [IFF_MULTICAST, "MULTICAST"],
];

/** `1.2 KiB` */
function bytesText(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = count;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1)} ${units[unit]}`;
}

function ifconfigText(dev: NetDevice): string {
  const flags = devGetFlags(dev);
  const stats = dev.getStats();
  const encap = (flags & IFF_LOOPBACK) !== 0
    ? "Local Loopback  "
    : `Ethernet  HWaddr ${macText(dev.devAddr).toUpperCase()}  `;
  const names = IFCONFIG_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const indent = " ".repeat(10);
  return `${dev.name.padEnd(9)} Link encap:${encap}\n` +
    ifconfigAddresses(dev) +
    `${indent}${names.join(" ") || "[NO FLAGS]"}  MTU:${dev.mtu}  Metric:1\n` +
    `${indent}RX packets:${stats.rx_packets} errors:${stats.rx_errors} dropped:${stats.rx_dropped} ` +
    `overruns:${stats.rx_fifo_errors} frame:${stats.rx_frame_errors}\n` +
    `${indent}TX packets:${stats.tx_packets} errors:${stats.tx_errors} dropped:${stats.tx_dropped} ` +
    `overruns:${stats.tx_fifo_errors} carrier:${stats.tx_carrier_errors}\n` +
    `${indent}collisions:${stats.collisions} txqueuelen:${dev.txQueueLen} \n` +
    `${indent}RX bytes:${stats.rx_bytes} (${bytesText(stats.rx_bytes)})  ` +
    `TX bytes:${stats.tx_bytes} (${bytesText(stats.tx_bytes)})\n\n`;
}

/** `ifconfig [-a] [NAME [up|down|mtu N|hw ether MAC|promisc|-promisc]…]` */
export async function ifconfig(process: Process): Promise<number> {
  const words = process.args.slice(1);
  const all = words[0] === "-a";
  if (all) words.shift();
  const [name, ...rest] = words;
  if (name === undefined) {
    const devices = [...process.kernel.get(NET_DEVICES).list]
      .sort((a, b) => compareBytes(a.name, b.name));
    for (const dev of devices) {
      if (all || (dev.flags & IFF_UP) !== 0) await process.out(ifconfigText(dev));
    }
    return 0;
  }
  const dev = find(process, name);
  if (rest.length === 0) {
    if (dev !== undefined) {
      await process.out(ifconfigText(dev));
      return 0;
    }
    await process.complain(`${name}: error fetching interface information: Device not found`);
    return 1;
  }
  return await configure(process, name, rest);
}

async function configure(process: Process, name: string, words: string[]): Promise<number> {
  const set = async (call: string, body: (dev: NetDevice) => Promise<undefined>) => {
    try {
      const dev = find(process, name);
      if (dev === undefined && call === "SIOCSIFFLAGS") call = "SIOCGIFFLAGS";
      if (dev === undefined) throw new KernelError("ENODEV", `${name}: no such interface`);
      await process.kernel.get(NET_DEVICES).rtnl.with(() => body(dev));
    } catch (error) {
      await process.complain(`${call}: ${strerror(error)}`);
      throw new ExitStatus(1);
    }
  };
  const flags: Readonly<Record<string, number>> = {
    up: IFF_UP,
    promisc: IFF_PROMISC,
    allmulti: IFF_ALLMULTI,
  };
  while (words.length > 0) {
    const word = words.shift() as string;
    const bit = flags[word === "down" ? "up" : word.replace(/^-/, "")];
    if (bit !== undefined) {
      const on = word !== "down" && !word.startsWith("-");
      await set("SIOCSIFFLAGS", (dev) => {
        const old = devGetFlags(dev);
        return devChangeFlags(dev, on ? old | bit : old & ~bit);
      });
    } else if (word === "mtu") {
      const value = Number(words.shift());
      await set("SIOCSIFMTU", (dev) => devSetMtu(dev, value));
    } else if (word === "hw") {
      words.shift();
      const address = parseMac(words.shift() ?? "");
      await set("SIOCSIFHWADDR", (dev) => devSetMacAddress(dev, address));
    } else if (word === "netmask") {
      const mask = parseIpv4(words.shift() ?? "") ?? 0;
      await set("SIOCSIFNETMASK", async (dev) => {
        const [first] = dev.kernel.get(INET).addresses(dev);
        if (first === undefined) throw new KernelError("EADDRNOTAVAIL", `${name}: no address`);
        setFirstAddress(dev, first.local, maskLength(mask));
      });
    } else {
      const address = parseIpv4(word);
      if (!isHostAddress(address)) {
        await process.complain(`bad address '${word}'`);
        return 1;
      }
      await set("SIOCSIFADDR", async (dev) => setFirstAddress(dev, address, classLength(address)));
      await set("SIOCSIFFLAGS", (dev) => devChangeFlags(dev, devGetFlags(dev) | IFF_UP));
    }
  }
  return 0;
}
