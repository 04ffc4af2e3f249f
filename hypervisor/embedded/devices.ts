/**
 * The devices that `-device` knows: QEMU's name, QEMU's properties, and the model behind the name.
 *
 * @module
 */
import type { BlockBackend } from "./blockdev.ts";
import type { Chardev } from "./chardev.ts";
import type { DeviceCosts } from "./costs.ts";
import type { DeviceModel } from "./device.ts";
import type { InputHub } from "./input_hub.ts";
import type { Netdev } from "./netdev.ts";
import { OptionError } from "./option_list.ts";
import type { PropertyTable, PropertyValues } from "./property.ts";
import { VirtioBalloon } from "./virtio_balloon.ts";
import { VirtioBlk } from "./virtio_blk.ts";
import { VirtioSerial } from "./virtio_console.ts";
import { type InputKind, VirtioInput } from "./virtio_input.ts";
import { VirtioNet } from "./virtio_net.ts";
import { VirtioRng } from "./virtio_rng.ts";

/** Where a device finds its backends by the names in its properties. */
export interface Backends {
  /** How long devices take. */
  readonly costs: DeviceCosts | undefined;
  /** The input devices of the machine. */
  readonly input: InputHub;
  /** The drive that the value of property `property` names. */
  drive(property: string, id: string): BlockBackend;
  /** The network that the value of property `property` names. */
  netdev(property: string, id: string): Netdev;
  /** The address of a network card: `given`, or the next free one of QEMU's. */
  macAddress(given: string | undefined): Uint8Array;
  /** Checks that the value of property `property` names a source of random numbers. */
  checkRng(property: string, id: string): undefined;
  /** Checks that there is a thread with that name. */
  checkIothread(id: string): undefined;
  /** Takes the machine's memory balloon; there can be one only. */
  addBalloon(balloon: VirtioBalloon): VirtioBalloon;
  /** The character device that the value of property `property` names. */
  chardev(property: string, id: string): Chardev;
}

/** A device that sits in a slot. */
export interface SlotDevice {
  /** The kind of bus that it sits on. */
  readonly bus: "virtio-bus";
  /** Its properties. */
  readonly properties: PropertyTable;
  /** Makes the model; throws when a property is not possible. */
  create(props: PropertyValues, backends: Backends): DeviceModel;
}

/** A port that sits on a `virtio-serial-device`. */
export interface PortDevice {
  /** The kind of bus that it sits on. */
  readonly bus: "virtio-serial-bus";
  /** Its properties. */
  readonly properties: PropertyTable;
  /** Adds the port. */
  attach(owner: VirtioSerial, props: PropertyValues, backends: Backends): undefined;
}

/** Properties that all virtio devices have. */
export const VIRTIO_PROPERTIES: PropertyTable = {
  "any_layout": "bool",
  "event_idx": "bool",
  "indirect_desc": "bool",
  "iommu_platform": "bool",
  "notify_on_empty": "bool",
  "packed": "bool",
  "queue_reset": "bool",
  "use-disabled-flag": "bool",
  "use-started": "bool",
  "x-disable-legacy-check": "bool",
};

const BLK: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "account-failed": "OnOffAuto",
  "account-invalid": "OnOffAuto",
  "backend_defaults": "OnOffAuto",
  "bootindex": "int32",
  "config-wce": "bool",
  "cyls": "uint32",
  "discard": "bool",
  "discard_granularity": "size",
  "drive": "str",
  "heads": "uint32",
  "lcyls": "uint32",
  "lheads": "uint32",
  "logical_block_size": "blocksize",
  "lsecs": "uint32",
  "max-discard-sectors": "uint32",
  "max-write-zeroes-sectors": "uint32",
  "min_io_size": "size",
  "num-queues": "uint16",
  "opt_io_size": "size",
  "physical_block_size": "blocksize",
  "queue-size": "uint16",
  "report-discard-granularity": "bool",
  "request-merging": "bool",
  "rerror": "BlockdevOnError",
  "secs": "uint32",
  "seg-max-adjust": "bool",
  "serial": "str",
  "share-rw": "bool",
  "werror": "BlockdevOnError",
  "write-cache": "OnOffAuto",
  "write-zeroes": "bool",
  "x-enable-wce-if-config-wce": "bool",
};

const SERIAL: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "emergency-write": "bool",
  "max_ports": "uint32",
};

const PORT: PropertyTable = { "chardev": "str", "name": "str", "nr": "uint32" };

const KEYBOARD: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "display": "str",
  "head": "uint32",
  "serial": "str",
};

const POINTER: PropertyTable = { ...KEYBOARD, "wheel-axis": "bool" };

const NET: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "bootindex": "int32",
  "csum": "bool",
  "ctrl_guest_offloads": "bool",
  "ctrl_mac_addr": "bool",
  "ctrl_rx": "bool",
  "ctrl_rx_extra": "bool",
  "ctrl_vlan": "bool",
  "ctrl_vq": "bool",
  "duplex": "str",
  "failover": "bool",
  "gso": "bool",
  "guest_announce": "bool",
  "guest_csum": "bool",
  "guest_ecn": "bool",
  "guest_rsc_ext": "bool",
  "guest_tso4": "bool",
  "guest_tso6": "bool",
  "guest_ufo": "bool",
  "hash": "bool",
  "host_ecn": "bool",
  "host_mtu": "uint16",
  "host_tso4": "bool",
  "host_tso6": "bool",
  "host_ufo": "bool",
  "mac": "mac",
  "mq": "bool",
  "mrg_rxbuf": "bool",
  "netdev": "str",
  "rsc_interval": "uint32",
  "rss": "bool",
  "rx_queue_size": "uint16",
  "speed": "int32",
  "status": "bool",
  "tx": "str",
  "tx_queue_size": "uint16",
  "x-mtu-bypass-backend": "bool",
  "x-txburst": "int32",
  "x-txtimer": "uint32",
};

const RNG: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "max-bytes": "uint64",
  "period": "uint32",
  "rng": "str",
};

const BALLOON: PropertyTable = {
  ...VIRTIO_PROPERTIES,
  "deflate-on-oom": "bool",
  "free-page-hint": "bool",
  "free-page-reporting": "bool",
  "iothread": "str",
  "page-poison": "bool",
  "qemu-4-0-config-size": "bool",
};

/** The value of `nr` that leaves the number to the device. */
const NR_UNSET = 0xffff_ffff;

function createBlk(props: PropertyValues, backends: Backends): DeviceModel {
  const { drive, ...rest } = props;
  if (drive === undefined) throw new OptionError("drive property not set");
  return new VirtioBlk(
    rest,
    backends.drive("virtio-blk-device.drive", String(drive)),
    backends.costs,
  );
}

function createNet(props: PropertyValues, backends: Backends): DeviceModel {
  const { netdev, mac, ...rest } = props;
  const address = backends.macAddress(mac === undefined ? undefined : String(mac));
  const behind = netdev === undefined
    ? undefined
    : backends.netdev("virtio-net-device.netdev", String(netdev));
  return new VirtioNet({ ...rest, mac: address }, behind);
}

function createRng(props: PropertyValues, backends: Backends): DeviceModel {
  const { rng, ...rest } = props;
  if (rng !== undefined) backends.checkRng("virtio-rng-device.rng", String(rng));
  return new VirtioRng(rest);
}

function createBalloon(props: PropertyValues, backends: Backends): DeviceModel {
  const { iothread, ...rest } = props;
  if (iothread !== undefined) backends.checkIothread(String(iothread));
  if (rest.freePageHint === true && iothread === undefined) {
    throw new OptionError("'free-page-hint' requires 'iothread' to be set");
  }
  return backends.addBalloon(new VirtioBalloon(rest));
}

function port(kind: "virtconsole" | "virtserialport"): PortDevice {
  return {
    bus: "virtio-serial-bus",
    properties: PORT,
    attach(owner, props, backends) {
      const { chardev, nr, name } = props;
      const end = chardev === undefined
        ? undefined
        : backends.chardev(`${kind}.chardev`, String(chardev));
      owner.addPort({
        kind,
        ...(nr === undefined || nr === NR_UNSET ? {} : { nr: Number(nr) }),
        ...(name === undefined ? {} : { name: String(name) }),
      }, end);
    },
  };
}

function input(kind: InputKind, properties: PropertyTable): SlotDevice {
  return {
    bus: "virtio-bus",
    properties,
    create: (props, backends) => new VirtioInput(kind, props, backends.input),
  };
}

/** All devices by QEMU's name. */
export const DEVICES: Readonly<Record<string, SlotDevice | PortDevice>> = {
  "virtio-blk-device": { bus: "virtio-bus", properties: BLK, create: createBlk },
  "virtio-serial-device": {
    bus: "virtio-bus",
    properties: SERIAL,
    create: (props) => new VirtioSerial(props),
  },
  "virtio-keyboard-device": input("virtio-keyboard-device", KEYBOARD),
  "virtio-mouse-device": input("virtio-mouse-device", POINTER),
  "virtio-tablet-device": input("virtio-tablet-device", POINTER),
  "virtio-net-device": { bus: "virtio-bus", properties: NET, create: createNet },
  "virtio-balloon-device": { bus: "virtio-bus", properties: BALLOON, create: createBalloon },
  "virtio-rng-device": { bus: "virtio-bus", properties: RNG, create: createRng },
  "virtconsole": port("virtconsole"),
  "virtserialport": port("virtserialport"),
};
