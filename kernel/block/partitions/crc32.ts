/** Polynomial of Ethernet and zip, bits reversed. */
const POLYNOMIAL = 0xedb88320;

/**
 * The checksum of GPT headers and entries.
 *
 * Linux: efi_crc32()
 */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
  }
  return ~crc >>> 0;
}
