/**
 * Options of `virtio-net-device`, their checks, and the features and configuration space that they
 * give.
 *
 * QEMU: virtio_net_device_realize(), virtio_net_get_features().
 *
 * @module
 */
import {
  ETH_ALEN,
  VIRTIO_NET_CONFIG_DUPLEX,
  VIRTIO_NET_CONFIG_MAC,
  VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS,
  VIRTIO_NET_CONFIG_MTU,
  VIRTIO_NET_CONFIG_SPEED,
  VIRTIO_NET_CONFIG_STATUS,
  VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
  VIRTIO_NET_F_CTRL_MAC_ADDR,
  VIRTIO_NET_F_CTRL_RX,
  VIRTIO_NET_F_CTRL_RX_EXTRA,
  VIRTIO_NET_F_CTRL_VLAN,
  VIRTIO_NET_F_CTRL_VQ,
  VIRTIO_NET_F_GUEST_ANNOUNCE,
  VIRTIO_NET_F_MAC,
  VIRTIO_NET_F_MQ,
  VIRTIO_NET_F_MRG_RXBUF,
  VIRTIO_NET_F_MTU,
  VIRTIO_NET_F_SPEED_DUPLEX,
  VIRTIO_NET_F_STATUS,
} from "../../uapi/virtio_net.ts";
import { featureBit, type VirtioProps } from "./virtio_model.ts";

/** Properties of `virtio-net-device`; the names are QEMU's, camelCased. */
export interface VirtioNetProps extends VirtioProps {
  /** Address, as text or bytes. Default 52:54:00:12:34:56; see {@linkcode defaultMac}. */
  readonly mac?: string | Uint8Array;
  /** Default true. */
  readonly mrgRxbuf?: boolean;
  /** Whether the link's state is told. Default true. */
  readonly status?: boolean;
  /** Default true. */
  readonly ctrlVq?: boolean;
  /** Default true. */
  readonly ctrlRx?: boolean;
  /** Default true. */
  readonly ctrlVlan?: boolean;
  /** Default true. */
  readonly ctrlRxExtra?: boolean;
  /** Default true. */
  readonly ctrlMacAddr?: boolean;
  /** Default true. */
  readonly ctrlGuestOffloads?: boolean;
  /** Default true. */
  readonly guestAnnounce?: boolean;
  /** Whether MQ is offered, with one pair. Default false. */
  readonly mq?: boolean;
  /** Legacy transport only: whether GSO is offered. Default true. */
  readonly gso?: boolean;
  /** MTU that the driver is told; 0, the default, tells none. */
  readonly hostMtu?: number;
  /** In Mbit/s; -1, the default, tells none. */
  readonly speed?: number;
  /** `half` or `full`. */
  readonly duplex?: string;
  /** From 256 to 1024. Default 256. */
  readonly rxQueueSize?: number;
  /** From 256 to 1024, of which 256 are used. Default 256. */
  readonly txQueueSize?: number;
}

const DUPLEX = { half: 0, full: 1 } as const;
const DUPLEX_UNKNOWN = 0xff;
const QUEUE_SIZE_MIN = 256;
const QUEUE_SIZE_MAX = 1024;
/** Bytes before the last one of the first address that QEMU gives. */
const DEFAULT_MAC = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

/** All properties of a card with their values. */
export interface NetConf
  extends Required<Omit<VirtioNetProps, keyof VirtioProps | "mac" | "duplex">> {
  /** The address. */
  readonly mac: Uint8Array;
  /** `DUPLEX_*` of Linux's ethtool. */
  readonly duplex: number;
}

/** Returns the address that QEMU gives to the card with this number, from 0, if the options name none. */
export function defaultMac(index: number): Uint8Array {
  const mac = Uint8Array.from(DEFAULT_MAC);
  mac[ETH_ALEN - 1] += index;
  return mac;
}

/**
 * Reads an address such as `52:54:00:12:34:56`.
 *
 * @throws {Error} When it is none, in QEMU's words.
 */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) {
    throw new Error(`Property 'virtio-net-device.mac' doesn't take value '${text}'`);
  }
  return Uint8Array.from(text.split(/[:-]/), (byte) => parseInt(byte, 16));
}

function duplexOf(text: string | undefined): number {
  if (text === undefined) return DUPLEX_UNKNOWN;
  if (text === "half" || text === "full") return DUPLEX[text];
  throw new Error("'duplex' must be 'half' or 'full'");
}

function checkQueueSize(name: string, size: number, end: string): undefined {
  const power = (size & (size - 1)) === 0;
  if (power && size >= QUEUE_SIZE_MIN && size <= QUEUE_SIZE_MAX) return;
  throw new Error(
    `Invalid ${name} (= ${size}), must be a power of 2 between ${QUEUE_SIZE_MIN} and ${QUEUE_SIZE_MAX}${end}`,
  );
}

/**
 * Fills in defaults and checks the properties.
 *
 * @throws {Error} One line, in QEMU's words.
 */
export function netConf(props: VirtioNetProps): NetConf {
  const { mac = defaultMac(0), speed = -1, rxQueueSize = 256, txQueueSize = 256 } = props;
  const duplex = duplexOf(props.duplex);
  if (speed < -1) throw new Error("'speed' must be between 0 and INT_MAX");
  checkQueueSize("rx_queue_size", rxQueueSize, ".");
  checkQueueSize("tx_queue_size", txQueueSize, "");
  return {
    mac: typeof mac === "string" ? parseMac(mac) : mac.slice(),
    mrgRxbuf: props.mrgRxbuf ?? true,
    status: props.status ?? true,
    ctrlVq: props.ctrlVq ?? true,
    ctrlRx: props.ctrlRx ?? true,
    ctrlVlan: props.ctrlVlan ?? true,
    ctrlRxExtra: props.ctrlRxExtra ?? true,
    ctrlMacAddr: props.ctrlMacAddr ?? true,
    ctrlGuestOffloads: props.ctrlGuestOffloads ?? true,
    guestAnnounce: props.guestAnnounce ?? true,
    mq: props.mq ?? false,
    gso: props.gso ?? true,
    hostMtu: props.hostMtu ?? 0,
    speed,
    duplex,
    rxQueueSize,
    txQueueSize,
  };
}

function tellsSpeed(conf: NetConf): boolean {
  return conf.speed >= 0 || conf.duplex !== DUPLEX_UNKNOWN;
}

/** Returns the features that a card with these properties offers on any transport. */
export function netFeatures(conf: NetConf): bigint {
  return featureBit(VIRTIO_NET_F_MAC) |
    featureBit(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, conf.ctrlGuestOffloads) |
    featureBit(VIRTIO_NET_F_MTU, conf.hostMtu > 0) |
    featureBit(VIRTIO_NET_F_MRG_RXBUF, conf.mrgRxbuf) |
    featureBit(VIRTIO_NET_F_STATUS, conf.status) |
    featureBit(VIRTIO_NET_F_CTRL_VQ, conf.ctrlVq) |
    featureBit(VIRTIO_NET_F_CTRL_RX, conf.ctrlRx) |
    featureBit(VIRTIO_NET_F_CTRL_VLAN, conf.ctrlVlan) |
    featureBit(VIRTIO_NET_F_CTRL_RX_EXTRA, conf.ctrlRxExtra) |
    featureBit(VIRTIO_NET_F_GUEST_ANNOUNCE, conf.guestAnnounce) |
    featureBit(VIRTIO_NET_F_MQ, conf.mq) |
    featureBit(VIRTIO_NET_F_CTRL_MAC_ADDR, conf.ctrlMacAddr) |
    featureBit(VIRTIO_NET_F_SPEED_DUPLEX, tellsSpeed(conf));
}

/** Size of the configuration space in bytes: it ends with the last field that a feature needs. */
function configSize(conf: NetConf): number {
  if (tellsSpeed(conf)) return VIRTIO_NET_CONFIG_DUPLEX + 1;
  if (conf.hostMtu > 0) return VIRTIO_NET_CONFIG_MTU + 2;
  if (conf.mq) return VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS + 2;
  if (conf.status) return VIRTIO_NET_CONFIG_STATUS + 2;
  return VIRTIO_NET_CONFIG_MAC + ETH_ALEN;
}

/** Returns the configuration space of a card with these properties, the status still 0. */
export function netConfigSpace(conf: NetConf): DataView {
  const view = new DataView(new ArrayBuffer(configSize(conf)));
  new Uint8Array(view.buffer).set(conf.mac, VIRTIO_NET_CONFIG_MAC);
  if (view.byteLength > VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS) {
    view.setUint16(VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS, 1, true);
  }
  if (view.byteLength > VIRTIO_NET_CONFIG_MTU) {
    view.setUint16(VIRTIO_NET_CONFIG_MTU, conf.hostMtu, true);
  }
  if (view.byteLength > VIRTIO_NET_CONFIG_SPEED) {
    view.setUint32(VIRTIO_NET_CONFIG_SPEED, conf.speed >>> 0, true);
    view.setUint8(VIRTIO_NET_CONFIG_DUPLEX, conf.duplex);
  }
  return view;
}
