/**
 * The words of QEMU's qtest protocol: every command is built here, and every line of QEMU is taken
 * apart here. Malformed commands make QEMU abort, so arguments are checked before there is a command.
 *
 * QEMU: softmmu/qtest.c
 *
 * @module
 */
import type { AccessWidth } from "../platform.ts";
import { QtestError } from "./errors.ts";

/** Largest piece of memory that one command moves: the line grows by a third of that. */
export const QTEST_MEMORY_MAX = 1 << 20;

const READ_WORDS: Readonly<Record<AccessWidth, string>> = { 1: "readb", 2: "readw", 4: "readl" };
const WRITE_WORDS: Readonly<Record<AccessWidth, string>> = {
  1: "writeb",
  2: "writew",
  4: "writel",
};

/** Asks for nothing but an answer: when it is there, QEMU has done all that was sent before. */
export const QTEST_PING = "endianness";

function hexAddress(word: string, address: number): string {
  if (Number.isSafeInteger(address) && address >= 0) return `0x${address.toString(16)}`;
  throw new QtestError(`${word} ${address}`, "an address is a non-negative integer");
}

function checkWidth(word: string | undefined, address: number, width: number): string {
  if (word !== undefined) return word;
  throw new QtestError(`access ${address}`, `there are no accesses of ${width} bytes`);
}

/** The command that reads a register. The answer is a number. */
export function qtestRead(address: number, width: AccessWidth): string {
  const word = checkWidth(READ_WORDS[width], address, width);
  return `${word} ${hexAddress(word, address)}`;
}

/** The command that writes a register; bits of `value` beyond the width are dropped. */
export function qtestWrite(address: number, width: AccessWidth, value: number): string {
  const word = checkWidth(WRITE_WORDS[width], address, width);
  if (!Number.isInteger(value)) {
    throw new QtestError(`${word} ${address} ${value}`, "a value is an integer");
  }
  const bits = width === 4 ? value >>> 0 : value & ((1 << (8 * width)) - 1);
  return `${word} ${hexAddress(word, address)} 0x${bits.toString(16)}`;
}

function checkSize(word: string, size: number): number {
  if (Number.isInteger(size) && size > 0 && size <= QTEST_MEMORY_MAX) return size;
  throw new QtestError(`${word} ${size}`, `sizes go from 1 to ${QTEST_MEMORY_MAX} bytes`);
}

/** The command that reads guest memory; the answer is for {@linkcode qtestBytes}. */
export function qtestReadMemory(address: number, size: number): string {
  return `b64read ${hexAddress("b64read", address)} 0x${checkSize("b64read", size).toString(16)}`;
}

/** The command that writes guest memory. */
export function qtestWriteMemory(address: number, data: Uint8Array): string {
  const size = checkSize("b64write", data.length);
  const text = data.toBase64();
  return `b64write ${hexAddress("b64write", address)} 0x${size.toString(16)} ${text}`;
}

/**
 * The command that reports the levels of all inputs of a device, given by its path in QEMU's object
 * tree. QEMU does this for one device in a run.
 */
export function qtestInterceptInputs(path: string): string {
  if (!/^\/[\w[\]./-]+$/.test(path)) {
    throw new QtestError(`irq_intercept_in ${path}`, "not a path in QEMU's object tree");
  }
  return `irq_intercept_in ${path}`;
}

/** A line of QEMU: the answer to the oldest open command, or an interrupt line that changed in between. */
export type QtestLine =
  | { readonly kind: "ok"; readonly value: string }
  | { readonly kind: "irq"; readonly line: number; readonly level: boolean }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Takes a line apart; its line feed is gone already.
 *
 * @throws {QtestError} When it is not of the protocol.
 */
export function parseQtestLine(text: string): QtestLine {
  if (text === "OK") return { kind: "ok", value: "" };
  if (text.startsWith("OK ")) return { kind: "ok", value: text.slice(3) };
  const irq = /^IRQ (raise|lower) (\d+)$/.exec(text);
  if (irq !== null) return { kind: "irq", line: Number(irq[2]), level: irq[1] === "raise" };
  if (/^(FAIL|ERR)\b/.test(text)) return { kind: "refused", reason: text };
  throw new QtestError("(answer)", `QEMU said '${text}'`);
}

/** The number in the answer to {@linkcode qtestRead}. Registers have 32 bits at most. */
export function qtestNumber(command: string, answer: string): number {
  if (/^0x[0-9a-f]{1,16}$/.test(answer)) return Number(answer);
  throw new QtestError(command, `expected a number, QEMU said '${answer}'`);
}

/** The bytes in the answer to {@linkcode qtestReadMemory}. */
export function qtestBytes(command: string, answer: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(answer, { lastChunkHandling: "strict" });
  } catch (cause) {
    const error = new QtestError(command, `expected bytes, QEMU said '${answer.slice(0, 40)}'`);
    error.cause = cause;
    throw error;
  }
}
