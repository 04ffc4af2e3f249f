/**
 * Bytes as numbers: `hexdump`, `hd`, `od`, `xxd`, and sums.
 *
 * @module
 */
import { toBytes } from "../bytes.ts";
import { strerror } from "../errors.ts";
import type { Process } from "../process.ts";
import { md5 } from "./md5.ts";
import { type Options, parseOptions, parseSize } from "./options.ts";
import { inputs } from "./text.ts";

const ROW = 16;
/** What the C library reads at once. */
const READ_SIZE = 4096;

const hex = (value: number, width: number) => value.toString(16).padStart(width, "0");

function printable(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")
    .join("");
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The bytes that the options ask for: `-s SKIP`, `-n LENGTH`. */
async function selected(process: Process, options: Options, length: string): Promise<Uint8Array> {
  const [path = "-"] = options.rest;
  if (path !== "-" && process.tryStat(path)?.kind === "block") {
    return await selectedOfDisk(process, path, options, length);
  }
  const { files, failed } = await inputs(process, options.rest);
  if (failed && files.length === 0) return new Uint8Array(0);
  const all = toBytes(files.map(({ text }) => text).join(""));
  const skip = await parseSize(process, options.get("s") ?? options.get("j") ?? "0");
  const limit = options.get(length);
  const end = limit === undefined ? all.length : skip + await parseSize(process, limit);
  return all.subarray(skip, end);
}

/** The same of a disk, of which no more is read. */
async function selectedOfDisk(
  process: Process,
  path: string,
  options: Options,
  length: string,
): Promise<Uint8Array> {
  const limit = options.get(length);
  const file = await process.open(path, { read: true });
  try {
    const skip = await parseSize(process, options.get("s") ?? options.get("j") ?? "0");
    const there = Math.max((file.size ?? 0) - skip, 0);
    const count = limit === undefined ? there : await parseSize(process, limit);
    const bytes = new Uint8Array(Math.min(count, there));
    file.seek(skip);
    for (let at = 0; at < bytes.length;) {
      const chunk = (await file.read(READ_SIZE)).subarray(0, bytes.length - at);
      if (chunk.length === 0) return bytes.subarray(0, at);
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  } finally {
    await file.put();
  }
}

/** Rows of 16 bytes with repeated ones as one `*`, then the end's offset. */
async function rows(
  process: Process,
  bytes: Uint8Array,
  start: number,
  row: (offset: number, bytes: Uint8Array) => string,
  offset: (value: number) => string,
  squeeze: boolean,
): Promise<undefined> {
  let last: Uint8Array | undefined;
  let starred = false;
  for (let at = 0; at < bytes.length; at += ROW) {
    const part = bytes.subarray(at, at + ROW);
    if (squeeze && same(last, part)) {
      if (!starred) await process.out("*\n");
      starred = true;
      continue;
    }
    last = part;
    starred = false;
    await process.out(row(start + at, part));
  }
  const end = offset(start + bytes.length);
  if (bytes.length > 0 && end !== "") await process.out(`${end}\n`);
}

function canonicalRow(offset: number, bytes: Uint8Array): string {
  const cells = Array.from({ length: ROW }, (_, at) => {
    return (at < bytes.length ? hex(bytes[at], 2) : "  ") + (at === 7 ? "  " : " ");
  }).join("");
  return `${hex(offset, 8)}  ${cells} |${printable(bytes)}|\n`;
}

function words(bytes: Uint8Array): number[] {
  return Array.from(
    { length: Math.ceil(bytes.length / 2) },
    (_, at) => bytes[2 * at] | (bytes[2 * at + 1] ?? 0) << 8,
  );
}

/** `hexdump [-C] [-n LENGTH] [-s SKIP] [-v] [FILE]…` */
export async function hexdump(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "bcdoxCe:f:n:s:v" });
  const bytes = await selected(process, options, "n");
  const start = await parseSize(process, options.get("s") ?? "0");
  const canonical = options.has("C") || process.name === "hd";
  const row = canonical ? canonicalRow : (offset: number, part: Uint8Array) => {
    const cells = words(part).map((word) => hex(word, 4)).join(" ");
    return `${hex(offset, 7)} ${cells.padEnd(5 * (ROW / 2) - 1)}\n`;
  };
  await rows(process, bytes, start, row, (end) => hex(end, canonical ? 8 : 7), !options.has("v"));
  return 0;
}

/** `od [-A d|o|x|n] [-t x1|x2|c|o2] [-N LENGTH] [-j SKIP] [-v] [FILE]…` */
export async function od(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "A:t:N:j:vbcdox" });
  const bytes = await selected(process, options, "N");
  const start = await parseSize(process, options.get("j") ?? "0");
  const type = options.get("t") ?? (options.has("c") ? "c" : options.has("b") ? "o1" : "o2");
  const radix = options.get("A") ?? "o";
  const offset = (value: number) =>
    radix === "n" ? "" : value.toString({ o: 8, d: 10, x: 16 }[radix] ?? 8).padStart(
      radix === "x" ? 6 : 7,
      "0",
    );
  const cell = (value: number): string => {
    if (type === "c") return character(value).padStart(4);
    if (type.startsWith("x")) return ` ${hex(value, type.endsWith("1") ? 2 : 4)}`;
    if (type.startsWith("u") || type.startsWith("d")) return ` ${`${value}`.padStart(3)}`;
    return ` ${value.toString(8).padStart(type.endsWith("1") ? 3 : 6, "0")}`;
  };
  const single = type === "c" || type.endsWith("1");
  const row = (at: number, part: Uint8Array) =>
    `${offset(at)}${(single ? [...part] : words(part)).map(cell).join("")}\n`;
  await rows(process, bytes, start, row, offset, !options.has("v"));
  return 0;
}

function character(byte: number): string {
  const known = ({
    0: "\\0",
    7: "\\a",
    8: "\\b",
    9: "\\t",
    10: "\\n",
    11: "\\v",
    12: "\\f",
    13: "\\r",
  } as Readonly<Record<number, string>>)[byte];
  if (known !== undefined) return known;
  return byte >= 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : byte.toString(8).padStart(3, "0");
}

/** `xxd [-p] [-l LENGTH] [-s SKIP] [FILE]` */
export async function xxd(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "pl:s:c:g:" });
  const bytes = await selected(process, options, "l");
  if (options.has("p")) {
    for (let at = 0; at < bytes.length; at += 30) {
      const part = bytes.subarray(at, at + 30);
      await process.out(`${[...part].map((byte) => hex(byte, 2)).join("")}\n`);
    }
    return 0;
  }
  const start = await parseSize(process, options.get("s") ?? "0");
  for (let at = 0; at < bytes.length; at += ROW) {
    const part = bytes.subarray(at, at + ROW);
    const cells = Array.from({ length: ROW / 2 }, (_, pair) => {
      return [...part.subarray(2 * pair, 2 * pair + 2)].map((byte) => hex(byte, 2)).join("")
        .padEnd(4);
    }).join(" ");
    await process.out(`${hex(start + at, 8)}: ${cells}  ${printable(part)}\n`);
  }
  return 0;
}

/** `md5sum [FILE]…` */
export async function md5sum(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "csw" });
  let status = 0;
  for (const path of options.rest.length === 0 ? ["-"] : options.rest) {
    try {
      const sum = md5(toBytes(await process.readFile(path)));
      await process.out(`${sum}  ${path}\n`);
    } catch (error) {
      await process.complain(`can't open '${path}': ${strerror(error)}`);
      status = 1;
    }
  }
  return status;
}
