/**
 * Which pages to read before somebody asks for them.
 *
 * A file that is read from its start, or on from where it was read last, gets a window of pages: a few
 * more than asked for at first, then two or four times as many, up to a limit. A mark on a page of the
 * window tells the reader who comes across it to send for the next window.
 *
 * Linux: mm/readahead.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import { mpageReadahead } from "./buffer.ts";
import type { AddressSpace, Page } from "./page_cache.ts";

/** What an open file was read like. Counts and places are in pages. Linux: struct file_ra_state */
export class FileRaState {
  /** Where the window starts. */
  start = 0;
  /** Pages in the window. */
  size = 0;
  /** Pages behind the mark. */
  asyncSize = 0;
  /** Where the last read ended, in bytes; none yet: -1. */
  prevPos = -1;

  /** @param raPages Most pages in a window. */
  constructor(public raPages: number) {}
}

function roundUpPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

/** Size of a first window. Linux: get_init_ra_size() */
export function getInitRaSize(size: number, max: number): number {
  const rounded = roundUpPowerOfTwo(size);
  if (rounded <= Math.floor(max / 32)) return rounded * 4;
  return rounded <= Math.floor(max / 4) ? rounded * 2 : max;
}

/** Size of the window behind one. Linux: get_next_ra_size() */
export function getNextRaSize(size: number, max: number): number {
  if (size < Math.floor(max / 16)) return 4 * size;
  return size <= Math.floor(max / 2) ? 2 * size : max;
}

/** Most pages that a request of the disk reads. Linux: bdi->io_pages */
function ioPages(mapping: AddressSpace): number {
  return Math.floor(mapping.host.disk.queue.limits.maxSectors / (PAGE_SIZE / 512));
}

/** A page that is read was not there. Linux: page_cache_sync_ra() */
export function pageCacheSyncRa(
  mapping: AddressSpace,
  ra: FileRaState,
  index: number,
  count: number,
): undefined {
  if (ra.raPages === 0) doPageCacheRa(mapping, index, 1, 0);
  else ondemandReadahead(mapping, ra, undefined, index, count);
}

/** A page that is read has the mark. Linux: page_cache_async_ra() */
export function pageCacheAsyncRa(
  mapping: AddressSpace,
  ra: FileRaState,
  page: Page,
  count: number,
): undefined {
  if (ra.raPages === 0 || page.writeback) return;
  page.readahead = false;
  ondemandReadahead(mapping, ra, page, page.index, count);
}

/** Linux: ondemand_readahead() */
function ondemandReadahead(
  mapping: AddressSpace,
  ra: FileRaState,
  marked: Page | undefined,
  index: number,
  count: number,
): undefined {
  let max = ra.raPages;
  const io = ioPages(mapping);
  if (count > max && io > max) max = Math.min(count, io);
  if (!nextWindow(mapping, ra, { marked, index, count, max })) return;
  // The window begins with the page that is read: take the one behind it, too.
  if (index === ra.start && ra.size === ra.asyncSize) {
    const more = getNextRaSize(ra.size, max);
    if (ra.size + more <= max) {
      ra.asyncSize = more;
      ra.size += more;
    } else {
      ra.size = max;
      ra.asyncSize = max >> 1;
    }
  }
  doPageCacheRa(mapping, ra.start, ra.size, ra.asyncSize);
}

interface Asked {
  readonly marked: Page | undefined;
  readonly index: number;
  readonly count: number;
  readonly max: number;
}

/** Sets the window for what was asked; false when no window is needed (any more). */
function nextWindow(mapping: AddressSpace, ra: FileRaState, asked: Asked): boolean {
  const { marked, index, count, max } = asked;
  if (index === 0) return setWindow(ra, index, count, max);
  // On from the last window, which a large read may have made larger than others get.
  if (index === ra.start + ra.size - ra.asyncSize || index === ra.start + ra.size) {
    ra.start += ra.size;
    ra.size = Math.max(ra.size, getNextRaSize(ra.size, max));
    ra.asyncSize = ra.size;
    return true;
  }
  if (marked !== undefined) {
    setWindowOfOther(mapping, ra, asked);
    return true;
  }
  if (count > max) return setWindow(ra, index, count, max);
  const previous = ra.prevPos < 0 ? Infinity : Math.floor(ra.prevPos / PAGE_SIZE);
  if (index === previous || index === previous + 1) return setWindow(ra, index, count, max);
  if (setContextWindow(mapping, ra, asked)) return true;
  doPageCacheRa(mapping, index, count, 0);
  return false;
}

/** A first window. */
function setWindow(ra: FileRaState, index: number, count: number, max: number): true {
  ra.start = index;
  ra.size = getInitRaSize(count, max);
  ra.asyncSize = ra.size > count ? ra.size - count : ra.size;
  return true;
}

/**
 * The mark is from another reader's window: goes on behind what is there. Where much is there, Linux stops
 * looking at the last page that it looked at. Linux: page_cache_next_miss()
 */
function setWindowOfOther(mapping: AddressSpace, ra: FileRaState, asked: Asked): undefined {
  const { index, count, max } = asked;
  let start = index + 1;
  while (start < index + max && mapping.pages.has(start)) start++;
  ra.start = start;
  ra.size = getNextRaSize(start - index + count, max);
  ra.asyncSize = ra.size;
}

/** Pages before this one are there: somebody reads in order. Linux: try_context_readahead() */
function setContextWindow(mapping: AddressSpace, ra: FileRaState, asked: Asked): boolean {
  const { index, count, max } = asked;
  let size = 0;
  while (size < max - 1 && mapping.pages.has(index - 1 - size)) size++;
  if (size <= count) return false;
  // From the start of the disk on: a long one.
  if (size >= index) size *= 2;
  ra.start = index;
  ra.size = Math.min(size + count, max);
  ra.asyncSize = 1;
  return true;
}

/**
 * Sends for pages that are not there, as far as the device reaches.
 *
 * Linux: do_page_cache_ra(), page_cache_ra_unbounded()
 *
 * @param lookahead The mark goes to the page that is so many before the end; 0: none.
 */
function doPageCacheRa(
  mapping: AddressSpace,
  first: number,
  wanted: number,
  lookahead: number,
): undefined {
  const end = Math.ceil(mapping.host.size / PAGE_SIZE);
  const count = Math.min(wanted, end - first);
  let run: Page[] = [];
  for (let i = 0; i < count; i++) {
    if (mapping.pages.has(first + i)) {
      mpageReadahead(mapping, run);
      run = [];
      continue;
    }
    const page = addQuietly(mapping, first + i);
    if (page === undefined) break;
    if (i === count - lookahead) page.readahead = true;
    run.push(page);
  }
  mpageReadahead(mapping, run);
}

/** Without memory there is nothing to read ahead. */
function addQuietly(mapping: AddressSpace, index: number): Page | undefined {
  try {
    return mapping.add(index);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
