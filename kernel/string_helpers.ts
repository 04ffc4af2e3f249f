/** What sizes are divided by, and how the steps are called. */
const UNITS = {
  10: { divisor: 1000n, names: ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"] },
  2: { divisor: 1024n, names: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] },
} as const;

/** Half of the last digit printed, by the number of digits behind the point. */
const ROUNDING = [500n, 50n, 5n];

/**
 * A size with three significant digits: `1.05 MB`, `65.5 kB`, `512 B`.
 *
 * Linux: string_get_size()
 *
 * @param blocks Number of blocks.
 * @param blockSize Bytes of a block.
 * @param base 10 for units of 1000, 2 for units of 1024.
 */
export function stringGetSize(blocks: bigint, blockSize: number, base: 2 | 10): string {
  const { divisor, names } = UNITS[base];
  let unit = 0;
  // Linux makes the product fit into 64 bits first, and loses a little of it.
  for (; blocks >> 32n > 0n; unit++) blocks /= divisor;
  let size = blocks * BigInt(blockSize);
  let remainder = 0n;
  for (; size >= divisor; unit++) {
    remainder = size % divisor;
    size /= divisor;
  }
  if (size === 0n) return `0 ${names[0]}`;
  const digits = Math.max(3 - String(size).length, 0);
  remainder = remainder * 1000n / divisor + ROUNDING[digits];
  if (remainder >= 1000n) {
    remainder -= 1000n;
    size++;
  }
  const fraction = String(remainder).padStart(3, "0").slice(0, digits);
  return `${size}${digits > 0 ? `.${fraction}` : ""} ${names[unit] ?? "UNK"}`;
}
