/**
 * Bytes as numbers: `hexdump`.
 *
 * @module
 */
import { toBytes } from "../bytes.ts";
import type { Process } from "../process.ts";
import {
  alignFormats,
  type DumpFormat,
  DumpFormatError,
  parseDumpFormat,
  printBlock,
  printEnd,
} from "./hexdump_format.ts";
import { type Options, parseOptions, parseSize } from "./options.ts";
import { inputs } from "./text.ts";

/** What the C library reads at once. */
const READ_SIZE = 4096;

/** The bytes that the options ask for: `-s` or `-j` SKIP, and a length. `undefined` when no file is there. */
export async function selected(
  process: Process,
  options: Options,
  length: string,
): Promise<Uint8Array | undefined> {
  const [path = "-"] = options.rest;
  if (path !== "-" && process.tryStat(path)?.kind === "block") {
    return await selectedOfDisk(process, path, options, length);
  }
  const { files, failed } = await inputs(process, options.rest);
  if (failed && files.length === 0) return undefined;
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

/** Blocks of bytes; one that repeats the one before is not given but marked. */
export function* blocks(
  bytes: Uint8Array,
  size: number,
  squeeze: boolean,
): Generator<{ at: number; part: Uint8Array } | "repeated"> {
  let last: Uint8Array | undefined;
  let marked = false;
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    const before = last;
    last = part;
    const repeats = squeeze && part.length === size && before?.every((b, i) => b === part[i]);
    if (!repeats) {
      marked = false;
      yield { at, part };
    } else if (!marked) {
      marked = true;
      yield "repeated";
    }
  }
}

/** What each letter prints: the address, and so many numbers of a size. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  C: [
    '"%08.8_Ax\\n"',
    '"%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x "',
    '"  |" 16/1 "%_p" "|\\n"',
  ],
  b: ['"%07.7_Ax\\n"', '"%07.7_ax " 16/1 "%03o " "\\n"'],
  c: ['"%07.7_Ax\\n"', '"%07.7_ax " 16/1 "%3_c " "\\n"'],
  d: ['"%07.7_Ax\\n"', '"%07.7_ax " 8/2 "  %05u " "\\n"'],
  o: ['"%07.7_Ax\\n"', '"%07.7_ax " 8/2 " %06o " "\\n"'],
  x: ['"%07.7_Ax\\n"', '"%07.7_ax " 8/2 "   %04x " "\\n"'],
  "": ['"%07.7_Ax\\n"', '"%07.7_ax " 8/2 "%04x " "\\n"'],
};

function formatsOf(options: Options): DumpFormat[] {
  const texts = [..."bcdoxC"].filter((letter) => options.has(letter))
    .flatMap((letter) => FORMATS[letter]);
  texts.push(...options.all("e"));
  return (texts.length === 0 ? FORMATS[""] : texts).map(parseDumpFormat);
}

/** `hexdump [-bcdoxC] [-e FORMAT]… [-n LENGTH] [-s SKIP] [-v] [FILE]…` */
export async function hexdump(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "bcdoxCe:f:n:s:v" });
  let formats: DumpFormat[];
  try {
    formats = formatsOf(options);
  } catch (error) {
    if (!(error instanceof DumpFormatError)) throw error;
    await process.complain(error.message);
    return 1;
  }
  const bytes = await selected(process, options, "n");
  if (bytes === undefined) return 1;
  const start = await parseSize(process, options.get("s") ?? "0");
  const size = alignFormats(formats);
  if (size === 0) return 0;
  for (const block of blocks(bytes, size, !options.has("v"))) {
    if (block === "repeated") await process.out("*\n");
    else {
      for (const format of formats) {
        const { at, part } = block;
        await process.out(printBlock(format, { address: start + at, bytes: part }));
      }
    }
  }
  if (bytes.length === 0) return 0;
  for (const format of formats) await process.out(printEnd(format, start + bytes.length));
  return 0;
}
