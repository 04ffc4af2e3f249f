/**
 * `od` and `xxd`.
 *
 * @module
 */
import { formatNumber } from "../format.ts";
import type { Process } from "../process.ts";
import { fromBytes } from "../bytes.ts";
import { ExitStatus } from "../errors.ts";
import { blocks, selected } from "./dump.ts";
import { character } from "./hexdump_format.ts";
import { type Options, parseOptions, parseSize } from "./options.ts";

const ROW = 16;

/** How bytes are shown: a letter and how many make one number. */
interface Type {
  readonly letter: string;
  readonly size: number;
}

const SHORT: Readonly<Record<string, string>> = {
  a: "a",
  b: "o1",
  c: "c",
  d: "u2",
  D: "u4",
  h: "x2",
  H: "x4",
  i: "d2",
  l: "d4",
  o: "o2",
  O: "o4",
  x: "x2",
  X: "x4",
};
const SIZES: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8 };
const NAMES =
  "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn " +
  "etb can em sub esc fs gs rs us sp";

/** Width of a number of one, two, four, eight bytes. */
const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  d: [4, 6, 11, 20],
  u: [3, 5, 10, 20],
  o: [3, 6, 11, 22],
  x: [2, 4, 8, 16],
};

async function parseTypes(process: Process, text: string): Promise<Type[]> {
  const types: Type[] = [];
  for (const [, letter, size] of text.matchAll(/([acdoux])([CSIL]|\d+)?/g)) {
    const bytes = /[ac]/.test(letter) ? 1 : SIZES[size] ?? Number(size ?? 4);
    types.push({ letter, size: bytes });
  }
  if (types.length > 0) return types;
  await process.complain(`invalid character '${text[0]}' in type string '${text}'`);
  throw new ExitStatus(1);
}

function cell({ letter, size }: Type, bytes: Uint8Array): string {
  if (letter === "c") return character(bytes[0]).padStart(4);
  if (letter === "a") {
    const code = bytes[0] & 0x7f;
    const name = NAMES.split(" ")[code] ?? (code === 0x7f ? "del" : String.fromCharCode(code));
    return name.padStart(4);
  }
  let value = 0n;
  for (let at = size - 1; at >= 0; at--) value = value << 8n | BigInt(bytes[at] ?? 0);
  if (letter === "d") value = BigInt.asIntN(8 * size, value);
  const width = WIDTHS[letter][Math.log2(size)];
  const flags = letter === "d" || letter === "u" ? "" : "0";
  return ` ${formatNumber(value, { flags, width, precision: undefined, letter })}`;
}

function address(value: number, radix: string): string {
  if (radix === "n") return "";
  const width = radix === "x" ? 6 : 7;
  return value.toString({ o: 8, d: 10, x: 16 }[radix] ?? 8).padStart(width, "0");
}

async function typesOf(process: Process, options: Options): Promise<Type[]> {
  const texts = Object.keys(SHORT).filter((letter) => options.has(letter))
    .map((letter) => SHORT[letter]);
  texts.push(...options.all("t"));
  const types: Type[] = [];
  for (const text of texts.length === 0 ? ["o2"] : texts) {
    types.push(...await parseTypes(process, text));
  }
  return types;
}

/** `od [-A d|o|x|n] [-t TYPE]… [-abcdDhHiloOxX] [-N LENGTH] [-j SKIP] [-w WIDTH] [-v] [FILE]…` */
export async function od(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "A:t:N:j:w:vabcdDhHiloOxX" });
  const types = await typesOf(process, options);
  const bytes = await selected(process, options, "N");
  if (bytes === undefined) return 1;
  const start = await parseSize(process, options.get("j") ?? "0");
  const radix = options.get("A") ?? "o";
  const width = Number(options.get("w") ?? ROW);
  for (const block of blocks(bytes, width, !options.has("v"))) {
    if (block === "repeated") {
      await process.out("*\n");
      continue;
    }
    const { at, part } = block;
    const here = address(start + at, radix);
    for (const [index, type] of types.entries()) {
      const cells = Array.from(
        { length: Math.ceil(part.length / type.size) },
        (_, n) => cell(type, part.subarray(n * type.size, (n + 1) * type.size)),
      );
      await process.out(`${index === 0 ? here : " ".repeat(here.length)}${cells.join("")}\n`);
    }
  }
  const end = address(start + bytes.length, radix);
  if (end !== "") await process.out(`${end}\n`);
  return 0;
}

const hex = (value: number, width: number) => value.toString(16).padStart(width, "0");

/** `xxd -r`: bytes of a dump. */
async function reverted(process: Process, options: Options): Promise<number> {
  const text = await process.readFile(options.rest[0] ?? "-");
  const digits = options.has("p")
    ? text
    : text.replace(/^[0-9a-fA-F]+: ((?:[0-9a-fA-F]+ ?)*).*$/gm, "$1");
  const pairs = digits.replace(/\s/g, "").match(/[0-9a-fA-F]{2}/g) ?? [];
  await process.out(fromBytes(Uint8Array.from(pairs, (pair) => parseInt(pair, 16))));
  return 0;
}

/** `xxd [-pri] [-l LENGTH] [-s SKIP] [-c COLUMNS] [-g BYTES] [FILE]` */
export async function xxd(process: Process): Promise<number> {
  const options = await parseOptions(process, { letters: "pril:s:c:g:" });
  if (options.has("r")) return await reverted(process, options);
  const bytes = await selected(process, options, "l");
  if (bytes === undefined) return 1;
  const plain = options.has("p");
  const columns = Number(options.get("c") ?? (options.has("i") ? 12 : plain ? 30 : ROW));
  const group = Number(options.get("g") ?? 2) || columns;
  const start = await parseSize(process, options.get("s") ?? "0");
  for (let at = 0; at < bytes.length; at += columns) {
    const part = bytes.subarray(at, at + columns);
    if (options.has("i")) {
      await process.out(`  ${[...part].map((byte) => `0x${hex(byte, 2)},`).join(" ")}\n`);
    } else if (plain) await process.out(`${[...part].map((byte) => hex(byte, 2)).join("")}\n`);
    else {
      const cells = Array.from(
        { length: columns },
        (_, n) => (n < part.length ? hex(part[n], 2) : "  ") + ((n + 1) % group === 0 ? " " : ""),
      ).join("").trimEnd();
      const width = 2 * columns + Math.ceil(columns / group) - 1;
      const shown = [...part].map((byte) => character(byte).length === 1 ? byte : 0x2e);
      const text = fromBytes(Uint8Array.from(shown));
      await process.out(`${hex(start + at, 8)}: ${cells.padEnd(width)}  ${text}\n`);
    }
  }
  return 0;
}
