/**
 * Pages to and from the disk, by pages and by blocks.
 *
 * Linux: fs/mpage.c, fs/buffer.c
 *
 * @module
 */
import { KernelError } from "../errors.ts";
import { PAGE_SIZE } from "../mem.ts";
import { KERN_ERR } from "../printk.ts";
import { printkRatelimited } from "../ratelimit.ts";
import { Completion } from "../wait.ts";
import { Bio, guardBioEod } from "./bio.ts";
import { SECTOR_SHIFT } from "./limits.ts";
import type { AddressSpace, Page } from "./page_cache.ts";
import { BlkPlug } from "./plug.ts";
import { BLK_STS_OK, REQ_OP_WRITE, REQ_RAHEAD, REQ_SYNC } from "./status.ts";

/** Most pieces of memory of one I/O. Linux: BIO_MAX_VECS */
const BIO_MAX_VECS = 256;
const PAGE_SECTORS = PAGE_SIZE >> SECTOR_SHIFT;

/** Bytes of a page that the disk has, in whole blocks. */
function bytesOnDisk({ host, blockSize }: AddressSpace, page: Page): number {
  const bytes = Math.min(host.size - page.index * PAGE_SIZE, PAGE_SIZE);
  return Math.ceil(Math.max(bytes, 0) / blockSize) * blockSize;
}

/** Adds memory behind what an I/O has; false when it has too many pieces. Linux: bio_add_page() */
function addMemory(segments: number[], address: number, bytes: number): boolean {
  const { length } = segments;
  if (length > 0 && segments[length - 2] + segments[length - 1] === address) {
    segments[length - 1] += bytes;
    return true;
  }
  if (length === BIO_MAX_VECS * 2) return false;
  segments.push(address, bytes);
  return true;
}

/**
 * Sends for new pages that follow each other, without waiting. A page that cannot be read is unlocked as it
 * is: whoever needs it tries again alone.
 *
 * Linux: read_pages(), mpage_readahead()
 */
export function mpageReadahead(mapping: AddressSpace, pages: readonly Page[]): undefined {
  if (pages.length === 0) return;
  const plug = new BlkPlug(mapping.host.disk.queue);
  let taken: Page[] = [];
  let bio = readaheadBio(mapping, taken);
  for (const page of pages) {
    const bytes = bytesOnDisk(mapping, page);
    if (!addMemory(bio.segments, page.memory.address, bytes)) {
      plug.submit(bio);
      taken = [];
      bio = readaheadBio(mapping, taken);
      addMemory(bio.segments, page.memory.address, bytes);
    }
    if (taken.length === 0) bio.sector = page.index * PAGE_SECTORS;
    bio.sectors += bytes >> SECTOR_SHIFT;
    taken.push(page);
  }
  guardBioEod(bio);
  plug.submit(bio);
  plug.flush();
}

/** Linux: mpage_end_io() */
function readaheadBio(mapping: AddressSpace, pages: readonly Page[]): Bio {
  const bio = new Bio(mapping.host, ({ status }) => {
    for (const page of pages) {
      if (status === BLK_STS_OK) setUptodate(mapping, page);
      mapping.unlock(page);
    }
  });
  bio.flags = REQ_RAHEAD;
  return bio;
}

function setUptodate(mapping: AddressSpace, page: Page): undefined {
  page.uptodate = true;
  page.uptodateBlocks = mapping.allBlocks;
}

/** An I/O for one block of a page. Linux: submit_bh() */
function blockBio(
  mapping: AddressSpace,
  page: Page,
  block: number,
  endIo: (bio: Bio) => undefined,
): Bio {
  const { host, blockSize } = mapping;
  const bio = new Bio(host, endIo);
  bio.sectors = blockSize >> SECTOR_SHIFT;
  bio.sector = page.index * PAGE_SECTORS + block * bio.sectors;
  bio.segments = [page.memory.address + block * blockSize, blockSize];
  guardBioEod(bio);
  return bio;
}

/** Linux: buffer_io_error() */
function bufferIoError(
  { host, blockSize }: AddressSpace,
  { sector }: Bio,
  what: string,
): undefined {
  const block = sector / (blockSize >> SECTOR_SHIFT);
  const text = `Buffer I/O error on dev ${host.name}, logical block ${block}, ${what}`;
  printkRatelimited(host.kernel, "buffer_io_error", KERN_ERR, text);
}

/**
 * Reads the blocks of a locked page that are not there yet, waits, and unlocks it.
 *
 * Linux: block_read_full_folio()
 *
 * @returns Whether all could be read.
 */
export async function readFolio(mapping: AddressSpace, page: Page): Promise<boolean> {
  const { host, blockSize } = mapping;
  const blocks = bytesOnDisk(mapping, page) / blockSize;
  let left = 1;
  let failed = false;
  const end = (): undefined => {
    if (--left > 0) return;
    if (!failed) setUptodate(mapping, page);
    mapping.unlock(page);
  };
  for (let block = 0; block < blocks; block++) {
    if ((page.uptodateBlocks & 1 << block) !== 0) continue;
    left++;
    host.submit(blockBio(mapping, page, block, (bio) => {
      if (bio.status === BLK_STS_OK) page.uptodateBlocks |= 1 << block;
      else {
        failed = true;
        bufferIoError(mapping, bio, "async page read");
      }
      return end();
    }));
  }
  end();
  await mapping.waitUnlocked(page);
  return page.uptodate;
}

/**
 * Reads the blocks of a locked page that bytes `from` to `to` cover only partly.
 *
 * Linux: __block_write_begin()
 *
 * @throws {KernelError} `EIO`.
 */
export async function blockWriteBegin(
  mapping: AddressSpace,
  page: Page,
  [from, to]: readonly [number, number],
): Promise<undefined> {
  if (page.uptodate) return;
  const { host, blockSize } = mapping;
  const plug = new BlkPlug(host.disk.queue);
  let left = 0;
  let failed = false;
  const ended = new Completion(host.kernel.sched, `${host.name}: blocks around what is written`);
  const partial = new Set(
    [from, to].filter((at) => at % blockSize !== 0)
      .map((at) => Math.floor(at / blockSize)),
  );
  for (const block of partial) {
    if ((page.uptodateBlocks & 1 << block) !== 0) continue;
    left++;
    plug.submit(blockBio(mapping, page, block, (bio) => {
      if (bio.status === BLK_STS_OK) page.uptodateBlocks |= 1 << block;
      else failed = true;
      if (--left === 0) ended.complete();
    }));
  }
  plug.flush();
  if (left > 0) await ended.wait();
  if (failed) throw new KernelError("EIO", `${host.name}: cannot read around what is written`);
}

/** Bytes `from` to `to` of a locked page are new. Linux: block_write_end() */
export function blockWriteEnd(
  mapping: AddressSpace,
  page: Page,
  [from, to]: readonly [number, number],
): undefined {
  const { blockSize } = mapping;
  let blocks = 0;
  for (let block = Math.floor(from / blockSize); block * blockSize < to; block++) {
    blocks |= 1 << block;
  }
  page.uptodateBlocks |= blocks;
  if (page.uptodateBlocks === mapping.allBlocks) page.uptodate = true;
  mapping.markDirty(page, blocks);
}

/** Which pages to write. */
export interface WriteRange {
  /** Indices; all pages where absent. */
  readonly first?: number;
  readonly last?: number;
  /** `REQ_*` flags of the requests. Default: somebody waits for them. */
  readonly flags?: number;
}

/**
 * Gives dirty pages to the disk in its order, and waits until it has them. Errors are kept in the
 * mapping.
 *
 * Linux: generic_writepages(), filemap_fdatawait()
 */
export async function writePages(
  mapping: AddressSpace,
  { first = 0, last = Infinity, flags = REQ_SYNC }: WriteRange = {},
): Promise<undefined> {
  const plug = new BlkPlug(mapping.host.disk.queue);
  const pages = mapping.dirtyPages(first, last);
  for (const page of pages) page.refs++;
  for (const page of pages) {
    // A task that sleeps holds nothing back.
    if (page.locked || page.writeback) plug.flush();
    await mapping.lock(page);
    await mapping.waitWriteback(page);
    writeFullPage(mapping, page, { plug, flags });
    mapping.unlock(page);
  }
  plug.flush();
  for (const page of pages) {
    await mapping.waitWriteback(page);
    mapping.put(page);
  }
}

/** Linux: block_write_full_page() */
function writeFullPage(
  mapping: AddressSpace,
  page: Page,
  { plug, flags }: { readonly plug: BlkPlug; readonly flags: number },
): undefined {
  const { blockSize } = mapping;
  const dirty = mapping.takeDirty(page);
  const blocks = bytesOnDisk(mapping, page) / blockSize;
  let left = 1;
  const end = (): undefined => {
    if (--left === 0) mapping.endWriteback(page);
  };
  page.writeback = true;
  for (let block = 0; block < blocks; block++) {
    if ((dirty & 1 << block) === 0) continue;
    left++;
    const bio = blockBio(mapping, page, block, (bio) => {
      if (bio.status !== BLK_STS_OK) {
        bufferIoError(mapping, bio, "lost async page write");
        mapping.setError();
        page.uptodateBlocks &= ~(1 << block);
      }
      return end();
    });
    bio.op = REQ_OP_WRITE;
    bio.flags = flags;
    plug.submit(bio);
  }
  end();
}
