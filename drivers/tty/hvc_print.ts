import { ERRNO } from "../../kernel/errno.ts";
import type { HvOps } from "./hvc_struct.ts";

/** Most bytes that go to the back end in one call. */
const N_OUTBUF = 16;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** How often a back end may say that it is busy before the rest is dropped; Linux asks for ever. */
const BUSY_LIMIT = 10_000;

const encoder = new TextEncoder();

/** Puts a carriage return in front of each newline. */
function addReturns(text: string): number[] {
  const bytes: number[] = [];
  for (const byte of encoder.encode(text)) {
    if (byte === NEWLINE) bytes.push(RETURN);
    bytes.push(byte);
  }
  return bytes;
}

/**
 * Prints kernel messages in pieces of 16 bytes. What the back end refuses is lost.
 *
 * Linux: hvc_console_print()
 */
export function hvcConsolePrint(
  target: { readonly vtermno: number; readonly ops: HvOps } | undefined,
  text: string,
): undefined {
  if (target === undefined) return;
  const bytes = addReturns(text);
  let busy = 0;
  for (let at = 0; at < bytes.length;) {
    const piece = Uint8Array.from(bytes.slice(at, at + N_OUTBUF));
    const sent = target.ops.putChars(target.vtermno, piece);
    if (sent === -ERRNO.EAGAIN && ++busy < BUSY_LIMIT) continue;
    at += sent > 0 ? sent : piece.length;
  }
}
