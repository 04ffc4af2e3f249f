/**
 * Pages of memory that hold what disks hold: who has which, who may change it now, and how it is
 * given back.
 *
 * Linux: include/linux/pagemap.h, mm/filemap.c, mm/truncate.c
 *
 * @module
 */
import { KernelBug } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type Memory, PAGE_SIZE } from "../mem.ts";
import { Slot } from "../slot.ts";
import { WaitQueue } from "../wait.ts";
import type { BlockDevice } from "./bdev.ts";

/** Of RAM, this part may hold pages of disks; the oldest clean ones go when it is full. */
const CACHE_SHARE = 1 / 2;
/** Pages that go at once then. Linux: SWAP_CLUSTER_MAX */
const SHRINK_BATCH = 32;

/**
 * A page of a disk or partition. A bit stands for each of its blocks.
 *
 * Linux: struct folio, with the struct buffer_heads of its blocks
 */
export class Page {
  /** All of it can be read. Linux: PG_uptodate */
  uptodate = false;
  /** Somebody fills it, or may not be disturbed. Linux: PG_locked */
  locked = false;
  /** Who reads this page should make the next ones come. Linux: PG_readahead */
  readahead = false;
  /** The disk is being given what it holds. Linux: PG_writeback */
  writeback = false;
  /** It is in the cache still. Linux: folio->mapping */
  attached = true;
  /** Blocks that hold what the disk holds, or something newer. Linux: BH_Uptodate */
  uptodateBlocks = 0;
  /** Blocks that the disk must be given. Linux: BH_Dirty */
  dirtyBlocks = 0;
  /** The cache, and whoever looks at it now. Linux: folio_ref_count() */
  refs = 1;

  constructor(
    /** Its place: the first byte's position divided by the size of a page. */
    readonly index: number,
    readonly memory: Memory,
  ) {}
}

/** All pages of disks that a kernel holds. */
export class PageCaches {
  /** Those that hold a page. */
  readonly mappings = new Set<AddressSpace>();
  pages = 0;
  dirtyPages = 0;
  readonly #most: number;

  /** @param ramPages Size of RAM in pages. */
  constructor(readonly ramPages: number) {
    this.#most = Math.max(Math.floor(ramPages * CACHE_SHARE), SHRINK_BATCH);
  }

  /** Makes room for one more page if need be. Linux: shrink_lruvec() */
  reserve(): undefined {
    if (this.pages < this.#most) return;
    let left = SHRINK_BATCH;
    for (const mapping of this.mappings) {
      for (const page of mapping.pages.values()) {
        if (mapping.removeUnused(page) && --left === 0) return;
      }
    }
  }
}

/** The page cache of a kernel. */
export const PAGE_CACHES: Slot<PageCaches> = new Slot(
  "page cache",
  (kernel) => new PageCaches(Math.floor(kernel.mem.bytes.length / PAGE_SIZE)),
);

/** Forgets what can be read again. Linux: drop_pagecache_sb() */
export function dropPagecache(kernel: Kernel): undefined {
  for (const mapping of [...kernel.get(PAGE_CACHES).mappings]) mapping.invalidate();
}

/** The pages of one disk or partition. Linux: struct address_space */
export class AddressSpace {
  /** By index. */
  readonly pages: Map<number, Page> = new Map();
  /** Writes that failed. Linux: AS_EIO */
  failedWrites = 0;
  /** Failures that somebody can hear of. Linux: wb_err */
  wbErrors = 0;
  /** Somebody heard of the last one. Linux: ERRSEQ_SEEN */
  wbErrorSeen = true;

  readonly #caches: PageCaches;
  readonly #changed: WaitQueue;
  #blockSize = PAGE_SIZE;

  constructor(readonly host: BlockDevice) {
    this.#caches = host.kernel.get(PAGE_CACHES);
    this.#changed = new WaitQueue(host.kernel.sched, `a page of ${host.name}`);
  }

  /** Bytes in the least that is read or written alone. Linux: i_blocksize() */
  get blockSize(): number {
    return this.#blockSize;
  }

  /** Set while there are no pages. Linux: set_init_blocksize(), set_blocksize() */
  set blockSize(size: number) {
    if (this.pages.size > 0 && size !== this.#blockSize) {
      throw new KernelBug(`${this.host.name}: pages have blocks of another size`);
    }
    this.#blockSize = size;
  }

  /** The bits of all blocks of a page. */
  get allBlocks(): number {
    return (1 << PAGE_SIZE / this.#blockSize) - 1;
  }

  /** Somebody looks at the page with this index; {@linkcode put} ends that. Linux: filemap_get_folio() */
  get(index: number): Page | undefined {
    const page = this.pages.get(index);
    if (page !== undefined) page.refs++;
    return page;
  }

  /** Linux: folio_put() */
  put(page: Page): undefined {
    if (--page.refs === 0) this.host.kernel.mem.free(page.memory);
  }

  /**
   * A new page of zeros, locked.
   *
   * Linux: filemap_add_folio()
   *
   * @throws {KernelError} `ENOMEM`.
   */
  add(index: number): Page {
    this.#caches.reserve();
    const page = new Page(index, this.host.kernel.mem.alloc(PAGE_SIZE, this.host.name));
    page.locked = true;
    this.pages.set(index, page);
    this.#caches.pages++;
    this.#caches.mappings.add(this);
    return page;
  }

  /** Waits until nobody else has the page locked, and locks it. Linux: folio_lock() */
  async lock(page: Page): Promise<undefined> {
    await this.#changed.waitEvent(() => !page.locked);
    page.locked = true;
  }

  /** Linux: folio_unlock() */
  unlock(page: Page): undefined {
    page.locked = false;
    this.#changed.wakeUp();
  }

  /** Waits until a page that is being filled is there. Linux: folio_wait_locked() */
  async waitUnlocked(page: Page): Promise<undefined> {
    await this.#changed.waitEvent(() => !page.locked);
  }

  /** Linux: folio_wait_writeback() */
  async waitWriteback(page: Page): Promise<undefined> {
    await this.#changed.waitEvent(() => !page.writeback);
  }

  /** Linux: folio_end_writeback() */
  endWriteback(page: Page): undefined {
    page.writeback = false;
    page.readahead = false;
    this.#changed.wakeUp();
  }

  /** Linux: mark_buffer_dirty() */
  markDirty(page: Page, blocks: number): undefined {
    if (page.dirtyBlocks === 0) this.#caches.dirtyPages++;
    page.dirtyBlocks |= blocks;
  }

  /** Takes the blocks that are to be written; the page counts as clean then. Linux: clear_page_dirty_for_io() */
  takeDirty(page: Page): number {
    const blocks = page.dirtyBlocks;
    if (blocks !== 0) this.#caches.dirtyPages--;
    page.dirtyBlocks = 0;
    return blocks;
  }

  /** Dirty pages from `first` to `last`, in the order of the disk. Linux: tag_pages_for_writeback() */
  dirtyPages(first = 0, last = Infinity): Page[] {
    const dirty: Page[] = [];
    for (const page of this.pages.values()) {
      if (page.dirtyBlocks !== 0 && page.index >= first && page.index <= last) dirty.push(page);
    }
    return dirty.sort((a, b) => a.index - b.index);
  }

  /** A write has failed. Linux: mapping_set_error() */
  setError(): undefined {
    this.failedWrites++;
    if (this.wbErrorSeen) this.wbErrors++;
    this.wbErrorSeen = false;
  }

  #remove(page: Page): undefined {
    this.takeDirty(page);
    this.pages.delete(page.index);
    page.attached = false;
    this.#caches.pages--;
    if (this.pages.size === 0) this.#caches.mappings.delete(this);
    this.put(page);
  }

  /** Pages from the last to the first, so that memory is handed out again in the order of the disk. */
  #backwards(): Page[] {
    return [...this.pages.values()].sort((a, b) => b.index - a.index);
  }

  /** Forgets a page if it is clean and nobody looks at it. Linux: invalidate_inode_page() */
  removeUnused(page: Page): boolean {
    const used = page.locked || page.writeback || page.dirtyBlocks !== 0 || page.refs > 1;
    if (!used) this.#remove(page);
    return !used;
  }

  /**
   * Forgets what can be read again. Dirty pages are to go once they are written: the bit that says so is the
   * one of the mark for readers.
   *
   * Linux: invalidate_mapping_pages(), deactivate_file_folio(), PG_reclaim
   */
  invalidate(): undefined {
    for (const page of this.#backwards()) {
      if (!this.removeUnused(page) && page.dirtyBlocks !== 0) page.readahead = true;
    }
  }

  /** The same for some pages, and waits for those in use. Linux: invalidate_inode_pages2_range() */
  async invalidateRange(first: number, last: number): Promise<undefined> {
    for (const page of this.#backwards()) {
      if (page.index < first || page.index > last) continue;
      await this.lock(page);
      await this.waitWriteback(page);
      if (page.attached && page.dirtyBlocks === 0) this.#remove(page);
      this.unlock(page);
    }
  }

  /**
   * Forgets a range of bytes, written or not; what is left of pages at its ends reads as zeros.
   *
   * Linux: truncate_inode_pages_range()
   */
  async truncate(start = 0, end = Infinity): Promise<undefined> {
    for (const page of this.#backwards()) {
      const from = Math.max(start - page.index * PAGE_SIZE, 0);
      const to = Math.min(end - page.index * PAGE_SIZE, PAGE_SIZE);
      if (from >= to) continue;
      await this.lock(page);
      await this.waitWriteback(page);
      const { offset } = page.memory;
      if (page.attached && to - from === PAGE_SIZE) this.#remove(page);
      else if (page.attached) this.host.kernel.mem.bytes.fill(0, offset + from, offset + to);
      this.unlock(page);
    }
  }
}
