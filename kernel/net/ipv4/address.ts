/**
 * IPv4 addresses as numbers.
 *
 * @module
 */

/** 255.255.255.255 */
export const INADDR_BROADCAST = 0xffff_ffff;

/** `10.0.2.15` as a number; `undefined` for anything else. */
export function parseIpv4(text: string): number | undefined {
  const bytes = text.split(".").map((word) => /^\d{1,3}$/.test(word) ? Number(word) : 256);
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A number as `10.0.2.15`. Linux: %pI4 */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => address >>> shift & 255).join(".");
}

/** The mask with so many ones. Linux: inet_make_mask() */
export function makeMask(prefix: number): number {
  return prefix === 0 ? 0 : (~0 << 32 - prefix) >>> 0;
}

/** The network that an address is in. */
export function networkOf(address: number, prefix: number): number {
  return (address & makeMask(prefix)) >>> 0;
}

/** The ones at the start of a mask. Linux: inet_mask_len() */
export function maskLength(mask: number): number {
  return Math.clz32(~mask);
}

/** The bits of a network by its class. Linux: inet_abc_len() */
export function classLength(address: number): number {
  const first = address >>> 24;
  if (address === 0) return 0;
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}

/** The address in this place, four bytes in the order of the wire. */
export function readAddress(bytes: Uint8Array, at: number): number {
  return (bytes[at] * 2 ** 24 + (bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3])) >>> 0;
}

/** The bytes of an address in the order of the wire. */
export function addressBytes(address: number): number[] {
  return [24, 16, 8, 0].map((shift) => address >>> shift & 255);
}

/** The Internet checksum of some bytes, to be put where zeros were (RFC 1071). */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes[at] << 8 | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
