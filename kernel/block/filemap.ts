/**
 * Reading and writing disks through pages.
 *
 * Linux: mm/filemap.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import { blockWriteBegin, blockWriteEnd, readFolio, writePages } from "./buffer.ts";
import { type AddressSpace, type Page, PAGE_CACHES } from "./page_cache.ts";
import { type FileRaState, pageCacheAsyncRa, pageCacheSyncRa } from "./readahead.ts";

/** Pages that a reader takes at once. Linux: PAGEVEC_SIZE */
const BATCH_PAGES = 15;
/** A file whose pages cannot be read gets a window so many times smaller. Linux: shrink_readahead_size_eio() */
const EIO_SHRINK = 4;
/** Of RAM, writers fill this part before they have to wait for the disk. Linux: vm_dirty_ratio */
const DIRTY_SHARE = 1 / 5;

function pageError({ host }: AddressSpace, index: number): KernelError {
  return new KernelError("EIO", `${host.name}: cannot read the page at byte ${index * PAGE_SIZE}`);
}

/**
 * Reads up to `count` bytes: less at the end of the disk, or before a page that cannot be read.
 *
 * Linux: filemap_read()
 *
 * @throws {KernelError} `EIO` when the first page cannot be read, `ENOMEM`.
 */
export async function filemapRead(
  mapping: AddressSpace,
  ra: FileRaState,
  position: number,
  count: number,
): Promise<Uint8Array> {
  const { host } = mapping;
  const data = new Uint8Array(Math.max(Math.min(count, host.size - position), 0));
  const lastIndex = Math.ceil((position + data.length) / PAGE_SIZE);
  let at = position;
  try {
    while (at < Math.min(position + data.length, host.size)) {
      const pages = await getPages(mapping, ra, Math.floor(at / PAGE_SIZE), lastIndex);
      for (const page of pages) {
        const end = Math.min((page.index + 1) * PAGE_SIZE, position + data.length);
        const from = page.memory.offset + at % PAGE_SIZE;
        data.set(host.kernel.mem.bytes.subarray(from, from + end - at), at - position);
        ra.prevPos = at = end;
        mapping.put(page);
      }
    }
  } catch (error) {
    if (!(error instanceof KernelError) || at === position) throw error;
  }
  return data.subarray(0, at - position);
}

/** Pages that follow each other, up to one that needs attention. Linux: filemap_get_read_batch() */
function getReadBatch(mapping: AddressSpace, index: number, lastIndex: number): Page[] {
  const batch: Page[] = [];
  while (batch.length < BATCH_PAGES && index < lastIndex) {
    const page = mapping.get(index++);
    if (page === undefined) break;
    batch.push(page);
    if (!page.uptodate || page.readahead) break;
  }
  return batch;
}

/** Pages that can be read, at least one. The caller puts them. Linux: filemap_get_pages() */
async function getPages(
  mapping: AddressSpace,
  ra: FileRaState,
  index: number,
  lastIndex: number,
): Promise<Page[]> {
  for (;;) {
    let batch = getReadBatch(mapping, index, lastIndex);
    if (batch.length === 0) {
      pageCacheSyncRa(mapping, ra, index, lastIndex - index);
      batch = getReadBatch(mapping, index, lastIndex);
    }
    const page = batch.at(-1);
    if (page === undefined) return [await readMappingFolio(mapping, index)];
    if (page.readahead) pageCacheAsyncRa(mapping, ra, page, lastIndex - page.index);
    if (page.uptodate || await updatePage(mapping, page)) return batch;
    const gone = !page.attached;
    if (!gone) ra.raPages = Math.floor(ra.raPages / EIO_SHRINK);
    mapping.put(page);
    batch.pop();
    if (batch.length > 0) return batch;
    if (!gone) throw pageError(mapping, index);
  }
}

/** Waits for a page that is on its way, or reads it. Linux: filemap_update_page() */
async function updatePage(mapping: AddressSpace, page: Page): Promise<boolean> {
  await mapping.lock(page);
  if (page.attached && !page.uptodate) return await readFolio(mapping, page);
  mapping.unlock(page);
  return page.attached;
}

/**
 * A whole page, without reading ahead. The caller puts it.
 *
 * Linux: read_mapping_folio(), filemap_create_folio()
 *
 * @throws {KernelError} `EIO`, `ENOMEM`.
 */
export async function readMappingFolio(mapping: AddressSpace, index: number): Promise<Page> {
  for (;;) {
    const page = await getLocked(mapping, index);
    if (page.uptodate) {
      mapping.unlock(page);
      return page;
    }
    if (await readFolio(mapping, page)) return page;
    const gone = !page.attached;
    mapping.put(page);
    if (!gone) throw pageError(mapping, index);
  }
}

/** The page with this index, new if need be, locked. Linux: pagecache_get_page() */
async function getLocked(mapping: AddressSpace, index: number): Promise<Page> {
  for (;;) {
    const page = mapping.get(index);
    if (page === undefined) {
      const added = mapping.add(index);
      added.refs++;
      return added;
    }
    await mapping.lock(page);
    if (page.attached) return page;
    mapping.unlock(page);
    mapping.put(page);
  }
}

/**
 * Writes into pages; the disk gets them later.
 *
 * Linux: generic_perform_write()
 *
 * @returns How many bytes were taken: all, or those before a page that could not be read.
 * @throws {KernelError} `EIO` or `ENOMEM` when nothing was taken.
 */
export async function genericPerformWrite(
  mapping: AddressSpace,
  position: number,
  data: Uint8Array,
): Promise<number> {
  let done = 0;
  try {
    while (done < data.length) {
      const from = (position + done) % PAGE_SIZE;
      const piece = data.subarray(done, done + PAGE_SIZE - from);
      await writePiece(mapping, Math.floor((position + done) / PAGE_SIZE), from, piece);
      done += piece.length;
      await balanceDirtyPages(mapping);
    }
  } catch (error) {
    if (!(error instanceof KernelError) || done === 0) throw error;
  }
  return done;
}

async function writePiece(
  mapping: AddressSpace,
  index: number,
  from: number,
  piece: Uint8Array,
): Promise<undefined> {
  const page = await getLocked(mapping, index);
  const range = [from, from + piece.length] as const;
  try {
    await blockWriteBegin(mapping, page, range);
    mapping.host.kernel.mem.bytes.set(piece, page.memory.offset + from);
    blockWriteEnd(mapping, page, range);
  } finally {
    mapping.unlock(page);
    mapping.put(page);
  }
}

/** A writer that is ahead of its disk by too much waits for it. Linux: balance_dirty_pages() */
async function balanceDirtyPages(mapping: AddressSpace): Promise<undefined> {
  const { dirtyPages, ramPages } = mapping.host.kernel.get(PAGE_CACHES);
  if (dirtyPages > ramPages * DIRTY_SHARE) await writePages(mapping);
}

/** Where an open file is in the row of failed writes. Linux: file->f_wb_err */
export class WbErrorCursor {
  #since: number;

  /** An error that nobody heard of is news to the next opener, too. Linux: errseq_sample() */
  constructor(readonly mapping: AddressSpace) {
    this.#since = mapping.wbErrorSeen ? mapping.wbErrors : 0;
  }

  /** Throws `EIO` once for what failed since the last call. Linux: file_check_and_advance_wb_err() */
  check(): undefined {
    const { mapping } = this;
    if (this.#since === mapping.wbErrors) return;
    this.#since = mapping.wbErrors;
    mapping.wbErrorSeen = true;
    throw new KernelError("EIO", `${mapping.host.name}: writing failed`);
  }
}
