/**
 * The GUID partition table.
 *
 * Linux: block/partitions/efi.c. UEFI specification, 5.3
 *
 * @module
 */
import { crc32 } from "./crc32.ts";
import { type PartitionState, putPartition } from "./state.ts";

const SECTOR = 512;
/** A protective MBR has one entry of this type that begins at block 1. */
const PROTECTIVE_TYPE = 0xee;
const MBR_TABLE = 0x1be;
const MBR_ENTRY_SIZE = 16;
const MBR_ENTRIES = 4;
/** "EFI PART" */
const SIGNATURE = 0x5452415020494645n;
const PRIMARY_LBA = 1n;
/** Size of a header as the specification has it. */
const HEADER_SIZE = 92;
const ENTRY_SIZE = 128;
/** Largest array of entries that the kernel could hold. Linux: KMALLOC_MAX_SIZE */
const TABLE_BYTES_MAX = 4 << 20;
/** Characters of a name. */
const NAME_LENGTH = 36;

/** A header with its entries. */
interface Gpt {
  readonly myLba: bigint;
  readonly alternateLba: bigint;
  readonly firstUsable: bigint;
  readonly lastUsable: bigint;
  readonly diskGuid: string;
  readonly entryCount: number;
  readonly entrySize: number;
  readonly entriesCrc: number;
  readonly entries: DataView;
}

/** The last logical block. */
function lastLba(state: PartitionState): bigint {
  return BigInt(Math.floor(state.capacity / (state.blockSize / SECTOR))) - 1n;
}

/** Reads bytes from a logical block on. Linux: read_lba() */
async function readLba(
  state: PartitionState,
  lba: bigint,
  bytes: number,
): Promise<Uint8Array | undefined> {
  if (lba > lastLba(state)) return undefined;
  const data = new Uint8Array(bytes);
  const first = Number(lba) * (state.blockSize / SECTOR);
  for (let at = 0; at < bytes; at += SECTOR) {
    const sector = await state.readSector(first + at / SECTOR);
    if (sector === undefined) return undefined;
    data.set(sector.subarray(0, bytes - at), at);
  }
  return data;
}

/** Linux: is_pmbr_valid() */
function isPmbrValid(mbr: Uint8Array): boolean {
  const view = new DataView(mbr.buffer);
  if (view.getUint16(510, true) !== 0xaa55) return false;
  for (let i = 0; i < MBR_ENTRIES; i++) {
    const at = MBR_TABLE + i * MBR_ENTRY_SIZE;
    if (mbr[at + 4] === PROTECTIVE_TYPE && view.getUint32(at + 8, true) === 1) return true;
  }
  return false;
}

function guid(data: Uint8Array, at: number): string {
  return [...data.subarray(at, at + 16)].join(",");
}

/** Reads a header and its entries, and believes them only when every check holds. Linux: is_gpt_valid() */
async function readGpt(state: PartitionState, lba: bigint): Promise<Gpt | undefined> {
  const data = await readLba(state, lba, state.blockSize);
  if (data === undefined) return undefined;
  const view = new DataView(data.buffer);
  if (view.getBigUint64(0, true) !== SIGNATURE) return undefined;
  const headerSize = view.getUint32(12, true);
  if (headerSize > state.blockSize || headerSize < HEADER_SIZE) return undefined;
  const checked = data.slice(0, headerSize);
  checked.fill(0, 16, 20);
  if (crc32(checked) !== view.getUint32(16, true)) return undefined;
  const header = {
    myLba: view.getBigUint64(24, true),
    alternateLba: view.getBigUint64(32, true),
    firstUsable: view.getBigUint64(40, true),
    lastUsable: view.getBigUint64(48, true),
    diskGuid: guid(data, 56),
    entryCount: view.getUint32(80, true),
    entrySize: view.getUint32(84, true),
    entriesCrc: view.getUint32(88, true),
  };
  const last = lastLba(state);
  if (header.myLba !== lba || header.firstUsable > last || header.lastUsable > last) {
    return undefined;
  }
  if (header.lastUsable < header.firstUsable || header.entrySize !== ENTRY_SIZE) return undefined;
  const bytes = header.entryCount * header.entrySize;
  if (bytes === 0 || bytes > TABLE_BYTES_MAX) return undefined;
  const entries = await readLba(state, view.getBigUint64(72, true), bytes);
  if (entries === undefined || crc32(entries) !== header.entriesCrc) return undefined;
  return { ...header, entries: new DataView(entries.buffer) };
}

/** Says where two copies of a table differ. Linux: compare_gpts() */
function compareGpts(state: PartitionState, primary: Gpt, alternate: Gpt): undefined {
  const last = lastLba(state);
  let errors = 0;
  const same = (a: bigint | string, b: bigint | string, text: string, values = true) => {
    if (a === b) return;
    errors++;
    state.warn(`GPT:${text}`);
    if (values) state.warn(`GPT:${a} != ${b}`);
  };
  const sameHex = (a: number, b: number, text: string) => {
    same(String(a), String(b), `${text}: 0x${a.toString(16)} != 0x${b.toString(16)}`, false);
  };
  const [p, a] = [primary, alternate];
  same(p.myLba, a.alternateLba, "Primary header LBA != Alt. header alternate_lba");
  same(p.alternateLba, a.myLba, "Primary header alternate_lba != Alt. header my_lba");
  same(p.firstUsable, a.firstUsable, "first_usable_lbas don't match.");
  same(p.lastUsable, a.lastUsable, "last_usable_lbas don't match.");
  same(p.diskGuid, a.diskGuid, "disk_guids don't match.", false);
  sameHex(p.entryCount, a.entryCount, "num_partition_entries don't match");
  sameHex(p.entrySize, a.entrySize, "sizeof_partition_entry values don't match");
  sameHex(p.entriesCrc, a.entriesCrc, "partition_entry_array_crc32 values don't match");
  same(p.alternateLba, last, "Primary header thinks Alt. header is not at the end of the disk.");
  same(a.myLba, last, "Alternate GPT header not at the end of the disk.");
  if (errors > 0) state.warn("GPT: Use GNU Parted to correct GPT errors.");
}

/** Linux: find_valid_gpt() */
async function findValidGpt(state: PartitionState): Promise<Gpt | undefined> {
  const mbr = await readLba(state, 0n, SECTOR);
  if (mbr === undefined || !isPmbrValid(mbr)) return undefined;
  const primary = await readGpt(state, PRIMARY_LBA);
  if (primary === undefined) return undefined;
  const alternate = await readGpt(state, primary.alternateLba);
  if (alternate === undefined) state.warn("Alternate GPT is invalid, using primary GPT.");
  else compareGpts(state, primary, alternate);
  return primary;
}

/** The name of an entry in 7 bits; what cannot be printed becomes an exclamation mark. Linux: utf16_le_to_7bit() */
function entryName(entries: DataView, at: number): string {
  let name = "";
  for (let i = 0; i < NAME_LENGTH; i++) {
    const code = entries.getUint16(at + 56 + 2 * i, true) & 0x7f;
    if (code === 0) break;
    name += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "!";
  }
  return name;
}

function isUsed(entries: DataView, at: number): boolean {
  return entries.getBigUint64(at, true) !== 0n || entries.getBigUint64(at + 8, true) !== 0n;
}

/** Reads a GUID partition table behind a protective MBR. Linux: efi_partition() */
export async function efiPartition(state: PartitionState): Promise<boolean | undefined> {
  const gpt = await findValidGpt(state);
  if (gpt === undefined) return false;
  const scale = state.blockSize / SECTOR;
  const last = lastLba(state);
  for (let i = 0; i < gpt.entryCount && i < 255; i++) {
    const at = i * ENTRY_SIZE;
    const first = gpt.entries.getBigUint64(at + 32, true);
    const end = gpt.entries.getBigUint64(at + 40, true);
    if (!isUsed(gpt.entries, at) || first > last || end > last) continue;
    putPartition(state, i + 1, {
      from: Number(first) * scale,
      size: Number(BigInt.asUintN(64, end - first + 1n)) * scale,
      volumeName: entryName(gpt.entries, at),
    });
  }
  state.text += "\n";
  return true;
}
