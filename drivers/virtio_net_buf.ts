/**
 * Receive buffers: pieces of large blocks of pages, counted like Linux counts page references, and
 * chains of pages.
 *
 * Linux: net/core/sock.c (skb_page_frag_refill), drivers/net/virtio_net.c
 *
 * @module
 */
import { errnoOf } from "../kernel/errors.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Memory, PAGE_SIZE } from "../kernel/mem.ts";

/** Bytes in a block of pages. Linux: SKB_FRAG_PAGE_ORDER */
const FRAG_BLOCK_SIZE = 32_768;

/** A block of pages with its users. Linux: struct page with its reference count */
class FragBlock {
  refs = 1;

  constructor(readonly kernel: Kernel, readonly memory: Memory) {}

  /** Linux: put_page() */
  put(): undefined {
    if (--this.refs === 0) this.kernel.mem.free(this.memory);
  }
}

/** A piece of a block, for the card to write to. */
export class FragBuf {
  constructor(
    readonly block: FragBlock,
    /** Guest physical address. */
    readonly address: number,
    /** Offset in RAM. */
    readonly offset: number,
    /** Size in bytes. Linux: truesize */
    readonly size: number,
  ) {}

  /** Gives it back. */
  put(): undefined {
    this.block.put();
  }
}

/** Cuts buffers from blocks of pages. Linux: struct page_frag */
export class PageFrag {
  readonly #kernel: Kernel;
  readonly #owner: string;
  #block: FragBlock | undefined;
  #offset = 0;

  constructor(kernel: Kernel, owner: string) {
    this.#kernel = kernel;
    this.#owner = owner;
  }

  /**
   * A buffer of `size` bytes, with what is left of the block when that is too little for another one
   * and `takeHole` is set.
   *
   * @throws {KernelError} `ENOMEM`
   */
  take(size: number, takeHole: boolean): FragBuf {
    const block = this.#refill(size);
    const at = this.#offset;
    const hole = block.memory.size - at - size;
    const whole = takeHole && hole < size ? size + hole : size;
    this.#offset += whole;
    block.refs++;
    return new FragBuf(block, block.memory.address + at, block.memory.offset + at, whole);
  }

  /** A block with room. Linux: skb_page_frag_refill() */
  #refill(size: number): FragBlock {
    const block = this.#block;
    if (block !== undefined) {
      if (block.refs === 1) this.#offset = 0;
      if (this.#offset + size <= block.memory.size) return block;
      this.#block = undefined;
      block.put();
    }
    this.#offset = 0;
    return this.#block = new FragBlock(this.#kernel, this.#allocate());
  }

  /** A large block, or a page where there is none. */
  #allocate(): Memory {
    try {
      return this.#kernel.mem.alloc(FRAG_BLOCK_SIZE, this.#owner);
    } catch (error) {
      errnoOf(error);
      return this.#kernel.mem.alloc(PAGE_SIZE, this.#owner);
    }
  }

  /** Lets go of the block. */
  release(): undefined {
    this.#block?.put();
    this.#block = undefined;
  }
}

/** Pages that serve one big buffer after the other. Linux: give_pages(), get_a_page() */
export class PagePool {
  readonly #kernel: Kernel;
  readonly #owner: string;
  readonly #pages: Memory[] = [];

  constructor(kernel: Kernel, owner: string) {
    this.#kernel = kernel;
    this.#owner = owner;
  }

  /**
   * A chain of `count` pages.
   *
   * @throws {KernelError} `ENOMEM`; no page is lost then.
   */
  take(count: number): Memory[] {
    const chain: Memory[] = [];
    try {
      while (chain.length < count) {
        chain.push(this.#pages.pop() ?? this.#kernel.mem.alloc(PAGE_SIZE, this.#owner));
      }
    } catch (error) {
      this.give(chain);
      throw error;
    }
    return chain;
  }

  /** Takes a chain back. */
  give(chain: readonly Memory[]): undefined {
    this.#pages.push(...chain);
  }

  /** Gives all pages back. */
  release(): undefined {
    for (const page of this.#pages.splice(0)) this.#kernel.mem.free(page);
  }
}
