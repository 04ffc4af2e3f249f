/**
 * The class `net` and the files of an interface: `/sys/class/net/NAME`.
 *
 * Linux: net/core/net-sysfs.c
 *
 * @module
 */
import type { Class, Device } from "../base/device.ts";
import type { Errno } from "../errno.ts";
import { KernelError } from "../errors.ts";
import type { Attribute, AttributeGroup } from "../kobject.ts";
import { devChangeFlags } from "./dev_flags.ts";
import { devChangeTxQueueLen, devSetAlias, devSetMtu } from "./dev_set.ts";
import { formatMac } from "./eth.ts";
import { DUPLEX_FULL, DUPLEX_HALF, NET_NAME_UNKNOWN } from "./if.ts";
import { NET_STATS, type NetDevice } from "./netdevice.ts";
import { kstrtoul } from "./number.ts";
import { NET_DEVICES } from "./registry.ts";

type NetAttribute = Attribute<NetDevice>;

/** A file that shows something and cannot be written. */
function readOnly(name: string, show: (dev: NetDevice) => string | number): NetAttribute {
  return { name, mode: 0o444, show: (dev) => `${show(dev)}\n` };
}

/** A file with a number that user space may change; the lock is held meanwhile. */
function numberFile(
  name: string,
  show: (dev: NetDevice) => string | number,
  set: (dev: NetDevice, value: number) => Promise<undefined> | undefined,
): NetAttribute {
  return {
    name,
    mode: 0o644,
    show: (dev) => `${show(dev)}\n`,
    store: async (dev, text) => {
      const value = kstrtoul(text);
      await dev.kernel.get(NET_DEVICES).rtnl.with(async () => set(dev, value));
    },
  };
}

function refuse(dev: NetDevice, code: Errno, why: string): never {
  throw new KernelError(code, `${dev.name}: ${why}`);
}

/** Files that only make sense while the interface is up. */
function whileRunning(name: string, show: (dev: NetDevice) => string | number): NetAttribute {
  return readOnly(name, (dev) => dev.running ? show(dev) : refuse(dev, "EINVAL", "is down"));
}

/** Files about the link. Linux: speed_show(), duplex_show() */
function linkFile(
  name: string,
  field: "speed" | "duplex",
  format: (value: number) => string,
): NetAttribute {
  return whileRunning(name, (dev) => {
    const settings = dev.present ? dev.ops.linkSettings?.(dev) : undefined;
    return settings === undefined
      ? refuse(dev, "EINVAL", `has no ${name}`)
      : format(settings[field]);
  });
}

function duplexName(duplex: number): string {
  return duplex === DUPLEX_FULL ? "full" : duplex === DUPLEX_HALF ? "half" : "unknown";
}

/** Linux: phys_port_id_show() and its like, where the driver has none */
function unsupported(name: string): NetAttribute {
  return readOnly(name, (dev) => refuse(dev, "EOPNOTSUPP", `has no ${name}`));
}

const IDENTITY: readonly NetAttribute[] = [
  readOnly("addr_assign_type", (dev) => dev.addrAssignType),
  readOnly("addr_len", (dev) => dev.devAddr.length),
  readOnly("address", (dev) => formatMac(dev.devAddr)),
  readOnly("broadcast", (dev) => formatMac(dev.broadcast)),
  readOnly("dev_id", () => "0x0"),
  readOnly("dev_port", () => 0),
  readOnly("ifindex", (dev) => dev.ifindex),
  readOnly("iflink", (dev) => dev.ifindex),
  readOnly("link_mode", () => 0),
  readOnly(
    "name_assign_type",
    (dev) =>
      dev.nameAssignType === NET_NAME_UNKNOWN
        ? refuse(dev, "EINVAL", "nobody knows where its name comes from")
        : dev.nameAssignType,
  ),
  readOnly("type", (dev) => dev.hardware),
  unsupported("phys_port_id"),
  readOnly(
    "phys_port_name",
    (dev) => dev.ops.physPortName?.(dev) ?? refuse(dev, "EOPNOTSUPP", "has no phys_port_name"),
  ),
  unsupported("phys_switch_id"),
];

const STATE: readonly NetAttribute[] = [
  {
    name: "carrier",
    mode: 0o644,
    show: (dev) => dev.running ? `${dev.carrierOk ? 1 : 0}\n` : refuse(dev, "EINVAL", "is down"),
    store: (dev) => refuse(dev, "EOPNOTSUPP", "its link cannot be set"),
  },
  readOnly("carrier_changes", (dev) => dev.carrierUpCount + dev.carrierDownCount),
  readOnly("carrier_down_count", (dev) => dev.carrierDownCount),
  readOnly("carrier_up_count", (dev) => dev.carrierUpCount),
  whileRunning("dormant", () => 0),
  whileRunning("testing", () => 0),
  readOnly("operstate", (dev) => dev.running ? dev.operstate : "down"),
  linkFile("speed", "speed", String),
  linkFile("duplex", "duplex", duplexName),
];

const SETTINGS: readonly NetAttribute[] = [
  numberFile("flags", (dev) => `0x${dev.flags.toString(16)}`, devChangeFlags),
  numberFile("mtu", (dev) => dev.mtu, devSetMtu),
  numberFile("tx_queue_len", (dev) => dev.txQueueLen, devChangeTxQueueLen),
  numberFile("netdev_group", (dev) => dev.group, (dev, value) => {
    dev.group = value;
  }),
  numberFile("gro_flush_timeout", (dev) => dev.groFlushTimeout, (dev, value) => {
    dev.groFlushTimeout = value;
  }),
  numberFile("napi_defer_hard_irqs", (dev) => dev.napiDeferHardIrqs, (dev, value) => {
    dev.napiDeferHardIrqs = value;
  }),
  numberFile("proto_down", () => 0, (dev) => refuse(dev, "EOPNOTSUPP", "has no proto_down")),
  numberFile("threaded", (dev) => dev.threaded ? 1 : 0, (dev, value) => {
    if (value > 1 || !dev.hasNapi) refuse(dev, "EOPNOTSUPP", "cannot be polled by a thread");
    dev.threaded = value === 1;
  }),
  {
    name: "ifalias",
    mode: 0o644,
    show: (dev) => dev.alias === "" ? "" : `${dev.alias}\n`,
    store: (dev, value) => devSetAlias(dev, value.replace(/\n$/, "")),
  },
];

const STATISTICS_GROUP: AttributeGroup<NetDevice> = {
  name: "statistics",
  attrs: NET_STATS.map((name) => readOnly(name, (dev) => dev.getStats()[name])),
};

const GROUPS: readonly AttributeGroup<NetDevice>[] = [
  { attrs: [...IDENTITY, ...STATE, ...SETTINGS] },
  STATISTICS_GROUP,
];

/** The class of network devices. Linux: net_class */
export const NET_CLASS: Class = {
  name: "net",
  devGroups: GROUPS,
  namespaced: true,
  uevent: (dev: Device) => [`INTERFACE=${dev.name}`, `IFINDEX=${(dev as NetDevice).ifindex}`],
};
