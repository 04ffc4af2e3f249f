/**
 * Between the stack and a driver: frames wait in a queue for each transmit queue of the device while
 * the driver takes no more.
 *
 * Linux: net/sched/sch_generic.c, net/core/dev.c
 *
 * @module
 */
import type { NetDevice } from "./netdevice.ts";
import type { TxQueue } from "./net_queues.ts";
import { freeSkb, type SkBuff } from "./skbuff.ts";

/** Frames that may wait in a queue. Linux: fq_codel's limit */
const BACKLOG_LIMIT = 10_240;

/** What a device gets when it goes up for the first time. Linux: attach_default_qdiscs() */
function attachDefaultQdiscs(dev: NetDevice): undefined {
  if (dev.qdisc !== "noop") return;
  if (dev.noQueue || dev.txQueueLen === 0) dev.qdisc = "noqueue";
  else dev.qdisc = dev.txQueues.length > 1 ? "mq" : "fq_codel";
}

/** The device is up: frames may be queued once there is a link. Linux: dev_activate() */
export function devActivate(dev: NetDevice): undefined {
  attachDefaultQdiscs(dev);
  if (!dev.carrierOk) return;
  for (const queue of dev.txQueues) queue.active = true;
}

/** No frames are sent any more; those that wait are dropped. Linux: dev_deactivate() */
export function devDeactivate(dev: NetDevice): undefined {
  for (const queue of dev.txQueues) {
    queue.active = false;
    for (const skb of queue.backlog.splice(0)) freeSkb(skb);
  }
}

/** Hands waiting frames to the driver while it takes them. Linux: __qdisc_run() */
function qdiscRun(queue: TxQueue): undefined {
  if (queue.busy) return;
  queue.busy = true;
  try {
    while (!queue.stopped && queue.backlog.length > 0) {
      queue.dev.ops.startXmit(queue.backlog.shift() as SkBuff, queue.dev);
    }
  } finally {
    queue.busy = false;
  }
}

/**
 * Sends a frame, now or when the driver takes more. Without a link, and when too many wait, it is
 * dropped.
 *
 * Linux: dev_queue_xmit()
 */
export function devQueueXmit(dev: NetDevice, skb: SkBuff): undefined {
  const queue = dev.txQueues[skb.queueMapping % dev.realNumTxQueues];
  if (!queue.active) return freeSkb(skb);
  if (queue.backlog.length >= BACKLOG_LIMIT) {
    queue.dropped++;
    return freeSkb(skb);
  }
  queue.backlog.push(skb);
  qdiscRun(queue);
}

/** The driver takes no more frames in this queue. Linux: netif_stop_subqueue() */
export function netifStopSubqueue(queue: TxQueue): undefined {
  queue.stopped = true;
}

/** The driver takes frames again, as soon as it returns. Linux: netif_start_subqueue() */
export function netifStartSubqueue(queue: TxQueue): undefined {
  queue.stopped = false;
}

/** The driver takes frames again: those that wait go out. Linux: netif_tx_wake_queue() */
export function netifTxWakeQueue(queue: TxQueue): undefined {
  if (!queue.stopped) return;
  queue.stopped = false;
  qdiscRun(queue);
}

/** Linux: netif_tx_wake_all_queues() */
export function netifTxWakeAllQueues(dev: NetDevice): undefined {
  for (const queue of dev.txQueues) netifTxWakeQueue(queue);
}

/** Linux: netif_tx_stop_all_queues() */
export function netifTxStopAllQueues(dev: NetDevice): undefined {
  for (const queue of dev.txQueues) queue.stopped = true;
}
