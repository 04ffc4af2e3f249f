/**
 * The queues of a network device, and their folders below `/sys/class/net/NAME/queues`.
 *
 * Linux: net/core/net-sysfs.c, include/linux/netdevice.h
 *
 * @module
 */
import { UEVENTS } from "../base/uevent.ts";
import { numOnlineCpus } from "../cpu.ts";
import { KernelError } from "../errors.ts";
import { type Attribute, type AttributeGroup, Kobject } from "../kobject.ts";
import type { NetDevice } from "./netdevice.ts";
import { kstrtoul } from "./number.ts";
import type { SkBuff } from "./skbuff.ts";

/** No limit of bytes in flight. Linux: DQL_MAX_LIMIT */
const DQL_MAX_LIMIT = 0x7000_0000;
/** Milliseconds after which an unused limit shrinks. */
const DQL_HOLD_TIME_MS = 1000;

/** A set of processors or queues as user space writes it. Linux: bitmap_parse() */
function parseMask(value: string, bits: number): number {
  const text = value.trim();
  if (!/^[0-9a-fA-F,]+$/.test(text)) throw new KernelError("EINVAL", `'${text}' is not a mask`);
  const mask = parseInt(text.replaceAll(",", ""), 16);
  if (mask >= 2 ** bits) throw new KernelError("EOVERFLOW", `${text} has more than ${bits} bits`);
  return mask;
}

function formatMask(mask: number, bits: number): string {
  return `${mask.toString(16).padStart(Math.ceil(bits / 4), "0")}\n`;
}

/** A queue that receives. Linux: struct netdev_rx_queue */
export class RxQueue extends Kobject {
  rpsCpus = 0;
  rpsFlowCnt = 0;

  constructor(readonly dev: NetDevice, readonly index: number) {
    super(`rx-${index}`);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    const extra = this.dev.sysfsRxQueueGroup;
    return extra === undefined ? RX_GROUPS : [...RX_GROUPS, extra];
  }
}

/** A queue that sends. Linux: struct netdev_queue with struct Qdisc */
export class TxQueue extends Kobject {
  /** Frames that wait for the driver. */
  readonly backlog: SkBuff[] = [];
  /** Frames may be queued: the device is up and has a link. */
  active = false;
  /** The driver takes no more for now. Linux: netif_xmit_stopped() */
  stopped = false;
  /** Frames are being handed to the driver right now. */
  busy = false;
  /** Frames that were dropped because too many waited. */
  dropped = 0;
  /** How often the driver seemed stuck. */
  timeouts = 0;
  xpsRxqs = 0;
  xpsCpus: number | undefined;
  limit = 0;
  limitMin = 0;
  limitMax: number = DQL_MAX_LIMIT;
  holdTimeMs: number = DQL_HOLD_TIME_MS;

  constructor(readonly dev: NetDevice, readonly index: number) {
    super(`tx-${index}`);
  }

  override defaultGroups(): readonly AttributeGroup<never>[] {
    return TX_GROUPS;
  }

  /** The device was made with several queues. Linux: netif_is_multiqueue() */
  get multi(): boolean {
    return this.dev.txQueues.length > 1;
  }
}

const RX_GROUPS: readonly AttributeGroup<RxQueue>[] = [{
  attrs: [
    {
      name: "rps_cpus",
      mode: 0o644,
      show: (queue) => formatMask(queue.rpsCpus, numOnlineCpus(queue.dev.kernel)),
      store: (queue, value) => {
        queue.rpsCpus = parseMask(value, numOnlineCpus(queue.dev.kernel));
      },
    },
    {
      name: "rps_flow_cnt",
      mode: 0o644,
      show: (queue) => `${queue.rpsFlowCnt}\n`,
      store: (queue, value) => {
        const count = kstrtoul(value);
        queue.rpsFlowCnt = count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
      },
    },
  ],
}];

function needsMulti(queue: TxQueue): undefined {
  if (!queue.multi) throw new KernelError("ENOENT", `${queue.dev.name}: has a single queue`);
}

const TX_GROUP: AttributeGroup<TxQueue> = {
  attrs: [
    { name: "tx_timeout", mode: 0o444, show: (queue) => `${queue.timeouts}\n` },
    {
      name: "traffic_class",
      mode: 0o444,
      show: (queue) => {
        needsMulti(queue);
        return "0\n";
      },
    },
    {
      name: "xps_cpus",
      mode: 0o644,
      show: (queue) => {
        needsMulti(queue);
        return formatMask(queue.xpsCpus ?? 0, numOnlineCpus(queue.dev.kernel));
      },
      store: (queue, value) => {
        needsMulti(queue);
        queue.xpsCpus = parseMask(value, numOnlineCpus(queue.dev.kernel));
      },
    },
    {
      name: "xps_rxqs",
      mode: 0o644,
      show: (queue) => formatMask(queue.xpsRxqs, queue.dev.rxQueues.length),
      store: (queue, value) => {
        queue.xpsRxqs = parseMask(value, queue.dev.rxQueues.length);
      },
    },
    {
      name: "tx_maxrate",
      mode: 0o644,
      show: () => "0\n",
      store: (queue) => {
        throw new KernelError("EOPNOTSUPP", `${queue.dev.name}: cannot limit its rate`);
      },
    },
  ],
};

/** One limit of bytes in flight; `max` means no limit. Linux: bql_set() */
function limitAttribute(
  name: string,
  field: "limit" | "limitMin" | "limitMax",
): Attribute<TxQueue> {
  return {
    name,
    mode: 0o644,
    show: (queue) => `${queue[field]}\n`,
    store: (queue, value) => {
      const limit = value.trim() === "max" ? DQL_MAX_LIMIT : kstrtoul(value);
      if (limit > DQL_MAX_LIMIT) throw new KernelError("EINVAL", `${name}: ${limit} is too large`);
      queue[field] = limit;
    },
  };
}

const BQL_GROUP: AttributeGroup<TxQueue> = {
  name: "byte_queue_limits",
  attrs: [
    limitAttribute("limit", "limit"),
    limitAttribute("limit_max", "limitMax"),
    limitAttribute("limit_min", "limitMin"),
    {
      name: "hold_time",
      mode: 0o644,
      show: (queue) => `${queue.holdTimeMs}\n`,
      store: (queue, value) => {
        queue.holdTimeMs = kstrtoul(value);
      },
    },
    { name: "inflight", mode: 0o444, show: () => "0\n" },
  ],
};

const TX_GROUPS: readonly AttributeGroup<TxQueue>[] = [TX_GROUP, BQL_GROUP];

function addQueue(queue: RxQueue | TxQueue, folder: Kobject): undefined {
  const { kernel } = queue.dev;
  kernel.failable(`a sysfs folder for ${queue.dev.name} ${queue.name}`);
  queue.addTo(folder);
  kernel.get(UEVENTS).send("add", queue.path, "queues", [], () => []);
}

function removeQueue(queue: RxQueue | TxQueue): undefined {
  if (queue.parent === undefined) return;
  queue.dev.kernel.get(UEVENTS).send("remove", queue.path, "queues", [], () => []);
  queue.remove();
}

/** Shows the queues in use and hides the others. Linux: net_rx_queue_update_kobjects() */
function updateQueues(
  queues: readonly (RxQueue | TxQueue)[],
  used: number,
  folder: Kobject,
): undefined {
  for (const queue of queues) {
    if (queue.index >= used) removeQueue(queue);
    else if (queue.parent === undefined) addQueue(queue, folder);
  }
}

/**
 * Makes the folder `queues` of a new device.
 *
 * Linux: register_queue_kobjects()
 *
 * @throws {KernelError} `ENOMEM`; nothing is left behind then.
 */
export function registerQueueKobjects(dev: NetDevice): undefined {
  const folder = dev.queuesDir = new Kobject("queues");
  folder.addTo(dev);
  try {
    updateQueues(dev.rxQueues, dev.realNumRxQueues, folder);
    updateQueues(dev.txQueues, dev.realNumTxQueues, folder);
  } catch (error) {
    removeQueueKobjects(dev);
    throw error;
  }
}

/** Linux: remove_queue_kobjects() */
export function removeQueueKobjects(dev: NetDevice): undefined {
  for (const queue of dev.rxQueues) removeQueue(queue);
  for (const queue of dev.txQueues) removeQueue(queue);
  dev.queuesDir?.remove();
  dev.queuesDir = undefined;
}

/** Says how many of the receive queues are in use. Linux: netif_set_real_num_rx_queues() */
export function netifSetRealNumRxQueues(dev: NetDevice, count: number): undefined {
  if (dev.queuesDir !== undefined) updateQueues(dev.rxQueues, count, dev.queuesDir);
  dev.realNumRxQueues = count;
}

/** Says how many of the transmit queues are in use. Linux: netif_set_real_num_tx_queues() */
export function netifSetRealNumTxQueues(dev: NetDevice, count: number): undefined {
  if (dev.queuesDir !== undefined) updateQueues(dev.txQueues, count, dev.queuesDir);
  dev.realNumTxQueues = count;
}
