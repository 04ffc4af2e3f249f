/**
 * Receiving: rings full of empty buffers, and what the card wrote into them.
 *
 * Nothing that the card says is believed: lengths are checked against what the driver gave it, and a
 * packet that does not fit is counted and thrown away.
 *
 * Linux: drivers/net/virtio_net.c. VIRTIO 1.4, 5.1.6.3 and 5.1.6.4
 *
 * @module
 */
import * as uapi from "../uapi/virtio_net.ts";
import { ERRNO } from "../kernel/errno.ts";
import { errnoOf } from "../kernel/errors.ts";
import { type Memory, PAGE_SIZE } from "../kernel/mem.ts";
import { ETH_HLEN, ETH_MAX_MTU, VLAN_HLEN } from "../kernel/net/if.ts";
import { Napi } from "../kernel/net/napi.ts";
import { netifReceiveSkb } from "../kernel/net/receive.ts";
import type { Virtqueue } from "./virtio/virtio_ring.ts";
import { FragBuf, PageFrag, PagePool } from "./virtio_net_buf.ts";
import { isHeaderSane, join } from "./virtio_net_hdr.ts";
import { GOOD_PACKET_LEN, type VirtnetInfo } from "./virtio_net_info.ts";

/** Room in front of a packet in a small buffer. Linux: NET_SKB_PAD with NET_IP_ALIGN 0 */
const VIRTNET_RX_PAD = 64;
/** Sizes are multiples of this. Linux: SMP_CACHE_BYTES, L1_CACHE_BYTES */
const CACHE_BYTES = 64;
/** Room behind a packet in a small buffer. Linux: SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) */
const SHARED_INFO_SIZE = 320;
/** The header of a packet in a big buffer has this much room. Linux: struct padded_vnet_hdr */
const PADDED_HDR_SIZE = 32;
/** Each new packet counts for one part in 64. Linux: DECLARE_EWMA(pkt_len, 0, 64) */
const EWMA_SHIFT = 6;

/** A buffer that the card has: one piece, or a chain of pages. */
type RxBuffer = FragBuf | readonly Memory[];

/** A packet with the header that came before it. */
interface RxPacket {
  readonly header: uapi.VirtioNetHdr;
  readonly frame: Uint8Array;
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

/** A receive queue. Linux: struct receive_queue */
export class ReceiveQueue {
  readonly napi: Napi;
  packets = 0;
  bytes = 0;
  drops = 0;
  kicks = 0;

  readonly #vi: VirtnetInfo;
  readonly #frag: PageFrag;
  readonly #pool: PagePool;
  #vq: Virtqueue<RxBuffer> | undefined;
  /** Average length of packets. */
  #average = 0;
  #minBufLen = GOOD_PACKET_LEN;

  constructor(vi: VirtnetInfo, readonly index: number, weight: number) {
    this.#vi = vi;
    this.#frag = new PageFrag(vi.kernel, vi.vdev.name);
    this.#pool = new PagePool(vi.kernel, vi.vdev.name);
    this.napi = new Napi(vi.kernel, `input.${index}`, weight, (budget) => this.#poll(budget));
  }

  get vq(): Virtqueue<RxBuffer> {
    return this.#vq as Virtqueue<RxBuffer>;
  }

  set vq(vq: Virtqueue<RxBuffer>) {
    this.#vq = vq;
    this.#minBufLen = this.#mergeableMinBufLen(vq.vringSize);
  }

  /** A ring full of buffers must hold the longest packet. Linux: mergeable_min_buf_len() */
  #mergeableMinBufLen(ringSize: number): number {
    const { hdrLen, bigPackets, dev } = this.#vi;
    const packet = bigPackets ? ETH_MAX_MTU : dev.maxMtu;
    const share = Math.ceil((hdrLen + ETH_HLEN + VLAN_HLEN + packet) / ringSize);
    return Math.max(Math.max(share, hdrLen) - hdrLen, GOOD_PACKET_LEN);
  }

  /** Size of the next mergeable buffer. Linux: get_mergeable_buf_len() */
  get mergeableBufLen(): number {
    const { hdrLen } = this.#vi;
    const wanted = Math.min(Math.max(this.#average, this.#minBufLen), PAGE_SIZE - hdrLen);
    return alignUp(hdrLen + wanted, CACHE_BYTES);
  }

  /** Linux: skb_recv_done() */
  recvDone(): undefined {
    this.#napiSchedule();
  }

  /** Linux: virtqueue_napi_schedule() */
  #napiSchedule(): undefined {
    if (!this.napi.schedulePrep()) return;
    this.vq.disableCb();
    this.napi.schedule();
  }

  /** Starts polling, also for what came before. Linux: virtnet_napi_enable() */
  napiEnable(): undefined {
    this.napi.enable();
    this.#napiSchedule();
  }

  /**
   * Gives the card buffers until its ring is full.
   *
   * Linux: try_fill_recv()
   *
   * @returns False when memory ran out before.
   */
  tryFill(): boolean {
    let oom = false;
    try {
      do this.#addBuffer(); while (this.vq.numFree > 0);
    } catch (error) {
      oom = errnoOf(error) === ERRNO.ENOMEM;
    }
    if (this.vq.kickPrepare() && this.vq.notify()) this.kicks++;
    return !oom;
  }

  #addBuffer(): undefined {
    const { mergeableRxBufs, bigPackets } = this.#vi;
    if (mergeableRxBufs) this.#addMergeable();
    else if (bigPackets) this.#addBig();
    else this.#addSmall();
  }

  /** Linux: add_recvbuf_mergeable() */
  #addMergeable(): undefined {
    const buf = this.#frag.take(this.mergeableBufLen, true);
    this.#add([buf.address, buf.size], buf);
  }

  /** Linux: add_recvbuf_small() */
  #addSmall(): undefined {
    const { hdrLen } = this.#vi;
    const size = alignUp(hdrLen + VIRTNET_RX_PAD + GOOD_PACKET_LEN, CACHE_BYTES) + SHARED_INFO_SIZE;
    const buf = this.#frag.take(size, false);
    this.#add([buf.address + VIRTNET_RX_PAD, hdrLen + GOOD_PACKET_LEN], buf);
  }

  /** Header and data apart, as old cards need it. Linux: add_recvbuf_big() */
  #addBig(): undefined {
    const { hdrLen, bigPacketsNumSkbfrags } = this.#vi;
    const pages = this.#pool.take(bigPacketsNumSkbfrags + 1);
    const sgs = [pages[0].address, hdrLen];
    sgs.push(pages[0].address + PADDED_HDR_SIZE, PAGE_SIZE - PADDED_HDR_SIZE);
    for (const page of pages.slice(1)) sgs.push(page.address, PAGE_SIZE);
    this.#add(sgs, pages);
  }

  #add(sgs: readonly number[], buffer: RxBuffer): undefined {
    try {
      this.vq.addFlat(sgs, 0, sgs.length / 2, buffer);
    } catch (error) {
      this.#free(buffer);
      throw error;
    }
  }

  /** Linux: virtnet_rq_free_unused_buf() */
  #free(buffer: RxBuffer): undefined {
    if (buffer instanceof FragBuf) buffer.put();
    else this.#pool.give(buffer);
  }

  /** Linux: virtnet_poll() */
  #poll(budget: number): number {
    const { sq } = this.#vi;
    sq[this.index].cleanTx();
    const received = this.#receive(budget);
    if (received < budget) this.#napiComplete();
    return received;
  }

  /** Linux: virtqueue_napi_complete() */
  #napiComplete(): undefined {
    const point = this.vq.enableCbPrepare();
    if (!this.napi.completeDone()) this.vq.disableCb();
    else if (this.vq.poll(point)) this.#napiSchedule();
  }

  /** Linux: virtnet_receive() */
  #receive(budget: number): number {
    const vi = this.#vi;
    let received = 0;
    let buffer: RxBuffer | undefined;
    while (received < budget && (buffer = this.vq.getBuf()) !== undefined) {
      this.#receiveBuffer(buffer, this.vq.usedLen);
      received++;
    }
    this.packets += received;
    if (this.vq.numFree > Math.floor(Math.min(budget, this.vq.vringSize) / 2)) {
      if (!this.tryFill() && vi.refillEnabled) vi.scheduleRefill();
    }
    return received;
  }

  /** Linux: receive_buf() */
  #receiveBuffer(buffer: RxBuffer, length: number): undefined {
    const { dev, hdrLen, kernel } = this.#vi;
    if (length < hdrLen + ETH_HLEN) {
      dev.stats.rx_length_errors++;
      return this.#free(buffer);
    }
    const packet = this.#takePacket(buffer, length);
    if (packet === undefined) return;
    const { header, frame } = packet;
    if (!isHeaderSane(header, frame.length)) {
      kernel.warn(
        `${dev.name}: bad gso: type: ${header.gsoType}, size: ${header.gsoSize}`,
      );
      dev.stats.rx_frame_errors++;
      return;
    }
    netifReceiveSkb(dev, frame);
  }

  #takePacket(buffer: RxBuffer, length: number): RxPacket | undefined {
    if (!(buffer instanceof FragBuf)) return this.#takeBig(buffer, length);
    return this.#vi.mergeableRxBufs
      ? this.#takeMergeable(buffer, length)
      : this.#takeSmall(buffer, length);
  }

  #header(offset: number): uapi.VirtioNetHdr {
    const size = this.#vi.hdrLen === uapi.VIRTIO_NET_HDR_SIZE
      ? uapi.VIRTIO_NET_HDR_SIZE
      : uapi.VIRTIO_NET_HDR_V1_SIZE;
    return uapi.decodeVirtioNetHdr(this.#vi.kernel.mem.view, offset, size);
  }

  #copy(offset: number, length: number): Uint8Array {
    return this.#vi.kernel.mem.bytes.slice(offset, offset + length);
  }

  /** Linux: receive_small() */
  #takeSmall(buf: FragBuf, length: number): RxPacket | undefined {
    const { dev, hdrLen } = this.#vi;
    const size = length - hdrLen;
    this.bytes += size;
    let packet: RxPacket | undefined;
    if (size > GOOD_PACKET_LEN) {
      dev.stats.rx_length_errors++;
      this.drops++;
    } else {
      const at = buf.offset + VIRTNET_RX_PAD;
      packet = { header: this.#header(at), frame: this.#copy(at + hdrLen, size) };
    }
    buf.put();
    return packet;
  }

  /** Linux: receive_big() */
  #takeBig(pages: readonly Memory[], length: number): RxPacket | undefined {
    const { hdrLen } = this.#vi;
    const size = length - hdrLen;
    let packet: RxPacket | undefined;
    if (length > pages.length * PAGE_SIZE - PADDED_HDR_SIZE + hdrLen) this.drops++;
    else {
      this.bytes += size;
      packet = { header: this.#header(pages[0].offset), frame: this.#gatherPages(pages, size) };
    }
    this.#pool.give(pages);
    return packet;
  }

  #gatherPages(pages: readonly Memory[], size: number): Uint8Array {
    const frame = new Uint8Array(size);
    let done = 0;
    for (const page of pages) {
      const skip = done === 0 ? PADDED_HDR_SIZE : 0;
      const count = Math.min(PAGE_SIZE - skip, size - done);
      frame.set(this.#copy(page.offset + skip, count), done);
      done += count;
      if (done === size) break;
    }
    return frame;
  }

  /** A packet in one buffer or more; their number is in its header. Linux: receive_mergeable() */
  #takeMergeable(first: FragBuf, length: number): RxPacket | undefined {
    const { hdrLen } = this.#vi;
    const header = this.#header(first.offset);
    this.bytes += length - hdrLen;
    if (length > first.size) return this.#giveUp(first, header.numBuffers);
    const pieces = [this.#copy(first.offset + hdrLen, length - hdrLen)];
    first.put();
    for (let left = header.numBuffers - 1; left !== 0; left--) {
      const next = this.vq.getBuf() as FragBuf | undefined;
      if (next === undefined) return this.#missing();
      const { usedLen } = this.vq;
      this.bytes += usedLen;
      if (usedLen > next.size) return this.#giveUp(next, left);
      pieces.push(this.#copy(next.offset, usedLen));
      next.put();
    }
    const frame = join(pieces);
    this.#learn(frame.length);
    return { header, frame };
  }

  /** The card wrote fewer buffers than it said. */
  #missing(): undefined {
    this.#vi.dev.stats.rx_length_errors++;
    this.drops++;
  }

  /** The card claims more than `buf` holds: the whole packet goes, `left` buffers with this one. */
  #giveUp(buf: FragBuf, left: number): undefined {
    this.#vi.dev.stats.rx_length_errors++;
    buf.put();
    for (; left > 1; left--) {
      const next = this.vq.getBuf() as FragBuf | undefined;
      if (next === undefined) {
        this.#vi.dev.stats.rx_length_errors++;
        break;
      }
      this.bytes += this.vq.usedLen;
      next.put();
    }
    this.drops++;
  }

  /** Linux: ewma_pkt_len_add() */
  #learn(length: number): undefined {
    const old = this.#average;
    this.#average = old === 0
      ? length
      : Math.floor((old * 2 ** EWMA_SHIFT - old + length) / 2 ** EWMA_SHIFT);
  }

  /** Gives all buffers back, after a reset. Linux: free_unused_bufs(), free_receive_page_frags() */
  release(): undefined {
    let buffer: RxBuffer | undefined;
    while ((buffer = this.#vq?.detachUnusedBuf()) !== undefined) this.#free(buffer);
    this.#pool.release();
    this.#frag.release();
  }
}
