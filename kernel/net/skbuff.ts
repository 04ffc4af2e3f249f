/**
 * Frames on their way out: bytes in guest memory with room in front for headers.
 *
 * Received frames are copied out of the device's buffers at once, so they need none of this.
 *
 * Linux: include/linux/skbuff.h
 *
 * @module
 */
import type { Kernel } from "../kernel.ts";
import type { Memory } from "../mem.ts";

/** Most pieces of a frame beside its first: pages for 64 KiB and one. Linux: MAX_SKB_FRAGS */
export const MAX_SKB_FRAGS = 17;

/** A frame in guest memory. Linux: struct sk_buff */
export class SkBuff {
  /** Transmit queue that it goes through. Linux: skb->queue_mapping */
  queueMapping = 0;

  constructor(
    readonly kernel: Kernel,
    readonly memory: Memory,
    /** Bytes in front of the frame that a driver may use. Linux: skb_headroom() */
    readonly headroom: number,
    /** Length of the frame in bytes. */
    readonly len: number,
  ) {}

  /** Guest physical address of the frame's first byte. Linux: skb->data */
  get address(): number {
    return this.memory.address + this.headroom;
  }

  /** Offset of the frame's first byte in RAM. */
  get offset(): number {
    return this.memory.offset + this.headroom;
  }

  /** The frame, in place. */
  get bytes(): Uint8Array {
    return this.kernel.mem.bytes.subarray(this.offset, this.offset + this.len);
  }
}

/**
 * Puts a frame into guest memory.
 *
 * Linux: alloc_skb(), skb_reserve(), skb_put_data()
 *
 * @throws {KernelError} `ENOMEM`
 */
export function allocSkb(
  kernel: Kernel,
  frame: Uint8Array,
  headroom: number,
  owner: string,
): SkBuff {
  const memory = kernel.mem.alloc(headroom + frame.length, owner);
  kernel.mem.bytes.set(frame, memory.offset + headroom);
  return new SkBuff(kernel, memory, headroom, frame.length);
}

/** Gives a frame's memory back. Linux: kfree_skb(), consume_skb() */
export function freeSkb(skb: SkBuff): undefined {
  skb.kernel.mem.free(skb.memory);
}
