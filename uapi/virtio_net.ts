/**
 * The network device: features, configuration, packet headers, control commands.
 *
 * Queues: receive and transmit queues in pairs (0 and 1, 2 and 3, ...), then the control queue. Each
 * packet begins with a {@linkcode VirtioNetHdr}.
 *
 * Linux: include/uapi/linux/virtio_net.h. VIRTIO 1.4, 5.1.
 *
 * @module
 */
import type { ConfigField } from "./register.ts";

// Feature bits (bit numbers). "Takes" is what one side accepts from the other.

/** The device completes checksums. */
export const VIRTIO_NET_F_CSUM = 0;
/** The driver takes packets without a complete checksum. */
export const VIRTIO_NET_F_GUEST_CSUM = 1;
/** The driver may switch its offloads while running. */
export const VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 2;
/** `mtu` gives the greatest MTU. */
export const VIRTIO_NET_F_MTU = 3;
/** `mac` gives the address. */
export const VIRTIO_NET_F_MAC = 5;
/** The device segments packets of any kind. Legacy only. */
export const VIRTIO_NET_F_GSO = 6;
/** The driver takes TCP segments over IPv4 in one. */
export const VIRTIO_NET_F_GUEST_TSO4 = 7;
/** The driver takes TCP segments over IPv6 in one. */
export const VIRTIO_NET_F_GUEST_TSO6 = 8;
/** The driver takes TCP segments with congestion marks. */
export const VIRTIO_NET_F_GUEST_ECN = 9;
/** The driver takes UDP fragments in one. */
export const VIRTIO_NET_F_GUEST_UFO = 10;
/** The device takes TCP segments over IPv4 in one. */
export const VIRTIO_NET_F_HOST_TSO4 = 11;
/** The device takes TCP segments over IPv6 in one. */
export const VIRTIO_NET_F_HOST_TSO6 = 12;
/** The device takes TCP segments with congestion marks. */
export const VIRTIO_NET_F_HOST_ECN = 13;
/** The device takes UDP fragments in one. */
export const VIRTIO_NET_F_HOST_UFO = 14;
/** A packet may be received in several buffers. */
export const VIRTIO_NET_F_MRG_RXBUF = 15;
/** `status` gives the state of the link. */
export const VIRTIO_NET_F_STATUS = 16;
/** There is a control queue. */
export const VIRTIO_NET_F_CTRL_VQ = 17;
/** The control queue sets what is received. */
export const VIRTIO_NET_F_CTRL_RX = 18;
/** The control queue filters VLANs. */
export const VIRTIO_NET_F_CTRL_VLAN = 19;
/** The control queue has more commands for what is received. */
export const VIRTIO_NET_F_CTRL_RX_EXTRA = 20;
/** The driver can announce itself on the network. */
export const VIRTIO_NET_F_GUEST_ANNOUNCE = 21;
/** There are several pairs of queues, and packets are steered automatically. */
export const VIRTIO_NET_F_MQ = 22;
/** The control queue sets the address. */
export const VIRTIO_NET_F_CTRL_MAC_ADDR = 23;
/** The device coalesces IPv4 segments that it receives. Not in Linux. */
export const VIRTIO_NET_F_GUEST_RSC4 = 41;
/** The device coalesces IPv6 segments that it receives. Not in Linux. */
export const VIRTIO_NET_F_GUEST_RSC6 = 42;
/** The device counts what it does. Not in Linux 6.1. */
export const VIRTIO_NET_F_DEVICE_STATS = 50;
/** The device hashes inner headers of tunnelled packets. Not in Linux 6.1. */
export const VIRTIO_NET_F_HASH_TUNNEL = 51;
/** Interrupts can be put off for each queue. Not in Linux 6.1. */
export const VIRTIO_NET_F_VQ_NOTF_COAL = 52;
/** Interrupts can be put off. */
export const VIRTIO_NET_F_NOTF_COAL = 53;
/** The driver takes UDP segments over IPv4 in one. Not in Linux 6.1. */
export const VIRTIO_NET_F_GUEST_USO4 = 54;
/** The driver takes UDP segments over IPv6 in one. Not in Linux 6.1. */
export const VIRTIO_NET_F_GUEST_USO6 = 55;
/** The device takes UDP segments in one. Not in Linux 6.1. */
export const VIRTIO_NET_F_HOST_USO = 56;
/** The header of a received packet gives its hash. */
export const VIRTIO_NET_F_HASH_REPORT = 57;
/** The driver gives exact header lengths. Not in Linux 6.1. */
export const VIRTIO_NET_F_GUEST_HDRLEN = 59;
/** Packets are steered by their hash. */
export const VIRTIO_NET_F_RSS = 60;
/** The header tells of coalesced segments. */
export const VIRTIO_NET_F_RSC_EXT = 61;
/** The device stands by for another with the same address. */
export const VIRTIO_NET_F_STANDBY = 62;
/** `speed` and `duplex` tell of the link. */
export const VIRTIO_NET_F_SPEED_DUPLEX = 63;
/** There are several steering contexts. New in 1.4. */
export const VIRTIO_NET_F_RSS_CONTEXT = 64;
/** The driver takes segments in UDP tunnels in one. New in 1.4. */
export const VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO = 65;
/** The driver takes such segments without a complete outer checksum. New in 1.4. */
export const VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM = 66;
/** The device takes segments in UDP tunnels in one. New in 1.4. */
export const VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO = 67;
/** The device takes such segments without a complete outer checksum. New in 1.4. */
export const VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM = 68;
/** The header gives the offset of the outer network header. New in 1.4. */
export const VIRTIO_NET_F_OUT_NET_HEADER = 69;
/** The device does IPsec. New in 1.4. */
export const VIRTIO_NET_F_IPSEC = 70;

// Bits of `status`

/** The link is up. */
export const VIRTIO_NET_S_LINK_UP = 1;
/** The driver is to announce itself. */
export const VIRTIO_NET_S_ANNOUNCE = 2;

// Hash types, as masks: what `supported_hash_types` offers

/** IPv4 addresses. */
export const VIRTIO_NET_RSS_HASH_TYPE_IPv4 = 1 << 0;
/** IPv4 addresses and TCP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_TCPv4 = 1 << 1;
/** IPv4 addresses and UDP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_UDPv4 = 1 << 2;
/** IPv6 addresses. */
export const VIRTIO_NET_RSS_HASH_TYPE_IPv6 = 1 << 3;
/** IPv6 addresses and TCP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_TCPv6 = 1 << 4;
/** IPv6 addresses and UDP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_UDPv6 = 1 << 5;
/** IPv6 addresses, home address instead of source. */
export const VIRTIO_NET_RSS_HASH_TYPE_IP_EX = 1 << 6;
/** IPv6 addresses with home address, and TCP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_TCP_EX = 1 << 7;
/** IPv6 addresses with home address, and UDP ports. */
export const VIRTIO_NET_RSS_HASH_TYPE_UDP_EX = 1 << 8;

// Hash reports: which hash a received packet's header holds

/** None. */
export const VIRTIO_NET_HASH_REPORT_NONE = 0;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_IPv4}. */
export const VIRTIO_NET_HASH_REPORT_IPv4 = 1;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_TCPv4}. */
export const VIRTIO_NET_HASH_REPORT_TCPv4 = 2;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_UDPv4}. */
export const VIRTIO_NET_HASH_REPORT_UDPv4 = 3;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_IPv6}. */
export const VIRTIO_NET_HASH_REPORT_IPv6 = 4;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_TCPv6}. */
export const VIRTIO_NET_HASH_REPORT_TCPv6 = 5;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_UDPv6}. */
export const VIRTIO_NET_HASH_REPORT_UDPv6 = 6;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_IP_EX}. */
export const VIRTIO_NET_HASH_REPORT_IPv6_EX = 7;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_TCP_EX}. */
export const VIRTIO_NET_HASH_REPORT_TCPv6_EX = 8;
/** Hash of type {@linkcode VIRTIO_NET_RSS_HASH_TYPE_UDP_EX}. */
export const VIRTIO_NET_HASH_REPORT_UDPv6_EX = 9;

// Configuration space: offsets of the fields in bytes

/** Address, 6 bytes. */
export const VIRTIO_NET_CONFIG_MAC = 0;
/** State of the link, 16 bits. */
export const VIRTIO_NET_CONFIG_STATUS = 6;
/** Most pairs of queues, 1 to 0x8000, 16 bits. Also exists with RSS. */
export const VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS = 8;
/** Greatest MTU in bytes, 16 bits. */
export const VIRTIO_NET_CONFIG_MTU = 10;
/** Speed in Mbit/s; 0xffffffff is unknown. */
export const VIRTIO_NET_CONFIG_SPEED = 12;
/** 0 is half duplex, 1 full, 0xff unknown, 8 bits. */
export const VIRTIO_NET_CONFIG_DUPLEX = 16;
/** Most bytes of a hash key, 8 bits. Also exists with HASH_REPORT. */
export const VIRTIO_NET_CONFIG_RSS_MAX_KEY_SIZE = 17;
/** Most entries of the table that steers packets, 16 bits. */
export const VIRTIO_NET_CONFIG_RSS_MAX_INDIRECTION_TABLE_LENGTH = 18;
/** Hash types that the device knows. Also exists with HASH_REPORT. */
export const VIRTIO_NET_CONFIG_SUPPORTED_HASH_TYPES = 20;
/** Size of Linux 6.1's `virtio_net_config` in bytes. */
export const VIRTIO_NET_CONFIG_SIZE = 24;

/** The fields of the configuration space that Linux 6.1 knows. */
export const VIRTIO_NET_CONFIG: readonly ConfigField[] = [
  {
    offset: VIRTIO_NET_CONFIG_MAC,
    width: 1,
    name: "mac",
    access: "R",
    feature: VIRTIO_NET_F_MAC,
    count: 6,
  },
  {
    offset: VIRTIO_NET_CONFIG_STATUS,
    width: 2,
    name: "status",
    access: "R",
    feature: VIRTIO_NET_F_STATUS,
  },
  {
    offset: VIRTIO_NET_CONFIG_MAX_VIRTQUEUE_PAIRS,
    width: 2,
    name: "max_virtqueue_pairs",
    access: "R",
    feature: VIRTIO_NET_F_MQ,
  },
  { offset: VIRTIO_NET_CONFIG_MTU, width: 2, name: "mtu", access: "R", feature: VIRTIO_NET_F_MTU },
  {
    offset: VIRTIO_NET_CONFIG_SPEED,
    width: 4,
    name: "speed",
    access: "R",
    feature: VIRTIO_NET_F_SPEED_DUPLEX,
  },
  {
    offset: VIRTIO_NET_CONFIG_DUPLEX,
    width: 1,
    name: "duplex",
    access: "R",
    feature: VIRTIO_NET_F_SPEED_DUPLEX,
  },
  {
    offset: VIRTIO_NET_CONFIG_RSS_MAX_KEY_SIZE,
    width: 1,
    name: "rss_max_key_size",
    access: "R",
    feature: VIRTIO_NET_F_RSS,
  },
  {
    offset: VIRTIO_NET_CONFIG_RSS_MAX_INDIRECTION_TABLE_LENGTH,
    width: 2,
    name: "rss_max_indirection_table_length",
    access: "R",
    feature: VIRTIO_NET_F_RSS,
  },
  {
    offset: VIRTIO_NET_CONFIG_SUPPORTED_HASH_TYPES,
    width: 4,
    name: "supported_hash_types",
    access: "R",
    feature: VIRTIO_NET_F_RSS,
  },
];
Object.freeze(VIRTIO_NET_CONFIG);

/** Length of an Ethernet address in bytes. */
export const ETH_ALEN = 6;
/** Length of an Ethernet header in bytes. */
export const ETH_HLEN = 14;

// Flags of a packet header

/** The checksum from `csumStart` on is missing. */
export const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
/** The checksum is right. */
export const VIRTIO_NET_HDR_F_DATA_VALID = 2;
/** The checksum fields tell of coalesced segments. */
export const VIRTIO_NET_HDR_F_RSC_INFO = 4;

// Kinds of segmentation

/** No segmentation. */
export const VIRTIO_NET_HDR_GSO_NONE = 0;
/** TCP over IPv4. */
export const VIRTIO_NET_HDR_GSO_TCPV4 = 1;
/** UDP fragments. */
export const VIRTIO_NET_HDR_GSO_UDP = 3;
/** TCP over IPv6. */
export const VIRTIO_NET_HDR_GSO_TCPV6 = 4;
/** UDP segments. Not in Linux 6.1. */
export const VIRTIO_NET_HDR_GSO_UDP_L4 = 5;
/** Flag: with congestion marks. */
export const VIRTIO_NET_HDR_GSO_ECN = 0x80;

/** Size of the header of a legacy device without MRG_RXBUF: all fields but `numBuffers`. */
export const VIRTIO_NET_HDR_SIZE = 10;
/** Size of the header with `numBuffers`: every modern device, and legacy devices with MRG_RXBUF. */
export const VIRTIO_NET_HDR_V1_SIZE = 12;
/** Size of the header with HASH_REPORT: hash value, hash report and padding follow. */
export const VIRTIO_NET_HDR_V1_HASH_SIZE = 20;

/** What a packet begins with. Linux: struct virtio_net_hdr_v1. VIRTIO 1.4, 5.1.6. */
export interface VirtioNetHdr {
  /** `VIRTIO_NET_HDR_F_*`. */
  readonly flags: number;
  /** `VIRTIO_NET_HDR_GSO_*`. */
  readonly gsoType: number;
  /** Length of the headers of each segment. */
  readonly hdrLen: number;
  /** Length of the data of each segment. */
  readonly gsoSize: number;
  /** Where to start the checksum, from the start of the packet. */
  readonly csumStart: number;
  /** Where to put the checksum, from `csumStart`. */
  readonly csumOffset: number;
  /** Buffers that a received packet takes; 0 in a short header and when sending. */
  readonly numBuffers: number;
}

/** Size of a packet header without the fields of HASH_REPORT. */
export type VirtioNetHdrSize = typeof VIRTIO_NET_HDR_SIZE | typeof VIRTIO_NET_HDR_V1_SIZE;

/** Reads a packet header of `size` bytes. */
export function decodeVirtioNetHdr(
  view: DataView,
  offset: number,
  size: VirtioNetHdrSize,
): VirtioNetHdr {
  return {
    flags: view.getUint8(offset),
    gsoType: view.getUint8(offset + 1),
    hdrLen: view.getUint16(offset + 2, true),
    gsoSize: view.getUint16(offset + 4, true),
    csumStart: view.getUint16(offset + 6, true),
    csumOffset: view.getUint16(offset + 8, true),
    numBuffers: size === VIRTIO_NET_HDR_V1_SIZE ? view.getUint16(offset + 10, true) : 0,
  };
}

/** Writes a packet header of `size` bytes; a short one has no room for `numBuffers`. */
export function encodeVirtioNetHdr(
  view: DataView,
  offset: number,
  header: VirtioNetHdr,
  size: VirtioNetHdrSize,
): void {
  view.setUint8(offset, header.flags);
  view.setUint8(offset + 1, header.gsoType);
  view.setUint16(offset + 2, header.hdrLen, true);
  view.setUint16(offset + 4, header.gsoSize, true);
  view.setUint16(offset + 6, header.csumStart, true);
  view.setUint16(offset + 8, header.csumOffset, true);
  if (size === VIRTIO_NET_HDR_V1_SIZE) view.setUint16(offset + 10, header.numBuffers, true);
}

// Control queue: a command is a header, its data, and one byte of answer that the device writes.

/** Answer: done. */
export const VIRTIO_NET_OK = 0;
/** Answer: not done. */
export const VIRTIO_NET_ERR = 1;

/** Class: what is received; the data is one byte, 0 is off. */
export const VIRTIO_NET_CTRL_RX = 0;
/** Receive everything. */
export const VIRTIO_NET_CTRL_RX_PROMISC = 0;
/** Receive all multicast packets. */
export const VIRTIO_NET_CTRL_RX_ALLMULTI = 1;
/** Receive all unicast packets. */
export const VIRTIO_NET_CTRL_RX_ALLUNI = 2;
/** Receive no multicast packets. */
export const VIRTIO_NET_CTRL_RX_NOMULTI = 3;
/** Receive no unicast packets. */
export const VIRTIO_NET_CTRL_RX_NOUNI = 4;
/** Receive no broadcast packets. */
export const VIRTIO_NET_CTRL_RX_NOBCAST = 5;

/** Class: addresses. */
export const VIRTIO_NET_CTRL_MAC = 1;
/** Set which addresses are received: two tables, unicast and multicast. */
export const VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
/** Set the device's address; the data is 6 bytes. */
export const VIRTIO_NET_CTRL_MAC_ADDR_SET = 1;

/** Class: which VLANs are received; the data is a 16-bit VLAN id. */
export const VIRTIO_NET_CTRL_VLAN = 2;
/** Receive a VLAN. */
export const VIRTIO_NET_CTRL_VLAN_ADD = 0;
/** Receive a VLAN no more. */
export const VIRTIO_NET_CTRL_VLAN_DEL = 1;

/** Class: announcements. */
export const VIRTIO_NET_CTRL_ANNOUNCE = 3;
/** The driver has announced itself; the device clears the bit in `status`. */
export const VIRTIO_NET_CTRL_ANNOUNCE_ACK = 0;

/** Class: several queues. */
export const VIRTIO_NET_CTRL_MQ = 4;
/** Set the number of pairs in use; the data is 16 bits. */
export const VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0;
/** Set how packets are steered by their hash. */
export const VIRTIO_NET_CTRL_MQ_RSS_CONFIG = 1;
/** Set how packets are hashed. */
export const VIRTIO_NET_CTRL_MQ_HASH_CONFIG = 2;
/** Least number of pairs. */
export const VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MIN = 1;
/** Greatest number of pairs. */
export const VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX = 0x8000;

/** Class: offloads of the driver. */
export const VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5;
/** Set the offloads; the data is 64 bits, numbered like the features. */
export const VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0;

/** Class: interrupts put off. */
export const VIRTIO_NET_CTRL_NOTF_COAL = 6;
/** Set it for transmit queues. */
export const VIRTIO_NET_CTRL_NOTF_COAL_TX_SET = 0;
/** Set it for receive queues. */
export const VIRTIO_NET_CTRL_NOTF_COAL_RX_SET = 1;

/** Size of a {@linkcode VirtioNetCtrlHdr} in bytes. */
export const VIRTIO_NET_CTRL_HDR_SIZE = 2;

/** What a control command begins with. Linux: struct virtio_net_ctrl_hdr. */
export interface VirtioNetCtrlHdr {
  /** Class of the command. */
  readonly class: number;
  /** Command within the class. */
  readonly cmd: number;
}

/** Reads the header of a control command. */
export function decodeVirtioNetCtrlHdr(view: DataView, offset: number): VirtioNetCtrlHdr {
  return { class: view.getUint8(offset), cmd: view.getUint8(offset + 1) };
}

/** Writes the header of a control command. */
export function encodeVirtioNetCtrlHdr(
  view: DataView,
  offset: number,
  header: VirtioNetCtrlHdr,
): void {
  view.setUint8(offset, header.class);
  view.setUint8(offset + 1, header.cmd);
}

/** Size of a {@linkcode VirtioNetCtrlMac} with `count` addresses in bytes. */
export function virtioNetCtrlMacSize(count: number): number {
  return 4 + count * ETH_ALEN;
}

/** A table of addresses. Linux: struct virtio_net_ctrl_mac. */
export interface VirtioNetCtrlMac {
  /** The addresses, {@linkcode ETH_ALEN} bytes each. */
  readonly macs: readonly Uint8Array[];
}

/**
 * Reads a table of addresses into copies of them.
 *
 * Throws `RangeError` if the view ends before the number of entries that the table claims; the number
 * comes from the other side, and is never trusted before that.
 */
export function decodeVirtioNetCtrlMac(view: DataView, offset: number): VirtioNetCtrlMac {
  const count = view.getUint32(offset, true);
  if (virtioNetCtrlMacSize(count) > view.byteLength - offset) {
    throw new RangeError(
      `Cannot decode virtio_net_ctrl_mac: ${count} entries in ${view.byteLength - offset} bytes`,
    );
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset + 4, count * ETH_ALEN);
  const macs = Array.from(
    { length: count },
    (_, index) => bytes.slice(index * ETH_ALEN, (index + 1) * ETH_ALEN),
  );
  return { macs };
}

/** Writes a table of addresses. */
export function encodeVirtioNetCtrlMac(
  view: DataView,
  offset: number,
  table: VirtioNetCtrlMac,
): void {
  view.setUint32(offset, table.macs.length, true);
  const bytes = new Uint8Array(
    view.buffer,
    view.byteOffset + offset + 4,
    table.macs.length * ETH_ALEN,
  );
  table.macs.forEach((mac, index) => bytes.set(mac, index * ETH_ALEN));
}
