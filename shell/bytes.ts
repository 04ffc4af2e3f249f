/**
 * Text of programs is bytes. Here each character of a string stands for one byte, so nothing is lost
 * on the way through variables, pipes and files.
 *
 * @module
 */

const CHUNK = 8192;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A string with one character per byte. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return text;
}

/** The bytes of a string with one character per byte. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Turns ordinary text into one character per byte of its UTF-8 form. */
export function encodeText(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return fromBytes(encoder.encode(text));
  }
  return text;
}

/** The ordinary text that the bytes mean as UTF-8. */
export function decodeText(bytes: string): string {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes.charCodeAt(at) > 0x7f) return decoder.decode(toBytes(bytes));
  }
  return bytes;
}
