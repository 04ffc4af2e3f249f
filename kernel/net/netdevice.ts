/**
 * Network devices: what one is, and what its driver offers.
 *
 * Linux: include/linux/netdevice.h
 *
 * @module
 */
import { Device } from "../base/device.ts";
import type { Kernel } from "../kernel.ts";
import type { AttributeGroup, Kobject } from "../kobject.ts";
import type { RxQueue, TxQueue } from "./net_queues.ts";
import type { SkBuff } from "./skbuff.ts";
import {
  ARPHRD_ETHER,
  DEFAULT_TX_QUEUE_LEN,
  ETH_ALEN,
  ETH_DATA_LEN,
  ETH_HLEN,
  ETH_MIN_MTU,
  IFF_BROADCAST,
  IFF_MULTICAST,
  NET_ADDR_PERM,
  NET_NAME_UNKNOWN,
  type OperState,
} from "./if.ts";

/** Names of the counters, as in `/sys/class/net/NAME/statistics`. Linux: struct rtnl_link_stats64 */
export const NET_STATS = [
  "rx_packets",
  "tx_packets",
  "rx_bytes",
  "tx_bytes",
  "rx_errors",
  "tx_errors",
  "rx_dropped",
  "tx_dropped",
  "multicast",
  "collisions",
  "rx_length_errors",
  "rx_over_errors",
  "rx_crc_errors",
  "rx_frame_errors",
  "rx_fifo_errors",
  "rx_missed_errors",
  "tx_aborted_errors",
  "tx_carrier_errors",
  "tx_fifo_errors",
  "tx_heartbeat_errors",
  "tx_window_errors",
  "rx_compressed",
  "tx_compressed",
  "rx_nohandler",
] as const;

/** The counters of an interface. */
export type NetStats = Record<(typeof NET_STATS)[number], number>;

/** Counters that are all zero. */
function zeroNetStats(): NetStats {
  return {
    rx_packets: 0,
    tx_packets: 0,
    rx_bytes: 0,
    tx_bytes: 0,
    rx_errors: 0,
    tx_errors: 0,
    rx_dropped: 0,
    tx_dropped: 0,
    multicast: 0,
    collisions: 0,
    rx_length_errors: 0,
    rx_over_errors: 0,
    rx_crc_errors: 0,
    rx_frame_errors: 0,
    rx_fifo_errors: 0,
    rx_missed_errors: 0,
    tx_aborted_errors: 0,
    tx_carrier_errors: 0,
    tx_fifo_errors: 0,
    tx_heartbeat_errors: 0,
    tx_window_errors: 0,
    rx_compressed: 0,
    tx_compressed: 0,
    rx_nohandler: 0,
  };
}

/** What a link says of itself. Linux: struct ethtool_link_ksettings */
export interface LinkSettings {
  /** Mbit/s; -1 when nobody knows. */
  readonly speed: number;
  /** `DUPLEX_HALF`, `DUPLEX_FULL` or `DUPLEX_UNKNOWN`. */
  readonly duplex: number;
}

/** What the driver of a device offers. Linux: struct net_device_ops and the part of ethtool_ops in use */
export interface NetDeviceOps {
  /** Makes it ready to send and receive. Linux: ndo_open */
  open?(dev: NetDevice): Promise<undefined>;
  /** Undoes {@linkcode open}. Linux: ndo_stop */
  stop?(dev: NetDevice): Promise<undefined>;
  /** Sends a frame, which is its own from now on. Atomic. Linux: ndo_start_xmit */
  startXmit(skb: SkBuff, dev: NetDevice): undefined;
  /** Says whether it may be opened with its address. Linux: ndo_validate_addr */
  validateAddr?(dev: NetDevice): undefined;
  /** Changes its address, including `dev.devAddr`. Linux: ndo_set_mac_address */
  setMacAddress?(dev: NetDevice, address: Uint8Array): Promise<undefined>;
  /** Takes over flags and address lists. Atomic. Linux: ndo_set_rx_mode */
  setRxMode?(dev: NetDevice): undefined;
  /** Counts what the driver counts into `stats`. Linux: ndo_get_stats64 */
  getStats64?(dev: NetDevice, stats: NetStats): undefined;
  /** Receives a VLAN. Linux: ndo_vlan_rx_add_vid */
  vlanRxAddVid?(dev: NetDevice, vid: number): undefined;
  /** Receives a VLAN no more. Linux: ndo_vlan_rx_kill_vid */
  vlanRxKillVid?(dev: NetDevice, vid: number): undefined;
  /** Name of its port; throws `EOPNOTSUPP` where there is none. Linux: ndo_get_phys_port_name */
  physPortName?(dev: NetDevice): string;
  /** Linux: get_link_ksettings of ethtool_ops */
  linkSettings?(dev: NetDevice): LinkSettings;
}

/** A multicast address and how many asked for it. Linux: struct netdev_hw_addr */
export interface HwAddr {
  readonly address: Uint8Array;
  users: number;
}

/** Where a device is between its making and its end. Linux: dev->reg_state */
export type RegState = "uninitialized" | "registered" | "unregistering" | "unregistered";

/** A network device. Linux: struct net_device */
export class NetDevice extends Device {
  /** Its number, never given twice; 0 before it is registered. */
  ifindex = 0;
  /** `IFF_*` as the kernel keeps them. */
  flags = IFF_BROADCAST | IFF_MULTICAST;
  /** `IFF_PROMISC` and `IFF_ALLMULTI` as user space set them. */
  gflags = 0;
  /** Most bytes of payload in a frame. */
  mtu = ETH_DATA_LEN;
  minMtu = ETH_MIN_MTU;
  /** 0 sets no limit. */
  maxMtu = ETH_DATA_LEN;
  hardware: number = ARPHRD_ETHER;
  devAddr: Uint8Array = new Uint8Array(ETH_ALEN);
  broadcast: Uint8Array = new Uint8Array(ETH_ALEN).fill(0xff);
  addrAssignType: number = NET_ADDR_PERM;
  nameAssignType: number = NET_NAME_UNKNOWN;
  /** The address may change while it is up. Linux: IFF_LIVE_ADDR_CHANGE */
  liveAddrChange = false;
  hardHeaderLen = ETH_HLEN;
  /** Bytes in front of a frame that the driver wants. */
  neededHeadroom = 0;
  txQueueLen = DEFAULT_TX_QUEUE_LEN;
  /** Frames need no queue in front of the device. Linux: IFF_NO_QUEUE */
  noQueue = false;
  /** Name of the queueing discipline, as `ip link` shows it. */
  qdisc = "noop";
  group = 0;
  alias = "";
  operstate: OperState = "unknown";
  threaded = false;
  groFlushTimeout = 0;
  napiDeferHardIrqs = 0;
  /** The driver receives by polling. */
  hasNapi = false;
  /** Open or being opened. Linux: netif_running() */
  running = false;
  /** Not asleep with the system. Linux: netif_device_present() */
  present = false;
  /** Linux: netif_carrier_ok() */
  carrierOk = true;
  carrierUpCount = 0;
  carrierDownCount = 0;
  regState: RegState = "uninitialized";
  /** How often promiscuous mode is wanted. */
  promiscuity = 0;
  /** How often all multicast packets are wanted. */
  allmulti = 0;
  /** Further addresses of its own, by their text. */
  readonly uc: Map<string, HwAddr> = new Map();
  /** Multicast addresses, by their text. */
  readonly mc: Map<string, HwAddr> = new Map();
  /** Counters that the stack and simple drivers keep. */
  readonly stats: NetStats = zeroNetStats();
  readonly rxQueues: RxQueue[] = [];
  readonly txQueues: TxQueue[] = [];
  /** Queues in use, the first of {@linkcode rxQueues}. */
  realNumRxQueues = 1;
  /** Queues in use, the first of {@linkcode txQueues}. */
  realNumTxQueues = 1;
  /** The folder `queues`, while it is registered. */
  queuesDir: Kobject | undefined;
  /** The device that receives what this one does. Linux: netdev_rx_handler_register() */
  upper: NetDevice | undefined;
  /** A group of the driver in the folder of each receive queue. */
  sysfsRxQueueGroup: AttributeGroup<RxQueue> | undefined;

  /**
   * @param kernel The kernel that it belongs to.
   * @param name Its name, or a pattern such as `eth%d` whose number is chosen at registration.
   * @param ops What its driver offers.
   */
  constructor(kernel: Kernel, name: string, readonly ops: NetDeviceOps) {
    super(kernel, name);
  }

  /** The counters of driver and stack together. Linux: dev_get_stats() */
  getStats(): NetStats {
    const { ops, stats } = this;
    if (ops.getStats64 === undefined) return { ...stats };
    const sum = {
      ...zeroNetStats(),
      rx_dropped: stats.rx_dropped,
      rx_nohandler: stats.rx_nohandler,
    };
    ops.getStats64(this, sum);
    return sum;
  }
}

/** Prints a message about an interface at a level. Linux: netdev_printk() */
export function netdevPrintk(level: number, dev: NetDevice, text: string): undefined {
  const parent = dev.parentDevice === undefined ? "" : `${dev.parentDevice.logName} `;
  dev.kernel.printk(level, `${parent}${dev.name}: ${text}`);
}
