/**
 * The clock and the GPIO block of the `virt` board, as far as their names: registers that say what they
 * are, so that a kernel finds the same devices as on QEMU. All others read as 0.
 *
 * QEMU: hw/rtc/pl031.c, hw/gpio/pl061.c.
 *
 * @module
 */
import { AMBA_CID, AMBA_PCELL_ID, AMBA_PERIPH_ID } from "../../uapi/amba_pl011.ts";

/** Size of a block's registers. */
const BLOCK_SIZE = 0x1000;
/** Blocks by address, with their peripheral ids. */
const BLOCKS: ReadonlyMap<number, number> = new Map([
  [0x0901_0000, 0x0014_1031],
  [0x0903_0000, 0x0004_1061],
]);

/** Reads the register at `address`; 0 where no block says what it is. */
export function readPrimecellId(address: number): number {
  const offset = address % BLOCK_SIZE;
  const periphid = BLOCKS.get(address - offset);
  if (periphid === undefined || offset < AMBA_PERIPH_ID) return 0;
  const id = offset < AMBA_PCELL_ID ? periphid : AMBA_CID;
  return id >>> (8 * ((offset >> 2) & 3)) & 0xff;
}
