/**
 * `-netdev` and the `-object filter-dump` on it, in terms of {@linkcode NetdevOptions} and
 * {@linkcode FilterDumpOptions}.
 *
 * @module
 */
import type { SocketAddress } from "../host.ts";
import type { NetdevOptions } from "./netdev_options.ts";
import { NETDEV_TYPES } from "./netdev_options.ts";
import {
  checkId,
  checkKeys,
  OptionError,
  type OptionGroup,
  parseBool,
  parseInteger,
  requireValue,
} from "./option_list.ts";
import type { FilterDumpOptions } from "./pcap.ts";

const SOCKET_KEYS = ["type", "host", "port", "path", "ipv4", "ipv6", "to", "numeric"];

const prefixed = (prefix: string) => SOCKET_KEYS.map((key) => `${prefix}.${key}`);

/** Keys of each kind, beside `type` and `id`. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  user: [
    "net",
    "host",
    "hostname",
    "restrict",
    "dhcpstart",
    "dns",
    "dnssearch",
    "domainname",
    "tftp",
    "bootfile",
    "hostfwd",
    "guestfwd",
    "smb",
    "ipv4",
    "ipv6",
  ],
  hubport: ["hubid"],
  dgram: [...prefixed("local"), ...prefixed("remote")],
  stream: [...prefixed("addr"), "server", "reconnect"],
};

/** Returns the options of a `-netdev`. */
export function netdevOptions(group: OptionGroup): NetdevOptions {
  const { values } = group;
  const type = requireValue(group, "type");
  if (!Object.hasOwn(KEYS, type)) {
    throw new OptionError(
      `Parameter 'type' does not accept value '${type}'; known: ${NETDEV_TYPES.join(", ")}`,
    );
  }
  const id = requireValue(group, "id");
  checkKeys(group, ["type", "id", ...KEYS[type]]);
  const hubid = values.get("hubid");
  const local = socketAddress(values, "local");
  const remote = socketAddress(values, "remote");
  const addr = socketAddress(values, "addr");
  return {
    id,
    type,
    server: parseBool("server", values.get("server") ?? "off"),
    ...(hubid === undefined ? {} : { hubid: parseInteger("hubid", hubid, "int32_t") }),
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
    ...(addr === undefined ? {} : { addr }),
  };
}

function socketAddress(
  values: ReadonlyMap<string, string>,
  prefix: string,
): SocketAddress | undefined {
  const type = values.get(`${prefix}.type`);
  if (type === undefined) return undefined;
  const part = (key: string): string => {
    const value = values.get(`${prefix}.${key}`);
    if (value === undefined) throw new OptionError(`Parameter '${prefix}.${key}' is missing`);
    return value;
  };
  if (type === "unix") return { type, path: part("path") };
  if (type === "inet") {
    const port = parseInteger(`${prefix}.port`, part("port"), "uint16_t");
    return { type, host: part("host"), port };
  }
  throw new OptionError(
    `Parameter '${prefix}.type' does not accept value '${type}'; known: inet, unix`,
  );
}

const DUMP_KEYS = ["qom-type", "id", "netdev", "file", "maxlen", "queue", "status", "position"];

/** A `filter-dump` with what it is put on and where it writes. */
export interface DumpGroup {
  /** The options of the dump. */
  readonly options: FilterDumpOptions;
  /** Id of the network. */
  readonly netdev: string;
  /** Path of the file. */
  readonly file: string;
}

/** Returns what a `-object filter-dump` says. */
export function dumpOptions(group: OptionGroup): DumpGroup {
  checkKeys(group, DUMP_KEYS);
  const id = requireValue(group, "id");
  checkId(id);
  const netdev = requireValue(group, "netdev");
  const file = requireValue(group, "file");
  const maxlen = group.values.get("maxlen");
  if (maxlen !== undefined && parseInteger("maxlen", maxlen, "uint32_t") === 0) {
    throw new OptionError("Property 'filter-dump.maxlen' doesn't take value '0'");
  }
  const queue = group.values.get("queue") ?? "all";
  if (queue !== "all" && queue !== "rx" && queue !== "tx") {
    throw new OptionError(
      `Parameter 'queue' does not accept value '${queue}'; known: all, rx, tx`,
    );
  }
  const options: FilterDumpOptions = {
    id,
    queue,
    ...(maxlen === undefined ? {} : { maxlen: Number(maxlen) }),
  };
  return { options, netdev, file };
}
