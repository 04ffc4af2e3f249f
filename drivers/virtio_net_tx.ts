/**
 * Sending: a packet with its header goes into the ring; what the card has sent is taken back later.
 *
 * Linux: drivers/net/virtio_net.c. VIRTIO 1.4, 5.1.6.2
 *
 * @module
 */
import { devWarn } from "../kernel/base/device.ts";
import { errnoOf } from "../kernel/errors.ts";
import { Napi } from "../kernel/net/napi.ts";
import type { TxQueue } from "../kernel/net/net_queues.ts";
import {
  netifStartSubqueue,
  netifStopSubqueue,
  netifTxWakeQueue,
} from "../kernel/net/sch_generic.ts";
import { freeSkb, MAX_SKB_FRAGS, type SkBuff } from "../kernel/net/skbuff.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import type { VirtnetInfo } from "./virtio_net_info.ts";

/** Descriptors that the largest packet may need: below it, the queue stops. */
const DESCRIPTORS_MAX = 2 + MAX_SKB_FRAGS;

/** A transmit queue. Linux: struct send_queue */
export class SendQueue {
  /** Taking back what was sent. Its weight is 0 when that is left to the next packet. */
  readonly napi: Napi;
  packets = 0;
  bytes = 0;
  kicks = 0;

  readonly #vi: VirtnetInfo;
  #vq: Virtqueue<SkBuff> | undefined;

  constructor(vi: VirtnetInfo, readonly index: number, weight: number) {
    this.#vi = vi;
    this.napi = new Napi(vi.kernel, `output.${index}`, weight, () => this.#poll());
  }

  get vq(): Virtqueue<SkBuff> {
    return this.#vq as Virtqueue<SkBuff>;
  }

  set vq(vq: Virtqueue<SkBuff>) {
    this.#vq = vq;
  }

  get #txq(): TxQueue {
    return this.#vi.dev.txQueues[this.index];
  }

  /** The card has sent something. Linux: skb_xmit_done() */
  xmitDone(): undefined {
    this.vq.disableCb();
    if (this.napi.weight > 0) this.#napiSchedule();
    else netifTxWakeQueue(this.#txq);
  }

  /** Linux: virtqueue_napi_schedule() */
  #napiSchedule(): undefined {
    if (!this.napi.schedulePrep()) return;
    this.vq.disableCb();
    this.napi.schedule();
  }

  /** Linux: virtnet_napi_tx_enable() */
  napiEnable(): undefined {
    if (this.napi.weight === 0) return;
    this.napi.enable();
    this.#napiSchedule();
  }

  /** Linux: virtnet_napi_tx_disable() */
  async napiDisable(): Promise<undefined> {
    if (this.napi.weight > 0) await this.napi.disable();
  }

  /** Takes back what the card has sent. Linux: free_old_xmit_skbs() */
  #freeOld(): undefined {
    let skb: SkBuff | undefined;
    while ((skb = this.vq.getBuf()) !== undefined) {
      this.packets++;
      this.bytes += skb.len;
      freeSkb(skb);
    }
  }

  /** The receive queue beside it is polled: a good moment to take back. Linux: virtnet_poll_cleantx() */
  cleanTx(): undefined {
    if (this.napi.weight === 0 || this.#txq.busy) return;
    do {
      this.vq.disableCb();
      this.#freeOld();
    } while (!this.vq.enableCbDelayed());
    if (this.vq.numFree >= DESCRIPTORS_MAX) netifTxWakeQueue(this.#txq);
  }

  /** Linux: virtnet_poll_tx() */
  #poll(): number {
    this.vq.disableCb();
    this.#freeOld();
    if (this.vq.numFree >= DESCRIPTORS_MAX) netifTxWakeQueue(this.#txq);
    const point = this.vq.enableCbPrepare();
    if (!this.napi.completeDone()) this.vq.disableCb();
    else if (this.vq.poll(point)) this.#napiSchedule();
    return 0;
  }

  /** Sends a packet. Linux: start_xmit() */
  startXmit(skb: SkBuff): undefined {
    const { dev } = this.#vi;
    const useNapi = this.napi.weight > 0;
    do {
      if (useNapi) this.vq.disableCb();
      this.#freeOld();
    } while (useNapi && !this.vq.enableCbDelayed());
    try {
      this.#xmitSkb(skb);
    } catch (error) {
      dev.stats.tx_fifo_errors++;
      devWarn(dev, `Unexpected TXQ (${this.index}) queue failure: -${errnoOf(error)}`);
      dev.stats.tx_dropped++;
      return freeSkb(skb);
    }
    this.#stopIfFull(useNapi);
    if (this.vq.kickPrepare() && this.vq.notify()) this.kicks++;
  }

  /** The header stands right in front of the packet, in one piece with it where the card allows that. Linux: xmit_skb() */
  #xmitSkb(skb: SkBuff): undefined {
    const { kernel, hdrLen, anyHeaderSg } = this.#vi;
    kernel.mem.bytes.fill(0, skb.offset - hdrLen, skb.offset);
    const header = skb.address - hdrLen;
    if (anyHeaderSg) this.vq.addFlat([header, hdrLen + skb.len], 1, 0, skb);
    else this.vq.addFlat([header, hdrLen, skb.address, skb.len], 2, 0, skb);
  }

  /** Linux: check_sq_full_and_disable() */
  #stopIfFull(useNapi: boolean): undefined {
    if (this.vq.numFree >= DESCRIPTORS_MAX) return;
    netifStopSubqueue(this.#txq);
    if (this.vq.enableCbDelayed()) return;
    if (useNapi) return this.#napiSchedule();
    this.#freeOld();
    if (this.vq.numFree < DESCRIPTORS_MAX) return;
    netifStartSubqueue(this.#txq);
    this.vq.disableCb();
  }

  /** Gives all packets back, after a reset. Linux: free_unused_bufs() */
  release(): undefined {
    let skb: SkBuff | undefined;
    while ((skb = this.#vq?.detachUnusedBuf()) !== undefined) freeSkb(skb);
  }
}
