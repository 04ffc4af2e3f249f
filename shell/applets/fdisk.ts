/**
 * `fdisk -l`: what partition tables of disks say, in sectors.
 *
 * @module
 */
import type { File } from "../../kernel/vfs/file.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { parseOptions } from "./options.ts";

const SECTOR = 512;
const TABLE_OFFSET = 446;
const ENTRY_SIZE = 16;
const SIGNATURE_OFFSET = 510;
/** Where a BSD disk label is looked for. */
const BSD_LABEL_SIZE = 8192;
const PRIMARY_COUNT = 4;
const PARTITIONS_MAX = 60;
const ACTIVE = 0x80;
/** Above this many cylinders, addresses by cylinder mean nothing. */
const CYLINDERS_MAX = 1024;

const TYPES: Readonly<Record<number, string>> = {
  0x00: "Empty",
  0x01: "FAT12",
  0x04: "FAT16 <32M",
  0x05: "Extended",
  0x06: "FAT16",
  0x07: "HPFS/NTFS",
  0x0a: "OS/2 Boot Manager",
  0x0b: "Win95 FAT32",
  0x0c: "Win95 FAT32 (LBA)",
  0x0e: "Win95 FAT16 (LBA)",
  0x0f: "Win95 Ext'd (LBA)",
  0x82: "Linux swap",
  0x83: "Linux",
  0x84: "OS/2 hidden C: drive",
  0x85: "Linux extended",
  0x86: "NTFS volume set",
  0x87: "NTFS volume set",
  0x8e: "Linux LVM",
  0xa5: "FreeBSD",
  0xa6: "OpenBSD",
  0xa9: "NetBSD",
  0xee: "EFI GPT",
  0xef: "EFI (FAT-12/16/32)",
  0xfd: "Linux raid autodetect",
};
const EXTENDED = [0x05, 0x0f, 0x85];

/** An address by cylinder, head and sector. */
type Chs = readonly [cylinder: number, head: number, sector: number];

/** An entry of a table. */
interface Entry {
  readonly boot: number;
  readonly type: number;
  readonly first: Chs;
  readonly last: Chs;
  /** Number of the first sector, counted from where the table says. */
  readonly start: number;
  readonly count: number;
}

interface Geometry {
  readonly heads: number;
  readonly sectors: number;
  readonly cylinders: number;
}

function parseChs(bytes: Uint8Array, at: number): Chs {
  return [bytes[at + 2] | (bytes[at + 1] & 0xc0) << 2, bytes[at], bytes[at + 1] & 0x3f];
}

/** The entries of a table; `undefined` without the signature. */
function parseTable(sector: Uint8Array): Entry[] | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
  if (view.getUint16(SIGNATURE_OFFSET, true) !== 0xaa55) return undefined;
  return Array.from({ length: PRIMARY_COUNT }, (_, index) => {
    const at = TABLE_OFFSET + index * ENTRY_SIZE;
    return {
      boot: sector[at],
      type: sector[at + 4],
      first: parseChs(sector, at + 1),
      last: parseChs(sector, at + 5),
      start: view.getUint32(at + 8, true),
      count: view.getUint32(at + 12, true),
    };
  });
}

/** So many bytes from a sector on; `undefined` where they are not to be had. */
async function readFrom(
  file: File,
  number: number,
  count = SECTOR,
): Promise<Uint8Array | undefined> {
  try {
    file.seek(number * SECTOR);
    const bytes = await file.read(count);
    return bytes.length === count ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The table's own heads and sectors where its entries agree, otherwise the kernel's. */
async function geometryOf(file: File, entries: readonly Entry[], total: number): Promise<Geometry> {
  const [kernelHeads, kernelSectors] = await file.ioctl("HDIO_GETGEO", []).catch(() => [255, 63]);
  const used = entries.filter(({ type }) => type !== 0).map(({ last }) => last);
  const [, head, sector] = used[0] ?? [0, 0, 0];
  const agree = used.length > 0 && used.every(([, h, s]) => h === head && s === sector);
  const heads = (agree ? head + 1 : 0) || kernelHeads || 255;
  const sectors = (agree ? sector : 0) || kernelSectors || 63;
  return { heads, sectors, cylinders: Math.floor(total / (heads * sectors)) };
}

/** Five characters: `256K`, `20.0M`. */
function shortSize(bytes: number): string {
  if (bytes <= 9999) return `${bytes}`.padStart(4) + " ";
  let tenths = bytes * 10;
  let unit = -1;
  do {
    tenths = Math.floor(tenths / 1024);
    unit++;
  } while (tenths >= 100_000);
  const whole = Math.floor(tenths / 10);
  const number = whole < 100 ? `${whole}.${tenths % 10}` : `${whole}`;
  return `${number}${"KMGTPE"[unit]}`.padStart(5);
}

function toChs(sector: number, { heads, sectors }: Geometry): Chs {
  const track = Math.floor(sector / sectors);
  return [Math.floor(track / heads), track % heads, sector % sectors + 1];
}

/** Complaints about addresses that do not agree. */
function inconsistencies(entry: Entry, number: number, geometry: Geometry): string {
  if (number > PRIMARY_COUNT || geometry.cylinders > CYLINDERS_MAX) return "";
  const ends = [["start (non-Linux?)", entry.first, entry.start], [
    "end",
    entry.last,
    entry.start + entry.count - 1,
  ]];
  return (ends as [string, Chs, number][]).map(([which, physical, sector]) => {
    const logical = toChs(sector, geometry);
    if (physical.every((part, i) => part === logical[i])) return "";
    return `Partition ${number} has different physical/logical ${which}:\n` +
      `     phys=(${physical.join(",")}) logical=(${logical.join(",")})\n`;
  }).join("");
}

function line(path: string, number: number, entry: Entry): string {
  const { boot, type, start, count } = entry;
  const flag = boot === 0 ? " " : boot === ACTIVE ? "*" : "?";
  const numbers = [start, start + count - 1, count].map((value) => ` ${`${value}`.padStart(10)}`);
  return `${path}${number} ${flag}  ${entry.first.join(",").padEnd(11)} ` +
    `${entry.last.join(",").padEnd(11)}${numbers.join("")} ${shortSize(count * SECTOR)} ` +
    `${type.toString(16).padStart(2)} ${TYPES[type] ?? "Unknown"}\n`;
}

/** Partitions inside the first extended one: each table names one and where the next table is. */
async function logicals(file: File, primaries: readonly Entry[]): Promise<Entry[]> {
  const extended = primaries.find(({ type }) => EXTENDED.includes(type));
  const found: Entry[] = [];
  let at = extended?.start;
  while (extended !== undefined && at !== undefined && found.length < PARTITIONS_MAX) {
    const sector = await readFrom(file, at);
    const table = sector === undefined ? undefined : parseTable(sector);
    if (table === undefined) break;
    const data = table.find(({ type }) => type !== 0 && !EXTENDED.includes(type));
    if (data !== undefined) found.push({ ...data, start: at + data.start });
    const next = table.find(({ type, count }) => EXTENDED.includes(type) && count > 0);
    at = next === undefined ? undefined : extended.start + next.start;
  }
  return found;
}

const WARNING = "Unknown value(s) for: cylinders (settable in the extra functions menu)\n";

function head(path: string, bytes: number, { heads, sectors, cylinders }: Geometry): string {
  const megabytes = Math.floor(bytes / 2 ** 20);
  const hundreds = Math.floor(megabytes / 100) + (Math.floor(megabytes / 100) % 10 >= 5 ? 10 : 0);
  const size = megabytes < 10_000
    ? `${megabytes} MB`
    : `${Math.floor(hundreds / 10)}.${hundreds % 10} GB`;
  return `Disk ${path}: ${size}, ${bytes} bytes, ${bytes / SECTOR} sectors\n` +
    `${cylinders} cylinders, ${heads} heads, ${sectors} sectors/track\n` +
    `Units: sectors of 1 * ${SECTOR} = ${SECTOR} bytes\n\n`;
}

/** All that is said about one disk. */
async function describe(
  path: string,
  file: File,
  table: readonly Entry[] | undefined,
  geometry: Geometry,
): Promise<string> {
  const heading = head(path, file.size ?? 0, geometry);
  if (table === undefined) {
    return `${heading}Disk ${path} doesn't contain a valid partition table\n`;
  }
  const warning = geometry.cylinders === 0 ? WARNING : "";
  const inner = await logicals(file, table);
  const entries = [...table, ...inner];
  const rows = entries.map((entry, i) =>
    entry.type === 0 ? "" : line(path, i + 1, entry) + inconsistencies(entry, i + 1, geometry)
  ).join("");
  const columns = `${"Device".padEnd(path.length - 1)} Boot StartCHS    EndCHS        ` +
    "StartLBA     EndLBA    Sectors  Size Id Type\n";
  return warning + heading + columns + rows + (inner.length > 0 ? warning : "");
}

/** Lists a disk; false when it cannot be read, which only one that nobody named is not forgiven. */
async function listDisk(process: Process, path: string, named: boolean): Promise<boolean> {
  let file: File;
  try {
    file = await process.open(path, { read: true });
  } catch (error) {
    if (named) await process.complain(`can't open '${path}': ${strerror(error)}`);
    return true;
  }
  try {
    const sector = await readFrom(file, 0);
    if (sector === undefined) {
      if (named) await process.complain(`can't open '${path}'`);
      return true;
    }
    const [size] = await file.ioctl("BLKSSZGET", []).catch(() => [SECTOR]);
    if (size !== SECTOR) await process.out(`Note: sector size is ${size} (not ${SECTOR})\n`);
    const table = parseTable(sector);
    const geometry = await geometryOf(file, table ?? [], (file.size ?? 0) / SECTOR);
    // Without a DOS table there may be a BSD one.
    if (table === undefined && !await readFrom(file, 0, BSD_LABEL_SIZE)) {
      if (!named) await process.complain(`can't read '${path}'`);
      return named;
    }
    await process.out(await describe(path, file, table, geometry));
    return true;
  } finally {
    await file.put();
  }
}

/** True for a whole disk: its geometry starts at the beginning, or its name does not end in a digit. */
async function isWholeDisk(process: Process, path: string): Promise<boolean> {
  let file: File;
  try {
    file = await process.open(path, { read: true });
  } catch {
    return false;
  }
  try {
    const [, , , start] = await file.ioctl("HDIO_GETGEO", []);
    return start === 0;
  } catch {
    return !/\d$/.test(path);
  } finally {
    await file.put();
  }
}

/** All that the kernel lists. */
async function knownDisks(process: Process): Promise<string[]> {
  const text = await process.readFile("/proc/partitions");
  return [...text.matchAll(/^ +\d+ +\d+ +\d+ (\S+)$/gm)].map(([, name]) => `/dev/${name}`);
}

/** `fdisk -l [-u] [DISK…]` */
export async function fdisk(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "luC:H:S:b:" });
  if (!options.has("l")) {
    await process.complain("tables can only be listed here: fdisk -l [DISK]...");
    return 1;
  }
  const named = options.rest.length > 0;
  for (const path of named ? options.rest : await knownDisks(process)) {
    if (!named && !await isWholeDisk(process, path)) continue;
    if (!await listDisk(process, path, named)) return 1;
  }
  return 0;
}
