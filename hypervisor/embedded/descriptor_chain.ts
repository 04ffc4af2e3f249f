/**
 * Reads the chains of descriptors that a driver put into a split ring, and checks every descriptor.
 *
 * VIRTIO 1.4, 2.7.5. QEMU: virtqueue_split_pop(), virtqueue_map_desc().
 *
 * @module
 */
import {
  VRING_DESC_F_INDIRECT,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
  VRING_DESC_FLAGS,
  VRING_DESC_LEN,
  VRING_DESC_SIZE,
} from "../../uapi/virtio_ring.ts";
import { type MalformationName, MALFORMATIONS } from "./malformation.ts";
import type { VirtqueueElement } from "./virtqueue_element.ts";

const TWO_TO_32 = 0x1_0000_0000;
const DESC_SHIFT = 4;
// Constants of this module are folded into machine code; imported ones are loaded each time.
const DESC_LEN = VRING_DESC_LEN;
const DESC_FLAGS = VRING_DESC_FLAGS;
const DESC_F_NEXT = VRING_DESC_F_NEXT;
const DESC_F_WRITE = VRING_DESC_F_WRITE;
const DESC_F_INDIRECT = VRING_DESC_F_INDIRECT;
/** Most buffers of a chain. QEMU: VIRTQUEUE_MAX_SIZE. */
const BUFFERS_MAX = 1024;

/** Where a queue reports, and the memory that it works on. */
export interface VirtqueueOwner {
  /** Guest RAM. */
  readonly ram: Uint8Array;
  /** Guest RAM again, for numbers. */
  readonly view: DataView;
  /** Guest physical address of the first byte of RAM. */
  readonly ramBase: number;
  /** True after {@linkcode VirtqueueOwner.fail} until the next reset; queues then stand still. */
  readonly broken: boolean;
  /** Records a rule that the driver broke. */
  violation(clause: string, message: string): undefined;
  /** Records it, too, and stops the device with DEVICE_NEEDS_RESET. */
  fail(clause: string, message: string): undefined;
}

/** Reports a malformation in the ring of queue `index`. */
export function reportMalformation(
  owner: VirtqueueOwner,
  index: number,
  name: MalformationName,
  message: string,
): undefined {
  const { clause, fatal } = MALFORMATIONS[name];
  if (fatal) owner.fail(clause, `queue ${index}: ${message}`);
  else owner.violation(clause, `queue ${index}: ${message}`);
}

/** Reads the chains of one queue. */
export class DescriptorChains {
  /** Whether INDIRECT_DESC was negotiated. */
  indirect = false;
  readonly #owner: VirtqueueOwner;
  readonly #index: number;
  readonly #view: DataView;
  readonly #ramBase: number;
  readonly #ramSize: number;

  /** Makes the reader for queue `index`. */
  constructor(owner: VirtqueueOwner, index: number) {
    this.#owner = owner;
    this.#index = index;
    this.#view = owner.view;
    this.#ramBase = owner.ramBase;
    this.#ramSize = owner.ram.length;
  }

  /**
   * Follows the chain from descriptor `head` of the table at `table` into `element`.
   *
   * @param table Where the queue's descriptors lie, in bytes from the start of RAM.
   * @param size Number of descriptors in the table.
   * @returns False when the chain broke a rule that is fatal.
   */
  collect(element: VirtqueueElement, head: number, table: number, size: number): boolean {
    const view = this.#view;
    const base = this.#ramBase;
    const ramSize = this.#ramSize;
    const { out, in: in_ } = element;
    let outCount = 0;
    let outLength = 0;
    let inCount = 0;
    let inLength = 0;
    let nested = false;
    let limit = size;
    let index = head;
    let seen = 0;
    for (;;) {
      const entry = table + (index << DESC_SHIFT);
      const link = view.getInt32(entry + DESC_FLAGS, true);
      const low = view.getInt32(entry, true);
      const high = view.getInt32(entry + 4, true);
      let length = view.getInt32(entry + DESC_LEN, true);
      // Whole numbers of 31 bits are fast; what does not fit, or is wrong, takes the longer way.
      let offset = (low - base) | 0;
      if (high !== 0 || offset < 0 || length < 0 || length > ramSize - offset) {
        length = length >>> 0;
        offset = this.#locate(low, high, length);
      }
      if ((link & DESC_F_INDIRECT) !== 0 && !this.#isNested(nested, index)) {
        if (!this.#checkIndirect(link, offset, length)) return false;
        table = offset;
        limit = length >>> DESC_SHIFT;
        nested = true;
        index = seen = 0;
        continue;
      }
      const writable = (link & DESC_F_WRITE) !== 0;
      const misplaced = inCount > 0 && !writable;
      if (misplaced || offset < 0 || length === 0 || outCount + inCount >= BUFFERS_MAX) {
        return this.#refuseBuffer(misplaced, low, high, length, offset);
      }
      if (writable) {
        in_.offsets[inCount] = offset;
        in_.lengths[inCount++] = length;
        inLength += length;
      } else {
        out.offsets[outCount] = offset;
        out.lengths[outCount++] = length;
        outLength += length;
      }
      if (++seen > limit) return this.#refuse("chainLooped", "Looped descriptor");
      if ((link & DESC_F_NEXT) === 0) break;
      index = link >>> 16;
      if (index >= limit) return this.#refuse("nextOutOfRange", `Desc next is ${index}`);
    }
    out.count = outCount;
    out.length = outLength;
    in_.count = inCount;
    in_.length = inLength;
    const bytes = outLength + inLength;
    if (seen > size || bytes > TWO_TO_32) this.#reportLength(seen, size, bytes);
    return true;
  }

  /** Where a buffer lies, in bytes from the start of RAM; -1 if any of it lies elsewhere. */
  #locate(low: number, high: number, length: number): number {
    const offset = addressOf(low, high) - this.#ramBase;
    return offset >= 0 && offset + length <= this.#ramSize ? offset : -1;
  }

  /** Says what is wrong with a buffer. */
  #refuseBuffer(
    misplaced: boolean,
    low: number,
    high: number,
    length: number,
    offset: number,
  ): false {
    if (misplaced) return this.#refuse("bufferOrder", "Incorrect order for descriptors");
    if (length === 0) {
      return this.#refuse("bufferEmpty", "virtio: zero sized buffers are not allowed");
    }
    if (offset >= 0) {
      return this.#refuse(
        "tooManyBuffers",
        "virtio: too many write descriptors in indirect table",
      );
    }
    const where = `${length} bytes at 0x${addressOf(low, high).toString(16)}`;
    return this.#refuse(
      "bufferOutsideMemory",
      `virtio: bogus descriptor or out of resources (${where})`,
    );
  }

  /** Notes a chain with more descriptors than its queue, or with more bytes than 32 bits can count. */
  #reportLength(seen: number, size: number, bytes: number): undefined {
    if (seen > size) {
      this.#report("indirectTooLong", `Indirect chain of ${seen} descriptors, queue of ${size}`);
    }
    if (bytes > TWO_TO_32) {
      this.#report("chainTooLong", "Descriptor chain of more than 2^32 bytes");
    }
  }

  /** A table inside a table is noted, and its descriptor taken for a buffer. */
  #isNested(nested: boolean, index: number): boolean {
    if (nested) {
      this.#report("indirectNested", `Indirect descriptor ${index} inside an indirect table`);
    }
    return nested;
  }

  /** Checks the descriptor of an indirect table; returns false when it broke a rule that is fatal. */
  #checkIndirect(flags: number, offset: number, length: number): boolean {
    if (!this.indirect) {
      this.#report("indirectNotNegotiated", "Indirect descriptor without INDIRECT_DESC");
    }
    if ((flags & DESC_F_NEXT) !== 0) {
      this.#report("indirectWithNext", "Indirect descriptor with NEXT");
    }
    if (length === 0 || length % VRING_DESC_SIZE !== 0) {
      return this.#refuse("indirectSize", "Invalid size for indirect buffer table");
    }
    return offset >= 0 || this.#refuse("indirectOutsideMemory", "Cannot map indirect buffer");
  }

  #refuse(name: MalformationName, message: string): false {
    this.#report(name, message);
    return false;
  }

  #report(name: MalformationName, message: string): undefined {
    reportMalformation(this.#owner, this.#index, name, message);
  }
}

/** A 64-bit address from its halves. Past 2^53 it is not exact, which is far outside any RAM. */
function addressOf(low: number, high: number): number {
  return (high >>> 0) * TWO_TO_32 + (low >>> 0);
}
