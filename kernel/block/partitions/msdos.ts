/**
 * The table of the IBM PC: four entries in the first sector, more in a chain of further tables.
 *
 * Linux: block/partitions/msdos.c
 *
 * @module
 */
import { DISK_MAX_PARTS, type PartitionState, putPartition } from "./state.ts";

/** Where the four entries begin. */
const TABLE_OFFSET = 0x1be;
/** Size of an entry. */
const ENTRY_SIZE = 16;
const ENTRIES = 4;
/** The last two bytes of a table. */
const MAGIC_OFFSET = 510;
const MAGIC = 0xaa55;
/** First bytes of a disk of AIX: "IBMA" in EBCDIC. */
const AIX_MAGIC = 0xc9c2d4c1;
/** Types of entries. */
const DOS_EXTENDED = 0x05;
const WIN98_EXTENDED = 0x0f;
const LINUX_EXTENDED = 0x85;
const EFI_GPT = 0xee;
const DISK_MANAGER = 0x54;
const EZ_DRIVE = 0x55;
/** Tables of a chain that add no partition before it is given up. */
const EMPTY_TABLES_MAX = 100;
/** Logical partitions begin here. */
const FIRST_LOGICAL = 5;

/** One entry, in sectors of 512 bytes. */
interface Entry {
  readonly bootIndicator: number;
  readonly type: number;
  readonly start: number;
  readonly size: number;
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

function hasMagic(data: Uint8Array): boolean {
  return viewOf(data).getUint16(MAGIC_OFFSET, true) === MAGIC;
}

function readEntries(data: Uint8Array, scale: number): Entry[] {
  const view = viewOf(data);
  return Array.from({ length: ENTRIES }, (_, i) => {
    const at = TABLE_OFFSET + i * ENTRY_SIZE;
    return {
      bootIndicator: data[at],
      type: data[at + 4],
      start: view.getUint32(at + 8, true) * scale,
      size: view.getUint32(at + 12, true) * scale,
    };
  });
}

function isExtended({ type, size }: Entry): boolean {
  return size > 0 &&
    (type === DOS_EXTENDED || type === WIN98_EXTENDED || type === LINUX_EXTENDED);
}

/** A FAT file system without a table looks much like a table. Linux: fat_valid_media() */
function looksLikeFat(data: Uint8Array): boolean {
  const reserved = viewOf(data).getUint16(14, true);
  const fats = data[16];
  const media = data[21];
  return reserved !== 0 && fats !== 0 && (media >= 0xf8 || media === 0xf0);
}

/** Reads a table in the first sector. Linux: msdos_partition() */
export async function msdosPartition(state: PartitionState): Promise<boolean | undefined> {
  const data = await state.readSector(0);
  if (data === undefined) return undefined;
  if (viewOf(data).getUint32(0) === AIX_MAGIC) {
    state.text += " [AIX]";
    return false;
  }
  if (!hasMagic(data)) return false;
  const entries = readEntries(data, state.blockSize / 512);
  const strange = entries.findIndex(({ bootIndicator }) => (bootIndicator & 0x7f) !== 0);
  if (strange === 0 && looksLikeFat(data)) {
    state.text += "\n";
    return true;
  }
  if (strange >= 0 || entries.some(({ type }) => type === EFI_GPT)) return false;
  await readPrimary(state, entries);
  state.text += "\n";
  return true;
}

async function readPrimary(state: PartitionState, entries: readonly Entry[]): Promise<undefined> {
  let next = FIRST_LOGICAL;
  for (const [index, entry] of entries.entries()) {
    const { start, size, type } = entry;
    if (size === 0) continue;
    if (isExtended(entry)) {
      // Enough for a boot loader, too little for a file system by mistake.
      const visible = Math.min(size, Math.max(state.blockSize / 512, 2));
      putPartition(state, index + 1, { from: start, size: visible });
      state.text += " <";
      next = await readExtended(state, entry, next);
      state.text += " >";
      continue;
    }
    putPartition(state, index + 1, { from: start, size });
    if (type === DISK_MANAGER) state.text += "[DM]";
    if (type === EZ_DRIVE) state.text += "[EZD]";
  }
}

/** Follows the chain of an extended partition; returns the next free number. Linux: parse_extended() */
async function readExtended(state: PartitionState, first: Entry, next: number): Promise<number> {
  let at = first.start;
  let size = first.size;
  for (let empty = 0; empty < EMPTY_TABLES_MAX && next < DISK_MAX_PARTS; empty++) {
    const data = await state.readSector(at);
    if (data === undefined || !hasMagic(data)) return next;
    const entries = readEntries(data, state.blockSize / 512);
    for (const [index, entry] of entries.entries()) {
      if (entry.size === 0 || isExtended(entry)) continue;
      if (index >= 2 && !inside(entry, at, size, first)) continue;
      putPartition(state, next++, { from: at + entry.start, size: entry.size });
      empty = 0;
      if (next === DISK_MAX_PARTS) return next;
    }
    const link = entries.find(isExtended);
    if (link === undefined) return next;
    at = first.start + link.start;
    size = link.size;
  }
  return next;
}

/** The third and fourth entry of a logical table often hold garbage. */
function inside(entry: Entry, at: number, size: number, first: Entry): boolean {
  const from = at + entry.start;
  return entry.start + entry.size <= size && from >= first.start &&
    from + entry.size <= first.start + first.size;
}
