/**
 * Numbers of network interfaces and Ethernet that user space sees.
 *
 * Linux: include/uapi/linux/if.h, if_arp.h, if_ether.h, netdevice.h
 *
 * @module
 */

// Flags of an interface: what `/sys/class/net/NAME/flags` and `ip link` show

/** The interface is up. */
export const IFF_UP = 0x1;
/** It has a broadcast address. */
export const IFF_BROADCAST = 0x2;
/** Debugging is on. */
export const IFF_DEBUG = 0x4;
/** It sends to itself. */
export const IFF_LOOPBACK = 0x8;
/** It has one peer. */
export const IFF_POINTOPOINT = 0x10;
/** It avoids trailers. */
export const IFF_NOTRAILERS = 0x20;
/** It is up and works; made up when asked for. */
export const IFF_RUNNING = 0x40;
/** It has no address resolution. */
export const IFF_NOARP = 0x80;
/** It receives everything. */
export const IFF_PROMISC = 0x100;
/** It receives all multicast packets. */
export const IFF_ALLMULTI = 0x200;
/** It leads a bundle. */
export const IFF_MASTER = 0x400;
/** It belongs to a bundle. */
export const IFF_SLAVE = 0x800;
/** It can do multicast. */
export const IFF_MULTICAST = 0x1000;
/** Its kind of medium can be set. */
export const IFF_PORTSEL = 0x2000;
/** Its kind of medium is found automatically. */
export const IFF_AUTOMEDIA = 0x4000;
/** Its address comes and goes. */
export const IFF_DYNAMIC = 0x8000;
/** The link below is up; made up when asked for. */
export const IFF_LOWER_UP = 0x10000;
/** It waits for an event; made up when asked for. */
export const IFF_DORMANT = 0x20000;
/** It echoes what it sends. */
export const IFF_ECHO = 0x40000;
/** Flags that user space cannot set. */
export const IFF_VOLATILE = IFF_LOOPBACK | IFF_POINTOPOINT | IFF_BROADCAST | IFF_ECHO |
  IFF_MASTER | IFF_SLAVE | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;

/** Kind of hardware: Ethernet. */
export const ARPHRD_ETHER = 1;
/** Kind of hardware: loopback. */
export const ARPHRD_LOOPBACK = 772;

// Where an address comes from: `addr_assign_type`

/** It belongs to the hardware. */
export const NET_ADDR_PERM = 0;
/** It is random. */
export const NET_ADDR_RANDOM = 1;
/** It was taken from another device. */
export const NET_ADDR_STOLEN = 2;
/** User space set it. */
export const NET_ADDR_SET = 3;

// Where a name comes from: `name_assign_type`

/** Nobody knows; reading the file fails. */
export const NET_NAME_UNKNOWN = 0;
/** The kernel numbered it. */
export const NET_NAME_ENUM = 1;
/** The kernel gave it, and it is always the same. */
export const NET_NAME_PREDICTABLE = 2;
/** User space gave it when it made the device. */
export const NET_NAME_USER = 3;
/** User space renamed it. */
export const NET_NAME_RENAMED = 4;

/** State of an interface as RFC 2863 names it. Linux: IF_OPER_* */
export type OperState =
  | "unknown"
  | "notpresent"
  | "down"
  | "lowerlayerdown"
  | "testing"
  | "dormant"
  | "up";

/** Bytes in an Ethernet address. */
export const ETH_ALEN = 6;
/** Bytes in an Ethernet header. */
export const ETH_HLEN = 14;
/** Most bytes of payload in an ordinary Ethernet frame. */
export const ETH_DATA_LEN = 1500;
/** Least MTU. */
export const ETH_MIN_MTU = 68;
/** Greatest MTU. */
export const ETH_MAX_MTU = 0xffff;
/** Bytes in a VLAN tag. */
export const VLAN_HLEN = 4;
/** Longest name of an interface, with the zero byte at its end. */
export const IFNAMSIZ = 16;
/** Length of the transmit queue of an Ethernet interface. */
export const DEFAULT_TX_QUEUE_LEN = 1000;

/** Protocol: IPv4. */
export const ETH_P_IP = 0x0800;
/** Protocol: ARP. */
export const ETH_P_ARP = 0x0806;
/** Protocol: IPv6. */
export const ETH_P_IPV6 = 0x86dd;
/** Protocol: a VLAN tag comes first. */
export const ETH_P_8021Q = 0x8100;
/** Protocol: every one. */
export const ETH_P_ALL = 0x0003;
/** Protocol: IEEE 802.3 with a length in the place of the protocol. */
export const ETH_P_802_2 = 0x0004;
/** Least protocol number; smaller values are lengths. */
export const ETH_P_802_3_MIN = 0x0600;

/** Speed that nobody knows. */
export const SPEED_UNKNOWN = -1;
/** Half duplex. */
export const DUPLEX_HALF = 0;
/** Full duplex. */
export const DUPLEX_FULL = 1;
/** Duplex that nobody knows. */
export const DUPLEX_UNKNOWN = 0xff;
