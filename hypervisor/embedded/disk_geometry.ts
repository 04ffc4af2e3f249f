/**
 * Cylinders, heads and sectors of an image whose options do not say: QEMU guesses them.
 *
 * QEMU: hd_geometry_guess().
 *
 * @module
 */

/** A disk's geometry as BIOSes knew it. */
export interface Geometry {
  /** Number of cylinders. */
  readonly cyls: number;
  /** Heads per cylinder. */
  readonly heads: number;
  /** Sectors per track. */
  readonly secs: number;
}

const CYLS_MAX = 16_383;
const PARTITION_TABLE = 0x1be;
const PARTITION_SIZE = 16;

/** The geometry of an image without a partition table that says more. */
function standardGeometry(sectors: number): Geometry {
  const cyls = Math.floor(sectors / (16 * 63));
  return { cyls: Math.min(Math.max(cyls, 2), CYLS_MAX), heads: 16, secs: 63 };
}

/** What the ends of the partitions in a master boot record say about the geometry. */
function partitionGeometry(bootSector: Uint8Array, sectors: number): Geometry | undefined {
  if (bootSector[510] !== 0x55 || bootSector[511] !== 0xaa) return undefined;
  for (let i = 0; i < 4; i++) {
    const entry = bootSector.subarray(PARTITION_TABLE + PARTITION_SIZE * i);
    const used = entry[12] | entry[13] | entry[14] | entry[15];
    const heads = entry[5] + 1;
    const secs = entry[6] & 63;
    if (used === 0 || entry[5] === 0 || secs === 0) continue;
    const cyls = Math.floor(sectors / (heads * secs));
    if (cyls >= 1 && cyls <= CYLS_MAX) return { cyls, heads, secs };
  }
  return undefined;
}

/**
 * Guesses the geometry of a disk.
 *
 * @param bootSector The first 512 bytes.
 * @param sectors Size of the disk in sectors of 512 bytes.
 */
export function guessGeometry(bootSector: Uint8Array, sectors: number): Geometry {
  const logical = partitionGeometry(bootSector, sectors);
  return logical && logical.heads <= 16 ? logical : standardGeometry(sectors);
}
